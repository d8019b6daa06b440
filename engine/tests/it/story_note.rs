//! One note, kept in step, in whatever way Lever lets us.

use std::time::Duration;

use engine::{
    invite::{InviteState, Row},
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
async fn a_person_sees_the_note_as_lever_has_it() {
    let (world, _, row) = sent().await;
    let now = note::as_lever_has_it(&world.engine, &world.admin, &row.id).await.expect("visible");
    assert_eq!(now.state, NoteState::InStep);
    assert!(now.text.is_some_and(|text| text.contains("Status: Sent")));
}
