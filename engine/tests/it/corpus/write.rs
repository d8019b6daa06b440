//! The corpus as text: comments that say what stands outside, and a statement for each row. Moments are
//! written as the distance to the one when the server died.

use std::fmt::Write as _;

use serde_json::Value;
use sqlx::{AnyConnection, AssertSqlSafe, Connection as _};

use super::outside::{self, Names};
use crate::world::World;

/// A number so close to now is a moment.
const A_YEAR: i64 = 365 * 24 * 3_600_000;

/// The file to write.
pub struct Corpus {
    pub name: String,
    pub text: String,
}

pub async fn corpus(world: &World, expected: &[Value]) -> Corpus {
    let mut database = AnyConnection::connect(&world.engine.settings.database_url).await.expect("it opens");
    let (outside, names) = outside::outside(world).await;
    let rows = Rows { names, now: world.engine.clock.now().0 };
    let (version, checksum): (i64, String) =
        sqlx::query_as("SELECT version, lower(hex(checksum)) FROM _sqlx_migrations ORDER BY version DESC LIMIT 1")
            .fetch_one(&mut database)
            .await
            .expect("a version");
    let mut text = String::new();
    writeln!(text, "-- What a server of schema {version} left behind when it died; see tests/it/story_upgrade.rs.")
        .expect("text");
    writeln!(text, "-- schema: {version} {checksum}").expect("text");
    writeln!(text, "-- outside: {}", rows.called(&outside.to_string())).expect("text");
    for one in expected {
        writeln!(text, "-- expected: {one}").expect("text");
    }
    rows.write(&mut database, &mut text).await;
    Corpus { name: format!("{version:04}.sql"), text }
}

struct Rows {
    names: Names,
    now: i64,
}

impl Rows {
    async fn write(&self, database: &mut AnyConnection, text: &mut String) {
        // A table stands after those that it refers to.
        let tables: Vec<String> = sqlx::query_scalar(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_%' ESCAPE '\\'
                AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY rowid",
        )
        .fetch_all(&mut *database)
        .await
        .expect("the tables");
        for table in tables {
            let columns: Vec<String> = list(database, format!("SELECT name FROM pragma_table_info('{table}')")).await;
            let quoted: Vec<String> = columns.iter().map(|column| format!("quote({column})")).collect();
            let read = format!("SELECT json_array({}) FROM {table} ORDER BY rowid", quoted.join(", "));
            for row in list(database, read).await {
                let values: Vec<String> = serde_json::from_str(&row).expect("a list of texts");
                let values: Vec<String> = values.iter().map(|value| self.value(value)).collect();
                writeln!(text, "INSERT INTO {table} ({}) VALUES ({});", columns.join(", "), values.join(", "))
                    .expect("text");
            }
        }
    }

    /// A value as both databases read it, once what stands in double brackets is put in.
    fn value(&self, quoted: &str) -> String {
        if let Some(bytes) = quoted.strip_prefix("X'") {
            return format!("⟦bytes {}⟧", bytes.trim_end_matches('\'').to_lowercase());
        }
        let Ok(number) = quoted.parse::<i64>() else { return self.called(quoted) };
        if (number - self.now).abs() < A_YEAR {
            return format!("⟦ms {}⟧", number - self.now);
        }
        if (number / 1000 - self.now).abs() < A_YEAR {
            return format!("⟦us {}⟧", number - self.now * 1000);
        }
        quoted.to_owned()
    }

    fn called(&self, text: &str) -> String {
        self.names.iter().fold(text.to_owned(), |text, (id, name)| text.replace(id, name))
    }
}

async fn list(database: &mut AnyConnection, statement: String) -> Vec<String> {
    sqlx::query_scalar(AssertSqlSafe(statement)).fetch_all(database).await.expect("rows")
}
