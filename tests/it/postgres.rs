//! A database of the test's own on the PostgreSQL server that `script/postgres` started.

use std::io::Write as _;

use sqlx::{AnyConnection, Connection as _};

/// A schema of the test's own where TEST_DATABASE_URL names a PostgreSQL server; says so where it does not.
pub async fn database() -> Option<String> {
    let Ok(server) = std::env::var("TEST_DATABASE_URL") else {
        let why = "skipped: no TEST_DATABASE_URL names a PostgreSQL server; `script/postgres COMMAND` starts one";
        // Past the test runner, which keeps what a passing test prints to itself.
        writeln!(std::io::stderr(), "{why}").expect("written");
        return None;
    };
    sqlx::any::install_default_drivers();
    let mut connection = AnyConnection::connect(&server).await.expect("PostgreSQL answers");
    let name = format!("test_{}", uuid::Uuid::new_v4().simple());
    let create = sqlx::AssertSqlSafe(format!("CREATE SCHEMA {name}"));
    sqlx::raw_sql(create).execute(&mut connection).await.expect("a fresh schema");
    let joint = if server.contains('?') { '&' } else { '?' };
    Some(format!("{server}{joint}options=-c%20search_path%3D{name}"))
}
