//! A candidate asks to be forgotten, and a Super Admin has it done.

use engine::{
    access::{Permission, Role},
    audit::By,
    erasure::{self, Cause, NoteFate, ProviderFate},
    fault::FlowError,
    invite::{self, Decision, InviteState, Row},
};
use serde_json::json;

use super::{ADA, ada_is_sent, deeds, is_at_the_provider, is_erased, receipt, rows, until_it_says};
use crate::world::{ENGLISH, POSTING, World};

async fn row_of(world: &World, before: &Row) -> Row {
    world.invites().await.into_iter().find(|row| row.id == before.id).expect("it is there")
}

#[tokio::test]
async fn it_is_done_at_once_here_and_follows_in_lever_and_at_the_provider() {
    let (world, _) = World::attached().await;
    let (ada, invite) = ada_is_sent(&world).await;
    world.submits(ADA, Some(87)).await;
    world.until("noted", async || world.note_says(&ada, &["Score: 87/100"]).await).await;
    erasure::on_request(&world.engine, &world.admin, &invite.id).await.expect("erased");
    let row = row_of(&world, &invite).await;
    assert_eq!((row.candidate_name.as_str(), row.state), ("Anonymised candidate", InviteState::Completed));
    assert!(row.score.is_some(), "the result stays, without a name");
    let told = until_it_says(&world, &invite.id, "all is settled", |told| {
        told.note != NoteFate::Open && told.provider != ProviderFate::Open
    })
    .await;
    assert_eq!((told.cause, told.note, told.provider), (Cause::Request, NoteFate::Deleted, ProviderFate::Accepted));
    assert_eq!(world.notes(&ada).await, Vec::<String>::new());
    assert!(!is_at_the_provider(&world, ADA).await);
    let deeds = deeds(&world).await;
    assert_eq!((deeds.len(), &deeds[0].by), (1, &By::Person(world.admin.user.clone())));
    // Lever still has her, and moves her in and out: nothing of her comes back, and nobody asks her again.
    world.moves(&ada, "offer").await;
    world.moves_to_stage(&ada).await;
    world.drain().await;
    assert_eq!(row_of(&world, &invite).await.candidate_name, "Anonymised candidate");
    assert_eq!((world.invites().await.len(), world.sent_to(ADA).await), (1, 0));
    erasure::on_request(&world.engine, &world.admin, &invite.id).await.expect("it is so already");
    assert_eq!(receipt(&world, &invite.id).await.map(|again| again.erased_at), Some(told.erased_at));
    assert_eq!(super::deeds(&world).await.len(), 1);
    if let Some(found) = world.found_on_disk(ADA) {
        world.engine.db.forget_deleted().await.expect("the database works");
        assert_eq!(world.found_on_disk(ADA), Some(0), "it was there {found} times");
    }
}

#[tokio::test]
async fn a_note_in_the_account_that_was_connected_before_is_left_to_a_person() {
    let (world, _) = World::attached().await;
    let (_, invite) = ada_is_sent(&world).await;
    // The account that is connected now knows nobody of the one before.
    world.lever("/sandbox/account", json!({ "domain": "other.example" })).await;
    world.connect_other_account().await;
    erasure::on_request(&world.engine, &world.admin, &invite.id).await.expect("erased");
    let told = until_it_says(&world, &invite.id, "it is settled", |told| told.note != NoteFate::Open).await;
    assert_eq!(told.note, NoteFate::Refused, "that it is gone nobody can tell");
}

#[tokio::test]
async fn what_the_provider_said_of_somebody_whom_it_refused_goes_too() {
    const WORDS: &str = "Miss Quillfeather is not welcome";
    let (world, _) = World::attached().await;
    let body = json!({ "error": { "code": "not_allowed", "message": WORDS } }).to_string();
    let refused = json!({ "status": { "code": 400, "body": body } });
    world.fault_at_canditech(json!({ "path_prefix": "/api/invites", "method": "POST", "kind": refused })).await;
    let ada = world.applies("Ada Example", Some(ADA), Some(POSTING)).await;
    world.moves_to_stage(&ada).await;
    let failed = world.until_state(InviteState::Failed).await;
    assert!(failed.reason.as_deref().is_some_and(|reason| reason.contains(WORDS)), "{failed:?}");
    let told = "SELECT (SELECT COUNT(*) FROM invites WHERE reason LIKE '%Quillfeather%')
        + (SELECT COUNT(*) FROM timeline WHERE sentence LIKE '%Quillfeather%' OR cause LIKE '%Quillfeather%')
        + (SELECT COUNT(*) FROM jobs WHERE last_error LIKE '%Quillfeather%')";
    assert!(rows(&world, told).await > 1, "people were told why");
    erasure::on_request(&world.engine, &world.admin, &failed.id).await.expect("erased");
    assert_eq!(rows(&world, told).await, 0);
    let row = row_of(&world, &failed).await;
    assert_eq!((row.state, row.candidate_name.as_str()), (InviteState::Failed, "Anonymised candidate"));
    if world.found_on_disk(WORDS).is_some() {
        world.engine.db.forget_deleted().await.expect("the database works");
        assert_eq!(world.found_on_disk(WORDS), Some(0));
    }
}

#[tokio::test]
async fn all_invites_of_the_person_go_and_what_was_not_sent_is_not_sent() {
    let (world, _) = World::attached().await;
    let (_, sent) = ada_is_sent(&world).await;
    world.attach(Some("Software Engineer"), ENGLISH).await;
    let other = world.applies("Ada Example", Some(ADA), Some("Software Engineer")).await;
    world.fault_at_canditech(json!({ "path_prefix": "/api/invites", "kind": { "status": { "code": 503 } } })).await;
    world.moves_to_stage(&other).await;
    let ben = world.applies("Ben Example", Some("ben@mail.example"), Some(POSTING)).await;
    world.moves_to_stage(&ben).await;
    world.drain().await;
    erasure::on_request(&world.engine, &world.admin, &sent.id).await.expect("erased");
    world.forget_faults_at_canditech().await;
    let bens = |row: &Row| row.candidate_name == "Ben Example";
    world
        .until("Ben's is sent", async || {
            world.advance(std::time::Duration::from_secs(60));
            world.invites().await.iter().any(|row| bens(row) && row.state == InviteState::Sent)
        })
        .await;
    // The second send was tried by then; Lever knows her as before, and that is not to bring her back.
    for _ in 0..5 {
        world.advance(std::time::Duration::from_secs(60));
        world.drain().await;
    }
    for row in world.invites().await {
        assert_eq!(is_erased(&world, &row.id).await, !bens(&row), "{row:?}");
        assert!(
            row.state != InviteState::Queued
                && (bens(&row) || row.id == sent.id || row.state == InviteState::Cancelled)
        );
    }
    assert_eq!(world.sent_to(ADA).await, 0);
    let named = "SELECT COUNT(*) FROM invites WHERE anonymized_at IS NOT NULL AND candidate_email IS NOT NULL";
    assert_eq!(rows(&world, named).await, 0);
}

#[tokio::test]
async fn it_is_for_super_admins_of_the_organization_alone() {
    let (world, _) = World::attached().await;
    let (_, invite) = ada_is_sent(&world).await;
    for role in [Role::Admin, Role::TeamMember, Role::LimitedTeamMember] {
        let member = world.member(&format!("{role:?}@halden.example"), role).await;
        let refused = erasure::on_request(&world.engine, &member, &invite.id).await;
        assert!(matches!(refused, Err(FlowError::Forbidden(Permission::EraseCandidates))), "{role:?}");
    }
    let olga = crate::world::add_user(&world.engine, "Another", "olga@another.example", Role::SuperAdmin).await;
    assert!(matches!(erasure::on_request(&world.engine, &olga, &invite.id).await, Err(FlowError::NotFound)));
    assert_eq!(rows(&world, "SELECT COUNT(*) FROM erasures").await, 0);
}

#[tokio::test]
async fn whoever_was_erased_is_nobodys_to_send_to() {
    let (world, _) = World::attached().await;
    let gone =
        serde_json::json!({ "status": { "code": 404, "body": "{\"error\":{\"code\":\"assessment_not_found\"}}" } });
    let fault = serde_json::json!({ "path_prefix": "/api/invites", "method": "POST", "kind": gone, "times": 1 });
    world.fault_at_canditech(fault).await;
    let ada = world.applies("Ada Example", Some(ADA), Some(POSTING)).await;
    world.moves_to_stage(&ada).await;
    let failed = world.until_state(InviteState::Failed).await;
    erasure::on_request(&world.engine, &world.admin, &failed.id).await.expect("erased");
    let sent = invite::decide(&world.engine, &world.admin, std::slice::from_ref(&failed.id), Decision::Send).await;
    assert_eq!(sent.expect("allowed"), 0);
    world.advance(std::time::Duration::from_secs(60));
    world.drain().await;
    assert_eq!((row_of(&world, &failed).await.state, world.sent_to(ADA).await), (InviteState::Failed, 0));
}
