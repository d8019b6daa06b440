//! What is told by itself: that the chain broke and that it holds again, what needs attention, and who has completed.

use std::time::Duration;

use engine::{
    access::Role,
    clock::Moment,
    connection,
    invite::InviteState,
    notice::{self, Choices},
    provider::AccountState,
    verdict::{self, Verdict},
};
use serde_json::json;

use crate::world::{POSTING, World};

const NORA: &str = "nora@halden.example";
const SARA: &str = "sara@halden.example";
const TOMAS: &str = "tomas@halden.example";
const PRIYA: &str = "priya@halden.example";
const JONAS: &str = "jonas@halden.example";
const ADA: &str = "ada@mail.example";
const MINUTE: Duration = Duration::from_mins(1);

async fn mailing() -> World {
    World::attached().await.0.mailing(&[]).await
}

/// What a server does while a minute passes.
async fn a_minute(world: &World) {
    world.advance(MINUTE);
    notice::watch(&world.engine).await.expect("looked");
    world.drain().await;
}

/// What came besides digests, whose hour may be now.
async fn told(world: &World, recipient: &str) -> Vec<(String, String)> {
    let all = world.read_mails(recipient).await.into_iter();
    all.filter(|(subject, _)| subject != "What needs attention").collect()
}

async fn subjects(world: &World, recipient: &str) -> Vec<String> {
    told(world, recipient).await.into_iter().map(|(subject, _)| subject).collect()
}

/// Goes on to shortly before the next six o'clock, UTC.
fn on_to_the_digest(world: &World) {
    let now = world.engine.clock.now();
    let day = Duration::from_hours(24);
    let today = Moment::parse_rfc3339(&format!("{}T06:00:00Z", &now.rfc3339()[..10])).expect("a moment");
    let next = if today > now.after(MINUTE) { today } else { today.after(day) };
    world.advance(next.since(now).saturating_sub(Duration::from_secs(30)));
}

#[tokio::test]
async fn what_breaks_is_told_once_within_five_minutes_and_so_is_its_end() {
    let world = mailing().await;
    world.member(SARA, Role::SuperAdmin).await;
    world.member(TOMAS, Role::Admin).await;
    let ada = world.applies("Ada Example", Some(ADA), Some(POSTING)).await;
    world.moves(&ada, &world.stage).await;
    world.until_state(InviteState::Sent).await;
    // Nothing else asks Lever anything for a quarter of an hour.
    world.revoke_in_lever().await;
    let revoked_at = world.engine.clock.now();
    let mut told_at = None;
    for _ in 0..30 {
        a_minute(&world).await;
        if told_at.is_none() && !told(&world, NORA).await.is_empty() {
            told_at = Some(world.engine.clock.now());
        }
    }
    let told_at = told_at.expect("she is told");
    assert!(told_at.since(revoked_at) <= MINUTE * 5, "after {:?}", told_at.since(revoked_at));
    let overview = connection::overview(&world.engine, &world.admin).await.expect("readable").expect("there");
    assert_eq!(overview.state, connection::ConnectionState::Revoked);
    for person in [NORA, SARA] {
        let mails = told(&world, person).await;
        assert_eq!(mails.len(), 1, "once: {mails:#?}");
        assert_eq!(mails[0].0, "The connection to Lever is broken");
        assert!(mails[0].1.contains("Lever ended the connection") && mails[0].1.contains("support@canditech.io"));
        assert!(!mails[0].1.contains("Ada"), "no candidate is named: {}", mails[0].1);
    }
    assert!(told(&world, TOMAS).await.is_empty(), "an Admin cannot mend it");

    world.connect().await;
    for _ in 0..10 {
        a_minute(&world).await;
    }
    for person in [NORA, SARA] {
        let both = ["The connection to Lever is broken", "The connection to Lever works again"];
        assert_eq!(subjects(&world, person).await, both);
    }
    assert!(told(&world, TOMAS).await.is_empty());
}

#[tokio::test]
async fn two_servers_that_look_at_once_tell_once() {
    let world = mailing().await;
    let second = world.second_process().await;
    world.revoke_in_lever().await;
    world.advance(Duration::from_secs(301));
    world.drain().await;
    for _ in 0..5 {
        world.advance(MINUTE);
        let (one, other) = tokio::join!(notice::watch(&world.engine), notice::watch(&second));
        one.and(other).expect("looked");
        world.drain().await;
    }
    assert_eq!(subjects(&world, NORA).await, ["The connection to Lever is broken"]);
}

#[tokio::test]
async fn a_silence_is_told_once_it_lasts() {
    let world = mailing().await;
    let silence = json!({ "path_prefix": "/api", "kind": { "status": { "code": 503 } } });
    let silent = async || world.account().await.state == AccountState::Unreachable;
    world.fault_at_canditech(silence.clone()).await;
    while !silent().await {
        a_minute(&world).await;
    }
    world.forget_faults_at_canditech().await;
    for _ in 0..6 {
        a_minute(&world).await;
    }
    assert!(!silent().await, "a check found it back");
    assert_eq!(subjects(&world, NORA).await, [""; 0], "a hiccup");

    world.fault_at_canditech(silence).await;
    for _ in 0..5 {
        a_minute(&world).await;
    }
    assert_eq!(subjects(&world, NORA).await, ["The connection to Canditech is broken"]);
    world.forget_faults_at_canditech().await;
    for _ in 0..6 {
        a_minute(&world).await;
    }
    let both = ["The connection to Canditech is broken", "The connection to Canditech works again"];
    assert_eq!(subjects(&world, NORA).await, both);
}

#[tokio::test]
async fn a_webhook_that_somebody_deletes_in_lever_is_told() {
    let world = mailing().await;
    world.lever("/sandbox/webhooks/change", json!("remove")).await;
    for _ in 0..5 {
        a_minute(&world).await;
    }
    assert_eq!(subjects(&world, NORA).await, ["Lever's webhook is broken"]);
}

#[tokio::test]
async fn what_is_not_set_up_yet_is_not_broken() {
    let world = World::new().await.mailing(&[]).await;
    for connects in [false, true] {
        if connects {
            world.connect().await;
        }
        for _ in 0..5 {
            a_minute(&world).await;
        }
    }
    assert_eq!(subjects(&world, NORA).await, [""; 0]);
}

#[tokio::test]
async fn an_end_is_told_to_who_heard_of_the_beginning() {
    let world = mailing().await;
    // The mail server is out of order itself while Lever is: what is over by then is news no more.
    world
        .fault_at_the_mail_server(json!({ "at": "message", "kind": { "answer": { "code": 451 } }, "times": 40 }))
        .await;
    world.revoke_in_lever().await;
    world.advance(Duration::from_secs(301));
    world.drain().await;
    for _ in 0..5 {
        a_minute(&world).await;
    }
    world.connect().await;
    for _ in 0..5 {
        a_minute(&world).await;
    }
    world.advance(Duration::from_hours(2));
    world.drain().await;
    assert_eq!(subjects(&world, NORA).await, [""; 0]);
}

#[tokio::test]
async fn the_digest_says_once_a_day_what_needs_attention_to_who_wants_it() {
    let world = mailing().await;
    for (person, role) in
        [(TOMAS, Role::Admin), (SARA, Role::SuperAdmin), (JONAS, Role::TeamMember), (PRIYA, Role::TeamMember)]
    {
        world.member(person, role).await;
    }
    let choose = async |person: &str, digest: bool| {
        let choices = Choices { digest, verdicts: false };
        notice::choose(&world.engine, &world.again(person).await, choices).await.expect("chosen");
        assert_eq!(notice::choices(&world.engine, &world.again(person).await).await.expect("readable"), choices);
    };
    choose(SARA, false).await;
    choose(PRIYA, true).await;
    for _ in 0..2 {
        on_to_the_digest(&world);
        a_minute(&world).await;
        assert!(world.mails(NORA).await.is_empty(), "nothing needs attention");
    }

    let ada = world.applies("Ada Example", None, Some(POSTING)).await;
    world.moves_to_stage(&ada).await;
    world.until_state(InviteState::Waiting).await;
    on_to_the_digest(&world);
    notice::watch(&world.engine).await.expect("looked");
    world.drain().await;
    assert!(world.mails(NORA).await.is_empty(), "not before its hour");
    for _ in 0..4 {
        a_minute(&world).await;
    }
    for person in [NORA, TOMAS, PRIYA] {
        let mails = world.read_mails(person).await;
        assert_eq!(mails.len(), 1, "{person}: {mails:#?}");
        assert_eq!(mails[0].0, "What needs attention");
        assert!(mails[0].1.contains("- candidates whose assessment waits: 1"), "{}", mails[0].1);
        assert!(!mails[0].1.contains("Ada"), "no candidate is named: {}", mails[0].1);
    }
    for person in [SARA, JONAS] {
        assert!(world.mails(person).await.is_empty(), "{person} does not want it");
    }
    on_to_the_digest(&world);
    a_minute(&world).await;
    assert_eq!(world.mails(NORA).await.len(), 2, "and the day after");
}

/// A candidate whose opportunity Priya owns, with the test on the way.
async fn owned_by_priya(world: &World) {
    let body = json!({ "name": "Ada Example", "email": ADA, "posting": POSTING, "owner": "Priya Raman" });
    let made = world.lever("/sandbox/candidates", body).await;
    world.moves_to_stage(made["opportunity"].as_str().expect("an id")).await;
    world.until_state(InviteState::Sent).await;
}

async fn wants_verdicts(world: &World, person: &str) {
    world.member(person, Role::TeamMember).await;
    let choices = Choices { digest: false, verdicts: true };
    notice::choose(&world.engine, &world.again(person).await, choices).await.expect("chosen");
}

#[tokio::test]
async fn an_owner_who_asked_for_it_hears_that_a_candidate_awaits_their_verdict() {
    let world = mailing().await;
    wants_verdicts(&world, PRIYA).await;
    wants_verdicts(&world, JONAS).await;
    owned_by_priya(&world).await;
    world.submits(ADA, Some(87)).await;
    world.until("she is told", async || !world.mails(PRIYA).await.is_empty()).await;
    let row = world.until_state(InviteState::Completed).await;
    let mails = world.read_mails(PRIYA).await;
    assert_eq!(mails[0].0, "Completed, awaiting your verdict");
    assert!(mails[0].1.contains(&format!("/candidates/{}", row.id)), "{}", mails[0].1);
    // An id and a port may hold any two digits.
    let besides = mails[0].1.replace(row.id.as_str(), "").replace(world.engine.settings.public_url.as_str(), "");
    assert!(!besides.contains("Ada") && !besides.contains("87"), "{besides}");
    // A score that is corrected is no second completion.
    world.canditech("/sandbox/rescore", json!({ "invite": ADA, "score": 91 })).await;
    world
        .until("the score is here", async || world.the_invite().await.score.is_some_and(|it| it.value == 91_000))
        .await;
    assert_eq!(world.mails(PRIYA).await.len(), 1);
    assert!(world.mails(JONAS).await.is_empty(), "he does not own it");
    assert!(world.mails(NORA).await.is_empty(), "she did not ask for it");
}

#[tokio::test]
async fn who_has_a_verdict_by_then_is_news_no_more() {
    let world = mailing().await;
    wants_verdicts(&world, PRIYA).await;
    owned_by_priya(&world).await;
    world.fault_at_the_mail_server(json!({ "at": "message", "kind": { "answer": { "code": 451 } }, "times": 1 })).await;
    world.submits(ADA, Some(87)).await;
    let row = world.until_state(InviteState::Completed).await;
    world.drain().await;
    verdict::give(&world.engine, &world.admin, &row.id, Verdict::Passed, None, None).await.expect("given");
    world.advance(Duration::from_hours(1));
    world.drain().await;
    assert!(world.mails(PRIYA).await.is_empty());
}
