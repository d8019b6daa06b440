//! The candidate changes under our feet: leaves just before the send, comes back, is archived, erased, has
//! odd addresses, and people remove our note.

use std::time::Duration;

use engine::{
    attachment::{self, NewAttachment},
    delivery::Received,
    invite::{self, Filter, InviteState, Row},
    verdict::{self, Verdict},
};
use serde_json::json;

use crate::world::{ENGLISH, POSTING, PYTHON, STAGE, Sender, World, soon};

const ADA: &str = "ada@mail.example";

/// The provider answers nothing at first, so that the invite stands queued and unsent.
async fn queued() -> (World, String) {
    let (world, _) = World::attached().await;
    let fault = json!({ "path_prefix": "/api/invites", "method": "POST", "kind": "drop_before", "times": 1 });
    world.fault_at_canditech(fault).await;
    let ada = world.applies("Ada Example", Some(ADA), Some(POSTING)).await;
    world.moves_to_stage(&ada).await;
    world.drain().await;
    assert_eq!(world.the_invite().await.state, InviteState::Queued);
    (world, ada)
}

async fn moves_and_tells(world: &World, opportunity: &str, stage: &str) {
    world.moves(opportunity, stage).await;
    world.hear(Sender::Lever).await;
    world.drain().await;
}

#[tokio::test]
async fn whoever_leaves_before_the_send_and_comes_back_is_invited_then() {
    let (world, ada) = queued().await;
    world.moves(&ada, "offer").await;
    world.hear(Sender::Lever).await;
    world.advance(Duration::from_secs(60));
    world.until_state(InviteState::Cancelled).await;
    world.advance(Duration::from_secs(60));
    moves_and_tells(&world, &ada, &world.stage).await;
    world.until_state(InviteState::Sent).await;
    assert_eq!(world.sent().await.len(), 1);
    world.until("noted", async || world.note_says(&ada, &["Status: Sent"]).await).await;
}

#[tokio::test]
async fn whom_a_removed_attachment_forgot_is_invited_when_they_enter_anew() {
    let (world, ada) = queued().await;
    world.moves(&ada, "offer").await;
    world.hear(Sender::Lever).await;
    world.advance(Duration::from_secs(60));
    world.until_state(InviteState::Cancelled).await;
    // Until they enter the stage again, nothing makes them due.
    world.attach(None, PYTHON).await;
    world.advance(Duration::from_secs(301));
    world.drain().await;
    assert_eq!(world.the_invite().await.state, InviteState::Cancelled);
    assert_eq!(world.sent().await.len(), 0);
    moves_and_tells(&world, &ada, &world.stage).await;
    world.until_state(InviteState::Sent).await;
    assert_eq!(world.sent_to(ADA).await, 1);
}

#[tokio::test]
async fn whoever_is_taken_out_of_the_archive_is_due_when_they_enter_anew() {
    let (world, ada) = queued().await;
    world.lever("/sandbox/archive", json!({ "opportunity": ada, "reason": "Withdrew" })).await;
    world.advance(Duration::from_secs(60));
    world.until_state(InviteState::Cancelled).await;
    world.lever("/sandbox/unarchive", json!({ "opportunity": ada })).await;
    world.advance(Duration::from_secs(301));
    world.drain().await;
    assert_eq!((world.the_invite().await.state, world.sent().await.len()), (InviteState::Cancelled, 0));
    for stage in ["offer", world.stage.as_str()] {
        world.advance(Duration::from_secs(1));
        moves_and_tells(&world, &ada, stage).await;
    }
    world.until_state(InviteState::Sent).await;
    assert_eq!(world.sent_to(ADA).await, 1);
}

#[tokio::test]
async fn one_person_with_two_applications_is_invited_once_for_each() {
    let (world, _) = World::attached().await;
    world.attach(Some("Software Engineer"), ENGLISH).await;
    let mut both = Vec::new();
    for posting in [POSTING, "Software Engineer"] {
        both.push(world.applies("Ada Example", Some(ADA), Some(posting)).await);
    }
    for round in 0..2 {
        for opportunity in &both {
            moves_and_tells(&world, opportunity, &world.stage).await;
        }
        world
            .until("both are noted", async || {
                world.note_says(&both[0], &["Status: Sent"]).await && world.note_says(&both[1], &["Status: Sent"]).await
            })
            .await;
        let mut sent: Vec<String> = world.invites().await.into_iter().map(|row| row.assessment_name).collect();
        sent.sort();
        assert_eq!(sent, ["English, 20 min", "Python, 60 min"], "round {round}");
        assert_eq!(world.sent_to(ADA).await, 2, "round {round}");
        for opportunity in &both {
            moves_and_tells(&world, opportunity, "offer").await;
        }
    }
}

/// Leaves, is cancelled for it, and enters the stage again, where something is missing.
async fn back_without_an_address(world: &World) -> String {
    let ada = world.applies("Ada Example", None, Some(POSTING)).await;
    moves_and_tells(world, &ada, &world.stage).await;
    world.until_state(InviteState::Waiting).await;
    world.advance(Duration::from_secs(1));
    moves_and_tells(world, &ada, "offer").await;
    world.until_state(InviteState::Cancelled).await;
    world.advance(Duration::from_secs(1));
    moves_and_tells(world, &ada, &world.stage).await;
    world.until_state(InviteState::Waiting).await;
    ada
}

#[tokio::test]
async fn whoever_came_back_and_was_dropped_stays_dropped() {
    let (world, _) = World::attached().await;
    let ada = back_without_an_address(&world).await;
    let id = world.the_invite().await.id;
    let dropped = invite::decide(&world.engine, &world.admin, &[id], invite::Decision::Drop).await;
    assert_eq!(dropped.expect("allowed"), 1);
    world.lever("/sandbox/email", json!({ "opportunity": ada, "emails": [ADA] })).await;
    for _ in 0..2 {
        world.advance(Duration::from_secs(301));
        world.drain().await;
    }
    assert_eq!((world.the_invite().await.state, world.sent().await.len()), (InviteState::Cancelled, 0));
}

#[tokio::test]
async fn whoever_comes_back_to_another_stage_with_the_same_assessment_is_invited_there() {
    let (world, ada) = queued().await;
    moves_and_tells(&world, &ada, "applicant-new").await;
    world.advance(Duration::from_secs(60));
    world.until_state(InviteState::Cancelled).await;
    world.advance(Duration::from_secs(1));
    let posting = Some(world.posting(POSTING).await.as_str().into());
    let new = NewAttachment { posting, stage: "offer".into(), assessment: PYTHON.into(), valid_days: None };
    attachment::attach(&world.engine, &world.admin, new).await.expect("attached");
    world.advance(Duration::from_secs(1));
    let fault = json!({ "path_prefix": "/api/invites", "method": "POST", "kind": "drop_before", "times": 1 });
    world.fault_at_canditech(fault).await;
    moves_and_tells(&world, &ada, "offer").await;
    assert_eq!(world.the_invite().await.state, InviteState::Queued);
    // The second try looks at Lever first, and finds her where she entered.
    world.advance(Duration::from_secs(60));
    world.until_state(InviteState::Sent).await;
    assert_eq!(world.sent_to(ADA).await, 1);
}

#[tokio::test]
async fn a_look_that_took_longer_ends_nothing_that_a_later_one_began() {
    let world = World::connected().await;
    let first = world.attach(None, PYTHON).await;
    let new = NewAttachment { posting: None, stage: "offer".into(), assessment: ENGLISH.into(), valid_days: None };
    attachment::attach(&world.engine, &world.admin, new).await.expect("attached");
    // A position that our copy does not know is asked for, and that takes long for whoever asks first.
    world.lever("/sandbox/postings", json!({ "text": "Newly opened", "team": "Quality" })).await;
    let late =
        json!({ "path_prefix": "/v1/postings", "method": "GET", "kind": { "delay": { "ms": 5_000 } }, "times": 1 });
    world.fault_at_lever(late).await;
    let ada = world.applies("Ada Example", None, Some("Newly opened")).await;
    world.lever("/sandbox/webhooks/mode", json!({ "drop": true })).await;
    world.moves(&ada, &world.stage).await;
    world.lever("/sandbox/webhooks/mode", json!({ "drop": false })).await;

    let before = world.asked_of_lever("GET", "/v1/opportunities").await;
    let (engine, admin, chosen) = (world.engine.clone(), world.admin.clone(), [ada.as_str().into()]);
    let asked = tokio::spawn(async move { attachment::invite_standing(&engine, &admin, &first, &chosen).await });
    soon("they are read", async || world.asked_of_lever("GET", "/v1/opportunities").await > before).await;
    world.advance(Duration::from_secs(1));
    moves_and_tells(&world, &ada, "offer").await;
    let english = async || world.invites().await.into_iter().find(|row| row.assessment_name.contains("English"));
    world.until("the later look makes it wait", async || english().await.is_some()).await;
    // The look that began earlier goes on until now, but on a machine so slow that all this took five seconds.
    asked.await.expect("no panic").expect("asked");
    world.drain().await;
    assert_eq!(english().await.expect("it is there").state, InviteState::Waiting);
}

#[tokio::test]
async fn whoever_left_unheard_before_the_send_gets_nothing() {
    let (world, _) = World::attached().await;
    let ada = world.applies("Ada Example", Some(ADA), Some(POSTING)).await;
    world.moves_to_stage(&ada).await;
    // The process dies between its look at the candidate and the send.
    until_queued_and_dead(&world).await;
    world.lever("/sandbox/webhooks/mode", json!({ "drop": true })).await;
    world.moves(&ada, "offer").await;
    world.advance(Duration::from_secs(3));
    engine::job::take_over(&world.engine).await.expect("taken over");
    let row = world.until_state(InviteState::Cancelled).await;
    assert!(row.reason.is_some_and(|reason| reason.contains("Left the stage")));
    assert_eq!(world.sent().await.len(), 0);
}

async fn until_queued_and_dead(world: &World) {
    let engine = world.engine.clone();
    let process = tokio::spawn(async move { engine::job::drain(&engine).await });
    while invites(world).await == 0 {
        tokio::task::yield_now().await;
    }
    process.abort();
    assert!(process.await.is_err(), "it died before it sent");
    assert_eq!(world.sent().await.len(), 0, "it died before it sent");
}

async fn invites(world: &World) -> i64 {
    sqlx::query_scalar("SELECT COUNT(*) FROM invites").fetch_one(world.engine.db.read()).await.expect("readable")
}

#[tokio::test]
async fn whoever_is_hired_before_the_send_gets_nothing_and_after_it_keeps_the_result() {
    let (world, ada) = queued().await;
    world.lever("/sandbox/archive", json!({ "opportunity": ada, "reason": "Hired" })).await;
    world.advance(Duration::from_secs(60));
    let row = world.until_state(InviteState::Cancelled).await;
    assert!(row.reason.is_some_and(|reason| reason.contains("Archived")));
    assert_eq!(world.sent().await.len(), 0);

    let (world, _) = World::attached().await;
    let ben = world.applies("Ben Example", Some(ADA), Some(POSTING)).await;
    world.moves_to_stage(&ben).await;
    world.until_state(InviteState::Sent).await;
    world.lever("/sandbox/archive", json!({ "opportunity": ben, "reason": "Hired" })).await;
    world.drain().await;
    world.submits(ADA, Some(87)).await;
    world.until("noted", async || world.note_says(&ben, &["Status: Completed", "Score: 87/100"]).await).await;
}

/// Applies with these addresses and enters the stage; answers what becomes of it.
async fn with_addresses(world: &World, addresses: &[&str]) -> Row {
    let one = world.applies("Ada Example", None, Some(POSTING)).await;
    world.lever("/sandbox/email", json!({ "opportunity": one, "emails": addresses })).await;
    world.moves_to_stage(&one).await;
    world.drain().await;
    world.invites().await.remove(0)
}

#[tokio::test]
async fn of_several_addresses_the_first_good_one_counts_and_a_bad_one_waits() {
    let (world, _) = World::attached().await;
    let long = format!("{}@{}.example", "a".repeat(64), "b".repeat(180));
    let cases: [(&[&str], Option<&str>); 7] = [
        (&[], None),
        (&["not an address"], None),
        (&["@mail.example", "ada@"], None),
        (&["one@mail.example", "two@mail.example"], Some("one@mail.example")),
        (&["broken", "third@mail.example"], Some("third@mail.example")),
        (&["grace@bücher.example"], Some("grace@bücher.example")),
        (&[&long], Some(&long)),
    ];
    for (addresses, expected) in cases {
        let before = world.sent().await.len();
        let row = with_addresses(&world, addresses).await;
        let invites = world.sent().await;
        match expected {
            Some(address) => {
                assert_eq!(row.state, InviteState::Sent, "{addresses:?}: {:?}", row.reason);
                assert_eq!(invites.last().expect("an invite")["candidate"]["email"], address);
            }
            None => {
                assert_eq!(row.state, InviteState::Waiting, "{addresses:?}");
                assert!(row.reason.is_some_and(|reason| reason.contains("No e-mail address")), "{addresses:?}");
                assert_eq!(invites.len(), before);
            }
        }
        world.advance(Duration::from_secs(1));
    }
}

#[tokio::test]
async fn a_note_that_somebody_deleted_is_written_anew_once() {
    let (world, _) = World::attached().await;
    let ada = world.applies("Ada Example", Some(ADA), Some(POSTING)).await;
    world.moves_to_stage(&ada).await;
    world.until_state(InviteState::Sent).await;
    world.submits(ADA, Some(87)).await;
    let row = world.until_state(InviteState::Completed).await;
    world.until("noted", async || world.note_says(&ada, &["Score: 87/100"]).await).await;
    let api = engine::lever::Api::new(&world.engine, &world.admin.organization);
    let id = ada.as_str().into();
    for note in api.notes(&id).await.expect("the notes") {
        api.delete_note(&id, &note.id).await.expect("deleted");
    }
    for value in [Verdict::Passed, Verdict::Failed] {
        verdict::give(&world.engine, &world.admin, &row.id, value, None, None).await.expect("completed");
        let line = format!("Verdict: {}", value.word());
        world.until("one note says it", async || world.note_says(&ada, &[&line]).await).await;
    }
}

#[tokio::test]
async fn an_erased_candidate_is_in_no_file_of_the_database() {
    let (world, _) = World::attached().await;
    let canary = "canary.of.the.mine@mail.example";
    let ada = world.applies("Canaria Example", Some(canary), Some(POSTING)).await;
    world.moves_to_stage(&ada).await;
    world.until_state(InviteState::Sent).await;
    assert_ne!(world.found_on_disk(canary), Some(0), "it is there at first");
    // The provider, which is asked to forget her, does not answer that for now.
    let down = json!({ "path_prefix": "/api/candidates", "method": "DELETE", "kind": { "status": { "code": 503 } } });
    world.fault_at_canditech(down).await;
    world.lever("/sandbox/anonymize", json!({ "opportunity": ada })).await;
    moves_and_tells(&world, &ada, "offer").await;
    world.until("the name is gone", async || world.the_invite().await.candidate_name != "Canaria Example").await;
    let asked = world.asked_of_lever("GET", &format!("/v1/opportunities/{ada}")).await;
    // The provider, which still has it, tells of a result.
    world.submits(canary, Some(87)).await;
    while world.hear(Sender::Canditech).await.received != Received::Accepted {}
    world.drain().await;
    world.forget_faults_at_canditech().await;
    world.advance(Duration::from_secs(24 * 3600));
    // It tells more than once; what comes last is gone with the next housekeeping.
    let is_gone = async || {
        engine::job::schedule_standing_work(&world.engine).await.expect("the database works");
        world.drain().await;
        world.found_on_disk(canary).is_none_or(|times| times == 0)
    };
    world.until("it is in no file", is_gone).await;
    assert_eq!(world.asked_of_lever("GET", &format!("/v1/opportunities/{ada}")).await, asked, "and not asked for");
}

#[tokio::test]
async fn whoever_stood_in_a_stage_that_is_removed_gets_nothing_and_it_is_said_why() {
    let (world, ada) = queued().await;
    world.lever("/sandbox/stages/remove", json!({ "text": STAGE })).await;
    engine::connection::sync_now(&world.engine, &world.admin).await.expect("a sync");
    world.advance(Duration::from_secs(60));
    let row = world.until_state(InviteState::Cancelled).await;
    assert!(row.reason.as_ref().is_some_and(|reason| reason.contains("The stage was removed in Lever")), "{row:?}");
    world.advance(Duration::from_secs(301));
    world.drain().await;
    assert_eq!((world.sent().await.len(), world.notes(&ada).await.len()), (0, 0), "nothing goes anywhere else");
}

#[tokio::test]
async fn a_position_that_closes_stops_nobody_whom_a_recruiter_moved() {
    let (world, _) = queued().await;
    world.lever("/sandbox/postings/change", json!({ "posting": POSTING, "state": "closed" })).await;
    engine::connection::sync_now(&world.engine, &world.admin).await.expect("a sync");
    world.advance(Duration::from_secs(60));
    world.until_state(InviteState::Sent).await;
    assert_eq!(world.sent_to(ADA).await, 1);
}

#[tokio::test]
async fn a_merge_before_the_send_follows_the_opportunity_to_its_new_contact() {
    let (world, ada) = queued().await;
    let other = world.applies("Ada Lovelace", Some("lovelace@mail.example"), None).await;
    world.lever("/sandbox/merge", json!({ "from": ada, "into": other })).await;
    world.advance(Duration::from_secs(60));
    world.until_state(InviteState::Sent).await;
    assert_eq!((world.sent_to(ADA).await, world.sent_to("lovelace@mail.example").await), (0, 1));
    // The result comes back by our reference, and the note stands at the same opportunity.
    world.submits("lovelace@mail.example", Some(87)).await;
    world.until("noted", async || world.note_says(&ada, &["Score: 87/100"]).await).await;
}

#[tokio::test]
async fn whoever_changes_address_after_the_send_keeps_the_result() {
    let (world, _) = World::attached().await;
    let ada = world.applies("Ada Example", Some(ADA), Some(POSTING)).await;
    world.moves_to_stage(&ada).await;
    world.until_state(InviteState::Sent).await;
    world.lever("/sandbox/email", json!({ "opportunity": ada, "emails": ["new@mail.example"] })).await;
    moves_and_tells(&world, &ada, "offer").await;
    world.submits(ADA, Some(87)).await;
    let row = world.until_state(InviteState::Completed).await;
    world.until("noted", async || world.note_says(&ada, &["Score: 87/100"]).await).await;
    assert_eq!(world.detail(&row.id).await.candidate_email.as_deref(), Some(ADA), "where it went");
    assert_eq!(world.sent().await.len(), 1);
}

#[tokio::test]
async fn names_of_every_kind_are_invited_found_and_kept_out_of_the_note() {
    let (world, _) = World::attached().await;
    // Random enough that no database can make it small.
    let long: String = (0..10_000_u32).map(|n| char::from_u32(0x4e00 + (n * 7_919) % 20_000).unwrap_or('x')).collect();
    let names = [
        "\u{5e0}\u{5d5}\u{5e8}\u{5d4} \u{202e}evil",
        "\u{1f469}\u{1f3fd}\u{200d}\u{1f680} Ada",
        "<script>alert(1)</script> O'Neil \"{{ 7*7 }}\"",
        "=cmd|' /C calc'!A0",
        "Nul\0 and\ttab",
        long.as_str(),
    ];
    for (n, name) in names.iter().enumerate() {
        let email = format!("name.{n}@mail.example");
        let id = world.applies(name, Some(&email), Some(POSTING)).await;
        world.moves_to_stage(&id).await;
        world.until("it is sent", async || world.sent_to(&email).await == 1).await;
        world.until("it is noted", async || world.note_says(&id, &["Status: Sent"]).await).await;
        let row = world.invites().await.remove(0);
        let start: String = row.candidate_name.chars().take(3).collect();
        assert!(row.candidate_name.chars().count() <= 300 && name.starts_with(&start), "{}", row.candidate_name);
        assert!(!row.candidate_name.contains(|c: char| c.is_control() || c == '\u{202e}'), "{}", row.candidate_name);
        let note = world.notes(&id).await.remove(0);
        assert!(!note.contains(&start), "{note}");
        let word = row.candidate_name.split(|sign: char| !sign.is_alphanumeric()).find(|word| !word.is_empty());
        let typed = word.map(|word| word.chars().take(3).collect());
        let filter = Filter { name: typed, ..Filter::default() };
        let found = invite::page(&world.engine, &world.admin, &filter).await.expect("the list");
        assert!(found.rows.iter().any(|other| other.id == row.id), "{}", row.candidate_name);
        world.advance(Duration::from_secs(1));
    }
}
