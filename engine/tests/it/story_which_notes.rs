//! Which notes Lever gets, by the organization's choice: of what was sent at once or when completed, of what
//! could not be sent once it stands still; in step from then on.

use std::time::Duration;

use engine::{
    access::Role,
    fault::FlowError,
    invite::{self, Decision, InviteState},
    note::{self, Choice, NoteState, Start, Unsent},
    verdict::{self, Verdict},
};
use serde_json::json;

use crate::world::{POSTING, PYTHON, World};

const ADA: &str = "ada@mail.example";
const MINUTE: Duration = Duration::from_secs(60);
const NO_ADDRESS: &str = "Status: Not sent (no e-mail address in Lever)";

async fn choose(world: &World, choice: Unsent) {
    let choice = Choice { start: Start::Sent, unsent: choice };
    note::choose(&world.engine, &world.admin, choice).await.expect("chosen");
}

/// Ada enters the stage without an e-mail address, where the organization chose so.
async fn ada_waits(choice: Unsent) -> (World, String) {
    let (world, _) = World::attached().await;
    choose(&world, choice).await;
    let ada = world.applies("Ada Example", None, Some(POSTING)).await;
    world.moves_to_stage(&ada).await;
    world.until_state(InviteState::Waiting).await;
    (world, ada)
}

async fn passes(world: &World, by: Duration) {
    world.advance(by);
    world.drain().await;
}

async fn gets_an_address(world: &World, ada: &str) {
    world.lever("/sandbox/email", json!({ "opportunity": ada, "emails": [ADA] })).await;
    world.advance(15 * MINUTE + Duration::from_secs(1));
    world.until_state(InviteState::Sent).await;
    world.until("the one note says so", async || world.note_says(ada, &["Status: Sent"]).await).await;
}

#[tokio::test]
async fn nothing_is_told_unless_the_organization_chose_so() {
    let (world, ada) = ada_waits(Unsent::NotTold).await;
    let chosen = note::chosen(&world.engine, &world.admin).await.expect("readable");
    assert_eq!(chosen, Choice { start: Start::Sent, unsent: Unsent::NotTold });
    passes(&world, 10 * MINUTE).await;
    assert_eq!(world.notes(&ada).await, Vec::<String>::new());
    let row = world.the_invite().await;
    let shown = note::as_lever_has_it(&world.engine, &world.admin, &row.id).await.expect("visible");
    assert_eq!(shown.state, NoteState::InStep);
    gets_an_address(&world, &ada).await;
}

#[tokio::test]
async fn what_stands_still_is_told_and_becomes_sent_in_place() {
    let (world, ada) = ada_waits(Unsent::Told).await;
    passes(&world, 4 * MINUTE).await;
    assert_eq!(world.notes(&ada).await, Vec::<String>::new(), "it may mend itself yet");
    world.advance(MINUTE + Duration::from_secs(1));
    world.until("the note says why", async || world.note_says(&ada, &[NO_ADDRESS]).await).await;
    let note = world.notes(&ada).await.remove(0);
    assert!(!note.contains("Score") && !note.contains("Verdict"), "{note}");
    gets_an_address(&world, &ada).await;
    assert_eq!(world.asked_of_lever("POST", "/v1/opportunities").await, 1, "one note, changed in place");
    let row = world.the_invite().await;
    let shown = note::as_lever_has_it(&world.engine, &world.admin, &row.id).await.expect("visible");
    assert_eq!(shown.state, NoteState::InStep);
}

#[tokio::test]
async fn what_mends_itself_soon_is_not_told() {
    let (world, _) = World::attached().await;
    choose(&world, Unsent::Told).await;
    let busy =
        json!({ "path_prefix": "/api/invites", "method": "POST", "kind": { "status": { "code": 402 } }, "times": 1 });
    world.fault_at_canditech(busy).await;
    let ada = world.applies("Ada Example", Some(ADA), Some(POSTING)).await;
    world.moves_to_stage(&ada).await;
    world.until_state(InviteState::Waiting).await;
    passes(&world, MINUTE).await;
    world.connect_provider(engine::provider::Protocol::Canditech).await;
    world.until_state(InviteState::Sent).await;
    world.until("sent, and nothing else", async || world.note_says(&ada, &["Status: Sent"]).await).await;
    assert_eq!(world.asked_of_lever("PUT", "/v1/opportunities").await, 0);
}

#[tokio::test]
async fn a_failure_is_told_and_goes_when_a_person_had_it_sent() {
    let (world, _) = World::attached().await;
    choose(&world, Unsent::Told).await;
    world.canditech(&format!("/sandbox/assessments/{PYTHON}/archive"), json!({})).await;
    let ada = world.applies("Ada Example", Some(ADA), Some(POSTING)).await;
    world.moves_to_stage(&ada).await;
    let row = world.until_state(InviteState::Failed).await;
    assert!(row.reason.as_ref().is_some_and(|reason| !reason.is_empty()));
    world.advance(5 * MINUTE + Duration::from_secs(1));
    let says_why = async || world.notes(&ada).await.first().is_some_and(|note| note.contains("Status: Not sent ("));
    world.until("the note says why", says_why).await;
    world.canditech(&format!("/sandbox/assessments/{PYTHON}/publish"), json!({})).await;
    let sent = invite::decide(&world.engine, &world.admin, &[row.id], Decision::Send).await;
    assert_eq!(sent.expect("allowed"), 1);
    world.until("the one note says so", async || world.note_says(&ada, &["Status: Sent"]).await).await;
}

#[tokio::test]
async fn a_note_that_is_there_stays_true_when_it_is_dropped_or_chosen_otherwise() {
    let (world, ada) = ada_waits(Unsent::Told).await;
    passes(&world, 6 * MINUTE).await;
    world.until("the note says why", async || world.note_says(&ada, &[NO_ADDRESS]).await).await;
    choose(&world, Unsent::NotTold).await;
    let ben = world.applies("Ben Example", None, Some(POSTING)).await;
    world.moves_to_stage(&ben).await;
    world.until("both wait", async || world.invites().await.len() == 2).await;
    passes(&world, 6 * MINUTE).await;
    assert_eq!(world.notes(&ben).await, Vec::<String>::new(), "of the next one nothing is told");
    let ids: Vec<_> = world.invites().await.into_iter().map(|row| row.id).collect();
    assert_eq!(invite::decide(&world.engine, &world.admin, &ids, Decision::Drop).await.expect("allowed"), 2);
    let dropped = "Status: Not sent (nora decided not to send it)";
    world.until("the note stays true", async || world.note_says(&ada, &[dropped]).await).await;
    assert_eq!(world.notes(&ben).await, Vec::<String>::new());
}

#[tokio::test]
async fn only_a_super_admin_chooses() {
    let (world, _) = World::attached().await;
    let tomas = world.member("tomas@halden.example", Role::Admin).await;
    let choice = Choice { start: Start::Completed, unsent: Unsent::Told };
    let refused = note::choose(&world.engine, &tomas, choice).await;
    assert!(matches!(refused, Err(FlowError::Forbidden(_))));
    let standing = note::chosen(&world.engine, &tomas).await.expect("readable");
    assert_eq!(standing, Choice { start: Start::Sent, unsent: Unsent::NotTold });
}

/// Ada is sent the assessment where the organization has only what is completed noted.
async fn ada_is_sent_and_not_noted() -> (World, String) {
    let (world, _) = World::attached().await;
    let choice = Choice { start: Start::Completed, unsent: Unsent::Told };
    note::choose(&world.engine, &world.admin, choice).await.expect("chosen");
    let ada = world.applies("Ada Example", Some(ADA), Some(POSTING)).await;
    world.moves_to_stage(&ada).await;
    world.until_state(InviteState::Sent).await;
    passes(&world, MINUTE).await;
    assert_eq!(world.notes(&ada).await, Vec::<String>::new());
    (world, ada)
}

#[tokio::test]
async fn by_choice_only_what_is_completed_is_noted_and_its_note_costs_three_calls() {
    let (world, ada) = ada_is_sent_and_not_noted().await;
    let row = world.the_invite().await;
    let shown = note::as_lever_has_it(&world.engine, &world.admin, &row.id).await.expect("visible");
    assert_eq!((shown.text, shown.state), (None, NoteState::InStep));
    world.submits(ADA, Some(87)).await;
    let row = world.until_state(InviteState::Completed).await;
    world.until("it is noted", async || world.note_says(&ada, &["Status: Completed", "Score: 87/100"]).await).await;
    verdict::give(&world.engine, &world.admin, &row.id, Verdict::Passed, None, None).await.expect("given");
    world.until("the verdict too", async || world.note_says(&ada, &["Verdict: passed"]).await).await;
    let calls = async |method| world.asked_of_lever(method, &format!("/v1/opportunities/{ada}/notes")).await;
    assert_eq!((calls("POST").await, calls("GET").await, calls("PUT").await), (1, 1, 1));
}
