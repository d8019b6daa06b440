//! Another password by a link in a mail: for who knows theirs no more. What is answered tells nobody who is known here.

use std::{net::IpAddr, time::Duration};

use secrecy::SecretString;

use super::{Way, member_in, password, session, store};
use crate::{
    Engine,
    audit::{self, Action, By, Deed},
    db::fold,
    fault::{FlowError, StoreError},
    id::{OrganizationId, UserId},
    notice::{self, Channel, Kind},
    random,
};

const LASTS: Duration = Duration::from_hours(1);
/// Nobody is mailed more often, however often somebody asks.
const SELDOM: Duration = Duration::from_mins(10);

/// Mails a link to whoever has this address, if anybody has, and may use a password.
///
/// # Errors
/// When the database fails.
pub async fn ask(engine: &Engine, email: &str) -> Result<(), StoreError> {
    let Some(found) = store::identity::password_of(&engine.db, &fold(email)).await? else { return Ok(()) };
    let user = found.admitted.user;
    let Some(organization) = organization_of(engine, &user).await? else { return Ok(()) };
    if engine.mailer.is_none() {
        return Ok(());
    }
    let (token, now) = (SecretString::from(random::token()), engine.clock.now());
    let mut tx = engine.db.write().await?;
    if store::reset::replace(engine, &mut tx, &user, &token, (now.after(LASTS - SELDOM), now.after(LASTS))).await? {
        let time = now.0.to_string();
        let about = user.as_str();
        let notice = notice::New { channel: Channel::Mail, kind: Kind::PasswordReset, user: None, about, time: &time };
        notice::tell(engine, &mut tx, &organization, &notice, now).await?;
    }
    tx.commit().await?;
    engine.wake.notify_one();
    Ok(())
}

/// An organization in which the person may use a password; `None` when they may nowhere.
async fn organization_of(engine: &Engine, user: &UserId) -> Result<Option<OrganizationId>, StoreError> {
    Ok(member_in(engine, user, None, Way::Password).await?.map(|member| member.organization))
}

/// The link that is open for somebody, with their address, to be mailed.
pub(crate) async fn open(engine: &Engine, user: &str) -> Result<Option<(String, String)>, StoreError> {
    store::reset::open(engine, user, engine.clock.now()).await
}

/// Whether the link can still be used. Looking at it uses nothing up: mail scanners open links.
///
/// # Errors
/// When the database fails.
pub async fn is_open(engine: &Engine, token: &str) -> Result<bool, StoreError> {
    let found = store::reset::find(engine.db.read(), &random::digest(token), engine.clock.now()).await?;
    Ok(found.is_some())
}

/// Gives whoever holds the link another password, once, and ends their sessions.
///
/// # Errors
/// Not found for a link that works no more, or whose person may use no password any more; refused for a password
/// that cannot be used.
pub async fn reset(engine: &Engine, token: &str, new: SecretString, from: Option<IpAddr>) -> Result<(), FlowError> {
    let (hash, now) = (random::digest(token), engine.clock.now());
    // Hashing takes its time, so a wrong token is turned away before it.
    let user = store::reset::find(engine.db.read(), &hash, now).await?.ok_or(FlowError::NotFound)?;
    organization_of(engine, &user).await?.ok_or(FlowError::NotFound)?;
    let new = password::chosen(new).await?;
    let mut tx = engine.db.write().await?;
    // First of all: it holds the person, as every change of a password does before it looks at their link.
    session::end_all(&mut tx, &user).await?;
    // Of two who use the link at once, one does.
    if !store::reset::use_up(&mut tx, &hash, now).await? {
        return Err(FlowError::NotFound);
    }
    store::identity::set_password(&mut tx, &user, &new).await?;
    for (organization, _) in store::organizations_of(&mut *tx, &user).await? {
        let deed = Deed::plain(Action::PasswordReset, user.as_str());
        audit::record_of(&mut tx, &organization, (&By::Person(user.clone()), from), &deed, now).await?;
    }
    tx.commit().await?;
    Ok(())
}
