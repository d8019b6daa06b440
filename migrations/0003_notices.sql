-- What is told beyond the pages: by mail to a person, and to an address that the organization named.

-- What was told, or is to be: its text is made when it goes out, of what is true then.
CREATE TABLE notices (
    id TEXT NOT NULL PRIMARY KEY,
    organization_id TEXT NOT NULL REFERENCES organizations (id),
    -- Whom to mail; NULL where the invitation says so, and where it goes to the organization's address.
    user_id TEXT,
    channel TEXT NOT NULL CHECK (channel IN ('mail', 'webhook')),
    kind TEXT NOT NULL CHECK (kind IN (
        'invitation', 'password_reset', 'broken', 'restored', 'digest', 'completed')),
    -- The id of what it is about.
    about TEXT NOT NULL,
    -- The same is told once, however often it is found.
    once TEXT NOT NULL UNIQUE,
    created_at BIGINT NOT NULL,
    -- NULL while it was not, and for ever where nothing was left to tell.
    told_at BIGINT
);
CREATE INDEX notices_by_age ON notices (created_at);

-- When a link of the chain broke, and when it held again.
CREATE TABLE outages (
    id TEXT NOT NULL PRIMARY KEY,
    organization_id TEXT NOT NULL REFERENCES organizations (id),
    link TEXT NOT NULL CHECK (link IN ('lever', 'provider', 'webhook')),
    began_at BIGINT NOT NULL,
    -- NULL while it may still be a hiccup.
    told_at BIGINT,
    -- Since when it holds again, until that is believed.
    held_since BIGINT,
    ended_at BIGINT
);
CREATE UNIQUE INDEX outages_now ON outages (organization_id, link) WHERE ended_at IS NULL;

-- The last day, as 2026-11-29, whose digest was made.
ALTER TABLE organizations ADD COLUMN digest_day TEXT;

-- When the chain was asked last whether it holds, so that a break is told soon after it.
ALTER TABLE organizations ADD COLUMN chain_checked_at BIGINT;

-- What somebody wants to be mailed; who never chose gets what their role usually does.
CREATE TABLE mail_choices (
    organization_id TEXT NOT NULL REFERENCES organizations (id),
    user_id TEXT NOT NULL REFERENCES users (id),
    digest BIGINT NOT NULL,
    verdicts BIGINT NOT NULL,
    PRIMARY KEY (organization_id, user_id)
);

-- Where an organization's own systems are told, signed with a secret that they know.
CREATE TABLE outgoing_webhooks (
    organization_id TEXT NOT NULL PRIMARY KEY REFERENCES organizations (id),
    url TEXT NOT NULL,
    secret BYTEA NOT NULL,
    created_at BIGINT NOT NULL,
    told_at BIGINT,
    -- Since when and why it is not taken; NULL once it is.
    failing_since BIGINT,
    failure TEXT
);

-- A link by which somebody chooses another password: one a person, for an hour.
CREATE TABLE password_resets (
    user_id TEXT NOT NULL PRIMARY KEY REFERENCES users (id),
    token_hash TEXT NOT NULL UNIQUE,
    token BYTEA NOT NULL,
    expires_at BIGINT NOT NULL
);
