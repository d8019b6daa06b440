//! The access token over its life: renewed once for everybody, revoked, and outages on the way.

use std::time::Duration;

use engine::{
    connection::{self, ConnectionState},
    db::Flavour,
    lever::{Api, LeverError},
};
use serde_json::json;
use sqlx::{AnyConnection, Connection as _};

use crate::world::{World, soon};

async fn state(world: &World) -> ConnectionState {
    connection::overview(&world.engine, &world.admin).await.expect("readable").expect("a connection").state
}

async fn renewals(world: &World) -> usize {
    world.asked_of_lever("POST", "/oauth/token").await
}

fn api(world: &World) -> Api {
    Api::new(&world.engine, &world.admin.organization)
}

async fn stage(world: &World) -> Result<(), LeverError> {
    api(world).stage(&world.stage.as_str().into()).await.map(|stage| assert!(stage.is_some()))
}

#[tokio::test]
async fn twenty_calls_at_once_renew_the_token_once() {
    let world = World::connected().await;
    world.advance(Duration::from_secs(3_601));
    let before = renewals(&world).await;
    let calls = (0..20).map(|_| {
        let (api, stage) = (api(&world), world.stage.as_str().into());
        tokio::spawn(async move { api.stage(&stage).await })
    });
    for call in calls.collect::<Vec<_>>() {
        assert!(call.await.expect("no panic").expect("an answer").is_some());
    }
    assert_eq!(renewals(&world).await - before, 1);
}

#[tokio::test]
async fn a_token_is_used_for_its_life_and_renewed_before_its_end() {
    let world = World::connected().await;
    let before = renewals(&world).await;
    for minutes in [10, 20, 20] {
        world.advance(Duration::from_secs(minutes * 60));
        stage(&world).await.expect("an answer");
    }
    assert_eq!(renewals(&world).await, before, "50 minutes old");
    world.advance(Duration::from_secs(6 * 60));
    stage(&world).await.expect("an answer");
    assert_eq!(renewals(&world).await, before + 1, "56 minutes old");
}

#[tokio::test]
async fn a_revoked_access_is_noticed_in_one_call_and_never_asked_again() {
    let world = World::connected().await;
    world.revoke_in_lever().await;
    assert!(matches!(stage(&world).await, Err(LeverError::NotConnected)));
    assert_eq!(state(&world).await, ConnectionState::Revoked);
    let (asked, renewed) = (world.asked_of_lever("GET", "/v1/").await, renewals(&world).await);
    for _ in 0..3 {
        assert!(matches!(stage(&world).await, Err(LeverError::NotConnected)));
    }
    assert_eq!((world.asked_of_lever("GET", "/v1/").await, renewals(&world).await), (asked, renewed));
    world.connect().await;
    stage(&world).await.expect("work goes on after reconnecting");
    assert_eq!(state(&world).await, ConnectionState::Connected);
}

#[tokio::test]
async fn an_outage_of_the_sign_in_server_is_bridged_by_what_is_left_of_the_token() {
    let world = World::connected().await;
    world.advance(Duration::from_secs(57 * 60));
    let outage = json!({ "path_prefix": "/oauth/token", "kind": { "status": { "code": 503 } }, "times": 1 });
    world.fault_at_lever(outage.clone()).await;
    stage(&world).await.expect("three minutes are left");
    world.fault_at_lever(outage).await;
    world.advance(Duration::from_secs(4 * 60));
    assert!(matches!(stage(&world).await, Err(LeverError::Temporary(_))), "nothing is left");
    assert_eq!(state(&world).await, ConnectionState::Connected, "an outage is no revocation");
    stage(&world).await.expect("the outage is over");
}

#[tokio::test]
async fn a_renewal_whose_answer_is_lost_ends_in_reconnect_not_in_a_loop() {
    let world = World::connected().await;
    world.advance(Duration::from_secs(3_601));
    world.fault_at_lever(json!({ "path_prefix": "/oauth/token", "kind": "drop_after", "times": 1 })).await;
    assert!(matches!(stage(&world).await, Err(LeverError::Temporary(_))), "nobody knows yet");
    assert!(matches!(stage(&world).await, Err(LeverError::NotConnected)), "the token was spent");
    assert_eq!(state(&world).await, ConnectionState::Revoked);
}

#[tokio::test]
async fn a_renewed_token_outlasts_a_database_that_somebody_holds() {
    let world = World::connected().await;
    if world.engine.db.flavour() == Flavour::Postgres {
        // No single writer there: nobody can hold all of it.
        return;
    }
    world.advance(Duration::from_secs(3_601));
    let before = renewals(&world).await;
    world.fault_at_lever(json!({ "path_prefix": "/oauth/token", "kind": { "delay": { "ms": 1500 } } })).await;
    let (api, stage_id) = (api(&world), world.stage.as_str().into());
    let call = tokio::spawn(async move { api.stage(&stage_id).await });
    let leased = "SELECT COUNT(*) FROM connections WHERE refresh_lease_token IS NOT NULL";
    let is_leased = async || {
        let count: i64 = sqlx::query_scalar(leased).fetch_one(world.engine.db.read()).await.expect("a count");
        count == 1
    };
    soon("somebody renews it", is_leased).await;
    let mut holder = AnyConnection::connect(&world.engine.settings.database_url).await.expect("it opens");
    sqlx::raw_sql("BEGIN IMMEDIATE").execute(&mut holder).await.expect("held");
    soon("Lever has answered", async || renewals(&world).await == before + 1).await;
    // Whoever comes later than the one who renews has waited in vain later, too.
    for _ in 0..2 {
        world.engine.db.write().await.expect_err("nobody has a turn");
    }
    sqlx::raw_sql("ROLLBACK").execute(&mut holder).await.expect("let go");
    assert!(call.await.expect("no panic").expect("an answer").is_some());
    stage(&world).await.expect("and one more");
    assert_eq!((state(&world).await, renewals(&world).await), (ConnectionState::Connected, before + 1));
}

#[tokio::test]
async fn a_lease_that_a_crashed_process_left_does_not_lock_everybody_out() {
    let world = World::connected().await;
    world.advance(Duration::from_secs(3_601));
    let mut tx = world.engine.db.write().await.expect("a transaction");
    sqlx::query("UPDATE connections SET refresh_lease_token = 'dead', refresh_lease_until = $1")
        .bind(world.engine.clock.now().after(Duration::from_secs(60)).0)
        .execute(&mut *tx)
        .await
        .expect("one row");
    tx.commit().await.expect("stored");
    world.advance(Duration::from_secs(61));
    stage(&world).await.expect("the lease has run out");
}

#[tokio::test]
async fn garbage_from_lever_is_never_taken_for_an_answer() {
    let world = World::connected().await;
    let kinds = [
        json!("html200"),
        json!("truncated"),
        json!("drop_before"),
        json!({ "status": { "code": 200, "body": "" } }),
        json!({ "status": { "code": 500, "body": "<html>" } }),
        json!({ "status": { "code": 503 } }),
    ];
    for kind in kinds {
        world.fault_at_lever(json!({ "path_prefix": "/v1/stages", "kind": kind, "times": 1 })).await;
        assert!(matches!(stage(&world).await, Err(LeverError::Temporary(_))), "{kind}");
        stage(&world).await.expect("and then Lever is well again");
    }
    let wrong = json!({ "status": { "code": 200, "body": "{\"data\":[]}" } });
    world.fault_at_lever(json!({ "path_prefix": "/v1/stages", "kind": wrong, "times": 1 })).await;
    assert!(matches!(stage(&world).await, Err(LeverError::BadAnswer(_))));
    stage(&world).await.expect("and then Lever is well again");
}

#[tokio::test]
async fn a_note_that_may_exist_is_told_apart_from_one_that_does_not() {
    let world = World::connected().await;
    let opportunity = world.applies("Ada Example", Some("ada@mail.example"), None).await.as_str().into();
    let prefix = format!("/v1/opportunities/{opportunity}/notes");
    for kind in ["drop_after", "truncated"] {
        world.fault_at_lever(json!({ "path_prefix": prefix, "method": "POST", "kind": kind, "times": 1 })).await;
        assert!(
            matches!(
                api(&world).create_note(&opportunity, kind, world.engine.clock.now()).await,
                Err(LeverError::Temporary(_))
            ),
            "{kind}"
        );
    }
    let notes = api(&world).notes(&opportunity).await.expect("the notes");
    let texts: Vec<&str> = notes.iter().map(|note| note.text.as_str()).collect();
    assert!(texts.contains(&"drop_after") && texts.contains(&"truncated"), "{texts:?}");

    let now = world.engine.clock.now();
    let slept = api(&world).create_note(&opportunity, "late", now.before(Duration::from_secs(31))).await;
    assert!(matches!(slept, Err(LeverError::Busy { .. })), "another may have written it meanwhile: {slept:?}");
    let id = api(&world).create_note(&opportunity, "ours", now).await.expect("a note").id;
    api(&world).update_note(&opportunity, &id, "ours, newer").await.expect("an update");
    let notes = api(&world).notes(&opportunity).await.expect("the notes");
    assert!(notes.iter().any(|note| note.id == id && note.text == "ours, newer"));
    api(&world).delete_note(&opportunity, &id).await.expect("gone");
    api(&world).delete_note(&opportunity, &id).await.expect("gone already is fine");
}

#[tokio::test]
async fn a_429_slows_everybody_down() {
    let world = World::connected().await;
    let busy = json!({ "status": { "code": 429, "retry_after": 20 } });
    world.fault_at_lever(json!({ "path_prefix": "/v1/stages", "kind": busy, "times": 1 })).await;
    let first = stage(&world).await;
    assert!(matches!(first, Err(LeverError::RateLimited { retry_after: Some(wait) }) if wait.as_secs() == 20));
    let asked = world.asked_of_lever("GET", "/v1/").await;
    let second = api(&world).posting(&"p".into()).await;
    assert!(matches!(second, Err(LeverError::Busy { wait }) if wait.as_secs() >= 15));
    assert_eq!(world.asked_of_lever("GET", "/v1/").await, asked, "Lever is left alone meanwhile");
}
