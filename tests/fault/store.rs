//! The servers' database, as far as a test arranges it: connections that break, and work that nobody
//! would do.

use std::time::Duration;

use engine::clock::Clock;
use sqlx::{AnyConnection, Connection as _};

/// Calls a second to the stand-in Lever: hundreds of candidates in seconds, not in minutes.
pub const RATE: u32 = 400;

/// Cuts every connection to PostgreSQL but ours, wherever a transaction or its commit stands.
pub async fn break_connections(database: &str) {
    sqlx::any::install_default_drivers();
    let mut connection = AnyConnection::connect(database).await.expect("the database opens");
    let all = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE pid <> pg_backend_pid() AND datname = current_database()";
    sqlx::raw_sql(all).execute(&mut connection).await.expect("the statement runs");
    connection.close().await.expect("it closes");
}

/// Work that is neither done nor given up, and that nobody will do for more than a day or has done for a quarter of an
/// hour though it is due: its kinds. No person is shown that.
pub async fn orphans(database: &str) -> Vec<String> {
    let now = Clock::System.now();
    let (day, quarter) = (Duration::from_hours(24), Duration::from_mins(15));
    sqlx::any::install_default_drivers();
    let mut connection = AnyConnection::connect(database).await.expect("the database opens");
    let query = sqlx::query_scalar("SELECT kind FROM jobs WHERE state = 'open' AND (due_at > $1 OR due_at < $2)");
    let orphans =
        query.bind(now.after(day).0).bind(now.before(quarter).0).fetch_all(&mut connection).await.expect("rows");
    connection.close().await.expect("it closes");
    orphans
}
