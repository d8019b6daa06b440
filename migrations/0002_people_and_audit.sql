-- People come by invitation or by their company's OpenID provider, see where they are signed in, and may belong to several organizations; and the
-- audit log of who did what.

-- Whoever is invited gets a link; it works once and for a limited time. Its token is looked up by its hash, and
-- sealed for the Super Admin who hands it on; used or taken back it is gone, expired with the next one.
CREATE TABLE invitations (
    id TEXT NOT NULL PRIMARY KEY,
    organization_id TEXT NOT NULL REFERENCES organizations (id),
    email TEXT NOT NULL,
    email_fold TEXT NOT NULL,
    role TEXT NOT NULL CHECK (role IN ('super_admin', 'admin', 'team_member', 'limited_team_member')),
    token_hash TEXT NOT NULL UNIQUE,
    token BYTEA NOT NULL,
    invited_by TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    UNIQUE (organization_id, email_fold)
);

-- Which of the four roles each of Lever's custom roles is as; one that is not here has no access.
CREATE TABLE lever_roles (
    organization_id TEXT NOT NULL REFERENCES organizations (id),
    access_role TEXT NOT NULL,
    role TEXT NOT NULL CHECK (role IN ('super_admin', 'admin', 'team_member', 'limited_team_member')),
    PRIMARY KEY (organization_id, access_role)
);

-- Whether an organization's people may sign in with a password, beside their company's OpenID provider.
ALTER TABLE organizations ADD COLUMN passwords BIGINT NOT NULL DEFAULT 1;

-- Who somebody is at an OpenID provider: one identity a person and provider, so that whoever gets somebody's address
-- there later does not become them.
CREATE TABLE identities (
    issuer TEXT NOT NULL,
    subject TEXT NOT NULL,
    user_id TEXT NOT NULL REFERENCES users (id),
    created_at BIGINT NOT NULL,
    PRIMARY KEY (issuer, subject),
    UNIQUE (issuer, user_id)
);

-- Where the look at everybody whom we still know by name stands: the invite after which it goes on, empty between
-- two passes, and when the last one began.
CREATE TABLE sweeps (
    organization_id TEXT NOT NULL PRIMARY KEY REFERENCES organizations (id),
    after TEXT NOT NULL,
    began_at BIGINT NOT NULL
);
CREATE INDEX invites_by_name ON invites (organization_id, id) WHERE anonymized_at IS NULL;

-- Where and with what somebody signed in; what was there before does not say.
ALTER TABLE sessions ADD COLUMN created_at BIGINT;
ALTER TABLE sessions ADD COLUMN from_address TEXT;
ALTER TABLE sessions ADD COLUMN agent TEXT;

-- Who did what to what, when and from where. Entries are written in the transaction of the deed and never
-- change: triggers that are set after the migrations refuse it. They are sealed a moment later, so that the chain
-- of hashes is nobody's to wait for. They hold ids and words of ours, never a name, an address or a comment.
CREATE TABLE audit_entries (
    id TEXT NOT NULL PRIMARY KEY,
    organization_id TEXT NOT NULL REFERENCES organizations (id),
    at BIGINT NOT NULL,
    -- A person here, somebody at the server's terminal, or Lever, whose list of people is followed.
    by_kind TEXT NOT NULL CHECK (by_kind IN ('person', 'terminal', 'lever')),
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
CREATE INDEX audit_by_organization ON audit_entries (organization_id, id);
CREATE INDEX audit_by_area ON audit_entries (organization_id, area, id);
CREATE INDEX audit_by_user ON audit_entries (organization_id, by_user, id);

-- What is not sealed yet.
CREATE TABLE audit_unsealed (
    entry_id TEXT NOT NULL PRIMARY KEY REFERENCES audit_entries (id),
    organization_id TEXT NOT NULL
);
CREATE INDEX audit_unsealed_by_organization ON audit_unsealed (organization_id, entry_id);

-- The chain: each hash is of the one before, its number and its entry.
CREATE TABLE audit_seals (
    organization_id TEXT NOT NULL,
    number BIGINT NOT NULL,
    entry_id TEXT NOT NULL UNIQUE REFERENCES audit_entries (id),
    hash TEXT NOT NULL,
    PRIMARY KEY (organization_id, number)
);

-- The end of each chain; whoever seals holds its row.
CREATE TABLE audit_chains (
    organization_id TEXT NOT NULL PRIMARY KEY REFERENCES organizations (id),
    number BIGINT NOT NULL,
    hash TEXT NOT NULL
);
