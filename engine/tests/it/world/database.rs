//! A database of the test's own: a temporary SQLite file, or a fresh database of the PostgreSQL server that
//! TEST_DATABASE_URL names.

use engine::db::Db;
use sqlx::{AnyConnection, Connection as _};
use tokio::sync::OnceCell;

pub struct Database {
    pub url: String,
    file: Option<tempfile::TempDir>,
}

impl Database {
    /// With our schema, or on SQLite as empty as [`Database::empty`].
    pub async fn new() -> Self {
        match std::env::var("TEST_DATABASE_URL") {
            Ok(server) => Self::copied(&server).await,
            Err(_) => Self::file(),
        }
    }

    /// Without a schema.
    pub async fn empty() -> Self {
        match std::env::var("TEST_DATABASE_URL") {
            Ok(server) => Self::alone(&server).await,
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

    /// A database without a schema, whose settings the test may change.
    pub async fn alone(server: &str) -> Self {
        Self { url: create(server, &fresh_name(), "").await, file: None }
    }

    /// A database with our schema: copied, since making it takes four times as long.
    async fn copied(server: &str) -> Self {
        let template = TEMPLATE.get_or_init(|| migrated(server)).await;
        Self { url: create(server, &fresh_name(), &format!("TEMPLATE {template}")).await, file: None }
    }
}

static TEMPLATE: OnceCell<String> = OnceCell::const_new();

async fn migrated(server: &str) -> String {
    let name = fresh_name();
    let url = create(server, &name, "").await;
    let db = Db::open(&url).await.expect("it opens");
    db.migrate().await.expect("the schema is made");
    db.close().await;
    name
}

fn fresh_name() -> String {
    format!("test_{}", uuid::Uuid::new_v4().simple())
}

async fn create(server: &str, name: &str, from: &str) -> String {
    sqlx::any::install_default_drivers();
    let mut connection = AnyConnection::connect(server).await.expect("PostgreSQL answers");
    let create = sqlx::AssertSqlSafe(format!("CREATE DATABASE {name} {from}"));
    sqlx::raw_sql(create).execute(&mut connection).await.expect("a fresh database");
    let mut url = url::Url::parse(server).expect("an address");
    url.set_path(name);
    url.into()
}
