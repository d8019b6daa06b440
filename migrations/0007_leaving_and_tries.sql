-- When the organization was removed: its audit log stays, and nothing else of it.
ALTER TABLE organizations ADD COLUMN removed_at BIGINT;

-- By the invite alone, whose id is nobody else's: an invite that is deleted looks here for what is left of it.
DROP INDEX timeline_by_invite;
CREATE INDEX timeline_by_invite ON timeline (invite_id, at, id);

-- Somebody may ask to be forgotten, too: a column's check cannot be changed, so the table is made anew.
CREATE TABLE erasures_new (
    invite_id TEXT NOT NULL PRIMARY KEY REFERENCES invites (id),
    organization_id TEXT NOT NULL REFERENCES organizations (id),
    opportunity_id TEXT NOT NULL,
    -- Anonymised or deleted in Lever, older than the organization keeps candidates, or on a Super Admin's word.
    cause TEXT NOT NULL CHECK (cause IN ('anonymised', 'deleted', 'retention', 'request')),
    found_at BIGINT NOT NULL,
    erased_at BIGINT NOT NULL,
    note TEXT NOT NULL CHECK (note IN ('open', 'deleted', 'emptied', 'none', 'refused', 'left')),
    note_begun_at BIGINT,
    note_at BIGINT,
    provider TEXT NOT NULL CHECK (provider IN ('open', 'accepted', 'never_sent', 'not_offered', 'refused', 'shared')),
    provider_asked_at BIGINT,
    provider_at BIGINT,
    address BYTEA,
    CHECK (provider = 'open' OR address IS NULL)
);
INSERT INTO erasures_new (
    invite_id, organization_id, opportunity_id, cause, found_at, erased_at, note, note_begun_at, note_at, provider,
    provider_asked_at, provider_at, address)
SELECT invite_id, organization_id, opportunity_id, cause, found_at, erased_at, note, note_begun_at, note_at, provider,
    provider_asked_at, provider_at, address
FROM erasures;
DROP TABLE erasures;
ALTER TABLE erasures_new RENAME TO erasures;

-- Tries at passwords and codes, by a digest of the account or network: the moment at which all of them are made good.
CREATE TABLE tries (
    who TEXT NOT NULL PRIMARY KEY,
    good_at BIGINT NOT NULL
);
