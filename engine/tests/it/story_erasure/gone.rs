//! Who was deleted in Lever, and who only looks like it.

use engine::{
    connection,
    erasure::{Cause, NoteFate, ProviderFate},
    id::InviteId,
};
use serde_json::json;

use super::{ADA, ada_is_sent, deeds, is_at_the_provider, passes, receipt, rows, until_it_says};
use crate::world::{POSTING, World};

/// In housekeeping's steps of six hours.
const DAYS: u32 = 4;

async fn is_still_named(world: &World, invite: &InviteId) -> bool {
    let detail = world.detail(invite).await;
    detail.row.candidate_name == "Ada Example" && detail.candidate_email.as_deref() == Some(ADA)
}

/// Lever answers every question about somebody with this.
async fn is_answered(world: &World, opportunity: &str, code: u16, body: &str) {
    let path = format!("/v1/opportunities/{opportunity}");
    let kind = json!({ "status": { "code": code, "body": body } });
    world.fault_at_lever(json!({ "path_prefix": path, "method": "GET", "kind": kind })).await;
}

async fn absences(world: &World) -> i64 {
    rows(world, "SELECT COUNT(*) FROM absences").await
}

/// Goes on until so many are counted as not there.
async fn until_counted(world: &World, wanted: i64) {
    for _ in 0..3 * DAYS {
        if absences(world).await == wanted {
            return;
        }
        passes(world, 1).await;
    }
    panic!("never {wanted}");
}

fn not_found(opportunity: &str) -> String {
    json!({ "code": "ResourceNotFound", "message": format!("opportunities {opportunity} was not found") }).to_string()
}

async fn without_the_list_of_the_deleted(world: &World) {
    let kind = json!({ "status": { "code": 404 } });
    world.fault_at_lever(json!({ "path_prefix": "/v1/opportunities/deleted", "kind": kind })).await;
}

#[tokio::test]
async fn who_was_deleted_is_erased_once_lever_has_said_so_twice_a_day_apart() {
    let (world, _) = World::attached().await;
    let (ada, invite) = ada_is_sent(&world).await;
    world.lever("/sandbox/delete", json!({ "opportunity": ada })).await;
    // The first look is within a day or two, the second at least a day after it.
    until_counted(&world, 1).await;
    passes(&world, DAYS - 1).await;
    assert!(is_still_named(&world, &invite.id).await, "one answer is not enough");
    passes(&world, 3 * DAYS).await;
    let told = until_it_says(&world, &invite.id, "all is settled", |told| {
        told.note != NoteFate::Open && told.provider != ProviderFate::Open
    })
    .await;
    assert_eq!(told.cause, Cause::Deleted);
    assert_eq!((told.note, told.provider), (NoteFate::NotThere, ProviderFate::Accepted));
    assert!(told.erased_at.since(told.found_at) >= super::HOUR * 24);
    assert!(!is_still_named(&world, &invite.id).await);
    assert!(!is_at_the_provider(&world, ADA).await);
    assert_eq!((deeds(&world).await.len(), absences(&world).await), (1, 0));
}

#[tokio::test]
async fn who_is_deleted_is_erased_without_lever_s_list_too_while_the_position_is_open() {
    let (world, _) = World::attached().await;
    let (ada, invite) = ada_is_sent(&world).await;
    without_the_list_of_the_deleted(&world).await;
    world.lever("/sandbox/delete", json!({ "opportunity": ada })).await;
    passes(&world, 4 * DAYS).await;
    assert_eq!(receipt(&world, &invite.id).await.map(|told| told.cause), Some(Cause::Deleted));
}

#[tokio::test]
async fn who_became_confidential_is_hidden_and_never_erased() {
    for (code, with_list) in [(403, true), (404, true), (404, false)] {
        let (world, _) = World::attached().await;
        let (ada, invite) = ada_is_sent(&world).await;
        let change = json!({ "posting": POSTING, "confidentiality": "confidential" });
        world.lever("/sandbox/postings/change", change).await;
        if code == 404 {
            is_answered(&world, &ada, 404, &not_found(&ada)).await;
        }
        if !with_list {
            without_the_list_of_the_deleted(&world).await;
        }
        passes(&world, 6 * DAYS).await;
        assert_eq!(receipt(&world, &invite.id).await, None, "{code} {with_list}");
        assert!(is_still_named(&world, &invite.id).await, "{code} {with_list}");
        assert!(is_at_the_provider(&world, ADA).await);
    }
}

#[tokio::test]
async fn an_answer_that_does_not_say_that_this_one_is_not_there_counts_for_nothing() {
    for body in ["", "<html>404</html>", r#"{"code":"ResourceNotFound","message":"stages x was not found"}"#] {
        let (world, _) = World::attached().await;
        let (ada, invite) = ada_is_sent(&world).await;
        is_answered(&world, &ada, 404, body).await;
        without_the_list_of_the_deleted(&world).await;
        passes(&world, 4 * DAYS).await;
        assert!(is_still_named(&world, &invite.id).await, "{body}");
        assert_eq!(absences(&world).await, 0);
    }
}

#[tokio::test]
async fn a_scope_that_was_lost_erases_nobody() {
    let (world, _) = World::attached().await;
    let (ada, invite) = ada_is_sent(&world).await;
    is_answered(&world, &ada, 404, &not_found(&ada)).await;
    let kind = json!({ "status": { "code": 403 } });
    world.fault_at_lever(json!({ "path_prefix": "/v1/opportunities", "method": "GET", "kind": kind })).await;
    passes(&world, 4 * DAYS).await;
    assert!(is_still_named(&world, &invite.id).await);
}

#[tokio::test]
async fn who_is_back_between_two_answers_is_counted_anew() {
    let (world, _) = World::attached().await;
    let (ada, invite) = ada_is_sent(&world).await;
    without_the_list_of_the_deleted(&world).await;
    for _ in 0..3 {
        is_answered(&world, &ada, 404, &not_found(&ada)).await;
        until_counted(&world, 1).await;
        world.forget_faults_at_lever().await;
        without_the_list_of_the_deleted(&world).await;
        until_counted(&world, 0).await;
        assert!(is_still_named(&world, &invite.id).await);
    }
}

#[tokio::test]
async fn another_lever_account_knows_none_of_ours_and_nobody_is_erased_for_it() {
    for with_list in [true, false] {
        let (world, _) = World::attached().await;
        let (_, invite) = ada_is_sent(&world).await;
        world.lever("/sandbox/account", json!({ "domain": "other.example" })).await;
        world.connect_other_account().await;
        let overview = connection::overview(&world.engine, &world.admin).await.expect("readable").expect("there");
        assert_eq!(overview.state, connection::ConnectionState::Connected);
        if !with_list {
            without_the_list_of_the_deleted(&world).await;
        }
        passes(&world, 4 * DAYS).await;
        assert!(is_still_named(&world, &invite.id).await, "with its list: {with_list}");
    }
}
