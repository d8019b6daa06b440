//! The servers' database, as far as a test arranges it: more of Lever's rate than a company would give us, and
//! connections that break.

use sqlx::{AnyConnection, AssertSqlSafe, Connection as _};

/// Calls a second to the stand-in Lever: hundreds of candidates in seconds, not in minutes.
pub const RATE: u32 = 400;

/// Lets us call as often as the stand-in then allows.
pub async fn raise_rate(database: &str) {
    run(database, format!("UPDATE lever_accounts SET rate_per_second = {RATE}")).await;
}

/// Cuts every connection to PostgreSQL but ours, wherever a transaction or its commit stands.
pub async fn break_connections(database: &str) {
    let all = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE pid <> pg_backend_pid() AND datname = current_database()";
    run(database, all.to_owned()).await;
}

async fn run(database: &str, statement: String) {
    sqlx::any::install_default_drivers();
    let mut connection = AnyConnection::connect(database).await.expect("the database opens");
    sqlx::raw_sql(AssertSqlSafe(statement)).execute(&mut connection).await.expect("the statement runs");
    connection.close().await.expect("it closes");
}
