-- The installation's pause, at most one: while its row stands, no work is taken up and Lever is not asked.
CREATE TABLE pauses (
    id BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
    since BIGINT NOT NULL,
    -- Whoever runs the installation, or a backup that was put back.
    cause TEXT NOT NULL CHECK (cause IN ('operator', 'restore'))
);

-- The callback secret before the present one, and until when it counts; both NULL when there is none.
ALTER TABLE provider_accounts ADD COLUMN former_callback_secret BYTEA;
ALTER TABLE provider_accounts ADD COLUMN former_callback_until BIGINT;
