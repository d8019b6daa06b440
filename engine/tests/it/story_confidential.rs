//! A position that becomes confidential in Lever takes its candidates with it, whoever tells us first.

use engine::{
    access::{Member, Role},
    fault::FlowError,
    invite::{self, Filter, InviteState, Row},
    lever,
};
use serde_json::json;

use crate::world::{POSTING, Sender, World};

const ADA: &str = "ada@mail.example";

/// Ada's invite is out, and Jonas, a Team Member, sees it as everybody does.
async fn one_that_jonas_sees() -> (World, Member, String, Row) {
    let (world, _) = World::attached().await;
    world.member("jonas@halden.example", Role::TeamMember).await;
    let ada = world.applies("Ada Example", Some(ADA), Some(POSTING)).await;
    world.moves_to_stage(&ada).await;
    let row = world.until_state(InviteState::Sent).await;
    world.until("it is noted", async || world.note_says(&ada, &["Status: Sent"]).await).await;
    let jonas = world.again("jonas@halden.example").await;
    assert!(sees(&world, &jonas, &row).await);
    (world, jonas, ada, row)
}

async fn turns(world: &World, confidentiality: &str) {
    world.lever("/sandbox/postings/change", json!({ "posting": POSTING, "confidentiality": confidentiality })).await;
}

async fn sync(world: &World) {
    lever::sync(&world.engine, &world.admin.organization).await.expect("synced");
}

/// Whether somebody sees the invite: everywhere, or nowhere.
async fn sees(world: &World, member: &Member, row: &Row) -> bool {
    let engine = &world.engine;
    let page = invite::page(engine, member, &Filter::default()).await.expect("the list");
    let found = invite::page(engine, member, &Filter { name: Some("ada".into()), ..Filter::default() }).await;
    let everywhere = [
        page.rows.iter().any(|one| one.id == row.id),
        page.count == 1,
        found.expect("the list").count == 1,
        !invite::positions(engine, member).await.expect("the list").is_empty(),
        invite::funnel(engine, member, 30).await.expect("counts").invited == 1,
        invite::is_visible(engine, member, &row.id).await.expect("readable"),
        !matches!(invite::detail(engine, member, &row.id).await, Err(FlowError::NotFound)),
    ];
    assert!(everywhere.iter().all(|one| *one == everywhere[0]), "{everywhere:?}");
    everywhere[0]
}

#[tokio::test]
async fn a_position_that_becomes_confidential_takes_its_candidates_with_it_and_brings_them_back() {
    let (world, jonas, _, row) = one_that_jonas_sees().await;
    turns(&world, "confidential").await;
    sync(&world).await;
    assert!(!sees(&world, &jonas, &row).await);
    assert!(sees(&world, &world.admin, &row).await);
    sync(&world).await;
    world.drain().await;
    assert!(!sees(&world, &jonas, &row).await, "nor later");

    turns(&world, "non-confidential").await;
    sync(&world).await;
    world.until("Lever shows the candidate again", async || sees(&world, &jonas, &row).await).await;
}

#[tokio::test]
async fn a_candidate_whom_lever_shows_no_more_is_shown_to_nobody_who_may_not_see_confidential_ones() {
    let (world, jonas, ada, row) = one_that_jonas_sees().await;
    turns(&world, "confidential").await;
    world.moves(&ada, "Offer").await;
    world.hear(Sender::Lever).await;
    world.until("Lever refuses the candidate", async || !sees(&world, &jonas, &row).await).await;
    assert!(sees(&world, &world.admin, &row).await);
    assert_eq!(world.the_invite().await.state, InviteState::Sent, "what is under way stays open");
}
