//! The database server crashes: what was answered 2xx is there, everything else is repeated by its sender,
//! and all of it goes on by itself when the server is back.

use std::{fs, path::PathBuf, process::Command};

use serde_json::json;

use crate::{
    halden::{Halden, STAGE, until},
    postgres,
};

const CRASHES: usize = 3;
const AT_ONCE: usize = 8;

/// Ends the server as a crash does: nothing is finished, and it starts from its log.
fn crash() {
    let data = PathBuf::from(std::env::var("TEST_POSTGRES_DATA").expect("script/postgres --revive says where"));
    let pid_file = fs::read_to_string(data.join("postmaster.pid")).expect("the server runs");
    let pid = pid_file.lines().next().expect("its process id");
    let killed = Command::new("kill").args(["-QUIT", pid]).status().expect("kill is there");
    assert!(killed.success());
}

#[tokio::test]
#[ignore = "takes its database server down: `script/test` runs it by `script/postgres --durable --revive`"]
async fn a_database_server_that_crashes_loses_and_repeats_nothing() {
    let folder = postgres::folder().await.expect("TEST_DATABASE_URL names the server");
    // It has much to say while the server is down.
    let mut halden = Halden::at(folder, &[("CANDILEVER_LOG", "off")]).await;
    let program = halden.start().await;
    halden.set_up(&program).await;
    let mut all = Vec::new();
    for round in 0..CRASHES {
        let mut moved = Vec::new();
        for n in 0..AT_ONCE {
            moved.push(halden.applies("Ada Berg", &format!("candidate.{round}.{n}@mail.example")).await);
        }
        let before = halden.sent().await.len();
        halden.lever("/sandbox/bulk-move", json!({ "opportunities": moved, "stage": STAGE })).await;
        // In the middle of it: some are sent, others are not.
        until("the sends have begun", async || halden.sent().await.len() > before).await;
        crash();
        all.extend(moved);
        until("all are noted", async || halden.noted_once(&all).await == all.len()).await;
    }
    assert_eq!(halden.noted_once(&all).await, all.len(), "one note each");
    assert_eq!(halden.sent().await.len(), all.len(), "one invite each");
    assert!(program.get("/healthz").send().await.expect("an answer").status().is_success());
}
