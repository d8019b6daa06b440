//! The disk is full: nothing is answered 2xx that is not stored, pages can be read, and all of it goes on
//! when there is room again.
//!
//! Once on a small volume, where this user may mount one, and once with a limit on the size of files, which
//! needs no rights.

use reqwest::StatusCode;
use serde_json::json;
use sqlx::{AnyConnection, Connection as _};

use crate::{
    halden::{Halden, STAGE, until},
    program::{Folder, Program},
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
