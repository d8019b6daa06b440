//! Connecting to Lever: who may, what may go wrong on the way, and what holds after.

use std::time::Duration;

use engine::{
    access::Role,
    connection::{self, ConnectError, ConnectionState, OtherAccount, Overview, Return},
    fault::FlowError,
};
use serde_json::json;

use crate::{
    connect_person::{NORA, Person, SESSION, complete, return_of},
    world::World,
};

async fn overview(world: &World) -> Option<Overview> {
    connection::overview(&world.engine, &world.admin).await.expect("readable")
}

#[tokio::test]
async fn a_super_admin_connects_and_the_page_shows_it() {
    let world = World::new().await;
    let returned = return_of(&world, &world.admin, NORA, "accept").await;
    assert_eq!(complete(&world, &returned).await.expect("connects"), "halden.example");
    let shown = overview(&world).await.expect("a connection");
    assert_eq!(shown.state, ConnectionState::Connected);
    assert_eq!(shown.account_name.as_deref(), Some("halden.example"));
    assert_eq!(shown.connected_by, world.admin.name);
    assert!(shown.synced_at.is_some() && shown.sync_error.is_none());
    assert!(shown.scopes.contains(&"notes:write:admin".to_owned()));
    assert_eq!(shown.consent_ends_at.since(shown.connected_at), Duration::from_hours(365 * 24));
}

#[tokio::test]
async fn a_state_that_is_wrong_used_old_or_foreign_connects_nothing() {
    let world = World::new().await;
    let returned = return_of(&world, &world.admin, NORA, "accept").await;
    let engine = &world.engine;
    let forged = Return { state: "a-guess".into(), ..returned.clone() };
    assert!(matches!(complete(&world, &forged).await, Err(ConnectError::State)), "unknown");
    let empty = Return { state: String::new(), ..returned.clone() };
    assert!(matches!(complete(&world, &empty).await, Err(ConnectError::State)), "none");
    let other_session = connection::complete(engine, &world.admin, "another session", &returned).await;
    assert!(matches!(other_session, Err(ConnectError::State)), "another session");
    let colleague = world.member("sam@halden.example", Role::SuperAdmin).await;
    let other_person = connection::complete(engine, &colleague, SESSION, &returned).await;
    assert!(matches!(other_person, Err(ConnectError::State)), "another person");
    let stranger = crate::world::add_user(engine, "Another", "olga@another.example", Role::SuperAdmin).await;
    let other_organization = connection::complete(engine, &stranger, SESSION, &returned).await;
    assert!(matches!(other_organization, Err(ConnectError::State)), "another organization");
    assert!(overview(&world).await.is_none());

    complete(&world, &returned).await.expect("the right one still connects");
    assert!(matches!(complete(&world, &returned).await, Err(ConnectError::State)), "used");

    let late = return_of(&world, &world.admin, NORA, "accept").await;
    world.advance(Duration::from_secs(601));
    assert!(matches!(complete(&world, &late).await, Err(ConnectError::State)), "old");
}

#[tokio::test]
async fn an_answer_of_another_authorisation_server_connects_nothing() {
    let world = World::new().await;
    let returned = return_of(&world, &world.admin, NORA, "accept").await;
    for issuer in ["https://auth.evil.example/", "http://127.0.0.1:1", "nonsense", ""] {
        let returned = return_of(&world, &world.admin, NORA, "accept").await;
        let mixed_up = Return { iss: Some(issuer.into()), ..returned };
        assert!(matches!(complete(&world, &mixed_up).await, Err(ConnectError::State)), "{issuer:?}");
    }
    assert!(overview(&world).await.is_none());
    let ours = world.engine.settings.lever.auth_url.to_string();
    complete(&world, &Return { iss: Some(ours), ..returned }).await.expect("its own issuer is right");
}

#[tokio::test]
async fn a_refusal_is_told_in_levers_words() {
    let world = World::new().await;
    let denied = return_of(&world, &world.admin, NORA, "deny").await;
    let told = complete(&world, &denied).await;
    assert!(matches!(told, Err(ConnectError::Denied { description }) if description.contains("did not authorize")));
    let no_super_admin = return_of(&world, &world.admin, "Priya Raman", "accept").await;
    let told = complete(&world, &no_super_admin).await;
    assert!(matches!(told, Err(ConnectError::Denied { description }) if description.contains("Super Admin")));
    assert!(overview(&world).await.is_none());
}

#[tokio::test]
async fn a_spent_code_is_a_refusal_and_stores_nothing() {
    let world = World::new().await;
    let returned = return_of(&world, &world.admin, NORA, "accept").await;
    let forged = Return { code: Some("no-such-code".into()), ..returned };
    assert!(matches!(complete(&world, &forged).await, Err(ConnectError::Denied { .. })));
    assert!(overview(&world).await.is_none());
}

#[tokio::test]
async fn a_grant_without_what_we_need_is_refused_and_named() {
    let world = World::new().await;
    world.lever("/sandbox/scopes", json!({ "deny": ["notes:write:admin", "users:read:admin"] })).await;
    let returned = return_of(&world, &world.admin, NORA, "accept").await;
    match complete(&world, &returned).await {
        Err(ConnectError::MissingScopes(missing)) => assert_eq!(missing, ["notes:write:admin", "users:read:admin"]),
        other => panic!("{other:?}"),
    }
    assert!(overview(&world).await.is_none());
}

#[tokio::test]
async fn only_who_manages_the_connection_connects_or_disconnects() {
    let world = World::connected().await;
    let admin = world.member("sam@halden.example", Role::Admin).await;
    let begun = connection::begin(&world.engine, &admin, SESSION, OtherAccount::Ask).await;
    assert!(matches!(begun, Err(FlowError::Forbidden(_))));
    let ended = connection::disconnect(&world.engine, &admin).await;
    assert!(matches!(ended, Err(FlowError::Forbidden(_))));
    let completed = connection::complete(&world.engine, &admin, SESSION, &Return::default()).await;
    assert!(matches!(completed, Err(ConnectError::Flow(FlowError::Forbidden(_)))));
    assert!(connection::overview(&world.engine, &admin).await.expect("an admin sees it").is_some());
    let team = world.member("kim@halden.example", Role::TeamMember).await;
    assert!(matches!(connection::overview(&world.engine, &team).await, Err(FlowError::Forbidden(_))));
}

/// As if another account had been connected before.
async fn was_another_account(world: &World) {
    let mut tx = world.engine.db.write().await.expect("a transaction");
    sqlx::query("UPDATE connections SET account_id = 'another', account_name = 'other.example'")
        .execute(&mut *tx)
        .await
        .expect("one row");
    tx.commit().await.expect("stored");
}

#[tokio::test]
async fn another_lever_account_asks_first() {
    let world = World::connected().await;
    was_another_account(&world).await;
    let returned = return_of(&world, &world.admin, NORA, "accept").await;
    match complete(&world, &returned).await {
        Err(ConnectError::OtherAccount { before, now }) => {
            assert_eq!((before.as_str(), now.as_str()), ("other.example", "halden.example"));
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(overview(&world).await.expect("still there").account_name.as_deref(), Some("other.example"));

    let confirmed = OtherAccount::Confirmed;
    let ask = connection::begin(&world.engine, &world.admin, SESSION, confirmed).await.expect("begins");
    let returned = Person::at_lever(&world, NORA).await.decides(&ask, "accept").await;
    complete(&world, &returned).await.expect("connects");
    let shown = overview(&world).await.expect("a connection");
    assert_eq!(shown.account_name.as_deref(), Some("halden.example"));
    assert_eq!(shown.webhooks.len(), 1, "the account before confirms nothing any more");
}

#[tokio::test]
async fn without_the_claim_an_account_is_known_by_its_people() {
    let world = World::new().await;
    world.lever("/sandbox/account-claim", json!({ "shown": false })).await;
    world.connect().await;
    let returned = return_of(&world, &world.admin, NORA, "accept").await;
    complete(&world, &returned).await.expect("the same account connects again without a question");

    let mut tx = world.engine.db.write().await.expect("a transaction");
    sqlx::query("UPDATE lever_users SET id = 'someone-else-' || id").execute(&mut *tx).await.expect("rows");
    tx.commit().await.expect("stored");
    let returned = return_of(&world, &world.admin, NORA, "accept").await;
    assert!(matches!(complete(&world, &returned).await, Err(ConnectError::OtherAccount { .. })));
}

#[tokio::test]
async fn a_disconnected_connection_keeps_its_address_for_the_next_one() {
    let world = World::connected().await;
    let before = overview(&world).await.expect("a connection");
    connection::disconnect(&world.engine, &world.admin).await.expect("disconnects");
    let between = overview(&world).await.expect("still shown");
    assert_eq!(between.state, ConnectionState::Disconnected);
    assert!(between.webhooks.is_empty());
    assert!(world.lever_state().await["webhooks"].as_array().expect("a list").is_empty(), "deleted in Lever");
    let synced = connection::sync_now(&world.engine, &world.admin).await;
    assert!(matches!(synced, Err(FlowError::NotConnected)));

    world.connect().await;
    let after = overview(&world).await.expect("a connection");
    assert_eq!(after.state, ConnectionState::Connected);
    assert_eq!(after.webhook_url, before.webhook_url);
}

#[tokio::test]
async fn a_failing_sync_does_not_undo_the_connection() {
    let world = World::new().await;
    world.fault_at_lever(json!({ "path_prefix": "/v1/stages", "kind": "html200", "times": 1 })).await;
    world.connect().await;
    let shown = overview(&world).await.expect("a connection");
    assert_eq!(shown.state, ConnectionState::Connected);
    assert!(shown.sync_error.is_some() && shown.synced_at.is_none());
    world.advance(Duration::from_secs(90));
    world.drain().await;
    let shown = overview(&world).await.expect("a connection");
    assert!(shown.sync_error.is_none() && shown.synced_at.is_some(), "repeated in the background");
}
