//! Ids and texts of the right shape that are nobody's, and what a database holds: for tests that ask
//! everything, and look whether something changed.

use std::collections::BTreeMap;

use sqlx::{AnyConnection, AssertSqlSafe, Connection as _};

use crate::{program::Folder, story_confidential::walk::Hidden};

/// Somebody who does not exist, for all that can be asked.
pub fn hidden() -> Hidden {
    let id = |prefix: &str| format!("{prefix}_019d2f3c-8f0a-7c3e-9b1d-5a6f00000001");
    Hidden {
        name: "Nobody Atall".into(),
        email: "nobody@atall.example".into(),
        position: "Nothing".into(),
        posting: "019d2f3c-8f0a-7c3e-9b1d-5a6f00000002".into(),
        stage: "019d2f3c-8f0a-7c3e-9b1d-5a6f00000003".into(),
        invites: vec![id("inv")],
        opportunity: "019d2f3c-8f0a-7c3e-9b1d-5a6f00000004".into(),
        contact: "019d2f3c-8f0a-7c3e-9b1d-5a6f00000005".into(),
        attachment: id("att"),
        messages: vec![id("del")],
        reports: vec!["nobodysreportnobodysreportnobody".into()],
    }
}

/// Opens an embedded database beside the program.
pub async fn open(folder: &Folder) -> AnyConnection {
    sqlx::any::install_default_drivers();
    AnyConnection::connect(&folder.database_url()).await.expect("the database opens")
}

/// The names of an embedded database's tables.
pub async fn tables(database: &mut AnyConnection) -> Vec<String> {
    let names = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY name";
    sqlx::query_scalar(names).fetch_all(database).await.expect("names")
}

/// All that an embedded database holds, but for these tables: a line a row, by table.
pub async fn contents(folder: &Folder, but: &[&str]) -> BTreeMap<String, Vec<String>> {
    let mut database = open(folder).await;
    let mut all = BTreeMap::new();
    for table in tables(&mut database).await.into_iter().filter(|table| !but.contains(&table.as_str())) {
        let columns = AssertSqlSafe(format!("SELECT name FROM pragma_table_info('{table}')"));
        let columns: Vec<String> = sqlx::query_scalar(columns).fetch_all(&mut database).await.expect("columns");
        let quoted: Vec<_> = columns.iter().map(|column| format!("quote(\"{column}\")")).collect();
        let rows = AssertSqlSafe(format!("SELECT {} FROM \"{table}\" ORDER BY 1", quoted.join(" || ' ' || ")));
        let rows: Vec<String> = sqlx::query_scalar(rows).fetch_all(&mut database).await.expect("rows");
        all.insert(table, rows);
    }
    all
}
