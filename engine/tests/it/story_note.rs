//! One note, kept in step, in whatever way Lever lets us.

use std::time::Duration;

use engine::{
    invite::{InviteState, Row},
    live::Change,
    note::{self, NoteState},
    verdict::{self, Verdict},
};
use serde_json::json;

use crate::world::{POSTING, World};

const ADA: &str = "ada@mail.example";

async fn sent() -> (World, String, Row) {
    let (world, _) = World::attached().await;
    let ada = world.applies("Ada Example", Some(ADA), Some(POSTING)).await;
    world.moves_to_stage(&ada).await;
    let row = world.until_state(InviteState::Sent).await;
    world.until("there is a note", async || world.notes(&ada).await.len() == 1).await;
    (world, ada, row)
}

#[tokio::test]
async fn a_create_whose_answer_is_lost_makes_one_note() {
    let (world, _) = World::attached().await;
    let fault = json!({ "path_prefix": "/v1/opportunities", "method": "POST", "kind": "drop_after", "times": 1 });
    world.fault_at_lever(fault).await;
    let ada = world.applies("Ada Example", Some(ADA), Some(POSTING)).await;
    world.moves_to_stage(&ada).await;
    world.until_state(InviteState::Sent).await;
    world.drain().await;
    world.advance(Duration::from_secs(60));
    world.submits(ADA, Some(87)).await;
    world.until("the one note is in step", async || world.note_says(&ada, &["Status: Completed"]).await).await;
    assert_eq!(world.asked_of_lever("POST", "/v1/opportunities").await, 1);
}

#[tokio::test]
async fn a_change_whose_answer_is_lost_before_one_that_fails_is_still_ours() {
    let (world, ada, row) = sent().await;
    for kind in [json!("drop_after"), json!({ "status": { "code": 503 } })] {
        let fault = json!({ "path_prefix": "/v1/opportunities", "method": "PUT", "kind": kind, "times": 1 });
        world.fault_at_lever(fault).await;
    }
    world.canditech("/sandbox/start", json!({ "invite": ADA })).await;
    let changes = async || world.asked_of_lever("PUT", "/v1/opportunities").await;
    world.until("the answer is lost", async || changes().await == 1).await;
    world.submits(ADA, Some(87)).await;
    world.until_state(InviteState::Completed).await;
    world.until("the next one fails", async || changes().await == 2).await;
    world.advance(Duration::from_secs(60));
    world.until("the one note is in step", async || world.note_says(&ada, &["Status: Completed"]).await).await;
    assert_eq!(told(&world, &row).await, Vec::<String>::new(), "nobody else wrote into it");
}

#[tokio::test]
async fn a_note_outlasts_days_without_lever() {
    let (world, ada, row) = sent().await;
    world.fault_at_lever(json!({ "path_prefix": "/v1/opportunities", "kind": { "status": { "code": 503 } } })).await;
    world.submits(ADA, Some(87)).await;
    world.until_state(InviteState::Completed).await;
    for _ in 0..30 {
        world.drain().await;
        world.advance(Duration::from_secs(3_601));
    }
    let now = note::as_lever_has_it(&world.engine, &world.admin, &row.id).await.expect("visible");
    assert!(matches!(now.state, NoteState::Problem(_)), "{now:?}");
    world.forget_faults_at_lever().await;
    world.advance(Duration::from_secs(3_601));
    world.until("the note comes true", async || world.note_says(&ada, &["Score: 87/100"]).await).await;
}

#[tokio::test]
async fn where_changing_is_refused_the_note_is_deleted_and_made_anew() {
    let (world, ada, _) = sent().await;
    let fault = json!({ "path_prefix": "/v1/opportunities", "method": "PUT", "kind": { "status": { "code": 405 } } });
    world.fault_at_lever(fault).await;
    world.submits(ADA, Some(87)).await;
    world.until("one note, in step", async || world.note_says(&ada, &["Status: Completed"]).await).await;
}

#[tokio::test]
async fn where_deleting_is_refused_too_one_new_note_says_that_it_replaces_the_earlier() {
    let (world, ada, _) = sent().await;
    for method in ["PUT", "DELETE"] {
        let fault =
            json!({ "path_prefix": "/v1/opportunities", "method": method, "kind": { "status": { "code": 403 } } });
        world.fault_at_lever(fault).await;
    }
    world.canditech("/sandbox/start", json!({ "invite": ADA })).await;
    let says = async |line: &str| {
        let notes = world.notes(&ada).await;
        notes.len() == 2 && notes.iter().any(|note| note.contains(line) && note.contains("replaces the earlier"))
    };
    world.until("a second note replaces the first", async || says("Status: Started").await).await;
}

#[tokio::test]
async fn clicks_in_a_row_are_one_write() {
    let (world, ada, row) = sent().await;
    world.submits(ADA, Some(87)).await;
    world.until("the result is noted", async || world.note_says(&ada, &["Score: 87/100"]).await).await;
    let before = world.asked_of_lever("PUT", "/v1/opportunities").await;
    for value in [Verdict::Passed, Verdict::Failed, Verdict::Passed, Verdict::Failed] {
        verdict::give(&world.engine, &world.admin, &row.id, value, None, None).await.expect("completed");
    }
    world.until("the last click is noted", async || world.note_says(&ada, &["Verdict: failed"]).await).await;
    assert_eq!(world.asked_of_lever("PUT", "/v1/opportunities").await - before, 1);
}

#[tokio::test]
async fn twenty_clicks_within_five_seconds_are_a_handful_of_writes_and_the_last_one_stands() {
    let (world, ada, row) = sent().await;
    world.submits(ADA, Some(87)).await;
    world.until("the result is noted", async || world.note_says(&ada, &["Score: 87/100"]).await).await;
    let before = world.asked_of_lever("PUT", "/v1/opportunities").await;
    let mut clicked = None;
    for value in [Verdict::Passed, Verdict::Failed].repeat(10) {
        verdict::give(&world.engine, &world.admin, &row.id, value, None, None).await.expect("completed");
        clicked = Some(value);
        world.drain().await;
        world.advance(Duration::from_millis(250));
    }
    assert_eq!(clicked, Some(Verdict::Failed));
    world.until("the last click is noted", async || world.note_says(&ada, &["Verdict: failed"]).await).await;
    let writes = world.asked_of_lever("PUT", "/v1/opportunities").await - before;
    assert!((1..=6).contains(&writes), "{writes} writes");
}

#[tokio::test]
async fn open_pages_hear_of_a_note_that_was_written_and_of_one_that_was_not() {
    let (world, ada, row) = sent().await;
    world.submits(ADA, Some(87)).await;
    world.until("noted", async || world.note_says(&ada, &["Score: 87/100"]).await).await;
    let (mut heard, of_the_invite) = (world.engine.live.listen(), |change: &Change| match change {
        Change::Invite { invite, .. } => *invite == row.id,
        Change::SetUp => false,
    });
    let mut is_told = || std::iter::from_fn(|| heard.try_recv().ok()).any(|(_, change)| of_the_invite(&change));
    verdict::give(&world.engine, &world.admin, &row.id, Verdict::Passed, None, None).await.expect("completed");
    assert!(is_told(), "of the verdict");
    world.advance(Duration::from_secs(5));
    world.until("noted", async || world.note_says(&ada, &["Verdict: passed"]).await).await;
    assert!(is_told(), "of the note");

    world.fault_at_lever(json!({ "path_prefix": "/v1/opportunities", "kind": { "status": { "code": 403 } } })).await;
    verdict::give(&world.engine, &world.admin, &row.id, Verdict::Failed, None, None).await.expect("completed");
    assert!(is_told(), "of the verdict");
    world.advance(Duration::from_secs(5));
    world.drain().await;
    assert!(is_told(), "of the refusal");
}

#[tokio::test]
async fn a_person_sees_the_note_as_lever_has_it() {
    let (world, _, row) = sent().await;
    let now = note::as_lever_has_it(&world.engine, &world.admin, &row.id).await.expect("visible");
    assert_eq!(now.state, NoteState::InStep);
    assert!(now.text.is_some_and(|text| text.contains("Status: Sent")));
}

async fn edits(world: &World, opportunity: &str, having: &str, text: Option<&str>) {
    let body = json!({ "opportunity": opportunity, "having": having, "text": text });
    world.lever("/sandbox/notes/edit", body).await;
}

async fn told(world: &World, row: &Row) -> Vec<String> {
    let entries = world.detail(&row.id).await.timeline;
    entries.into_iter().filter(|entry| entry.kind == "note").map(|entry| entry.sentence).collect()
}

async fn standing(world: &World, row: &Row) -> NoteState {
    note::as_lever_has_it(&world.engine, &world.admin, &row.id).await.expect("visible").state
}

#[tokio::test]
async fn what_somebody_adds_to_the_note_stays_while_our_lines_change() {
    let (world, ada, row) = sent().await;
    let ours = world.notes(&ada).await.remove(0);
    let theirs = ours.replace("Score: pending", "Score: pending\n(she was ill on Monday)");
    edits(&world, &ada, "Status: Sent", Some(&format!("Please wait with the offer.\n\n{theirs}\n\nNora"))).await;
    assert_eq!(standing(&world, &row).await, NoteState::ChangedInLever);
    world.submits(ADA, Some(87)).await;
    world.until("the result is in the note", async || world.note_says(&ada, &["Score: 87/100"]).await).await;
    for value in [Verdict::Passed, Verdict::Failed] {
        verdict::give(&world.engine, &world.admin, &row.id, value, None, None).await.expect("completed");
        let line = format!("Verdict: {}", value.word());
        world.until("the verdict is in the note", async || world.note_says(&ada, &[&line]).await).await;
    }
    let now = world.notes(&ada).await.remove(0);
    let lines: Vec<&str> = now.lines().filter(|line| !line.is_empty()).collect();
    assert_eq!((lines[0], lines.last()), ("Please wait with the offer.", Some(&"Nora")), "{now}");
    let score = lines.iter().position(|line| *line == "Score: 87/100").expect("a score");
    assert_eq!(lines[score + 1], "(she was ill on Monday)");
    assert_eq!(lines.iter().filter(|line| line.starts_with("Status: ")).count(), 1, "{now}");
    assert_eq!(standing(&world, &row).await, NoteState::InStep);
    assert_eq!(told(&world, &row).await.len(), 1, "said once");
}

#[tokio::test]
async fn a_note_whose_lines_somebody_altered_is_left_and_a_new_one_replaces_it() {
    let (world, ada, row) = sent().await;
    let theirs = "I called her. Status: talk to Tomas first.";
    edits(&world, &ada, "Status: Sent", Some(theirs)).await;
    world.submits(ADA, Some(87)).await;
    let new_one = async |line: &str| {
        let notes = world.notes(&ada).await;
        let ours: Vec<&String> = notes.iter().filter(|note| note.contains("Candilever ")).collect();
        notes.len() == 2
            && notes.iter().any(|note| note == theirs)
            && ours.len() == 1
            && ours[0].lines().any(|other| other == line)
            && ours[0].contains("replaces the earlier")
    };
    world.until("a new note has the result", async || new_one("Score: 87/100").await).await;
    verdict::give(&world.engine, &world.admin, &row.id, Verdict::Passed, None, None).await.expect("completed");
    world.until("and is kept in step", async || new_one("Verdict: passed").await).await;
    assert_eq!(standing(&world, &row).await, NoteState::InStep);
    assert!(told(&world, &row).await[0].contains("stays as it is"));
}

/// Whether beside the edited note there is one more, which replaces it and has that line.
async fn one_more_says(world: &World, ada: &str, theirs: &str, line: &str) -> bool {
    let mut notes = world.notes(ada).await;
    let before = notes.len();
    notes.retain(|note| note != theirs);
    let says = |note: &String| note.lines().any(|other| other == line) && note.contains("replaces the earlier");
    before == 2 && notes.len() == 1 && notes.iter().all(says)
}

#[tokio::test]
async fn an_edited_note_is_not_taken_for_the_one_that_was_to_replace_it() {
    let unclear = json!({ "status": { "code": 503 } });
    let busy = json!({ "status": { "code": 429, "retry_after": 1 } });
    for second in [unclear.clone(), busy] {
        let (world, ada, row) = sent().await;
        // The line that is ours stays, and tells it from everybody else's.
        let theirs = world.notes(&ada).await.remove(0).replace("Score: pending", "Score: very good, see my mail");
        edits(&world, &ada, "Status: Sent", Some(&theirs)).await;
        for kind in [&unclear, &second] {
            let fault = json!({ "path_prefix": "/v1/opportunities", "method": "POST", "kind": kind, "times": 1 });
            world.fault_at_lever(fault).await;
        }
        world.submits(ADA, Some(87)).await;
        world.until_state(InviteState::Completed).await;
        let replaced = async || {
            world.advance(Duration::from_secs(60));
            world.rest().await;
            one_more_says(&world, &ada, &theirs, "Score: 87/100").await
        };
        world.until("one new note has the result", replaced).await;
        assert_eq!(world.asked_of_lever("POST", "/v1/opportunities").await, 4, "the first, two in vain, and this one");
        verdict::give(&world.engine, &world.admin, &row.id, Verdict::Passed, None, None).await.expect("completed");
        let judged = async || one_more_says(&world, &ada, &theirs, "Verdict: passed").await;
        world.until("it is kept in step", judged).await;
    }
}

#[tokio::test]
async fn an_edited_note_is_still_not_ours_after_a_refusal() {
    let (world, ada, row) = sent().await;
    let theirs = world.notes(&ada).await.remove(0).replace("Score: pending", "Score: very good, see my mail");
    edits(&world, &ada, "Status: Sent", Some(&theirs)).await;
    let fault = json!({ "path_prefix": "/v1/opportunities", "method": "POST", "kind": { "status": { "code": 403 } } });
    world.fault_at_lever(fault).await;
    world.submits(ADA, Some(87)).await;
    let refused = async || matches!(standing(&world, &row).await, NoteState::Problem(_));
    world.until("it is said that Lever forbids it", refused).await;
    world.forget_faults_at_lever().await;
    let lost = json!({ "path_prefix": "/v1/opportunities", "method": "POST", "kind": "drop_before", "times": 1 });
    world.fault_at_lever(lost).await;
    note::try_again(&world.engine, &world.admin, &row.id).await.expect("visible");
    let replaced = async || {
        world.advance(Duration::from_secs(60));
        one_more_says(&world, &ada, &theirs, "Score: 87/100").await
    };
    world.until("one new note has the result", replaced).await;
}

#[tokio::test]
async fn a_refusal_of_every_write_is_over_with_the_reconnect_that_it_asks_for() {
    let (world, ada, row) = sent().await;
    world.submits(ADA, Some(87)).await;
    world.until("the result is noted", async || world.note_says(&ada, &["Score: 87/100"]).await).await;
    for method in ["PUT", "DELETE", "POST"] {
        let fault =
            json!({ "path_prefix": "/v1/opportunities", "method": method, "kind": { "status": { "code": 403 } } });
        world.fault_at_lever(fault).await;
    }
    verdict::give(&world.engine, &world.admin, &row.id, Verdict::Passed, None, None).await.expect("completed");
    let refused = async || matches!(standing(&world, &row).await, NoteState::Problem(_));
    world.until("it is said that Lever forbids it", refused).await;
    world.forget_faults_at_lever().await;
    world.connect().await;
    world.until("the one note is in step", async || world.note_says(&ada, &["Verdict: passed"]).await).await;
    for value in [Verdict::Failed, Verdict::Passed] {
        verdict::give(&world.engine, &world.admin, &row.id, value, None, None).await.expect("completed");
        let line = format!("Verdict: {}", value.word());
        world.until("and stays the only one", async || world.note_says(&ada, &[&line]).await).await;
    }
    assert_eq!(standing(&world, &row).await, NoteState::InStep);
}

#[tokio::test]
async fn a_way_that_was_found_out_once_is_found_out_anew_after_a_reconnect() {
    let (world, ada, row) = sent().await;
    let fault = json!({ "path_prefix": "/v1/opportunities", "method": "PUT", "kind": { "status": { "code": 403 } } });
    world.fault_at_lever(fault).await;
    world.submits(ADA, Some(87)).await;
    world.until("one note, in step", async || world.note_says(&ada, &["Status: Completed"]).await).await;
    world.forget_faults_at_lever().await;
    world.connect().await;
    let before = world.asked_of_lever("DELETE", "/v1/opportunities").await;
    verdict::give(&world.engine, &world.admin, &row.id, Verdict::Passed, None, None).await.expect("completed");
    world.until("the verdict is noted", async || world.note_says(&ada, &["Verdict: passed"]).await).await;
    assert_eq!(world.asked_of_lever("DELETE", "/v1/opportunities").await, before, "it was changed where it stands");
}

#[tokio::test]
async fn a_note_that_is_gone_when_it_is_changed_does_not_change_how_the_next_one_is() {
    let (world, ada, row) = sent().await;
    world.submits(ADA, Some(87)).await;
    world.until("the result is noted", async || world.note_says(&ada, &["Score: 87/100"]).await).await;
    let gone = json!({ "status": { "code": 404 } });
    let fault = json!({ "path_prefix": "/v1/opportunities", "method": "PUT", "kind": gone, "times": 1 });
    world.fault_at_lever(fault).await;
    verdict::give(&world.engine, &world.admin, &row.id, Verdict::Passed, None, None).await.expect("completed");
    world.until("one note says it", async || world.note_says(&ada, &["Verdict: passed"]).await).await;
    let changes = world.asked_of_lever("PUT", "/v1/opportunities").await;
    verdict::give(&world.engine, &world.admin, &row.id, Verdict::Failed, None, None).await.expect("completed");
    world.until("and it is changed", async || world.note_says(&ada, &["Verdict: failed"]).await).await;
    assert_eq!(world.asked_of_lever("PUT", "/v1/opportunities").await, changes + 1);
}

#[tokio::test]
async fn a_note_that_a_person_deletes_twice_comes_back_as_one_each_time() {
    let (world, ada, row) = sent().await;
    edits(&world, &ada, "Status: Sent", None).await;
    world.submits(ADA, Some(87)).await;
    world.until("one note", async || world.note_says(&ada, &["Score: 87/100"]).await).await;
    edits(&world, &ada, "Score: 87/100", None).await;
    verdict::give(&world.engine, &world.admin, &row.id, Verdict::Passed, None, None).await.expect("completed");
    world.until("one note again", async || world.note_says(&ada, &["Verdict: passed"]).await).await;
}

#[tokio::test]
async fn a_change_whose_answer_is_lost_is_no_edit_of_somebodys() {
    let (world, ada, row) = sent().await;
    world.submits(ADA, Some(87)).await;
    world.until("the result is noted", async || world.note_says(&ada, &["Score: 87/100"]).await).await;
    let fault = json!({ "path_prefix": "/v1/opportunities", "method": "PUT", "kind": "drop_after", "times": 1 });
    world.fault_at_lever(fault).await;
    verdict::give(&world.engine, &world.admin, &row.id, Verdict::Passed, None, None).await.expect("completed");
    world.drain().await;
    // It changes once more before anybody knows what became of that; first back to what was known last.
    for value in [Verdict::NotGiven, Verdict::Failed] {
        verdict::give(&world.engine, &world.admin, &row.id, value, None, None).await.expect("completed");
        world.advance(Duration::from_secs(60));
        let line = format!("Verdict: {}", value.word());
        world.until("one note says it", async || world.note_says(&ada, &[&line]).await).await;
    }
    assert_eq!(told(&world, &row).await, Vec::<String>::new());
}

#[tokio::test]
async fn a_life_costs_lever_one_read_one_note_and_two_calls_for_each_change() {
    let (world, ada, row) = sent().await;
    let all = async || {
        let mut calls = 0;
        for method in ["GET", "POST", "PUT", "DELETE"] {
            calls += world.asked_of_lever(method, &format!("/v1/opportunities/{ada}")).await;
        }
        calls
    };
    assert_eq!(all().await, 2, "the read and the note");
    world.submits(ADA, Some(87)).await;
    world.until("the result is noted", async || world.note_says(&ada, &["Score: 87/100"]).await).await;
    let completed = all().await;
    verdict::give(&world.engine, &world.admin, &row.id, Verdict::Passed, None, None).await.expect("completed");
    world.until("the verdict is noted", async || world.note_says(&ada, &["Verdict: passed"]).await).await;
    assert_eq!(all().await - completed, 2, "a look and a change");
}

#[tokio::test]
async fn a_note_that_waits_for_its_turn_at_lever_is_not_looked_for() {
    let (world, _) = World::attached().await;
    let one = engine::lever::Share::new(1).expect("Lever allows ten");
    engine::lever::choose_share(&world.engine, &world.admin, one).await.expect("chosen");
    let mut all = Vec::new();
    for n in 0..4 {
        let opportunity = world.applies("Somebody", Some(&format!("n{n}@mail.example")), Some(POSTING)).await;
        world.moves_to_stage(&opportunity).await;
        all.push(opportunity);
    }
    let noted = async || {
        world.advance(Duration::from_millis(400));
        let mut noted = true;
        for opportunity in &all {
            noted &= world.note_says(opportunity, &["Status: Sent"]).await;
        }
        noted
    };
    world.until_patiently("all are noted", noted).await;
    let asked = world.lever_ledger("/v1/opportunities/").await;
    let looks = asked
        .iter()
        .filter(|call| call["method"] == "GET" && call["path"].as_str().is_some_and(|p| p.ends_with("/notes")));
    assert_eq!(looks.count(), 0, "nothing had been written, nor could have been");
}
