-- A second factor of somebody's who signs in with a password: one-time codes of an app (RFC 6238).
CREATE TABLE second_factors (
    user_id TEXT NOT NULL PRIMARY KEY REFERENCES users (id),
    key BYTEA NOT NULL,
    -- The recovery codes as they are shown until the first code of the app; NULL from then on.
    codes BYTEA,
    created_at BIGINT NOT NULL,
    -- When a code of the app proved that it has the key; until then it asks for nothing.
    confirmed_at BIGINT,
    -- The step of the last code that counted: none counts twice.
    last_step BIGINT NOT NULL,
    -- Wrong codes in a row: after too many the app's count no more.
    wrong BIGINT NOT NULL
);

-- Codes for who has the app no more, each once.
CREATE TABLE recovery_codes (
    user_id TEXT NOT NULL REFERENCES users (id),
    code_hash TEXT NOT NULL,
    PRIMARY KEY (user_id, code_hash)
);
