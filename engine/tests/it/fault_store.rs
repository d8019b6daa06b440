//! The database in trouble: locked by somebody else, migrated by several at once, killed while it
//! migrates.

use std::{future::poll_fn, task::Poll, time::Duration};

use engine::{
    db::{Db, Flavour},
    delivery::{self, Received},
    invite::{self, Filter},
};
use sqlx::{AnyConnection, Connection as _};

use crate::world::{POSTING, Sender, World, database::Database};

#[tokio::test]
async fn a_database_that_somebody_holds_refuses_webhooks_in_time_and_still_shows_pages() {
    let (world, _) = World::attached().await;
    if world.engine.db.flavour() == Flavour::Postgres {
        // No single writer there: nobody can hold all of it.
        return;
    }
    let ada = world.applies("Ada Example", Some("ada@mail.example"), Some(POSTING)).await;
    world.moves(&ada, &world.stage).await;
    let arrival = world.hear(Sender::Lever).await;
    world.drain().await;
    let mut holder = AnyConnection::connect(&world.engine.settings.database_url).await.expect("it opens");
    sqlx::raw_sql("BEGIN IMMEDIATE").execute(&mut holder).await.expect("held");

    let began = tokio::time::Instant::now();
    let mut calls = Vec::new();
    for _ in 0..10 {
        let (engine, arrival) = (world.engine.clone(), arrival.clone());
        calls.push(tokio::spawn(
            async move { delivery::receive_lever(&engine, &arrival.endpoint, &arrival.body).await },
        ));
    }
    let rows = invite::page(&world.engine, &world.admin, &Filter::default()).await.expect("readable").rows;
    assert_eq!(rows.len(), 1);
    assert!(began.elapsed() < Duration::from_secs(1), "reads do not wait for the writer");
    for call in calls {
        let told = call.await.expect("no panic");
        assert!(told.is_err(), "answered without a row: {told:?}");
        assert!(began.elapsed() < Duration::from_secs(5), "the sender waits no longer: {:?}", began.elapsed());
    }

    sqlx::raw_sql("ROLLBACK").execute(&mut holder).await.expect("let go");
    let began = tokio::time::Instant::now();
    let told = delivery::receive_lever(&world.engine, &arrival.endpoint, &arrival.body).await;
    assert_eq!(told.expect("it works again"), Received::Repeated);
    assert!(began.elapsed() < Duration::from_secs(1));
}

#[tokio::test]
async fn a_server_that_stops_in_the_middle_of_a_transaction_holds_up_the_others_for_seconds_only() {
    let world = World::new().await;
    if world.engine.db.flavour() == Flavour::Sqlite {
        // One server is all that an embedded database has.
        return;
    }
    let rename = "UPDATE organizations SET name = name";
    let mut stopped = world.engine.db.write().await.expect("a transaction");
    sqlx::query(rename).execute(&mut *stopped).await.expect("held");
    let other = world.second_process().await;
    let goes_on = async {
        let mut tx = other.db.write().await.expect("a transaction");
        sqlx::query(rename).execute(&mut *tx).await.expect("changed");
        tx.commit().await.expect("stored");
    };
    tokio::time::timeout(Duration::from_secs(20), goes_on).await.expect("in seconds");
    stopped.commit().await.expect_err("it woke too late");
}

/// What the schema is, in one text.
async fn schema(db: &Db) -> Vec<String> {
    let statement = db.pick(
        "SELECT name || ' ' || COALESCE(sql, '') FROM sqlite_master WHERE name NOT LIKE 'sqlite_%' ORDER BY name",
        "SELECT table_name || ' ' || column_name || ' ' || data_type FROM information_schema.columns
         WHERE table_schema = current_schema() ORDER BY table_name, ordinal_position",
    );
    sqlx::query_scalar(statement).fetch_all(db.read()).await.expect("readable")
}

#[tokio::test]
async fn a_migration_that_dies_anywhere_is_made_whole_by_the_next() {
    let whole = Database::empty().await;
    let db = Db::open(&whole.url).await.expect("it opens");
    db.migrate().await.expect("it migrates");
    let expected = schema(&db).await;
    assert!(expected.len() > 10);
    // How many waits it takes depends on how busy the machine is.
    let mut deaths = 0;
    for place in 0..12 {
        let database = Database::empty().await;
        let db = Db::open(&database.url).await.expect("it opens");
        let died = dies_at(&db, place).await;
        // A dead process holds no connection, and so no lock.
        db.close().await;
        let next = Db::open(&database.url).await.expect("it opens again");
        next.migrate().await.unwrap_or_else(|error| panic!("dead at wait {place}: {error}"));
        assert_eq!(schema(&next).await, expected, "dead at wait {place}");
        next.close().await;
        deaths += usize::from(died);
    }
    assert!(deaths > 1, "it died {deaths} times");
    db.close().await;
}

async fn dies_at(db: &Db, n: usize) -> bool {
    let mut work = Box::pin(db.migrate());
    let mut waits = 0;
    let died = poll_fn(|context| {
        if waits == n {
            return Poll::Ready(true);
        }
        waits += 1;
        work.as_mut().poll(context).map(|done| done.is_err())
    });
    died.await
}

#[tokio::test]
async fn several_that_start_at_once_migrate_once() {
    for _ in 0..5 {
        let database = Database::empty().await;
        let start = async || {
            let db = Db::open(&database.url).await.expect("it opens");
            db.migrate().await.expect("it migrates");
            let schema = schema(&db).await;
            db.close().await;
            schema
        };
        let (one, two, three, four) = tokio::join!(start(), start(), start(), start());
        let schemas = [one, two, three, four];
        assert!(schemas.iter().all(|one| *one == schemas[0] && one.len() > 10));
    }
}

#[tokio::test]
async fn a_transaction_that_is_dropped_while_it_begins_leaves_nothing_open() {
    let world = World::new().await;
    if world.engine.db.flavour() == Flavour::Sqlite {
        // Its thread rolls back what nobody waits for any more.
        return;
    }
    let other = Db::open(&world.engine.settings.database_url).await.expect("it opens");
    for place in 0..12 {
        {
            let mut begin = Box::pin(world.engine.db.write());
            for _ in 0..place {
                let polled = poll_fn(|context| Poll::Ready(begin.as_mut().poll(context))).await;
                if polled.is_ready() {
                    break;
                }
                tokio::task::yield_now().await;
            }
        }
        // There is one pool, and the next connection from it is the one just given back.
        sqlx::query("INSERT INTO organizations (id, name, name_fold, created_at) VALUES ($1, $1, $1, 0)")
            .bind(format!("org_{place}"))
            .execute(world.engine.db.read())
            .await
            .expect("written");
        let seen: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM organizations WHERE id = $1")
            .bind(format!("org_{place}"))
            .fetch_one(other.read())
            .await
            .expect("readable");
        assert_eq!(seen, 1, "dropped after {place} waits: what was written is not committed");
    }
}

#[tokio::test]
async fn a_log_that_grew_behind_a_long_reader_is_small_again_when_the_reader_is_gone() {
    let database = Database::empty().await;
    let db = Db::open(&database.url).await.expect("it opens");
    if db.flavour() == Flavour::Postgres {
        return;
    }
    db.migrate().await.expect("it migrates");
    let log = format!("{}-wal", database.url.trim_start_matches("sqlite://"));
    let size = || std::fs::metadata(&log).expect("the log").len() >> 20;
    let keeps = async |id: &str, megabytes: usize| {
        let mut tx = db.write().await.expect("a transaction");
        sqlx::query("INSERT INTO sessions (id_hash, data, expires_at) VALUES ($1, $2, 0)")
            .bind(id)
            .bind("x".repeat(megabytes << 20))
            .execute(&mut *tx)
            .await
            .expect("kept");
        tx.commit().await.expect("stored");
    };
    let mut reader = AnyConnection::connect(&database.url).await.expect("it opens");
    sqlx::raw_sql("BEGIN; SELECT COUNT(*) FROM sessions").execute(&mut reader).await.expect("it reads");
    for n in 0..16 {
        keeps(&format!("large {n}"), 8).await;
    }
    assert!(size() > 120, "the reader holds it up: {} MB", size());
    sqlx::raw_sql("ROLLBACK").execute(&mut reader).await.expect("it ends");
    // The first commit carries the log into the database, the next one begins it anew.
    for n in 0..2 {
        keeps(&format!("small {n}"), 0).await;
    }
    assert!(size() <= 64, "{} MB", size());
}
