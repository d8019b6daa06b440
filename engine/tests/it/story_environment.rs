//! The server is set to another of Lever's environments than the one that was connected, and set back.

use engine::{
    Engine,
    connection::{self, ConnectionState, Overview},
    invite::InviteState,
    job,
    lever::{Api, LeverError},
    settings::Settings,
};

use crate::world::{POSTING, Sender, World};

/// A server on the same database whose settings name another environment.
async fn server_elsewhere(world: &World) -> Engine {
    let mut settings = Settings::clone(&world.engine.settings);
    settings.lever.audience = "https://api.sandbox.lever.example/v1/".to_owned();
    Engine::open(settings, world.engine.clock.clone()).await.expect("it opens")
}

async fn overview(world: &World) -> Overview {
    connection::overview(&world.engine, &world.admin).await.expect("readable").expect("a connection")
}

async fn calls(world: &World) -> usize {
    world.lever_ledger("/v1").await.len() + world.lever_ledger("/oauth").await.len()
}

#[tokio::test]
async fn tokens_of_one_environment_are_shown_to_no_other_and_work_waits_until_it_is_set_back() {
    let (world, _) = World::attached().await;
    let ada = world.applies("Ada Example", Some("ada@mail.example"), Some(POSTING)).await;
    let elsewhere = server_elsewhere(&world).await;
    let before = calls(&world).await;
    let asked = Api::new(&elsewhere, &world.admin.organization).stage(&world.stage.as_str().into()).await;
    assert!(matches!(asked, Err(LeverError::NotConnected)), "{asked:?}");

    connection::settle_environment(&elsewhere).await.expect("settled");
    let resting = overview(&world).await;
    assert_eq!(resting.state, ConnectionState::Revoked);
    assert!(resting.state_reason.is_some_and(|reason| reason.contains("another of Lever's environments")));
    world.moves(&ada, &world.stage).await;
    world.hear(Sender::Lever).await;
    world.tick();
    job::drain(&elsewhere).await.expect("the database works");
    assert_eq!((calls(&world).await, world.sent().await.len()), (before, 0));

    connection::settle_environment(&world.engine).await.expect("settled");
    assert_eq!(overview(&world).await.state, ConnectionState::Connected);
    world.until_state(InviteState::Sent).await;
    assert_eq!(world.sent().await.len(), 1);
}

#[tokio::test]
async fn a_connection_that_was_revoked_is_not_woken_and_one_that_is_made_anew_is_of_this_environment() {
    let world = World::connected().await;
    connection::settle_environment(&world.engine).await.expect("settled");
    world.revoke_in_lever().await;
    let asked = Api::new(&world.engine, &world.admin.organization).stage(&world.stage.as_str().into()).await;
    assert!(matches!(asked, Err(LeverError::NotConnected)), "{asked:?}");
    connection::settle_environment(&server_elsewhere(&world).await).await.expect("settled");
    connection::settle_environment(&world.engine).await.expect("settled");
    assert_eq!(overview(&world).await.state, ConnectionState::Revoked, "Lever's word stands");
    world.connect().await;
    connection::settle_environment(&world.engine).await.expect("settled");
    assert_eq!(overview(&world).await.state, ConnectionState::Connected);
}
