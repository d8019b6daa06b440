//! A person looks at what came in and what was given up, and has it done again; nobody is invited twice.

use std::time::Duration;

use engine::{
    access::Role,
    connection,
    delivery::{self, DeliveryRow, Show},
    fault::FlowError,
    invite::InviteState,
    job::{self, JobRow},
};
use serde_json::json;

use crate::world::{POSTING, Sender, World, signed};

const ADA: &str = "ada@mail.example";

async fn shown(world: &World, show: Show) -> Vec<DeliveryRow> {
    delivery::list_only(&world.engine, &world.admin, show, None, 50).await.expect("the list")
}

async fn given_up(world: &World) -> Vec<JobRow> {
    let jobs = job::unfinished(&world.engine, &world.admin, 100).await.expect("the list");
    jobs.into_iter().filter(|job| job.state == "dead").collect()
}

/// A candidate is moved, and what is to be done about it is refused for good.
pub async fn refused_for_good(world: &World) -> String {
    let refusal = json!({ "status": { "code": 400, "body": "{}" } });
    world.fault_at_lever(json!({ "path_prefix": "/v1/opportunities/", "method": "GET", "kind": refusal })).await;
    let ada = world.applies("Ada Example", Some(ADA), Some(POSTING)).await;
    world.moves_to_stage(&ada).await;
    world.drain().await;
    world.forget_faults_at_lever().await;
    ada
}

#[tokio::test]
async fn what_was_given_up_says_why_and_is_done_again_on_a_persons_word() {
    let (world, _) = World::attached().await;
    refused_for_good(&world).await;
    let (dead, problems) = (given_up(&world).await, shown(&world, Show::Problem).await);
    assert_eq!((dead.len(), problems.len()), (1, 1), "{dead:?} {problems:?}");
    assert!(dead[0].last_error.as_ref().is_some_and(|why| why.contains("400")), "{dead:?}");
    assert!(problems[0].has_problem && problems[0].outcome == dead[0].last_error, "{problems:?}");
    assert_eq!(world.sent().await.len(), 0);

    job::replay(&world.engine, &world.admin, &dead[0].id).await.expect("done again");
    assert_eq!(given_up(&world).await.len(), 0);
    assert_eq!(shown(&world, Show::Waiting).await.len(), 1);
    world.until_state(InviteState::Sent).await;
    assert_eq!((shown(&world, Show::Waiting).await.len(), shown(&world, Show::Problem).await.len()), (0, 0));
    let twice = job::replay(&world.engine, &world.admin, &dead[0].id).await;
    assert!(matches!(twice, Err(FlowError::Conflict)), "it is no longer given up");
    assert_eq!(world.sent().await.len(), 1);
}

#[tokio::test]
async fn a_message_that_is_replayed_again_and_again_invites_nobody_twice() {
    let (world, _) = World::attached().await;
    let ada = world.applies("Ada Example", Some(ADA), Some(POSTING)).await;
    world.moves_to_stage(&ada).await;
    world.until_state(InviteState::Sent).await;
    world.submits(ADA, Some(87)).await;
    world.until_state(InviteState::Completed).await;
    let all = shown(&world, Show::All).await;
    assert!(all.iter().any(|row| row.from_lever) && all.iter().any(|row| !row.from_lever), "{all:?}");
    for _ in 0..3 {
        for row in &all {
            delivery::replay(&world.engine, &world.admin, &row.id).await.expect("done again");
        }
        world.drain().await;
    }
    assert_eq!(shown(&world, Show::Waiting).await.len(), 0);
    assert_eq!(world.the_invite().await.state, InviteState::Completed);
    assert_eq!(world.sent().await.len(), 1);
    assert_eq!(world.notes(&ada).await.len(), 1);
}

#[tokio::test]
async fn a_send_that_nobody_can_tell_about_stays_a_persons_to_decide() {
    let (world, _) = World::attached().await;
    world.fault_at_canditech(json!({ "path_prefix": "/api/invites", "kind": { "status": { "code": 503 } } })).await;
    let ada = world.applies("Ada Example", Some(ADA), Some(POSTING)).await;
    world.moves_to_stage(&ada).await;
    for _ in 0..30 {
        world.drain().await;
        world.advance(Duration::from_secs(3_601));
    }
    world.drain().await;
    world.forget_faults_at_canditech().await;
    let dead = given_up(&world).await;
    assert_eq!((dead.len(), dead[0].kind.as_str()), (1, "send"));
    let before = world.the_invite().await;
    assert_eq!(dead[0].invite.as_ref(), Some(&before.id));
    job::replay(&world.engine, &world.admin, &dead[0].id).await.expect("done again");
    world.drain().await;
    assert_eq!(world.the_invite().await.state, before.state);
    assert_eq!(world.sent().await.len(), 0);
}

#[tokio::test]
async fn a_message_is_shown_without_what_names_a_person_or_opens_a_door() {
    let (world, _) = World::attached().await;
    let ada = world.applies("Ada Example", Some(ADA), Some(POSTING)).await;
    world.moves_to_stage(&ada).await;
    world.until_state(InviteState::Sent).await;
    let id = &shown(&world, Show::All).await.last().expect("the webhook").id.clone();
    let seen = delivery::inspect(&world.engine, &world.admin, id).await.expect("the message");
    assert_eq!(seen.invite, Some(world.the_invite().await.id));
    let value = |name: &str| seen.parts.iter().find(|(part, _)| part == name).and_then(|(_, value)| value.clone());
    assert_eq!(value("data.opportunityId"), Some(ada));
    assert!(seen.parts.iter().any(|(name, value)| name == "signature" && value.is_none()), "{seen:?}");
    assert!(seen.parts.iter().any(|(name, value)| name == "token" && value.is_none()), "{seen:?}");
}

#[tokio::test]
async fn only_who_manages_attachments_of_that_organization_looks_and_replays() {
    let (world, _) = World::attached().await;
    refused_for_good(&world).await;
    let (dead, message) = (given_up(&world).await[0].id.clone(), shown(&world, Show::All).await[0].id.clone());
    let priya = world.member("priya@halden.example", Role::TeamMember).await;
    let stranger = crate::world::add_user(&world.engine, "Other", "boss@other.example", Role::SuperAdmin).await;
    assert!(matches!(job::replay(&world.engine, &priya, &dead).await, Err(FlowError::Forbidden(_))));
    assert!(matches!(delivery::replay(&world.engine, &priya, &message).await, Err(FlowError::Forbidden(_))));
    assert!(matches!(delivery::inspect(&world.engine, &priya, &message).await, Err(FlowError::Forbidden(_))));
    assert!(matches!(job::replay(&world.engine, &stranger, &dead).await, Err(FlowError::Conflict)));
    assert!(matches!(delivery::replay(&world.engine, &stranger, &message).await, Err(FlowError::NotFound)));
    assert!(matches!(delivery::inspect(&world.engine, &stranger, &message).await, Err(FlowError::NotFound)));
    assert_eq!(given_up(&world).await.len(), 1);
}

#[tokio::test]
async fn a_message_about_a_person_is_replayed_for_all_their_candidacies() {
    let (world, _) = World::attached().await;
    let ada = world.applies("Ada Example", Some(ADA), Some(POSTING)).await;
    world.moves(&ada, &world.stage).await;
    let endpoint = world.hear(Sender::Lever).await.endpoint;
    let again = world.applies("Ada Example", Some("ada.again@mail.example"), Some(POSTING)).await;
    world.lever("/sandbox/merge", json!({ "from": again, "into": ada })).await;
    world.moves_to_stage(&again).await;
    world.until("both are sent", async || world.sent().await.len() == 2).await;

    let key = "a token of a webhook made by hand";
    connection::paste_signature_token(&world.engine, &world.admin, key).await.expect("taken");
    let state = world.lever_state().await;
    let all = state["opportunities"].as_array().expect("a list");
    let contact = &all.iter().find(|one| one["id"] == ada.as_str()).expect("Ada")["contact"];
    let mut message = signed(key, "token-1", world.engine.clock.now(), &json!({ "contactId": contact }));
    message["event"] = json!("contactUpdated");
    let received = delivery::receive_lever(&world.engine, &endpoint, message.to_string().as_bytes()).await;
    assert_eq!(received.expect("the database works"), delivery::Received::Accepted);
    world.drain().await;

    let reads = async || {
        let of = async |id: &str| world.asked_of_lever("GET", &format!("/v1/opportunities/{id}")).await;
        [of(&ada).await, of(&again).await]
    };
    let before = reads().await;
    let row = shown(&world, Show::All).await.into_iter().find(|row| row.event == "contactUpdated").expect("kept");
    delivery::replay(&world.engine, &world.admin, &row.id).await.expect("done again");
    world.drain().await;
    assert_eq!(reads().await, before.map(|reads| reads + 1), "both are looked at again");
    assert_eq!(shown(&world, Show::Waiting).await.len(), 0);
}
