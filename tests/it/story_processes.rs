//! Several servers: on PostgreSQL they share the work and tell each other's pages; a database in a file
//! has one.

use reqwest::{Response, header};
use serde_json::json;
use tokio::time::timeout;

use crate::{
    halden::{Halden, until},
    postgres,
    program::{Folder, PATIENCE, Program},
};

/// A page of Nora's that the second server keeps up to date.
async fn page_at(second: &Program, first: &Program, halden: &Halden) -> Response {
    let host = first.url.trim_start_matches("http://");
    let asked = second.get("/live").header(header::HOST, host).header(header::COOKIE, halden.nora.cookie());
    let stream = asked.send().await.expect("the stream opens");
    assert_eq!(stream.headers()[header::CONTENT_TYPE], "text/event-stream");
    stream
}

async fn hears(stream: &mut Response, event: &str) {
    let heard = async {
        while let Some(chunk) = stream.chunk().await.expect("the stream goes on") {
            if String::from_utf8_lossy(&chunk).contains(event) {
                return;
            }
        }
        panic!("the stream ended");
    };
    timeout(PATIENCE, heard).await.unwrap_or_else(|_| panic!("never heard: {event}"));
}

#[tokio::test]
async fn two_servers_share_the_work_and_one_that_is_killed_loses_and_repeats_nothing() {
    let Some(folder) = postgres::folder().await else { return };
    let mut halden = Halden::at(folder, &[]).await;
    let first = halden.start().await;
    let mut second = halden.start_beside(&first).await;
    halden.set_up(&first).await;

    // What the first server is told, the pages of the second show.
    let mut page = page_at(&second, &first, &halden).await;
    let zoe = halden.applies("Zoe Amadi", "zoe@mail.example").await;
    halden.moves(&zoe).await;
    hears(&mut page, "event: setup").await;
    hears(&mut page, "event: invite").await;
    until("it is noted", async || halden.notes(&zoe).await.len() == 1).await;

    // Sends take their time, so that both servers have some under way when the second one dies.
    let slowly = json!({ "path_prefix": "/api/invites", "method": "POST", "kind": { "delay": { "ms": 2_500 } } });
    halden.fault_at_canditech(slowly).await;
    let mut candidates = vec![zoe];
    for n in 0..10 {
        candidates.push(halden.applies(&format!("Candidate {n}"), &format!("candidate.{n}@mail.example")).await);
    }
    for candidate in &candidates[1..] {
        halden.moves(candidate).await;
    }
    until("the sends have begun", async || halden.sent().await.len() >= 3).await;
    assert!(halden.sent().await.len() < candidates.len(), "some are still to be sent");
    second.signal("KILL").await;
    second.ended().await;

    for candidate in &candidates {
        until("each has a note", async || !halden.notes(candidate).await.is_empty()).await;
        assert_eq!(halden.notes(candidate).await.len(), 1, "one note each");
    }
    let mut invited: Vec<String> = halden.sent().await.iter().map(|invite| invite["candidate"].to_string()).collect();
    assert_eq!(invited.len(), candidates.len(), "one invite each: {invited:?}");
    invited.sort();
    invited.dedup();
    assert_eq!(invited.len(), candidates.len(), "to each of them: {invited:?}");
}

#[tokio::test]
async fn a_server_that_is_stopped_past_its_leases_and_wakes_repeats_nothing() {
    let Some(folder) = postgres::folder().await else { return };
    let mut halden = Halden::at(folder, &[]).await;
    let first = halden.start().await;
    let second = halden.start_beside(&first).await;
    halden.set_up(&first).await;
    let slowly = json!({ "path_prefix": "/api/invites", "method": "POST", "kind": { "delay_after": { "ms": 2_500 } } });
    halden.fault_at_canditech(slowly).await;
    let mut candidates = Vec::new();
    for n in 0..10 {
        candidates.push(halden.applies(&format!("Candidate {n}"), &format!("candidate.{n}@mail.example")).await);
    }
    for candidate in &candidates {
        halden.moves(candidate).await;
    }
    until("the sends have begun", async || halden.sent().await.len() >= 3).await;
    second.signal("STOP").await;
    // Its leases run out after a minute; the first one does what it had begun.
    for candidate in &candidates {
        until("each has a note", async || !halden.notes(candidate).await.is_empty()).await;
    }
    second.signal("CONT").await;
    until("it serves again", async || {
        second.get("/healthz").send().await.is_ok_and(|answer| answer.status().is_success())
    })
    .await;
    let last = halden.applies("Last Example", "last@mail.example").await;
    halden.moves(&last).await;
    until("the last one is noted", async || !halden.notes(&last).await.is_empty()).await;
    for candidate in &candidates {
        assert_eq!(halden.notes(candidate).await.len(), 1, "one note each");
    }
    assert_eq!(halden.sent().await.len(), candidates.len() + 1, "one invite each");
}

#[tokio::test]
async fn a_demo_in_the_folder_of_a_running_server_is_refused() {
    let folder = Folder::new();
    let _program = folder.serve().await;
    let path = folder.path().to_str().expect("text").to_owned();
    let demo = folder.run(&["demo", "--data", &path, "--port", "0"]).await;
    assert_eq!(demo.status.code(), Some(3));
    let complaint = String::from_utf8_lossy(&demo.stderr);
    assert!(complaint.contains("serves the database") && complaint.contains("already"), "{complaint}");
    assert!(complaint.contains("stop that one first"), "{complaint}");
}
