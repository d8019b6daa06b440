//! The note in Lever and the provider's copy.

use std::time::Duration;

use engine::{
    access::Role,
    audit::By,
    erasure::{self, Cause, NoteFate, ProviderFate},
    id::InviteId,
    job,
    note::{self, NoteState},
    provider::Protocol,
};
use serde_json::{Value, json};

use super::{
    ADA, ada_is_sent, deeds, exported, is_anonymised, is_at_the_provider, is_erased, receipt, rows, until_it_says,
};
use crate::world::{POSTING, World};

const KEPT_UNDER_SEAL: &str = "SELECT COUNT(*) FROM erasures WHERE address IS NOT NULL";

/// The kinds of work that stand still, each with its state.
async fn unfinished(world: &World) -> Vec<(String, String)> {
    let work = job::unfinished(&world.engine, &world.admin, 100).await.expect("the list");
    work.into_iter().map(|row| (row.kind, row.state)).collect()
}

async fn until_work(world: &World, kind: &str, state: &str) {
    let wanted = (kind.to_owned(), state.to_owned());
    let is_so = async || {
        world.advance(Duration::from_secs(60));
        unfinished(world).await.contains(&wanted)
    };
    world.until(&format!("{kind} is {state}"), is_so).await;
}

#[tokio::test]
async fn our_note_goes_and_the_provider_forgets_and_there_is_one_receipt() {
    let (world, _) = World::attached().await;
    let (ada, invite) = ada_is_sent(&world).await;
    assert_eq!(receipt(&world, &invite.id).await, None);
    is_anonymised(&world, &ada).await;
    let settled = until_it_says(&world, &invite.id, "all is settled", |receipt| {
        receipt.note != NoteFate::Open && receipt.provider != ProviderFate::Open
    })
    .await;
    assert_eq!((settled.cause, settled.opportunity.as_str()), (Cause::Anonymised, ada.as_str()));
    assert_eq!((settled.note, settled.provider), (NoteFate::Deleted, ProviderFate::Accepted));
    assert!(settled.found_at <= settled.erased_at && settled.note_at.is_some(), "{settled:?}");
    assert!(settled.asked_at.is_some() && settled.asked_at <= settled.provider_at, "{settled:?}");
    assert_eq!(world.notes(&ada).await, Vec::<String>::new());
    assert!(!is_at_the_provider(&world, ADA).await);
    assert_eq!(rows(&world, KEPT_UNDER_SEAL).await, 0, "nobody needs the address any more");

    // Lever tells of her again.
    world.moves(&ada, &world.stage).await;
    world.hear(crate::world::Sender::Lever).await;
    world.drain().await;
    assert_eq!(receipt(&world, &invite.id).await.as_ref(), Some(&settled));
    assert_eq!(rows(&world, "SELECT COUNT(*) FROM erasures").await, 1);
    assert_eq!(world.asked_of_canditech("DELETE", "/api/candidates").await, 1);
    let now = note::as_lever_has_it(&world.engine, &world.admin, &invite.id).await.expect("visible");
    assert_eq!((now.text, now.state), (None, NoteState::Erased));

    let deeds = deeds(&world).await;
    assert_eq!(deeds.len(), 1, "{deeds:?}");
    assert_eq!((&deeds[0].by, deeds[0].subject.as_str()), (&By::Lever, invite.id.as_str()));
    let text = format!("{deeds:?}").to_lowercase();
    assert!(text.contains(&ada) && !text.contains("example"), "ids only: {text}");
    let held = exported(&world, &invite.id).await;
    let told = &held["held"]["erasures"][0];
    assert_eq!((&told["note"], &told["provider"]), (&json!("deleted"), &json!("accepted")));
    assert_eq!(told["opportunity_id"], ada.as_str());
}

#[tokio::test]
async fn a_receipt_is_shown_to_super_admins_of_the_organization_alone() {
    let (world, _) = World::attached().await;
    let (ada, invite) = ada_is_sent(&world).await;
    is_anonymised(&world, &ada).await;
    world.until("erased", async || is_erased(&world, &invite.id).await).await;
    for role in [Role::Admin, Role::TeamMember, Role::LimitedTeamMember] {
        let member = world.member(&format!("{role:?}@halden.example"), role).await;
        assert_eq!(erasure::receipt(&world.engine, &member, &invite.id).await.expect("readable"), None, "{role:?}");
    }
    let olga = crate::world::add_user(&world.engine, "Another", "olga@another.example", Role::SuperAdmin).await;
    assert_eq!(erasure::receipt(&world.engine, &olga, &invite.id).await.expect("readable"), None);
}

#[tokio::test]
async fn where_lever_cleared_the_notes_itself_there_was_none() {
    let (world, _) = World::attached().await;
    let (ada, invite) = ada_is_sent(&world).await;
    world.lever("/sandbox/anonymize", json!({ "opportunity": ada })).await;
    world.moves(&ada, "offer").await;
    world.hear(crate::world::Sender::Lever).await;
    let told = until_it_says(&world, &invite.id, "the note is settled", |told| told.note != NoteFate::Open).await;
    assert_eq!(told.note, NoteFate::NotThere);
    assert_eq!(world.asked_of_lever("DELETE", &format!("/v1/opportunities/{ada}/notes")).await, 0);
}

fn refused(path: &str, method: &str) -> Value {
    json!({ "path_prefix": path, "method": method, "kind": { "status": { "code": 405 } } })
}

#[tokio::test]
async fn a_note_that_may_not_be_deleted_is_emptied_and_where_that_is_refused_too_it_is_said() {
    for (also_refused, fate, left) in [
        (false, NoteFate::Emptied, "The candidate of this note was erased."),
        (true, NoteFate::Refused, "Status: Sent"),
    ] {
        let (world, _) = World::attached().await;
        let (ada, invite) = ada_is_sent(&world).await;
        let path = format!("/v1/opportunities/{ada}/notes");
        world.fault_at_lever(refused(&path, "DELETE")).await;
        if also_refused {
            world.fault_at_lever(refused(&path, "PUT")).await;
        }
        is_anonymised(&world, &ada).await;
        let told = until_it_says(&world, &invite.id, "the note is settled", |told| told.note != NoteFate::Open).await;
        assert_eq!(told.note, fate);
        assert!(world.note_says(&ada, &[left]).await, "{:?}", world.notes(&ada).await);
    }
}

#[tokio::test]
async fn what_somebody_quotes_of_our_note_stays_theirs() {
    let (world, _) = World::attached().await;
    let (ada, invite) = ada_is_sent(&world).await;
    let quoted = format!("See above: Candilever {}", invite.id);
    world.lever("/sandbox/notes", json!({ "opportunity": ada, "text": quoted, "by_hand": true })).await;
    is_anonymised(&world, &ada).await;
    let told = until_it_says(&world, &invite.id, "the note is settled", |told| told.note != NoteFate::Open).await;
    assert_eq!(told.note, NoteFate::Deleted);
    assert_eq!(world.notes(&ada).await, [quoted]);
}

#[tokio::test]
async fn a_note_whose_create_was_never_answered_goes_too() {
    let (world, _) = World::attached().await;
    let lost = json!({ "path_prefix": "/v1/opportunities", "method": "POST", "kind": "drop_after", "times": 1 });
    world.fault_at_lever(lost).await;
    let ada = world.applies("Ada Example", Some(ADA), Some(POSTING)).await;
    world.moves_to_stage(&ada).await;
    let invite = world.until_state(engine::invite::InviteState::Sent).await;
    world.drain().await;
    assert_eq!(world.notes(&ada).await.len(), 1, "written, and nobody heard of it");
    is_anonymised(&world, &ada).await;
    let told = until_it_says(&world, &invite.id, "the note is settled", |told| told.note != NoteFate::Open).await;
    assert_eq!(told.note, NoteFate::Deleted);
    assert_eq!(world.notes(&ada).await, Vec::<String>::new());
}

#[tokio::test]
async fn while_lever_is_not_connected_the_note_waits_and_goes_after_reconnecting() {
    let (world, _) = World::attached().await;
    let (ada, invite) = ada_is_sent(&world).await;
    let path = format!("/v1/opportunities/{ada}/notes");
    world.fault_at_lever(json!({ "path_prefix": path, "kind": { "status": { "code": 503 } }, "times": 1 })).await;
    is_anonymised(&world, &ada).await;
    world.until("erased", async || is_erased(&world, &invite.id).await).await;
    assert_eq!(receipt(&world, &invite.id).await.map(|told| told.note), Some(NoteFate::Open));
    world.revoke_in_lever().await;
    until_work(&world, "erase_note", "waiting").await;
    assert_eq!(world.notes(&ada).await.len(), 1);
    world.connect().await;
    let told = until_it_says(&world, &invite.id, "the note is settled", |told| told.note != NoteFate::Open).await;
    assert_eq!(told.note, NoteFate::Deleted);
    assert_eq!(world.notes(&ada).await, Vec::<String>::new());
}

#[tokio::test]
async fn a_provider_that_fails_is_asked_until_it_answers_and_the_address_is_sealed_until_then() {
    let (world, _) = World::attached().await;
    let (ada, invite) = ada_is_sent(&world).await;
    let down = json!({
        "path_prefix": "/api/candidates", "method": "DELETE", "kind": { "status": { "code": 503 } }, "times": 3
    });
    world.fault_at_canditech(down).await;
    is_anonymised(&world, &ada).await;
    world.until("erased", async || is_erased(&world, &invite.id).await).await;
    world.drain().await;
    let told = receipt(&world, &invite.id).await.expect("erased");
    assert!(told.provider == ProviderFate::Open && told.asked_at.is_some() && told.provider_at.is_none(), "{told:?}");
    let held = exported(&world, &invite.id).await;
    assert_eq!(held["held"]["erasures"][0]["address_kept_under_seal"], 1);
    assert!(!held.to_string().contains(ADA), "in clear it stands nowhere");
    let told = until_it_says(&world, &invite.id, "it answered", |told| told.provider != ProviderFate::Open).await;
    assert_eq!(told.provider, ProviderFate::Accepted);
    assert!(!is_at_the_provider(&world, ADA).await);
    assert_eq!(rows(&world, KEPT_UNDER_SEAL).await, 0);
    assert_eq!(world.asked_of_canditech("DELETE", "/api/candidates").await, 4);
}

#[tokio::test]
async fn a_key_that_is_refused_waits_for_a_person_and_goes_on_with_another() {
    let (world, _) = World::attached().await;
    let (ada, invite) = ada_is_sent(&world).await;
    let no = json!({ "path_prefix": "/api/candidates", "method": "DELETE", "kind": { "status": { "code": 401 } } });
    world.fault_at_canditech(no).await;
    is_anonymised(&world, &ada).await;
    until_work(&world, "erase_at_provider", "waiting").await;
    world.forget_faults_at_canditech().await;
    world.connect_provider(Protocol::Canditech).await;
    let told = until_it_says(&world, &invite.id, "it answered", |told| told.provider != ProviderFate::Open).await;
    assert_eq!(told.provider, ProviderFate::Accepted);
    assert!(!is_at_the_provider(&world, ADA).await);
}

#[tokio::test]
async fn where_the_provider_has_no_such_call_the_receipt_says_so() {
    let (world, _) = World::attached_over(Protocol::GreenhousePartner).await;
    let (ada, invite) = ada_is_sent(&world).await;
    is_anonymised(&world, &ada).await;
    let told = until_it_says(&world, &invite.id, "it is settled", |told| told.provider != ProviderFate::Open).await;
    assert_eq!((told.provider, told.asked_at), (ProviderFate::NotOffered, None));
    assert!(told.provider_invite.is_some(), "what to name there");
    assert_eq!(rows(&world, KEPT_UNDER_SEAL).await, 0);

    let (world, _) = World::attached().await;
    let (ada, invite) = ada_is_sent(&world).await;
    world.fault_at_canditech(refused("/api/candidates", "DELETE")).await;
    is_anonymised(&world, &ada).await;
    let told = until_it_says(&world, &invite.id, "it is settled", |told| told.provider != ProviderFate::Open).await;
    assert_eq!(told.provider, ProviderFate::Refused);
    assert!(told.asked_at.is_some());
}

#[tokio::test]
async fn who_was_never_sent_anything_is_nobody_to_ask_about() {
    let (world, _) = World::attached().await;
    let ada = world.applies("Ada Example", None, Some(POSTING)).await;
    world.moves_to_stage(&ada).await;
    let invite = world.until_state(engine::invite::InviteState::Waiting).await;
    is_anonymised(&world, &ada).await;
    let told = until_it_says(&world, &invite.id, "it is settled", |told| told.note != NoteFate::Open).await;
    assert_eq!((told.note, told.provider), (NoteFate::NotThere, ProviderFate::NeverSent));
    assert_eq!(world.asked_of_canditech("DELETE", "/api/candidates").await, 0);
}

#[tokio::test]
async fn an_address_that_somebody_else_has_is_not_forgotten_before_they_are_erased() {
    let (world, _) = World::attached().await;
    let (ada, invite) = ada_is_sent(&world).await;
    // Lever makes one person of those who apply with one address; who gets it later stays another.
    let twin = world.applies("Ada Twin", None, Some(POSTING)).await;
    world.lever("/sandbox/email", json!({ "opportunity": twin, "emails": ["ADA@mail.example"] })).await;
    world.moves_to_stage(&twin).await;
    world.until("both are sent", async || world.sent().await.len() == 2).await;
    is_anonymised(&world, &ada).await;
    world.until("erased", async || is_erased(&world, &invite.id).await).await;
    for _ in 0..49 {
        world.advance(super::HOUR);
        world.drain().await;
    }
    let told = receipt(&world, &invite.id).await.expect("erased");
    assert_eq!((told.provider, told.asked_at), (ProviderFate::Shared, None));
    assert!(is_at_the_provider(&world, ADA).await && is_at_the_provider(&world, "ADA@mail.example").await);
    assert_eq!(rows(&world, KEPT_UNDER_SEAL).await, 0);

    let all = world.invites().await;
    let theirs: InviteId = all.into_iter().find(|row| row.candidate_name == "Ada Twin").expect("the twin").id;
    is_anonymised(&world, &twin).await;
    let told = until_it_says(&world, &theirs, "it answered", |told| told.provider != ProviderFate::Open).await;
    assert_eq!(told.provider, ProviderFate::Accepted);
    assert!(!is_at_the_provider(&world, ADA).await && !is_at_the_provider(&world, "ADA@mail.example").await);
}
