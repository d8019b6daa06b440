//! Links that stand in for a password: the first set-up of an installation, and the demo's sign-in.
//! Stored hashed; the set-up link works once, a demo link until it expires.

use std::time::Duration;

use super::{
    Admitted, NewUser, Role, store,
    user::{self, Added},
};
use crate::{
    Engine,
    fault::{FlowError, StoreError},
    id::UserId,
    random,
};

const SET_UP_LASTS: Duration = Duration::from_hours(24);
const DEMO_LASTS: Duration = Duration::from_hours(7 * 24);

/// What a link is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    SetUp,
    Demo,
}

impl Purpose {
    pub(super) fn slug(self) -> &'static str {
        match self {
            Self::SetUp => "set_up",
            Self::Demo => "demo",
        }
    }
}

/// A fresh one-time link token for the first set-up; `None` when somebody exists already. An earlier
/// one stops working.
///
/// # Errors
/// When the database fails.
pub async fn set_up_link(engine: &Engine) -> Result<Option<String>, StoreError> {
    let token = random::token();
    let mut tx = engine.db.write().await?;
    if store::anybody(&mut *tx).await? {
        return Ok(None);
    }
    let now = engine.clock.now();
    store::link::forget_links(&mut tx, Purpose::SetUp).await?;
    store::link::insert_link(&mut tx, &random::digest(&token), Purpose::SetUp, None, now.after(SET_UP_LASTS)).await?;
    tx.commit().await?;
    Ok(Some(token))
}

/// Uses the set-up link: makes the organization and its first Super Admin.
///
/// # Errors
/// Not found for a used, expired or unknown token; refused for bad input (the link stays usable).
pub async fn set_up(engine: &Engine, token: &str, new: NewUser) -> Result<Admitted, FlowError> {
    // Hashing takes its time, so a wrong token is turned away before it.
    if !set_up_link_is_open(engine, token).await? {
        return Err(FlowError::NotFound);
    }
    let accepted = NewUser { role: Role::SuperAdmin, ..new }.accept().await?;
    let mut tx = engine.db.write().await?;
    let now = engine.clock.now();
    let is_first = !store::anybody(&mut *tx).await?;
    if !is_first || !store::link::use_link(&mut tx, &random::digest(token), Purpose::SetUp, now).await? {
        return Err(FlowError::NotFound);
    }
    let user = user::insert(&mut tx, &accepted, Added::ByThemselves, now).await?;
    tx.commit().await?;
    Ok(Admitted::new(user))
}

/// Whether the set-up link can still be used: not once anybody is there.
///
/// # Errors
/// When the database fails.
pub async fn set_up_link_is_open(engine: &Engine, token: &str) -> Result<bool, StoreError> {
    let link = store::link::open_link(&engine.db, &random::digest(token), Purpose::SetUp, engine.clock.now()).await?;
    Ok(link.is_some() && !store::anybody(engine.db.read()).await?)
}

/// A sign-in link for the demo's one click; valid until it expires, for `user` only.
///
/// # Errors
/// When the database fails.
pub async fn demo_link(engine: &Engine, user: &UserId) -> Result<String, StoreError> {
    let token = random::token();
    let mut tx = engine.db.write().await?;
    let expires = engine.clock.now().after(DEMO_LASTS);
    store::link::insert_link(&mut tx, &random::digest(&token), Purpose::Demo, Some(user), expires).await?;
    tx.commit().await?;
    Ok(token)
}

/// Whom a demo link signs in.
///
/// # Errors
/// When the database fails.
pub async fn demo_user(engine: &Engine, token: &str) -> Result<Option<Admitted>, StoreError> {
    let link = store::link::open_link(&engine.db, &random::digest(token), Purpose::Demo, engine.clock.now()).await?;
    let Some(user) = link.flatten() else { return Ok(None) };
    Ok(Some(store::identity::admit(engine.db.read(), user).await?))
}
