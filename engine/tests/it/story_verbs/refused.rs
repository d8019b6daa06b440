//! Who may not, what does not fit, and what the provider cannot do: refused, and nothing happens.

use engine::{
    access::Role,
    fault::{FlowError, Refusal},
    invite::{
        InviteState,
        verb::{self, Request, Standing, Verb, Why},
    },
    provider::{OtherProtocol, Protocol, ProviderError},
};
use serde_json::json;

use super::stage::{ADA, BETTER, ask, ask_as, completed, mails, said, sent, sent_over, standing};
use crate::world::{POSTING, World, add_user, text};

#[tokio::test]
async fn who_may_not_see_it_may_do_nothing_to_it() {
    let (world, _, row) = sent().await;
    let eve = add_user(&world.engine, "Another Company", "eve@another.example", Role::SuperAdmin).await;
    let ken = world.member("ken@halden.example", Role::LimitedTeamMember).await;
    for member in [&eve, &ken] {
        for request in [
            Request::Resend,
            Request::Extend { days: 3 },
            Request::Cancel,
            Request::Retake,
            Request::CorrectEmail { email: BETTER.into() },
        ] {
            let refused = ask_as(&world, member, &row.id, row.version, request.clone()).await;
            assert!(matches!(refused, Err(FlowError::NotFound)), "{request:?} {refused:?}");
        }
        let offered = verb::offered(&world.engine, member, &row.id).await;
        assert!(matches!(offered, Err(FlowError::NotFound)), "{offered:?}");
    }
    world.drain().await;
    assert_eq!((mails(&world).await.len(), world.asked_of_canditech("POST", "/api/invites/").await), (1, 0));
}

#[tokio::test]
async fn a_limited_team_member_may_where_they_are_associated() {
    let (world, _) = World::attached().await;
    world.member("aisha@halden.example", Role::LimitedTeamMember).await;
    let new = json!({ "name": "Ada Example", "email": ADA, "posting": POSTING, "followers": ["Aisha Bello"] });
    let ada = text(&world.lever("/sandbox/candidates", new).await["opportunity"]);
    world.moves_to_stage(&ada).await;
    let row = world.until_state(InviteState::Sent).await;
    let aisha = world.again("aisha@halden.example").await;
    let version = world.detail(&row.id).await.row.version;
    ask_as(&world, &aisha, &row.id, version, Request::Resend).await.expect("hers to see, hers to resend");
    world.until("it is done", async || said(&world, &row.id, "Sent again").await == 1).await;
    assert_eq!(said(&world, &row.id, "aisha asked to send it again.").await, 1);
}

#[tokio::test]
async fn what_no_longer_fits_is_refused_and_changes_nothing() {
    let (world, _, row) = completed().await;
    let version = world.detail(&row.id).await.row.version;
    for request in
        [Request::Resend, Request::Extend { days: 3 }, Request::Cancel, Request::CorrectEmail { email: BETTER.into() }]
    {
        let refused = ask_as(&world, &world.admin, &row.id, version, request.clone()).await;
        assert!(matches!(refused, Err(FlowError::Conflict)), "{request:?} {refused:?}");
    }
    let stale = ask_as(&world, &world.admin, &row.id, version - 1, Request::Retake).await;
    assert!(matches!(stale, Err(FlowError::Conflict)), "an old page is told: {stale:?}");
    for days in [0, -1, 366, i64::MAX] {
        let refused = ask(&world, &row.id, Request::Extend { days }).await;
        assert!(matches!(refused, Err(FlowError::Refused(Refusal::Days))), "{days} {refused:?}");
    }
    world.drain().await;
    assert_eq!(world.detail(&row.id).await.row.version, version);
    assert_eq!(world.asked_of_canditech("POST", "/api/invites/").await, 0);
}

#[tokio::test]
async fn the_partner_protocol_says_what_it_cannot_do() {
    let (world, _, row) = sent_over(Protocol::GreenhousePartner).await;
    for verb in [Verb::Resend, Verb::Extend, Verb::Retake, Verb::Cancel, Verb::CorrectEmail] {
        assert_eq!(standing(&world, &row.id, verb).await, Standing::Not(Why::Provider), "{verb:?}");
    }
    for request in
        [Request::Resend, Request::Extend { days: 3 }, Request::Cancel, Request::CorrectEmail { email: BETTER.into() }]
    {
        let refused = ask(&world, &row.id, request.clone()).await;
        let unsupported = matches!(refused, Err(FlowError::Provider(ProviderError::Unsupported)));
        assert!(unsupported, "{request:?} {refused:?}");
    }
    world.drain().await;
    assert_eq!((world.the_invite().await.state, mails(&world).await.len()), (InviteState::Sent, 1));
}

#[tokio::test]
async fn what_was_sent_over_another_protocol_is_left_to_it() {
    let (world, _, row) = sent().await;
    world.speak(Protocol::GreenhousePartner, OtherProtocol::Confirmed).await.expect("switched");
    world.speak(Protocol::Canditech, OtherProtocol::Confirmed).await.expect("and back");
    assert_eq!(standing(&world, &row.id, Verb::Cancel).await, Standing::Possible);
    ask(&world, &row.id, Request::Cancel).await.expect("asked");
    world.speak(Protocol::GreenhousePartner, OtherProtocol::Confirmed).await.expect("switched at the last moment");
    world.until("it is said", async || said(&world, &row.id, "It was not cancelled").await == 1).await;
    assert_eq!(
        (world.the_invite().await.state, text(&world.sent().await[0]["status"])),
        (InviteState::Sent, "sent".into())
    );
}
