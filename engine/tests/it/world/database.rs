//! A database of the test's own: a temporary SQLite file, or a fresh schema where TEST_DATABASE_URL names
//! a PostgreSQL database.

use sqlx::AnyConnection;
use sqlx::Connection as _;

pub struct Database {
    pub url: String,
    file: Option<tempfile::TempDir>,
}

impl Database {
    pub async fn new() -> Self {
        match std::env::var("TEST_DATABASE_URL") {
            Ok(server) => Self::schema(&server).await,
            Err(_) => Self::file(),
        }
    }

    /// How often a text stands in the embedded database's files; nothing where another server has them.
    pub fn count(&self, text: &str) -> Option<usize> {
        let folder = self.file.as_ref()?.path();
        let files = std::fs::read_dir(folder).expect("a folder").map(|file| file.expect("a file").path());
        let inside = |file| {
            let bytes = std::fs::read(file).expect("readable");
            bytes.windows(text.len()).filter(|window| *window == text.as_bytes()).count()
        };
        Some(files.map(inside).sum())
    }

    fn file() -> Self {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let url = format!("sqlite://{}", directory.path().join("test.db").display());
        Self { url, file: Some(directory) }
    }

    /// A whole database of a PostgreSQL server, whose settings the test may change.
    pub async fn alone(server: &str) -> Self {
        sqlx::any::install_default_drivers();
        let name = format!("test_{}", uuid::Uuid::new_v4().simple());
        let mut connection = AnyConnection::connect(server).await.expect("PostgreSQL answers");
        let create = sqlx::AssertSqlSafe(format!("CREATE DATABASE {name}"));
        sqlx::raw_sql(create).execute(&mut connection).await.expect("a fresh database");
        let mut url = url::Url::parse(server).expect("an address");
        url.set_path(&name);
        Self { url: url.into(), file: None }
    }

    async fn schema(server: &str) -> Self {
        sqlx::any::install_default_drivers();
        let name = format!("test_{}", uuid::Uuid::new_v4().simple());
        let mut connection = AnyConnection::connect(server).await.expect("PostgreSQL answers");
        let create = sqlx::AssertSqlSafe(format!("CREATE SCHEMA {name}"));
        sqlx::raw_sql(create).execute(&mut connection).await.expect("a fresh schema");
        let joint = if server.contains('?') { '&' } else { '?' };
        Self { url: format!("{server}{joint}options=-c%20search_path%3D{name}"), file: None }
    }
}
