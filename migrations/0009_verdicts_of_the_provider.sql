-- A verdict that is given in the provider's session is a deed, too: a column's check cannot be changed, so the audit
-- log's tables are made anew, all three, as two refer to the third. What they hold stays as it was, and so do its
-- hashes.
CREATE TABLE audit_entries_new (
    id TEXT NOT NULL PRIMARY KEY,
    organization_id TEXT NOT NULL REFERENCES organizations (id),
    at BIGINT NOT NULL,
    -- A person here, somebody at the server's terminal, Lever, whose list of people is followed, or somebody in the
    -- provider's session.
    by_kind TEXT NOT NULL CHECK (by_kind IN ('person', 'terminal', 'lever', 'provider')),
    by_user TEXT,
    from_address TEXT,
    area TEXT NOT NULL CHECK (area IN ('connection', 'attachment', 'candidate', 'people', 'operation')),
    action TEXT NOT NULL,
    -- The id of what it was done to.
    subject TEXT NOT NULL,
    -- What was changed, as JSON; NULL where nothing was there before, or is there after.
    before TEXT,
    after TEXT,
    CHECK ((by_kind = 'person') = (by_user IS NOT NULL))
);
INSERT INTO audit_entries_new (
    id, organization_id, at, by_kind, by_user, from_address, area, action, subject, before, after)
SELECT id, organization_id, at, by_kind, by_user, from_address, area, action, subject, before, after
FROM audit_entries;

CREATE TABLE audit_unsealed_new (
    entry_id TEXT NOT NULL PRIMARY KEY REFERENCES audit_entries_new (id),
    organization_id TEXT NOT NULL
);
INSERT INTO audit_unsealed_new (entry_id, organization_id) SELECT entry_id, organization_id FROM audit_unsealed;

CREATE TABLE audit_seals_new (
    organization_id TEXT NOT NULL,
    number BIGINT NOT NULL,
    entry_id TEXT NOT NULL UNIQUE REFERENCES audit_entries_new (id),
    hash TEXT NOT NULL,
    PRIMARY KEY (organization_id, number)
);
INSERT INTO audit_seals_new (organization_id, number, entry_id, hash)
SELECT organization_id, number, entry_id, hash FROM audit_seals;

-- Their triggers go with them, and are set anew after the migrations.
DROP TABLE audit_unsealed;
DROP TABLE audit_seals;
DROP TABLE audit_entries;
ALTER TABLE audit_entries_new RENAME TO audit_entries;
ALTER TABLE audit_unsealed_new RENAME TO audit_unsealed;
ALTER TABLE audit_seals_new RENAME TO audit_seals;
CREATE INDEX audit_by_organization ON audit_entries (organization_id, id);
CREATE INDEX audit_by_area ON audit_entries (organization_id, area, id);
CREATE INDEX audit_by_user ON audit_entries (organization_id, by_user, id);
CREATE INDEX audit_unsealed_by_organization ON audit_unsealed (organization_id, entry_id);
