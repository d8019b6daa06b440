//! An organization leaves the installation: nothing of it is left but its audit log, and nobody else notices.

use engine::{
    access::{self, Role},
    audit::{self, Action, Verified},
    connection,
    delivery::Received,
    fault::FlowError,
    invite::{InviteState, verb},
    job,
    note::{self, Choice, Start, Unsent},
    organization::{self, Removed},
    verdict::{self, Verdict},
};
use serde_json::json;
use tokio_util::sync::CancellationToken;

use crate::world::{POSTING, Sender, World, add_user, soon, text};

const ADA: &str = "ada@mail.example";

/// The tables whose rows belong to somebody.
async fn tables(world: &World) -> Vec<String> {
    let names = world.engine.db.pick(
        "SELECT t.name FROM sqlite_master t JOIN pragma_table_info(t.name) c
         WHERE t.type = 'table' AND c.name = 'organization_id' ORDER BY t.name",
        "SELECT CAST(table_name AS TEXT) FROM information_schema.columns
         WHERE table_schema = current_schema() AND column_name = 'organization_id' ORDER BY 1",
    );
    sqlx::query_scalar(names).fetch_all(world.engine.db.read()).await.expect("names")
}

impl World {
    async fn rows(&self, table: &str, organization: &str) -> i64 {
        let count = format!("SELECT COUNT(*) FROM {table} WHERE organization_id = $1");
        let count = sqlx::query_scalar(sqlx::AssertSqlSafe(count)).bind(organization);
        count.fetch_one(self.engine.db.read()).await.expect("a number")
    }

    async fn number(&self, count: &'static str, of: &str) -> i64 {
        sqlx::query_scalar(count).bind(of).fetch_one(self.engine.db.read()).await.expect("a number")
    }

    async fn held(&self) -> Vec<(String, i64, i64)> {
        let held = organization::held(&self.engine).await.expect("the database works");
        held.into_iter().map(|held| (held.organization, held.people, held.invites)).collect()
    }
}

#[tokio::test]
async fn nothing_is_left_of_it_but_its_audit_log() {
    let (world, _) = World::attached().await;
    connection::create_webhook(&world.engine, &world.admin).await.expect("made");
    note::choose(&world.engine, &world.admin, Choice { start: Start::Sent, unsent: Unsent::Told })
        .await
        .expect("chosen");
    let tim = world.member("tim@halden.example", Role::TeamMember).await;
    access::invite(&world.engine, &world.admin, "new@halden.example", Role::Admin).await.expect("invited");
    let ada = world.applies("Ada Example", Some(ADA), Some(POSTING)).await;
    world.moves_to_stage(&ada).await;
    world.until_state(InviteState::Sent).await;
    let invite = world.the_invite().await;
    verb::ask(&world.engine, &world.admin, &invite.id, invite.version, verb::Request::Resend).await.expect("asked");
    world.submits(ADA, Some(87)).await;
    world.until("it is noted", async || world.note_says(&ada, &["Score: 87/100"]).await).await;
    verdict::give(&world.engine, &tim, &invite.id, Verdict::Passed, Some("well done"), None).await.expect("given");
    world.until("it is noted", async || world.note_says(&ada, &["Verdict: passed"]).await).await;
    let other = add_user(&world.engine, "Other Company", "boss@other.example", Role::SuperAdmin).await;
    let theirs: Vec<(String, i64)> = counted(&world, other.organization.as_str()).await;

    let id = world.admin.organization.as_str().to_owned();
    let before: Vec<_> = counted(&world, &id).await.into_iter().filter(|(_, rows)| *rows > 0).collect();
    assert!(before.len() > 20, "the test has something in most tables: {before:?}");
    assert_eq!(
        organization::remove(&world.engine, "halden INSTRUMENTS").await.expect("removed"),
        Removed::Everywhere,
        "however its name is written"
    );

    let left: Vec<_> = counted(&world, &id).await.into_iter().filter(|(_, rows)| *rows > 0).collect();
    let left: Vec<&str> = left.iter().map(|(table, _)| table.as_str()).collect();
    assert!(left.iter().all(|table| table.starts_with("audit_")), "{left:?}");
    assert_eq!(counted(&world, other.organization.as_str()).await, theirs, "another one is not touched");
    for user in [&world.admin.user, &tim.user] {
        assert!(access::member(&world.engine, user).await.expect("the database works").is_none());
        let one = "SELECT COUNT(*) FROM users WHERE id = $1";
        assert_eq!(world.number(one, user.as_str()).await, 0);
    }
    assert_eq!(world.lever_state().await["webhooks"].as_array().map(Vec::len), Some(0), "they are gone in Lever");
    assert!(!world.notes(&ada).await.is_empty(), "notes in Lever are its own");
    assert_eq!(world.held().await, [("Other Company".to_owned(), 1, 0)]);
    let last: String =
        sqlx::query_scalar("SELECT action FROM audit_entries WHERE organization_id = $1 ORDER BY id DESC LIMIT 1")
            .bind(&id)
            .fetch_one(world.engine.db.read())
            .await
            .expect("a row");
    assert_eq!(last, Action::OrganizationRemoved.slug());
    is_sealed(&world).await;
    for (whose, verified) in audit::verify_all(&world.engine).await.expect("the database works") {
        let Verified { entries, fault, .. } = verified;
        assert!(entries > 0 && fault.is_none(), "{whose}: {entries} {fault:?}");
    }
    for gone in ["Halden Instruments", "nora@halden.example", "tim@halden.example", "new@halden.example", ADA] {
        assert_eq!(world.found_on_disk(gone).unwrap_or_default(), 0, "{gone}");
    }
    assert!(matches!(organization::remove(&world.engine, "Halden Instruments").await, Err(FlowError::NotFound)));
    let back = add_user(&world.engine, "Halden Instruments", "nora@halden.example", Role::SuperAdmin).await;
    assert_ne!(back.organization.as_str(), id, "who comes back begins anew");
}

/// Lets a server run until every deed has its place in its chain.
async fn is_sealed(world: &World) {
    let stop = CancellationToken::new();
    let server = tokio::spawn(job::dispatch(world.engine.clone(), stop.clone()));
    let unsealed = "SELECT COUNT(*) FROM audit_unsealed WHERE entry_id <> $1";
    soon("every entry is sealed", async || world.number(unsealed, "").await == 0).await;
    stop.cancel();
    server.await.expect("no panic");
}

async fn counted(world: &World, organization: &str) -> Vec<(String, i64)> {
    let mut counted = Vec::new();
    for table in tables(world).await {
        let rows = world.rows(&table, organization).await;
        counted.push((table, rows));
    }
    counted
}

#[tokio::test]
async fn who_belongs_to_two_organizations_stays_in_the_other_and_its_messages_are_taken() {
    let (world, boss) = World::with_another_company().await;
    connection::create_webhook(&world.engine, &boss).await.expect("made");
    access::invite(&world.engine, &boss, &world.admin.email, Role::Admin).await.expect("invited");
    let open = access::invitations(&world.engine, &boss).await.expect("the list");
    let token = open[0].link.rsplit('/').next().expect("a token").to_owned();
    let password = "correct horse battery".to_owned().into();
    access::accept(&world.engine, &token, "Nora", password, None).await.expect("Nora joins");
    world.at_other("/sandbox/faults", json!({ "path_prefix": "/v1", "kind": { "status": { "code": 503 } } })).await;
    let removed = organization::remove(&world.engine, "Other Company").await.expect("removed");
    let Removed::WebhooksStay(why) = removed else { panic!("Lever did not answer: {removed:?}") };
    assert!(!why.is_empty());

    let nora = access::member(&world.engine, &world.admin.user).await.expect("the database works").expect("a member");
    assert_eq!(nora.organization, world.admin.organization);
    assert_eq!(world.held().await, [("Halden Instruments".to_owned(), 1, 0)]);
    world.forget_faults_at_other().await;
    world.forget_what_was_heard().await;
    let candidate = json!({ "name": "Ada Example", "email": ADA });
    let made = world.at_other("/sandbox/candidates", candidate).await;
    let stage = world.at_other("/sandbox/stages", json!({ "text": "Another" })).await;
    world
        .at_other("/sandbox/move", json!({ "opportunity": text(&made["opportunity"]), "stage": text(&stage["stage"]) }))
        .await;
    let heard = world.hear(Sender::Lever).await;
    assert_eq!(heard.received, Received::Refused, "the webhook that stayed in Lever");
}
