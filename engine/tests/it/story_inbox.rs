//! The inbox: what comes together is written together, and nobody is told "taken" before it is on disk.

use std::time::Duration;

use engine::{
    Engine, connection,
    db::Flavour,
    delivery::{self, Received},
    fault::StoreError,
    invite::InviteState,
    live::Change,
};
use futures::{StreamExt as _, future::join_all, stream::FuturesUnordered};
use serde_json::{Value, json};
use tokio::time::{Instant, timeout};

use crate::world::{POSTING, Sender, World, signed};

const TOKEN: &str = "a signature token of Halden's own";
/// The longest that a sender may wait for an answer.
const ANSWERED_WITHIN: Duration = Duration::from_secs(5);

/// A connected organization with a webhook made by hand, whose token we know; answers its address.
async fn with_token(world: &World) -> String {
    connection::paste_signature_token(&world.engine, &world.admin, TOKEN).await.expect("taken");
    address(world).await
}

async fn address(world: &World) -> String {
    let shown = connection::overview(&world.engine, &world.admin).await.expect("readable").expect("a connection");
    shown.webhook_url.rsplit('/').next().expect("an address").to_owned()
}

fn stage_change(world: &World, token: &str, opportunity: &str) -> Value {
    let data = json!({ "opportunityId": opportunity, "toStageId": world.stage, "contactId": "c" });
    signed(TOKEN, token, world.engine.clock.now(), &data)
}

async fn send(engine: &Engine, address: &str, message: &Value) -> Result<Received, StoreError> {
    delivery::receive_lever(engine, address, message.to_string().as_bytes()).await
}

async fn taken(world: &World) -> usize {
    delivery::list(&world.engine, &world.admin, None, 200).await.expect("the list").len()
}

async fn one(engine: &Engine, count: &'static str) -> i64 {
    sqlx::query_scalar(count).fetch_one(engine.db.read()).await.expect("a number")
}

#[tokio::test]
async fn what_comes_at_once_is_kept_once_each_with_one_job_a_candidate() {
    let world = World::connected().await;
    let address = with_token(&world).await;
    let messages: Vec<Value> =
        (0..40).map(|n| stage_change(&world, &format!("token{}", n / 2), &format!("opportunity{}", n / 4))).collect();
    let answers = join_all(messages.iter().map(|message| send(&world.engine, &address, message))).await;
    let of =
        |what: Received| answers.iter().filter(|answer| matches!(answer, Ok(received) if *received == what)).count();
    // Two of each token, and two tokens for the same move of each candidate.
    assert_eq!((of(Received::Accepted), of(Received::Repeated)), (10, 30), "{answers:?}");
    assert_eq!(taken(&world).await, 10);
    assert_eq!(one(&world.engine, "SELECT COUNT(*) FROM jobs WHERE kind = 'reconcile'").await, 10);
}

#[tokio::test]
async fn what_was_kept_before_is_not_read_for_each_message() {
    let world = World::connected().await;
    if world.engine.db.flavour() == Flavour::Sqlite {
        return;
    }
    let address = with_token(&world).await;
    let (batches, together) = (20, 30);
    let sent = batches * together;
    for batch in 0..batches {
        let message = |n: i64| stage_change(&world, &format!("token{n}"), &format!("opportunity{n}"));
        let messages: Vec<Value> = (0..together).map(|n| message(batch * together + n)).collect();
        for answer in join_all(messages.iter().map(|message| send(&world.engine, &address, message))).await {
            assert_eq!(answer.expect("kept"), Received::Accepted);
        }
    }
    // The server counts a connection's work once that has ended.
    world.engine.inbox.settle().await;
    world.engine.db.close().await;
    let again = world.second_process().await;
    let counted = async {
        while one(&again, "SELECT n_tup_ins FROM pg_stat_user_tables WHERE relname = 'deliveries'").await < sent {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        one(&again, "SELECT seq_tup_read FROM pg_stat_user_tables WHERE relname = 'deliveries'").await
    };
    let read = timeout(ANSWERED_WITHIN, counted).await.expect("the server has counted");
    assert!(read <= sent, "{read} rows were read for {sent} messages");
}

#[tokio::test]
async fn a_candidate_who_moves_while_the_job_is_open_is_asked_for_again() {
    let world = World::connected().await;
    let address = with_token(&world).await;
    let archived = |token: &str| {
        let mut message = stage_change(&world, token, "ada");
        message["event"] = json!("candidateArchiveChange");
        message["data"].as_object_mut().expect("an object").remove("toStageId");
        message
    };
    assert_eq!(
        send(&world.engine, &address, &stage_change(&world, "t1", "ada")).await.expect("kept"),
        Received::Accepted
    );
    let together = [archived("t2"), archived("t3"), stage_change(&world, "t4", "bea")];
    for answer in join_all(together.iter().map(|message| send(&world.engine, &address, message))).await {
        assert_eq!(answer.expect("kept"), Received::Accepted);
    }
    let asked = one(&world.engine, "SELECT asked FROM jobs WHERE payload LIKE '%ada%'").await;
    assert_eq!(asked, 3, "one job, asked for three times");
    assert_eq!(one(&world.engine, "SELECT COUNT(*) FROM jobs WHERE kind = 'reconcile'").await, 2);
}

#[tokio::test]
async fn the_same_message_written_otherwise_is_the_same_message() {
    let world = World::connected().await;
    let address = with_token(&world).await;
    let message = stage_change(&world, "t1", "ada");
    assert_eq!(send(&world.engine, &address, &message).await.expect("kept"), Received::Accepted);
    let mut more = message.clone();
    more["unheard"] = json!({ "of": [1, null, "😀"] });
    let fields = message.as_object().expect("an object");
    let backwards: Vec<String> = fields.iter().rev().map(|(name, value)| format!(" {name:?} :\n\t{value}")).collect();
    let otherwise = [
        serde_json::to_string_pretty(&message).expect("JSON"),
        format!("\r\n{{{}}} \n", backwards.join(",")),
        more.to_string(),
    ];
    for body in otherwise {
        let received = delivery::receive_lever(&world.engine, &address, body.as_bytes()).await;
        assert_eq!(received.expect("known"), Received::Repeated, "{body}");
    }
    assert_eq!(taken(&world).await, 1);
}

#[tokio::test]
async fn a_sender_that_goes_away_takes_nothing_with_it() {
    let world = World::connected().await;
    let address = with_token(&world).await;
    let blocked = block(&world).await;
    let messages: Vec<Value> = (0..12).map(|n| stage_change(&world, &format!("t{n}"), &format!("o{n}"))).collect();
    let (leaving, staying) = messages.split_at(6);
    let stays = join_all(staying.iter().map(|message| send(&world.engine, &address, message)));
    let leave = timeout(Duration::from_millis(300), join_all(leaving.iter().map(|m| send(&world.engine, &address, m))));
    let freed = async {
        let left = leave.await;
        blocked.rollback().await.expect("freed");
        left
    };
    let (answers, left) = tokio::join!(stays, freed);
    assert!(left.is_err(), "they went before they were answered");
    for answer in answers {
        assert_eq!(answer.expect("kept"), Received::Accepted);
    }
    world.engine.inbox.settle().await;
    assert_eq!(taken(&world).await, 12, "the messages of those who left are there too");
}

/// Somebody holds what the inbox writes to.
async fn block(world: &World) -> engine::db::Tx {
    let mut tx = world.engine.db.write().await.expect("a transaction");
    if world.engine.db.flavour() == Flavour::Postgres {
        sqlx::raw_sql("LOCK TABLE connections, deliveries IN SHARE MODE").execute(&mut *tx).await.expect("locked");
    }
    tx
}

#[tokio::test]
async fn while_nothing_can_be_written_senders_are_told_so_in_time_and_repeat() {
    let world = World::connected().await;
    let address = with_token(&world).await;
    let messages: Vec<Value> = (0..20).map(|n| stage_change(&world, &format!("t{n}"), &format!("o{n}"))).collect();
    let blocked = block(&world).await;
    let began = Instant::now();
    let answers = join_all(messages.iter().map(|message| send(&world.engine, &address, message))).await;
    assert!(began.elapsed() < ANSWERED_WITHIN, "{:?}", began.elapsed());
    assert!(answers.iter().all(|answer| matches!(answer, Err(StoreError::NotStored(_)))), "{answers:?}");
    blocked.rollback().await.expect("freed");

    let repeated = join_all(messages.iter().map(|message| send(&world.engine, &address, message))).await;
    assert!(
        repeated.iter().all(|answer| matches!(answer, Ok(Received::Accepted | Received::Repeated))),
        "{repeated:?}"
    );
    assert_eq!(taken(&world).await, 20);
}

#[tokio::test]
async fn what_waits_is_bounded_and_the_rest_is_refused_at_once() {
    let world = World::connected().await;
    let address = with_token(&world).await;
    // Its token is remembered from now on, and nobody waits to read it.
    let first = send(&world.engine, &address, &stage_change(&world, "first", "first")).await;
    assert_eq!(first.expect("kept"), Received::Accepted);
    let blocked = block(&world).await;
    let large = |n: usize| {
        let mut message = stage_change(&world, &format!("t{n}"), &format!("o{n}"));
        message["filler"] = json!("x".repeat(250 * 1024));
        message
    };
    let messages: Vec<Value> = (0..80).map(large).collect();
    let full = |answer: &Result<Received, StoreError>| matches!(answer, Err(StoreError::NotStored(why)) if why.contains("too much"));
    let mut answers: FuturesUnordered<_> =
        messages.iter().map(|message| send(&world.engine, &address, message)).collect();
    // Senders hear of some too late where the machine is slow: those may be written or not, and are repeated.
    let late_one = |answer: &Result<Received, StoreError>| {
        matches!(answer, Err(StoreError::NotStored("the database takes too long")))
    };
    let (mut refused, mut kept, mut late) = (0, 0, 0);
    while refused < 80 - 16 * 1024 / 250 {
        // The others wait: nothing can be written yet.
        let answer = answers.next().await.expect("one more answer");
        assert!(full(&answer) || late_one(&answer), "{answer:?}");
        if full(&answer) { refused += 1 } else { late += 1 }
    }
    blocked.rollback().await.expect("freed");
    while let Some(answer) = answers.next().await {
        match answer {
            Ok(received) => {
                assert_eq!(received, Received::Accepted);
                kept += 1;
            }
            answer if full(&answer) => refused += 1,
            answer => {
                assert!(late_one(&answer), "{answer:?}");
                late += 1;
            }
        }
    }
    world.engine.inbox.settle().await;
    assert_eq!(kept + late + refused, 80);
    assert!((kept..=kept + late).contains(&(taken(&world).await - 1)), "what was taken is written");
}

#[tokio::test]
async fn a_batch_that_fails_stores_nothing_and_the_next_one_works() {
    let world = World::connected().await;
    let address = with_token(&world).await;
    // The jobs cannot be written, so neither may be the deliveries.
    alter(&world, "ALTER TABLE jobs RENAME TO hidden").await;
    let messages: Vec<Value> = (0..5).map(|n| stage_change(&world, &format!("t{n}"), &format!("o{n}"))).collect();
    for answer in join_all(messages.iter().map(|message| send(&world.engine, &address, message))).await {
        assert!(matches!(answer, Err(StoreError::NotStored(_))), "{answer:?}");
    }
    assert_eq!(taken(&world).await, 0);
    alter(&world, "ALTER TABLE hidden RENAME TO jobs").await;
    for answer in join_all(messages.iter().map(|message| send(&world.engine, &address, message))).await {
        assert_eq!(answer.expect("kept"), Received::Accepted);
    }
    assert_eq!(taken(&world).await, 5);
}

async fn alter(world: &World, what: &'static str) {
    let mut tx = world.engine.db.write().await.expect("a transaction");
    sqlx::raw_sql(what).execute(&mut *tx).await.expect("altered");
    tx.commit().await.expect("stored");
}

#[tokio::test]
async fn a_token_that_another_process_retires_or_adds_counts_at_once() {
    let world = World::connected().await;
    let address = with_token(&world).await;
    let other = world.another_process().await;
    let old = |token: &str| stage_change(&world, token, token);
    let new = |token: &str| {
        let data = json!({ "opportunityId": token, "toStageId": world.stage });
        signed("the new token", token, world.engine.clock.now(), &data)
    };
    for engine in [&world.engine, &other] {
        assert_eq!(send(engine, &address, &new("n0")).await.expect("judged"), Received::Refused);
    }
    assert_eq!(send(&world.engine, &address, &old("t1")).await.expect("kept"), Received::Accepted);
    assert_eq!(send(&other, &address, &old("t2")).await.expect("kept"), Received::Accepted, "both know it by now");

    connection::paste_signature_token(&other, &world.admin, "the new token").await.expect("taken");
    assert_eq!(send(&world.engine, &address, &new("n1")).await.expect("kept"), Received::Accepted);
    assert_eq!(send(&world.engine, &address, &old("t3")).await.expect("kept"), Received::Accepted, "both stand");

    alter(&world, "UPDATE webhooks SET retired_at = 1 WHERE id = (SELECT MIN(id) FROM webhooks WHERE kind = 'hand')")
        .await;
    for engine in [&other, &world.engine] {
        assert_eq!(send(engine, &address, &old("t4")).await.expect("judged"), Received::Refused);
        assert_eq!(
            send(engine, &address, &old("t1")).await.expect("judged"),
            Received::Refused,
            "not even a known one"
        );
    }
    assert_eq!(send(&world.engine, &address, &new("n2")).await.expect("kept"), Received::Accepted);
}

#[tokio::test]
async fn an_id_that_the_connection_cannot_read_ends_with_a_word_and_no_invite() {
    let (world, _) = World::attached().await;
    let address = with_token(&world).await;
    let mine = world.applies("Ada Example", Some("ada@mail.example"), Some(POSTING)).await;
    assert_eq!(
        send(&world.engine, &address, &stage_change(&world, "t1", "somebody-elses")).await.expect("kept"),
        Received::Accepted
    );
    world.drain().await;
    let told = delivery::list(&world.engine, &world.admin, None, 10).await.expect("the list");
    assert_eq!(told.first().and_then(|row| row.outcome.as_deref()), Some("Lever no longer shows this candidate"));
    assert!(world.invites().await.is_empty());

    world.moves(&mine, &world.stage).await;
    world.until_state(InviteState::Sent).await;
}

#[tokio::test]
async fn refused_ones_wait_for_no_write_are_counted_and_never_acted_on() {
    let world = World::connected().await;
    let address = with_token(&world).await;
    let forged: Vec<Value> = (0..30)
        .map(|n| {
            signed("not the token", &format!("t{n}"), world.engine.clock.now(), &json!({ "opportunityId": "ada" }))
        })
        .collect();
    let blocked = block(&world).await;
    let answers = join_all(forged.iter().map(|message| send(&world.engine, &address, message)));
    // What has to be written is given up after four seconds.
    for answer in timeout(Duration::from_secs(3), answers).await.expect("none waits for a write") {
        assert_eq!(answer.expect("judged"), Received::Refused);
    }
    blocked.rollback().await.expect("freed");
    world.engine.inbox.settle().await;
    let shown = connection::overview(&world.engine, &world.admin).await.expect("readable").expect("a connection");
    assert_eq!((shown.refused_count, shown.last_event_at), (30, None));
    assert_eq!(taken(&world).await, 0);
    assert_eq!(one(&world.engine, "SELECT COUNT(*) FROM jobs WHERE kind = 'reconcile'").await, 0);
}

#[tokio::test]
async fn no_variant_of_a_genuine_signature_is_taken() {
    let world = World::connected().await;
    let address = with_token(&world).await;
    let genuine = stage_change(&world, "t0", "ada");
    let signature = genuine["signature"].as_str().expect("text").to_owned();
    let with = |name: &str, value: Value| {
        let mut message = genuine.clone();
        message[name] = value;
        message
    };
    let flipped = (0..256).map(|bit| {
        let mut digits: Vec<u8> = signature.bytes().collect();
        let value = char::from(digits[bit / 4]).to_digit(16).expect("a digit") ^ (1 << (bit % 4));
        digits[bit / 4] = u8::try_from(char::from_digit(value, 16).expect("a digit")).expect("ASCII");
        with("signature", json!(String::from_utf8(digits).expect("ASCII")))
    });
    let altered =
        ["", "0", &signature.to_uppercase(), &signature[1..], &format!("{signature}0"), &format!(" {signature}")]
            .map(|signature| with("signature", json!(signature)));
    let at = world.engine.clock.now().0;
    let moved =
        [with("triggeredAt", json!(at + 1)), with("triggeredAt", json!(format!("0{at}"))), with("token", json!("t1"))];
    let other_keys = ["", "whk", &TOKEN[1..], &TOKEN.to_uppercase()]
        .map(|key| signed(key, "t0", world.engine.clock.now(), &genuine["data"]));
    let forged: Vec<Value> = flipped.chain(altered).chain(moved).chain(other_keys).collect();
    let answers = join_all(forged.iter().map(|message| send(&world.engine, &address, message))).await;
    for (message, answer) in forged.iter().zip(answers) {
        assert_eq!(answer.expect("judged"), Received::Refused, "{message}");
    }
    for (missing, expected) in [
        ("triggeredAt", Received::Refused),
        ("token", Received::Refused),
        ("signature", Received::Refused),
        ("event", Received::Malformed),
    ] {
        let mut message = genuine.clone();
        message.as_object_mut().expect("an object").remove(missing);
        assert_eq!(send(&world.engine, &address, &message).await.expect("judged"), expected, "{missing}");
    }
    assert_eq!(taken(&world).await, 0);
    assert_eq!(send(&world.engine, &address, &genuine).await.expect("kept"), Received::Accepted);
}

#[tokio::test]
async fn open_pages_hear_that_a_message_was_handled_though_nobody_is_invited_for_it() {
    let (world, _) = World::attached().await;
    let ada = world.applies("Ada Example", Some("ada@mail.example"), Some("Data Analyst")).await;
    world.moves(&ada, &world.stage).await;
    world.hear(Sender::Lever).await;
    let mut heard = world.engine.live.listen();
    world.drain().await;
    let handled = delivery::list(&world.engine, &world.admin, None, 1).await.expect("the list").remove(0);
    assert!(handled.outcome.is_some() && world.invites().await.is_empty(), "{handled:?}");
    assert!(std::iter::from_fn(|| heard.try_recv().ok()).any(|(_, change)| change == Change::SetUp));
}

#[tokio::test]
async fn what_was_handled_is_forgotten_after_a_month_and_what_was_not_stays() {
    let (world, _) = World::attached().await;
    let address = address(&world).await;
    connection::paste_signature_token(&world.engine, &world.admin, TOKEN).await.expect("taken");
    world.moves_to_stage(&world.applies("Ada Example", Some("ada@mail.example"), Some(POSTING)).await).await;
    world.until_state(InviteState::Sent).await;
    assert!(taken(&world).await > 0);
    world.advance(Duration::from_secs(29 * 24 * 3600));
    engine::job::schedule_standing_work(&world.engine).await.expect("housekeeping");
    let before = taken(&world).await;
    assert!(before > 0, "they are kept for a month");
    let late = send(&world.engine, &address, &stage_change(&world, "late", "nobody's")).await;
    assert_eq!(late.expect("answered"), Received::Accepted);
    world.advance(Duration::from_secs(32 * 24 * 3600));
    engine::job::schedule_standing_work(&world.engine).await.expect("housekeeping");
    let left = delivery::list(&world.engine, &world.admin, None, 200).await.expect("the list");
    assert_eq!(
        left.iter().map(|row| row.subject.as_deref()).collect::<Vec<_>>(),
        [Some("nobody's")],
        "not handled yet"
    );
    assert_eq!(world.the_invite().await.state, InviteState::Sent, "what came of them stays");
}
