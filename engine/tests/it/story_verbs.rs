//! What a person does to an invite: each verb has one effect, whatever happens on the way, and what cannot
//! be done is said.

use std::time::Duration;

use engine::{
    access::{Member, Role},
    fault::{FlowError, Refusal},
    id::InviteId,
    invite::{
        self, InviteState, Row,
        verb::{self, Offered, Request, Standing, Verb, Why},
    },
    job,
    provider::{OtherProtocol, Protocol, ProviderError},
    restore::after_restore,
};
use serde_json::{Value, json};

use crate::world::{POSTING, Sender, World, add_user, text};

const ADA: &str = "ada@mail.example";
const BETTER: &str = "ada@other.example";
const DAY: Duration = Duration::from_secs(24 * 3600);

async fn sent() -> (World, String, Row) {
    sent_over(Protocol::Canditech).await
}

async fn sent_over(protocol: Protocol) -> (World, String, Row) {
    let (world, _) = World::attached_over(protocol).await;
    let ada = world.applies("Ada Example", Some(ADA), Some(POSTING)).await;
    world.moves_to_stage(&ada).await;
    let row = world.until_state(InviteState::Sent).await;
    world.until("noted", async || world.note_says(&ada, &["Status: Sent"]).await).await;
    (world, ada, row)
}

async fn completed() -> (World, String, Row) {
    let (world, ada, _) = sent().await;
    world.submits(ADA, Some(40)).await;
    let row = world.until_state(InviteState::Completed).await;
    (world, ada, row)
}

/// Asks as whoever sees the invite now.
async fn ask(world: &World, id: &InviteId, request: Request) -> Result<InviteId, FlowError> {
    let version = world.detail(id).await.row.version;
    ask_as(world, &world.admin, id, version, request).await
}

async fn ask_as(
    world: &World,
    member: &Member,
    id: &InviteId,
    version: i64,
    request: Request,
) -> Result<InviteId, FlowError> {
    world.tick();
    verb::ask(&world.engine, member, id, version, request).await
}

async fn standing(world: &World, id: &InviteId, wanted: Verb) -> Standing {
    let offered = verb::offered(&world.engine, &world.admin, id).await.expect("readable");
    offered.into_iter().find(|offered: &Offered| offered.verb == wanted).expect("each is there").standing
}

/// The addresses of the mails that went out, in their order.
async fn mails(world: &World) -> Vec<String> {
    let sent = world.sent().await;
    let mut mails: Vec<Value> =
        sent.iter().flat_map(|invite| invite["mails"].as_array().expect("mails").clone()).collect();
    mails.sort_by_key(|mail| mail["number"].as_i64());
    mails.iter().map(|mail| text(&mail["to"])).collect()
}

async fn said(world: &World, id: &InviteId, sentence: &str) -> usize {
    world.detail(id).await.timeline.iter().filter(|entry| entry.sentence.contains(sentence)).count()
}

async fn verb_goes_wrong(world: &World, kind: Value) {
    world
        .fault_at_canditech(json!({ "path_prefix": "/api/invites/", "method": "POST", "kind": kind, "times": 1 }))
        .await;
}

/// How a lost or unclear answer looks.
fn unclear_answers() -> [Value; 5] {
    [
        json!("drop_after"),
        json!("drop_before"),
        json!("truncated"),
        json!("html200"),
        json!({ "status": { "code": 502, "body": "" } }),
    ]
}

#[tokio::test]
async fn resending_mails_the_same_link_once_however_often_it_is_pressed() {
    let (world, ada, row) = sent().await;
    let version = world.detail(&row.id).await.row.version;
    for _ in 0..3 {
        let shown = ask_as(&world, &world.admin, &row.id, version, Request::Resend).await.expect("a second click");
        assert_eq!(shown, row.id);
    }
    assert_eq!(standing(&world, &row.id, Verb::Resend).await, Standing::UnderWay);
    world.until("it is done", async || said(&world, &row.id, "Sent again").await == 1).await;
    assert_eq!(mails(&world).await, [ADA, ADA]);
    ask_as(&world, &world.admin, &row.id, version, Request::Resend).await.expect("the same click, late");
    world.drain().await;
    assert_eq!(mails(&world).await.len(), 2);
    let links: Vec<Value> = world.sent().await[0]["mails"].as_array().expect("mails").clone();
    assert_eq!(links[0]["link"], links[1]["link"]);
    assert_eq!(said(&world, &row.id, "nora asked to send it again.").await, 1);
    assert!(world.note_says(&ada, &["Status: Sent"]).await);
    assert_eq!(standing(&world, &row.id, Verb::Resend).await, Standing::Possible, "and once more, on a new word");
}

#[tokio::test]
async fn a_resend_whose_answer_is_lost_mails_once() {
    for kind in unclear_answers() {
        let (world, _, row) = sent().await;
        verb_goes_wrong(&world, kind.clone()).await;
        ask(&world, &row.id, Request::Resend).await.expect("asked");
        world.drain().await;
        world.advance(Duration::from_secs(120));
        world.until("it is done", async || said(&world, &row.id, "Sent again").await == 1).await;
        assert_eq!(mails(&world).await.len(), 2, "{kind}");
    }
}

#[tokio::test]
async fn extending_moves_the_deadline_and_opens_what_had_expired() {
    let (world, ada, row) = sent().await;
    let before = world.detail(&row.id).await.expires_at.expect("a deadline");
    let version = world.detail(&row.id).await.row.version;
    for _ in 0..2 {
        ask_as(&world, &world.admin, &row.id, version, Request::Extend { days: 3 }).await.expect("a double click");
    }
    world.until("it is later", async || world.detail(&row.id).await.expires_at > Some(before)).await;
    let after = world.detail(&row.id).await.expires_at.expect("a deadline");
    assert_eq!((after.since(before).as_secs() + 1) / 86_400, 3, "once");

    world.advance(DAY * 30);
    world.until_state(InviteState::Expired).await;
    world.until("noted", async || world.note_says(&ada, &["Status: Expired"]).await).await;
    assert_eq!(standing(&world, &row.id, Verb::Resend).await, Standing::Not(Why::Expired));
    ask(&world, &row.id, Request::Extend { days: 2 }).await.expect("an expired one opens again");
    world.until_state(InviteState::Sent).await;
    world.until("noted", async || world.note_says(&ada, &["Status: Sent"]).await).await;
    assert_eq!(world.sent().await[0]["status"], "sent");
    world.submits(ADA, Some(70)).await;
    // The wall's clock is in what the stand-in signs: a month away from ours, only our own question counts.
    world.advance(Duration::from_secs(7 * 3_600));
    world.until("it can be taken", async || world.note_says(&ada, &["Score: 70/100"]).await).await;
}

#[tokio::test]
async fn an_extension_whose_answer_is_lost_adds_its_days_once() {
    for kind in unclear_answers() {
        let (world, _, row) = sent().await;
        let before = world.detail(&row.id).await.expires_at.expect("a deadline");
        verb_goes_wrong(&world, kind.clone()).await;
        ask(&world, &row.id, Request::Extend { days: 5 }).await.expect("asked");
        world.drain().await;
        world.advance(Duration::from_secs(120));
        world.until("it is done", async || said(&world, &row.id, "deadline was moved").await >= 1).await;
        let after = world.detail(&row.id).await.expires_at.expect("a deadline");
        assert_eq!((after.since(before).as_secs() + 1) / 86_400, 5, "{kind}");
    }
}

#[tokio::test]
async fn cancelling_takes_it_back_there_and_the_note_says_so() {
    let (world, ada, row) = sent().await;
    let version = world.detail(&row.id).await.row.version;
    for _ in 0..2 {
        ask_as(&world, &world.admin, &row.id, version, Request::Cancel).await.expect("a double click");
    }
    assert_eq!(standing(&world, &row.id, Verb::Extend).await, Standing::Not(Why::BeingTakenBack));
    let cancelled = world.until_state(InviteState::Cancelled).await;
    world
        .until("its reason", async || {
            world.the_invite().await.reason.is_some_and(|reason| reason.contains("nora cancelled it"))
        })
        .await;
    world.until("noted", async || world.note_says(&ada, &["Status: Cancelled"]).await).await;
    assert_eq!(world.sent().await[0]["status"], "cancelled");
    ask_as(&world, &world.admin, &cancelled.id, version, Request::Cancel).await.expect("it is so already");
    assert_eq!(said(&world, &row.id, "took it back").await, 1);
    assert_eq!(standing(&world, &row.id, Verb::Cancel).await, Standing::Not(Why::Over));
}

#[tokio::test]
async fn a_cancel_whose_answer_is_lost_is_looked_up() {
    for kind in unclear_answers() {
        let (world, ada, row) = sent().await;
        verb_goes_wrong(&world, kind.clone()).await;
        ask(&world, &row.id, Request::Cancel).await.expect("asked");
        world.drain().await;
        world.advance(Duration::from_secs(120));
        world.until("noted", async || world.note_says(&ada, &["Status: Cancelled"]).await).await;
        world.until("told once", async || said(&world, &row.id, "took it back").await == 1).await;
        let calls = world.asked_of_canditech("POST", "/api/invites/").await;
        assert!((1..=2).contains(&calls), "{kind}: {calls}");
    }
}

#[tokio::test]
async fn a_candidate_who_started_meanwhile_is_not_cancelled() {
    let (world, ada, row) = sent().await;
    world.canditech("/sandbox/callbacks/mode", json!({ "drop": true })).await;
    world.canditech("/sandbox/start", json!({ "invite": ADA })).await;
    ask(&world, &row.id, Request::Cancel).await.expect("nobody knows yet that she started");
    world.until_state(InviteState::Started).await;
    assert_eq!(said(&world, &row.id, "It was not cancelled: it is too late for that.").await, 1);
    world.until("noted", async || world.note_says(&ada, &["Status: Started"]).await).await;
    assert_eq!(standing(&world, &row.id, Verb::Cancel).await, Standing::Not(Why::Started));
    let late = ask(&world, &row.id, Request::Cancel).await;
    assert!(matches!(late, Err(FlowError::Conflict)), "{late:?}");
}

#[tokio::test]
async fn what_was_not_sent_is_cancelled_here_alone() {
    let (world, _) = World::attached().await;
    let ada = world.applies("Ada Example", None, Some(POSTING)).await;
    world.moves_to_stage(&ada).await;
    let row = world.until_state(InviteState::Waiting).await;
    assert_eq!(standing(&world, &row.id, Verb::Resend).await, Standing::Not(Why::NotSent));
    for _ in 0..2 {
        ask_as(&world, &world.admin, &row.id, row.version, Request::Cancel).await.expect("a double click");
    }
    assert_eq!(world.the_invite().await.state, InviteState::Cancelled);
    world.lever("/sandbox/email", json!({ "opportunity": ada, "emails": [ADA] })).await;
    world.advance(Duration::from_secs(3_600));
    world.drain().await;
    assert_eq!((world.sent().await.len(), world.notes(&ada).await.len()), (0, 0));
}

/// The round that came after an invite's.
async fn next_round(world: &World, id: &InviteId) -> Row {
    let all = world.invites().await;
    all.into_iter().find(|row| row.id != *id).unwrap_or_else(|| panic!("one more round than {id}"))
}

#[tokio::test]
async fn a_retake_is_a_new_round_with_a_new_link() {
    let (world, ada, row) = completed().await;
    world.moves(&ada, "offer").await;
    let (one, other) = tokio::join!(ask(&world, &row.id, Request::Retake), ask(&world, &row.id, Request::Retake));
    let again = one.expect("asked");
    assert_eq!(again, other.expect("a double click"));
    assert_ne!(again, row.id);
    world.until("it is sent", async || next_round(&world, &row.id).await.state == InviteState::Sent).await;
    let there = world.sent().await;
    assert_eq!(there.len(), 2);
    assert_eq!((&there[1]["retake_of"], &there[1]["attempt"]), (&there[0]["invite_id"], &json!(2)));
    assert_ne!(there[0]["candidate_url"], there[1]["candidate_url"]);
    assert_eq!(mails(&world).await, [ADA, ADA]);
    assert_eq!(world.detail(&again).await.round, 2);
    assert_eq!(world.detail(&row.id).await.row.state, InviteState::Completed, "what was is not touched");
    assert_eq!(standing(&world, &row.id, Verb::Retake).await, Standing::Not(Why::NewerRound));
    assert_eq!(ask(&world, &row.id, Request::Retake).await.expect("it is there"), again);
    world.until("each has its note", async || world.notes(&ada).await.len() == 2).await;
    let id = text(&there[1]["invite_id"]);
    world.canditech("/sandbox/complete", json!({ "invite": id, "score": 90 })).await;
    world.until("the second score", async || world.detail(&again).await.row.score.is_some()).await;
    assert_eq!(world.detail(&row.id).await.row.score.map(|score| score.value), Some(40_000));
}

#[tokio::test]
async fn a_retake_whose_answer_is_lost_makes_one_round() {
    for kind in unclear_answers() {
        let (world, _, row) = completed().await;
        verb_goes_wrong(&world, kind.clone()).await;
        let again = ask(&world, &row.id, Request::Retake).await.expect("asked");
        world.drain().await;
        world.advance(Duration::from_secs(120));
        world.until("sent", async || world.detail(&again).await.row.state == InviteState::Sent).await;
        assert_eq!((world.sent().await.len(), mails(&world).await.len()), (2, 2), "{kind}");
    }
}

#[tokio::test]
async fn nobody_who_is_archived_gets_a_retake() {
    let (world, ada, row) = completed().await;
    world.lever("/sandbox/archive", json!({ "opportunity": ada })).await;
    let again = ask(&world, &row.id, Request::Retake).await.expect("asked");
    world.until("it ends", async || world.detail(&again).await.row.state == InviteState::Cancelled).await;
    assert_eq!(world.sent().await.len(), 1);
}

#[tokio::test]
async fn a_wrong_address_is_corrected_before_it_is_sent_to() {
    let (world, attachment) = World::attached().await;
    pause(&world, &attachment).await;
    let ada = world.applies("Ada Example", Some(ADA), Some(POSTING)).await;
    world.moves_to_stage(&ada).await;
    let row = world.until_state(InviteState::Waiting).await;
    for _ in 0..2 {
        let request = Request::CorrectEmail { email: format!(" {BETTER} ") };
        ask_as(&world, &world.admin, &row.id, row.version, request).await.expect("a double click");
    }
    assert_eq!(said(&world, &row.id, "corrected the e-mail address").await, 1);
    resume(&world, &attachment).await;
    world.until_state(InviteState::Sent).await;
    assert_eq!(mails(&world).await, [BETTER], "Lever's address is looked at once more, and does not count");
}

async fn pause(world: &World, attachment: &engine::id::AttachmentId) {
    set_state(world, attachment, engine::attachment::AttachmentState::Paused).await;
}

async fn resume(world: &World, attachment: &engine::id::AttachmentId) {
    set_state(world, attachment, engine::attachment::AttachmentState::Active).await;
}

async fn set_state(world: &World, attachment: &engine::id::AttachmentId, state: engine::attachment::AttachmentState) {
    let row = engine::attachment::get(&world.engine, &world.admin, attachment).await.expect("there");
    engine::attachment::set_state(&world.engine, &world.admin, attachment, state, row.version).await.expect("set");
}

#[tokio::test]
async fn a_missing_address_is_given_here_and_it_goes_on() {
    let (world, _) = World::attached().await;
    let ada = world.applies("Ada Example", None, Some(POSTING)).await;
    world.moves_to_stage(&ada).await;
    let row = world.until_state(InviteState::Waiting).await;
    let odd = Request::CorrectEmail { email: "ada at mail".into() };
    let refused = ask(&world, &row.id, odd).await;
    assert!(matches!(refused, Err(FlowError::Refused(Refusal::Email))), "{refused:?}");
    ask(&world, &row.id, Request::CorrectEmail { email: BETTER.into() }).await.expect("corrected");
    world.until_state(InviteState::Sent).await;
    assert_eq!(mails(&world).await, [BETTER]);
}

#[tokio::test]
async fn what_went_to_a_wrong_address_is_taken_back_and_sent_anew() {
    let (world, ada, row) = sent().await;
    let version = world.detail(&row.id).await.row.version;
    let correct = || Request::CorrectEmail { email: BETTER.into() };
    for _ in 0..2 {
        ask_as(&world, &world.admin, &row.id, version, correct()).await.expect("a double click");
    }
    let other = Request::CorrectEmail { email: "somebody@else.example".into() };
    let conflict = ask(&world, &row.id, other).await;
    assert!(matches!(conflict, Err(FlowError::Conflict)), "{conflict:?}");
    world.until("both are known", async || world.invites().await.len() == 2).await;
    let again = next_round(&world, &row.id).await;
    world.until("sent", async || world.detail(&again.id).await.row.state == InviteState::Sent).await;
    assert_eq!(mails(&world).await, [ADA, BETTER]);
    let states: Vec<String> = world.sent().await.iter().map(|invite| text(&invite["status"])).collect();
    assert_eq!(states, ["cancelled", "sent"]);
    let late = ask_as(&world, &world.admin, &row.id, version, correct()).await;
    assert_eq!(late.expect("the same click, late"), again.id);
    let statuses = async || {
        let notes = world.notes(&ada).await;
        let has = |line: &str| notes.iter().filter(|note| note.lines().any(|other| other == line)).count();
        (has("Status: Cancelled"), has("Status: Sent"))
    };
    world.until("noted", async || statuses().await == (1, 1)).await;
}

#[tokio::test]
async fn a_correction_whose_answers_are_lost_sends_one_anew() {
    for kind in unclear_answers() {
        let (world, _, row) = sent().await;
        verb_goes_wrong(&world, kind.clone()).await;
        let send = json!({ "path_prefix": "/api/invites", "method": "POST", "kind": kind.clone(), "times": 1 });
        world.fault_at_canditech(send).await;
        ask(&world, &row.id, Request::CorrectEmail { email: BETTER.into() }).await.expect("asked");
        for _ in 0..3 {
            world.drain().await;
            world.advance(Duration::from_secs(120));
        }
        world.until("both are known", async || world.invites().await.len() == 2).await;
        let again = next_round(&world, &row.id).await;
        world.until("sent", async || world.detail(&again.id).await.row.state == InviteState::Sent).await;
        assert_eq!(mails(&world).await, [ADA, BETTER], "{kind}");
    }
}

#[tokio::test]
async fn a_mail_that_bounced_goes_to_a_better_address() {
    let (world, _, row) = sent().await;
    world.canditech("/sandbox/error", json!({ "invite": ADA })).await;
    world.until_state(InviteState::Failed).await;
    let again = ask(&world, &row.id, Request::CorrectEmail { email: BETTER.into() }).await.expect("asked");
    assert_ne!(again, row.id, "there is nothing to take back");
    world.until("sent", async || world.detail(&again).await.row.state == InviteState::Sent).await;
    assert_eq!(mails(&world).await, [ADA, BETTER]);
    assert_eq!(world.asked_of_canditech("POST", "/api/invites/").await, 0);
}

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

#[tokio::test]
async fn a_process_that_dies_in_the_middle_of_a_verb_has_it_done_once() {
    let slow = json!({ "delay_after": { "ms": 60_000 } });
    for (request, what) in [
        (Request::Resend, "Sent again"),
        (Request::Extend { days: 4 }, "deadline was moved"),
        (Request::Cancel, "took it back"),
    ] {
        let (world, _, row) = sent().await;
        let before = world.detail(&row.id).await.expires_at.expect("a deadline");
        verb_goes_wrong(&world, slow.clone()).await;
        ask(&world, &row.id, request.clone()).await.expect("asked");
        let there = world.sent().await;
        let engine = world.engine.clone();
        let process = tokio::spawn(async move { job::drain(&engine).await });
        while world.sent().await == there {
            tokio::task::yield_now().await;
        }
        process.abort();
        process.await.expect_err("it died in the middle of its call");
        job::take_over(&world.engine).await.expect("taken over");
        world.until("it is done", async || said(&world, &row.id, what).await == 1).await;
        let (mails, after) = (mails(&world).await.len(), world.detail(&row.id).await.expires_at);
        let days = (after.expect("a deadline").since(before).as_secs() + 1) / 86_400;
        let expected = match request {
            Request::Resend => (2, 0),
            Request::Extend { .. } => (1, 4),
            _ => (1, 0),
        };
        assert_eq!((mails, days), expected, "{request:?}");
    }
}

#[tokio::test]
async fn two_processes_do_it_once() {
    let (world, _, row) = sent().await;
    let second = world.second_process().await;
    ask(&world, &row.id, Request::Resend).await.expect("asked");
    let (one, other) = tokio::join!(job::drain(&world.engine), job::drain(&second));
    one.expect("the database works");
    other.expect("the database works");
    assert_eq!((mails(&world).await.len(), said(&world, &row.id, "Sent again").await), (2, 1));
}

#[tokio::test]
async fn a_refused_key_makes_a_verb_wait_and_a_good_one_has_it_done() {
    let (world, ada, row) = sent().await;
    verb_goes_wrong(&world, json!({ "status": { "code": 401 } })).await;
    ask(&world, &row.id, Request::Cancel).await.expect("asked");
    world.drain().await;
    assert_eq!(standing(&world, &row.id, Verb::Cancel).await, Standing::UnderWay);
    world.advance(DAY * 2);
    world.drain().await;
    assert_eq!(standing(&world, &row.id, Verb::Cancel).await, Standing::UnderWay, "it is not given up");
    world.connect_provider(Protocol::Canditech).await;
    world.until("noted", async || world.note_says(&ada, &["Status: Cancelled"]).await).await;
}

#[tokio::test]
async fn a_provider_that_is_down_for_a_day_is_told_of_and_the_verb_can_be_asked_for_again() {
    let (world, _, row) = sent().await;
    let down = json!({ "path_prefix": "/api/invites", "kind": { "status": { "code": 503 } } });
    world.fault_at_canditech(down).await;
    ask(&world, &row.id, Request::Resend).await.expect("asked");
    for _ in 0..30 {
        world.drain().await;
        world.advance(Duration::from_secs(3_601));
    }
    world.drain().await;
    assert_eq!(said(&world, &row.id, "gave no clear answer for 24 hours").await, 1);
    world.forget_faults_at_canditech().await;
    ask(&world, &row.id, Request::Resend).await.expect("asked again");
    world.until("it is done", async || said(&world, &row.id, "Sent again").await == 1).await;
    assert_eq!(mails(&world).await.len(), 2);
}

#[tokio::test]
async fn a_cancel_makes_the_resend_before_it_needless() {
    let (world, _, row) = sent().await;
    ask(&world, &row.id, Request::Resend).await.expect("asked");
    ask(&world, &row.id, Request::Cancel).await.expect("and thought better of it");
    world.until("taken back", async || said(&world, &row.id, "took it back").await == 1).await;
    world.drain().await;
    assert_eq!((mails(&world).await.len(), said(&world, &row.id, "not sent again").await), (1, 0));
}

#[tokio::test]
async fn a_restored_backup_looks_before_it_repeats() {
    let (world, ada, row) = sent().await;
    ask(&world, &row.id, Request::Cancel).await.expect("asked");
    world.until("noted", async || world.note_says(&ada, &["Status: Cancelled"]).await).await;
    for statement in [
        "UPDATE verbs SET begun_at = NULL, ended_at = NULL",
        "UPDATE invites SET state = 'sent', reason = NULL",
        "UPDATE jobs SET state = 'open', finished_at = NULL, due_at = 0 WHERE kind = 'carry_out'",
    ] {
        let mut tx = world.engine.db.write().await.expect("a transaction");
        sqlx::query(statement).execute(&mut *tx).await.expect("as the backup has it");
        tx.commit().await.expect("stored");
    }
    after_restore(&world.engine.db, world.engine.clock.now()).await.expect("restored");
    let before = world.asked_of_canditech("POST", "/api/invites/").await;
    world.until_state(InviteState::Cancelled).await;
    assert_eq!(world.asked_of_canditech("POST", "/api/invites/").await, before, "it was looked up");
}

#[tokio::test]
async fn an_anonymised_candidate_leaves_no_address_behind() {
    let (world, ada, row) = sent().await;
    world.fault_at_canditech(json!({ "path_prefix": "/api/invites/", "kind": { "status": { "code": 503 } } })).await;
    ask(&world, &row.id, Request::CorrectEmail { email: BETTER.into() }).await.expect("asked");
    world.lever("/sandbox/anonymize", json!({ "opportunity": ada })).await;
    world.moves(&ada, "offer").await;
    world.hear(Sender::Lever).await;
    let forgotten = async || {
        let kept: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM verbs WHERE email IS NOT NULL OR ended_at IS NULL")
            .fetch_one(world.engine.db.read())
            .await
            .expect("readable");
        world.advance(Duration::from_secs(60));
        kept == 0
    };
    world.until("it is forgotten", forgotten).await;
    assert_eq!(standing(&world, &row.id, Verb::CorrectEmail).await, Standing::Not(Why::Anonymized));
    assert_eq!(invite::page(&world.engine, &world.admin, &invite::Filter::default()).await.expect("a list").count, 1);
}
