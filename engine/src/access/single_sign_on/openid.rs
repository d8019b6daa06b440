//! What an OpenID provider is asked and what its answers must hold (OpenID Connect Discovery 1.0, Core 1.0 §3.1).
//! Nothing of a body reaches an error text, but for an OAuth error's code.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use jsonwebtoken::{
    Algorithm, DecodingKey, Validation, decode, decode_header,
    jwk::{Jwk, PublicKeyUse},
};
use oauth2::{
    AuthType, AuthUrl, AuthorizationCode, Client, ClientId, ClientSecret, CsrfToken, EndpointNotSet, EndpointSet,
    ExtraTokenFields, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, RequestTokenError, Scope,
    StandardRevocableToken, StandardTokenResponse, TokenUrl,
    basic::{BasicErrorResponse, BasicRevocationErrorResponse, BasicTokenIntrospectionResponse, BasicTokenType},
};
use secrecy::ExposeSecret as _;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;
use url::Url;

use super::SignOnError;
use crate::{Engine, clock::Moment, http, settings::IdentityProvider};

/// Signatures with a key that the provider alone has: a shared secret proves nothing, and none less.
const ALGORITHMS: [Algorithm; 9] = [
    Algorithm::RS256,
    Algorithm::RS384,
    Algorithm::RS512,
    Algorithm::PS256,
    Algorithm::PS384,
    Algorithm::PS512,
    Algorithm::ES256,
    Algorithm::ES384,
    Algorithm::EdDSA,
];

/// What a provider says of itself is asked for again after this long: a stranger who opens the way there again and
/// again must not make us call it each time.
const GOOD_FOR: Duration = Duration::from_mins(10);

/// What providers said of themselves, by issuer.
#[derive(Debug, Default)]
pub struct Known(Mutex<HashMap<String, (Moment, Metadata)>>);

impl Known {
    fn get(&self, issuer: &str, now: Moment) -> Option<Metadata> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(issuer).filter(|(asked_at, _)| now.since(*asked_at) < GOOD_FOR).map(|(_, said)| said.clone())
    }

    fn keep(&self, metadata: &Metadata, now: Moment) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.insert(metadata.issuer.clone(), (now, metadata.clone()));
    }
}

/// What the provider says of itself.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Metadata {
    issuer: String,
    authorization_endpoint: Url,
    token_endpoint: Url,
    jwks_uri: Url,
    #[serde(default)]
    token_endpoint_auth_methods_supported: Vec<String>,
}

/// What the ID token says, as far as it is used.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Claims {
    pub sub: String,
    #[serde(default)]
    aud: Value,
    azp: Option<String>,
    nonce: Option<String>,
    pub email: Option<String>,
    #[serde(default)]
    email_verified: Value,
    pub name: Option<String>,
}

impl Claims {
    /// Some providers write it as text.
    pub(super) fn is_email_verified(&self) -> Option<bool> {
        match &self.email_verified {
            Value::Bool(is) => Some(*is),
            Value::String(text) => Some(text == "true"),
            _ => None,
        }
    }
}

fn invalid(why: &str) -> SignOnError {
    SignOnError::Invalid(why.to_owned())
}

async fn read<T: DeserializeOwned>(engine: &Engine, url: &Url) -> Result<T, SignOnError> {
    let unreached = |why: &str| SignOnError::Unreached(format!("{}: {why}", url.path()));
    let answer = engine.http.inner().get(url.clone()).send().await.map_err(|error| unreached(http::failure(&error)))?;
    if !answer.status().is_success() {
        return Err(unreached(&format!("status {}", answer.status().as_u16())));
    }
    let body = http::body(answer).await.ok_or_else(|| unreached("the answer broke off"))?;
    http::read_json(&body).map_err(|error| unreached(&format!("{error:?}")))
}

/// Asks the provider where things are. It must call itself what our settings call it.
pub(super) async fn discover(engine: &Engine, provider: &IdentityProvider) -> Result<Metadata, SignOnError> {
    let now = engine.clock.now();
    if let Some(known) = engine.sign_on.get(&provider.issuer, now) {
        return Ok(known);
    }
    let address = format!("{}/.well-known/openid-configuration", provider.issuer.trim_end_matches('/'));
    let address = Url::parse(&address).map_err(|_| invalid("the issuer is no address"))?;
    let metadata: Metadata = read(engine, &address).await?;
    let secure = |url: &Url| url.scheme() == "https" || url.origin() == address.origin();
    let all = [&metadata.authorization_endpoint, &metadata.token_endpoint, &metadata.jwks_uri];
    match metadata.issuer == provider.issuer {
        false => Err(invalid("the provider calls itself by another issuer")),
        true if !all.into_iter().all(secure) => Err(invalid("an address of the provider's is not https")),
        true => {
            engine.sign_on.keep(&metadata, now);
            Ok(metadata)
        }
    }
}

/// What a token answer holds beyond OAuth's.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct WithIdToken {
    id_token: Option<String>,
}

impl ExtraTokenFields for WithIdToken {}

type OpenIdClient = Client<
    BasicErrorResponse,
    StandardTokenResponse<WithIdToken, BasicTokenType>,
    BasicTokenIntrospectionResponse,
    StandardRevocableToken,
    BasicRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointSet,
>;

fn client(metadata: &Metadata, provider: &IdentityProvider, redirect: &str) -> Result<OpenIdClient, SignOnError> {
    let redirect = RedirectUrl::new(redirect.to_owned()).map_err(|_| invalid("our own address"))?;
    // OAuth's default, which a provider that says nothing has to take.
    let methods = &metadata.token_endpoint_auth_methods_supported;
    let takes_basic = methods.is_empty() || methods.iter().any(|method| method == "client_secret_basic");
    Ok(Client::new(ClientId::new(provider.client_id.clone()))
        .set_client_secret(ClientSecret::new(provider.client_secret.expose_secret().to_owned()))
        .set_auth_uri(AuthUrl::from_url(metadata.authorization_endpoint.clone()))
        .set_token_uri(TokenUrl::from_url(metadata.token_endpoint.clone()))
        .set_redirect_uri(redirect)
        .set_auth_type(if takes_basic { AuthType::BasicAuth } else { AuthType::RequestBody }))
}

/// Where the browser goes, and the verifier that proves later that it was us who asked.
pub(super) fn leave_for(
    metadata: &Metadata,
    provider: &IdentityProvider,
    redirect: &str,
    state: &str,
    nonce: &str,
) -> Result<(Url, String), SignOnError> {
    let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
    let state = state.to_owned();
    let (url, _) = client(metadata, provider, redirect)?
        .authorize_url(move || CsrfToken::new(state))
        .add_scopes(["openid", "email", "profile"].map(|scope| Scope::new(scope.to_owned())))
        .add_extra_param("nonce", nonce)
        .set_pkce_challenge(challenge)
        .url();
    Ok((url, verifier.into_secret()))
}

/// Exchanges the code for the ID token.
pub(super) async fn exchange(
    engine: &Engine,
    metadata: &Metadata,
    provider: &IdentityProvider,
    (redirect, verifier): (&str, &str),
    code: String,
) -> Result<String, SignOnError> {
    let send = |request| http::carry(engine.http.inner().clone(), request);
    let answer = client(metadata, provider, redirect)?
        .exchange_code(AuthorizationCode::new(code))
        .set_pkce_verifier(PkceCodeVerifier::new(verifier.to_owned()))
        .request_async(&send)
        .await
        .map_err(|error| match error {
            RequestTokenError::ServerResponse(refusal) => {
                SignOnError::Denied(refusal.error().as_ref().chars().take(60).collect())
            }
            RequestTokenError::Request(no_answer) => SignOnError::Unreached(no_answer.0),
            RequestTokenError::Parse(..) | RequestTokenError::Other(_) => invalid("not a token answer"),
        })?;
    answer.extra_fields().id_token.clone().ok_or_else(|| invalid("there is no ID token"))
}

/// The keys that the provider signs with; those of a kind that is not known here are left out.
pub(super) async fn keys(engine: &Engine, metadata: &Metadata) -> Result<Vec<Jwk>, SignOnError> {
    #[derive(Deserialize)]
    struct Keys {
        keys: Vec<Value>,
    }
    let all: Keys = read(engine, &metadata.jwks_uri).await?;
    let known = all.keys.into_iter().filter_map(|key| serde_json::from_value::<Jwk>(key).ok());
    Ok(known.filter(|key| key.common.public_key_use != Some(PublicKeyUse::Encryption)).collect())
}

/// Checks signature, issuer, audience, time and nonce.
pub(super) fn check(
    token: &str,
    keys: &[Jwk],
    provider: &IdentityProvider,
    nonce: &str,
) -> Result<Claims, SignOnError> {
    let header = decode_header(token).map_err(|_| invalid("the ID token is no signed token"))?;
    if !ALGORITHMS.contains(&header.alg) {
        return Err(invalid("the ID token is not signed with a key of the provider's own"));
    }
    let mut validation = Validation::new(header.alg);
    validation.set_audience(&[&provider.client_id]);
    validation.set_issuer(&[&provider.issuer]);
    validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
    validation.validate_nbf = true;
    let fits = |key: &&Jwk| header.kid.is_none() || key.common.key_id == header.kid;
    let mut why = "no key of the provider's fits the ID token".to_owned();
    let claims = keys.iter().filter(fits).find_map(|key| {
        let key = DecodingKey::from_jwk(key).ok()?;
        decode::<Claims>(token, &key, &validation).inspect_err(|error| why = format!("{:?}", error.kind())).ok()
    });
    let claims = claims.ok_or_else(|| invalid(&why))?.claims;
    let is_for_many = claims.aud.as_array().is_some_and(|all| all.len() > 1);
    let is_for_us = claims.azp.as_ref().map_or(!is_for_many, |party| *party == provider.client_id);
    match is_for_us && claims.nonce.as_deref() == Some(nonce) && !claims.sub.is_empty() {
        true => Ok(claims),
        false => Err(invalid("nonce, subject or authorized party of the ID token")),
    }
}

#[cfg(test)]
mod tests {
    use base64::{Engine as _, engine::general_purpose::STANDARD};
    use jsonwebtoken::{EncodingKey, Header, encode, get_current_timestamp};
    use secrecy::SecretString;
    use serde_json::json;

    use super::*;

    const OURS: &str = "MC4CAQAwBQYDK2VwBCIEIJCxN94Aa88AEhuQ/+gkPwX+VuRLF9VhAXqa2D6acD7u";
    const OTHER: &str = "MC4CAQAwBQYDK2VwBCIEIMaWYRc1vn3KB+w7DVu1sCoeukorJn9ADJ6q5qigobF6";

    fn provider() -> IdentityProvider {
        IdentityProvider {
            id: "halden".into(),
            name: "Halden ID".into(),
            issuer: "https://id.halden.example".into(),
            client_id: "candilever".into(),
            client_secret: SecretString::from("hush-hush"),
            domains: vec!["halden.example".into()],
            organization: None,
            vouches_for_email: false,
        }
    }

    fn keys() -> Vec<Jwk> {
        let key = json!({ "kty": "OKP", "crv": "Ed25519", "use": "sig", "kid": "one", "x": "DpLInWws2X6vU9OfwrMQHO5bMnBTStwJtcvad-cYf8s" });
        vec![serde_json::from_value(key).expect("a key")]
    }

    fn signed(key: &str, claims: &Value) -> String {
        let header = Header { kid: Some("one".into()), ..Header::new(Algorithm::EdDSA) };
        let key = EncodingKey::from_ed_der(&STANDARD.decode(key).expect("base64"));
        encode(&header, claims, &key).expect("signed")
    }

    /// Good claims, with these in place of theirs; null leaves one out.
    fn claims(more: &Value) -> Value {
        let now = get_current_timestamp();
        let mut claims = json!({ "iss": "https://id.halden.example", "aud": "candilever", "sub": "s-1",
            "exp": now + 300, "iat": now, "nonce": "n-1", "email": "nora@halden.example", "email_verified": true });
        let all = claims.as_object_mut().expect("an object");
        for (name, value) in more.as_object().expect("an object") {
            all.insert(name.clone(), value.clone());
        }
        all.retain(|_, value| !value.is_null());
        claims
    }

    fn holds(token: &str) -> bool {
        check(token, &keys(), &provider(), "n-1").is_ok()
    }

    #[test]
    fn a_token_that_holds_is_read() {
        let read = check(&signed(OURS, &claims(&json!({}))), &keys(), &provider(), "n-1").expect("it holds");
        assert_eq!((read.sub.as_str(), read.is_email_verified()), ("s-1", Some(true)));
        for more in [json!({ "aud": ["candilever"] }), json!({ "aud": ["candilever", "x"], "azp": "candilever" })] {
            assert!(holds(&signed(OURS, &claims(&more))), "{more}");
        }
        let text = claims(&json!({ "email_verified": "false" }));
        let read = check(&signed(OURS, &text), &keys(), &provider(), "n-1").expect("it holds");
        assert_eq!(read.is_email_verified(), Some(false));
    }

    #[test]
    fn whatever_is_not_for_us_now_and_from_them_is_refused() {
        let now = get_current_timestamp();
        for more in [
            json!({ "nonce": "another" }),
            json!({ "nonce": null }),
            json!({ "aud": "somebody-else" }),
            json!({ "aud": ["somebody-else"] }),
            json!({ "aud": null }),
            json!({ "aud": ["candilever", "x"] }),
            json!({ "aud": ["candilever", "x"], "azp": "x" }),
            json!({ "azp": "x" }),
            json!({ "iss": "https://id.evil.example" }),
            json!({ "iss": "https://id.halden.example/" }),
            json!({ "iss": null }),
            json!({ "exp": now - 120 }),
            json!({ "exp": null }),
            json!({ "nbf": now + 300 }),
            json!({ "sub": "" }),
            json!({ "sub": null }),
        ] {
            assert!(!holds(&signed(OURS, &claims(&more))), "{more}");
        }
        assert!(!holds(&signed(OTHER, &claims(&json!({})))), "signed by somebody else");
    }

    #[test]
    fn an_altered_or_unsigned_token_is_refused() {
        let token = signed(OURS, &claims(&json!({})));
        let parts: Vec<&str> = token.split('.').collect();
        let part = |text: &str| base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(text);
        let payload = part(&claims(&json!({ "email": "tomas@halden.example" })).to_string());
        assert!(!holds(&format!("{}.{payload}.{}", parts[0], parts[2])), "other claims");
        for header in [r#"{"alg":"none"}"#, r#"{"alg":"HS256","kid":"one"}"#, r#"{"alg":"RS256","kid":"one"}"#] {
            assert!(!holds(&format!("{}.{}.{}", part(header), parts[1], parts[2])), "{header}");
            assert!(!holds(&format!("{}.{}.", part(header), parts[1])), "{header}, unsigned");
        }
        // Our public key taken for a shared secret.
        let public = EncodingKey::from_secret(b"DpLInWws2X6vU9OfwrMQHO5bMnBTStwJtcvad-cYf8s");
        let header = Header { kid: Some("one".into()), ..Header::new(Algorithm::HS256) };
        assert!(!holds(&encode(&header, &claims(&json!({})), &public).expect("signed")));
        for nonsense in ["", ".", "..", "a.b.c", "e30.e30.e30"] {
            assert!(!holds(nonsense), "{nonsense:?}");
        }
    }
}
