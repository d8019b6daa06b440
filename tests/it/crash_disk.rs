//! The disk is full: nothing is answered 2xx that is not stored, pages can be read, and all of it goes on
//! when there is room again.
//!
//! A limit on the size of files stands for the full disk: it needs no volume of its own and no rights.

use reqwest::StatusCode;
use serde_json::json;
use sqlx::{AnyConnection, Connection as _};

use crate::{
    halden::{Halden, STAGE, until},
    program::Folder,
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

#[tokio::test]
async fn a_full_disk_takes_nothing_and_loses_nothing() {
    // It has much to say while the disk is full.
    let mut halden = Halden::at(Folder::new(), &[("CANDILEVER_LOG", "off")]).await;
    let program = halden.start_on_a_disk_that_may_fill().await;
    halden.set_up(&program).await;
    let mut all = Vec::new();
    for n in 0..CANDIDATES {
        all.push(halden.applies("Ada Berg", &format!("candidate.{n}@mail.example")).await);
    }
    program.fill_the_disk().await;
    let body = json!({ "opportunities": all, "stage": STAGE });
    halden.lever("/sandbox/bulk-move", body).await;
    until("every webhook was sent in vain", async || webhooks(&halden).await == (0, CANDIDATES)).await;
    assert!(program.get("/healthz").send().await.expect("an answer").status().is_success());
    let page = halden.nora.get(&program, "/candidates").await;
    assert_eq!(page.status(), StatusCode::OK, "pages can be read");
    assert_eq!(halden.sent().await.len(), 0);

    program.make_room().await;
    until("all are noted", async || halden.noted_once(&all).await == CANDIDATES).await;
    assert_eq!(halden.sent().await.len(), CANDIDATES, "one invite each");
    halden.stop(program).await;
    sqlx::any::install_default_drivers();
    let mut database = AnyConnection::connect(&halden.folder.database_url()).await.expect("it opens");
    let verdict: String =
        sqlx::query_scalar("PRAGMA integrity_check").fetch_one(&mut database).await.expect("a verdict");
    assert_eq!(verdict, "ok");
}
