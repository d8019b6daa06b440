-- What becomes of an erased candidate's data elsewhere, who is deleted in Lever, and for how long an organization keeps
-- candidates.

-- A receipt: one an erased invite, with ids and times only. The address that the provider is to forget is sealed, and
-- gone as soon as that is settled.
CREATE TABLE erasures (
    invite_id TEXT NOT NULL PRIMARY KEY REFERENCES invites (id),
    organization_id TEXT NOT NULL REFERENCES organizations (id),
    opportunity_id TEXT NOT NULL,
    -- Anonymised or deleted in Lever, or older than the organization keeps candidates.
    cause TEXT NOT NULL CHECK (cause IN ('anonymised', 'deleted', 'retention')),
    found_at BIGINT NOT NULL,
    erased_at BIGINT NOT NULL,
    -- What became of our note in Lever; 'left' is Lever's record, where only our own period is over.
    note TEXT NOT NULL CHECK (note IN ('open', 'deleted', 'emptied', 'none', 'refused', 'left')),
    -- Set before the first call that takes it away: what is not there afterwards was taken away by us.
    note_begun_at BIGINT,
    note_at BIGINT,
    -- What became of the provider's copy; 'shared' is an address that somebody has who is not erased.
    provider TEXT NOT NULL CHECK (provider IN ('open', 'accepted', 'never_sent', 'not_offered', 'refused', 'shared')),
    -- Set before the first call.
    provider_asked_at BIGINT,
    provider_at BIGINT,
    address BYTEA,
    CHECK (provider = 'open' OR address IS NULL)
);

-- Who was anonymised before there were receipts: their notes go now. Whom the provider would have to be asked about is
-- not known any more.
INSERT INTO erasures (invite_id, organization_id, opportunity_id, cause, found_at, erased_at, note, provider, provider_at)
SELECT id, organization_id, opportunity_id, 'anonymised', anonymized_at, anonymized_at, 'open',
    CASE WHEN provider_invite_id IS NULL AND send_intent_at IS NULL THEN 'never_sent' ELSE 'not_offered' END,
    anonymized_at
FROM invites
WHERE anonymized_at IS NOT NULL;
INSERT INTO jobs (id, organization_id, kind, payload, dedup_key, priority, due_at, state, created_at)
SELECT 'job_' || invite_id, organization_id, 'erase_note', '{"kind":"erase_note","invite":"' || invite_id || '"}',
    organization_id || ':erase_note:' || invite_id, 9, erased_at, 'open', erased_at
FROM erasures;

-- Whom Lever says it does not have, since when: erased once it has said so twice, a day apart, and proved it.
CREATE TABLE absences (
    organization_id TEXT NOT NULL REFERENCES organizations (id),
    opportunity_id TEXT NOT NULL,
    since BIGINT NOT NULL,
    PRIMARY KEY (organization_id, opportunity_id)
);

-- Since when this Lever account is the one that is connected, where there was another before: whom only that one had
-- was not deleted for it. Of earlier times it is not known.
ALTER TABLE connections ADD COLUMN account_since BIGINT;
UPDATE connections SET account_since = connected_at;

-- For how many months a candidate is kept after the last change of what is at an end; NULL until Lever erases them. And
-- who chose that.
ALTER TABLE organizations ADD COLUMN retention_months BIGINT;
ALTER TABLE organizations ADD COLUMN retention_by TEXT;
CREATE INDEX invites_by_age ON invites (organization_id, changed_at, id) WHERE anonymized_at IS NULL;
