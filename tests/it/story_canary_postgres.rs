//! The same secrets, sought in everything that a PostgreSQL database holds.

use std::fmt::Write as _;

use sqlx::AssertSqlSafe;

use crate::{
    nobody, postgres,
    story_canary::{Used, used_in},
};

#[tokio::test]
async fn no_secret_is_in_a_table_of_postgresql() {
    let Some(folder) = postgres::folder().await else { return };
    let Used { halden, secrets, .. } = used_in(folder).await;
    let mut database = nobody::open(&halden.folder).await;
    let names = "SELECT CAST(table_name AS TEXT) FROM information_schema.tables WHERE table_schema = current_schema()";
    let tables: Vec<String> = sqlx::query_scalar(names).fetch_all(&mut database).await.expect("names");
    assert!(tables.len() > 30, "{tables:?}");
    let (mut rows, mut named) = (0, false);
    for table in tables {
        let all = AssertSqlSafe(format!("SELECT CAST(t AS TEXT) FROM {table} t"));
        let all: Vec<String> = sqlx::query_scalar(all).fetch_all(&mut database).await.expect("rows");
        for row in &all {
            for (what, secret) in &secrets {
                assert!(!row.contains(secret) && !row.contains(&hex(secret)), "{what} in {table}");
            }
            named |= row.contains("Quillfeather");
        }
        rows += all.len();
    }
    assert!(rows > 50 && named, "{rows} rows, and candidates are in them");
}

/// A text's bytes as PostgreSQL shows them.
fn hex(text: &str) -> String {
    text.bytes().fold(String::new(), |mut hex, byte| {
        write!(hex, "{byte:02x}").expect("a text takes it");
        hex
    })
}
