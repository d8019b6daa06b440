//! The account at Canditech: what a key may do, what an address may be, and outages.

use engine::{
    access::Role,
    fault::{FlowError, Refusal},
    provider::{self, Account, AccountOverview, AccountState, AssessmentState, OtherProtocol, Protocol, ProviderError},
};
use serde_json::json;

use crate::world::{PYTHON, World};

/// Where the stand-in Canditech has its API.
async fn base(world: &World) -> String {
    format!("http://{}/api", world.engine.settings.provider_hosts[0])
}

async fn try_save(world: &World, base: &str, key: Option<&str>) -> Result<AccountOverview, FlowError> {
    let key = key.map(|key| key.to_owned().into());
    provider::save_and_test(&world.engine, &world.admin, Protocol::Canditech, base, key, OtherProtocol::Ask).await
}

async fn save(world: &World, key: &str) -> AccountOverview {
    try_save(world, &base(world).await, Some(key)).await.expect("saved")
}

#[tokio::test]
async fn a_good_key_lists_the_assessments() {
    let world = World::new().await;
    let shown = save(&world, "ctk_demo_org_key").await;
    assert_eq!((shown.state, shown.state_reason.as_deref()), (AccountState::Ok, None));
    assert_eq!(shown.account_name.as_deref(), Some("Halden Instruments"));
    assert_eq!(shown.key_hint, "_key");
    assert!(shown.callback_url.contains("/callbacks/canditech/"));
    assert!(shown.callback_secret.is_some_and(|secret| secret.starts_with("whsec_")));
    let all = provider::assessments(&world.engine, &world.admin).await.expect("the list");
    assert_eq!(i64::try_from(all.len()).expect("few"), shown.assessments);
    let python = all.iter().find(|one| one.id.as_str() == PYTHON).expect("the Python test");
    assert_eq!(python.name, "Python, 60 min");
    assert!(!python.sections.is_empty() && python.state == AssessmentState::Active);
    let states: Vec<AssessmentState> = all.iter().map(|one| one.state).collect();
    assert!(states.contains(&AssessmentState::Draft) && states.contains(&AssessmentState::Archived));
    assert_eq!(states[0], AssessmentState::Active, "active ones first");
}

#[tokio::test]
async fn a_refused_key_says_so_and_is_kept_for_correction() {
    let world = World::new().await;
    let shown = save(&world, "ctk_wrong_key_entirely").await;
    assert_eq!(shown.state, AccountState::Refused);
    assert!(shown.state_reason.is_some_and(|reason| reason.contains("key")));
    assert_eq!(shown.assessments, 0);
    let mended = save(&world, "ctk_demo_org_key").await;
    assert_eq!((mended.state, mended.id), (AccountState::Ok, shown.id));
    assert_eq!(mended.callback_url, shown.callback_url);
}

#[tokio::test]
async fn a_key_that_only_lists_cannot_send() {
    let world = World::new().await;
    let shown = save(&world, "ctk_demo_list_only").await;
    assert_eq!(shown.state, AccountState::CannotSend);
    assert!(shown.assessments > 0);
}

#[tokio::test]
async fn an_address_must_be_on_the_list() {
    let world = World::new().await;
    let host = world.engine.settings.provider_hosts[0].clone();
    for base in [
        "",
        "not an address",
        "https://evil.example/api",
        "http://127.0.0.1:1/api",
        "http://169.254.169.254/latest",
        "file:///etc/passwd",
        &format!("http://key@{host}/api"),
        &format!("http://{host}/api?x=1"),
    ] {
        let saved = try_save(&world, base, Some("ctk_demo_org_key")).await;
        assert!(matches!(saved, Err(FlowError::Refused(Refusal::BaseUrl))), "{base}");
    }
    assert!(provider::account(&world.engine, &world.admin).await.expect("readable").is_none());
}

#[tokio::test]
async fn a_key_is_needed_once_and_kept_after() {
    let world = World::new().await;
    let base = base(&world).await;
    for key in [None, Some(""), Some("  "), Some("two words")] {
        let saved = try_save(&world, &base, key).await;
        assert!(matches!(saved, Err(FlowError::Refused(Refusal::Key))), "{key:?}");
    }
    save(&world, "ctk_demo_org_key").await;
    let again = try_save(&world, &base, None).await.expect("the stored key is used");
    assert_eq!((again.state, again.key_hint.as_str()), (AccountState::Ok, "_key"));
}

#[tokio::test]
async fn rights_are_checked_and_the_secret_is_for_super_admins() {
    let world = World::new().await;
    save(&world, "ctk_demo_org_key").await;
    let admin = world.member("sam@halden.example", Role::Admin).await;
    let shown = provider::account(&world.engine, &admin).await.expect("readable").expect("an account");
    assert_eq!(shown.callback_secret, None);
    let key = Some("ctk_demo_org_key".to_owned().into());
    let base = base(&world).await;
    let saved =
        provider::save_and_test(&world.engine, &admin, Protocol::Canditech, &base, key, OtherProtocol::Ask).await;
    assert!(matches!(saved, Err(FlowError::Forbidden(_))));
    let team = world.member("kim@halden.example", Role::TeamMember).await;
    assert!(matches!(provider::account(&world.engine, &team).await, Err(FlowError::Forbidden(_))));
    assert!(matches!(provider::assessments(&world.engine, &team).await, Err(FlowError::Forbidden(_))));
}

#[tokio::test]
async fn garbage_is_never_success_and_heals_by_itself() {
    let world = World::new().await;
    let kinds = [
        json!("html200"),
        json!("truncated"),
        json!("drop_before"),
        json!({ "status": { "code": 503 } }),
        json!({ "status": { "code": 429, "retry_after": 7 } }),
        json!({ "status": { "code": 404 } }),
        json!({ "status": { "code": 302 } }),
        json!({ "status": { "code": 200, "body": "{\"data\":{}}" } }),
    ];
    for kind in kinds {
        world.fault_at_canditech(json!({ "path_prefix": "/api/assessments", "kind": kind, "times": 1 })).await;
        let shown = save(&world, "ctk_demo_org_key").await;
        assert_eq!(shown.state, AccountState::Unreachable, "{kind}");
        assert!(shown.state_reason.is_some());
    }
    let account = provider::account(&world.engine, &world.admin).await.expect("readable").expect("an account");
    provider::sync(&world.engine, &account.id).await.expect("well again");
    let account = provider::account(&world.engine, &world.admin).await.expect("readable").expect("an account");
    assert_eq!(account.state, AccountState::Ok);
}

#[tokio::test]
async fn a_key_that_stops_working_shows_at_the_first_call() {
    let world = World::new().await;
    let saved = save(&world, "ctk_demo_org_key").await;
    let no = json!({ "path_prefix": "/api/invites", "kind": { "status": { "code": 401 } }, "times": 1 });
    world.fault_at_canditech(no).await;
    let account = Account::open(&world.engine, &saved.id).await.expect("an account");
    let read = account.fetch(&"pi_1".into()).await;
    assert!(matches!(read, Err(ProviderError::Credentials)), "{read:?}");
    let shown = provider::account(&world.engine, &world.admin).await.expect("readable").expect("an account");
    assert_eq!(shown.state, AccountState::Refused);
}

#[tokio::test]
async fn what_is_learned_of_a_key_says_nothing_of_the_one_that_replaced_it() {
    let world = World::new().await;
    let saved = save(&world, "ctk_demo_org_key_of_old").await;
    assert_eq!(saved.state, AccountState::Refused);
    let old = Account::open(&world.engine, &saved.id).await.expect("an account");
    save(&world, "ctk_demo_org_key").await;
    let read = old.fetch(&"pi_1".into()).await;
    assert!(matches!(read, Err(ProviderError::Credentials)), "a call that began before: {read:?}");
    let shown = provider::account(&world.engine, &world.admin).await.expect("readable").expect("an account");
    assert_eq!((shown.state, shown.state_reason), (AccountState::Ok, None));
}

#[tokio::test]
async fn what_the_provider_never_got_is_not_found() {
    let world = World::new().await;
    let saved = save(&world, "ctk_demo_org_key").await;
    let account = Account::open(&world.engine, &saved.id).await.expect("an account");
    assert_eq!(account.find(&"inv_unknown".into()).await.expect("an answer"), None);
    assert!(matches!(account.fetch(&"pi_unknown".into()).await, Err(ProviderError::NotFound)));
    assert!(matches!(account.fetch(&"..".into()).await, Err(ProviderError::NotFound)));
}
