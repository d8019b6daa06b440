//! Every kind of deed is in the audit log: what it was done to, by whom, and what was changed.

use std::{fs, path::Path};

use engine::{
    access::{self, Role, second_factor, session},
    attachment,
    audit::{self, Action, By, Entry, Filter},
    connection, delivery,
    invite::{self, Decision, InviteState, verb},
    job, keys, lever,
    note::{self, Choice, Start, Unsent},
    vault::MasterKey,
};
use serde_json::json;

use crate::story_replay::refused_for_good;
use crate::world::{ENGLISH, MASTER_KEY, POSTING, PYTHON, World};

const ADA: &str = "ada@mail.example";
const PASSWORD: &str = "correct horse battery";

/// The newest deed, which must be this one to that, by the Super Admin.
async fn did(world: &World, action: Action, subject: &str) -> Entry {
    let entry = done(world, action, subject).await;
    assert_eq!((&entry.by, entry.from.as_deref()), (&By::Person(world.admin.user.clone()), None), "{entry:?}");
    entry
}

async fn done(world: &World, action: Action, subject: &str) -> Entry {
    let log = audit::page(&world.engine, &world.admin, &Filter::default(), None, 1).await.expect("the log");
    let entry = log.into_iter().next().expect("an entry");
    assert_eq!((entry.action.as_str(), entry.subject.as_str()), (action.slug(), subject), "{entry:?}");
    assert_eq!((entry.area, entry.at), (action.area(), world.engine.clock.now()));
    entry
}

fn changed(entry: &Entry, before: Option<&str>, after: Option<&str>) {
    assert_eq!((entry.before.as_deref(), entry.after.as_deref()), (before, after), "{entry:?}");
}

#[tokio::test]
async fn what_is_done_to_the_connection() {
    let (world, _) = World::attached().await;
    let organization = world.admin.organization.0.clone();
    connection::create_webhook(&world.engine, &world.admin).await.expect("made");
    did(&world, Action::WebhookMade, &organization).await;
    connection::paste_signature_token(&world.engine, &world.admin, "a token of Lever's").await.expect("kept");
    let pasted: String = sqlx::query_scalar("SELECT id FROM webhooks WHERE kind = 'hand'")
        .fetch_one(world.engine.db.read())
        .await
        .expect("a row");
    did(&world, Action::SignatureTokenAdded, &pasted).await;
    connection::forget_signature_token(&world.engine, &world.admin, &pasted.as_str().into()).await.expect("forgotten");
    did(&world, Action::SignatureTokenForgotten, &pasted).await;
    let eight = lever::Share::new(8).expect("Lever allows ten");
    lever::choose_share(&world.engine, &world.admin, eight).await.expect("chosen");
    changed(&did(&world, Action::ShareChosen, &organization).await, None, Some(r#"{"calls_per_second":"8"}"#));
    let choice = Choice { start: Start::Completed, unsent: Unsent::Told };
    note::choose(&world.engine, &world.admin, choice).await.expect("chosen");
    let chosen = did(&world, Action::NotesChosen, &organization).await;
    assert!(chosen.before.is_some() && chosen.after.is_some() && chosen.before != chosen.after, "{chosen:?}");
    connection::disconnect(&world.engine, &world.admin).await.expect("disconnected");
    did(&world, Action::LeverDisconnected, &organization).await;
}

#[tokio::test]
async fn what_is_done_to_attachments_and_to_those_who_stand_there() {
    let world = World::connected().await;
    let ada = world.applies("Ada Example", Some(ADA), Some(POSTING)).await;
    world.moves_to_stage(&ada).await;
    world.advance(std::time::Duration::from_secs(5));
    let id = world.attach(Some(POSTING), PYTHON).await;
    let chosen = [ada.as_str().into()];
    attachment::invite_standing(&world.engine, &world.admin, &id, &chosen).await.expect("invited");
    changed(&did(&world, Action::StandingInvited, id.as_str()).await, None, Some(r#"{"candidates":"1"}"#));
    let version = attachment::get(&world.engine, &world.admin, &id).await.expect("there").version;
    let new =
        attachment::edit(&world.engine, &world.admin, &id, ENGLISH.into(), Some(3), version).await.expect("edited");
    let replaced = did(&world, Action::AttachmentReplaced, id.as_str()).await;
    assert!(replaced.before.as_ref().is_some_and(|before| before.contains(PYTHON)), "{replaced:?}");
    assert!(replaced.after.as_ref().is_some_and(|after| after.contains(new.as_str())), "{replaced:?}");
}

#[tokio::test]
async fn what_is_done_to_candidates_and_to_unfinished_work() {
    let (world, _) = World::attached().await;
    refused_for_good(&world).await;
    let given_up = job::unfinished(&world.engine, &world.admin, 100).await.expect("the list");
    let given_up = given_up.into_iter().find(|job| job.state == "dead").expect("it was given up");
    job::replay(&world.engine, &world.admin, &given_up.id).await.expect("again");
    changed(&did(&world, Action::WorkReplayed, given_up.id.as_str()).await, None, Some(r#"{"work":"reconcile"}"#));
    let row = world.until_state(InviteState::Sent).await;
    note::try_again(&world.engine, &world.admin, &row.id).await.expect("again");
    did(&world, Action::NoteTriedAgain, row.id.as_str()).await;
    world.drain().await;
    let version = world.the_invite().await.version;
    verb::ask(&world.engine, &world.admin, &row.id, version, verb::Request::Resend).await.expect("asked");
    let asked = did(&world, Action::VerbAsked, row.id.as_str()).await;
    assert!(asked.after.as_ref().is_some_and(|after| after.contains("resend")), "{asked:?}");
    let messages = delivery::list(&world.engine, &world.admin, None, 10).await.expect("the list");
    delivery::replay(&world.engine, &world.admin, &messages[0].id).await.expect("again");
    did(&world, Action::MessageReplayed, messages[0].id.as_str()).await;
}

#[tokio::test]
async fn what_is_decided_about_whom_no_machine_decides() {
    let (world, _) = World::attached().await;
    let ada = world.applies("Ada Example", Some(ADA), Some(POSTING)).await;
    let down = json!({ "path_prefix": "/api/invites", "method": "POST", "kind": { "status": { "code": 503 } } });
    world.fault_at_canditech(down).await;
    world.moves_to_stage(&ada).await;
    world.drain().await;
    world.forget_faults_at_canditech().await;
    let waiting = "UPDATE invites SET state = 'waiting', waiting_for = 'approval'";
    let mut tx = world.engine.db.write().await.expect("a transaction");
    sqlx::query(waiting).execute(&mut *tx).await.expect("as many late ones do");
    tx.commit().await.expect("stored");
    let row = world.the_invite().await;
    let ids = [row.id.clone()];
    assert_eq!(invite::decide(&world.engine, &world.admin, &ids, Decision::Drop).await.expect("decided"), 1);
    let decided = did(&world, Action::InviteDecided, row.id.as_str()).await;
    changed(&decided, Some(r#"{"state":"waiting"}"#), Some(r#"{"decision":"drop","state":"cancelled"}"#));
}

#[tokio::test]
async fn what_is_done_to_people_and_what_they_do_to_their_accounts() {
    let world = World::connected().await;
    let nora = world.admin.user.0.clone();
    access::note_sign_in(&world.engine, &world.admin.user, Some([192, 0, 2, 7].into())).await.expect("noted");
    let signed_in = done(&world, Action::SignedIn, &nora).await;
    assert_eq!(signed_in.from.as_deref(), Some("192.0.2.7"));
    access::change_password(
        &world.engine,
        &world.admin,
        "the present one",
        PASSWORD.to_owned().into(),
        "another long horse".to_owned().into(),
    )
    .await
    .expect("changed");
    did(&world, Action::PasswordChanged, &nora).await;
    session::end_others(&world.engine, &world.admin, "the present one").await.expect("ended");
    did(&world, Action::SessionsEnded, &nora).await;

    let invited = access::invite(&world.engine, &world.admin, "sam@halden.example", Role::Admin).await;
    invited.expect("invited");
    let open = access::invitations(&world.engine, &world.admin).await.expect("the list");
    access::take_back(&world.engine, &world.admin, &open[0].id).await.expect("taken back");
    did(&world, Action::InvitationTakenBack, open[0].id.as_str()).await;
    let sam = world.member("sam@halden.example", Role::Admin).await;
    access::remove(&world.engine, &world.admin, &sam.user).await.expect("removed");
    let none = Some(r#"{"role":"none"}"#);
    changed(&did(&world, Action::UserRemoved, sam.user.as_str()).await, Some(r#"{"role":"admin"}"#), none);

    let custom = "7c6f0e5c-3b2a-4a65-8f25-d8a2f14c1a09";
    world.lever("/sandbox/users/role", json!({ "user": "Lucy Hart", "role": custom })).await;
    connection::sync_now(&world.engine, &world.admin).await.expect("a sync");
    access::map_role(&world.engine, &world.admin, custom, Some(Role::TeamMember)).await.expect("mapped");
    changed(&did(&world, Action::RoleMapped, custom).await, none, Some(r#"{"role":"team_member"}"#));
    access::choose_passwords(&world.engine, &world.admin, true).await.expect("as before");
    let allowed = Some(r#"{"passwords":"allowed"}"#);
    changed(&did(&world, Action::PasswordsChosen, world.admin.organization.as_str()).await, allowed, allowed);
}

#[tokio::test]
async fn what_is_done_to_second_factors_and_at_the_terminal() {
    let world = World::new().await;
    let jonas = world.member("jonas@halden.example", Role::Admin).await;
    let has_one = async || {
        second_factor::offer(&world.engine, &jonas).await.expect("offered");
        let confirmed = "UPDATE second_factors SET confirmed_at = 0";
        let mut tx = world.engine.db.write().await.expect("a transaction");
        sqlx::query(confirmed).execute(&mut *tx).await.expect("as a code does");
        tx.commit().await.expect("stored");
    };
    has_one().await;
    second_factor::turn_off(&world.engine, &jonas, PASSWORD.to_owned().into()).await.expect("off");
    assert_eq!(done(&world, Action::SecondFactorOff, jonas.user.as_str()).await.by, By::Person(jonas.user.clone()));
    has_one().await;
    second_factor::reset(&world.engine, &world.admin, &jonas.user).await.expect("off");
    did(&world, Action::SecondFactorOff, jonas.user.as_str()).await;
    has_one().await;
    second_factor::reset_at_terminal(&world.engine, &jonas.email).await.expect("off");
    assert_eq!(done(&world, Action::SecondFactorOff, jonas.user.as_str()).await.by, By::Terminal);
    access::set_password(&world.engine, &jonas.email, "another long horse".to_owned().into()).await.expect("set");
    assert_eq!(done(&world, Action::PasswordChanged, jonas.user.as_str()).await.by, By::Terminal);
    let present = MasterKey::parse(MASTER_KEY).expect("32 bytes");
    keys::rewrap(&world.engine.db, &present, &MasterKey::generate(), world.engine.clock.now()).await.expect("wrapped");
    let changed = done(&world, Action::MasterKeyChanged, world.admin.organization.as_str()).await;
    assert_eq!(changed.by, By::Terminal);
}

/// Where a test looks for a deed it names it, by its word or by its name here.
#[test]
fn no_kind_of_deed_is_without_a_test() {
    fn read(folder: &Path, all: &mut String) {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                read(&path, all);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                all.push_str(&fs::read_to_string(&path).expect("text"));
            }
        }
    }
    let mut tests = String::new();
    read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests"), &mut tests);
    let without: Vec<_> = Action::ALL
        .iter()
        .filter(|action| {
            !tests.contains(&format!("\"{}\"", action.slug())) && !tests.contains(&format!("Action::{action:?}"))
        })
        .collect();
    assert!(without.is_empty(), "{without:?}");
}
