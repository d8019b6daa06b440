//! The program is started on what a released one left behind, with work of every kind and invites in every
//! state: all of it is done, and nobody is invited twice. An older program leaves a newer database alone.

use std::time::Duration;

use futures::future::join_all;
use serde_json::Value;
use sqlx::{AnyConnection, AssertSqlSafe, Connection as _};
use tokio::time::{Instant, sleep};

use crate::{
    browser::Browser,
    corpus::{self, Corpus, Names},
    halden::{CANDITECH_PAGE, Halden, NORA, WITHOUT_A_RATE},
    postgres,
    program::{Folder, MASTER_KEY, PATIENCE, Program},
};

/// Nora's, when the corpora were made.
const PASSWORD: &str = "correct horse battery";

/// What a corpus must have for the upgrade to be worth something.
const STATES: [&str; 10] =
    ["waiting", "queued", "sent", "started", "completed", "expired", "declined", "cancelled", "failed", "unclear"];
const KINDS: [&str; 9] = [
    "reconcile",
    "send",
    "fetch",
    "write_note",
    "tell_verdict",
    "carry_out",
    "catch_up",
    "sync_lever",
    "sync_provider",
];

async fn ask(halden: &Halden, statement: &str) -> Vec<String> {
    let mut database = AnyConnection::connect(&halden.folder.database_url()).await.expect("it opens");
    let answer = sqlx::query_scalar(AssertSqlSafe(statement)).fetch_all(&mut database).await.expect("rows");
    database.close().await.expect("it closes");
    answer
}

async fn has_work_of_every_kind(halden: &Halden) {
    let states = ask(halden, "SELECT DISTINCT state FROM invites").await;
    let kinds = ask(halden, "SELECT DISTINCT kind FROM jobs WHERE finished_at IS NULL").await;
    let jobs = ask(halden, "SELECT DISTINCT state FROM jobs").await;
    assert!(STATES.iter().all(|state| states.iter().any(|one| one == state)), "{states:?}");
    assert!(KINDS.iter().all(|kind| kinds.iter().any(|one| one == kind)), "{kinds:?}");
    assert_eq!(jobs.len(), 4, "open, waiting, done and dead: {jobs:?}");
}

/// Nora connects Lever again, saves Canditech's address with the key that is stored, and has done again what
/// was given up.
async fn mends(halden: &mut Halden, program: &Program) {
    halden.nora = Browser::default();
    let signed_in = halden.nora.sign_in(program, NORA, PASSWORD, None).await;
    assert!(signed_in.status().is_redirection(), "she is still known");
    halden.connect(program).await;
    let base = halden.canditech_api();
    let typed = [("protocol", "canditech"), ("base_url", base.as_str()), ("api_key", "")];
    halden.nora.press(program, CANDITECH_PAGE, "/api/save_canditech", &typed).await;
    let page = halden.nora.get(program, CANDITECH_PAGE).await.text().await.expect("text");
    assert!(page.contains("The key was accepted"), "the stored key opens: {page}");
    halden.tell_canditech(&page).await;
    for _ in ask(halden, "SELECT id FROM jobs WHERE state = 'dead' AND kind <> 'send'").await {
        let answer = halden.nora.press(program, "/activity", "/api/replay_work", &[]).await;
        assert!(answer.status().is_redirection(), "{}", answer.status());
    }
}

/// What is not as it must be with somebody.
async fn wrong(halden: &Halden, expected: &Value, invites: &[Value], lever: &Value) -> Option<String> {
    let email = expected["email"].as_str().expect("an address");
    let states = format!("SELECT state FROM invites WHERE candidate_email = '{email}' ORDER BY round");
    let states = ask(halden, &states).await;
    let sent = invites.iter().filter(|invite| invite["candidate"]["email"] == email).count();
    let all = lever["opportunities"].as_array().expect("a list");
    let found = all.iter().find(|one| one["emails"][0] == email).expect("somebody who applied");
    let notes = found["notes"].as_array().expect("a list");
    let says = |line: &Value| {
        let has =
            |note: &Value| note["fields"][0]["value"].as_str().is_some_and(|text| text.lines().any(|one| *line == one));
        notes.iter().any(has)
    };
    let noted = expected["note"].as_array().expect("a list").iter().all(says) && notes.len() <= sent;
    let fine = Value::from(states.clone()) == expected["states"] && expected["sent"] == sent && noted;
    (!fine).then(|| format!("{expected}: {states:?}, {sent} sent, {notes:#?}"))
}

/// What is open or waits, for what and why, and the accounts that it may wait for.
const WAITS: &str = "SELECT kind || ' ' || state || ' ' || COALESCE(waits_for, '') || ' ' || COALESCE(last_error, '')
    FROM jobs WHERE state IN ('open', 'waiting')
    UNION ALL SELECT 'provider ' || state || ' ' || COALESCE(state_reason, '') FROM provider_accounts
    UNION ALL SELECT 'lever ' || state FROM connections";

async fn until_all_is_done(halden: &Halden, corpus: &Corpus) {
    let give_up = Instant::now() + PATIENCE * 4;
    loop {
        let (invites, lever) = (halden.sent().await, halden.lever_state().await);
        let mut left = Vec::new();
        for expected in &corpus.expected {
            left.extend(wrong(halden, expected, &invites, &lever).await);
        }
        let open =
            "SELECT kind || ' ' || dedup_key FROM jobs WHERE state = 'waiting' OR (state = 'dead' AND kind <> 'send')
            OR (state = 'open' AND kind IN ('tell_verdict', 'carry_out', 'send', 'write_note'))";
        left.extend(ask(halden, open).await);
        left.extend(ask(halden, "SELECT verb || ' ' || invite_id FROM verbs WHERE ended_at IS NULL").await);
        left.extend(ask(halden, "SELECT 'not sealed: ' || entry_id FROM audit_unsealed").await);
        left.extend(ask(halden, "SELECT id FROM deliveries WHERE handled_at IS NULL").await);
        if left.is_empty() {
            return;
        }
        if Instant::now() >= give_up {
            left.extend(ask(halden, WAITS).await);
            panic!("after schema {}: {left:#?}", corpus.schema);
        }
        sleep(Duration::from_millis(200)).await;
    }
}

async fn is_upgraded(folder: Folder, corpus: &Corpus) {
    let mut halden = Halden::with(folder, &[("CANDILEVER_MASTER_KEY", MASTER_KEY)]).await;
    let _names: Names = corpus.set_up(&halden).await;
    halden.at_rate(WITHOUT_A_RATE).await;
    has_work_of_every_kind(&halden).await;
    let program = halden.start().await;
    mends(&mut halden, &program).await;
    until_all_is_done(&halden, corpus).await;
    the_audit_log_still_only_grows(&halden).await;
}

/// No entry was lost or altered on the way, and the database refuses to change one as before.
async fn the_audit_log_still_only_grows(halden: &Halden) {
    let doctor = halden.run(&["doctor"]).await;
    let said = String::from_utf8_lossy(&doctor.stdout);
    assert!(said.contains("the audit log is whole"), "{said}");
    let mut database = AnyConnection::connect(&halden.folder.database_url()).await.expect("it opens");
    for table in ["audit_entries", "audit_seals"] {
        let deleted = sqlx::raw_sql(AssertSqlSafe(format!("DELETE FROM {table}"))).execute(&mut database).await;
        let refused = deleted.expect_err("it only grows").to_string();
        assert!(refused.contains("the audit log only grows"), "{table}: {refused}");
    }
    database.close().await.expect("it closes");
}

#[tokio::test]
async fn what_every_release_left_behind_is_finished_by_this_one() {
    let all = corpus::all();
    assert!(!all.is_empty(), "a corpus for each release");
    join_all(all.iter().map(|corpus| is_upgraded(Folder::new(), corpus))).await;
}

#[tokio::test]
async fn the_same_on_postgres() {
    let Some(server) = postgres::server() else { return };
    let all = corpus::all();
    join_all(all.iter().map(async |corpus| is_upgraded(postgres::empty(&server).await, corpus).await)).await;
}

/// What the audit log holds, and in which order it was sealed.
const AUDIT_LOG: &str = "SELECT e.id || e.organization_id || e.at || e.by_kind || COALESCE(e.by_user, '-')
        || COALESCE(e.from_address, '-') || e.area || e.action || e.subject || COALESCE(e.before, '-')
        || COALESCE(e.after, '-') || COALESCE(s.number, 0) || COALESCE(s.hash, '-') || COALESCE(u.organization_id, '-')
    FROM audit_entries e LEFT JOIN audit_seals s ON s.entry_id = e.id LEFT JOIN audit_unsealed u ON u.entry_id = e.id
    ORDER BY e.id";

/// Before 0009 no entry could be somebody's in the provider's session.
async fn keeps_the_audit_log(folder: Folder) {
    sqlx::any::install_default_drivers();
    let url = folder.database_url();
    let url = if url.starts_with("sqlite:") { format!("{url}?mode=rwc") } else { url };
    let mut database = AnyConnection::connect(&url).await.expect("it opens");
    corpus::migrate(&mut database, 8).await;
    let entries = "INSERT INTO organizations (id, name, name_fold, created_at) VALUES ('org_1', 'Halden', 'halden', 1);
        INSERT INTO audit_entries (
            id, organization_id, at, by_kind, by_user, from_address, area, action, subject, before, after)
        VALUES ('aud_1', 'org_1', 1, 'person', 'usr_1', '192.0.2.1', 'candidate', 'verdict_given', 'inv_1', 'x', 'y'),
            ('aud_2', 'org_1', 2, 'lever', NULL, NULL, 'people', 'role_changed', 'usr_1', NULL, NULL),
            ('aud_3', 'org_1', 3, 'terminal', NULL, NULL, 'operation', 'restored', 'org_1', NULL, NULL);
        INSERT INTO audit_seals (organization_id, number, entry_id, hash)
        VALUES ('org_1', 1, 'aud_1', 'one'), ('org_1', 2, 'aud_2', 'two');
        INSERT INTO audit_unsealed (entry_id, organization_id) VALUES ('aud_3', 'org_1')";
    sqlx::raw_sql(entries).execute(&mut database).await.expect("entries");
    let before: Vec<String> = sqlx::query_scalar(AUDIT_LOG).fetch_all(&mut database).await.expect("the log");
    database.close().await.expect("it closes");
    let migrated = folder.command(&["migrate"]).env("CANDILEVER_MASTER_KEY", MASTER_KEY).output().await;
    let migrated = migrated.expect("it runs");
    assert!(migrated.status.success(), "{}", String::from_utf8_lossy(&migrated.stderr));
    let mut database = AnyConnection::connect(&url).await.expect("it opens");
    let after: Vec<String> = sqlx::query_scalar(AUDIT_LOG).fetch_all(&mut database).await.expect("the log");
    assert_eq!((before.len(), &after), (3, &before));
    let theirs = "INSERT INTO audit_entries (id, organization_id, at, by_kind, area, action, subject)
        VALUES ('aud_4', 'org_1', 4, 'provider', 'candidate', 'verdict_given', 'inv_1')";
    sqlx::raw_sql(theirs).execute(&mut database).await.expect("it may be somebody's there");
    database.close().await.expect("it closes");
}

#[tokio::test]
async fn what_was_sealed_stays_as_it_was_when_the_audit_log_learns_of_the_provider() {
    keeps_the_audit_log(Folder::new()).await;
    if let Some(server) = postgres::server() {
        keeps_the_audit_log(postgres::empty(&server).await).await;
    }
}

async fn is_refused(folder: Folder) {
    folder.migrate().await;
    sqlx::any::install_default_drivers();
    let mut database = AnyConnection::connect(&folder.database_url()).await.expect("it opens");
    let newer = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
        SELECT 9999, 'something newer', success, checksum, 0 FROM _sqlx_migrations WHERE version = 1";
    sqlx::raw_sql(newer).execute(&mut database).await.expect("a newer schema");
    database.close().await.expect("it closes");
    for command in ["serve", "migrate", "doctor"] {
        let refused = folder.run(&[command]).await;
        let said = String::from_utf8_lossy(&refused.stderr) + String::from_utf8_lossy(&refused.stdout);
        assert_eq!(refused.status.code(), Some(3), "{command}: {said}");
        assert!(said.contains("newer"), "{command}: {said}");
    }
    let added = folder.add_user("nora@halden.example", "Super Admin").await;
    assert_eq!(added.status.code(), Some(3), "{}", String::from_utf8_lossy(&added.stderr));
}

#[tokio::test]
async fn an_older_program_leaves_a_newer_database_alone() {
    is_refused(Folder::new()).await;
    if let Some(server) = postgres::server() {
        is_refused(postgres::empty(&server).await).await;
    }
}
