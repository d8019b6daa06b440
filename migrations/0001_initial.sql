-- The first schema. One text for SQLite and PostgreSQL: TEXT, BIGINT and BYTEA columns only, times in
-- unix milliseconds, flags as nullable times or 0/1, scores in thousandths (no floats), secrets sealed.

CREATE TABLE organizations (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    -- Found by name on the command line, whatever its case.
    name_fold TEXT NOT NULL UNIQUE,
    -- Which notes Lever gets, by the organization's choice: from when on, and whether of what could not be sent.
    notes_start TEXT NOT NULL DEFAULT 'sent' CHECK (notes_start IN ('sent', 'completed')),
    notes_unsent BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL
);

CREATE TABLE users (
    id TEXT NOT NULL PRIMARY KEY,
    email TEXT NOT NULL,
    email_fold TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE TABLE memberships (
    organization_id TEXT NOT NULL REFERENCES organizations (id),
    user_id TEXT NOT NULL REFERENCES users (id),
    role TEXT NOT NULL CHECK (role IN ('super_admin', 'admin', 'team_member', 'limited_team_member', 'none')),
    -- 'creator' is the local Super Admin that no sync with Lever can lower.
    role_source TEXT NOT NULL CHECK (role_source IN ('creator', 'invitation', 'lever')),
    role_at BIGINT NOT NULL,
    -- What holds whenever Lever's list does not know the person.
    invited_role TEXT NOT NULL CHECK (invited_role IN ('super_admin', 'admin', 'team_member', 'limited_team_member')),
    created_at BIGINT NOT NULL,
    PRIMARY KEY (organization_id, user_id)
);
CREATE INDEX memberships_by_user ON memberships (user_id);

-- The session id is stored hashed: a copy of the database is no cookie.
CREATE TABLE sessions (
    id_hash TEXT NOT NULL PRIMARY KEY,
    user_id TEXT,
    data TEXT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX sessions_by_user ON sessions (user_id);
CREATE INDEX sessions_by_expiry ON sessions (expires_at);

-- One-time links: the first set-up of an installation and the demo's sign-in.
CREATE TABLE sign_in_links (
    token_hash TEXT NOT NULL PRIMARY KEY,
    purpose TEXT NOT NULL CHECK (purpose IN ('set_up', 'demo')),
    user_id TEXT,
    expires_at BIGINT NOT NULL,
    used_at BIGINT
);

CREATE TABLE data_keys (
    id BIGINT NOT NULL PRIMARY KEY,
    wrapped BYTEA NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE TABLE connections (
    organization_id TEXT NOT NULL PRIMARY KEY REFERENCES organizations (id),
    id TEXT NOT NULL UNIQUE,
    state TEXT NOT NULL CHECK (state IN ('connected', 'revoked', 'disconnected')),
    state_reason TEXT,
    state_at BIGINT NOT NULL,
    account_id TEXT,
    account_name TEXT,
    scopes TEXT NOT NULL,
    access_token BYTEA,
    access_expires_at BIGINT,
    refresh_token BYTEA,
    connected_by TEXT NOT NULL,
    connected_at BIGINT NOT NULL,
    -- The unguessable part of the webhook address; it names the connection.
    endpoint TEXT NOT NULL UNIQUE,
    -- One refresh at a time across processes: a lease with a fencing token.
    refresh_lease_token TEXT,
    refresh_lease_until BIGINT,
    -- How Lever lets our notes be changed: unknown until tried once.
    note_method TEXT NOT NULL DEFAULT 'update' CHECK (note_method IN ('update', 'replace', 'append')),
    synced_at BIGINT,
    sync_error TEXT,
    last_ping_at BIGINT,
    last_ping_verified BIGINT NOT NULL DEFAULT 0,
    -- What a ping signed before its token was known to us: judged once Lever has told us the token.
    unverified_ping TEXT,
    last_event_at BIGINT,
    last_refused_at BIGINT,
    refused_count BIGINT NOT NULL DEFAULT 0,
    -- The first of the moves since the last event that only our own question found.
    gap_at BIGINT,
    -- What the last look at Lever's list of webhooks found; NULL before the first.
    hooks_looked_at BIGINT,
    hooks_found TEXT CHECK (hooks_found IN ('in_order', 'missing', 'elsewhere', 'narrowed', 'by_hand', 'forbidden'))
);

-- One row a Lever account, whoever is connected to it: its share of the rate, and whether it answers.
CREATE TABLE lever_accounts (
    -- The account's id where Lever told it, else the connection's.
    id TEXT NOT NULL PRIMARY KEY,
    -- GCRA: the theoretical arrival time of the next call, in microseconds.
    rate_tat BIGINT NOT NULL DEFAULT 0,
    -- Calls a second, where they are not as many as the server's setting says.
    rate_per_second BIGINT,
    -- A 429 halves the rate, which creeps back until then, in microseconds.
    rate_slow_until BIGINT NOT NULL DEFAULT 0,
    -- Calls in a row that were not answered properly.
    failures BIGINT NOT NULL DEFAULT 0,
    -- Lever does not answer: work waits behind one probe at a time, from then on and while it is under way.
    down_since BIGINT,
    probe_at BIGINT,
    probe_until BIGINT
);

CREATE TABLE oauth_flows (
    state_hash TEXT NOT NULL PRIMARY KEY,
    organization_id TEXT NOT NULL REFERENCES organizations (id),
    user_id TEXT NOT NULL,
    session_hash TEXT NOT NULL,
    pkce_verifier BYTEA NOT NULL,
    confirm_account TEXT,
    created_at BIGINT NOT NULL,
    used_at BIGINT
);

-- Signature tokens of Lever webhooks: one a webhook made by API, one pasted for those made by hand.
CREATE TABLE webhooks (
    id TEXT NOT NULL PRIMARY KEY,
    organization_id TEXT NOT NULL REFERENCES organizations (id),
    kind TEXT NOT NULL CHECK (kind IN ('api', 'hand')),
    lever_webhook_id TEXT,
    event TEXT NOT NULL,
    signature_token BYTEA NOT NULL,
    created_by TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    verified_at BIGINT,
    retired_at BIGINT
);
CREATE INDEX webhooks_by_organization ON webhooks (organization_id, created_at);

CREATE TABLE lever_users (
    organization_id TEXT NOT NULL REFERENCES organizations (id),
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    email_fold TEXT NOT NULL,
    access_role TEXT NOT NULL,
    deactivated_at BIGINT,
    seen_at BIGINT NOT NULL,
    PRIMARY KEY (organization_id, id)
);
CREATE INDEX lever_users_by_email ON lever_users (organization_id, email_fold);

CREATE TABLE lever_postings (
    organization_id TEXT NOT NULL REFERENCES organizations (id),
    id TEXT NOT NULL,
    title TEXT NOT NULL,
    title_fold TEXT NOT NULL,
    -- Title, team, department, location and requisition code, folded: what the wizard searches in.
    search_fold TEXT NOT NULL,
    state TEXT NOT NULL,
    team TEXT,
    department TEXT,
    location TEXT,
    req_code TEXT,
    confidential BIGINT NOT NULL,
    seen_at BIGINT NOT NULL,
    gone_at BIGINT,
    PRIMARY KEY (organization_id, id)
);

CREATE TABLE lever_stages (
    organization_id TEXT NOT NULL REFERENCES organizations (id),
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    position BIGINT NOT NULL,
    seen_at BIGINT NOT NULL,
    gone_at BIGINT,
    PRIMARY KEY (organization_id, id)
);

-- Who is associated with what in Lever: 'owner', 'hiring_manager' or 'follower' of a posting or opportunity.
CREATE TABLE associations (
    organization_id TEXT NOT NULL REFERENCES organizations (id),
    subject_kind TEXT NOT NULL CHECK (subject_kind IN ('posting', 'opportunity')),
    subject_id TEXT NOT NULL,
    lever_user_id TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('owner', 'hiring_manager', 'follower')),
    PRIMARY KEY (organization_id, subject_kind, subject_id, lever_user_id, kind)
);
CREATE INDEX associations_by_user ON associations (organization_id, lever_user_id, subject_kind, subject_id);

CREATE TABLE provider_accounts (
    id TEXT NOT NULL PRIMARY KEY,
    organization_id TEXT NOT NULL REFERENCES organizations (id),
    provider TEXT NOT NULL,
    base_url TEXT NOT NULL,
    api_key BYTEA NOT NULL,
    key_hint TEXT NOT NULL,
    account_name TEXT,
    endpoint TEXT NOT NULL UNIQUE,
    callback_secret BYTEA NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('ok', 'cannot_send', 'refused', 'unreachable', 'untested')),
    state_reason TEXT,
    checked_at BIGINT,
    synced_at BIGINT,
    last_callback_at BIGINT,
    last_refused_at BIGINT,
    created_at BIGINT NOT NULL,
    UNIQUE (organization_id)
);

CREATE TABLE assessments (
    organization_id TEXT NOT NULL REFERENCES organizations (id),
    provider_account_id TEXT NOT NULL REFERENCES provider_accounts (id),
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('active', 'draft', 'archived')),
    description TEXT,
    language TEXT,
    duration_minutes BIGINT,
    sections TEXT NOT NULL,
    seen_at BIGINT NOT NULL,
    gone_at BIGINT,
    PRIMARY KEY (provider_account_id, id)
);

CREATE TABLE attachments (
    id TEXT NOT NULL PRIMARY KEY,
    organization_id TEXT NOT NULL REFERENCES organizations (id),
    -- NULL is "any position".
    posting_id TEXT,
    stage_id TEXT NOT NULL,
    provider_account_id TEXT NOT NULL REFERENCES provider_accounts (id),
    assessment_id TEXT NOT NULL,
    assessment_name TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('active', 'paused', 'removed')),
    -- Only entries into the stage after this moment are due by themselves.
    active_from BIGINT NOT NULL,
    valid_days BIGINT,
    created_by TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    version BIGINT NOT NULL DEFAULT 1
);
CREATE INDEX attachments_by_stage ON attachments (organization_id, stage_id, state);
-- The same three twice would invite nobody twice, but would confuse everybody.
CREATE UNIQUE INDEX attachments_once ON attachments (organization_id, COALESCE(posting_id, ''), stage_id, provider_account_id, assessment_id)
    WHERE state <> 'removed';

-- The catch-up poll's bookmark for each attached stage.
CREATE TABLE stage_polls (
    organization_id TEXT NOT NULL REFERENCES organizations (id),
    stage_id TEXT NOT NULL,
    polled_through BIGINT NOT NULL,
    PRIMARY KEY (organization_id, stage_id)
);

CREATE TABLE deliveries (
    id TEXT NOT NULL,
    organization_id TEXT NOT NULL REFERENCES organizations (id),
    source TEXT NOT NULL CHECK (source IN ('lever', 'provider')),
    -- Begins with the moment, as does the next, so that what comes together stands together in the index.
    dedup_key TEXT NOT NULL UNIQUE,
    -- The same stage change under a fresh token: opportunity, stage and moment.
    twin_key TEXT UNIQUE,
    event TEXT NOT NULL,
    -- The opportunity (Lever) or the invite (provider) that it is about.
    subject_id TEXT,
    body TEXT NOT NULL,
    received_at BIGINT NOT NULL,
    handled_at BIGINT,
    outcome TEXT,
    -- The work was given up: the outcome says why, and a person may have it done again.
    problem BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (organization_id, id)
);
CREATE INDEX deliveries_waiting ON deliveries (organization_id, id) WHERE handled_at IS NULL;
CREATE INDEX deliveries_with_a_problem ON deliveries (organization_id, id) WHERE problem = 1;
CREATE INDEX deliveries_by_subject ON deliveries (organization_id, subject_id);

CREATE TABLE jobs (
    id TEXT NOT NULL PRIMARY KEY,
    organization_id TEXT NOT NULL REFERENCES organizations (id),
    kind TEXT NOT NULL,
    payload TEXT NOT NULL,
    -- Unique while unfinished: enqueuing again is a no-op.
    dedup_key TEXT NOT NULL,
    -- The class it is claimed in: 1 urgent, 5 usual, 9 background.
    priority BIGINT NOT NULL,
    attempt BIGINT NOT NULL DEFAULT 0,
    -- When the present effort began: what has failed for a day is given up.
    trying_since BIGINT,
    -- Both "run at" and "lease until"; NULL once finished or dead.
    due_at BIGINT,
    lease_token TEXT,
    -- 'waiting' jobs have no due_at: something outside (a reconnect) wakes them.
    state TEXT NOT NULL CHECK (state IN ('open', 'waiting', 'done', 'dead')),
    -- An open job that waits for something is due sooner when that comes; for 'time', not before its time.
    waits_for TEXT,
    -- Starts in a row that came to no end: each time its server went away.
    broken BIGINT NOT NULL DEFAULT 0,
    last_error TEXT,
    -- Counts enqueues that arrived while the job was running, so that none is lost.
    asked BIGINT NOT NULL DEFAULT 1,
    delivery_id TEXT,
    created_at BIGINT NOT NULL,
    finished_at BIGINT
);
CREATE UNIQUE INDEX jobs_once ON jobs (dedup_key) WHERE finished_at IS NULL;
CREATE INDEX jobs_due ON jobs (due_at) WHERE due_at IS NOT NULL;
-- Claims go from organization to organization within a class.
CREATE INDEX jobs_in_turn ON jobs (priority, organization_id, due_at, id) WHERE due_at IS NOT NULL;
CREATE INDEX jobs_waiting ON jobs (organization_id, waits_for) WHERE waits_for IS NOT NULL;
CREATE INDEX jobs_dead ON jobs (organization_id, dedup_key) WHERE state = 'dead';
CREATE INDEX jobs_by_organization ON jobs (organization_id, created_at, id);

CREATE TABLE invites (
    id TEXT NOT NULL PRIMARY KEY,
    organization_id TEXT NOT NULL REFERENCES organizations (id),
    opportunity_id TEXT NOT NULL,
    contact_id TEXT NOT NULL,
    attachment_id TEXT NOT NULL REFERENCES attachments (id),
    provider_account_id TEXT NOT NULL REFERENCES provider_accounts (id),
    assessment_id TEXT NOT NULL,
    assessment_name TEXT NOT NULL,
    round BIGINT NOT NULL,
    posting_id TEXT,
    posting_title TEXT,
    confidential BIGINT NOT NULL DEFAULT 0,
    stage_id TEXT NOT NULL,
    entered_stage_at BIGINT NOT NULL,
    candidate_name TEXT NOT NULL,
    candidate_email TEXT,
    -- Who corrected the address here: it holds, whatever Lever says.
    email_by TEXT,
    lever_url TEXT,
    -- Who asked for this round: it goes out wherever the candidate stands by now.
    chosen_by TEXT,
    -- The provider's invite that this round is a retake of.
    retake_of TEXT,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'queued', 'sent', 'started', 'completed', 'expired', 'declined', 'cancelled', 'failed', 'unclear')),
    reason TEXT,
    -- What a waiting invite waits for; the reason says it in words.
    waiting_for TEXT CHECK (waiting_for IN ('email', 'other_email', 'posting', 'lever', 'provider', 'paused', 'approval')),
    -- When the opportunity was last read from Lever.
    read_at BIGINT NOT NULL,
    -- Set before the first call to the provider: after a crash it says that a send may have happened.
    send_intent_at BIGINT,
    -- A backup was put back: what was unsent in it may have been sent since, and is looked up first.
    restored_at BIGINT,
    provider_invite_id TEXT,
    candidate_url TEXT,
    sent_at BIGINT,
    started_at BIGINT,
    completed_at BIGINT,
    expires_at BIGINT,
    score_thousandths BIGINT,
    score_max_thousandths BIGINT,
    sections TEXT NOT NULL DEFAULT '[]',
    integrity TEXT NOT NULL DEFAULT '[]',
    report_url TEXT,
    report_token TEXT NOT NULL UNIQUE,
    result_revision BIGINT NOT NULL DEFAULT 0,
    verdict TEXT NOT NULL DEFAULT 'n/a' CHECK (verdict IN ('n/a', 'passed', 'failed')),
    verdict_at BIGINT,
    -- Lever anonymised the candidate: what named them is gone here too.
    anonymized_at BIGINT,
    created_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    version BIGINT NOT NULL DEFAULT 1
);
CREATE UNIQUE INDEX invites_once ON invites (organization_id, opportunity_id, provider_account_id, assessment_id, round);
CREATE INDEX invites_by_change ON invites (organization_id, changed_at, id);
CREATE INDEX invites_by_state ON invites (organization_id, state, changed_at, id);
CREATE INDEX invites_by_posting ON invites (organization_id, posting_id, changed_at, id);
CREATE INDEX invites_by_provider ON invites (provider_account_id, provider_invite_id);
CREATE INDEX invites_by_attachment ON invites (attachment_id, state);
CREATE INDEX invites_for_approval ON invites (organization_id, id) WHERE waiting_for = 'approval';
-- Whole for the funnel, which counts without reading the rows.
CREATE INDEX invites_by_creation ON invites (organization_id, created_at, sent_at, started_at, completed_at, state, verdict, confidential);
CREATE INDEX invites_by_contact ON invites (organization_id, contact_id);
-- The lists that may be a few among very many.
CREATE INDEX invites_awaiting_verdict ON invites (organization_id, state, verdict, changed_at, id) WHERE state = 'completed' AND verdict = 'n/a';
CREATE INDEX invites_with_a_verdict ON invites (organization_id, verdict, changed_at, id) WHERE verdict <> 'n/a';
CREATE INDEX invites_needing_attention ON invites (organization_id, changed_at, id) WHERE state IN ('waiting', 'failed', 'unclear');

-- What candidates are found by: their name and e-mail address, read from the beginning of each word.
CREATE TABLE invite_words (
    organization_id TEXT NOT NULL,
    beginning TEXT NOT NULL,
    invite_id TEXT NOT NULL REFERENCES invites (id),
    PRIMARY KEY (organization_id, beginning, invite_id)
);
CREATE INDEX invite_words_by_invite ON invite_words (invite_id, beginning);

-- What a person asked to be done with an invite at the provider: the intent before the call.
CREATE TABLE verbs (
    -- The idempotency key at the provider.
    id TEXT NOT NULL PRIMARY KEY,
    organization_id TEXT NOT NULL REFERENCES organizations (id),
    invite_id TEXT NOT NULL REFERENCES invites (id),
    verb TEXT NOT NULL CHECK (verb IN ('resend', 'extend', 'cancel', 'correct_email')),
    -- The invite as the person saw it: the same again is a second click, not a second wish.
    seen_version BIGINT NOT NULL,
    asked_by TEXT NOT NULL,
    asked_at BIGINT NOT NULL,
    -- Until when, for an extension.
    expires_at BIGINT,
    -- To whom, for a corrected e-mail.
    email TEXT,
    -- Set before the first call: after a crash it says that it may have been done.
    begun_at BIGINT,
    ended_at BIGINT,
    UNIQUE (invite_id, verb, seen_version)
);
CREATE UNIQUE INDEX verbs_open ON verbs (organization_id, invite_id, verb) WHERE ended_at IS NULL;

CREATE TABLE timeline (
    id TEXT NOT NULL PRIMARY KEY,
    organization_id TEXT NOT NULL REFERENCES organizations (id),
    invite_id TEXT NOT NULL REFERENCES invites (id),
    at BIGINT NOT NULL,
    kind TEXT NOT NULL,
    sentence TEXT NOT NULL,
    cause TEXT
);
CREATE INDEX timeline_by_invite ON timeline (organization_id, invite_id, at, id);

CREATE TABLE verdicts (
    id TEXT NOT NULL PRIMARY KEY,
    organization_id TEXT NOT NULL REFERENCES organizations (id),
    invite_id TEXT NOT NULL REFERENCES invites (id),
    value TEXT NOT NULL CHECK (value IN ('n/a', 'passed', 'failed')),
    given_by TEXT NOT NULL,
    source TEXT NOT NULL CHECK (source IN ('candilever', 'provider')),
    given_at BIGINT NOT NULL,
    recorded_at BIGINT NOT NULL,
    comment TEXT,
    UNIQUE (invite_id, source, given_at, value)
);
CREATE INDEX verdicts_by_invite ON verdicts (organization_id, invite_id, given_at, id);

CREATE TABLE notes (
    invite_id TEXT NOT NULL PRIMARY KEY REFERENCES invites (id),
    organization_id TEXT NOT NULL REFERENCES organizations (id),
    opportunity_id TEXT NOT NULL,
    lever_note_id TEXT,
    written TEXT,
    written_at BIGINT,
    -- Set before a create whose answer may be lost; the next run looks for our marker first.
    create_intent_at BIGINT,
    -- The text in Lever where it is not just what we wrote: somebody added to it, or Lever writes it its way.
    standing TEXT,
    -- What is being written over it, as the answer may be lost; empty where it is not known what was.
    change_intent TEXT,
    problem TEXT
);
CREATE INDEX notes_with_a_problem ON notes (organization_id, invite_id) WHERE problem IS NOT NULL;
