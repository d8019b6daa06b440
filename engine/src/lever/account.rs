//! Whose account a token opens. Lever has no "who am I": the token's claim names the account where it
//! is there, its people tell it apart where it is not, and their e-mail domain is its readable name.

use std::collections::BTreeMap;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use secrecy::{ExposeSecret, SecretString};

use super::{
    LeverError,
    call::{self, Call},
    wire::{Page, UserWire},
};
use crate::{Engine, db::fold};

const CLAIM: &str = "https://oauth.lever.co/accountId";

/// The account that the token names; `None` when it is opaque or does not say. It came from Lever over
/// TLS, which is all the proof there is.
pub(crate) fn account_of(token: &SecretString) -> Option<String> {
    let payload = token.expose_secret().split('.').nth(1)?;
    let payload = URL_SAFE_NO_PAD.decode(payload.trim_end_matches('=')).ok()?;
    let claims: serde_json::Value = serde_json::from_slice(&payload).ok()?;
    claims.get(CLAIM)?.as_str().filter(|id| !id.is_empty()).map(str::to_owned)
}

/// What tells an account apart, read with a token that is not stored yet.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Identity {
    pub users: Vec<String>,
    /// The e-mail domain of most super admins.
    pub domain: Option<String>,
}

/// Reads the account's people.
pub(crate) async fn identify(engine: &Engine, token: &SecretString) -> Result<Identity, LeverError> {
    let call = Call::get(&["users"]).query("limit", "100");
    let body = call::send(engine, token, &call).await?.accepted()?;
    Ok(Identity::of(&call::read::<Page<UserWire>>(&body)?.data))
}

impl Identity {
    fn of(users: &[UserWire]) -> Self {
        let mut domains: BTreeMap<String, usize> = BTreeMap::new();
        let super_admins = users.iter().filter(|user| user.access_role.as_deref() == Some("super admin"));
        for email in super_admins.filter_map(|user| user.email.as_deref()) {
            if let Some((_, domain)) = email.rsplit_once('@') {
                *domains.entry(fold(domain)).or_default() += 1;
            }
        }
        let domain = domains.into_iter().max_by_key(|(_, people)| *people).map(|(domain, _)| domain);
        Self { users: users.iter().map(|user| user.id.clone()).collect(), domain }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lever::fixture;

    #[test]
    fn the_claim_names_the_account() {
        for (file, _) in fixture::all("token answer") {
            let token = SecretString::from(fixture::json(&file)["access_token"].as_str().expect("a token"));
            assert_eq!(account_of(&token).as_deref(), Some("cd286e48-013c-478c-9f57-7795088b3f08"), "{file}");
        }
    }

    #[test]
    fn an_account_is_its_people_and_the_domain_of_its_super_admins() {
        let users: Page<UserWire> = call::read(fixture::text("users.json").as_bytes()).expect("users");
        let identity = Identity::of(&users.data);
        assert_eq!(identity.domain.as_deref(), Some("example.com"));
        let of_ada = "b4457775-ed1d-4f1b-a89a-2ef0af6d47af";
        assert_eq!((identity.users.len(), identity.users.last().map(String::as_str)), (6, Some(of_ada)));
    }

    #[test]
    fn an_opaque_token_names_none() {
        for token in ["", "opaque", "a.b.c", "a.e30.c", "a.eyJodHRwczovL29hdXRoLmxldmVyLmNvL2FjY291bnRJZCI6NX0.c"] {
            assert_eq!(account_of(&SecretString::from(token)), None, "{token}");
        }
    }

    #[test]
    fn most_super_admins_domain_is_the_name() {
        let users: Page<UserWire> = serde_json::from_str(
            r#"{"data":[{"id":"1","email":"a@Halden.example","accessRole":"super admin"},
                {"id":"2","email":"b@agency.example","accessRole":"super admin"},
                {"id":"3","email":"c@halden.example","accessRole":"super admin"},
                {"id":"4","email":"d@zzz.example","accessRole":"admin"},{"id":"5"}]}"#,
        )
        .expect("users");
        let identity = Identity::of(&users.data);
        assert_eq!(identity.domain.as_deref(), Some("halden.example"));
        assert_eq!(identity.users.len(), 5);
    }
}
