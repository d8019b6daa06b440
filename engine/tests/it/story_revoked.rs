//! When access ends, work waits; when it is back, work goes on by itself.

use std::time::Duration;

use engine::{access::Role, connection, invite::InviteState, job};
use serde_json::json;

use crate::world::{POSTING, Sender, World};

const ADA: &str = "ada@mail.example";

#[tokio::test]
async fn work_waits_while_lever_is_revoked_and_goes_on_after_reconnecting() {
    let (world, _) = World::attached().await;
    world.revoke_in_lever().await;
    let ada = world.applies("Ada Example", Some(ADA), Some(POSTING)).await;
    world.moves(&ada, &world.stage).await;
    // Whether Lever goes on calling webhooks after a revocation is unknown: the poll finds it either way.
    world.advance(Duration::from_secs(301));
    let waits = async || {
        let jobs = job::unfinished(&world.engine, &world.admin, 100).await.expect("the list");
        jobs.iter().any(|job| job.state == "waiting")
    };
    world.until("work waits", waits).await;
    let overview = connection::overview(&world.engine, &world.admin).await.expect("readable").expect("there");
    assert_eq!(overview.state, connection::ConnectionState::Revoked);
    assert_eq!(world.invites().await.len(), 0);

    world.connect().await;
    world.until_state(InviteState::Sent).await;
    world.until("the note is there", async || world.note_says(&ada, &["Status: Sent"]).await).await;
}

#[tokio::test]
async fn whoever_connected_leaves_the_company_and_another_super_admin_connects() {
    let (world, _) = World::attached().await;
    // Lever takes with a person what they granted.
    world.lever("/sandbox/users/deactivate", json!({ "user": "Nora Lindqvist" })).await;
    let ada = world.applies("Ada Example", Some(ADA), Some(POSTING)).await;
    world.moves(&ada, &world.stage).await;
    world.advance(Duration::from_secs(301));
    let state = async || {
        let overview = connection::overview(&world.engine, &world.admin).await.expect("readable").expect("there");
        overview.state
    };
    world.until("it is seen", async || state().await == connection::ConnectionState::Revoked).await;
    assert_eq!(world.invites().await.len(), 0);
    let tomas = world.member("another@halden.example", Role::SuperAdmin).await;
    world.lever("/sandbox/users/role", json!({ "user": "Tomas Rivera", "role": "super admin" })).await;
    world.connect_as(&tomas, "Tomas Rivera").await;
    assert_eq!(state().await, connection::ConnectionState::Connected);
    world.until("sent", async || world.sent_to(ADA).await == 1).await;
    world.until("the note is there", async || world.note_says(&ada, &["Status: Sent"]).await).await;
}

#[tokio::test]
async fn a_note_waits_for_lever_while_the_result_is_here() {
    let (world, _) = World::attached().await;
    let ada = world.applies("Ada Example", Some(ADA), Some(POSTING)).await;
    world.moves_to_stage(&ada).await;
    world.until_state(InviteState::Sent).await;
    world.until("noted", async || world.note_says(&ada, &["Status: Sent"]).await).await;
    world.revoke_in_lever().await;
    world.submits(ADA, Some(87)).await;
    world.until_state(InviteState::Completed).await;
    assert!(world.note_says(&ada, &["Status: Sent"]).await);
    world.connect().await;
    world.until("noted later", async || world.note_says(&ada, &["Score: 87/100"]).await).await;
}

#[tokio::test]
async fn a_refused_key_at_the_provider_waits_for_a_person() {
    let (world, _) = World::attached().await;
    let fault = json!({ "path_prefix": "/api/invites", "method": "POST", "kind": { "status": { "code": 401 } } });
    world.fault_at_canditech(fault).await;
    let ada = world.applies("Ada Example", Some(ADA), Some(POSTING)).await;
    world.moves(&ada, &world.stage).await;
    world.hear(Sender::Lever).await;
    let row = world.until_state(InviteState::Waiting).await;
    assert!(row.reason.is_some_and(|reason| reason.contains("provider")));
    world.forget_faults_at_canditech().await;
    world.connect_provider(engine::provider::Protocol::Canditech).await;
    world.until_state(InviteState::Sent).await;
}
