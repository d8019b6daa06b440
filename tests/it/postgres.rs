//! A database of the test's own on the PostgreSQL server that `script/postgres` started.

use std::{fmt::Write as _, io::Write as _};

use sqlx::{AnyConnection, Connection as _};

use crate::program::Folder;

/// The PostgreSQL server that TEST_DATABASE_URL names; says so where it names none.
pub fn server() -> Option<String> {
    let named = std::env::var("TEST_DATABASE_URL").ok();
    if named.is_none() {
        let why = "skipped: no TEST_DATABASE_URL names a PostgreSQL server; `script/postgres COMMAND` starts one";
        // Past the test runner, which keeps what a passing test prints to itself.
        writeln!(std::io::stderr(), "{why}").expect("written");
    }
    named
}

/// A migrated database where TEST_DATABASE_URL names a PostgreSQL server; says so where it does not.
pub async fn folder() -> Option<Folder> {
    let server = server()?;
    let name = format!("test_{}", uuid::Uuid::new_v4().simple());
    let folder = Folder(Folder::new().0, Some(fresh_schema(&server, &name).await));
    folder.migrate().await;
    Some(folder)
}

/// A fresh schema in that PostgreSQL server; answers the address that leads to it.
pub async fn fresh_schema(server: &str, name: &str) -> String {
    sqlx::any::install_default_drivers();
    let mut connection = AnyConnection::connect(server).await.expect("PostgreSQL answers");
    let create = sqlx::AssertSqlSafe(format!("CREATE SCHEMA {name}"));
    sqlx::raw_sql(create).execute(&mut connection).await.expect("a fresh schema");
    let joint = if server.contains('?') { '&' } else { '?' };
    format!("{server}{joint}options=-c%20search_path%3D{name}")
}

/// A whole database of the test's own, with nothing in it: a backup has all of one.
pub async fn empty(server: &str) -> Folder {
    let name = format!("test_{}", uuid::Uuid::new_v4().simple());
    sqlx::any::install_default_drivers();
    let mut connection = AnyConnection::connect(server).await.expect("PostgreSQL answers");
    let create = sqlx::AssertSqlSafe(format!("CREATE DATABASE {name}"));
    sqlx::raw_sql(create).execute(&mut connection).await.expect("a fresh database");
    let mut url = url::Url::parse(server).expect("an address");
    url.set_path(&name);
    Folder(Folder::new().0, Some(url.into()))
}

/// All that a database on PostgreSQL holds: each row as a text, with its table.
pub async fn everything(database: &str) -> Vec<(String, String)> {
    sqlx::any::install_default_drivers();
    let mut connection = AnyConnection::connect(database).await.expect("the database opens");
    let names = "SELECT CAST(table_name AS TEXT) FROM information_schema.tables WHERE table_schema = current_schema()";
    let tables: Vec<String> = sqlx::query_scalar(names).fetch_all(&mut connection).await.expect("names");
    assert!(tables.len() > 30, "{tables:?}");
    let mut everything = Vec::new();
    for table in tables {
        let rows = sqlx::AssertSqlSafe(format!("SELECT CAST(t AS TEXT) FROM {table} t"));
        let rows: Vec<String> = sqlx::query_scalar(rows).fetch_all(&mut connection).await.expect("rows");
        everything.extend(rows.into_iter().map(|row| (table.clone(), row)));
    }
    connection.close().await.expect("it closes");
    everything
}

/// A text's bytes as they stand in such a row.
pub fn hex(text: &str) -> String {
    text.bytes().fold(String::new(), |mut hex, byte| {
        write!(hex, "{byte:02x}").expect("a text takes it");
        hex
    })
}
