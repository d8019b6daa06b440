//! The organization's own systems are told in signed messages of ids.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicU16, Ordering},
    },
    time::Duration,
};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode},
    routing::post,
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use engine::{
    access::Role,
    audit,
    fault::{FlowError, Refusal},
    invite::InviteState,
    notice,
};
use hmac::{Hmac, KeyInit as _, Mac as _};
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};
use sha2::Sha256;

use crate::world::{POSTING, World};

const ADA: &str = "ada@mail.example";

/// A system of the company's, that takes what it is told or does not.
#[derive(Clone, Default)]
struct System {
    told: Arc<Mutex<Vec<(HeaderMap, Bytes)>>>,
    answers: Arc<AtomicU16>,
}

impl System {
    async fn start() -> (Self, String) {
        let system = Self::default();
        system.answers.store(204, Ordering::SeqCst);
        let hear = async |State(system): State<Self>, headers: HeaderMap, body: Bytes| {
            system.told.lock().expect("whole").push((headers, body));
            StatusCode::from_u16(system.answers.load(Ordering::SeqCst)).expect("a status")
        };
        let socket = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let host = socket.local_addr().expect("an address").to_string();
        let routes = Router::new().route("/hear", post(hear)).with_state(system.clone());
        tokio::spawn(async move { axum::serve(socket, routes).await });
        (system, host)
    }

    fn told(&self) -> Vec<(HeaderMap, Bytes)> {
        self.told.lock().expect("whole").clone()
    }
}

/// Checks a message as whoever reads it would, and reads it.
fn checked(secret: &str, (headers, body): &(HeaderMap, Bytes)) -> Value {
    let text = |name: &str| headers[name].to_str().expect("text").to_owned();
    let key = STANDARD.decode(secret.trim_start_matches("whsec_")).expect("base64");
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).expect("a key");
    mac.update(format!("{}.{}.", text("webhook-id"), text("webhook-timestamp")).as_bytes());
    mac.update(body);
    let signature = STANDARD.decode(text("webhook-signature").trim_start_matches("v1,")).expect("base64");
    mac.verify_slice(&signature).expect("signed");
    serde_json::from_slice(body).expect("JSON")
}

async fn telling() -> (World, System, String) {
    let (system, host) = System::start().await;
    let world = World::attached().await.0.mailing(std::slice::from_ref(&host)).await;
    notice::save_outgoing(&world.engine, &world.admin, &format!("http://{host}/hear")).await.expect("named");
    let outgoing = notice::outgoing(&world.engine, &world.admin).await.expect("readable").expect("there");
    (world, system, outgoing.secret.expose_secret().to_owned())
}

async fn completes(world: &World) {
    let ada = world.applies("Ada Example", Some(ADA), Some(POSTING)).await;
    world.moves_to_stage(&ada).await;
    world.until_state(InviteState::Sent).await;
    world.submits(ADA, Some(87)).await;
}

#[tokio::test]
async fn a_completed_assessment_is_told_in_a_signed_message_of_ids() {
    let (world, system, secret) = telling().await;
    completes(&world).await;
    world.until("it is told", async || !system.told().is_empty()).await;
    let row = world.until_state(InviteState::Completed).await;
    let told = system.told();
    assert_eq!(told.len(), 1);
    let message = checked(&secret, &told[0]);
    assert_eq!(message["type"], "invite.completed");
    assert_eq!(message["data"]["invite"], row.id.as_str());
    assert_eq!(message["data"]["organization"], world.admin.organization.as_str());
    let names: Vec<_> = message["data"].as_object().expect("an object").keys().collect();
    assert_eq!(names, ["invite", "organization", "page"], "ids alone: {message}");
    let outgoing = notice::outgoing(&world.engine, &world.admin).await.expect("readable").expect("there");
    assert!(outgoing.told_at.is_some() && outgoing.failing.is_none());
}

#[tokio::test]
async fn what_was_completed_before_the_send_was_known_to_be_done_is_told_once() {
    let (world, system, secret) = telling().await;
    world.canditech("/sandbox/callbacks/mode", json!({ "drop": true })).await;
    let lost = json!({ "path_prefix": "/api/invites", "method": "POST", "kind": "drop_after", "times": 1 });
    world.fault_at_canditech(lost).await;
    let ada = world.applies("Ada Example", Some(ADA), Some(POSTING)).await;
    world.moves_to_stage(&ada).await;
    world.until("it is there, and nobody knows", async || world.sent_to(ADA).await == 1).await;
    world.submits(ADA, Some(87)).await;
    world.advance(Duration::from_secs(60));
    world.until_state(InviteState::Completed).await;
    world.until("it is told", async || !system.told().is_empty()).await;
    world.advance(Duration::from_secs(8 * 3_600));
    world.drain().await;
    let told: Vec<Value> = system.told().iter().map(|message| checked(&secret, message)).collect();
    let kinds: Vec<_> = told.iter().map(|message| message["type"].as_str()).collect();
    assert_eq!(kinds, [Some("invite.completed")]);
}

#[tokio::test]
async fn what_is_not_taken_is_told_again_under_the_same_id() {
    let (world, system, secret) = telling().await;
    system.answers.store(500, Ordering::SeqCst);
    completes(&world).await;
    world.until("it was told", async || !system.told().is_empty()).await;
    let outgoing = notice::outgoing(&world.engine, &world.admin).await.expect("readable").expect("there");
    assert_eq!(outgoing.failing.map(|(_, why)| why).as_deref(), Some("it answered 500"));
    system.answers.store(200, Ordering::SeqCst);
    world.advance(Duration::from_mins(10));
    world.until("it was told again", async || system.told().len() >= 2).await;
    let told = system.told();
    assert_eq!(told[0].0["webhook-id"], told[1].0["webhook-id"]);
    assert_eq!(checked(&secret, &told[0]), checked(&secret, &told[1]));
    world.drain().await;
    let outgoing = notice::outgoing(&world.engine, &world.admin).await.expect("readable").expect("there");
    assert!(outgoing.failing.is_none());
    world.advance(Duration::from_hours(2));
    world.drain().await;
    assert_eq!(system.told().len(), 2, "and no more");
}

#[tokio::test]
async fn a_break_and_its_end_are_told() {
    let (world, system, secret) = telling().await;
    world.revoke_in_lever().await;
    world.advance(Duration::from_secs(301));
    let minutes = async |many: usize| {
        for _ in 0..many {
            world.advance(Duration::from_mins(1));
            notice::watch(&world.engine).await.expect("looked");
            world.drain().await;
        }
    };
    minutes(6).await;
    world.connect().await;
    minutes(6).await;
    let told: Vec<Value> = system.told().iter().map(|one| checked(&secret, one)).collect();
    let kinds: Vec<_> = told.iter().map(|one| one["type"].as_str().expect("text")).collect();
    assert_eq!(kinds, ["chain.broken", "chain.restored"]);
    assert_eq!(told[0]["data"]["link"], "lever");
    assert_eq!((&told[0]["data"]["ended_at"], told[1]["data"]["ended_at"].is_string()), (&Value::Null, true));
}

#[tokio::test]
async fn only_a_super_admin_names_an_address_and_only_a_listed_one() {
    let (world, system, secret) = telling().await;
    let tomas = world.member("tomas@halden.example", Role::Admin).await;
    let forbidden = |error: Option<FlowError>| assert!(matches!(error, Some(FlowError::Forbidden(_))), "{error:?}");
    forbidden(notice::outgoing(&world.engine, &tomas).await.err());
    forbidden(notice::save_outgoing(&world.engine, &tomas, "https://systems.example/").await.err());
    forbidden(notice::test_outgoing(&world.engine, &tomas).await.err());
    forbidden(notice::remove_outgoing(&world.engine, &tomas).await.err());
    forbidden(notice::try_mail(&world.engine, &tomas).await.err());
    for url in [
        "",
        "nowhere",
        "https://systems.example/",
        "http://127.0.0.1:9/hear",
        "file:///etc/passwd",
        "http://localhost/",
    ] {
        let refused = notice::save_outgoing(&world.engine, &world.admin, url).await;
        assert!(matches!(refused, Err(FlowError::Refused(Refusal::WebhookUrl))), "{url}: {refused:?}");
    }
    notice::test_outgoing(&world.engine, &world.admin).await.expect("asked").expect("taken");
    assert_eq!(checked(&secret, &system.told()[0])["type"], "test");
    system.answers.store(302, Ordering::SeqCst);
    let answer = notice::test_outgoing(&world.engine, &world.admin).await.expect("asked");
    assert_eq!(answer, Err("it answered 302".into()), "no redirect is followed");

    notice::remove_outgoing(&world.engine, &world.admin).await.expect("removed");
    let gone = notice::remove_outgoing(&world.engine, &world.admin).await;
    assert!(matches!(gone, Err(FlowError::NotFound)));
    completes(&world).await;
    world.until_state(InviteState::Completed).await;
    world.drain().await;
    assert_eq!(system.told().len(), 2, "nothing since");
    let log = audit::page(&world.engine, &world.admin, &audit::Filter::default(), None, 100).await.expect("the log");
    let saved = log.iter().find(|entry| entry.action == "outgoing_webhook_saved").expect("logged");
    assert_eq!(saved.after.as_deref(), Some(r#"{"host":"127.0.0.1"}"#));
    assert!(log.iter().any(|entry| entry.action == "outgoing_webhook_removed"));
}
