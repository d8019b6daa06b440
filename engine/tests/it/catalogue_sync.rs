//! Our copy of Lever's catalogue: what it holds, how it is searched, and whom it gives which role.

use engine::{
    access::{self, Role},
    connection,
    fault::FlowError,
    lever::{self, Api},
};
use serde_json::json;

use crate::world::{POSTING, STAGE, World};

async fn titles(world: &World, query: &str) -> Vec<(String, Option<String>)> {
    let (found, _) = lever::postings(&world.engine, &world.admin, query, 50).await.expect("a list");
    found.into_iter().map(|posting| (posting.title, posting.team)).collect()
}

async fn stage_names(world: &World) -> Vec<String> {
    let stages = lever::stages(&world.engine, &world.admin.organization).await.expect("the stages");
    stages.into_iter().map(|stage| stage.name).collect()
}

async fn sync(world: &World) {
    connection::sync_now(&world.engine, &world.admin).await.expect("a sync");
}

#[tokio::test]
async fn postings_are_found_by_what_tells_them_apart_open_ones_first() {
    let world = World::connected().await;
    let (all, count) = lever::postings(&world.engine, &world.admin, "", 1000).await.expect("a list");
    assert_eq!(i64::try_from(all.len()).expect("few"), count);
    let states: Vec<&str> = all.iter().map(|posting| posting.state.as_str()).collect();
    let first_closed = states.iter().position(|state| *state == "closed").expect("a closed one");
    let last_open = states.iter().rposition(|state| *state == "published").expect("a published one");
    assert!(last_open < first_closed, "{states:?}");
    assert_eq!(titles(&world, "  python DEV ").await.first().map(|(title, _)| title.as_str()), Some(POSTING));
    let engineers = titles(&world, "software engineer").await;
    assert_eq!(engineers.len(), 3);
    let team = engineers[0].1.clone().expect("a team");
    assert!(titles(&world, &format!("engineer {team}")).await.contains(&engineers[0]), "title and team together");
    assert!(titles(&world, "%").await.is_empty(), "no wildcard");
    assert!(titles(&world, "no such posting").await.is_empty());
    let (few, count) = lever::postings(&world.engine, &world.admin, "software", 1).await.expect("a list");
    assert_eq!((few.len(), count), (1, 3));
    let team_member = world.member("kim@halden.example", Role::TeamMember).await;
    let refused = lever::postings(&world.engine, &team_member, "", 10).await;
    assert!(matches!(refused, Err(FlowError::Forbidden(_))));
}

#[tokio::test]
async fn fifteen_hundred_postings_are_read_page_by_page() {
    let world = World::connected().await;
    world.lever("/sandbox/postings/fill", json!({ "until": 1500 })).await;
    sync(&world).await;
    let (page, count) = lever::postings(&world.engine, &world.admin, "", 50).await.expect("a list");
    assert_eq!(page.len(), 50);
    assert!(count >= 1490, "{count}: all but those that are not for us to see");
}

#[tokio::test]
async fn stages_follow_lever_by_their_ids() {
    let world = World::connected().await;
    let before = stage_names(&world).await;
    assert!(before.contains(&STAGE.to_owned()));
    world.lever("/sandbox/stages/rename", json!({ "stage": STAGE, "text": "Online test" })).await;
    sync(&world).await;
    let renamed = lever::stages(&world.engine, &world.admin.organization).await.expect("the stages");
    let stage = renamed.iter().find(|stage| stage.id.as_str() == world.stage).expect("the same stage");
    assert_eq!((stage.name.as_str(), stage.suggested), ("Online test", false));
    assert_eq!(renamed.len(), before.len());
    world.lever("/sandbox/stages/remove", json!({ "text": "Online test" })).await;
    sync(&world).await;
    assert!(!stage_names(&world).await.contains(&"Online test".to_owned()));
    let api = Api::new(&world.engine, &world.admin.organization);
    assert!(api.stage(&world.stage.as_str().into()).await.expect("an answer").is_none());
    assert!(api.posting(&"no-such-posting".into()).await.expect("an answer").is_none());
    let known = world.posting(POSTING).await.as_str().into();
    assert_eq!(api.posting(&known).await.expect("an answer").expect("there").title, POSTING);
}

#[tokio::test]
async fn roles_follow_lever_and_the_creator_stays() {
    let world = World::new().await;
    let priya = world.member("Priya@Halden.example", Role::Admin).await;
    let guest = world.member("guest@agency.example", Role::Admin).await;
    let lucy = world.member("lucy@halden.example", Role::TeamMember).await;
    world.connect().await;
    let role = async |member: &access::Member| {
        access::member(&world.engine, &member.user).await.expect("readable").map(|member| member.role)
    };
    assert_eq!(role(&priya).await, Some(Role::TeamMember), "as Lever has it");
    assert_eq!(role(&guest).await, Some(Role::Admin), "absent from Lever's list: as invited");
    assert_eq!(role(&lucy).await, None, "interviewers have no access");
    assert_eq!(role(&world.admin).await, Some(Role::SuperAdmin));
    let known = access::member(&world.engine, &priya.user).await.expect("readable").expect("a member");
    assert_eq!(known.lever_user.map(|id| id.to_string()), Some(world.user("Priya Raman").await));

    world.lever("/sandbox/users/deactivate", json!({ "user": "Priya Raman" })).await;
    world.lever("/sandbox/users/role", json!({ "user": "Lucy Hart", "role": "limited team member" })).await;
    world.lever("/sandbox/users/role", json!({ "user": "Nora Lindqvist", "role": "interviewer" })).await;
    sync(&world).await;
    assert_eq!(role(&priya).await, None, "deactivated");
    assert_eq!(role(&lucy).await, Some(Role::LimitedTeamMember));
    assert_eq!(role(&world.admin).await, Some(Role::SuperAdmin), "no sync locks everybody out");
    let team = access::team(&world.engine, &world.admin).await.expect("the team");
    let from_lever: Vec<&str> =
        team.iter().filter(|row| row.source == access::Source::Lever).map(|row| row.name.as_str()).collect();
    assert_eq!(from_lever.len(), 2, "{from_lever:?}");
}

#[tokio::test]
async fn a_list_that_is_no_list_changes_nobodys_access() {
    let world = World::connected().await;
    let before = stage_names(&world).await;
    for body in ["{\"data\":[]}", "{\"data\":[{\"id\":5}]}", "<html>"] {
        let kind = json!({ "status": { "code": 200, "body": body } });
        world.fault_at_lever(json!({ "path_prefix": "/v1/users", "kind": kind, "times": 1 })).await;
        let failed = connection::sync_now(&world.engine, &world.admin).await;
        assert!(matches!(failed, Err(FlowError::Lever(_))), "{body}");
        let shown = connection::overview(&world.engine, &world.admin).await.expect("readable").expect("there");
        assert!(shown.sync_error.is_some() && shown.synced_at.is_some());
    }
    assert_eq!(stage_names(&world).await, before);
}
