//! The disk is full: nothing is answered 2xx that is not stored, pages can be read, and all of it goes on
//! when there is room again.
//!
//! Once on a small volume, where this user may mount one, and once with a limit on the size of files, which
//! needs no rights.

use reqwest::StatusCode;
use serde_json::json;
use sqlx::{AnyConnection, Connection as _};
use tokio::process::Command;

use crate::{
    corpus,
    halden::{Halden, STAGE, until},
    program::{Folder, MASTER_KEY, Program},
    volume,
};

const CANDIDATES: usize = 5;

/// What became of Lever's webhooks about stage changes: how many were answered 2xx, and how many were sent
/// in vain so far.
async fn webhooks(halden: &Halden) -> (usize, usize) {
    let state = halden.lever_state().await;
    let all = state["deliveries"].as_array().expect("a list");
    let changes = || all.iter().filter(|one| one["event"] == "candidateStageChange");
    let delivered = changes().filter(|one| one["state"] == "delivered").count();
    let in_vain = |one: &&serde_json::Value| one["state"] == "waiting" && one["attempts"].as_u64().unwrap_or(0) > 0;
    (delivered, changes().filter(in_vain).count())
}

/// Candidates are moved while there is no room, and then there is.
async fn nothing_is_taken_and_nothing_is_lost(
    halden: &mut Halden,
    program: &Program,
    fill: impl AsyncFnOnce(),
    make_room: impl AsyncFnOnce(),
) {
    halden.set_up(program).await;
    let mut all = Vec::new();
    for n in 0..CANDIDATES {
        all.push(halden.applies("Ada Berg", &format!("candidate.{n}@mail.example")).await);
    }
    fill().await;
    let body = json!({ "opportunities": all, "stage": STAGE });
    halden.lever("/sandbox/bulk-move", body).await;
    until("every webhook was sent in vain", async || webhooks(halden).await == (0, CANDIDATES)).await;
    assert!(program.get("/healthz").send().await.expect("an answer").status().is_success());
    let page = halden.nora.get(program, "/candidates").await;
    assert_eq!(page.status(), StatusCode::OK, "pages can be read");
    assert_eq!(halden.sent().await.len(), 0);

    make_room().await;
    until("all are noted", async || halden.noted_once(&all).await == CANDIDATES).await;
    assert_eq!(halden.sent().await.len(), CANDIDATES, "one invite each");
}

async fn is_whole(database: &str) {
    sqlx::any::install_default_drivers();
    let mut database = AnyConnection::connect(database).await.expect("it opens");
    let verdict: String =
        sqlx::query_scalar("PRAGMA integrity_check").fetch_one(&mut database).await.expect("a verdict");
    assert_eq!(verdict, "ok");
}

/// It has much to say while the disk is full.
const SILENT: [(&str, &str); 1] = [("CANDILEVER_LOG", "off")];

#[tokio::test]
async fn files_that_may_not_grow_take_nothing_and_lose_nothing() {
    let mut halden = Halden::at(Folder::new(), &SILENT).await;
    let program = halden.start_on_a_disk_that_may_fill().await;
    let (fill, make_room) = (async || program.fill_the_disk().await, async || program.make_room().await);
    nothing_is_taken_and_nothing_is_lost(&mut halden, &program, fill, make_room).await;
    halden.stop(program).await;
    is_whole(&halden.folder.database_url()).await;
}

#[tokio::test]
async fn a_full_volume_takes_nothing_and_loses_nothing() {
    let folder = volume::folder();
    let Some(way) = volume::way(&folder).await else { return };
    let mut halden = Halden::at(folder, &SILENT).await;
    let (program, volume) = halden.start_on_a_volume(way).await;
    let (fill, make_room) = (async || volume.fill(), async || volume.make_room());
    nothing_is_taken_and_nothing_is_lost(&mut halden, &program, fill, make_room).await;
    halden.stop(program).await;
    is_whole(&volume.database(&halden.folder)).await;
}

/// An older database with a long audit log, which the next migration makes anew.
const OLDER: i64 = 8;
const MANY: &str =
    "INSERT INTO organizations (id, name, name_fold, created_at) VALUES ('org_1', 'Halden', 'halden', 1);
    INSERT INTO audit_entries (id, organization_id, at, by_kind, area, action, subject)
    WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 20000)
    SELECT 'aud_' || n, 'org_1', n, 'terminal', 'operation', 'restored', 'org_1' FROM numbers";

/// The schema's version and the length of the audit log.
async fn stands(folder: &Folder) -> (i64, i64) {
    let mut database = AnyConnection::connect(&folder.database_url()).await.expect("it opens");
    let ask = "SELECT (SELECT MAX(version) FROM _sqlx_migrations), (SELECT COUNT(*) FROM audit_entries)";
    sqlx::query_as(ask).fetch_one(&mut database).await.expect("numbers")
}

#[tokio::test]
async fn a_migration_for_which_there_is_no_room_leaves_the_database_as_it_was() {
    sqlx::any::install_default_drivers();
    let folder = Folder::new();
    let url = format!("{}?mode=rwc", folder.database_url());
    let mut database = AnyConnection::connect(&url).await.expect("it opens");
    corpus::migrate(&mut database, OLDER).await;
    sqlx::raw_sql(MANY).execute(&mut database).await.expect("entries");
    database.close().await.expect("it closes");
    let migrate = folder.command(&["migrate"]);
    for most in [100_000, 400_000, 1_000_000] {
        let mut within = Command::new("prlimit");
        within.args([&format!("--fsize={most}"), "sh", "-c", "trap '' XFSZ; exec \"$0\" migrate"]);
        within.arg(migrate.as_std().get_program()).env_clear().env("PATH", "/usr/bin:/bin");
        within.envs(migrate.as_std().get_envs().filter_map(|(name, value)| Some((name, value?))));
        let refused = within.env("CANDILEVER_MASTER_KEY", MASTER_KEY).output().await.expect("it runs");
        let said = String::from_utf8_lossy(&refused.stderr);
        assert_eq!(refused.status.code(), Some(3), "files of {most} bytes at most: {said}");
        assert!(said.contains("The disk is full or fails, and nothing was changed"), "{said}");
        assert_eq!(stands(&folder).await, (OLDER, 20_000));
        is_whole(&folder.database_url()).await;
    }
    let mut migrate = folder.command(&["migrate"]);
    let migrated = migrate.env("CANDILEVER_MASTER_KEY", MASTER_KEY).output().await.expect("it runs");
    assert!(migrated.status.success(), "{}", String::from_utf8_lossy(&migrated.stderr));
    let (schema, entries) = stands(&folder).await;
    assert!(schema > OLDER && entries == 20_000, "{schema}, {entries}");
    is_whole(&folder.database_url()).await;
}
