//! Where rows go: a SQLite file on the disk of the build, or a schema of a PostgreSQL server.

use std::sync::atomic::{AtomicU32, Ordering};

use sqlx::{AnyConnection, AssertSqlSafe, Connection as _};
use tempfile::TempDir;

static NEXT: AtomicU32 = AtomicU32::new(1);

pub enum Place {
    Sqlite(TempDir),
    Postgres { server: String, run: u32 },
}

impl Place {
    pub fn sqlite() -> Self {
        // Not the system's temporary folder, which may be in memory.
        Self::Sqlite(tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder"))
    }

    pub async fn postgres() -> Option<Self> {
        let server = std::env::var("TEST_DATABASE_URL").ok().filter(|url| url.starts_with("postgres"))?;
        sqlx::any::install_default_drivers();
        Some(Self::Postgres { server, run: std::process::id() })
    }

    /// What it is, and whether it is as durable as it must be to compare.
    pub async fn described(&self) -> String {
        let Self::Postgres { server, .. } = self else { return "SQLite".into() };
        let mut connection = AnyConnection::connect(server).await.expect("PostgreSQL answers");
        let mut settings = Vec::new();
        for name in ["server_version", "fsync", "synchronous_commit"] {
            let ask = AssertSqlSafe(format!("SHOW {name}"));
            let value: String = sqlx::query_scalar(ask).fetch_one(&mut connection).await.expect("a setting");
            settings.push(format!("{name} {value}"));
        }
        format!("PostgreSQL ({})", settings.join(", "))
    }

    /// The address of an empty database.
    pub async fn fresh(&self) -> String {
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        match self {
            Self::Sqlite(folder) => format!("sqlite://{}/{number}.db", folder.path().display()),
            Self::Postgres { server, run } => {
                let name = format!("bench_{run}_{number}");
                let mut connection = AnyConnection::connect(server).await.expect("PostgreSQL answers");
                let create = AssertSqlSafe(format!("CREATE SCHEMA {name}"));
                sqlx::raw_sql(create).execute(&mut connection).await.expect("a fresh schema");
                let joint = if server.contains('?') { '&' } else { '?' };
                format!("{server}{joint}options=-c%20search_path%3D{name}")
            }
        }
    }
}
