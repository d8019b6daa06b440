//! The three that are compared, each an Axum server of its own.

use std::net::SocketAddr;

use axum::{
    Router,
    body::Bytes,
    extract::{Path, State},
    http::StatusCode,
    routing::post,
};
use engine::{
    Engine,
    clock::Clock,
    delivery::{self, Received},
};
use sqlx::{AnyPool, any::AnyPoolOptions};
use tokio::{net::TcpListener, task::JoinHandle};

use crate::{alone, place::Place};

/// What takes the messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Reads the message and stores nothing: the most that HTTP allows here.
    Bare,
    /// One transaction with one INSERT a request, committed before the answer.
    Insert,
    /// The product: signature, deduplication, delivery, job and facts, committed before the answer.
    Candilever,
}

impl Kind {
    pub fn name(self) -> &'static str {
        match self {
            Self::Bare => "bare, stores nothing",
            Self::Insert => "one insert a request",
            Self::Candilever => "Candilever",
        }
    }
}

enum Store {
    None,
    Table(AnyPool),
    Engine(Box<Engine>),
}

pub struct Server {
    pub address: SocketAddr,
    pub path: String,
    /// What the messages are signed with.
    pub token: String,
    store: Store,
    task: JoinHandle<()>,
}

impl Server {
    pub async fn start(kind: Kind, place: &Place) -> Self {
        let token = "a signature token of forty-eight characters or so".to_owned();
        let (store, router) = match kind {
            Kind::Bare => (Store::None, Router::new().route("/webhooks/lever/{endpoint}", post(bare))),
            Kind::Insert => {
                let pool = table(&place.fresh().await).await;
                let router = Router::new().route("/webhooks/lever/{endpoint}", post(insert)).with_state(pool.clone());
                (Store::Table(pool), router)
            }
            Kind::Candilever => {
                let engine = engine(&place.fresh().await, &token).await;
                let router = Router::new().route("/webhooks/lever/{endpoint}", post(keep)).with_state(engine.clone());
                (Store::Engine(Box::new(engine)), router)
            }
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let task = tokio::spawn(async move { axum::serve(listener, router).await.expect("serves") });
        Self { address, path: "/webhooks/lever/the-endpoint".into(), token, store, task }
    }

    /// How many messages are on disk; nothing for what stores none.
    pub async fn rows(&self) -> Option<i64> {
        let (pool, count) = match &self.store {
            Store::None => return None,
            Store::Table(pool) => (pool, "SELECT COUNT(*) FROM messages"),
            Store::Engine(engine) => {
                engine.inbox.settle().await;
                (engine.db.read(), "SELECT COUNT(*) FROM deliveries d JOIN jobs j ON j.delivery_id = d.id")
            }
        };
        Some(sqlx::query_scalar(count).fetch_one(pool).await.expect("a number"))
    }

    pub async fn stop(self) {
        self.task.abort();
        match self.store {
            Store::None => {}
            Store::Table(pool) => pool.close().await,
            Store::Engine(engine) => engine.db.close().await,
        }
    }
}

async fn bare(Path(_): Path<String>, _: Bytes) -> StatusCode {
    StatusCode::OK
}

/// As durable as the product's store, and with as many connections.
async fn table(url: &str) -> AnyPool {
    sqlx::any::install_default_drivers();
    let sqlite = url.starts_with("sqlite:");
    let pool = AnyPoolOptions::new().max_connections(if sqlite { 1 } else { 12 }).test_before_acquire(!sqlite);
    let pool = pool.after_connect(|connection, _| {
        Box::pin(async move {
            if connection.backend_name() == "SQLite" {
                let durable = "PRAGMA busy_timeout=4000; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;";
                sqlx::raw_sql(durable).execute(connection).await?;
            }
            Ok(())
        })
    });
    let url = if sqlite { format!("{url}?mode=rwc") } else { url.to_owned() };
    let pool = pool.connect(&url).await.expect("a database");
    let create =
        "CREATE TABLE messages (id TEXT NOT NULL PRIMARY KEY, body TEXT NOT NULL, received_at BIGINT NOT NULL)";
    sqlx::raw_sql(create).execute(&pool).await.expect("a table");
    pool
}

async fn insert(State(pool): State<AnyPool>, Path(_): Path<String>, body: Bytes) -> StatusCode {
    let Ok(text) = std::str::from_utf8(&body) else { return StatusCode::BAD_REQUEST };
    let id = engine::id::DeliveryId::new();
    let insert = sqlx::query("INSERT INTO messages (id, body, received_at) VALUES ($1, $2, $3)")
        .bind(id.0)
        .bind(text)
        .bind(Clock::System.now().0)
        .execute(&pool)
        .await;
    insert.map_or(StatusCode::SERVICE_UNAVAILABLE, |_| StatusCode::OK)
}

/// The product's engine on that database, connected.
pub async fn engine(url: &str, token: &str) -> Engine {
    let engine = alone::engine(url).await;
    connect(&engine, token).await;
    engine
}

/// A connection as the product has it once Lever is connected, with one signature token.
async fn connect(engine: &Engine, token: &str) {
    let mut tx = engine.db.write().await.expect("a transaction");
    let rows = [
        "INSERT INTO organizations (id, name, name_fold, created_at) VALUES ('org_1', 'Halden', 'halden', 0)",
        "INSERT INTO connections (organization_id, id, state, state_at, scopes, connected_by, connected_at, endpoint)
         VALUES ('org_1', 'con_1', 'connected', 0, '', 'usr_1', 0, 'the-endpoint')",
    ];
    for row in rows {
        sqlx::query(row).execute(&mut *tx).await.expect("a row");
    }
    sqlx::query(
        "INSERT INTO webhooks (id, organization_id, kind, event, signature_token, created_by, created_at)
         VALUES ('whk_1', 'org_1', 'hand', 'candidateStageChange', $1, 'usr_1', 0)",
    )
    .bind(engine.vault.seal("webhooks|whk_1|signature_token", &token.to_owned().into()))
    .execute(&mut *tx)
    .await
    .expect("a row");
    tx.commit().await.expect("stored");
}

async fn keep(State(engine): State<Engine>, Path(endpoint): Path<String>, body: Bytes) -> StatusCode {
    match delivery::receive_lever(&engine, &endpoint, &body).await {
        Ok(Received::Accepted) => StatusCode::OK,
        Ok(_) => StatusCode::UNAUTHORIZED,
        Err(_) => StatusCode::SERVICE_UNAVAILABLE,
    }
}
