//! Access tokens: JWTs that name the account, the scopes and the grant behind them.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::Sha256;

/// What a token says.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Claims {
    /// Absent when a test switches it off.
    #[serde(rename = "https://oauth.lever.co/accountId", skip_serializing_if = "Option::is_none", default)]
    pub(super) account: Option<String>,
    pub(super) iss: String,
    pub(super) sub: String,
    pub(super) aud: Vec<String>,
    pub(super) iat: i64,
    pub(super) exp: i64,
    pub(super) azp: String,
    pub(super) scope: String,
    /// The grant it came from.
    pub(super) grant: String,
    pub(super) jti: String,
}

/// Why a token opens nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Invalid {
    /// Not a token.
    Nonsense,
    /// A token, and not one of ours: another environment's.
    ForeignKey,
}

/// Writes and signs a token.
pub(super) fn encode(claims: &Claims, key: &[u8]) -> String {
    let head = json!({ "alg": "HS256", "typ": "JWT", "kid": "stand-in" }).to_string();
    let claims = serde_json::to_string(claims).expect("claims are plain JSON");
    let signed = format!("{}.{}", URL_SAFE_NO_PAD.encode(head), URL_SAFE_NO_PAD.encode(claims));
    let signature = URL_SAFE_NO_PAD.encode(mac(&signed, key).finalize().into_bytes());
    format!("{signed}.{signature}")
}

/// Checks the signature and reads the token; the caller judges its age.
pub(super) fn decode(token: &str, key: &[u8]) -> Result<Claims, Invalid> {
    let (signed, signature) = token.rsplit_once('.').ok_or(Invalid::Nonsense)?;
    let (_, claims) = signed.split_once('.').ok_or(Invalid::Nonsense)?;
    let claims = URL_SAFE_NO_PAD.decode(claims).map_err(|_| Invalid::Nonsense)?;
    let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_| Invalid::Nonsense)?;
    mac(signed, key).verify_slice(&signature).map_err(|_| Invalid::ForeignKey)?;
    serde_json::from_slice(&claims).map_err(|_| Invalid::Nonsense)
}

fn mac(signed: &str, key: &[u8]) -> Hmac<Sha256> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes a key of any length");
    mac.update(signed.as_bytes());
    mac
}
