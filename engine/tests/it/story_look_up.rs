//! Looking up anybody in Lever: the decision with its reasons, for whoever may see the candidate; it
//! sends and writes nothing.

use std::time::Duration;

use engine::{
    access::{Member, Role},
    attachment::{self, AttachmentState, Decided, Outlook},
    fault::{FlowError, Refusal},
    invite::InviteState,
    lever::{self, LeverError},
};
use serde_json::json;

use crate::world::{ENGLISH, POSTING, PYTHON, World};

const ADA: &str = "ada@mail.example";
const OTHER: &str = "Data Analyst";

async fn found_by(world: &World, member: &Member, text: &str) -> Vec<Outlook> {
    attachment::look_up(&world.engine, member, text).await.expect("an answer")
}

async fn found(world: &World, text: &str) -> Vec<Outlook> {
    found_by(world, &world.admin, text).await
}

/// The only opportunity's answer about an assessment.
async fn about(world: &World, text: &str, assessment: &str) -> Decided {
    let mut all = found(world, text).await;
    assert_eq!(all.len(), 1, "one opportunity: {all:#?}");
    let decided = all.remove(0).decided;
    decided.into_iter().find(|it| it.assessment_name.starts_with(assessment)).expect("the attachment")
}

/// Ada stands in the stage, and nobody has told us.
async fn ada_moved_silently() -> (World, String) {
    let (world, _) = World::attached().await;
    world.lever("/sandbox/webhooks/mode", json!({ "drop": true })).await;
    let ada = world.applies("Ada Example", Some(ADA), Some(POSTING)).await;
    world.drain().await;
    world.moves(&ada, &world.stage).await;
    (world, ada)
}

#[tokio::test]
async fn each_opportunity_is_shown_with_each_attachment_and_what_comes_next() {
    let (world, _) = World::attached().await;
    world.attach(Some(OTHER), ENGLISH).await;
    let first = world.applies("Ada Example", Some(ADA), Some(POSTING)).await;
    let second = world.applies("Ada Example", Some(ADA), Some(OTHER)).await;
    let all = found(&world, ADA).await;
    let mut positions: Vec<_> = all.iter().map(|one| one.positions.join("")).collect();
    positions.sort();
    assert_eq!(positions, [OTHER, POSTING]);
    for one in &all {
        assert_eq!(
            (one.name.as_str(), one.stage_name.as_str(), one.decided.len()),
            ("Ada Example", "New applicant", 2)
        );
        assert!(one.decided.iter().all(|it| !it.matches && !it.on_stage && it.why == "is in another stage"));
    }
    world.moves_to_stage(&first).await;
    let one = found(&world, &first).await.remove(0);
    let whys: Vec<_> = one.decided.iter().map(|it| (it.position.as_deref(), it.matches, it.why.as_str())).collect();
    assert_eq!(whys[1], (Some(OTHER), false, "applied to another position"));
    assert!(whys[0].1 && whys[0].2.starts_with("fits"), "{whys:?}");
    assert_eq!(found(&world, &second).await.remove(0).stage_name, "New applicant");
}

#[tokio::test]
async fn what_it_says_is_what_then_happens_and_it_does_nothing_itself() {
    let (world, ada) = ada_moved_silently().await;
    let writes = async || {
        let asked = [("POST", "/v1"), ("PUT", "/v1"), ("DELETE", "/v1")];
        let mut count = 0;
        for (method, path) in asked {
            count += world.asked_of_lever(method, path).await;
        }
        count + world.asked_of_canditech("POST", "/api/invites").await
    };
    let before = writes().await;
    let decided = about(&world, ADA, "Python").await;
    assert!(decided.matches && decided.on_stage && decided.invite.is_none(), "{decided:?}");
    assert_eq!(decided.next, "It is sent by itself, within minutes.");
    world.drain().await;
    assert_eq!(writes().await, before, "looking writes nothing");
    assert_eq!((world.invites().await.len(), world.sent().await.len()), (0, 0), "and sends nothing");

    world.advance(Duration::from_secs(301));
    let row = world.until_state(InviteState::Sent).await;
    let decided = about(&world, &ada, "Python").await;
    assert_eq!((decided.matches, decided.why.as_str()), (false, "has it already: sent"));
    assert_eq!(decided.invite, Some(row.id));
}

#[tokio::test]
async fn the_reason_of_what_waits_is_the_invites_own() {
    let (world, attachment) = World::attached().await;
    let ada = world.applies("Ada Example", None, Some(POSTING)).await;
    world.moves_to_stage(&ada).await;
    let decided = about(&world, &ada, "Python").await;
    assert_eq!(decided.why, "fits, but has no e-mail address in Lever");
    let waiting = world.until_state(InviteState::Waiting).await;
    let decided = about(&world, &ada, "Python").await;
    assert_eq!((decided.why.as_str(), Some(decided.next)), ("has it already: waiting", waiting.reason));
    let paused = attachment::set_state(&world.engine, &world.admin, &attachment, AttachmentState::Paused, 1).await;
    paused.expect("paused");
    let ben = world.applies("Ben Example", Some("ben@mail.example"), Some(POSTING)).await;
    world.moves(&ben, &world.stage).await;
    assert_eq!(about(&world, &ben, "Python").await.why, "fits, but the attachment is paused");
}

#[tokio::test]
async fn late_archived_and_early_ones_are_told_apart() {
    let (world, ada) = ada_moved_silently().await;
    let before = world.attach(None, ENGLISH).await;
    world.moves(&ada, "applicant-new").await;
    attachment::set_state(&world.engine, &world.admin, &before, AttachmentState::Removed, 1).await.expect("removed");
    world.moves(&ada, &world.stage).await;
    world.advance(Duration::from_secs(60));
    world.attach(Some(POSTING), ENGLISH).await;
    let early = about(&world, &ada, "English").await;
    assert_eq!(early.why, "entered the stage before the attachment became active");
    world.advance(Duration::from_secs(25 * 3600));
    assert_eq!(about(&world, &ada, "Python").await.why, "fits, but entered the stage more than a day ago");
    world.lever("/sandbox/archive", json!({ "opportunity": ada })).await;
    let archived = found(&world, ADA).await.remove(0);
    assert!(archived.archived && archived.decided.iter().all(|it| it.why == "is archived in Lever"));
}

#[tokio::test]
async fn links_ids_and_the_persons_id_find_the_same() {
    let (world, _) = World::attached().await;
    let new = json!({ "name": "Ada Example", "email": ADA, "posting": POSTING });
    let made = world.lever("/sandbox/candidates", new).await;
    let (ada, contact) = (made["opportunity"].as_str().expect("an id"), made["contact"].as_str().expect("an id"));
    let link = format!("https://hire.lever.co/candidates/{ada}?stage=x");
    for text in [ADA, "  ADA@mail.example ", ada, contact, link.as_str()] {
        let all = found(&world, text).await;
        assert_eq!(all.iter().map(|one| one.opportunity.as_str()).collect::<Vec<_>>(), [ada], "{text}");
    }
    for nobody in ["eve@mail.example", "70021da4-e5fd-4b37-81c3-c6e6989ea8b3"] {
        assert_eq!(found(&world, nobody).await.len(), 0, "{nobody}");
    }
    for text in ["Ada Example", "", "ada@mail", "https://hire.lever.co/settings"] {
        let refused = attachment::look_up(&world.engine, &world.admin, text).await;
        assert!(matches!(refused, Err(FlowError::Refused(Refusal::LookUp))), "{text:?}");
    }
}

#[tokio::test]
async fn whom_a_person_may_not_see_is_not_found_at_the_same_cost() {
    let (world, _) = World::attached().await;
    world.attach(Some(OTHER), ENGLISH).await;
    for email in ["aisha@halden.example", "ken@halden.example"] {
        world.member(email, Role::LimitedTeamMember).await;
    }
    let new = json!({ "name": "Ada Example", "email": ADA, "posting": POSTING, "followers": ["Aisha Bello"] });
    let ada = world.lever("/sandbox/candidates", new).await["opportunity"].as_str().expect("an id").to_owned();
    world.drain().await;
    let (aisha, ken) = (world.again("aisha@halden.example").await, world.again("ken@halden.example").await);
    let seen = found_by(&world, &aisha, ADA).await.remove(0);
    let positions: Vec<_> = seen.decided.iter().map(|it| it.position.as_deref()).collect();
    assert_eq!(positions, [Some(POSTING)], "of another position she hears nothing");
    let asked = async |text: &str| {
        let before = world.asked_of_lever("GET", "/v1/opportunities").await;
        assert_eq!(found_by(&world, &ken, text).await.len(), 0, "{text}");
        world.asked_of_lever("GET", "/v1/opportunities").await - before
    };
    assert_eq!(asked(ADA).await, asked("eve@mail.example").await);
    assert_eq!(asked(&ada).await, asked("70021da4-e5fd-4b37-81c3-c6e6989ea8b3").await);
    // Ken manages this position in Lever.
    let ben = world.applies("Ben Example", Some("ben@mail.example"), Some(OTHER)).await;
    assert_eq!(found_by(&world, &ken, &ben).await.len(), 1);
    assert_eq!(found_by(&world, &aisha, &ben).await.len(), 0);
}

#[tokio::test]
async fn a_position_that_became_confidential_is_named_to_nobody_else() {
    let (world, _) = World::attached().await;
    world.attach(Some(OTHER), ENGLISH).await;
    world.member("jonas@halden.example", Role::TeamMember).await;
    let ada = world.applies("Ada Example", Some(ADA), Some(POSTING)).await;
    world.drain().await;
    let jonas = world.again("jonas@halden.example").await;
    assert_eq!(found_by(&world, &jonas, &ada).await.remove(0).decided.len(), 2);
    world.lever("/sandbox/postings/change", json!({ "posting": OTHER, "confidentiality": "confidential" })).await;
    lever::sync(&world.engine, &world.admin.organization).await.expect("synced");
    let decided = found_by(&world, &jonas, &ada).await.remove(0).decided;
    assert_eq!(decided.iter().map(|it| it.position.as_deref()).collect::<Vec<_>>(), [Some(POSTING)]);
    assert_eq!(found(&world, &ada).await.remove(0).decided.len(), 2, "an Admin still sees it");
}

#[tokio::test]
async fn another_organization_has_another_lever() {
    let (world, _) = World::attached().await;
    let ada = world.applies("Ada Example", Some(ADA), Some(POSTING)).await;
    let stranger = crate::world::add_user(&world.engine, "Another Company", "eve@another.example", Role::SuperAdmin);
    let asked = attachment::look_up(&world.engine, &stranger.await, &ada).await;
    assert!(matches!(asked, Err(FlowError::NotConnected)));
}

#[tokio::test]
async fn a_lever_that_is_down_or_revoked_is_said_to_be_so() {
    let (world, _) = World::attached().await;
    world.attach(None, PYTHON).await;
    let down = json!({ "path_prefix": "/v1/opportunities", "kind": { "status": { "code": 503 } }, "times": 1 });
    world.fault_at_lever(down).await;
    let asked = attachment::look_up(&world.engine, &world.admin, ADA).await;
    assert!(matches!(asked, Err(FlowError::Lever(LeverError::Temporary(_)))), "{asked:?}");
    world.revoke_in_lever().await;
    world.advance(Duration::from_secs(2 * 3600));
    let asked = attachment::look_up(&world.engine, &world.admin, ADA).await;
    assert!(matches!(asked, Err(FlowError::NotConnected)), "{asked:?}");
}
