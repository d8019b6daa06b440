//! Who has access: codes that wait for their exchange, grants with their refresh tokens, API keys.
//!
//! A refresh token is good once. Seen a second time it takes its whole grant with it.

use std::collections::{BTreeMap, BTreeSet};

use super::model::Millis;
use super::scope;
use crate::random;

const MINUTE: Millis = 60_000;
const DAY: Millis = 24 * 60 * MINUTE;
/// A code is good for this long.
const CODE_LIFE: Millis = MINUTE;
/// A consent ends after a year.
const GRANT_LIFE: Millis = 365 * DAY;
/// A refresh token that nobody used for this long is dead.
const IDLE_LIFE: Millis = 90 * DAY;

/// A consent that waits to be exchanged.
#[derive(Debug, Clone)]
pub(super) struct Code {
    pub(super) client_id: String,
    pub(super) redirect_uri: String,
    pub(super) challenge: Option<String>,
    pub(super) user: String,
    pub(super) scopes: Vec<String>,
    pub(super) for_api: bool,
    pub(super) made_at: Millis,
}

/// A consent in use.
#[derive(Debug, Clone)]
pub(super) struct Grant {
    pub(super) id: String,
    pub(super) client_id: String,
    pub(super) user: String,
    pub(super) scopes: Vec<String>,
    pub(super) for_api: bool,
    pub(super) granted_at: Millis,
    pub(super) used_at: Millis,
    pub(super) revoked: bool,
    refresh_token: Option<String>,
    spent: BTreeSet<String>,
}

/// A key that a customer made.
#[derive(Debug, Clone)]
pub(super) struct ApiKey {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) user: String,
    pub(super) scopes: Vec<String>,
    pub(super) made_at: Millis,
    pub(super) secret: String,
}

/// What the token endpoint gives out.
#[derive(Debug, Clone)]
pub(super) struct Issued {
    pub(super) grant: Grant,
    pub(super) refresh_token: Option<String>,
}

/// Whether tokens say which account they are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AccountClaim {
    Shown,
    Left,
}

/// All access to the account.
pub(super) struct Grants {
    codes: BTreeMap<String, Code>,
    pub(super) all: Vec<Grant>,
    pub(super) keys: Vec<ApiKey>,
    /// Signs access tokens.
    pub(super) signing_key: [u8; 32],
    pub(super) lifetime_s: i64,
    /// Scopes that are left out whatever is asked for.
    pub(super) denied: Vec<String>,
    pub(super) account_claim: AccountClaim,
}

impl Default for Grants {
    fn default() -> Self {
        Self {
            codes: BTreeMap::new(),
            all: Vec::new(),
            keys: Vec::new(),
            signing_key: random::bytes(),
            lifetime_s: 3_600,
            denied: Vec::new(),
            account_claim: AccountClaim::Shown,
        }
    }
}

impl Grants {
    /// What of the asked-for scopes is given.
    pub(super) fn grantable(&self, asked: &str, for_api: bool) -> Vec<String> {
        let given = |scope: &&str| {
            scope::words(scope).is_some()
                && (for_api || *scope == scope::OFFLINE)
                && !self.denied.iter().any(|denied| denied == scope)
        };
        let mut scopes: Vec<String> = Vec::new();
        for scope in asked.split_whitespace().filter(given) {
            if !scopes.iter().any(|known| known == scope) {
                scopes.push(scope.to_owned());
            }
        }
        scopes
    }

    /// Whether this person already consented to all of this; then nobody is asked again.
    pub(super) fn covers(&self, client_id: &str, user: &str, scopes: &[String]) -> bool {
        let live = self.all.iter().filter(|grant| !grant.revoked && grant.client_id == client_id && grant.user == user);
        live.into_iter().any(|grant| scopes.iter().all(|scope| grant.scopes.contains(scope)))
    }

    pub(super) fn add_code(&mut self, code: Code) -> String {
        let name = random::hex::<20>();
        self.codes.insert(name.clone(), code);
        name
    }

    /// Takes a code: it is good once, and only for a minute.
    pub(super) fn take_code(&mut self, name: &str, now: Millis) -> Option<Code> {
        self.codes.remove(name).filter(|code| now - code.made_at <= CODE_LIFE)
    }

    /// Turns a code into a grant.
    pub(super) fn open(&mut self, code: Code, now: Millis) -> Issued {
        let offline = code.scopes.iter().any(|scope| scope == scope::OFFLINE);
        let grant = Grant {
            id: random::uuid(),
            client_id: code.client_id,
            user: code.user,
            scopes: code.scopes,
            for_api: code.for_api,
            granted_at: now,
            used_at: now,
            revoked: false,
            refresh_token: offline.then(random::hex::<32>),
            spent: BTreeSet::new(),
        };
        self.all.push(grant.clone());
        Issued { refresh_token: grant.refresh_token.clone(), grant }
    }

    /// Exchanges a refresh token for the next one; the old one is dead from now on.
    pub(super) fn refresh(&mut self, token: &str, client_id: &str, now: Millis) -> Option<Issued> {
        if let Some(reused) = self.all.iter_mut().find(|grant| grant.spent.contains(token)) {
            reused.revoked = true;
            return None;
        }
        let current =
            |grant: &&mut Grant| grant.refresh_token.as_deref() == Some(token) && grant.client_id == client_id;
        let grant = self.all.iter_mut().find(current)?;
        let alive = !grant.revoked && now - grant.granted_at < GRANT_LIFE && now - grant.used_at < IDLE_LIFE;
        if !alive {
            return None;
        }
        let next = random::hex::<32>();
        grant.spent.extend(grant.refresh_token.replace(next.clone()));
        grant.used_at = now;
        Some(Issued { grant: grant.clone(), refresh_token: Some(next) })
    }

    /// The grant of that id, while it stands.
    pub(super) fn live(&self, id: &str) -> Option<&Grant> {
        self.all.iter().find(|grant| grant.id == id && !grant.revoked)
    }

    /// Ends all access of an app.
    pub(super) fn revoke_app(&mut self, client_id: &str) {
        self.all.iter_mut().filter(|grant| grant.client_id == client_id).for_each(|grant| grant.revoked = true);
    }

    /// Ends what somebody granted, as when they leave.
    pub(super) fn revoke_user(&mut self, user: &str) {
        self.all.iter_mut().filter(|grant| grant.user == user).for_each(|grant| grant.revoked = true);
    }

    pub(super) fn add_key(&mut self, name: String, user: String, scopes: Vec<String>, now: Millis) -> ApiKey {
        let key = ApiKey { id: random::uuid(), name, user, scopes, made_at: now, secret: random::hex::<24>() };
        self.keys.push(key.clone());
        key
    }
}
