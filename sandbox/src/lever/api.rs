//! `/v1`: who calls, how often they may, and what every part of the API shares.

use std::sync::Arc;

use axum::extract::{FromRequestParts, OriginalUri, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::{Json, Router};
use jiff::fmt::rfc2822::DateTimePrinter;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::account::{Account, Missing};
use super::model::{Confidentiality, Opportunity};
use super::refusal::Refusal;
use super::scope::{self, Access};
use super::session::Params;
use super::token::{self, Invalid};
use super::{Lever, api_directory, api_note, api_opportunity, api_webhook, api_write, oauth_token};

/// What a call is answered with.
pub(super) type Answer = Result<Json<Value>, Refusal>;

pub(super) fn router(lever: &Arc<Lever>) -> Router<Arc<Lever>> {
    Router::new()
        .merge(api_directory::router())
        .merge(api_opportunity::router())
        .merge(api_write::router())
        .merge(api_note::router())
        .merge(api_webhook::router())
        .fallback(no_such_path)
        .method_not_allowed_fallback(no_such_path)
        .layer(middleware::from_fn_with_state(Arc::clone(lever), admit))
        .layer(middleware::map_response_with_state(Arc::clone(lever), sign))
}

async fn no_such_path(OriginalUri(address): OriginalUri) -> Refusal {
    Refusal::no_such_path(address.path())
}

/// The headers by which the real API can be told, and the time by our clock.
async fn sign(State(lever): State<Arc<Lever>>, mut answer: Response) -> Response {
    let dated = jiff::Timestamp::from_millisecond(lever.now()).ok();
    let dated = dated.and_then(|at| DateTimePrinter::new().timestamp_to_rfc9110_string(&at).ok());
    let headers = answer.headers_mut();
    if let Some(dated) = dated.and_then(|text| HeaderValue::try_from(text).ok()) {
        headers.insert(header::DATE, dated);
    }
    headers.insert(header::SERVER, HeaderValue::from_static("lever-data-api"));
    headers.insert(HeaderName::from_static("x-stream-path"), HeaderValue::from_static("dapi"));
    headers.insert(HeaderName::from_static("x-lever-region"), HeaderValue::from_static("global"));
    answer
}

/// Whoever calls, and what they may.
#[derive(Debug, Clone)]
pub(super) struct Caller {
    /// Its own bucket, and what its webhooks and notes belong to.
    pub(super) credential: String,
    /// Who is shown as the writer where `perform_as` names nobody.
    pub(super) user: String,
    scopes: Vec<String>,
}

/// The credential of an app, whoever granted it access.
pub(super) fn app(client_id: &str) -> String {
    format!("app {client_id}")
}

impl Caller {
    /// Whether this resource is open to the caller.
    pub(super) fn may(&self, access: Access, resource: &str) -> Result<(), Refusal> {
        if scope::opens(&self.scopes, resource, access) { Ok(()) } else { Err(Refusal::forbidden()) }
    }

    pub(super) fn sees_confidential(&self) -> bool {
        self.scopes.iter().any(|scope| scope == scope::CONFIDENTIAL)
    }

    /// Which of both kinds a list shows: only what is open, unless asked and allowed.
    pub(super) fn confidentiality(&self, params: &Params) -> Result<Vec<Confidentiality>, Refusal> {
        use Confidentiality::{Confidential, NonConfidential};
        let shown = match params.one("confidentiality") {
            None | Some("non-confidential") => return Ok(vec![NonConfidential]),
            Some("confidential") => vec![Confidential],
            Some("all") => vec![Confidential, NonConfidential],
            Some(_) => return Err(Refusal::bad_request("confidentiality is not valid")),
        };
        if self.sees_confidential() { Ok(shown) } else { Err(Refusal::forbidden()) }
    }

    /// The opportunity, where it exists and the caller may see it.
    pub(super) fn opportunity<'a>(&self, account: &'a Account, id: &str) -> Result<&'a Opportunity, Refusal> {
        let opportunity = account.opportunity(id).map_err(|_| Refusal::not_found("opportunities", id))?;
        let open = account.confidentiality(opportunity) == Confidentiality::NonConfidential;
        if open || self.sees_confidential() { Ok(opportunity) } else { Err(Refusal::forbidden()) }
    }

    /// Who is shown as the writer: `perform_as`, who must be at work here, or the caller.
    pub(super) fn writer(&self, account: &Account, params: &Params) -> Result<String, Refusal> {
        let Some(id) = params.one("perform_as") else { return Ok(self.user.clone()) };
        let active = account.user(id).filter(|user| user.deactivated_at.is_none());
        active.map(|user| user.id.clone()).ok_or_else(|| Missing::User.into())
    }
}

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refusal> {
        parts.extensions.get::<Self>().cloned().ok_or_else(Refusal::unauthorized)
    }
}

async fn admit(State(lever): State<Arc<Lever>>, mut request: Request, next: Next) -> Response {
    match identify(&lever, request.headers()) {
        Err(refusal) => refusal.into_response(),
        Ok((bucket, _)) if !lever.buckets.take(&bucket) => Refusal::too_many_requests().into_response(),
        Ok((_, caller)) => {
            request.extensions_mut().insert(caller);
            next.run(request).await
        }
    }
}

/// The bucket to draw from, and the caller.
fn identify(lever: &Lever, headers: &HeaderMap) -> Result<(String, Caller), Refusal> {
    if let Some((key, _)) = oauth_token::basic(headers) {
        return identify_key(lever, &key);
    }
    let value = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let token = value.and_then(|value| value.strip_prefix("Bearer ")).ok_or_else(Refusal::unauthorized)?;
    let grants = lever.grants();
    let claims = token::decode(token, &grants.signing_key).map_err(|invalid| match invalid {
        Invalid::Nonsense => Refusal::unauthorized(),
        Invalid::ForeignKey => Refusal::wrong_environment(),
    })?;
    let grant = grants.live(&claims.grant).filter(|_| claims.exp * 1_000 > lever.now());
    let grant = grant.ok_or_else(Refusal::unauthorized)?;
    let scopes = if grant.for_api { grant.scopes.clone() } else { Vec::new() };
    let caller = Caller { credential: app(&grant.client_id), user: grant.user.clone(), scopes };
    Ok((format!("grant {}", grant.id), caller))
}

fn identify_key(lever: &Lever, secret: &str) -> Result<(String, Caller), Refusal> {
    let grants = lever.grants();
    let key = grants.keys.iter().find(|key| key.secret == secret).ok_or_else(Refusal::unauthorized)?;
    let credential = format!("key {}", key.id);
    let caller = Caller { credential: credential.clone(), user: key.user.clone(), scopes: key.scopes.clone() };
    Ok((credential, caller))
}

/// One object in its envelope.
pub(super) fn data(object: impl Into<Value>) -> Json<Value> {
    Json(json!({ "data": object.into() }))
}

/// A page of a list: the rest of the envelope with the items in it.
pub(super) fn page(items: Vec<Value>, mut envelope: Value) -> Json<Value> {
    envelope["data"] = Value::Array(items);
    Json(envelope)
}

/// Reads a JSON body.
pub(super) fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Refusal> {
    serde_json::from_slice(body).map_err(|error| Refusal::bad_request(format!("The body is not valid: {error}")))
}
