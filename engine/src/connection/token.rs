//! The access token: taken from the database, refreshed by one process at a time.
//!
//! Lever's refresh token works once. So whoever refreshes holds a lease with a fencing token, asks
//! Lever outside any transaction, and the new pair is on disk before anybody uses it.

use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use tokio::time::Instant;

use super::{ConnectionState, oauth, store::token as store};
use crate::{
    Engine, clock::Moment, fault::StoreError, id::OrganizationId, lever::LeverError, live::Change, random,
    vault::is_same,
};

/// With less life than this left, the token is refreshed before use.
const REFRESH_BEFORE: Duration = Duration::from_mins(5);
/// With at least this left, a token may still be used while another process refreshes.
const STILL_GOOD: Duration = Duration::from_secs(30);
/// Longer than the HTTP client waits in all, so that a living holder never loses it.
const LEASE: Duration = Duration::from_mins(1);
/// How often to look whether the other one's refresh is done, and how long in all.
const LOOK_EVERY: Duration = Duration::from_millis(50);
const LOOKS: usize = 700;
/// A lease of which more is gone is not acted on: what is left of it has to last for Lever's answer.
const LEASE_IS_FRESH: Duration = Duration::from_secs(20);
/// The pause before a renewed pair that could not be stored is stored again.
const STORE_AGAIN: Duration = Duration::from_millis(250);

const ENDED: &str = "Lever no longer accepts our authorisation: it was revoked there, or it ended.";
const NOT_ACCEPTED: &str = "Lever does not accept our access although it was just renewed.";

/// The token row of a connection.
pub(super) struct Tokens {
    pub connection: crate::id::ConnectionId,
    pub state: ConnectionState,
    /// The installation is paused: nobody may use or renew them.
    pub paused: bool,
    /// As stored, to recognise whether somebody replaced it meanwhile.
    pub sealed_access: Vec<u8>,
    pub access: SecretString,
    pub access_expires_at: Moment,
    pub refresh: SecretString,
}

impl Tokens {
    fn lasts(&self, now: Moment, at_least: Duration) -> bool {
        self.access_expires_at.since(now) >= at_least
    }

    fn is(&self, token: &SecretString) -> bool {
        is_same(self.access.expose_secret(), token.expose_secret())
    }
}

/// A token that Lever should accept; `refused` is one that it just did not.
///
/// # Errors
/// `NotConnected` without asking Lever once the connection is revoked or gone; `Paused` likewise; `Temporary` when the
/// refresh did not come through.
pub(crate) async fn access_token(
    engine: &Engine,
    organization: &OrganizationId,
    refused: Option<&SecretString>,
) -> Result<SecretString, LeverError> {
    for _ in 0..LOOKS {
        let now = engine.clock.now();
        let tokens = usable_row(engine, organization).await?;
        let usable = !refused.is_some_and(|token| tokens.is(token));
        if usable && tokens.lasts(now, REFRESH_BEFORE) {
            return Ok(tokens.access);
        }
        let lease = random::token();
        if store::take_lease(engine, organization, &lease, &tokens.sealed_access, now, now.after(LEASE)).await? {
            return refresh(engine, organization, (&lease, now), tokens, usable).await;
        }
        if usable && tokens.lasts(now, STILL_GOOD) {
            return Ok(tokens.access);
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
    Err(LeverError::Temporary("another process is renewing the access and does not finish".into()))
}

async fn usable_row(engine: &Engine, organization: &OrganizationId) -> Result<Tokens, LeverError> {
    let tokens = store::tokens(engine, organization).await?.ok_or(LeverError::NotConnected)?;
    if tokens.paused {
        return Err(LeverError::Paused);
    }
    if tokens.state == ConnectionState::Connected { Ok(tokens) } else { Err(LeverError::NotConnected) }
}

/// Runs in a task of its own: dropped half-way, an answered refresh would be lost with its token.
async fn refresh(
    engine: &Engine,
    organization: &OrganizationId,
    (lease, taken_at): (&str, Moment),
    tokens: Tokens,
    usable: bool,
) -> Result<SecretString, LeverError> {
    let (engine, organization, lease) = (engine.clone(), organization.clone(), lease.to_owned());
    let task =
        tokio::spawn(async move { refresh_leased(&engine, &organization, (&lease, taken_at), tokens, usable).await });
    task.await.unwrap_or_else(|_| Err(LeverError::Temporary("the renewal was cut short".into())))
}

async fn refresh_leased(
    engine: &Engine,
    organization: &OrganizationId,
    (lease, taken_at): (&str, Moment),
    tokens: Tokens,
    usable: bool,
) -> Result<SecretString, LeverError> {
    if engine.clock.now().since(taken_at) > LEASE_IS_FRESH {
        // A server that slept in between: another may have spent the token meanwhile.
        store::drop_lease(engine, organization, lease).await?;
        return Err(LeverError::Temporary("the renewal came to its turn too late".into()));
    }
    match oauth::refresh(engine, &tokens.refresh).await {
        Ok(grant) => {
            if !save(engine, organization, lease, &tokens, &grant).await? {
                return Err(LeverError::Temporary("the connection changed during the renewal".into()));
            }
            Ok(grant.access)
        }
        Err(oauth::Trouble::InvalidGrant) => {
            revoke(engine, organization, &tokens.sealed_access, ENDED).await?;
            Err(LeverError::NotConnected)
        }
        Err(trouble) => {
            store::drop_lease(engine, organization, lease).await?;
            // What is left of the old token's life bridges a short outage.
            if usable && tokens.lasts(engine.clock.now(), STILL_GOOD) {
                return Ok(tokens.access);
            }
            Err(LeverError::Temporary(trouble.to_string()))
        }
    }
}

/// Stores a renewed pair, for as long as the lease lasts: the old one is spent, and the new one is nowhere else. False when
/// the lease was lost.
async fn save(
    engine: &Engine,
    organization: &OrganizationId,
    lease: &str,
    old: &Tokens,
    grant: &oauth::Grant,
) -> Result<bool, StoreError> {
    let give_up = Instant::now() + LEASE;
    loop {
        match store::save_refreshed(engine, organization, lease, old, grant).await {
            Err(error) if Instant::now() < give_up => {
                tracing::warn!(organization = %organization, %error, "a renewed token is not stored yet: once more");
                tokio::time::sleep(STORE_AGAIN).await;
            }
            stored => return stored,
        }
    }
}

/// Notes that Lever refuses even a token that was just renewed.
pub(crate) async fn not_accepted(
    engine: &Engine,
    organization: &OrganizationId,
    token: &SecretString,
) -> Result<(), StoreError> {
    match store::tokens(engine, organization).await? {
        Some(tokens) if tokens.is(token) => revoke(engine, organization, &tokens.sealed_access, NOT_ACCEPTED).await,
        _ => Ok(()),
    }
}

/// Marks the connection revoked, unless somebody reconnected meanwhile.
async fn revoke(
    engine: &Engine,
    organization: &OrganizationId,
    sealed_access: &[u8],
    reason: &str,
) -> Result<(), StoreError> {
    if store::mark_revoked(engine, organization, sealed_access, reason).await? {
        tracing::warn!(organization = %organization, "Lever revoked the connection: work waits");
        engine.live.tell(organization, Change::SetUp);
    }
    Ok(())
}
