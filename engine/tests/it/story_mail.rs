//! Mail that people get because somebody asked for it: invitations, and links for another password.

use std::time::Duration;

use engine::{
    Engine,
    access::{self, Role, reset, session},
    fault::{FlowError, Refusal},
    job, notice,
    settings::{IdentityProvider, Settings},
};
use serde_json::json;

use crate::world::World;

const INES: &str = "ines@halden.example";
const JONAS: &str = "jonas@halden.example";
const NEW: &str = "another long password";

async fn mailing() -> World {
    World::new().await.mailing(&[]).await
}

/// The token of the first link of ours in a text.
fn token(text: &str, place: &str) -> String {
    let line = text.lines().find(|line| line.contains(place)).unwrap_or_else(|| panic!("{place} in {text}"));
    line.trim().rsplit('/').next().expect("a token").to_owned()
}

async fn open_jobs(world: &World) -> Vec<(String, String, Option<String>)> {
    let jobs = job::unfinished(&world.engine, &world.admin, 100).await.expect("the list");
    jobs.into_iter().map(|job| (job.kind, job.state, job.last_error)).collect()
}

#[tokio::test]
async fn an_invitation_is_mailed_with_its_link() {
    let world = mailing().await;
    access::invite(&world.engine, &world.admin, INES, Role::Admin).await.expect("invited");
    world.drain().await;
    let mails = world.mails(INES).await;
    assert_eq!(mails.len(), 1, "{mails:#?}");
    let header = |name: &str| {
        let all = mails[0]["headers"].as_array().expect("headers");
        let found = all.iter().find(|header| header["name"] == name).unwrap_or_else(|| panic!("{name} in {all:?}"));
        found["value"].as_str().expect("text").to_owned()
    };
    assert_eq!(mails[0]["subject"], "You are invited to Candilever");
    assert!(header("From").contains("candilever@halden.example"), "{}", header("From"));
    assert_eq!(header("Auto-Submitted"), "auto-generated");
    let text = mails[0]["text"].as_str().expect("text");
    let open = access::invitations(&world.engine, &world.admin).await.expect("the list");
    assert!(text.contains(&open[0].link) && text.contains("nora") && text.contains("Admin"), "{text}");
    assert!(access::invited(&world.engine, &token(text, "/invitation/")).await.expect("readable").is_some());

    access::invite(&world.engine, &world.admin, JONAS, Role::Admin).await.expect("invited");
    let open = access::invitations(&world.engine, &world.admin).await.expect("the list");
    let jonas = open.iter().find(|open| open.email == JONAS).expect("there");
    access::take_back(&world.engine, &world.admin, &jonas.id).await.expect("taken back");
    world.drain().await;
    assert_eq!(world.mails(JONAS).await.len(), 0, "it was taken back before it went out");
    assert_eq!(world.drain().await, 0, "nothing is left to do");
}

#[tokio::test]
async fn without_a_mail_server_nothing_is_mailed_and_nothing_waits() {
    let world = World::new().await;
    world.member(JONAS, Role::TeamMember).await;
    access::invite(&world.engine, &world.admin, INES, Role::Admin).await.expect("invited");
    reset::ask(&world.engine, JONAS).await.expect("asked");
    notice::watch(&world.engine).await.expect("looked");
    assert_eq!(world.drain().await, 0);
    assert!(!notice::has_mail(&world.engine));
    assert!(matches!(notice::try_mail(&world.engine, &world.admin).await, Err(FlowError::Conflict)));
}

#[tokio::test]
async fn a_link_for_another_password_works_once_for_an_hour() {
    let world = mailing().await;
    let jonas = world.member(JONAS, Role::TeamMember).await;
    session::create(
        &world.engine,
        "a session",
        &session::Stored {
            user: Some(jonas.user.as_str()),
            epoch: 0,
            data: "{}",
            from: None,
            agent: None,
            expires: world.engine.clock.now().after(Duration::from_hours(8)),
        },
    )
    .await
    .expect("a session");
    for email in ["nobody@halden.example", " JONAS@halden.example", JONAS, JONAS] {
        reset::ask(&world.engine, email.trim()).await.expect("asked");
        world.drain().await;
    }
    assert_eq!(world.mails("nobody@halden.example").await.len(), 0);
    let mails = world.read_mails(JONAS).await;
    assert_eq!(mails.len(), 1, "however often somebody asks: {mails:#?}");
    let first = token(&mails[0].1, "/new-password/");
    world.advance(Duration::from_mins(11));
    reset::ask(&world.engine, JONAS).await.expect("asked");
    world.drain().await;
    let mails = world.read_mails(JONAS).await;
    assert_eq!(mails.len(), 2, "{mails:#?}");
    let second = token(&mails[1].1, "/new-password/");
    assert!(!reset::is_open(&world.engine, &first).await.expect("readable"), "the newer one counts");
    for _ in 0..3 {
        assert!(reset::is_open(&world.engine, &second).await.expect("readable"), "looking uses nothing up");
    }

    let choose = async |token: &str, new: &str| reset::reset(&world.engine, token, new.to_owned().into(), None).await;
    assert!(matches!(choose(&second, "short").await, Err(FlowError::Refused(Refusal::Password))));
    assert!(matches!(choose(&first, NEW).await, Err(FlowError::NotFound)));
    let both = tokio::join!(choose(&second, NEW), choose(&second, NEW));
    assert!(both.0.is_ok() != both.1.is_ok(), "one of two at once: {both:?}");
    let signs_in = async |password: &str| {
        access::sign_in(&world.engine, JONAS, password.to_owned().into()).await.expect("works").is_some()
    };
    assert!(signs_in(NEW).await && !signs_in("correct horse battery").await);
    assert!(session::load(&world.engine, "a session").await.expect("readable").is_none(), "signed out everywhere");
    let log = engine::audit::page(&world.engine, &world.admin, &engine::audit::Filter::default(), None, 10).await;
    let log = log.expect("the log");
    assert_eq!((log[0].action.as_str(), log[0].subject.as_str()), ("password_reset", jonas.user.as_str()));

    world.advance(Duration::from_mins(11));
    reset::ask(&world.engine, JONAS).await.expect("asked");
    world.drain().await;
    let third = token(&world.read_mails(JONAS).await[2].1, "/new-password/");
    world.advance(Duration::from_mins(61));
    assert!(matches!(choose(&third, NEW).await, Err(FlowError::NotFound)), "after an hour");
}

#[tokio::test]
async fn a_link_for_another_password_ends_with_the_password_that_it_was_asked_for() {
    let world = mailing().await;
    let jonas = world.member(JONAS, Role::TeamMember).await;
    let asks = async |number: usize| {
        world.advance(Duration::from_secs(1));
        reset::ask(&world.engine, JONAS).await.expect("asked");
        world.drain().await;
        let mails = world.read_mails(JONAS).await;
        assert_eq!(mails.len(), number, "{mails:#?}");
        token(&mails[number - 1].1, "/new-password/")
    };
    let is_over = async |link: &str| {
        let late = reset::reset(&world.engine, link, "by an old mail in a box".to_owned().into(), None).await;
        matches!(late, Err(FlowError::NotFound)) && !reset::is_open(&world.engine, link).await.expect("readable")
    };
    let first = asks(1).await;
    let present = "correct horse battery".to_owned().into();
    access::change_password(&world.engine, &jonas, "a session", present, NEW.to_owned().into()).await.expect("changed");
    assert!(is_over(&first).await, "Jonas changed it");
    // Whoever had the first may ask at once.
    let second = asks(2).await;
    access::set_password(&world.engine, JONAS, "another long horse".to_owned().into()).await.expect("set");
    assert!(is_over(&second).await, "it was set at the terminal");
}

#[tokio::test]
async fn whoever_may_use_no_password_gets_no_link() {
    let world = mailing().await;
    let provider = IdentityProvider {
        id: "halden".into(),
        name: "Halden".into(),
        issuer: "https://id.halden.example".into(),
        client_id: "candilever".into(),
        client_secret: String::new().into(),
        domains: vec!["halden.example".into()],
        organization: None,
        vouches_for_email: false,
    };
    let settings = Settings { identity_providers: vec![provider], ..Settings::clone(&world.engine.settings) };
    let engine = Engine::open(settings, world.engine.clock.clone()).await.expect("the engine opens");
    world.member(JONAS, Role::TeamMember).await;
    reset::ask(&engine, JONAS).await.expect("asked");
    world.drain().await;
    let open = token(&world.read_mails(JONAS).await[0].1, "/new-password/");
    access::choose_passwords(&engine, &world.admin, false).await.expect("switched off");
    let late = reset::reset(&engine, &open, NEW.to_owned().into(), None).await;
    assert!(matches!(late, Err(FlowError::NotFound)), "passwords were switched off meanwhile");
    world.advance(Duration::from_mins(11));
    for email in [JONAS, "nora@halden.example"] {
        reset::ask(&engine, email).await.expect("asked");
    }
    world.drain().await;
    assert_eq!(world.mails(JONAS).await.len(), 1, "none since");
    assert_eq!(world.mails("nora@halden.example").await.len(), 1, "whoever made the organization always may");
}

#[tokio::test]
async fn what_the_mail_server_does_not_take_now_is_sent_later_and_what_it_refuses_is_told() {
    let world = mailing().await;
    let invite = async |email: &str| {
        access::invite(&world.engine, &world.admin, email, Role::Admin).await.expect("invited");
        world.drain().await;
    };
    world.fault_at_the_mail_server(json!({ "at": "message", "kind": { "answer": { "code": 451 } }, "times": 1 })).await;
    invite(INES).await;
    assert_eq!(world.mails(INES).await.len(), 0);
    let waiting = open_jobs(&world).await;
    assert!(waiting[0].2.as_ref().is_some_and(|error| error.contains("not now (451)")), "{waiting:?}");
    world.advance(Duration::from_mins(10));
    world.drain().await;
    assert_eq!(world.mails(INES).await.len(), 1);

    world.fault_at_the_mail_server(json!({ "at": "message", "kind": "drop_after", "times": 1 })).await;
    invite("lost@halden.example").await;
    world.advance(Duration::from_mins(10));
    world.drain().await;
    let twice = world.mails("lost@halden.example").await;
    let ids: Vec<_> = twice
        .iter()
        .map(|mail| {
            let headers = mail["headers"].as_array().expect("headers");
            headers.iter().find(|header| header["name"] == "Message-ID").expect("an id")["value"].clone()
        })
        .collect();
    assert_eq!(ids.len(), 2, "its answer was lost");
    assert_eq!(ids[0], ids[1], "mailboxes know it again");

    let refuse = json!({ "at": "recipient", "recipient": JONAS, "kind": { "answer": { "code": 550 } }, "times": 9 });
    world.fault_at_the_mail_server(refuse).await;
    invite(JONAS).await;
    let dead = open_jobs(&world).await;
    assert_eq!(dead, [("notify".into(), "dead".into(), Some("The mail server refused it (550)".into()))]);

    world.mail_server_asks_for(json!({ "user": "candilever", "password": "secret" })).await;
    invite("late@halden.example").await;
    let open = open_jobs(&world).await;
    assert!(
        open.iter()
            .any(|(_, state, error)| state == "open" && error.as_ref().is_some_and(|it| it.contains("credentials"))),
        "{open:?}"
    );
    let told = notice::try_mail(&world.engine, &world.admin).await.expect("asked").expect_err("not taken");
    assert!(told.starts_with("The mail server refused our credentials"), "{told}");
    world.mail_server_asks_nobody().await;
    world.advance(Duration::from_mins(30));
    world.drain().await;
    assert_eq!(world.mails("late@halden.example").await.len(), 1);
    notice::try_mail(&world.engine, &world.admin).await.expect("asked").expect("taken");
    assert_eq!(world.mails("nora@halden.example").await.len(), 1);
}

#[tokio::test]
async fn a_mail_server_that_never_answers_is_given_up_soon() {
    let world = mailing().await;
    world
        .fault_at_the_mail_server(json!({ "at": "message", "kind": { "delay": { "ms": 120_000 } }, "times": 1 }))
        .await;
    let began = tokio::time::Instant::now();
    let told = notice::try_mail(&world.engine, &world.admin).await.expect("asked").expect_err("no answer");
    assert_eq!(told, "The mail server did not answer in time");
    assert!(began.elapsed() < Duration::from_mins(1), "{:?}", began.elapsed());
}
