//! The installation is paused: what comes in is kept, nothing goes out, and all of it happens afterwards, once.

use std::time::Duration;

use engine::{
    attachment::Standing,
    checklist, connection,
    fault::FlowError,
    invite::InviteState,
    job,
    lever::LeverError,
    note::{self, NoteState},
    pause::{self, Cause},
    restore, verdict,
    verdict::Verdict,
};
use serde_json::json;
use tokio_util::sync::CancellationToken;

use crate::world::{POSTING, World, soon};

const ADA: &str = "ada@mail.example";
const BEN: &str = "ben@mail.example";
const HOUR: Duration = Duration::from_hours(1);

impl World {
    async fn pause(&self) {
        assert!(pause::begin(&self.engine.db, self.engine.clock.now()).await.expect("the database works"));
    }

    async fn resume(&self) {
        assert!(pause::end(&self.engine.db, self.engine.clock.now()).await.expect("the database works"));
    }

    /// How often anybody outside was asked anything.
    async fn asked(&self) -> usize {
        let lever = self.asked_of_lever("GET", "/").await + self.asked_of_lever("POST", "/").await;
        let lever = lever + self.asked_of_lever("PUT", "/").await + self.asked_of_lever("DELETE", "/").await;
        lever + self.asked_of_canditech("GET", "/api").await + self.asked_of_canditech("POST", "/api").await
    }
}

#[tokio::test]
async fn nothing_goes_out_in_a_pause_and_everything_after_it_once() {
    let (world, _) = World::attached().await;
    let ada = world.applies("Ada Example", Some(ADA), Some(POSTING)).await;
    world.moves_to_stage(&ada).await;
    world.until_state(InviteState::Sent).await;
    world.submits(ADA, Some(87)).await;
    world.until("it is noted", async || world.note_says(&ada, &["Score: 87/100"]).await).await;
    let row = world.the_invite().await;

    world.pause().await;
    let asked = world.asked().await;
    let ben = world.applies("Ben Example", Some(BEN), Some(POSTING)).await;
    world.moves_to_stage(&ben).await;
    verdict::give(&world.engine, &world.admin, &row.id, Verdict::Passed, None, None).await.expect("kept");
    // The token ends, polls fall due, and a day passes for whatever had been tried.
    for _ in 0..50 {
        world.advance(HOUR);
        assert_eq!(world.drain().await, 0, "no work is taken up");
    }
    let shown = note::as_lever_has_it(&world.engine, &world.admin, &row.id).await.expect("a page");
    assert_ne!(shown.state, NoteState::InStep, "what was kept is still to be noted");
    assert_eq!(world.asked().await, asked, "nobody was asked anything, for a page neither");
    assert_eq!((world.sent_to(ADA).await, world.sent_to(BEN).await), (1, 0));
    let chain = checklist::chain(&world.engine, &world.admin).await.expect("the chain");
    assert!(chain.stopped.is_some_and(|banner| banner.starts_with("The installation is paused since")));
    let again = connection::begin(&world.engine, &world.admin, "a session", connection::OtherAccount::Ask).await;
    assert!(matches!(again, Err(FlowError::Lever(LeverError::Paused))), "{again:?}");

    world.resume().await;
    assert!(!pause::end(&world.engine.db, world.engine.clock.now()).await.expect("once"));
    // More than a day late, but one alone: nobody has to be asked.
    world.until("she is judged", async || world.note_says(&ada, &["Score: 87/100", "Verdict: passed"]).await).await;
    let sent = async || {
        world.advance(Duration::from_secs(60));
        world.sent_to(BEN).await == 1
    };
    world.until_patiently("he is sent it", sent).await;
    assert_eq!(world.sent().await.len(), 2);
}

#[tokio::test]
async fn servers_that_run_stand_still_and_go_on_without_a_restart() {
    let (world, _) = World::attached().await;
    let stop = CancellationToken::new();
    let dispatchers = [world.in_time(), world.second_process().await];
    let dispatchers = dispatchers.map(|engine| tokio::spawn(job::dispatch(engine, stop.clone())));
    world.pause().await;
    let ada = world.applies("Ada Example", Some(ADA), Some(POSTING)).await;
    world.moves_to_stage(&ada).await;
    let waits = "SELECT COUNT(*) FROM jobs WHERE kind = 'reconcile' AND state = 'open' AND attempt = 0";
    let waiting =
        async || -> i64 { sqlx::query_scalar(waits).fetch_one(world.engine.db.read()).await.expect("a number") };
    soon("it is kept", async || waiting().await == 1).await;
    world.resume().await;
    soon("it goes out", async || world.sent().await.len() == 1).await;
    stop.cancel();
    for dispatcher in dispatchers {
        dispatcher.await.expect("without a panic");
    }
}

#[tokio::test]
async fn what_failed_before_a_long_pause_is_not_given_up_after_it() {
    let (world, _) = World::attached().await;
    let down = json!({ "path_prefix": "/api/invites", "kind": { "status": { "code": 503 } } });
    world.fault_at_canditech(down).await;
    let ada = world.applies("Ada Example", Some(ADA), Some(POSTING)).await;
    world.moves_to_stage(&ada).await;
    world.until("it was tried", async || world.asked_of_canditech("POST", "/api/invites").await > 0).await;
    world.pause().await;
    world.advance(HOUR * 30);
    world.resume().await;
    world.drain().await;
    world.forget_faults_at_canditech().await;
    world.until_state(InviteState::Sent).await;
    assert_eq!(world.sent_to(ADA).await, 1);
}

#[tokio::test]
async fn a_restored_backup_asks_nobody_until_it_is_resumed_and_leaves_the_originals_token_alone() {
    let (world, attachment) = World::attached().await;
    let ada = world.applies("Ada Example", Some(ADA), Some(POSTING)).await;
    world.moves_to_stage(&ada).await;
    let row = world.until_state(InviteState::Sent).await;
    world.until("she is noted", async || world.note_says(&ada, &["Status: Sent"]).await).await;
    // Whoever had paused when the backup was made has nothing to say any more.
    world.pause().await;
    restore::after_restore(&world.engine.db, world.engine.clock.now()).await.expect("put back");
    let standing = pause::standing(&world.engine.db).await.expect("readable").expect("a pause");
    assert_eq!((standing.since, standing.cause), (world.engine.clock.now(), Cause::Restore));
    let asked = world.asked().await;
    world.advance(HOUR * 3);
    world.drain().await;
    note::as_lever_has_it(&world.engine, &world.admin, &row.id).await.expect("a page");
    let standing: Result<Vec<Standing>, _> =
        engine::attachment::standing(&world.engine, &world.admin, &attachment).await;
    assert!(matches!(standing, Err(FlowError::Lever(LeverError::Paused))), "{standing:?}");
    assert_eq!(world.asked().await, asked);
    world.resume().await;
    world.submits(ADA, Some(87)).await;
    world.until("it goes on", async || world.note_says(&ada, &["Score: 87/100"]).await).await;
}
