//! The servers' database, as far as a test arranges it: a fresh schema, and more of Lever's rate than a
//! company would give us.

use sqlx::{AnyConnection, AssertSqlSafe, Connection as _};

/// Calls a second to the stand-in Lever: hundreds of candidates in seconds, not in minutes.
pub const RATE: u32 = 400;

/// A fresh schema in that PostgreSQL server; answers the address that leads to it.
pub async fn fresh_schema(server: &str, seed: u64) -> String {
    let name = format!("fault_{seed}_{}", std::process::id());
    run(server, format!("CREATE SCHEMA {name}")).await;
    let joint = if server.contains('?') { '&' } else { '?' };
    format!("{server}{joint}options=-c%20search_path%3D{name}")
}

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
