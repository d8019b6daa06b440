//! An assessment changes at the provider between attachment and send: the attachment says so, in time.

use std::time::Duration;

use engine::{
    attachment::{self, AttachmentRow, AttachmentState, NotOffered},
    id::AttachmentId,
    invite::InviteState,
    job, provider,
    trouble::{self, Gone, Trouble},
};
use serde_json::json;

use crate::world::{POSTING, PYTHON, World};

const ADA: &str = "ada@mail.example";

async fn at_canditech(world: &World, what: &str) {
    let body = if what == "rename" { json!({ "name": "Python, advanced" }) } else { json!({}) };
    world.canditech(&format!("/sandbox/assessments/{PYTHON}/{what}"), body).await;
}

async fn shown(world: &World) -> AttachmentRow {
    attachment::list(&world.engine, &world.admin).await.expect("the list").remove(0)
}

async fn on_the_dashboard(world: &World) -> Vec<(AttachmentId, Gone)> {
    let all = trouble::standing(&world.engine, &world.admin).await.expect("the list");
    let of_attachment = |one| match one {
        Trouble::Attachment { id, gone, .. } => Some((id, gone)),
        Trouble::Lever { .. } | Trouble::Provider { .. } | Trouble::Work { .. } => None,
    };
    all.into_iter().filter_map(of_attachment).collect()
}

async fn sync(world: &World) {
    let account = provider::account(&world.engine, &world.admin).await.expect("readable").expect("an account");
    provider::sync(&world.engine, &account.id).await.expect("synced");
}

#[tokio::test]
async fn what_is_deleted_archived_or_unpublished_is_flagged_at_its_attachment_before_anybody_meets_it() {
    let (world, id) = World::attached().await;
    for (what, why) in
        [("archive", NotOffered::Archived), ("unpublish", NotOffered::Draft), ("delete", NotOffered::Deleted)]
    {
        at_canditech(&world, what).await;
        sync(&world).await;
        assert_eq!(shown(&world).await.not_offered, Some(why));
        assert_eq!(on_the_dashboard(&world).await, [(id.clone(), Gone::Assessment(why))]);
        if what != "delete" {
            at_canditech(&world, "publish").await;
            sync(&world).await;
            assert_eq!(shown(&world).await.not_offered, None);
            assert_eq!(on_the_dashboard(&world).await, []);
        }
    }
}

#[tokio::test]
async fn the_first_refused_send_has_the_attachment_flagged_at_once() {
    for (what, why) in
        [("archive", NotOffered::Archived), ("unpublish", NotOffered::Draft), ("delete", NotOffered::Deleted)]
    {
        let (world, id) = World::attached().await;
        job::schedule_standing_work(&world.engine).await.expect("scheduled");
        world.drain().await;
        let ada = world.applies("Ada Example", Some(ADA), Some(POSTING)).await;
        at_canditech(&world, what).await;
        world.moves_to_stage(&ada).await;
        let row = world.until_state(InviteState::Failed).await;
        assert!(row.reason.is_some_and(|reason| reason.ends_with('.')), "it says what to do");
        world.until("it is flagged", async || shown(&world).await.not_offered == Some(why)).await;
        assert_eq!(on_the_dashboard(&world).await, [(id, Gone::Assessment(why))]);
        for _ in 0..3 {
            world.advance(Duration::from_secs(3600));
            world.drain().await;
        }
        assert!(world.asked_of_canditech("POST", "/api/invites").await <= 3, "it is not tried for ever");
        assert_eq!(world.sent().await.len(), 0);
    }
}

#[tokio::test]
async fn a_new_name_is_the_name_of_what_is_attached_and_of_what_is_still_to_be_sent() {
    let (world, id) = World::attached().await;
    let ada = world.applies("Ada Example", Some(ADA), Some(POSTING)).await;
    world.moves_to_stage(&ada).await;
    world.until_state(InviteState::Sent).await;
    world.until("it is noted", async || world.note_says(&ada, &["Python, 60 min"]).await).await;
    attachment::set_state(&world.engine, &world.admin, &id, AttachmentState::Paused, 1).await.expect("paused");
    let ben = world.applies("Ben Example", Some("ben@mail.example"), Some(POSTING)).await;
    world.moves_to_stage(&ben).await;
    let of = async |name: &str| world.invites().await.into_iter().find(|row| row.candidate_name == name);
    world.until("Ben waits", async || of("Ben Example").await.is_some()).await;

    at_canditech(&world, "rename").await;
    sync(&world).await;
    assert_eq!(shown(&world).await.assessment_name, "Python, advanced");
    assert_eq!(of("Ben Example").await.expect("there").assessment_name, "Python, advanced");
    assert_eq!(of("Ada Example").await.expect("there").assessment_name, "Python, 60 min", "as it was sent");
    let paused = shown(&world).await;
    attachment::set_state(&world.engine, &world.admin, &id, AttachmentState::Active, paused.version)
        .await
        .expect("resumed");
    world.until("Ben's note has it", async || world.note_says(&ben, &["Python, advanced", "Status: Sent"]).await).await;
    let eva = world.applies("Eva Example", Some("eva@mail.example"), Some(POSTING)).await;
    world.moves_to_stage(&eva).await;
    world.until("Eva's note has it", async || world.note_says(&eva, &["Python, advanced"]).await).await;
}
