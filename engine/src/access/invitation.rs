//! Invitations: a link that makes somebody a member of an organization, once and for a day. It is mailed where there
//! is a mail server, and the Super Admin who made it can hand it on; the role is Lever's wherever Lever knows the person.

use std::{net::IpAddr, time::Duration};

use secrecy::SecretString;

use super::{Admitted, Member, NewUser, Permission, Role, follow_lever, password, role::RoleSource, store, user};
use crate::{
    Engine,
    audit::{self, Action, By, Deed},
    clock::Moment,
    db::{Tx, fold},
    fault::{FlowError, Refusal, StoreError},
    id::{InvitationId, OrganizationId, UserId},
    live::Change,
    notice, random,
};

const LASTS: Duration = Duration::from_hours(24);

/// An invitation that nobody has accepted yet.
#[derive(Debug, Clone)]
pub struct Invitation {
    pub id: InvitationId,
    pub email: String,
    pub role: Role,
    /// The address that the person opens.
    pub link: String,
    pub expires_at: Moment,
}

/// What an invitation says to whoever opens its link.
#[derive(Debug, Clone)]
pub struct Invited {
    pub organization_name: String,
    pub email: String,
    pub role: Role,
}

/// An invitation as it is stored, found by its token.
#[derive(Debug)]
pub(super) struct Found {
    pub id: InvitationId,
    pub organization: OrganizationId,
    pub invited: Invited,
}

/// Invites somebody; an earlier invitation of the same address stops working.
///
/// # Errors
/// Forbidden for everybody but Super Admins; refused for what is no address, and for who is a member already.
pub async fn invite(engine: &Engine, member: &Member, email: &str, role: Role) -> Result<(), FlowError> {
    member.require(Permission::ManagePeople)?;
    let email = email.trim();
    if !user::is_email(email) {
        return Err(FlowError::Refused(Refusal::Email));
    }
    let (token, now) = (SecretString::from(random::token()), engine.clock.now());
    let new =
        store::invitation::New { id: InvitationId::new(), email, role, token: &token, expires_at: now.after(LASTS) };
    let mut tx = engine.db.write().await?;
    crate::organization::hold(&mut tx, &member.organization).await?;
    // The right may have been taken away since the request began.
    let (role_now, _) =
        store::membership(&mut tx, &member.organization, &member.user).await?.ok_or(FlowError::NotFound)?;
    if role_now != Some(Role::SuperAdmin) {
        return Err(FlowError::Forbidden(Permission::ManagePeople));
    }
    if store::is_member(&mut tx, &member.organization, &fold(email)).await? {
        return Err(FlowError::Refused(Refusal::AlreadyMember));
    }
    store::invitation::replace(engine, &mut tx, member, &new, now).await?;
    let deed = Deed { after: vec![("role", role.slug().to_owned())], ..Deed::plain(Action::Invited, new.id.as_str()) };
    audit::record(&mut tx, member, &deed, now).await?;
    let about = new.id.as_str();
    let notice =
        notice::New { channel: notice::Channel::Mail, kind: notice::Kind::Invitation, user: None, about, time: "" };
    notice::tell(engine, &mut tx, &member.organization, &notice, now).await?;
    tx.commit().await?;
    engine.wake.notify_one();
    engine.live.tell(&member.organization, Change::SetUp);
    Ok(())
}

/// The invitation of that id that can still be accepted, and who made it, to be mailed.
pub(crate) async fn open_invitation(
    engine: &Engine,
    organization: &OrganizationId,
    id: &str,
) -> Result<Option<(Invitation, String)>, StoreError> {
    store::invitation::get(engine, organization, id, engine.clock.now()).await
}

/// The invitations that can still be accepted, newest first.
///
/// # Errors
/// Forbidden for everybody but Super Admins.
pub async fn invitations(engine: &Engine, member: &Member) -> Result<Vec<Invitation>, FlowError> {
    member.require(Permission::ManagePeople)?;
    Ok(store::invitation::open(engine, &member.organization, engine.clock.now()).await?)
}

/// Takes an invitation back: its link stops working.
///
/// # Errors
/// Forbidden for everybody but Super Admins; not found when it was accepted or taken back already.
pub async fn take_back(engine: &Engine, member: &Member, id: &InvitationId) -> Result<(), FlowError> {
    member.require(Permission::ManagePeople)?;
    let mut tx = engine.db.write().await?;
    if !store::invitation::delete(&mut tx, &member.organization, id).await? {
        return Err(FlowError::NotFound);
    }
    let deed = Deed::plain(Action::InvitationTakenBack, id.as_str());
    audit::record(&mut tx, member, &deed, engine.clock.now()).await?;
    tx.commit().await?;
    engine.live.tell(&member.organization, Change::SetUp);
    Ok(())
}

/// What the link invites to; `None` for one that was used, was taken back, has expired or never was. Looking at
/// it uses nothing up: mail scanners open links.
///
/// # Errors
/// When the database fails.
pub async fn invited(engine: &Engine, token: &str) -> Result<Option<Invited>, StoreError> {
    let found = store::invitation::find(engine.db.read(), &random::digest(token), engine.clock.now()).await?;
    Ok(found.map(|found| found.invited))
}

/// Makes whoever holds the link a member: a new person with this name and password, or somebody who signs in
/// here already, whose password it must be then.
///
/// # Errors
/// Not found for a link that works no more; refused for a name or password that cannot be used, or for one that is
/// not the person's: in that case as for a new password that is too short, so that it tells nobody who is known here.
pub async fn accept(
    engine: &Engine,
    token: &str,
    name: &str,
    password: SecretString,
    from: Option<IpAddr>,
) -> Result<(Admitted, OrganizationId), FlowError> {
    // Hashing takes its time, so a wrong token is turned away before it.
    let Invited { email, organization_name, role } = invited(engine, token).await?.ok_or(FlowError::NotFound)?;
    let known = store::identity::password_of(&engine.db, &fold(&email)).await?;
    // For somebody who is not known here too, so that it takes as long.
    let is_right = password::is_right(password.clone(), known.as_ref().map(|known| known.hash.clone())).await;
    let new = match &known {
        Some(_) if is_right => None,
        Some(_) => return Err(FlowError::Refused(Refusal::Password)),
        None => {
            let new = NewUser { organization: organization_name, email, name: name.to_owned(), role, password };
            Some(new.accept().await?)
        }
    };
    let now = engine.clock.now();
    let mut tx = engine.db.write().await?;
    let found = store::invitation::find(&mut *tx, &random::digest(token), now).await?.ok_or(FlowError::NotFound)?;
    let present = known.as_ref().map(|known| known.hash.clone());
    let admitted = match (known, new) {
        (Some(known), _) => known.admitted,
        (None, Some(new)) => Admitted::new(user::insert_person(&mut tx, &new, now).await?),
        (None, None) => return Err(FlowError::NotFound),
    };
    join(&mut tx, &found, &admitted.user, from, now).await?;
    // It may have been replaced meanwhile.
    if let Some(hash) = present
        && !store::identity::hold_password(&mut tx, &admitted.user, &hash).await?
    {
        return Err(FlowError::Refused(Refusal::Password));
    }
    tx.commit().await?;
    engine.live.tell(&found.organization, Change::SetUp);
    Ok((admitted, found.organization))
}

/// Accepts whatever an address was invited to, for somebody whose address it is: their provider says so.
/// Answers which organizations that are.
pub(super) async fn accept_all(
    tx: &mut Tx,
    email: &str,
    user: &UserId,
    now: Moment,
) -> Result<Vec<OrganizationId>, FlowError> {
    let all = store::invitation::all_for(tx, &fold(email), now).await?;
    for found in &all {
        join(tx, found, user, None, now).await?;
    }
    Ok(all.into_iter().map(|found| found.organization).collect())
}

async fn join(tx: &mut Tx, found: &Found, user: &UserId, from: Option<IpAddr>, now: Moment) -> Result<(), FlowError> {
    let (organization, role) = (&found.organization, found.invited.role);
    crate::organization::hold(tx, organization).await?;
    // Of two who use the link at once, one does.
    if !store::invitation::delete(tx, organization, &found.id).await? {
        return Err(FlowError::NotFound);
    }
    // Somebody may have been added at the terminal meanwhile: that role stays.
    if store::membership(tx, organization, user).await?.is_some() {
        return Ok(());
    }
    store::insert_membership(tx, organization, user, role, RoleSource::Invitation, now).await?;
    let deed = Deed { after: vec![("role", role.slug().to_owned())], ..Deed::plain(Action::UserAdded, user.as_str()) };
    audit::record_of(tx, organization, (&By::Person(user.clone()), from), &deed, now).await?;
    Ok(follow_lever(tx, organization, now).await?)
}
