//! For how long an organization keeps candidates.

use engine::{
    access::Role,
    audit::By,
    erasure::{self, Cause, Months, NoteFate, ProviderFate},
    fault::FlowError,
    invite::{self, Filter, InviteState, Row},
    job,
};
use serde_json::json;

use super::{ADA, ada_is_sent, deeds, is_at_the_provider, passes, receipt, rows, until_it_says};
use crate::world::{POSTING, World};

const DAY: std::time::Duration = std::time::Duration::from_secs(24 * 3_600);

async fn keep(world: &World, months: Option<u32>) {
    let months = months.map(|months| Months::new(months).expect("one of them"));
    erasure::keep_for(&world.engine, &world.admin, months).await.expect("allowed");
}

/// Ada has completed hers, and the note says so.
async fn ada_is_done(world: &World) -> (String, Row) {
    let (ada, _) = ada_is_sent(world).await;
    world.submits(ADA, Some(87)).await;
    let row = world.until_state(InviteState::Completed).await;
    world.until("noted", async || world.note_says(&ada, &["Score: 87/100"]).await).await;
    (ada, row)
}

#[tokio::test]
async fn whoever_is_over_the_time_is_erased_here_and_at_the_provider_and_the_note_stays() {
    let (world, _) = World::attached().await;
    let (ada, invite) = ada_is_done(&world).await;
    keep(&world, Some(3)).await;
    world.advance(88 * DAY);
    passes(&world, 1).await;
    assert_eq!(receipt(&world, &invite.id).await, None, "three months are at least 89 days");
    world.advance(5 * DAY);
    passes(&world, 1).await;
    let told = until_it_says(&world, &invite.id, "it answered", |told| told.provider != ProviderFate::Open).await;
    assert_eq!((told.cause, told.note), (Cause::Retention, NoteFate::Left));
    assert_eq!(told.provider, ProviderFate::Accepted);
    assert!(!is_at_the_provider(&world, ADA).await);
    assert!(world.note_says(&ada, &["Score: 87/100"]).await, "it is Lever's record");
    let row = world.the_invite().await;
    assert_eq!((row.candidate_name.as_str(), row.score), ("Anonymised candidate", invite.score));
    assert_eq!(row.changed_at, invite.changed_at, "nobody looks for it among what is new");
    let deeds = deeds(&world).await;
    assert_eq!(deeds.len(), 1);
    assert_eq!(deeds[0].by, By::Person(world.admin.user.clone()), "who chose the time");
    // Once Lever keeps no record of her either, the note goes too.
    super::is_anonymised(&world, &ada).await;
    let told = until_it_says(&world, &invite.id, "the note is settled", |told| told.note == NoteFate::Deleted).await;
    assert_eq!((told.cause, world.notes(&ada).await.len()), (Cause::Retention, 0));
    let found = Filter { name: Some("Ada".into()), ..Filter::default() };
    assert_eq!(invite::page(&world.engine, &world.admin, &found).await.expect("a page").rows.len(), 0);
}

#[tokio::test]
async fn whoever_has_something_open_or_new_is_kept_with_all_of_it() {
    let (world, _) = World::attached().await;
    world.attach(Some(POSTING), crate::world::ENGLISH).await;
    ada_is_sent_two(&world).await;
    keep(&world, Some(3)).await;
    world.canditech("/sandbox/start", json!({ "invite": ADA })).await;
    world.advance(100 * DAY);
    passes(&world, 1).await;
    let all = world.invites().await;
    let open = all.iter().any(|row| !matches!(row.state, InviteState::Completed | InviteState::Expired));
    let erased = all.iter().filter(|row| row.candidate_name == "Anonymised candidate").count();
    assert!(!open || erased == 0, "{all:#?}");
    // Nothing is kept once all of it is at an end for so long.
    world.advance(100 * DAY);
    passes(&world, 2).await;
    let all = world.invites().await;
    assert!(all.iter().all(|row| row.candidate_name == "Anonymised candidate"), "{all:#?}");
}

async fn ada_is_sent_two(world: &World) {
    let ada = world.applies("Ada Example", Some(ADA), Some(POSTING)).await;
    world.moves_to_stage(&ada).await;
    world.until("both are sent", async || world.sent_to(ADA).await == 2).await;
}

#[tokio::test]
async fn nobody_is_erased_by_age_unless_that_was_chosen() {
    let (world, _) = World::attached().await;
    let (_, invite) = ada_is_done(&world).await;
    keep(&world, Some(3)).await;
    keep(&world, None).await;
    world.advance(300 * DAY);
    passes(&world, 2).await;
    assert_eq!(receipt(&world, &invite.id).await, None);
}

#[tokio::test]
async fn a_super_admin_chooses_and_the_log_has_before_and_after() {
    let world = World::new().await;
    let tomas = world.member("tomas@halden.example", Role::Admin).await;
    let refused = erasure::keep_for(&world.engine, &tomas, Months::new(3)).await;
    assert!(matches!(refused, Err(FlowError::Forbidden(_))));
    assert_eq!(erasure::kept_for(&world.engine, &tomas).await.expect("readable"), None);
    keep(&world, Some(12)).await;
    keep(&world, Some(36)).await;
    assert_eq!(erasure::kept_for(&world.engine, &tomas).await.expect("readable"), Months::new(36));
    let filter = engine::audit::Filter { area: Some(engine::audit::Area::Candidate), by: None };
    let log = engine::audit::page(&world.engine, &world.admin, &filter, None, 10).await.expect("the log");
    let told: Vec<_> = log.iter().map(|entry| (entry.before.as_deref(), entry.after.as_deref())).collect();
    let (none, year, three) = (r#"{"months":"until erased in Lever"}"#, r#"{"months":"12"}"#, r#"{"months":"36"}"#);
    assert_eq!(told, [(Some(year), Some(three)), (Some(none), Some(year))]);
    assert!(log.iter().all(|entry| entry.action == "retention_chosen"));
}

#[tokio::test]
async fn a_backlog_is_erased_some_hundred_an_hour() {
    let (world, _) = World::attached().await;
    ada_is_done(&world).await;
    let mut tx = world.engine.db.write().await.expect("a transaction");
    for n in 0..210 {
        sqlx::query(
            "INSERT INTO invites (
                 id, organization_id, opportunity_id, contact_id, attachment_id, provider_account_id, assessment_id,
                 assessment_name, round, stage_id, entered_stage_at, candidate_name, state, read_at, report_token,
                 created_at, changed_at)
             SELECT 'inv_' || $1, organization_id, 'o' || $1, 'c' || $1, attachment_id, provider_account_id, assessment_id,
                 assessment_name, 1, stage_id, entered_stage_at, 'Somebody', 'cancelled', read_at, 'token' || $1,
                 created_at, changed_at
             FROM invites WHERE candidate_email IS NOT NULL",
        )
        .bind(n.to_string())
        .execute(&mut *tx)
        .await
        .expect("a row");
    }
    tx.commit().await.expect("stored");
    keep(&world, Some(3)).await;
    world.advance(100 * DAY);
    let erased = async || rows(&world, "SELECT COUNT(*) FROM erasures").await;
    job::schedule_standing_work(&world.engine).await.expect("done");
    assert_eq!(erased().await, 200);
    world.advance(super::HOUR);
    job::schedule_standing_work(&world.engine).await.expect("done");
    assert_eq!(erased().await, 211);
}
