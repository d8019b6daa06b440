//! The log says what was done, and of nobody: a candidate is invited, looked for, judged, anonymised and erased while
//! all of the program, down to the libraries, is as talkative as it can be, and no line names them.

use std::fs;

use serde_json::json;

use crate::{
    browser::Browser,
    halden::{Halden, until},
    program::Folder,
};

const NAME: &str = "Canaria Quillfeather";
const EMAIL: &str = "canaria.q@mail.example";
const COMMENT: &str = "A splendid quetzal";
/// Every way in which the log might spell them.
const TRACES: [&str; 5] = ["canaria", "quillfeather", "mail.example", "quetzal", "canaria.q%40"];

#[tokio::test]
async fn no_line_of_the_log_names_a_candidate_from_the_invite_to_the_erasure() {
    let mut halden = Halden::at(Folder::new(), &[("CANDILEVER_LOG", "trace")]).await;
    let log = halden.folder.path().join("log");
    let program = halden.start_with_log(&log).await;
    halden.set_up(&program).await;
    let canaria = halden.applies(NAME, EMAIL).await;
    halden.moves(&canaria).await;
    until("it is noted", async || halden.notes(&canaria).await.len() == 1).await;
    halden.submits(EMAIL, 87).await;
    let says = async |line: &str| halden.notes(&canaria).await.iter().any(|note| note.contains(line));
    until("the result is noted", async || says("Score: 87/100").await).await;

    let mut nora = Browser::signed_in(&program, crate::halden::NORA).await;
    let list = nora.get(&program, "/candidates?q=canaria.q").await.text().await.expect("a page");
    let page = list.split("/candidates/inv_").nth(1).and_then(|rest| rest.split('"').next()).expect("her row");
    let page = format!("/candidates/inv_{page}");
    nora.get(&program, &format!("/candidates/look-up?q={}", EMAIL.replace('@', "%40"))).await;
    let judged = [("verdict", "passed"), ("comment", COMMENT)];
    nora.press(&program, &page, "/api/give_verdict", &judged).await;
    until("the verdict is noted", async || says("Verdict: passed").await).await;

    halden.lever("/sandbox/anonymize", json!({ "opportunity": canaria, "keep_notes": true })).await;
    halden.lever("/sandbox/move", json!({ "opportunity": canaria, "stage": "offer" })).await;
    until("the note is gone", async || halden.notes(&canaria).await.is_empty()).await;
    let forgotten = async || halden.sent().await.iter().all(|invite| invite["candidate"]["email"] != EMAIL);
    until("the provider forgot her", forgotten).await;
    let shown = nora.get(&program, &page).await.text().await.expect("a page");
    assert!(shown.contains("Receipt of the erasure") && !shown.to_lowercase().contains("canaria"));
    halden.stop(program).await;

    let log = fs::read_to_string(&log).expect("the log").to_lowercase();
    assert!(log.lines().count() > 100 && log.contains("trace") && log.contains("debug"), "it was talkative");
    for trace in TRACES {
        let found: Vec<&str> = log.lines().filter(|line| line.contains(trace)).take(3).collect();
        assert!(found.is_empty(), "{trace}: {found:#?}");
    }
}
