//! People: adding them, signing them in, and the command line's look at who is there.

use std::net::IpAddr;

use secrecy::SecretString;

use super::{
    Admitted, Member, Permission, Role, TeamRow, password,
    role::{self, RoleSource},
    session, store,
};
use crate::{
    Engine,
    audit::{self, Action, By, Deed},
    clock::Moment,
    db::{Tx, fold},
    fault::{FlowError, Refusal, StoreError},
    id::UserId,
    job::{self, Work},
    live::Change,
    organization,
};

const LONGEST_NAME: usize = 200;
const LONGEST_EMAIL: usize = 254;

/// Somebody to add.
#[derive(Debug)]
pub struct NewUser {
    pub organization: String,
    pub email: String,
    pub name: String,
    pub role: Role,
    pub password: SecretString,
}

/// A [`NewUser`] whose fields are acceptable, with the password hashed.
pub(super) struct Accepted {
    organization: String,
    email: String,
    name: String,
    role: Role,
    password_hash: String,
}

impl NewUser {
    /// Checks the fields, then hashes the password, which takes its time: never in a transaction.
    pub(super) async fn accept(self) -> Result<Accepted, FlowError> {
        let email = self.email.trim().to_owned();
        if !is_email(&email) {
            return Err(FlowError::Refused(Refusal::Email));
        }
        let (organization, name) = (acceptable_name(&self.organization)?, acceptable_name(&self.name)?);
        let password_hash = password::chosen(self.password).await?;
        Ok(Accepted { organization, email, name, role: self.role, password_hash })
    }
}

fn acceptable_name(name: &str) -> Result<String, FlowError> {
    let name = name.trim();
    let fits = (1..=LONGEST_NAME).contains(&name.chars().count()) && !name.contains(char::is_control);
    if fits { Ok(name.to_owned()) } else { Err(FlowError::Refused(Refusal::Name)) }
}

/// Something before one @ and something after it; whether it is somebody's, only a mail could tell.
pub(super) fn is_email(text: &str) -> bool {
    let plain = text.len() <= LONGEST_EMAIL && !text.contains(|c: char| c.is_whitespace() || c.is_control());
    let split = text.split_once('@');
    plain && split.is_some_and(|(local, host)| !local.is_empty() && !host.is_empty() && !host.contains('@'))
}

/// Somebody who signs in at a provider alone: no password is theirs.
pub(super) async fn insert_without_password(
    tx: &mut Tx,
    email: &str,
    name: &str,
    now: Moment,
) -> Result<UserId, FlowError> {
    let user = UserId::new();
    // Of a password that nobody knows, so that guessing at it takes as long as at any other.
    let hash = password::nobodys();
    let profile = store::Profile { id: &user, email, name, password_hash: &hash };
    if store::insert_user(tx, &profile, now).await? { Ok(user) } else { Err(FlowError::Conflict) }
}

/// Adds a person, making the organization where it is new. Whoever makes it, or is its first Super
/// Admin, keeps that role whatever Lever says.
///
/// # Errors
/// Refused for a bad e-mail, name or password; conflict when the e-mail is taken.
pub async fn add_user(engine: &Engine, new: NewUser) -> Result<UserId, FlowError> {
    let accepted = new.accept().await?;
    let mut tx = engine.db.write().await?;
    let user = insert(&mut tx, &accepted, Added::AtTerminal, engine.clock.now()).await?;
    tx.commit().await?;
    Ok(user)
}

/// Who adds a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Added {
    AtTerminal,
    /// The person, by the link of the first set-up.
    ByThemselves,
}

pub(super) async fn insert(tx: &mut Tx, new: &Accepted, added: Added, now: Moment) -> Result<UserId, FlowError> {
    let organization = organization::named(tx, &new.organization, now).await?;
    let user = insert_person(tx, new, now).await?;
    let first = new.role == Role::SuperAdmin && !store::has_creator(tx, &organization).await?;
    let source = if first { RoleSource::Creator } else { RoleSource::Invitation };
    store::insert_membership(tx, &organization, &user, new.role, source, now).await?;
    let by = match added {
        Added::AtTerminal => By::Terminal,
        Added::ByThemselves => By::Person(user.clone()),
    };
    let after = vec![("role", new.role.slug().to_owned())];
    let deed = Deed { after, ..Deed::plain(Action::UserAdded, user.as_str()) };
    audit::record_of(tx, &organization, (&by, None), &deed, now).await?;
    Ok(user)
}

/// Somebody who belongs to no organization yet.
pub(super) async fn insert_person(tx: &mut Tx, new: &Accepted, now: Moment) -> Result<UserId, FlowError> {
    let user = UserId::new();
    let profile = store::Profile { id: &user, email: &new.email, name: &new.name, password_hash: &new.password_hash };
    if store::insert_user(tx, &profile, now).await? { Ok(user) } else { Err(FlowError::Conflict) }
}

/// Checks e-mail and password; `None` is the same answer for either being wrong.
///
/// # Errors
/// When the database fails.
pub async fn sign_in(engine: &Engine, email: &str, password: SecretString) -> Result<Option<Admitted>, StoreError> {
    let found = store::identity::password_of(&engine.db, &fold(email)).await?;
    let (admitted, hash) = found.map_or((None, None), |found| (Some(found.admitted), Some(found.hash)));
    if !password::is_right(password, hash).await {
        return Ok(None);
    }
    let user = admitted.as_ref().map(|admitted| &admitted.user);
    if let Some(user) = user
        && !engine.settings.identity_providers.is_empty()
        && !store::identity::may_use_a_password(&engine.db, user).await?
    {
        tracing::info!(user = %user, "a right password was refused: the organization has switched passwords off");
        return Ok(None);
    }
    if let Some(user) = user {
        refresh_roles(engine, user).await?;
    }
    Ok(admitted)
}

/// Writes into the audit log that somebody signed in, in each organization of theirs.
///
/// # Errors
/// When the database fails.
pub async fn note_sign_in(engine: &Engine, user: &UserId, from: Option<IpAddr>) -> Result<(), StoreError> {
    let (by, now) = (By::Person(user.clone()), engine.clock.now());
    let mut tx = engine.db.write().await?;
    for (organization, _) in store::organizations_of(&mut *tx, user).await? {
        let deed = Deed::plain(Action::SignedIn, user.as_str());
        audit::record_of(&mut tx, &organization, (&by, from), &deed, now).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// A member's present password, which somebody knew.
pub(super) struct Present {
    hash: String,
}

impl Present {
    /// Checks it, which takes its time: never in a transaction.
    pub(super) async fn checked(engine: &Engine, member: &Member, password: SecretString) -> Result<Self, FlowError> {
        let wrong = FlowError::Refused(Refusal::PresentPassword);
        let found = store::identity::password_of(&engine.db, &fold(&member.email)).await?;
        let hash = found.map(|found| found.hash);
        let is_right = password::is_right(password, hash.clone()).await;
        hash.filter(|_| is_right).map(|hash| Self { hash }).ok_or(wrong)
    }

    /// In the transaction of what it was asked for: it may have been replaced meanwhile.
    pub(super) async fn hold(&self, tx: &mut Tx, member: &Member) -> Result<(), FlowError> {
        let holds = store::identity::hold_password(tx, &member.user, &self.hash).await?;
        if holds { Ok(()) } else { Err(FlowError::Refused(Refusal::PresentPassword)) }
    }
}

/// Gives a person another password, who knows the present one, and ends their sessions but the one with this id.
///
/// # Errors
/// Refused when the present one is wrong, or the new one cannot be used.
pub async fn change_password(
    engine: &Engine,
    member: &Member,
    session: &str,
    present: SecretString,
    new: SecretString,
) -> Result<(), FlowError> {
    let present = Present::checked(engine, member, present).await?;
    let (hash, now) = (password::chosen(new).await?, engine.clock.now());
    let mut tx = engine.db.write().await?;
    present.hold(&mut tx, member).await?;
    store::identity::set_password(&mut tx, &member.user, &hash).await?;
    session::end_but(&mut tx, member, session, now).await?;
    let deed = Deed::plain(Action::PasswordChanged, member.user.as_str());
    audit::record(&mut tx, member, &deed, now).await?;
    tx.commit().await?;
    Ok(())
}

/// Gives a person another password at the command line, and ends their sessions.
///
/// # Errors
/// Not found when nobody has that e-mail; refused for a password that cannot be used.
pub async fn set_password(engine: &Engine, email: &str, new: SecretString) -> Result<(), FlowError> {
    let hash = password::chosen(new).await?;
    let found = store::identity::password_of(&engine.db, &fold(email)).await?.ok_or(FlowError::NotFound)?;
    let user = found.admitted.user;
    let now = engine.clock.now();
    let mut tx = engine.db.write().await?;
    store::identity::set_password(&mut tx, &user, &hash).await?;
    session::end_all(&mut tx, &user).await?;
    for (organization, _) in store::organizations_of(&mut *tx, &user).await? {
        let deed = Deed::plain(Action::PasswordChanged, user.as_str());
        audit::record_of(&mut tx, &organization, (&By::Terminal, None), &deed, now).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// Whether the organization's people may sign in with a password.
///
/// # Errors
/// Forbidden for everybody but Super Admins.
pub async fn passwords(engine: &Engine, member: &Member) -> Result<bool, FlowError> {
    member.require(Permission::ManagePeople)?;
    Ok(store::identity::passwords(engine.db.read(), &member.organization).await?)
}

/// Chooses whether they may. Whoever made the organization always may, so that nobody is locked out.
///
/// # Errors
/// Forbidden for everybody but Super Admins; refused where there is no other way to sign in.
pub async fn choose_passwords(engine: &Engine, member: &Member, allowed: bool) -> Result<(), FlowError> {
    member.require(Permission::ManagePeople)?;
    if !allowed && engine.settings.identity_providers.is_empty() {
        return Err(FlowError::Refused(Refusal::NoSignOn));
    }
    let fact = |allowed: bool| vec![("passwords", if allowed { "allowed" } else { "switched off" }.to_owned())];
    let mut tx = engine.db.write().await?;
    let before = fact(store::identity::passwords(&mut *tx, &member.organization).await?);
    store::identity::choose_passwords(&mut tx, &member.organization, allowed).await?;
    let subject = member.organization.as_str();
    let deed = Deed { action: Action::PasswordsChosen, subject, before, after: fact(allowed) };
    audit::record(&mut tx, member, &deed, engine.clock.now()).await?;
    tx.commit().await?;
    engine.live.tell(&member.organization, Change::SetUp);
    Ok(())
}

/// Takes a person's access to the organization away, at once: their sessions end.
///
/// # Errors
/// Forbidden for everybody but Super Admins; not found for who is no member; conflict for the organization's
/// creator and for oneself.
pub async fn remove(engine: &Engine, member: &Member, user: &UserId) -> Result<(), FlowError> {
    member.require(Permission::ManagePeople)?;
    let mut tx = engine.db.write().await?;
    organization::hold(&mut tx, &member.organization).await?;
    let (role, source) = store::membership(&mut tx, &member.organization, user).await?.ok_or(FlowError::NotFound)?;
    if source == RoleSource::Creator || *user == member.user {
        return Err(FlowError::Conflict);
    }
    store::delete_membership(&mut tx, &member.organization, user).await?;
    session::end_all(&mut tx, user).await?;
    let deed = Deed { action: Action::UserRemoved, ..role::changed(user, role, None) };
    audit::record(&mut tx, member, &deed, engine.clock.now()).await?;
    tx.commit().await?;
    engine.live.tell(&member.organization, Change::SetUp);
    Ok(())
}

/// Gives a member another role, where Lever's list does not know the person: otherwise Lever's goes first.
///
/// # Errors
/// Forbidden for everybody but Super Admins; not found for who is no member; conflict for the organization's
/// creator, for oneself, and for who has the role from Lever.
pub async fn change_role(engine: &Engine, member: &Member, user: &UserId, role: Role) -> Result<(), FlowError> {
    member.require(Permission::ManagePeople)?;
    let now = engine.clock.now();
    let mut tx = engine.db.write().await?;
    organization::hold(&mut tx, &member.organization).await?;
    let (before, source) = store::membership(&mut tx, &member.organization, user).await?.ok_or(FlowError::NotFound)?;
    if source != RoleSource::Invitation || *user == member.user {
        return Err(FlowError::Conflict);
    }
    store::set_invited_role(&mut tx, &member.organization, user, role, now).await?;
    audit::record(&mut tx, member, &role::changed(user, before, Some(role)), now).await?;
    tx.commit().await?;
    engine.live.tell(&member.organization, Change::SetUp);
    Ok(())
}

/// Roles follow Lever at sign-in: the list is read again in the background, unless it was just now.
pub(super) async fn refresh_roles(engine: &Engine, user: &UserId) -> Result<(), StoreError> {
    let now = engine.clock.now();
    let stale_before = now.before(std::time::Duration::from_mins(5));
    for organization in store::connected_organizations_of(&engine.db, user, stale_before).await? {
        let mut tx = engine.db.write().await?;
        job::enqueue(&mut tx, &organization, &Work::SyncLever, now, None).await?;
        tx.commit().await?;
        engine.wake.notify_one();
    }
    Ok(())
}

/// Everybody in every organization, for the command line.
///
/// # Errors
/// When the database fails.
pub async fn everyone(engine: &Engine) -> Result<Vec<(String, TeamRow)>, StoreError> {
    let mut people = Vec::new();
    for (id, name) in organization::all(&engine.db).await? {
        let team = store::team(&engine.db, &id).await?;
        people.extend(team.into_iter().map(|row| (name.clone(), row)));
    }
    Ok(people)
}

/// What became of a role that somebody was to be given at the command line.
#[derive(Debug, PartialEq, Eq)]
pub enum RoleGiven {
    Given,
    /// None: the person belongs to these organizations, and none was named.
    Which(Vec<String>),
}

/// Gives a person another invited role in an organization, from the command line; Lever's list still goes first where
/// it knows them, and the creator's role stays. Without its name the person belongs to one alone.
///
/// # Errors
/// Not found when nobody has that e-mail, or not in that organization; conflict for the organization's creator.
pub async fn set_role(
    engine: &Engine,
    email: &str,
    organization: Option<&str>,
    role: Role,
) -> Result<RoleGiven, FlowError> {
    let mut tx = engine.db.write().await?;
    let now = engine.clock.now();
    let is_named = |name: &str| organization.is_none_or(|named| fold(named) == fold(name));
    let mut memberships = store::memberships_of(&mut tx, &fold(email)).await?;
    memberships.retain(|membership| is_named(&membership.name));
    if memberships.len() > 1 {
        return Ok(RoleGiven::Which(memberships.into_iter().map(|membership| membership.name).collect()));
    }
    let store::Membership { organization, user, source, .. } = memberships.pop().ok_or(FlowError::NotFound)?;
    if source == RoleSource::Creator {
        return Err(FlowError::Conflict);
    }
    let before = store::membership(&mut tx, &organization, &user).await?.and_then(|(role, _)| role);
    store::set_invited_role(&mut tx, &organization, &user, role, now).await?;
    let deed = role::changed(&user, before, Some(role));
    audit::record_of(&mut tx, &organization, (&By::Terminal, None), &deed, now).await?;
    super::follow_lever(&mut tx, &organization, now).await?;
    tx.commit().await?;
    Ok(RoleGiven::Given)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_one_at_and_no_spaces() {
        for (text, expected) in [
            ("nora@halden.example", true),
            ("n@h", true),
            ("", false),
            ("nora", false),
            ("@halden.example", false),
            ("nora@", false),
            ("a@b@c", false),
            ("no ra@halden.example", false),
            ("nora@halden.example\0", false),
        ] {
            assert_eq!(is_email(text), expected, "{text:?}");
        }
        assert!(!is_email(&format!("{}@halden.example", "x".repeat(254))));
    }

    #[test]
    fn names_are_short_and_plain() {
        assert_eq!(acceptable_name("  Zoë Müller ").expect("a name"), "Zoë Müller");
        for name in ["", "   ", "a\u{0}b", "a\nb", &"x".repeat(201)] {
            assert!(acceptable_name(name).is_err(), "{name:?}");
        }
    }
}
