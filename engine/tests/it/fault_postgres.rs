//! PostgreSQL in trouble of its own: it only reads, it has no connection to spare, it refuses one transaction
//! in ten. Each test has a database of its own there, as these settings hold for all of one.

use std::time::Duration;

use engine::{
    connection,
    db::Flavour,
    delivery::{self, Received},
    fault::StoreError,
    invite::InviteState,
    job,
};
use serde_json::json;
use sqlx::{AnyConnection, AssertSqlSafe, Connection as _};
use tokio::time::{Instant, timeout};

use crate::world::{POSTING, World, signed};

const TOKEN: &str = "a signature token of Halden's own";
const CANDIDATES: usize = 12;
/// Whatever is not done by then has stopped for good.
const PATIENCE: Duration = Duration::from_secs(60);

async fn run(world: &World, statement: String) {
    let mut connection = AnyConnection::connect(&world.engine.settings.database_url).await.expect("it opens");
    sqlx::raw_sql(AssertSqlSafe(statement)).execute(&mut connection).await.expect("the statement runs");
    connection.close().await.expect("it closes");
}

/// Messages that are signed as Lever signs them.
struct Lever<'a> {
    world: &'a World,
    address: String,
}

impl<'a> Lever<'a> {
    async fn of(world: &'a World) -> Self {
        connection::paste_signature_token(&world.engine, &world.admin, TOKEN).await.expect("taken");
        let shown = connection::overview(&world.engine, &world.admin).await.expect("readable").expect("a connection");
        Self { world, address: shown.webhook_url.rsplit('/').next().expect("an address").to_owned() }
    }

    async fn tells(&self, token: &str) -> Result<Received, StoreError> {
        let data = json!({ "opportunityId": token, "toStageId": self.world.stage });
        let message = signed(TOKEN, token, self.world.engine.clock.now(), &data);
        delivery::receive_lever(&self.world.engine, &self.address, message.to_string().as_bytes()).await
    }
}

/// From now on every connection that is opened may only read, as those to a server that was demoted; or
/// not any more. Who is connected already notices nothing of the second.
async fn only_reads(world: &World, so: &str) {
    let set = format!(
        "BEGIN READ WRITE;
         DO $$ BEGIN EXECUTE format(
             'ALTER ROLE CURRENT_USER IN DATABASE %I SET default_transaction_read_only = {so}', current_database());
         END $$;
         COMMIT"
    );
    run(world, set).await;
}

#[tokio::test]
async fn a_server_that_only_reads_is_left_for_one_that_writes() {
    let Some(world) = World::alone_on_postgres().await else { return };
    let lever = Lever::of(&world).await;
    assert_eq!(lever.tells("t1").await.expect("kept"), Received::Accepted);
    only_reads(&world, "on").await;
    let cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE pid <> pg_backend_pid() AND datname = current_database()";
    run(&world, cut.to_owned()).await;
    for n in 0..20 {
        let told = lever.tells(&format!("r{n}")).await;
        assert!(told.is_err(), "answered without a row: {told:?}");
    }
    let mut tx = world.engine.db.write().await;
    if let Ok(tx) = &mut tx {
        sqlx::query("UPDATE organizations SET name = name").execute(&mut **tx).await.expect_err("it only reads");
    }
    drop(tx);

    only_reads(&world, "off").await;
    let began = Instant::now();
    while lever.tells("t2").await.is_err() {
        assert!(began.elapsed() < PATIENCE, "it writes again, and we stay with those that only read");
    }
    for _ in 0..40 {
        let mut tx = world.engine.db.write().await.expect("a transaction");
        sqlx::query("UPDATE organizations SET name = name").execute(&mut *tx).await.expect("it writes");
        tx.commit().await.expect("stored");
    }
    let there = delivery::list(&world.engine, &world.admin, None, 50).await.expect("the list");
    assert_eq!(there.len(), 2, "what was answered, and nothing else");
}

#[tokio::test]
async fn when_every_connection_is_taken_who_waits_is_told_in_time_and_nobody_waits_for_ever() {
    let world = World::connected().await;
    if world.engine.db.flavour() == Flavour::Sqlite {
        // One writer and four readers, whom nobody holds for the length of a request.
        return;
    }
    let lever = Lever::of(&world).await;
    assert_eq!(lever.tells("t0").await.expect("kept"), Received::Accepted);
    let mut taken = Vec::new();
    while let Ok(Ok(tx)) = timeout(Duration::from_secs(1), world.engine.db.write()).await {
        taken.push(tx);
    }
    assert!(taken.len() > 5, "{} connections", taken.len());
    let mut also_taken = Vec::new();
    while let Ok(Ok(connection)) = timeout(Duration::from_secs(1), world.engine.db.read().acquire()).await {
        also_taken.push(connection);
    }
    assert!(also_taken.len() > 5, "{} connections", also_taken.len());
    let began = Instant::now();
    let mut calls = Vec::new();
    for _ in 0..200 {
        let (engine, admin) = (world.engine.clone(), world.admin.clone());
        calls.push(tokio::spawn(async move { job::unfinished(&engine, &admin, 10).await }));
    }
    assert_eq!(lever.tells("t1").await.expect("messages have connections of their own"), Received::Accepted);
    for call in calls {
        let told = timeout(Duration::from_secs(15), call).await.expect("nobody waits for ever").expect("no panic");
        assert!(told.is_err(), "there is no connection to ask with");
    }
    assert!(began.elapsed() < Duration::from_secs(6), "{:?}", began.elapsed());
    drop((taken, also_taken));
    job::unfinished(&world.engine, &world.admin, 10).await.expect("there is one again");
}

/// About one in ten transactions is refused: while it writes, as one that met another, or at its commit.
const REFUSALS: &str = "
    CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF CAST(CAST(pg_current_xact_id() AS TEXT) AS BIGINT) % CAST(TG_ARGV[1] AS BIGINT) = 0 THEN
            RAISE EXCEPTION 'refused by the test' USING ERRCODE = TG_ARGV[0];
        END IF;
        RETURN NULL;
    END $$;
    DO $$ DECLARE name text; BEGIN
        FOREACH name IN ARRAY ARRAY['deliveries', 'jobs', 'invites', 'notes', 'timeline'] LOOP
            EXECUTE format('CREATE TRIGGER refuses AFTER INSERT OR UPDATE ON %I
                FOR EACH STATEMENT EXECUTE FUNCTION refuse(''40P01'', ''17'')', name);
            EXECUTE format('CREATE CONSTRAINT TRIGGER refuses_commit AFTER INSERT OR UPDATE ON %I
                DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse(''40001'', ''19'')', name);
        END LOOP;
    END $$";

#[tokio::test]
async fn transactions_that_are_refused_are_tried_again_until_all_is_well_and_once() {
    let (world, _) = World::attached().await;
    if world.engine.db.flavour() == Flavour::Sqlite {
        // It has one writer: no transaction meets another.
        return;
    }
    let mut all = Vec::new();
    for n in 0..CANDIDATES {
        all.push(world.applies("Ada Example", Some(&format!("candidate.{n}@mail.example")), Some(POSTING)).await);
    }
    run(&world, REFUSALS.to_owned()).await;
    for opportunity in &all {
        world.moves(opportunity, &world.stage).await;
    }
    let give_up = Instant::now() + PATIENCE;
    let mut refused = 0;
    loop {
        world.advance(Duration::from_secs(20));
        refused += usize::from(job::drain(&world.engine).await.is_err());
        let mut noted = 0;
        for opportunity in &all {
            noted += usize::from(world.note_says(opportunity, &["Status: Sent"]).await);
        }
        if noted == CANDIDATES {
            break;
        }
        assert!(Instant::now() < give_up, "{noted} noted");
    }
    assert!(refused > 0, "some were refused");
    assert_eq!(world.sent().await.len(), CANDIDATES, "one invite each");
    assert!(world.invites().await.iter().all(|row| row.state == InviteState::Sent));
}

/// A connection on which a transaction stays open as long as a test wants.
async fn begin(world: &World, statement: &'static str) -> AnyConnection {
    let mut connection = AnyConnection::connect(&world.engine.settings.database_url).await.expect("it opens");
    sqlx::raw_sql("BEGIN").execute(&mut connection).await.expect("it begins");
    sqlx::raw_sql(statement).execute(&mut connection).await.expect("the statement runs");
    connection
}

async fn until_some(connection: &mut AnyConnection, count: &'static str) {
    let began = Instant::now();
    while sqlx::query_scalar::<_, i64>(count).fetch_one(&mut *connection).await.expect("counted") == 0 {
        assert!(began.elapsed() < PATIENCE, "never: {count}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn who_reconnects_just_as_a_run_ends_for_want_of_a_connection_leaves_nothing_waiting() {
    let (world, _) = World::attached().await;
    if world.engine.db.flavour() == Flavour::Sqlite {
        // It has one writer: the two follow one another.
        return;
    }
    let mut watch = AnyConnection::connect(&world.engine.settings.database_url).await.expect("it opens");
    world.revoke_in_lever().await;
    let ada = world.applies("Ada Example", Some("ada@mail.example"), Some(POSTING)).await;
    world.moves(&ada, &world.stage).await;
    world.advance(Duration::from_secs(301));
    world.drain().await;
    until_some(&mut watch, "SELECT COUNT(*) FROM jobs WHERE kind = 'catch_up' AND state = 'waiting'").await;
    run(&world, "UPDATE jobs SET state = 'open', waits_for = NULL, due_at = 0 WHERE kind = 'catch_up'".into()).await;

    let gate = begin(&world, "LOCK TABLE connections IN ACCESS EXCLUSIVE MODE").await;
    let ends = {
        let engine = world.engine.clone();
        tokio::spawn(async move { job::drain(&engine).await })
    };
    until_some(&mut watch, "SELECT COUNT(*) FROM jobs WHERE kind = 'catch_up' AND lease_token IS NOT NULL").await;
    let mut held = begin(&world, "SELECT id FROM jobs WHERE kind = 'catch_up' FOR UPDATE").await;
    gate.close().await.expect("the run reads that nothing is connected");
    let waiting = "SELECT COUNT(*) FROM pg_stat_activity WHERE pg_backend_pid() = ANY (pg_blocking_pids(pid))";
    until_some(&mut held, waiting).await;
    world.connect().await;
    held.close().await.expect("the run puts its job to wait");
    ends.await.expect("no panic").expect("the database works");
    let unfinished = job::unfinished(&world.engine, &world.admin, 100).await.expect("the list");
    assert!(!unfinished.iter().any(|job| job.state == "waiting"), "{unfinished:#?}");
    world.advance(Duration::from_secs(10));
    world.until_state(InviteState::Sent).await;
}
