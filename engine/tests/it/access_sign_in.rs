//! Signing in, the links that stand in for it, and the sessions after it.

use std::time::Duration;

use engine::{
    access::{self, NewUser, Role, RoleGiven, session},
    clock::Moment,
    fault::{FlowError, Refusal},
    random,
};

use crate::world::{World, add_user};

const PASSWORD: &str = "correct horse battery";

fn new_user(email: &str, password: &str) -> NewUser {
    NewUser {
        organization: "Halden Instruments".into(),
        email: email.into(),
        name: "Sam".into(),
        role: Role::Admin,
        password: password.to_owned().into(),
    }
}

#[tokio::test]
async fn only_the_right_password_signs_in() {
    let world = World::new().await;
    let sign_in = async |email: &str, password: &str| {
        let admitted = access::sign_in(&world.engine, email, password.to_owned().into()).await;
        admitted.expect("the database works").map(|admitted| admitted.user)
    };
    assert_eq!(sign_in("nora@halden.example", PASSWORD).await.as_ref(), Some(&world.admin.user));
    assert_eq!(sign_in("  NORA@Halden.Example ", PASSWORD).await.as_ref(), Some(&world.admin.user));
    assert_eq!(sign_in("nora@halden.example", "wrong horse battery").await, None);
    assert_eq!(sign_in("nobody@halden.example", PASSWORD).await, None);
    assert_eq!(sign_in("", "").await, None);
}

#[tokio::test]
async fn people_are_added_once_and_with_care() {
    let world = World::new().await;
    let add = async |new| access::add_user(&world.engine, new).await;
    assert!(matches!(add(new_user("sam", PASSWORD)).await, Err(FlowError::Refused(Refusal::Email))));
    assert!(matches!(add(new_user("sam@x.example", "short")).await, Err(FlowError::Refused(Refusal::Password))));
    let nameless = NewUser { name: "  ".into(), ..new_user("sam@x.example", PASSWORD) };
    assert!(matches!(add(nameless).await, Err(FlowError::Refused(Refusal::Name))));
    assert!(matches!(add(new_user("NORA@halden.example", PASSWORD)).await, Err(FlowError::Conflict)));
    let sam = add(new_user("sam@x.example", PASSWORD)).await.expect("added");
    let sam = access::member(&world.engine, &sam).await.expect("readable").expect("a member");
    assert_eq!((sam.organization, sam.role), (world.admin.organization.clone(), Role::Admin));
    let other = NewUser { organization: "Another".into(), ..new_user("kim@x.example", PASSWORD) };
    let kim = add(other).await.expect("added");
    let kim = access::member(&world.engine, &kim).await.expect("readable").expect("a member");
    assert_ne!(kim.organization, world.admin.organization);
    let team = access::team(&world.engine, &world.admin).await.expect("the team");
    assert_eq!(team.len(), 2, "nobody of another organization");
    assert_eq!(access::everyone(&world.engine).await.expect("everybody").len(), 3);
}

#[tokio::test]
async fn the_command_line_changes_the_invited_role_but_not_the_creators() {
    let world = World::new().await;
    world.member("sam@x.example", Role::TeamMember).await;
    access::set_role(&world.engine, "SAM@x.example", None, Role::Admin).await.expect("changed");
    assert_eq!(world.again("sam@x.example").await.role, Role::Admin);
    let creator = access::set_role(&world.engine, "nora@halden.example", None, Role::TeamMember).await;
    assert!(matches!(creator, Err(FlowError::Conflict)));
    let nobody = access::set_role(&world.engine, "nobody@x.example", None, Role::Admin).await;
    assert!(matches!(nobody, Err(FlowError::NotFound)));
}

#[tokio::test]
async fn the_command_line_changes_the_role_in_the_organization_that_it_names() {
    let world = World::new().await;
    let sam = world.member("sam@x.example", Role::TeamMember).await;
    let other = add_user(&world.engine, "Another", "kim@x.example", Role::SuperAdmin).await;
    access::invite(&world.engine, &other, &sam.email, Role::TeamMember).await.expect("invited");
    let open = access::invitations(&world.engine, &other).await.expect("the list");
    let token = open[0].link.rsplit('/').next().expect("a token");
    let password = "correct horse battery".to_owned().into();
    access::accept(&world.engine, token, "Sam", password, None).await.expect("joined");
    let role_in = async |organization| {
        let found = access::member_in(&world.engine, &sam.user, Some(organization), access::Way::Password).await;
        found.expect("readable").expect("a member").role
    };
    let give =
        async |organization| access::set_role(&world.engine, "sam@x.example", organization, Role::SuperAdmin).await;
    let which = RoleGiven::Which(vec!["Another".into(), "Halden Instruments".into()]);
    assert_eq!(give(None).await.expect("answered"), which, "nobody guesses");
    assert!(matches!(give(Some("Third")).await, Err(FlowError::NotFound)));
    assert_eq!(role_in(&other.organization).await, Role::TeamMember);
    assert_eq!(give(Some("ANOTHER")).await.expect("answered"), RoleGiven::Given);
    assert_eq!(role_in(&other.organization).await, Role::SuperAdmin);
    assert_eq!(role_in(&world.admin.organization).await, Role::TeamMember, "there it is what it was");
}

#[tokio::test]
async fn the_set_up_link_is_for_an_empty_installation_only() {
    let world = World::new().await;
    assert_eq!(access::set_up_link(&world.engine).await.expect("readable"), None, "somebody exists");
}

/// As it was before anybody came.
async fn empty() -> World {
    let world = World::new().await;
    let mut tx = world.engine.db.write().await.expect("a transaction");
    // What the audit log tells of stays: it only grows.
    for statement in ["DELETE FROM memberships", "DELETE FROM users"] {
        sqlx::query(statement).execute(&mut *tx).await.expect("rows");
    }
    tx.commit().await.expect("stored");
    world
}

#[tokio::test]
async fn the_set_up_link_works_once() {
    let world = empty().await;
    let engine = &world.engine;
    let old = access::set_up_link(engine).await.expect("readable").expect("a link");
    let link = access::set_up_link(engine).await.expect("readable").expect("a fresh link");
    assert!(!access::set_up_link_is_open(engine, &old).await.expect("readable"), "an earlier one stops working");
    assert!(!access::set_up_link_is_open(engine, "a guess").await.expect("readable"));
    let refused = access::set_up(engine, &link, new_user("sam@x.example", "short")).await;
    assert!(matches!(refused, Err(FlowError::Refused(Refusal::Password))));
    assert!(access::set_up_link_is_open(engine, &link).await.expect("readable"), "bad input does not use it up");
    let first = access::set_up(engine, &link, new_user("sam@x.example", PASSWORD)).await.expect("set up");
    let first = access::member(engine, &first.user).await.expect("readable").expect("a member");
    assert_eq!(first.role, Role::SuperAdmin, "whoever sets it up");
    let again = access::set_up(engine, &link, new_user("kim@x.example", PASSWORD)).await;
    assert!(matches!(again, Err(FlowError::NotFound)), "used");
}

#[tokio::test]
async fn the_set_up_link_ends_after_a_day() {
    let world = empty().await;
    let link = access::set_up_link(&world.engine).await.expect("readable").expect("a link");
    world.advance(Duration::from_secs(24 * 3600 + 1));
    assert!(!access::set_up_link_is_open(&world.engine, &link).await.expect("readable"));
    let late = access::set_up(&world.engine, &link, new_user("sam@x.example", PASSWORD)).await;
    assert!(matches!(late, Err(FlowError::NotFound)));
}

#[tokio::test]
async fn a_demo_link_signs_one_person_in_until_it_ends() {
    let world = World::new().await;
    let link = access::demo_link(&world.engine, &world.admin.user).await.expect("a link");
    for _ in 0..2 {
        let who = access::demo_user(&world.engine, &link).await.expect("readable");
        assert_eq!(who.map(|who| who.user).as_ref(), Some(&world.admin.user));
    }
    assert_eq!(access::demo_user(&world.engine, "a guess").await.expect("readable"), None);
    assert!(!access::set_up_link_is_open(&world.engine, &link).await.expect("readable"), "it is no set-up link");
    world.advance(Duration::from_secs(8 * 24 * 3600));
    assert_eq!(access::demo_user(&world.engine, &link).await.expect("readable"), None);
}

fn stored<'a>(user: Option<&'a str>, data: &'a str, expires: Moment) -> session::Stored<'a> {
    session::Stored { user, epoch: 0, data, from: None, agent: None, expires }
}

#[tokio::test]
async fn a_session_is_there_until_it_ends_and_is_stored_hashed() {
    let world = World::new().await;
    let engine = &world.engine;
    let later = engine.clock.now().after(Duration::from_secs(60));
    let user = Some(world.admin.user.as_str());
    let data = async || session::load(engine, "the-id").await.expect("readable").map(|(data, _)| data);
    assert!(session::create(engine, "the-id", &stored(user, "one", later)).await.expect("stored"));
    assert!(!session::create(engine, "the-id", &stored(None, "two", later)).await.expect("readable"), "taken");
    assert_eq!(data().await.as_deref(), Some("one"));
    session::save(engine, "the-id", &stored(None, "two", later)).await.expect("stored");
    assert_eq!(data().await.as_deref(), Some("two"));
    assert_eq!(session::load(engine, &random::digest("the-id")).await.expect("readable"), None, "no cookie");
    let both = tokio::join!(session::delete(engine, "the-id"), session::delete(engine, "the-id"));
    assert!(both.0.expect("ended") != both.1.expect("ended"), "one of two at once");
    assert_eq!(data().await, None);
    session::save(engine, "the-id", &stored(user, "late", later)).await.expect("answered");
    assert_eq!(data().await, None, "a late save revives nothing");
    session::create(engine, "old", &stored(user, "old", engine.clock.now())).await.expect("stored");
    assert_eq!(session::load(engine, "old").await.expect("readable"), None, "expired is absent");
    assert!(session::create(engine, "new", &stored(user, "new", later)).await.expect("stored"));
    assert!(session::create(engine, "old", &stored(user, "again", later)).await.expect("stored"), "expired ones go");
}

#[tokio::test]
async fn a_set_up_link_is_of_no_use_once_somebody_is_there() {
    let world = empty().await;
    let link = access::set_up_link(&world.engine).await.expect("readable").expect("a link");
    access::add_user(&world.engine, new_user("kim@x.example", PASSWORD)).await.expect("added at the terminal");
    assert!(!access::set_up_link_is_open(&world.engine, &link).await.expect("readable"));
    let late = access::set_up(&world.engine, &link, new_user("sam@x.example", PASSWORD)).await;
    assert!(matches!(late, Err(FlowError::NotFound)));
}
