//! Where Lever and Canditech call us: what the program's routes do, without the program.

use std::sync::{Arc, OnceLock};

use axum::{
    Router,
    body::Bytes,
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
    routing::post,
};
use engine::{
    Engine,
    delivery::{self, Received},
    provider::{CallbackHeaders, Protocol},
};
use tokio::{net::TcpListener, sync::mpsc, task::JoinHandle};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sender {
    Lever,
    Canditech,
}

/// A message that reached us.
#[derive(Debug, Clone)]
pub struct Arrival {
    pub sender: Sender,
    /// What follows the protocol in the address; for Lever the endpoint.
    pub endpoint: String,
    pub headers: CallbackHeaders,
    pub body: Vec<u8>,
    pub received: Received,
}

#[derive(Clone)]
struct Ears {
    engine: Arc<OnceLock<Engine>>,
    heard: mpsc::UnboundedSender<Arrival>,
}

pub struct Listener {
    port: u16,
    task: JoinHandle<()>,
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Listener {
    pub async fn start(engine: Arc<OnceLock<Engine>>, heard: mpsc::UnboundedSender<Arrival>) -> Self {
        let routes = Router::new()
            .route("/webhooks/lever/{endpoint}", post(webhook))
            .route("/callbacks/{provider}/{*address}", post(callback).patch(callback))
            .with_state(Ears { engine, heard });
        let socket = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let port = socket.local_addr().expect("an address").port();
        let task = tokio::spawn(async move { axum::serve(socket, routes).await.expect("serves") });
        Self { port, task }
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }
}

async fn webhook(State(ears): State<Ears>, Path(endpoint): Path<String>, body: Bytes) -> StatusCode {
    let engine = ears.engine.get().expect("the engine is open");
    // As the program answers what a slow disk had no time for: the sender comes again.
    let Ok(received) = delivery::receive_lever(engine, &endpoint, &body).await else {
        return StatusCode::SERVICE_UNAVAILABLE;
    };
    ears.answer(Arrival {
        sender: Sender::Lever,
        endpoint,
        headers: CallbackHeaders::default(),
        body: body.to_vec(),
        received,
    })
}

async fn callback(
    State(ears): State<Ears>,
    Path((provider, endpoint)): Path<(String, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> StatusCode {
    let engine = ears.engine.get().expect("the engine is open");
    let header = |name: &str| headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or_default().to_owned();
    let headers = CallbackHeaders {
        id: header("webhook-id"),
        timestamp: header("webhook-timestamp"),
        signature: header("webhook-signature"),
        authorization: header("authorization"),
    };
    let protocol = Protocol::parse(&provider).expect("one of ours");
    let Ok(received) = delivery::receive_provider(engine, protocol, &endpoint, &headers, &body).await else {
        return StatusCode::SERVICE_UNAVAILABLE;
    };
    ears.answer(Arrival { sender: Sender::Canditech, endpoint, headers, body: body.to_vec(), received })
}

impl Ears {
    fn answer(&self, arrival: Arrival) -> StatusCode {
        let status = match arrival.received {
            Received::Accepted | Received::Repeated | Received::Ping => StatusCode::OK,
            Received::Refused => StatusCode::UNAUTHORIZED,
            Received::Malformed => StatusCode::BAD_REQUEST,
        };
        // The test may be over already.
        let _unheard = self.heard.send(arrival);
        status
    }
}
