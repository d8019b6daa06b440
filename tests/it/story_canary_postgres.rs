//! The same secrets, sought in everything that a PostgreSQL database holds.

use crate::{
    postgres::{self, hex},
    story_canary::{Used, used_in},
};

#[tokio::test]
async fn no_secret_is_in_a_table_of_postgresql() {
    let Some(folder) = postgres::folder().await else { return };
    let Used { halden, secrets, .. } = used_in(folder).await;
    let everything = postgres::everything(&halden.folder.database_url()).await;
    let mut named = false;
    for (table, row) in &everything {
        for (what, secret) in &secrets {
            assert!(!row.contains(secret) && !row.contains(&hex(secret)), "{what} in {table}");
        }
        named |= row.contains("Quillfeather");
    }
    assert!(everything.len() > 50 && named, "{} rows, and candidates are in them", everything.len());
}
