//! Another callback secret: for a day the one before it counts as well, or until somebody ends it.

use std::time::Duration;

use engine::{
    access::Role,
    audit::{self, Filter},
    delivery::Received,
    fault::FlowError,
    invite::InviteState,
    job,
    provider::{self, Protocol},
};

use crate::world::{POSTING, Sender, World};

const DAY: Duration = Duration::from_hours(24);

/// Somebody is sent the test and submits it; what became of the first callback.
async fn callback(world: &World, email: &str) -> Received {
    let opportunity = world.applies("Somebody Example", Some(email), Some(POSTING)).await;
    world.moves_to_stage(&opportunity).await;
    world.until("it is sent", async || world.sent_to(email).await == 1).await;
    world.forget_what_was_heard().await;
    world.submits(email, Some(87)).await;
    world.hear(Sender::Canditech).await.received
}

async fn sealed_former(world: &World) -> i64 {
    let there = "SELECT COUNT(*) FROM provider_accounts WHERE former_callback_secret IS NOT NULL";
    sqlx::query_scalar(there).fetch_one(world.engine.db.read()).await.expect("a number")
}

#[tokio::test]
async fn for_a_day_both_count_and_after_it_the_new_one_alone() {
    let (world, _) = World::attached().await;
    let first = world.account().await;
    provider::renew_callback_secret(&world.engine, &world.admin).await.expect("made");
    let second = world.account().await;
    assert!(second.callback_secret.as_ref().is_some_and(|secret| secret.starts_with("whsec_")));
    assert_ne!(first.callback_secret, second.callback_secret);
    assert_eq!(first.callback_url, second.callback_url, "the address stays");
    assert_eq!(second.former_callback_until, Some(world.engine.clock.now().after(DAY)));
    // Which of the two the provider has by now, nobody here knows: there are not three.
    let third = provider::renew_callback_secret(&world.engine, &world.admin).await;
    assert!(matches!(third, Err(FlowError::Conflict)), "{third:?}");

    assert_eq!(callback(&world, "before@mail.example").await, Received::Accepted, "it has not been told yet");
    world.hand_over(&second).await;
    assert_eq!(callback(&world, "after@mail.example").await, Received::Accepted);
    world.hand_over(&first).await;
    world.advance(DAY);
    assert_eq!(callback(&world, "late@mail.example").await, Received::Refused, "its day is over");
    assert_eq!(world.account().await.former_callback_until, None);
    // The result comes by asking all the same, and what is over is not kept.
    let done = async || {
        world.advance(Duration::from_secs(600));
        world.invites().await.iter().all(|row| row.state == InviteState::Completed)
    };
    world.until_patiently("it is asked for", done).await;
    job::schedule_standing_work(&world.engine).await.expect("housekeeping");
    assert_eq!(sealed_former(&world).await, 0);
}

#[tokio::test]
async fn a_secret_that_was_seen_is_ended_at_once() {
    let (world, _) = World::attached().await;
    let none = provider::end_former_callback_secret(&world.engine, &world.admin).await;
    assert!(matches!(none, Err(FlowError::Conflict)), "{none:?}");
    provider::renew_callback_secret(&world.engine, &world.admin).await.expect("made");
    assert_eq!(sealed_former(&world).await, 1);
    provider::end_former_callback_secret(&world.engine, &world.admin).await.expect("ended");
    assert_eq!(sealed_former(&world).await, 0);
    assert_eq!(callback(&world, "forger@mail.example").await, Received::Refused);
    world.hand_over(&world.account().await).await;
    assert_eq!(callback(&world, "genuine@mail.example").await, Received::Accepted);
    let log = audit::page(&world.engine, &world.admin, &Filter::default(), None, 2).await.expect("the log");
    let done: Vec<_> = log.iter().map(|entry| entry.action.as_str()).collect();
    assert_eq!(done, ["callback_secret_ended", "callback_secret_made"]);
    // And another one may follow.
    provider::renew_callback_secret(&world.engine, &world.admin).await.expect("made");
}

#[tokio::test]
async fn it_is_for_super_admins_of_an_account_alone() {
    let world = World::connected().await;
    for role in [Role::Admin, Role::TeamMember, Role::LimitedTeamMember] {
        let member = world.member(&format!("{role:?}@halden.example"), role).await;
        let refused = provider::renew_callback_secret(&world.engine, &member).await;
        assert!(matches!(refused, Err(FlowError::Forbidden(_))), "{role:?}");
        let refused = provider::end_former_callback_secret(&world.engine, &member).await;
        assert!(matches!(refused, Err(FlowError::Forbidden(_))), "{role:?}");
    }
    let olga = crate::world::add_user(&world.engine, "Another", "olga@another.example", Role::SuperAdmin).await;
    world.connect_provider(Protocol::Canditech).await;
    let before = world.account().await.callback_secret;
    let none = provider::renew_callback_secret(&world.engine, &olga).await;
    assert!(matches!(none, Err(FlowError::NotFound)), "{none:?}");
    assert_eq!(world.account().await.callback_secret, before, "nobody else's changed");
}
