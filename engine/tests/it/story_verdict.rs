//! The thumbs: given here or there, the later human act wins, and nothing comes back as an echo.

use std::time::Duration;

use engine::{
    audit::{self, Action, By, Entry, Filter},
    fault::FlowError,
    invite::{InviteState, Row},
    verdict::{self, Verdict, VerdictSource},
};
use serde_json::json;

use crate::world::{POSTING, World};

const ADA: &str = "ada@mail.example";

async fn completed() -> (World, String, Row) {
    let (world, _) = World::attached().await;
    let ada = world.applies("Ada Example", Some(ADA), Some(POSTING)).await;
    world.moves_to_stage(&ada).await;
    world.until_state(InviteState::Sent).await;
    world.submits(ADA, Some(87)).await;
    let row = world.until_state(InviteState::Completed).await;
    (world, ada, row)
}

/// The changes of the verdict that the audit log has, oldest first: by whom, before and after.
async fn audited(world: &World, row: &Row) -> Vec<(By, String, String)> {
    let log = audit::page(&world.engine, &world.admin, &Filter::default(), None, 100).await.expect("the log");
    let of_it = |entry: &Entry| entry.action == Action::VerdictGiven.slug() && entry.subject == row.id.as_str();
    let facts = |facts: Option<String>| facts.expect("a verdict before and after");
    log.into_iter().rev().filter(of_it).map(|entry| (entry.by, facts(entry.before), facts(entry.after))).collect()
}

fn fact(verdict: &str) -> String {
    json!({ "verdict": verdict }).to_string()
}

async fn give(world: &World, row: &Row, value: Verdict) -> Result<i64, FlowError> {
    world.tick();
    verdict::give(&world.engine, &world.admin, &row.id, value, None, None).await
}

#[tokio::test]
async fn a_verdict_given_at_the_provider_reaches_the_note() {
    let (world, ada, row) = completed().await;
    world.canditech("/sandbox/verdict", json!({ "invite": ADA, "verdict": "failed", "by": "Priya" })).await;
    world.until("the note has it", async || world.note_says(&ada, &["Verdict: failed"]).await).await;
    let verdicts = world.detail(&row.id).await.verdicts;
    assert_eq!((verdicts[0].by.as_str(), verdicts[0].source), ("Priya", VerdictSource::Provider));
}

#[tokio::test]
async fn the_later_act_wins_wherever_it_was_given() {
    let (world, ada, row) = completed().await;
    give(&world, &row, Verdict::Passed).await.expect("completed");
    world.until("passed", async || world.note_says(&ada, &["Verdict: passed"]).await).await;
    world.advance(Duration::from_secs(10));
    world.canditech("/sandbox/verdict", json!({ "invite": ADA, "verdict": "failed", "by": "Priya" })).await;
    world.until("failed", async || world.note_says(&ada, &["Verdict: failed"]).await).await;
    world.advance(Duration::from_secs(10));
    give(&world, &row, Verdict::NotGiven).await.expect("completed");
    world.until("withdrawn", async || world.note_says(&ada, &["Verdict: n/a"]).await).await;
    assert_eq!(world.detail(&row.id).await.verdicts.len(), 3);
    let me = By::Person(world.admin.user.clone());
    let acts = [(me.clone(), "n/a", "passed"), (By::Provider, "passed", "failed"), (me, "failed", "n/a")];
    assert_eq!(audited(&world, &row).await, acts.map(|(by, before, after)| (by, fact(before), fact(after))));
}

#[tokio::test]
async fn an_older_act_reported_late_is_history_and_overwrites_nothing() {
    let (world, _, row) = completed().await;
    world.canditech("/sandbox/callbacks/mode", json!({ "drop": true })).await;
    world.canditech("/sandbox/verdict", json!({ "invite": ADA, "verdict": "failed", "by": "Priya" })).await;
    world.advance(Duration::from_secs(10));
    // The provider takes no verdict from us, so that its older one stands there.
    let fault = json!({ "path_prefix": "/api/invites", "method": "POST", "kind": { "status": { "code": 422 } } });
    world.fault_at_canditech(fault).await;
    give(&world, &row, Verdict::Passed).await.expect("completed");
    world.advance(Duration::from_secs(24 * 3600 + 1));
    world.until("it is history", async || world.detail(&row.id).await.verdicts.len() == 2).await;
    assert_eq!(world.the_invite().await.verdict, Verdict::Passed);
    let me = By::Person(world.admin.user.clone());
    assert_eq!(audited(&world, &row).await, [(me, fact("n/a"), fact("passed"))]);
}

#[tokio::test]
async fn a_double_click_is_one_act_and_an_old_page_is_told() {
    let (world, _, row) = completed().await;
    let version = give(&world, &row, Verdict::Passed).await.expect("completed");
    assert_eq!(give(&world, &row, Verdict::Passed).await.expect("the same"), version);
    assert_eq!(world.detail(&row.id).await.verdicts.len(), 1);
    let seen =
        async |value, version| verdict::give(&world.engine, &world.admin, &row.id, value, None, Some(version)).await;
    assert_eq!(seen(Verdict::Passed, row.version).await.expect("the second half of it"), version);
    assert_eq!(world.detail(&row.id).await.verdicts.len(), 1);
    world.advance(Duration::from_secs(10));
    let stale = seen(Verdict::Failed, row.version).await;
    assert!(matches!(stale, Err(FlowError::Conflict)), "{stale:?}");
    let odd = Some(" First.\r\n\u{202e}Second\0 \u{2066}");
    verdict::give(&world.engine, &world.admin, &row.id, Verdict::Failed, odd, None).await.expect("completed");
    assert_eq!(world.detail(&row.id).await.verdicts[0].comment.as_deref(), Some("First.\nSecond "));
    let long = "x".repeat(verdict::LONGEST_COMMENT + 1);
    let refused = verdict::give(&world.engine, &world.admin, &row.id, Verdict::Failed, Some(&long), None).await;
    assert!(matches!(refused, Err(FlowError::Refused(_))), "{refused:?}");
}

#[tokio::test]
async fn of_clicks_in_the_same_moment_the_last_one_counts_but_takes_back_only_what_was_seen() {
    let (world, ada, row) = completed().await;
    let tomas = world.member("tomas@halden.example", engine::access::Role::Admin).await;
    let clicks =
        async |member, value| verdict::give(&world.engine, member, &row.id, value, None, Some(row.version)).await;
    for (n, value) in [Verdict::Passed, Verdict::Failed].repeat(5).into_iter().enumerate() {
        let who = if n % 2 == 0 { &world.admin } else { &tomas };
        clicks(who, value).await.expect("nobody could have seen the one before");
        world.advance(Duration::from_millis(10));
    }
    world.until("the last one is noted", async || world.note_says(&ada, &["Verdict: failed"]).await).await;
    let history = world.detail(&row.id).await.verdicts;
    assert_eq!((history.len(), history[0].by.as_str()), (10, "tomas"));
    let withdrawn = clicks(&world.admin, Verdict::NotGiven).await;
    assert!(matches!(withdrawn, Err(FlowError::Conflict)), "{withdrawn:?}");
    world.advance(Duration::from_secs(10));
    assert!(matches!(clicks(&world.admin, Verdict::Passed).await, Err(FlowError::Conflict)), "an old page");
}

#[tokio::test]
async fn only_what_is_completed_takes_a_verdict() {
    let (world, _) = World::attached().await;
    let ada = world.applies("Ada Example", Some(ADA), Some(POSTING)).await;
    world.moves_to_stage(&ada).await;
    let row = world.until_state(InviteState::Sent).await;
    let early = give(&world, &row, Verdict::Passed).await;
    assert!(matches!(early, Err(FlowError::Conflict)), "{early:?}");
}
