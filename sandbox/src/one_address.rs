//! Several companies' Levers at one address, as Lever's own is: the token tells whose call it is.

use std::collections::HashMap;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::post;
use serde::Deserialize;
use tokio::net::TcpListener;
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;
use tower::ServiceExt as _;

use crate::fault::{Injected, dropped};
use crate::{Sandbox, address, serve};

/// More than a token's request or answer has.
const LONGEST: usize = 64 * 1024;

/// The address, for as long as this lives.
#[derive(Debug)]
pub struct OneAddress {
    address: SocketAddr,
    companies: Companies,
    _stopping: DropGuard,
}

/// Opens an address for the Levers of these companies: `/oauth/token` and the API in `/v1`. Consent is given at each
/// company's own, whose pages, faults and ledger stay there.
///
/// # Errors
/// When nothing can be listened on.
pub async fn at_one_address(companies: &[&Sandbox]) -> io::Result<OneAddress> {
    let socket = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let address = socket.local_addr()?;
    let levers = companies.iter().map(|company| company.lever_routes.clone()).collect();
    let companies = Companies { levers, tokens: Arc::default() };
    let routes = Router::new().route("/oauth/token", post(token)).fallback(pass_on).with_state(companies.clone());
    let stopping = CancellationToken::new();
    tokio::spawn(serve::run(socket, routes, stopping.clone(), TaskTracker::new()));
    Ok(OneAddress { address, companies, _stopping: stopping.drop_guard() })
}

impl OneAddress {
    /// The address that stands in the place of each company's own.
    #[must_use]
    pub fn url(&self) -> String {
        address(self.address)
    }

    /// Every token that was given out here.
    #[must_use]
    pub fn tokens(&self) -> Vec<String> {
        self.companies.tokens().iter().flat_map(|(access, (_, refresh))| [access.clone(), refresh.clone()]).collect()
    }
}

/// By access token: whose it is, and the refresh token beside it.
type Tokens = HashMap<String, (usize, String)>;

#[derive(Debug, Clone)]
struct Companies {
    levers: Vec<Router>,
    tokens: Arc<Mutex<Tokens>>,
}

#[derive(Deserialize)]
struct Given {
    access_token: String,
    refresh_token: String,
}

impl Companies {
    fn tokens(&self) -> MutexGuard<'_, Tokens> {
        self.tokens.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Remembers whose the token in this answer is.
    async fn given(&self, company: usize, answer: Response) -> Response {
        let (head, body) = answer.into_parts();
        let Ok(body) = to_bytes(body, LONGEST).await else { return dropped() };
        if let Ok(Given { access_token, refresh_token }) = serde_json::from_slice(&body) {
            self.tokens().insert(access_token, (company, refresh_token));
        }
        Response::from_parts(head, Body::from(body))
    }
}

/// The company that knows the code or the refresh token gives out the next one.
async fn token(State(companies): State<Companies>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let Ok(body) = to_bytes(body, LONGEST).await else { return StatusCode::PAYLOAD_TOO_LARGE.into_response() };
    let mut refusal = StatusCode::BAD_REQUEST.into_response();
    for (company, lever) in companies.levers.iter().enumerate() {
        let request = Request::from_parts(head.clone(), Body::from(body.clone()));
        let Ok(answer) = lever.clone().oneshot(request).await;
        if answer.status().is_success() {
            return companies.given(company, answer).await;
        }
        // Whoever does not know it says so; a fault is the answer of the one who was to give it.
        if refusal.extensions().get::<Injected>().is_none() {
            refusal = answer;
        }
    }
    refusal
}

async fn pass_on(State(companies): State<Companies>, request: Request) -> Response {
    let bearer = request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let token = bearer.and_then(|bearer| bearer.strip_prefix("Bearer ")).unwrap_or_default();
    let company = companies.tokens().get(token).map(|(company, _)| *company);
    let Some(company) = company else { return StatusCode::UNAUTHORIZED.into_response() };
    let Ok(answer) = companies.levers[company].clone().oneshot(request).await;
    answer
}
