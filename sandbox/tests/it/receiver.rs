//! Somebody's webhook address: keeps what arrives and answers as told.

use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use axum::{Json, Router};
use serde_json::Value;
use tokio::sync::Notify;

#[derive(Clone)]
pub struct Receiver {
    pub url: String,
    inner: Arc<Inner>,
}

struct Inner {
    arrived: Mutex<Vec<Value>>,
    status: AtomicU16,
    news: Notify,
}

impl Receiver {
    pub async fn start() -> Self {
        let socket = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook", socket.local_addr().unwrap());
        let status = AtomicU16::new(200);
        let inner = Arc::new(Inner { arrived: Mutex::default(), status, news: Notify::new() });
        let routes = Router::new().route("/hook", post(take)).with_state(Arc::clone(&inner));
        tokio::spawn(async move { axum::serve(socket, routes).await });
        Self { url, inner }
    }

    /// What is answered from now on.
    pub fn answer(&self, status: u16) {
        self.inner.status.store(status, Ordering::SeqCst);
    }

    /// Everything so far, once there are that many.
    pub async fn wait(&self, count: usize) -> Vec<Value> {
        let enough = async {
            loop {
                let news = self.inner.news.notified();
                let arrived = self.inner.arrived.lock().unwrap().clone();
                if arrived.len() >= count {
                    return arrived;
                }
                news.await;
            }
        };
        tokio::time::timeout(Duration::from_secs(20), enough).await.expect("the webhooks arrive")
    }

    pub fn count(&self) -> usize {
        self.inner.arrived.lock().unwrap().len()
    }
}

async fn take(State(inner): State<Arc<Inner>>, Json(body): Json<Value>) -> StatusCode {
    inner.arrived.lock().unwrap().push(body);
    inner.news.notify_waiters();
    inner.news.notify_one();
    StatusCode::from_u16(inner.status.load(Ordering::SeqCst)).unwrap()
}
