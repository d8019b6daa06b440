//! A backup is put back: what it does not know of may have happened, and happens no second time.

use std::time::Duration;

use engine::{
    audit,
    invite::InviteState,
    pause,
    restore::{Restored, after_restore},
    verdict::Verdict,
};
use serde_json::json;

use crate::world::{POSTING, Sender, World};

const ADA: &str = "ada@mail.example";
/// What a backup from before the send knows.
const UNSENT: &str = "UPDATE invites
    SET state = 'queued', send_intent_at = NULL, provider_invite_id = NULL, sent_at = NULL, started_at = NULL,
        completed_at = NULL, score_thousandths = NULL, score_max_thousandths = NULL, result_revision = 0, verdict = 'n/a', verdict_at = NULL";

#[tokio::test]
async fn what_was_sent_after_the_backup_is_found_and_not_sent_again() {
    let (world, _) = World::attached().await;
    let ada = world.applies("Ada Example", Some(ADA), Some(POSTING)).await;
    world.moves_to_stage(&ada).await;
    world.until_state(InviteState::Sent).await;
    forget(&world, UNSENT).await;
    forget(&world, "UPDATE jobs SET state = 'open', finished_at = NULL, due_at = 0 WHERE kind = 'send'").await;
    let restored = restore(&world).await;
    assert_eq!(restored, Restored { unsent: 1, attachments: 1 });
    let log = audit::page(&world.engine, &world.admin, &audit::Filter::default(), None, 2).await.expect("the log");
    let told: Vec<_> = log.iter().map(|entry| (entry.action.as_str(), &entry.by)).collect();
    assert_eq!(told, [("resumed", &audit::By::Terminal), ("restored", &audit::By::Terminal)]);
    world.advance(Duration::from_secs(60));
    world.until_state(InviteState::Sent).await;
    assert_eq!(world.sent().await.len(), 1);
}

#[tokio::test]
async fn what_never_went_out_goes_out_after_the_look() {
    let world = World::connected().await;
    world.attach(Some(POSTING), crate::world::PYTHON).await;
    let ada = world.applies("Ada Example", None, Some(POSTING)).await;
    world.moves_to_stage(&ada).await;
    world.until_state(InviteState::Waiting).await;
    restore(&world).await;
    world.lever("/sandbox/email", json!({ "opportunity": ada, "emails": [ADA] })).await;
    world.advance(Duration::from_secs(3600));
    world.until_state(InviteState::Sent).await;
    assert_eq!(world.sent().await.len(), 1);
}

#[tokio::test]
async fn an_entry_before_the_restore_is_offered_and_not_sent_to() {
    let (world, attachment) = World::attached().await;
    let ada = world.applies("Ada Example", Some(ADA), Some(POSTING)).await;
    world.lever("/sandbox/webhooks/mode", json!({ "drop": true })).await;
    world.moves(&ada, &world.stage).await;
    world.advance(Duration::from_secs(60));
    restore(&world).await;
    world.advance(Duration::from_secs(3600));
    world.drain().await;
    assert_eq!(world.sent().await.len(), 0);
    let standing = engine::attachment::standing(&world.engine, &world.admin, &attachment).await.expect("a list");
    assert_eq!(standing.len(), 1, "she is offered");
}

#[tokio::test]
async fn a_note_that_the_backup_does_not_know_is_found_and_not_written_twice() {
    let (world, _) = World::attached().await;
    let ada = world.applies("Ada Example", Some(ADA), Some(POSTING)).await;
    world.moves_to_stage(&ada).await;
    world.until_state(InviteState::Sent).await;
    world.until("the note is there", async || world.notes(&ada).await.len() == 1).await;
    forget(&world, "DELETE FROM notes").await;
    restore(&world).await;
    world.submits(ADA, Some(87)).await;
    world.until_state(InviteState::Completed).await;
    world.until("the note tells it", async || world.notes(&ada).await.iter().any(|n| n.contains("87/100"))).await;
    assert_eq!(world.notes(&ada).await.len(), 1);
}

/// Ada has completed it.
async fn completed() -> (World, String) {
    let (world, _) = World::attached().await;
    let ada = world.applies("Ada Example", Some(ADA), Some(POSTING)).await;
    world.moves_to_stage(&ada).await;
    world.until_state(InviteState::Sent).await;
    world.submits(ADA, Some(87)).await;
    world.until_state(InviteState::Completed).await;
    (world, ada)
}

#[tokio::test]
async fn a_verdict_that_the_provider_has_and_the_backup_has_not_stays_in_the_note() {
    let (world, ada) = completed().await;
    world.canditech("/sandbox/verdict", json!({ "invite": ADA, "verdict": "passed", "by": "Priya" })).await;
    world.until("the verdict is noted", async || world.note_says(&ada, &["Verdict: passed"]).await).await;
    forget(&world, UNSENT).await;
    for all in ["DELETE FROM verdicts", "DELETE FROM notes"] {
        forget(&world, all).await;
    }
    forget(&world, "UPDATE jobs SET state = 'open', finished_at = NULL, due_at = 0 WHERE kind = 'send'").await;
    restore(&world).await;
    world.advance(Duration::from_secs(60));
    let row = world.until_state(InviteState::Completed).await;
    world.drain().await;
    assert!(world.note_says(&ada, &["Score: 87/100", "Verdict: passed"]).await, "{:?}", world.notes(&ada).await);
    assert_eq!(row.verdict, Verdict::Passed);
}

/// Ada has completed it, and the backup has her waiting for an address.
async fn completed_since() -> (World, String) {
    let (world, ada) = completed().await;
    world.drain().await;
    forget(&world, UNSENT).await;
    forget(&world, "UPDATE invites SET state = 'waiting', waiting_for = 'email', candidate_email = NULL").await;
    restore(&world).await;
    (world, ada)
}

#[tokio::test]
async fn who_waited_in_the_backup_and_has_left_the_stage_since_is_looked_up_before_it_ends() {
    let (world, ada) = completed_since().await;
    world.moves(&ada, "offer").await;
    world.hear(Sender::Lever).await;
    let row = world.until_state(InviteState::Completed).await;
    assert!(row.score.is_some());
    assert_eq!(world.sent().await.len(), 1);
}

#[tokio::test]
async fn who_waited_in_the_backup_and_is_hidden_since_is_looked_up_before_it_ends() {
    let (world, ada) = completed_since().await;
    let hidden = json!({ "status": { "code": 403 } });
    world.fault_at_lever(json!({ "path_prefix": format!("/v1/opportunities/{ada}"), "kind": hidden })).await;
    world.moves(&ada, "offer").await;
    world.hear(Sender::Lever).await;
    world.until("the result is here", async || states(&world).await == ["completed"]).await;
}

#[tokio::test]
async fn who_waited_in_the_backup_and_was_never_sent_it_gets_nothing_after_leaving() {
    let (world, _) = World::attached().await;
    let ada = world.applies("Ada Example", None, Some(POSTING)).await;
    world.moves_to_stage(&ada).await;
    world.until_state(InviteState::Waiting).await;
    restore(&world).await;
    world.lever("/sandbox/email", json!({ "opportunity": ada, "emails": [ADA] })).await;
    world.moves(&ada, "offer").await;
    world.hear(Sender::Lever).await;
    world.until_state(InviteState::Cancelled).await;
    assert_eq!(world.sent().await.len(), 0);
}

/// The states of all invites, also of those that nobody may see.
async fn states(world: &World) -> Vec<String> {
    sqlx::query_scalar("SELECT state FROM invites").fetch_all(world.engine.db.read()).await.expect("rows")
}

/// Restores, and resumes.
async fn restore(world: &World) -> Restored {
    let restored = after_restore(&world.engine.db, world.engine.clock.now()).await.expect("the database works");
    assert!(pause::end(&world.engine.db, world.engine.clock.now()).await.expect("the database works"));
    restored
}

/// Makes the database what an older backup would be.
async fn forget(world: &World, what: &'static str) {
    let mut tx = world.engine.db.write().await.expect("a transaction");
    sqlx::query(what).execute(&mut *tx).await.expect("rows");
    tx.commit().await.expect("forgotten");
}
