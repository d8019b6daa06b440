//! The database server crashes: what was answered 2xx is there, everything else is repeated by its sender,
//! and all of it goes on by itself when the server is back.

use std::{collections::BTreeSet, fs, path::PathBuf, process::Command};

use reqwest::StatusCode;
use serde_json::json;

use crate::{
    halden::{Halden, STAGE, until},
    nobody, postgres,
    program::Program,
};

const CRASHES: usize = 3;
const AT_ONCE: usize = 8;

/// Ends the server as a crash does: nothing is finished, and it starts from its log.
fn crash() {
    let data = PathBuf::from(std::env::var("TEST_POSTGRES_DATA").expect("script/postgres --revive says where"));
    let pid_file = fs::read_to_string(data.join("postmaster.pid")).expect("the server runs");
    assert!(signal("QUIT", pid_file.lines().next().expect("its process id")));
}

/// Whether there was such a process.
fn signal(name: &str, pid: &str) -> bool {
    Command::new("kill").args([&format!("-{name}"), pid]).status().expect("kill is there").success()
}

/// Processes behind the program's connections that stand still for as long as this lives: the server could not even
/// be stopped with them.
#[derive(Default)]
struct Still(BTreeSet<String>);

impl Drop for Still {
    fn drop(&mut self) {
        for pid in &self.0 {
            signal("CONT", pid);
        }
    }
}

/// Asked while nothing answers behind its connections, the program says that it lives and takes no requests.
async fn says_so_while_the_database_stands_still(halden: &Halden, program: &Program) {
    let says = async |path: &str| program.get(path).send().await.expect("an answer").status();
    let mut database = nobody::open(&halden.folder).await;
    let mut still = Still::default();
    // Whatever it opens anew meanwhile stands still as well.
    while says("/readyz").await == StatusCode::OK {
        let others = "SELECT CAST(pid AS TEXT) FROM pg_stat_activity
             WHERE pid <> pg_backend_pid() AND datname = current_database() AND backend_type = 'client backend'";
        let others: Vec<String> = sqlx::query_scalar(others).fetch_all(&mut database).await.expect("process ids");
        still.0.extend(others.into_iter().filter(|pid| signal("STOP", pid)));
        assert!(still.0.len() < 200, "it opens connections without end");
    }
    assert_eq!(says("/healthz").await, StatusCode::OK);
    assert!(!still.0.is_empty(), "it took requests before");
    drop(still);
    until("it takes requests again", async || says("/readyz").await == StatusCode::OK).await;
}

#[tokio::test]
#[ignore = "takes its database server down: `script/test` runs it by `script/postgres --durable --revive`"]
async fn a_database_server_that_crashes_loses_and_repeats_nothing() {
    let folder = postgres::folder().await.expect("TEST_DATABASE_URL names the server");
    // It has much to say while the server is down.
    let mut halden = Halden::at(folder, &[("CANDILEVER_LOG", "off")]).await;
    let program = halden.start().await;
    halden.set_up(&program).await;
    says_so_while_the_database_stands_still(&halden, &program).await;
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
