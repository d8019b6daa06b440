//! The whole promise, without a script in the browser: a recruiter moves a candidate, the test goes
//! out, the result comes back as a note in Lever.

use crate::halden::{Halden, until};

#[tokio::test]
async fn a_moved_candidate_gets_the_test_and_the_result_comes_back() {
    let mut halden = Halden::new().await;
    let program = halden.start().await;
    halden.set_up(&program).await;
    let ada = halden.applies("Ada Berg", "ada@mail.example").await;
    halden.moves(&ada).await;
    until("the test goes out", async || halden.sent().await.len() == 1).await;
    until("the note says so", async || says(&halden.notes(&ada).await, &["Status: Sent"])).await;
    halden.submits("ada@mail.example", 87).await;
    let done = ["Status: Completed", "Score: 87/100", "Verdict: n/a"];
    until("the note tells the result", async || says(&halden.notes(&ada).await, &done)).await;
    let list = halden.nora.get(&program, "/candidates").await.text().await.expect("text");
    assert!(list.contains("Ada Berg") && list.contains("Completed"), "{list}");

    let note = halden.notes(&ada).await.remove(0);
    let link = note.lines().find_map(|line| line.find("/r/").map(|at| line[at..].trim().to_owned())).expect("a link");
    let report = halden.nora.get(&program, &link).await;
    assert_eq!(report.status(), 303, "the link leads on to the report");
    let stranger = crate::browser::Browser::default().get(&program, &link).await;
    assert!(stranger.headers()["location"].to_str().expect("text").starts_with("/sign-in?next="));
}

#[tokio::test]
async fn the_same_over_the_partner_protocol_and_a_switch_that_says_what_it_leaves_behind() {
    let mut halden = Halden::new().await;
    let program = halden.start().await;
    halden.set_up(&program).await;
    let page = halden.speak(&program, "greenhouse_partner", "greenhouse", &[]).await;
    assert!(page.contains("The key was accepted") && page.contains("There is nothing to hand over"), "{page}");
    assert!(page.contains("Verdict: this protocol has none") && !page.contains("callback-secret"), "{page}");
    let ada = halden.applies("Ada Berg", "ada@mail.example").await;
    halden.moves(&ada).await;
    until("the test goes out", async || says(&halden.notes(&ada).await, &["Status: Sent"])).await;

    let asked = halden.speak(&program, "canditech", "api", &[]).await;
    assert!(asked.contains("Invites are under way over the protocol that is stored."), "{asked}");
    assert!(asked.contains(r#"name="switch""#) && asked.contains("There is nothing to hand over"), "{asked}");
    let switched = halden.speak(&program, "canditech", "api", &[("switch", "true")]).await;
    assert!(switched.contains("1 invite under way was sent over another protocol"), "{switched}");
    let back = halden.speak(&program, "greenhouse_partner", "greenhouse", &[]).await;
    assert!(back.contains("The key was accepted") && !back.contains("over another protocol</p>"), "{back}");

    halden.submits("ada@mail.example", 87).await;
    let done = ["Status: Completed", "Score: 87", "Verdict: n/a"];
    until("the callback brings the result", async || says(&halden.notes(&ada).await, &done)).await;
}

/// Whether there is exactly one note, and it has all these lines.
fn says(notes: &[String], lines: &[&str]) -> bool {
    notes.len() == 1 && lines.iter().all(|line| notes[0].lines().any(|other| other == *line))
}

#[tokio::test]
async fn a_candidates_page_is_whole_while_its_candidate_changes() {
    let mut halden = Halden::new().await;
    let program = halden.start().await;
    halden.set_up(&program).await;
    let ada = halden.applies("Ada Berg", "ada@mail.example").await;
    halden.moves(&ada).await;
    until("the test goes out", async || halden.sent().await.len() == 1).await;
    halden.submits("ada@mail.example", 87).await;
    until("the note tells the result", async || says(&halden.notes(&ada).await, &["Score: 87/100"])).await;
    let list = halden.nora.call(&program, "/api/list_candidates", &[]).await.text().await.expect("text");
    let list: serde_json::Value = serde_json::from_str(&list).expect("JSON");
    let id = list["rows"][0]["id"].as_str().expect("an id").to_owned();
    let mut version = list["rows"][0]["version"].as_i64().expect("a version");
    let cookie = halden.nora.cookie().to_owned();
    let open = || program.get(&format!("/candidates/{id}")).header("cookie", &cookie).header("accept", "text/html");
    for verdict in ["passed", "failed"].repeat(15) {
        let pages = futures::future::join_all((0..8).map(|_| open().send()));
        let arguments = [("invite", id.clone()), ("version", version.to_string()), ("verdict", verdict.to_owned())];
        let arguments = arguments.map(|(name, value)| (name.to_owned(), value));
        let (pages, given) = tokio::join!(pages, halden.nora.call(&program, "/api/give_verdict", &arguments));
        let given: serde_json::Value = given.json().await.expect("JSON");
        version = given["version"].as_i64().unwrap_or_else(|| panic!("a version: {given}"));
        for page in pages {
            let page = page.expect("an answer");
            assert_eq!(page.status(), 200, "while the verdict becomes {verdict}");
            let text = page.text().await.expect("text");
            assert!(text.contains("<title>Ada Berg · Python Developer · Candilever</title>"), "{text:.600}");
        }
    }
}
