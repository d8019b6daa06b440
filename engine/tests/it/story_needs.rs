//! What needs a person, and what mends it: on the dashboard each is one press.

use std::time::Duration;

use engine::{
    access::{Member, Role},
    attachment::{self, AttachmentState, NotOffered},
    fault::FlowError,
    invite::{self, InviteState, Need, Remedy},
    job, note,
    trouble::{self, Gone, Trouble},
};
use serde_json::json;

use crate::world::{POSTING, PYTHON, Sender, World};

const ADA: &str = "ada@mail.example";

async fn needs(world: &World, member: &Member) -> Vec<Need> {
    invite::needs(&world.engine, member, 6).await.expect("the list").0
}

async fn troubles(world: &World) -> Vec<Trouble> {
    trouble::standing(&world.engine, &world.admin).await.expect("the list")
}

#[tokio::test]
async fn what_waits_for_a_paused_attachment_goes_on_by_resuming_it() {
    let (world, attachment) = World::attached().await;
    attachment::set_state(&world.engine, &world.admin, &attachment, AttachmentState::Paused, 1).await.expect("paused");
    let ada = world.applies("Ada Example", Some(ADA), Some(POSTING)).await;
    world.moves_to_stage(&ada).await;
    world.until_state(InviteState::Waiting).await;
    let need = needs(&world, &world.admin).await.remove(0);
    assert_eq!(need.remedies[0], Remedy::Resume(attachment.clone()));
    let priya = world.member("priya@halden.example", Role::TeamMember).await;
    assert_eq!(needs(&world, &priya).await.remove(0).remedies, []);
    let refused = invite::resume(&world.engine, &priya, &attachment).await;
    assert!(matches!(refused, Err(FlowError::Forbidden(_))));
    invite::resume(&world.engine, &world.admin, &attachment).await.expect("resumed");
    world.until_state(InviteState::Sent).await;
    assert!(matches!(invite::resume(&world.engine, &world.admin, &attachment).await, Err(FlowError::Conflict)));
    assert_eq!(needs(&world, &world.admin).await.len(), 0);
}

#[tokio::test]
async fn an_assessment_that_is_gone_is_to_be_changed() {
    let (world, attachment) = World::attached().await;
    job::schedule_standing_work(&world.engine).await.expect("scheduled");
    world.canditech(&format!("/sandbox/assessments/{PYTHON}/archive"), json!({})).await;
    let ada = world.applies("Ada Example", Some(ADA), Some(POSTING)).await;
    world.moves_to_stage(&ada).await;
    world.until_state(InviteState::Failed).await;
    world.until("the assessment is known to be gone", async || !troubles(&world).await.is_empty()).await;
    let gone = troubles(&world).await.remove(0);
    let archived = Gone::Assessment(NotOffered::Archived);
    assert!(matches!(gone, Trouble::Attachment { id, gone, .. } if id == attachment && gone == archived));
    let need = needs(&world, &world.admin).await.remove(0);
    assert_eq!(need.remedies[0], Remedy::ChangeAttachment(attachment));
}

#[tokio::test]
async fn a_lost_connection_is_one_trouble_for_whoever_can_mend_it() {
    let (world, _) = World::attached().await;
    let ada = world.applies("Ada Example", Some(ADA), Some(POSTING)).await;
    world.revoke_in_lever().await;
    world.advance(Duration::from_secs(2 * 3600));
    world.moves(&ada, &world.stage).await;
    world.until("it is known", async || matches!(troubles(&world).await.first(), Some(Trouble::Lever { .. }))).await;
    let priya = world.member("priya@halden.example", Role::TeamMember).await;
    assert_eq!(trouble::standing(&world.engine, &priya).await.expect("nothing"), []);
    world.connect().await;
    world.until("it is over", async || troubles(&world).await.is_empty()).await;
}

#[tokio::test]
async fn work_that_was_given_up_can_be_done_again() {
    let (world, _) = World::attached().await;
    let refuses = json!({ "path_prefix": "/v1/opportunities", "kind": { "status": { "code": 422 } } });
    world.fault_at_lever(refuses).await;
    let ada = world.applies("Ada Example", Some(ADA), Some(POSTING)).await;
    world.moves(&ada, &world.stage).await;
    world.hear(Sender::Lever).await;
    world.until("it is given up", async || !troubles(&world).await.is_empty()).await;
    let Trouble::Work { id, kind, .. } = troubles(&world).await.remove(0) else { panic!("work") };
    assert_eq!(kind, "reconcile");
    world.forget_faults_at_lever().await;
    job::replay(&world.engine, &world.admin, &id).await.expect("again");
    world.until_state(InviteState::Sent).await;
    assert_eq!(troubles(&world).await, []);
}

#[tokio::test]
async fn a_note_that_lever_refused_is_told_to_whoever_sees_the_candidate_and_can_be_tried_again() {
    let (world, _) = World::attached().await;
    let ken = world.member("ken@halden.example", Role::LimitedTeamMember).await;
    let refuses =
        json!({ "path_prefix": "/v1/opportunities", "method": "POST", "kind": { "status": { "code": 403 } } });
    world.fault_at_lever(refuses).await;
    let ada = world.applies("Ada Example", Some(ADA), Some(POSTING)).await;
    world.moves_to_stage(&ada).await;
    let row = world.until_state(InviteState::Sent).await;
    let problems = async |member: &Member| note::problems(&world.engine, member, 6).await.expect("the list");
    world.until("it is told", async || problems(&world.admin).await.len() == 1).await;
    let (told, why) = problems(&world.admin).await.remove(0);
    assert!(told.id == row.id && why.contains("forbids"), "{why}");
    assert_eq!(problems(&ken).await.len(), 0);
    assert!(matches!(note::try_again(&world.engine, &ken, &row.id).await, Err(FlowError::NotFound)));
    world.forget_faults_at_lever().await;
    note::try_again(&world.engine, &world.admin, &row.id).await.expect("again");
    world.until("it is there", async || world.note_says(&ada, &["Status: Sent"]).await).await;
    assert_eq!(problems(&world.admin).await.len(), 0);
}
