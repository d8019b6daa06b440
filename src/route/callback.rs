//! The providers' callbacks: a hint that something changed, signed with the secret that the account's
//! page shows, or sent with the account's key to an address that an invite has of its own.

use axum::{
    body::Bytes,
    extract::{Path, State, rejection::PathRejection},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse as _, Response},
};
use engine::{
    delivery,
    provider::{CallbackHeaders, Protocol},
};

use super::{
    answer,
    webhook::{is_encoded, status},
};
use crate::router::Site;

/// Takes a callback for the provider account, and perhaps the invite, that `address` names.
pub async fn receive(
    State(site): State<Site>,
    address: Result<Path<(String, String)>, PathRejection>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    // An address that is no text, or of no protocol, is as unknown as one of no account.
    let Ok(Path((provider, address))) = address else { return StatusCode::UNAUTHORIZED.into_response() };
    let Some(protocol) = Protocol::parse(&provider) else { return StatusCode::UNAUTHORIZED.into_response() };
    if !site.throttle.may_send(&address, site.engine.clock.now()) {
        return answer::too_many();
    }
    if is_encoded(&headers) {
        return StatusCode::UNSUPPORTED_MEDIA_TYPE.into_response();
    }
    let signature = signature(&headers);
    match delivery::receive_provider(&site.engine, protocol, &address, &signature, &body).await {
        Ok(received) => status(received, StatusCode::NO_CONTENT).into_response(),
        Err(error) => {
            tracing::error!(%error, "a callback was not stored; the sender repeats it");
            answer::unavailable()
        }
    }
}

fn signature(headers: &HeaderMap) -> CallbackHeaders {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
    CallbackHeaders {
        id: text("webhook-id"),
        timestamp: text("webhook-timestamp"),
        signature: text("webhook-signature"),
        authorization: text("authorization"),
    }
}
