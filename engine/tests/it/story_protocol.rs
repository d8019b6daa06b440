//! The account speaks another protocol: what was sent before is neither lost nor asked for in the wrong place.

use std::time::Duration;

use engine::{
    delivery::Received,
    fault::{FlowError, Refusal},
    invite::InviteState,
    provider::{self, AccountState, OtherProtocol, Protocol},
};
use serde_json::json;

use crate::world::{POSTING, PYTHON, Sender, World};

const ADA: &str = "ada@mail.example";
const PARTNER: Protocol = Protocol::GreenhousePartner;

#[tokio::test]
async fn the_partner_protocol_lists_what_can_be_sent() {
    let world = World::new().await;
    let shown = world.speak(PARTNER, OtherProtocol::Ask).await.expect("saved");
    assert_eq!((shown.state, shown.protocol, shown.account_name), (AccountState::Ok, PARTNER, None));
    assert!(shown.callback_url.contains("/callbacks/greenhouse-partner/"));
    let can = shown.capabilities;
    assert!(!can.idempotency && !can.find_by_reference && !can.verdict_write && !can.verdict_read && !can.deadline);
    let all = provider::assessments(&world.engine, &world.admin).await.expect("the list");
    assert!(all.iter().any(|one| one.id.as_str() == PYTHON && one.name == "Python, 60 min"));
    assert_eq!(i64::try_from(all.len()).expect("few"), shown.assessments);
}

#[tokio::test]
async fn a_key_that_the_protocol_cannot_carry_is_refused() {
    let world = World::new().await;
    let base = format!("http://{}/greenhouse", world.engine.settings.provider_hosts[0]);
    let save = async |key: &str| {
        let key = Some(key.to_owned().into());
        provider::save_and_test(&world.engine, &world.admin, PARTNER, &base, key, OtherProtocol::Ask).await
    };
    for key in ["one:two", &"k".repeat(171)] {
        assert!(matches!(save(key).await, Err(FlowError::Refused(Refusal::Key))), "{key}");
    }
    for key in ["ctk_wrong_key_entirely", "ctk_demo_list_only"] {
        assert_eq!(save(key).await.expect("saved").state, AccountState::Refused, "{key}");
    }
}

#[tokio::test]
async fn garbage_is_never_success() {
    let world = World::new().await;
    let kinds = [
        json!("html200"),
        json!("truncated"),
        json!("drop_before"),
        json!({ "status": { "code": 503 } }),
        json!({ "status": { "code": 429 } }),
        json!({ "status": { "code": 302 } }),
        json!({ "status": { "code": 404 } }),
        json!({ "status": { "code": 200, "body": "{\"data\":[]}" } }),
    ];
    for kind in kinds {
        world.fault_at_canditech(json!({ "path_prefix": "/greenhouse/list_tests", "kind": kind, "times": 1 })).await;
        let shown = world.speak(PARTNER, OtherProtocol::Ask).await.expect("saved");
        assert_eq!(shown.state, AccountState::Unreachable, "{kind}");
    }
}

#[tokio::test]
async fn another_protocol_needs_its_key_anew() {
    let world = World::new().await;
    world.connect_provider(Protocol::Canditech).await;
    let base = format!("http://{}/greenhouse", world.engine.settings.provider_hosts[0]);
    let saved =
        provider::save_and_test(&world.engine, &world.admin, PARTNER, &base, None, OtherProtocol::Confirmed).await;
    assert!(matches!(saved, Err(FlowError::Refused(Refusal::Key))));
    assert_eq!(world.account().await.protocol, Protocol::Canditech);
    assert_eq!(world.speak(PARTNER, OtherProtocol::Ask).await.expect("nothing is under way").state, AccountState::Ok);
}

/// What is under way waits for the switch back, whichever way the account was switched.
async fn there_and_back(first: Protocol, second: Protocol) {
    let (world, _) = World::attached_over(first).await;
    let ada = world.applies("Ada Example", Some(ADA), Some(POSTING)).await;
    world.moves_to_stage(&ada).await;
    world.until_state(InviteState::Sent).await;
    let asked = world.speak(second, OtherProtocol::Ask).await;
    assert!(matches!(asked, Err(FlowError::Refused(Refusal::InvitesUnderWay))));
    assert_eq!(world.account().await.protocol, first, "nothing was changed");
    let switched = world.speak(second, OtherProtocol::Confirmed).await.expect("confirmed");
    assert_eq!((switched.protocol, switched.elsewhere), (second, 1));

    while world.drain().await > 0 {}
    world.submits(ADA, Some(87)).await;
    while world.hear(Sender::Canditech).await.received != Received::Refused {}
    world.advance(Duration::from_secs(3_600));
    world.drain().await;
    assert_eq!(world.the_invite().await.state, InviteState::Sent, "not asked for in the wrong place");

    let back = world.speak(first, OtherProtocol::Ask).await.expect("nothing is left behind");
    assert_eq!(back.elsewhere, 0);
    world.advance(Duration::from_secs(3_600));
    world.until_state(InviteState::Completed).await;
    assert_eq!(world.sent().await.len(), 1);
}

#[tokio::test]
async fn from_canditech_to_the_partner_protocol_and_back() {
    there_and_back(Protocol::Canditech, PARTNER).await;
}

#[tokio::test]
async fn from_the_partner_protocol_to_canditech_and_back() {
    there_and_back(PARTNER, Protocol::Canditech).await;
}

#[tokio::test]
async fn after_a_switch_new_invites_go_out_over_the_new_protocol() {
    let (world, _) = World::attached_over(Protocol::Canditech).await;
    world.speak(PARTNER, OtherProtocol::Ask).await.expect("nothing is under way");
    let ada = world.applies("Ada Example", Some(ADA), Some(POSTING)).await;
    world.moves_to_stage(&ada).await;
    world.until_state(InviteState::Sent).await;
    world.submits(ADA, Some(87)).await;
    world.until("the partner's score is noted", async || world.note_says(&ada, &["Score: 87"]).await).await;
}

#[tokio::test]
async fn a_send_whose_outcome_is_open_forbids_the_switch() {
    let (world, _) = World::attached().await;
    let down = json!({ "path_prefix": "/api/invites", "kind": { "status": { "code": 503 } } });
    world.fault_at_canditech(down).await;
    let ada = world.applies("Ada Example", Some(ADA), Some(POSTING)).await;
    world.moves_to_stage(&ada).await;
    world.drain().await;
    for other in [OtherProtocol::Ask, OtherProtocol::Confirmed] {
        let switched = world.speak(PARTNER, other).await;
        assert!(matches!(switched, Err(FlowError::Refused(Refusal::SendUnderWay))), "{other:?}");
    }
}
