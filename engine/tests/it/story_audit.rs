//! The audit log: every deed is in it, nobody can change it, and what was changed by force shows.

use std::time::Duration;

use engine::{
    access::{self, Role},
    attachment::{self, AttachmentState},
    audit::{self, Area, By, Entry, Fault, Filter, Verified},
    fault::FlowError,
    invite::InviteState,
    job,
    verdict::{self, Verdict},
};
use tokio_util::sync::CancellationToken;

use crate::world::{POSTING, World, soon};

async fn entries(world: &World, filter: &Filter) -> Vec<Entry> {
    audit::page(&world.engine, &world.admin, filter, None, 1000).await.expect("the log")
}

fn words(entries: &[Entry]) -> Vec<(&str, &str)> {
    entries.iter().map(|entry| (entry.action.as_str(), entry.subject.as_str())).collect()
}

async fn verified(world: &World) -> Verified {
    audit::verify(&world.engine, &world.admin).await.expect("the chain")
}

/// Lets the server of this database run until everything is sealed.
async fn sealed(world: &World) {
    let stop = CancellationToken::new();
    let server = tokio::spawn(job::dispatch(world.engine.clone(), stop.clone()));
    let all = async || entries(world, &Filter::default()).await.iter().all(|entry| entry.sealed.is_some());
    soon("every entry is sealed", all).await;
    stop.cancel();
    server.await.expect("no panic");
}

#[tokio::test]
async fn who_did_what_to_what_is_there_with_before_and_after() {
    let (world, attachment) = World::attached().await;
    world.moves_to_stage(&world.applies("Ada Example", Some("ada@mail.example"), Some(POSTING)).await).await;
    world.until_state(InviteState::Sent).await;
    world.submits("ada@mail.example", Some(87)).await;
    let invite = world.until_state(InviteState::Completed).await;
    let words_of_ours = Some("She did well in the interview");
    verdict::give(&world.engine, &world.admin, &invite.id, Verdict::Passed, words_of_ours, None).await.expect("given");
    let row = attachment::get(&world.engine, &world.admin, &attachment).await.expect("there");
    attachment::set_state(&world.engine, &world.admin, &attachment, AttachmentState::Paused, row.version)
        .await
        .expect("paused");

    let all = entries(&world, &Filter::default()).await;
    let done = words(&all);
    assert_eq!(done[0], ("attachment_changed", attachment.as_str()));
    assert_eq!(done[1], ("verdict_given", invite.id.as_str()));
    for action in ["attached", "provider_saved", "lever_connected", "user_added"] {
        assert!(done.iter().any(|(done, _)| *done == action), "{action} is not in {done:?}");
    }
    let verdict = &all[1];
    assert_eq!(verdict.by, By::Person(world.admin.user.clone()));
    assert_eq!(verdict.by_name.as_deref(), Some("nora"));
    assert_eq!(
        (verdict.before.as_deref(), verdict.after.as_deref()),
        (Some(r#"{"verdict":"n/a"}"#), Some(r#"{"verdict":"passed"}"#))
    );
    assert!(all[0].before.as_ref().is_some_and(|before| before.contains(r#""state":"active""#)));
    assert!(all[0].after.as_ref().is_some_and(|after| after.contains(r#""state":"paused""#)));
    // Neither who the candidate is nor what was said about her, and no key.
    let text = format!("{all:?}").to_lowercase();
    for secret in ["ada example", "mail.example", "interview", "ctk_", "correct horse"] {
        assert!(!text.contains(secret), "{secret:?} is in the log");
    }

    let attachments = entries(&world, &Filter { area: Some(Area::Attachment), by: None }).await;
    assert_eq!(words(&attachments), [("attachment_changed", attachment.as_str()), ("attached", attachment.as_str())]);
    let hers = Filter { area: Some(Area::Candidate), by: Some(world.admin.user.clone()) };
    assert_eq!(words(&entries(&world, &hers).await), [("verdict_given", invite.id.as_str())]);
    let nobodys = Filter { area: None, by: Some("usr_nobody".into()) };
    assert!(entries(&world, &nobodys).await.is_empty());
}

#[tokio::test]
async fn pages_and_the_export_go_through_all_of_it_once() {
    let world = World::new().await;
    for n in 0..25 {
        access::note_sign_in(&world.engine, &world.admin.user, Some([192, 0, 2, n].into())).await.expect("noted");
    }
    let mut seen = Vec::new();
    let mut before = None;
    loop {
        let filter = Filter::default();
        let page = audit::page(&world.engine, &world.admin, &filter, before.as_ref(), 10).await.expect("a page");
        let Some(last) = page.last() else { break };
        before = Some(last.id.clone());
        seen.extend(page.into_iter().map(|entry| entry.id.to_string()));
    }
    assert_eq!(seen.len(), 26, "and that she was added");
    audit::begin_export(&world.engine, &world.admin).await.expect("begun");
    let (lines, last) = audit::export_some(&world.engine, &world.admin, &Filter::default(), None)
        .await
        .expect("exported")
        .expect("there are some");
    let lines: Vec<serde_json::Value> = lines.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let ids: Vec<&str> = lines.iter().filter_map(|line| line["id"].as_str()).collect();
    seen.reverse();
    assert_eq!(&ids[..26], seen, "oldest first");
    assert_eq!(lines[26]["action"], "audit_exported");
    assert_eq!((&lines[1]["from"], &lines[1]["user"]), (&"192.0.2.0".into(), &world.admin.user.as_str().into()));
    let rest = audit::export_some(&world.engine, &world.admin, &Filter::default(), Some(&last)).await;
    assert!(rest.expect("exported").is_none());
}

#[tokio::test]
async fn the_log_is_for_super_admins_of_the_organization_alone() {
    let world = World::new().await;
    for role in [Role::Admin, Role::TeamMember, Role::LimitedTeamMember] {
        let email = format!("{role:?}@halden.example");
        let member = world.member(&email, role).await;
        let refused = audit::page(&world.engine, &member, &Filter::default(), None, 10).await;
        assert!(matches!(refused, Err(FlowError::Forbidden(_))), "{role:?}");
        assert!(matches!(audit::verify(&world.engine, &member).await, Err(FlowError::Forbidden(_))));
        assert!(matches!(audit::begin_export(&world.engine, &member).await, Err(FlowError::Forbidden(_))));
        let refused = audit::export_some(&world.engine, &member, &Filter::default(), None).await;
        assert!(matches!(refused, Err(FlowError::Forbidden(_))));
    }
    let other = crate::world::add_user(&world.engine, "Another", "olga@another.example", Role::SuperAdmin).await;
    let theirs = audit::page(&world.engine, &other, &Filter::default(), None, 10).await.expect("their log");
    assert_eq!(words(&theirs), [("user_added", other.user.as_str())]);
}

#[tokio::test]
async fn the_chain_is_sealed_in_the_background_and_shows_whatever_is_done_to_it() {
    let world = World::new().await;
    assert_eq!(verified(&world).await, Verified { entries: 0, head: String::new(), fault: None });
    for _ in 0..4 {
        access::note_sign_in(&world.engine, &world.admin.user, None).await.expect("noted");
    }
    sealed(&world).await;
    let whole = verified(&world).await;
    assert_eq!((whole.entries, whole.fault), (5, None));
    access::note_sign_in(&world.engine, &world.admin.user, None).await.expect("noted");
    assert_eq!(verified(&world).await, whole, "what is not sealed yet breaks nothing");
    sealed(&world).await;
    assert_eq!(verified(&world).await.entries, 6);

    let force = async |statement: &'static str| {
        let mut tx = world.engine.db.write().await.expect("a transaction");
        let done = sqlx::query(statement).execute(&mut *tx).await;
        match done {
            Ok(_) => tx.commit().await,
            Err(error) => Err(error),
        }
    };
    // SQLite has no such statement.
    let is_postgres = world.engine.db.flavour() == engine::db::Flavour::Postgres;
    let emptied: &[_] = if is_postgres { &["TRUNCATE audit_entries CASCADE", "TRUNCATE audit_seals"] } else { &[] };
    let changed = [
        "UPDATE audit_entries SET action = 'signed_out'",
        "DELETE FROM audit_entries",
        "UPDATE audit_seals SET hash = ''",
        "DELETE FROM audit_seals",
    ];
    for statement in changed.iter().chain(emptied) {
        let error = force(statement).await.expect_err("the database refuses").to_string();
        assert!(error.contains("the audit log only grows"), "{statement}: {error}");
    }
    assert_eq!(verified(&world).await.fault, None);

    for guard in world.engine.db.pick(SQLITE_OPEN, POSTGRES_OPEN).split(';') {
        let mut tx = world.engine.db.write().await.expect("a transaction");
        sqlx::raw_sql(sqlx::AssertSqlSafe(guard)).execute(&mut *tx).await.expect("opened by force");
        tx.commit().await.expect("opened by force");
    }
    force("UPDATE audit_chains SET number = 7").await.expect("done by force");
    assert_eq!(verified(&world).await.fault, Some((7, Fault::CutOff)));
    force("UPDATE audit_chains SET number = 6").await.expect("done by force");
    force("UPDATE audit_entries SET at = at + 1 WHERE id = (SELECT entry_id FROM audit_seals WHERE number = 3)")
        .await
        .expect("done by force");
    assert_eq!(verified(&world).await.fault, Some((3, Fault::Changed)));
    force("DELETE FROM audit_seals WHERE number = 2").await.expect("done by force");
    assert_eq!(verified(&world).await.fault, Some((2, Fault::Gap)));
}

const SQLITE_OPEN: &str = "DROP TRIGGER audit_entries_stay; DROP TRIGGER audit_entries_stay_so;
    DROP TRIGGER audit_seals_stay; DROP TRIGGER audit_seals_stay_so";
const POSTGRES_OPEN: &str =
    "DROP TRIGGER audit_entries_stay ON audit_entries; DROP TRIGGER audit_seals_stay ON audit_seals";

#[tokio::test]
async fn two_servers_seal_one_chain() {
    let world = World::new().await;
    let other = world.second_process().await;
    let stop = CancellationToken::new();
    let servers = [world.engine.clone(), other].map(|engine| tokio::spawn(job::dispatch(engine, stop.clone())));
    for _ in 0..40 {
        access::note_sign_in(&world.engine, &world.admin.user, None).await.expect("noted");
    }
    stop.cancel();
    for server in servers {
        server.await.expect("no panic");
    }
    sealed(&world).await;
    let whole = verified(&world).await;
    assert_eq!((whole.entries, whole.fault), (41, None));
}

#[tokio::test]
async fn a_revoked_connection_and_a_role_from_lever_are_levers_doing() {
    let (world, _) = World::attached().await;
    let priya = world.member("priya@halden.example", Role::Admin).await;
    engine::connection::sync_now(&world.engine, &world.admin).await.expect("a sync");
    let all = entries(&world, &Filter { area: Some(Area::People), by: None }).await;
    let change = all.iter().find(|entry| entry.action == "role_changed" && entry.subject == priya.user.as_str());
    let change = change.unwrap_or_else(|| panic!("no change in {all:#?}"));
    assert_eq!(change.by, By::Lever);
    assert_eq!(change.before.as_deref(), Some(r#"{"role":"admin"}"#));
    world.revoke_in_lever().await;
    world.advance(Duration::from_secs(3_700));
    let _refused = engine::connection::sync_now(&world.engine, &world.admin).await;
    let all = entries(&world, &Filter { area: Some(Area::Connection), by: None }).await;
    assert_eq!((all[0].action.as_str(), &all[0].by), ("lever_revoked", &By::Lever));
}
