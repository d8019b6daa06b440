//! What every answer carries: the content security policy with a nonce of its own, and the headers
//! that keep browsers from guessing, framing, leaking and caching.

use axum::{
    extract::{Request, State},
    http::{HeaderName, HeaderValue, header},
    middleware::Next,
    response::Response,
};
use engine::random;

use crate::router::Site;

/// This answer's nonce, for the inline scripts of the page.
#[derive(Debug, Clone)]
pub struct CspNonce(pub String);

const FIXED: [(HeaderName, &str); 5] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (
        HeaderName::from_static("permissions-policy"),
        "accelerometer=(), camera=(), geolocation=(), gyroscope=(), microphone=(), payment=(), usb=()",
    ),
];

/// Two years, as browsers' preload lists ask for.
const HSTS: HeaderValue = HeaderValue::from_static("max-age=63072000; includeSubDomains");

/// Sets the headers of the answer; what a handler set itself (a stricter referrer policy, the
/// caching of an asset) stays.
pub async fn set_headers(State(site): State<Site>, mut request: Request, next: Next) -> Response {
    let nonce = random::token();
    request.extensions_mut().insert(CspNonce(nonce.clone()));
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, policy(&nonce, &site.consent_origin));
    for (name, value) in FIXED {
        headers.insert(name, HeaderValue::from_static(value));
    }
    // `no-referrer` would lose the way back of forms sent without JavaScript.
    headers.entry(header::REFERRER_POLICY).or_insert(HeaderValue::from_static("same-origin"));
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    if site.is_https() {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HSTS);
    }
    response
}

/// Forms may lead to ourselves and, by the redirect of Connect, to Lever's consent page.
fn policy(nonce: &str, consent_origin: &str) -> HeaderValue {
    let policy = format!(
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval' 'nonce-{nonce}'; style-src 'self'; \
         connect-src 'self'; img-src 'self' data:; font-src 'self'; base-uri 'none'; \
         form-action 'self' {consent_origin}; frame-ancestors 'none'; object-src 'none'"
    );
    HeaderValue::try_from(policy).expect("a token and an origin are plain ASCII")
}
