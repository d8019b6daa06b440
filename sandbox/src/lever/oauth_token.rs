//! The token endpoint: a code or a refresh token becomes an access token.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq as _;

use super::Lever;
use super::grant::{AccountClaim, Code, Issued};
use super::session::Params;
use super::token::{self, Claims};
use crate::random;

pub(super) fn router() -> Router<Arc<Lever>> {
    Router::new().route("/oauth/token", post(exchange))
}

/// Why there is no token, in the words of OAuth.
struct Refused(StatusCode, &'static str, &'static str);

const CLIENT: Refused = Refused(StatusCode::UNAUTHORIZED, "access_denied", "Unauthorized");
const CODE: Refused = Refused(StatusCode::FORBIDDEN, "invalid_grant", "Invalid authorization code");
const VERIFIER: Refused = Refused(StatusCode::FORBIDDEN, "invalid_grant", "Failed to verify code verifier");
const REFRESH: Refused = Refused(StatusCode::FORBIDDEN, "invalid_grant", "Unknown or invalid refresh token.");
const TYPE: Refused = Refused(StatusCode::BAD_REQUEST, "unsupported_grant_type", "Unsupported grant type");

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        (self.0, Json(json!({ "error": self.1, "error_description": self.2 }))).into_response()
    }
}

async fn exchange(
    State(lever): State<Arc<Lever>>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<([(header::HeaderName, &'static str); 1], Json<Value>), Refused> {
    let request = fields(&headers, &body);
    check_client(&lever, &headers, &request)?;
    let issued = match request.one("grant_type") {
        Some("authorization_code") => from_code(&lever, &request)?,
        Some("refresh_token") => {
            let token = request.one("refresh_token").unwrap_or_default();
            lever.grants().refresh(token, &lever.client_id, lever.now()).ok_or(REFRESH)?
        }
        _ => return Err(TYPE),
    };
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(answer(&lever, &issued))))
}

/// The body, JSON or form alike.
fn fields(headers: &HeaderMap, body: &[u8]) -> Params {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if !kind.starts_with("application/json") {
        return Params::parse(body);
    }
    let Ok(Value::Object(fields)) = serde_json::from_slice(body) else { return Params::default() };
    let texts = fields.iter().filter_map(|(name, value)| Some((name, value.as_str()?)));
    let form = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(texts).finish();
    Params::parse(form.as_bytes())
}

/// The secret comes in the body or in the Authorization header.
fn check_client(lever: &Lever, headers: &HeaderMap, request: &Params) -> Result<(), Refused> {
    let (id, secret) = basic(headers).unwrap_or_else(|| (request.text("client_id"), request.text("client_secret")));
    let right = id == lever.client_id && bool::from(secret.as_bytes().ct_eq(lever.client_secret.as_bytes()));
    if right { Ok(()) } else { Err(CLIENT) }
}

/// User name and password of HTTP Basic.
pub(super) fn basic(headers: &HeaderMap) -> Option<(String, String)> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, encoded) = value.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    decoded.split_once(':').map(|(user, password)| (user.to_owned(), password.to_owned()))
}

fn from_code(lever: &Lever, request: &Params) -> Result<Issued, Refused> {
    let now = lever.now();
    let code = lever.grants().take_code(request.one("code").unwrap_or_default(), now).ok_or(CODE)?;
    if request.one("redirect_uri") != Some(code.redirect_uri.as_str()) {
        return Err(CODE);
    }
    if !is_verified(&code, request.one("code_verifier")) {
        return Err(VERIFIER);
    }
    let issued = lever.grants().open(code, now);
    lever.change(|_, _| ());
    Ok(issued)
}

/// Whoever sent a challenge must show what it was made of.
fn is_verified(code: &Code, verifier: Option<&str>) -> bool {
    let Some(challenge) = &code.challenge else { return true };
    let made = verifier.map(|verifier| URL_SAFE_NO_PAD.encode(Sha256::digest(verifier)));
    made.as_ref() == Some(challenge)
}

fn answer(lever: &Lever, issued: &Issued) -> Value {
    let (grants, account) = (lever.grants(), lever.account());
    let grant = &issued.grant;
    let issued_at = lever.now().div_euclid(1_000);
    let scope = grant.scopes.join(" ");
    let claims = Claims {
        account: (grants.account_claim == AccountClaim::Shown).then(|| account.id.clone()),
        iss: format!("{}/", lever.url),
        sub: format!("auth0|{}", grant.user),
        aud: if grant.for_api { vec![lever.audience()] } else { Vec::new() },
        iat: issued_at,
        exp: issued_at + grants.lifetime_s,
        azp: grant.client_id.clone(),
        scope: scope.clone(),
        grant: grant.id.clone(),
        jti: random::uuid(),
    };
    let mut answer = json!({
        "access_token": token::encode(&claims, &grants.signing_key),
        "expires_in": grants.lifetime_s, "token_type": "Bearer", "scope": scope,
    });
    if let Some(refresh_token) = &issued.refresh_token {
        answer["refresh_token"] = json!(refresh_token);
    }
    answer
}
