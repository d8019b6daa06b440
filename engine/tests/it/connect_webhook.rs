//! Lever's webhook: made by API and verified at once, or by hand and verified by its next ping.

use engine::{
    access::Role,
    connection::{self, Overview},
    fault::{FlowError, Refusal},
};
use serde_json::json;

use crate::{
    connect_person::{NORA, Person},
    world::{World, add_user, text},
};

pub const SETTINGS: &str = "/settings/integrations/webhooks";

async fn overview(world: &World) -> Overview {
    connection::overview(&world.engine, &world.admin).await.expect("readable").expect("a connection")
}

async fn in_lever(world: &World) -> Vec<String> {
    let state = world.lever_state().await;
    state["webhooks"].as_array().expect("a list").iter().map(|hook| text(&hook["id"])).collect()
}

pub fn form(fields: &[(&str, &str)]) -> Vec<(String, String)> {
    fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

/// Connected without the scope to make webhooks.
pub async fn by_hand() -> World {
    let world = World::new().await;
    world.lever("/sandbox/scopes", json!({ "deny": ["webhooks:write:admin"] })).await;
    world.connect().await;
    world
}

/// Makes the webhook on Lever's page; answers its address there and the signature token.
pub async fn made_by_hand(world: &World, nora: &Person) -> (String, String) {
    let url = overview(world).await.webhook_url;
    let event = ("event", "candidateStageChange");
    nora.posts(&format!("{SETTINGS}/switch"), &form(&[event, ("enabled", "on")])).await;
    nora.posts(SETTINGS, &form(&[event, ("url", &url)])).await;
    let page = nora.reads(SETTINGS).await;
    let token = page.split("id=\"signature-token\"").nth(1).and_then(|rest| rest.split("value=\"").nth(1));
    let token = token.and_then(|rest| rest.split('"').next()).expect("a token on the page").to_owned();
    let id = in_lever(world).await.pop().expect("a webhook");
    (format!("{SETTINGS}/{id}/verify"), token)
}

#[tokio::test]
async fn one_made_by_api_is_verified_by_the_ping_that_came_before_its_token() {
    let world = World::new().await;
    world.connect().await;
    let shown = overview(&world).await;
    assert_eq!(shown.webhooks.len(), 1);
    assert!(shown.webhooks[0].made_by_api && shown.webhooks[0].verified_at.is_some());
    assert!(shown.last_ping_at.is_some() && shown.last_ping_verified);
    assert_eq!(shown.last_event_at, None, "a ping is no proof that stage changes arrive");
}

#[tokio::test]
async fn connecting_again_makes_no_second_one() {
    let world = World::connected().await;
    world.connect().await;
    connection::create_webhook(&world.engine, &world.admin).await.expect("nothing to do");
    assert_eq!(in_lever(&world).await.len(), 1);
    assert_eq!(overview(&world).await.webhooks.len(), 1);
}

#[tokio::test]
async fn one_whose_token_is_lost_is_made_anew() {
    let world = World::connected().await;
    let before = in_lever(&world).await;
    let mut tx = world.engine.db.write().await.expect("a transaction");
    sqlx::query("DELETE FROM webhooks").execute(&mut *tx).await.expect("rows");
    tx.commit().await.expect("stored");
    connection::create_webhook(&world.engine, &world.admin).await.expect("made");
    let after = in_lever(&world).await;
    assert_eq!(after.len(), 1);
    assert_ne!(after, before);
    assert!(overview(&world).await.webhooks[0].verified_at.is_some());
}

#[tokio::test]
async fn without_the_scope_the_connection_stands_and_the_webhook_waits_for_a_hand() {
    let world = by_hand().await;
    assert!(overview(&world).await.webhooks.is_empty());
    let refused = connection::create_webhook(&world.engine, &world.admin).await;
    assert!(matches!(refused, Err(FlowError::Lever(engine::lever::LeverError::Forbidden))), "{refused:?}");
}

#[tokio::test]
async fn a_ping_before_the_token_is_received_but_only_the_next_one_verifies() {
    let world = by_hand().await;
    let nora = Person::at_lever(&world, NORA).await;
    let (verify, token) = made_by_hand(&world, &nora).await;
    assert!(nora.posts(&verify, &[]).await.contains("works"));
    let shown = overview(&world).await;
    assert!(shown.last_ping_at.is_some() && !shown.last_ping_verified, "received, not verified");

    connection::paste_signature_token(&world.engine, &world.admin, &format!("  {token}\n")).await.expect("taken");
    let shown = overview(&world).await;
    assert!(!shown.webhooks[0].made_by_api && shown.webhooks[0].verified_at.is_none());
    assert!(!shown.last_ping_verified, "an old ping proves nothing");

    assert!(nora.posts(&verify, &[]).await.contains("works"));
    let shown = overview(&world).await;
    assert!(shown.last_ping_verified && shown.webhooks[0].verified_at.is_some());

    connection::paste_signature_token(&world.engine, &world.admin, &token).await.expect("taken again");
    assert_eq!(overview(&world).await.webhooks.len(), 1, "the same token is no second webhook");
}

#[tokio::test]
async fn several_tokens_stay_valid_side_by_side() {
    let world = by_hand().await;
    let nora = Person::at_lever(&world, NORA).await;
    let (verify, token) = made_by_hand(&world, &nora).await;
    for token in ["another token", &token, "a third one"] {
        connection::paste_signature_token(&world.engine, &world.admin, token).await.expect("taken");
    }
    assert!(nora.posts(&verify, &[]).await.contains("works"));
    let shown = overview(&world).await;
    assert_eq!(shown.webhooks.len(), 3);
    assert_eq!(shown.webhooks.iter().filter(|hook| hook.verified_at.is_some()).count(), 1);
}

#[tokio::test]
async fn a_token_that_is_none_is_refused() {
    let world = by_hand().await;
    for token in ["", "   ", "two\nlines", &"x".repeat(501)] {
        let taken = connection::paste_signature_token(&world.engine, &world.admin, token).await;
        assert!(matches!(taken, Err(FlowError::Refused(Refusal::Key))), "{token:?}");
    }
}

#[tokio::test]
async fn a_token_that_is_forgotten_confirms_nothing_any_more_and_the_others_do() {
    let world = by_hand().await;
    let nora = Person::at_lever(&world, NORA).await;
    let (verify, token) = made_by_hand(&world, &nora).await;
    for token in [&token, "the token after it"] {
        connection::paste_signature_token(&world.engine, &world.admin, token).await.expect("taken");
    }
    nora.posts(&verify, &[]).await;
    let before = overview(&world).await;
    let (used, other) = (&before.webhooks[1], &before.webhooks[0]);
    assert!(used.verified_at.is_some() && other.verified_at.is_none());

    connection::forget_signature_token(&world.engine, &world.admin, &used.id).await.expect("forgotten");
    let after = overview(&world).await;
    assert_eq!(after.webhooks.iter().map(|hook| &hook.id).collect::<Vec<_>>(), [&other.id]);
    assert!(!after.last_ping_verified, "what is left has confirmed no ping");
    let left: i64 =
        sqlx::query_scalar("SELECT COUNT(*) FROM webhooks").fetch_one(world.engine.db.read()).await.expect("a number");
    assert_eq!(left, 1, "the secret itself is gone");
    nora.posts(&verify, &[]).await;
    assert!(!overview(&world).await.last_ping_verified, "it confirms nothing");
    let again = connection::forget_signature_token(&world.engine, &world.admin, &used.id).await;
    assert!(matches!(again, Err(FlowError::NotFound)), "{again:?}");

    connection::paste_signature_token(&world.engine, &world.admin, &token).await.expect("taken back");
    nora.posts(&verify, &[]).await;
    assert!(overview(&world).await.last_ping_verified);
    connection::forget_signature_token(&world.engine, &world.admin, &other.id).await.expect("forgotten");
    assert!(overview(&world).await.last_ping_verified, "the one that confirmed it stays");
}

#[tokio::test]
async fn only_who_manages_the_connection_forgets_a_token_of_their_own_and_one_made_by_hand() {
    let world = World::connected().await;
    let made = overview(&world).await.webhooks[0].id.clone();
    let by_api = connection::forget_signature_token(&world.engine, &world.admin, &made).await;
    assert!(matches!(by_api, Err(FlowError::NotFound)), "another is made in its place: {by_api:?}");
    connection::paste_signature_token(&world.engine, &world.admin, "by hand").await.expect("taken");
    let id = overview(&world).await.webhooks[0].id.clone();
    for role in [Role::Admin, Role::TeamMember, Role::LimitedTeamMember] {
        let member = world.member(&format!("{role:?}@halden.example"), role).await;
        let refused = connection::forget_signature_token(&world.engine, &member, &id).await;
        assert!(matches!(refused, Err(FlowError::Forbidden(_))), "{role:?}");
    }
    let olga = add_user(&world.engine, "Another", "olga@another.example", Role::SuperAdmin).await;
    let nobodys = connection::forget_signature_token(&world.engine, &olga, &id).await;
    assert!(matches!(nobodys, Err(FlowError::NotFound)), "{nobodys:?}");
    assert_eq!(overview(&world).await.webhooks.len(), 2);
}
