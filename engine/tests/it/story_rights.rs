//! Who sees what: by role, by association in Lever, and never across organizations.

use std::time::Duration;

use engine::{
    access::Role,
    attachment::{self, AttachmentState},
    fault::FlowError,
    invite::{self, InviteState, Reached},
    verdict::{self, Verdict},
};
use serde_json::json;

use crate::world::{POSTING, Sender, World, add_user};

const ADA: &str = "ada@mail.example";

async fn one_sent() -> (World, invite::Row, engine::id::AttachmentId) {
    let (world, attachment) = World::attached().await;
    let ada = world.applies("Ada Example", Some(ADA), Some(POSTING)).await;
    world.moves_to_stage(&ada).await;
    let row = world.until_state(InviteState::Sent).await;
    (world, row, attachment)
}

#[tokio::test]
async fn another_organization_sees_and_changes_nothing() {
    let (world, row, attachment) = one_sent().await;
    let stranger = add_user(&world.engine, "Another Company", "eve@another.example", Role::SuperAdmin).await;
    assert_eq!(world.invites_for(&stranger).await.len(), 0);
    assert!(matches!(invite::detail(&world.engine, &stranger, &row.id).await, Err(FlowError::NotFound)));
    let given = verdict::give(&world.engine, &stranger, &row.id, Verdict::Passed, None, None).await;
    assert!(matches!(given, Err(FlowError::NotFound)));
    let paused = attachment::set_state(&world.engine, &stranger, &attachment, AttachmentState::Paused, 1).await;
    assert!(matches!(paused, Err(FlowError::NotFound)));
    assert_eq!(attachment::list(&world.engine, &stranger).await.expect("theirs").len(), 0);
    assert_eq!(engine::delivery::list(&world.engine, &stranger, None, 50).await.expect("theirs").len(), 0);
    let token = world.detail(&row.id).await.report_link.unwrap_or_default();
    let token = token.rsplit('/').next().unwrap_or_default();
    assert!(matches!(invite::report(&world.engine, &stranger, token).await, Err(FlowError::NotFound)));
}

#[tokio::test]
async fn a_limited_team_member_sees_only_what_they_are_associated_with() {
    let (world, _) = World::attached().await;
    world.member("aisha@halden.example", Role::LimitedTeamMember).await;
    world.member("ken@halden.example", Role::LimitedTeamMember).await;
    let new = json!({ "name": "Ada Example", "email": ADA, "posting": POSTING, "followers": ["Aisha Bello"] });
    let ada = world.lever("/sandbox/candidates", new).await["opportunity"].as_str().expect("an id").to_owned();
    world.moves_to_stage(&ada).await;
    let row = world.until_state(InviteState::Sent).await;
    let aisha = world.again("aisha@halden.example").await;
    let ken = world.again("ken@halden.example").await;
    assert_eq!(world.invites_for(&aisha).await.len(), 1);
    assert_eq!(world.invites_for(&ken).await.len(), 0);
    assert!(matches!(invite::detail(&world.engine, &ken, &row.id).await, Err(FlowError::NotFound)));
    let page = invite::page(&world.engine, &ken, &invite::Filter::default()).await.expect("the list");
    assert_eq!(page.count, 0, "and does not count the rest");
    assert!(!invite::is_visible(&world.engine, &ken, &row.id).await.expect("readable"));
    let attach = attachment::list(&world.engine, &aisha).await;
    assert!(matches!(attach, Err(FlowError::Forbidden(_))));
}

#[tokio::test]
async fn filters_and_counts_agree() {
    let (world, _) = World::attached().await;
    for (name, email) in [("Ada Example", "a@mail.example"), ("Ben Example", "b@mail.example")] {
        let id = world.applies(name, Some(email), Some(POSTING)).await;
        world.moves(&id, &world.stage).await;
        world.hear(Sender::Lever).await;
    }
    world.until("both are sent", async || world.sent().await.len() == 2).await;
    let sent = invite::Filter { state: Some(InviteState::Sent), ..Default::default() };
    assert_eq!(invite::page(&world.engine, &world.admin, &sent).await.expect("the list").count, 2);
    let done = invite::Filter { awaiting_verdict: true, ..Default::default() };
    assert_eq!(invite::page(&world.engine, &world.admin, &done).await.expect("the list").count, 0);
    let positions = invite::positions(&world.engine, &world.admin).await.expect("the list");
    assert_eq!(positions.iter().map(|(_, title)| title.as_str()).collect::<Vec<_>>(), [POSTING]);
    let funnel = invite::funnel(&world.engine, &world.admin, 7).await.expect("counts");
    assert_eq!((funnel.invited, funnel.completed), (2, 0));
}

#[tokio::test]
async fn each_figure_of_the_funnel_is_a_list() {
    let (world, _) = World::attached().await;
    for (name, email) in [("Ada Berg", "ada@mail.example"), ("Ben Cole", "ben@mail.example")] {
        let id = world.applies(name, Some(email), Some(POSTING)).await;
        world.moves(&id, &world.stage).await;
        world.hear(Sender::Lever).await;
    }
    world.until("both are sent", async || world.sent().await.len() == 2).await;
    world.submits("ada@mail.example", Some(80)).await;
    let completed = async || world.invites().await.into_iter().find(|row| row.state == InviteState::Completed);
    world.until("the result is there", async || completed().await.is_some()).await;
    let ada = completed().await.expect("just seen");
    let given = verdict::give(&world.engine, &world.admin, &ada.id, Verdict::Passed, None, None).await;
    given.expect("a verdict");

    let count = async |reached: Option<Reached>, verdict: Option<Verdict>, days: Option<i64>| {
        let filter = invite::Filter { reached, verdict, days, ..Default::default() };
        let page = invite::page(&world.engine, &world.admin, &filter).await.expect("the list");
        assert_eq!(page.count, i64::try_from(page.rows.len()).expect("few"));
        page.count
    };
    let funnel = invite::funnel(&world.engine, &world.admin, 30).await.expect("counts");
    let figures = [funnel.invited, funnel.started, funnel.completed, funnel.passed];
    assert_eq!(figures, [2, 1, 1, 1], "who completed has started");
    let steps = [Reached::Invited, Reached::Started, Reached::Completed];
    for (step, figure) in steps.into_iter().zip(figures) {
        assert_eq!(count(Some(step), None, Some(30)).await, figure, "{step:?}");
    }
    assert_eq!(count(None, Some(Verdict::Passed), Some(30)).await, funnel.passed);
    assert_eq!(count(None, Some(Verdict::Failed), None).await, 0);
    world.advance(Duration::from_secs(31 * 24 * 3600));
    assert_eq!(count(Some(Reached::Invited), None, Some(30)).await, 0, "they were made before");
    assert_eq!(count(Some(Reached::Invited), None, None).await, 2);
}
