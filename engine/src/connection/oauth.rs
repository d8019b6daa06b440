//! OAuth 2.0 with Lever's authorisation server: the consent address, the code, the refresh.
//!
//! The answers hold secrets: nothing of a body ever reaches an error text.

use std::time::Duration;

use oauth2::{
    AuthType, AuthUrl, AuthorizationCode, ClientId, ClientSecret, CsrfToken, EndpointNotSet, EndpointSet, HttpRequest,
    HttpResponse, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, RefreshToken, RequestTokenError, Scope,
    TokenResponse, TokenUrl,
    basic::{BasicClient, BasicErrorResponse, BasicErrorResponseType, BasicRequestTokenError, BasicTokenResponse},
};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use thiserror::Error;
use url::Url;

use super::SCOPES;
use crate::{
    Engine,
    clock::Moment,
    http::{NoAnswer, carry},
    settings::Settings,
};

/// How long a token lasts where the answer does not say.
const USUAL: Duration = Duration::from_hours(1);
/// A life that is said to be shorter is not believed: such a token would be renewed before each call. When it ends, a
/// refused call says so.
const SHORTEST: Duration = Duration::from_mins(10);

type Client = BasicClient<EndpointSet, EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointSet>;

/// What a token answer grants.
#[derive(Debug)]
pub(super) struct Grant {
    pub access: SecretString,
    pub refresh: Option<SecretString>,
    pub expires_at: Moment,
    /// `None` when the answer does not say.
    pub scopes: Option<Vec<String>>,
}

/// Why there is no grant.
#[derive(Debug, Error)]
pub(super) enum Trouble {
    /// The code or refresh token is spent, expired or revoked: a person must consent again.
    #[error("the grant is no longer valid")]
    InvalidGrant,
    /// Our own registration is at fault, not the customer's consent.
    #[error("the sign-in server refused our registration: {0}")]
    Registration(String),
    /// Nobody can tell whether the server acted on it.
    #[error("the sign-in server did not answer properly: {0}")]
    Unknown(String),
}

/// The one address that Lever sends the browser back to.
fn callback(settings: &Settings) -> String {
    settings.address("/oauth/lever/callback")
}

fn below(base: &Url, path: &[&str]) -> Url {
    let mut url = base.clone();
    if let Ok(mut segments) = url.path_segments_mut() {
        segments.pop_if_empty().extend(path);
    }
    url
}

fn client(settings: &Settings) -> Result<Client, Trouble> {
    let lever = &settings.lever;
    let redirect =
        RedirectUrl::new(callback(settings)).map_err(|_| Trouble::Registration("redirect address".into()))?;
    Ok(BasicClient::new(ClientId::new(lever.client_id.clone()))
        .set_client_secret(ClientSecret::new(lever.client_secret.expose_secret().to_owned()))
        .set_auth_uri(AuthUrl::from_url(below(&lever.auth_url, &["authorize"])))
        .set_token_uri(TokenUrl::from_url(below(&lever.auth_url, &["oauth", "token"])))
        .set_redirect_uri(redirect)
        .set_auth_type(AuthType::RequestBody))
}

/// Where the browser asks for consent, and the verifier that proves later that it was us who asked.
pub(super) fn consent(settings: &Settings, state: &str) -> Result<(Url, SecretString), Trouble> {
    let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
    let state = state.to_owned();
    // Without the exact audience the consent grants nothing useful; `prompt` would lock some people out.
    let (url, _) = client(settings)?
        .authorize_url(move || CsrfToken::new(state))
        .add_scopes(SCOPES.iter().map(|(scope, _)| Scope::new((*scope).to_owned())))
        .add_extra_param("audience", &settings.lever.audience)
        .set_pkce_challenge(challenge)
        .url();
    Ok((url, SecretString::from(verifier.into_secret())))
}

/// Exchanges the code of the return for tokens.
pub(super) async fn exchange(engine: &Engine, code: &str, verifier: &SecretString) -> Result<Grant, Trouble> {
    let send = |request| ask(engine.http.inner().clone(), request);
    let answer = client(&engine.settings)?
        .exchange_code(AuthorizationCode::new(code.to_owned()))
        .set_pkce_verifier(PkceCodeVerifier::new(verifier.expose_secret().to_owned()))
        .request_async(&send)
        .await;
    read(answer, engine.clock.now())
}

/// Spends a refresh token, which works once.
pub(super) async fn refresh(engine: &Engine, token: &SecretString) -> Result<Grant, Trouble> {
    let token = RefreshToken::new(token.expose_secret().to_owned());
    let send = |request| ask(engine.http.inner().clone(), request);
    let answer = client(&engine.settings)?.exchange_refresh_token(&token).request_async(&send).await;
    read(answer, engine.clock.now())
}

fn read(answer: Result<BasicTokenResponse, BasicRequestTokenError<NoAnswer>>, now: Moment) -> Result<Grant, Trouble> {
    let token = answer.map_err(trouble)?;
    let lasts = token.expires_in().filter(|lasts| *lasts >= SHORTEST).unwrap_or(USUAL);
    Ok(Grant {
        access: SecretString::from(token.access_token().secret().clone()),
        refresh: token.refresh_token().map(|token| SecretString::from(token.secret().clone())),
        expires_at: now.after(lasts),
        scopes: token.scopes().map(|scopes| scopes.iter().map(|scope| scope.to_string()).collect()),
    })
}

async fn ask(client: reqwest::Client, request: HttpRequest) -> Result<HttpResponse, NoAnswer> {
    carry(client, request).await.map(legible)
}

/// A grant whose life is written otherwise than as a number is one all the same: its refresh token replaces one that
/// is spent.
fn legible(answer: HttpResponse) -> HttpResponse {
    let Ok(mut grant) = serde_json::from_slice::<serde_json::Map<String, Value>>(answer.body()) else { return answer };
    let Some(lasts) = grant.remove("expires_in").filter(|lasts| !lasts.is_u64()) else { return answer };
    if let Some(seconds) = lasts.as_str().and_then(|text| text.trim().parse::<u64>().ok()) {
        grant.insert("expires_in".to_owned(), seconds.into());
    }
    let (head, _) = answer.into_parts();
    HttpResponse::from_parts(head, Value::Object(grant).to_string().into_bytes())
}

fn trouble(error: RequestTokenError<NoAnswer, BasicErrorResponse>) -> Trouble {
    match error {
        RequestTokenError::ServerResponse(refusal) => match refusal.error() {
            BasicErrorResponseType::InvalidGrant => Trouble::InvalidGrant,
            other => Trouble::Registration(other.as_ref().chars().take(60).collect()),
        },
        RequestTokenError::Request(no_answer) => Trouble::Unknown(no_answer.0),
        RequestTokenError::Parse(..) | RequestTokenError::Other(_) => Trouble::Unknown("not a token answer".into()),
    }
}

#[cfg(test)]
mod tests {
    use oauth2::http;

    use super::*;
    use crate::lever::fixture;

    fn settings() -> Settings {
        let address = |text| Url::parse(text).expect("an address");
        Settings {
            database_url: String::new(),
            master_key: crate::vault::MasterKey::generate(),
            public_url: address("http://127.0.0.1:1/"),
            lever: crate::settings::LeverSettings {
                auth_url: address("https://auth.lever.co"),
                api_url: address("https://api.lever.co/v1"),
                audience: "https://api.lever.co/v1/".into(),
                client_id: "id".into(),
                client_secret: SecretString::from("secret"),
                calls_per_second: crate::settings::USUAL_CALLS_PER_SECOND,
            },
            provider_hosts: Vec::new(),
            identity_providers: Vec::new(),
            proxy: None,
            catch_up: Duration::from_mins(1),
            mail: None,
            late_at_once: 25,
            digest_hour: 6,
            webhook_hosts: Vec::new(),
        }
    }

    /// What we make of a token endpoint that answers so.
    async fn answered(code: u16, body: &str) -> Result<Grant, Trouble> {
        let mut response = http::Response::new(body.as_bytes().to_vec());
        *response.status_mut() = http::StatusCode::from_u16(code).expect("a status");
        let send = move |_: HttpRequest| std::future::ready(Ok::<_, NoAnswer>(legible(response.clone())));
        let token = RefreshToken::new("old".into());
        let client = client(&settings()).expect("a client");
        read(client.exchange_refresh_token(&token).request_async(&send).await, Moment(1000))
    }

    #[test]
    fn the_consent_address_carries_audience_and_challenge() {
        let (url, verifier) = consent(&settings(), "the-state").expect("an address");
        assert!(url.as_str().starts_with("https://auth.lever.co/authorize?"));
        let query: std::collections::BTreeMap<_, _> = url.query_pairs().into_owned().collect();
        assert_eq!(query["audience"], "https://api.lever.co/v1/");
        assert_eq!(query["state"], "the-state");
        assert_eq!(query["redirect_uri"], "http://127.0.0.1:1/oauth/lever/callback");
        assert_eq!(query["code_challenge_method"], "S256");
        assert!(query["scope"].split(' ').any(|scope| scope == "offline_access"));
        assert!(!query.contains_key("prompt"));
        assert!(!url.as_str().contains(verifier.expose_secret()));
    }

    #[tokio::test]
    async fn a_grant_is_read_whole() {
        let refresh = ["fixture-refresh-1", "fixture-refresh-2"];
        for ((file, _), refresh) in fixture::all("token answer").iter().zip(refresh) {
            let grant = answered(200, &fixture::text(file)).await.expect("a grant");
            assert_eq!(grant.expires_at, Moment(3_601_000));
            assert_eq!(grant.access.expose_secret(), fixture::json(file)["access_token"].as_str().expect("a token"));
            assert_eq!(grant.refresh.expect("a refresh token").expose_secret(), refresh);
            let scopes = grant.scopes.expect("scopes");
            assert_eq!((scopes.len(), scopes.last().map(String::as_str)), (11, Some("applications:read:admin")));
        }
    }

    #[tokio::test]
    async fn however_its_life_is_told_a_grant_is_one() {
        let hour = 3600;
        let told = [
            ("", hour),
            (r#","expires_in":7200"#, 7200),
            (r#","expires_in":"7200""#, 7200),
            (r#","expires_in":" 3600 ""#, hour),
            (r#","expires_in":"soon""#, hour),
            (r#","expires_in":3599.5"#, hour),
            (r#","expires_in":-1"#, hour),
            (r#","expires_in":null"#, hour),
            (r#","expires_in":0"#, hour),
            (r#","expires_in":"60""#, hour),
        ];
        for (told, seconds) in told {
            let body = format!(r#"{{"access_token":"a","token_type":"Bearer","refresh_token":"r"{told}}}"#);
            let grant = answered(200, &body).await.unwrap_or_else(|trouble| panic!("{told}: {trouble}"));
            assert_eq!(grant.expires_at, Moment(1000 + seconds * 1000), "{told}");
            assert_eq!(grant.refresh.expect("a refresh token").expose_secret(), "r");
        }
    }

    #[tokio::test]
    async fn invalid_grant_means_reconnect_with_whatever_status() {
        let body = fixture::text("error_token_invalid_grant.json");
        for code in [400, 401, 403] {
            assert!(matches!(answered(code, &body).await, Err(Trouble::InvalidGrant)), "{code}");
        }
    }

    #[tokio::test]
    async fn anything_else_is_not_held_against_the_grant() {
        let wrong_secret = fixture::text("error_token_invalid_client.json");
        for (body, said) in
            [(wrong_secret.as_str(), "access_denied"), (r#"{"error":"invalid_client"}"#, "invalid_client")]
        {
            assert!(matches!(answered(401, body).await, Err(Trouble::Registration(what)) if what == said), "{body}");
        }
        for (code, body) in [(200, "<html>"), (200, ""), (200, "{}"), (403, ""), (403, "<html>"), (400, "{\"a\":1}")] {
            assert!(matches!(answered(code, body).await, Err(Trouble::Unknown(_))), "{code} {body:?}");
        }
    }
}
