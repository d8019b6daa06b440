//! People come by invitation, and go when they are removed; several organizations stay apart.

use std::time::Duration;

use engine::{
    access::{self, Member, Role, session},
    fault::{FlowError, Refusal},
    id::UserId,
};

use crate::world::{World, add_user};

const PASSWORD: &str = "a long enough password";

async fn link(world: &World, by: &Member, email: &str, role: Role) -> String {
    access::invite(&world.engine, by, email, role).await.expect("invited");
    let open = access::invitations(&world.engine, by).await.expect("the list");
    let one = open.into_iter().find(|one| one.email == email.trim()).expect("it is there");
    one.link.rsplit('/').next().expect("a token").to_owned()
}

async fn accept(world: &World, token: &str, password: &str) -> Result<UserId, FlowError> {
    let password = password.to_owned().into();
    access::accept(&world.engine, token, "Ines Blum", password, None).await.map(|(admitted, _)| admitted.user)
}

async fn member(world: &World, user: &UserId) -> Option<Member> {
    access::member(&world.engine, user).await.expect("readable")
}

#[tokio::test]
async fn a_link_lets_one_person_in_once() {
    let world = World::new().await;
    let token = link(&world, &world.admin, " ines@halden.example ", Role::TeamMember).await;
    for _ in 0..3 {
        let invited = access::invited(&world.engine, &token).await.expect("readable").expect("open");
        assert_eq!(
            (invited.email.as_str(), invited.organization_name.as_str()),
            ("ines@halden.example", "Halden Instruments")
        );
    }
    assert!(matches!(accept(&world, &token, "short").await, Err(FlowError::Refused(Refusal::Password))));
    assert!(matches!(accept(&world, "another", PASSWORD).await, Err(FlowError::NotFound)));
    let both = tokio::join!(accept(&world, &token, PASSWORD), accept(&world, &token, PASSWORD));
    let (one, other) = (both.0.is_ok(), both.1.is_ok());
    assert!(one != other, "one of two at once: {one} {other}");
    let ines = both.0.or(both.1).expect("one of them");
    let ines = member(&world, &ines).await.expect("a member");
    assert_eq!(
        (ines.role, &ines.organization, ines.email.as_str()),
        (Role::TeamMember, &world.admin.organization, "ines@halden.example")
    );
    assert!(access::invited(&world.engine, &token).await.expect("readable").is_none());
    assert!(matches!(accept(&world, &token, PASSWORD).await, Err(FlowError::NotFound)));
    assert!(access::invitations(&world.engine, &world.admin).await.expect("the list").is_empty());
    let again = access::invite(&world.engine, &world.admin, "INES@halden.example", Role::Admin).await;
    assert!(matches!(again, Err(FlowError::Refused(Refusal::AlreadyMember))));
    assert!(
        access::sign_in(&world.engine, "ines@halden.example", PASSWORD.to_owned().into())
            .await
            .expect("works")
            .is_some()
    );
}

#[tokio::test]
async fn a_link_ends_with_the_day_by_a_newer_one_and_by_being_taken_back() {
    let world = World::new().await;
    let old = link(&world, &world.admin, "ines@halden.example", Role::Admin).await;
    let new = link(&world, &world.admin, "ines@halden.example", Role::TeamMember).await;
    assert!(access::invited(&world.engine, &old).await.expect("readable").is_none(), "the newer one counts");
    let open = access::invitations(&world.engine, &world.admin).await.expect("the list");
    assert_eq!(open.len(), 1);
    access::take_back(&world.engine, &world.admin, &open[0].id).await.expect("taken back");
    assert!(matches!(accept(&world, &new, PASSWORD).await, Err(FlowError::NotFound)));
    let again = access::take_back(&world.engine, &world.admin, &open[0].id).await;
    assert!(matches!(again, Err(FlowError::NotFound)));
    let late = link(&world, &world.admin, "ines@halden.example", Role::TeamMember).await;
    world.advance(Duration::from_secs(24 * 3600 + 1));
    assert!(access::invited(&world.engine, &late).await.expect("readable").is_none());
    assert!(matches!(accept(&world, &late, PASSWORD).await, Err(FlowError::NotFound)));
    assert!(access::invitations(&world.engine, &world.admin).await.expect("the list").is_empty());
}

#[tokio::test]
async fn only_super_admins_let_people_in_and_out_and_only_their_own() {
    let world = World::new().await;
    let sam = world.member("sam@halden.example", Role::TeamMember).await;
    for role in [Role::Admin, Role::TeamMember, Role::LimitedTeamMember] {
        let member = world.member(&format!("{role:?}@halden.example"), role).await;
        let forbidden = |outcome: Result<(), FlowError>| matches!(outcome, Err(FlowError::Forbidden(_)));
        assert!(forbidden(access::invite(&world.engine, &member, "ines@halden.example", Role::TeamMember).await));
        assert!(forbidden(access::invitations(&world.engine, &member).await.map(drop)));
        assert!(forbidden(access::take_back(&world.engine, &member, &"ivt_1".into()).await));
        assert!(forbidden(access::remove(&world.engine, &member, &sam.user).await));
        assert!(forbidden(access::change_role(&world.engine, &member, &sam.user, Role::SuperAdmin).await));
    }
    let olga = add_user(&world.engine, "Another", "olga@another.example", Role::SuperAdmin).await;
    let token = link(&world, &world.admin, "ines@halden.example", Role::TeamMember).await;
    let open = access::invitations(&world.engine, &world.admin).await.expect("the list");
    assert!(access::invitations(&world.engine, &olga).await.expect("her list").is_empty());
    let not_found = |outcome: Result<(), FlowError>| matches!(outcome, Err(FlowError::NotFound));
    assert!(not_found(access::take_back(&world.engine, &olga, &open[0].id).await));
    assert!(not_found(access::remove(&world.engine, &olga, &sam.user).await));
    assert!(not_found(access::change_role(&world.engine, &olga, &sam.user, Role::Admin).await));
    assert!(access::invited(&world.engine, &token).await.expect("readable").is_some());
    assert_eq!(member(&world, &sam.user).await.expect("still there").role, Role::TeamMember);
}

async fn signed_in(world: &World, user: &UserId, id: &str) {
    let now = world.engine.clock.now();
    let stored = session::Stored {
        user: Some(user.as_str()),
        epoch: 0,
        data: "{}",
        from: Some("192.0.2.7"),
        agent: Some("Firefox"),
        expires: now.after(session::IDLE),
    };
    assert!(session::create(&world.engine, id, &stored).await.expect("stored"));
}

async fn lives(world: &World, id: &str) -> bool {
    session::load(&world.engine, id).await.expect("readable").is_some()
}

#[tokio::test]
async fn who_is_removed_is_out_at_once_and_nobody_locks_everybody_out() {
    let world = World::new().await;
    let sam = world.member("sam@halden.example", Role::SuperAdmin).await;
    signed_in(&world, &sam.user, "sam's").await;
    let conflict = |outcome: Result<(), FlowError>| matches!(outcome, Err(FlowError::Conflict));
    assert!(conflict(access::remove(&world.engine, &sam, &sam.user).await), "not oneself");
    assert!(conflict(access::remove(&world.engine, &sam, &world.admin.user).await), "not who made the organization");
    assert!(conflict(access::change_role(&world.engine, &sam, &world.admin.user, Role::Admin).await));
    assert!(conflict(access::change_role(&world.engine, &sam, &sam.user, Role::Admin).await));
    access::change_role(&world.engine, &world.admin, &sam.user, Role::Admin).await.expect("changed");
    assert_eq!(member(&world, &sam.user).await.expect("a member").role, Role::Admin);
    access::remove(&world.engine, &world.admin, &sam.user).await.expect("removed");
    assert!(member(&world, &sam.user).await.is_none());
    assert!(!lives(&world, "sam's").await);
    assert!(matches!(access::remove(&world.engine, &world.admin, &sam.user).await, Err(FlowError::NotFound)));
}

#[tokio::test]
async fn whoever_was_added_meanwhile_keeps_that_role() {
    let world = World::new().await;
    let token = link(&world, &world.admin, "ines@halden.example", Role::SuperAdmin).await;
    let ines = world.member("ines@halden.example", Role::LimitedTeamMember).await;
    assert_eq!(accept(&world, &token, "correct horse battery").await.expect("let in"), ines.user);
    assert_eq!(member(&world, &ines.user).await.expect("a member").role, Role::LimitedTeamMember);
    assert!(access::invited(&world.engine, &token).await.expect("readable").is_none(), "and the link is used");
}

#[tokio::test]
async fn who_may_invite_no_more_leaves_no_way_back() {
    let world = World::new().await;
    let sam = world.member("sam@halden.example", Role::SuperAdmin).await;
    let kim = world.member("kim@halden.example", Role::SuperAdmin).await;
    let by_sam = link(&world, &sam, "sam-again@else.example", Role::SuperAdmin).await;
    let by_kim = link(&world, &kim, "kim-again@else.example", Role::SuperAdmin).await;
    access::remove(&world.engine, &world.admin, &sam.user).await.expect("removed");
    assert!(access::invited(&world.engine, &by_sam).await.expect("readable").is_none());
    access::change_role(&world.engine, &world.admin, &kim.user, Role::Admin).await.expect("changed");
    assert!(access::invited(&world.engine, &by_kim).await.expect("readable").is_none());
}

#[tokio::test]
async fn a_person_of_two_organizations_joins_with_the_password_they_have() {
    let world = World::new().await;
    let olga = add_user(&world.engine, "Another", "olga@another.example", Role::Admin).await;
    world.advance(Duration::from_secs(1));
    let token = link(&world, &world.admin, "olga@another.example", Role::LimitedTeamMember).await;
    let wrong = accept(&world, &token, PASSWORD).await;
    assert!(matches!(wrong, Err(FlowError::Refused(Refusal::Password))), "as for one that is too short");
    assert_eq!(accept(&world, &token, "correct horse battery").await.expect("joined"), olga.user);

    let organizations = access::organizations(&world.engine, &olga.user, access::Way::Password).await.expect("hers");
    assert_eq!(
        organizations.iter().map(|(_, name)| name.as_str()).collect::<Vec<_>>(),
        ["Another", "Halden Instruments"]
    );
    let here = async |organization| {
        let found =
            access::member_in(&world.engine, &olga.user, organization, access::Way::Password).await.expect("readable");
        found.map(|member| (member.organization_name, member.role))
    };
    assert_eq!(here(None).await, Some(("Another".into(), Role::Admin)));
    assert_eq!(
        here(Some(&world.admin.organization)).await,
        Some(("Halden Instruments".into(), Role::LimitedTeamMember))
    );
    let foreign = add_user(&world.engine, "Third", "tim@third.example", Role::Admin).await;
    assert_eq!(
        here(Some(&foreign.organization)).await,
        Some(("Another".into(), Role::Admin)),
        "not where she is nobody"
    );
    access::remove(&world.engine, &world.admin, &olga.user).await.expect("removed");
    assert_eq!(here(Some(&world.admin.organization)).await, Some(("Another".into(), Role::Admin)));
}

#[tokio::test]
async fn sessions_are_seen_and_ended_by_their_own_person_alone() {
    let world = World::new().await;
    let sam = world.member("sam@halden.example", Role::Admin).await;
    for id in ["one", "two", "three"] {
        signed_in(&world, &sam.user, id).await;
    }
    signed_in(&world, &world.admin.user, "nora's").await;
    let seen = session::of_person(&world.engine, &sam, "two").await.expect("hers");
    assert_eq!(seen.len(), 3);
    assert_eq!(seen.iter().filter(|(_, is_present)| *is_present).count(), 1);
    assert!(
        seen.iter().all(|(one, _)| one.from.as_deref() == Some("192.0.2.7") && one.used_at == world.engine.clock.now())
    );
    let (other, _) = seen.iter().find(|(_, is_present)| !is_present).expect("another");
    let foreign = session::end(&world.engine, &world.admin, &other.id_hash).await;
    assert!(matches!(foreign, Err(FlowError::NotFound)));
    session::end(&world.engine, &sam, &other.id_hash).await.expect("ended");
    assert!(matches!(session::end(&world.engine, &sam, &other.id_hash).await, Err(FlowError::NotFound)));
    assert_eq!(session::of_person(&world.engine, &sam, "two").await.expect("hers").len(), 2);
    session::end_others(&world.engine, &sam, "two").await.expect("ended");
    assert!(lives(&world, "two").await && lives(&world, "nora's").await);
    assert!(!lives(&world, "one").await && !lives(&world, "three").await);
}

/// Goes on with a session under another id, as it was when it was loaded.
async fn goes_on(world: &World, (user, epoch): (&UserId, i64), id: &str) {
    let expires = world.engine.clock.now().after(session::IDLE);
    let stored = session::Stored { user: Some(user.as_str()), epoch, data: "{}", from: None, agent: None, expires };
    assert!(session::create(&world.engine, id, &stored).await.expect("stored"));
}

#[tokio::test]
async fn a_session_that_was_ended_is_not_carried_on_under_another_id() {
    let world = World::new().await;
    let engine = &world.engine;
    let sam = world.member("sam@halden.example", Role::Admin).await;
    let ends_all = async || {
        let new = "another long password".to_owned().into();
        access::set_password(engine, &sam.email, new).await.expect("set");
    };
    let ends_others = async || session::end_others(engine, &sam, "the present one").await.expect("ended");
    for (round, is_all) in [true, false].into_iter().enumerate() {
        let former = epoch_of(&world, &sam).await;
        goes_on(&world, (&sam.user, former), "the present one").await;
        if is_all {
            ends_all().await;
        } else {
            ends_others().await;
        }
        let id = format!("late {round}");
        goes_on(&world, (&sam.user, former), &id).await;
        assert!(!lives(&world, &id).await, "{round}: it was under way meanwhile");
        assert_eq!(lives(&world, "the present one").await, !is_all, "{round}");
        let seen = session::of_person(engine, &sam, "the present one").await.expect("hers");
        assert_eq!(seen.len(), usize::from(!is_all), "{round}: it is in no list");
    }
    let (_, present) = session::load(engine, "the present one").await.expect("readable").expect("it lives");
    assert_eq!(present, epoch_of(&world, &sam).await, "the present one may go on");
}

/// The epoch that somebody has who signs in now.
async fn epoch_of(world: &World, member: &Member) -> i64 {
    let epoch = sqlx::query_scalar("SELECT epoch FROM users WHERE id = $1").bind(member.user.as_str());
    epoch.fetch_one(world.engine.db.read()).await.expect("readable")
}

#[tokio::test]
async fn a_password_is_changed_by_who_knows_it_or_at_the_terminal() {
    let world = World::new().await;
    let change = async |present: &str, new: &str| {
        access::change_password(&world.engine, &world.admin, "none", present.to_owned().into(), new.to_owned().into())
            .await
    };
    let signs_in = async |password: &str| {
        access::sign_in(&world.engine, "nora@halden.example", password.to_owned().into())
            .await
            .expect("works")
            .is_some()
    };
    assert!(matches!(change("wrong horse battery", PASSWORD).await, Err(FlowError::Refused(Refusal::PresentPassword))));
    assert!(matches!(change("correct horse battery", "short").await, Err(FlowError::Refused(Refusal::Password))));
    assert!(signs_in("correct horse battery").await);
    change("correct horse battery", PASSWORD).await.expect("changed");
    assert!(!signs_in("correct horse battery").await && signs_in(PASSWORD).await);

    signed_in(&world, &world.admin.user, "nora's").await;
    let set = async |email: &str, new: &str| access::set_password(&world.engine, email, new.to_owned().into()).await;
    assert!(matches!(set("nobody@halden.example", PASSWORD).await, Err(FlowError::NotFound)));
    assert!(matches!(set("nora@halden.example", "short").await, Err(FlowError::Refused(Refusal::Password))));
    set("NORA@halden.example", "another long password").await.expect("set");
    assert!(!lives(&world, "nora's").await, "whoever had it is out");
    assert!(signs_in("another long password").await);
}

#[tokio::test]
async fn passwords_stay_where_nobody_could_sign_in_without_them() {
    let world = World::new().await;
    assert!(access::passwords(&world.engine, &world.admin).await.expect("readable"));
    let refused = access::choose_passwords(&world.engine, &world.admin, false).await;
    assert!(matches!(refused, Err(FlowError::Refused(Refusal::NoSignOn))));
    let sam = world.member("sam@halden.example", Role::Admin).await;
    let refused = access::choose_passwords(&world.engine, &sam, true).await;
    assert!(matches!(refused, Err(FlowError::Forbidden(_))));
    assert!(matches!(access::passwords(&world.engine, &sam).await, Err(FlowError::Forbidden(_))));
}

#[tokio::test]
async fn a_custom_role_has_no_access_until_it_is_said_what_it_is_as() {
    let world = World::connected().await;
    let lucy = world.member("lucy@halden.example", Role::LimitedTeamMember).await;
    let custom = "7c6f0e5c-3b2a-4a65-8f25-d8a2f14c1a09";
    world.lever("/sandbox/users/role", serde_json::json!({ "user": "Lucy Hart", "role": custom })).await;
    engine::connection::sync_now(&world.engine, &world.admin).await.expect("a sync");
    assert!(member(&world, &lucy.user).await.is_none(), "nobody said anything of it");
    let role = async || {
        let all = access::custom_roles(&world.engine, &world.admin).await.expect("the list");
        let hers = all.into_iter().find(|one| one.access_role == custom).expect("it is there");
        assert_eq!((hers.count, hers.people), (1, vec!["Lucy Hart".to_owned()]));
        hers.role
    };
    assert_eq!(role().await, None);
    let map = async |by: &Member, custom: &str, role| access::map_role(&world.engine, by, custom, role).await;
    let sam = world.member("sam@halden.example", Role::Admin).await;
    assert!(matches!(map(&sam, custom, Some(Role::SuperAdmin)).await, Err(FlowError::Forbidden(_))));
    for standard in ["interviewer", "super admin", "no-such-role", ""] {
        let refused = map(&world.admin, standard, Some(Role::Admin)).await;
        assert!(matches!(refused, Err(FlowError::Refused(Refusal::NoSuchRole))), "{standard:?}");
    }
    map(&world.admin, custom, Some(Role::TeamMember)).await.expect("mapped");
    assert_eq!(role().await, Some(Role::TeamMember));
    assert_eq!(member(&world, &lucy.user).await.expect("in force at once").role, Role::TeamMember);
    engine::connection::sync_now(&world.engine, &world.admin).await.expect("a sync");
    assert_eq!(member(&world, &lucy.user).await.expect("and after a sync").role, Role::TeamMember);
    map(&world.admin, custom, None).await.expect("taken back");
    assert!(member(&world, &lucy.user).await.is_none());
    let olga = add_user(&world.engine, "Another", "olga@another.example", Role::SuperAdmin).await;
    assert!(access::custom_roles(&world.engine, &olga).await.expect("theirs").is_empty());
}

#[tokio::test]
async fn a_password_opens_only_organizations_that_have_not_switched_them_off() {
    let world = World::new().await;
    let sam = world.member("sam@halden.example", Role::Admin).await;
    let provider = engine::settings::IdentityProvider {
        id: "halden".into(),
        name: "Halden ID".into(),
        issuer: "https://id.halden.example".into(),
        client_id: "candilever".into(),
        client_secret: "hush-hush".to_owned().into(),
        domains: vec!["halden.example".into()],
        organization: None,
        vouches_for_email: false,
    };
    let settings = engine::settings::Settings {
        identity_providers: vec![provider],
        ..engine::settings::Settings::clone(&world.engine.settings)
    };
    let with_provider = engine::Engine::open(settings, world.engine.clock.clone()).await.expect("it opens");
    access::choose_passwords(&with_provider, &world.admin, false).await.expect("switched off");
    let lets_in = async |engine: &engine::Engine, user: &UserId, way| {
        access::member_in(engine, user, None, way).await.expect("readable").is_some()
    };
    let signs_in = async |engine: &engine::Engine, email: &str| {
        let password = "correct horse battery".to_owned().into();
        access::sign_in(engine, email, password).await.expect("works").is_some()
    };
    assert!(!lets_in(&with_provider, &sam.user, access::Way::Password).await, "a session from before is over");
    assert!(lets_in(&with_provider, &sam.user, access::Way::Vouched).await);
    assert!(lets_in(&with_provider, &world.admin.user, access::Way::Password).await, "who made it");
    assert!(!signs_in(&with_provider, "sam@halden.example").await);
    assert!(signs_in(&with_provider, "nora@halden.example").await);
    assert!(signs_in(&world.engine, "sam@halden.example").await, "without a provider there is no other way");
    assert!(lets_in(&world.engine, &sam.user, access::Way::Password).await);

    world.advance(Duration::from_secs(1));
    let olga = add_user(&world.engine, "Another", "olga@another.example", Role::SuperAdmin).await;
    let token = link(&world, &olga, "sam@halden.example", Role::TeamMember).await;
    accept(&world, &token, "correct horse battery").await.expect("joined");
    let by_password = access::organizations(&with_provider, &sam.user, access::Way::Password).await.expect("his");
    assert_eq!(by_password.iter().map(|(_, name)| name.as_str()).collect::<Vec<_>>(), ["Another"]);
    let here = Some(&world.admin.organization);
    let member = access::member_in(&with_provider, &sam.user, here, access::Way::Password).await.expect("readable");
    assert_eq!(member.map(|member| member.organization_name).as_deref(), Some("Another"), "and no way in from there");
}
