//! What claiming costs as the backlog grows; run by hand:
//! `cargo test -p engine --test it measure_claim -- --ignored --nocapture`.

use std::{
    io::Write as _,
    time::{Duration, Instant},
};

use engine::{
    access::Role,
    clock::Moment,
    id::OrganizationId,
    job::{self, Work},
};

use crate::world::{World, add_user};

const ROUNDS: u32 = 20;
const COMPANIES: usize = 200;

async fn enqueue(world: &World, organization: &OrganizationId, due: Moment, names: std::ops::Range<usize>) {
    let mut tx = world.engine.db.write().await.expect("a transaction");
    for n in names {
        let work = Work::Reconcile { opportunity: format!("o{n}").into() };
        job::enqueue(&mut tx, organization, &work, due, None).await.expect("enqueues");
    }
    tx.commit().await.expect("commits");
}

#[tokio::test]
#[ignore = "a measurement, not a promise"]
async fn a_round_of_claims_with_more_and_more_that_is_due() {
    let world = World::new().await;
    let now = world.engine.clock.now();
    let mut report = std::io::stderr();
    // Companies with something that is not due yet are passed over on the way.
    let company = add_user(&world.engine, "Company", "boss@company.example", Role::SuperAdmin).await;
    let mut tx = world.engine.db.write().await.expect("a transaction");
    for n in 0..COMPANIES {
        sqlx::query("INSERT INTO organizations (id, name, name_fold, created_at) VALUES ($1, $2, $2, 0)")
            .bind(format!("org_idle_{n:04}"))
            .bind(format!("idle {n}"))
            .execute(&mut *tx)
            .await
            .expect("one row");
    }
    tx.commit().await.expect("commits");
    for n in 0..COMPANIES {
        let idle = format!("org_idle_{n:04}").as_str().into();
        enqueue(&world, &idle, now.after(Duration::from_secs(86_400)), 0..1).await;
    }
    let mut there = 0;
    for due in [100, 10_000, 100_000] {
        enqueue(&world, &company.organization, now, there..due).await;
        there = due;
        let began = Instant::now();
        for _ in 0..ROUNDS {
            job::drain_some(&world.engine, 1).await.expect("the database works");
        }
        writeln!(report, "{due} due: {:?} a round of 4 claims and their ends", began.elapsed() / ROUNDS)
            .expect("written");
    }
}
