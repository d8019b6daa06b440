//! People: adding them, signing them in, and the command line's look at who is there.

use secrecy::SecretString;

use super::{Role, TeamRow, password, role::RoleSource, store};
use crate::{
    Engine,
    clock::Moment,
    db::{Tx, fold},
    fault::{FlowError, Refusal, StoreError},
    id::UserId,
    job::{self, Work},
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
        if !password::is_acceptable(&self.password) {
            return Err(FlowError::Refused(Refusal::Password));
        }
        let password_hash = password::hash(self.password).await;
        Ok(Accepted { organization, email, name, role: self.role, password_hash })
    }
}

fn acceptable_name(name: &str) -> Result<String, FlowError> {
    let name = name.trim();
    let fits = (1..=LONGEST_NAME).contains(&name.chars().count()) && !name.contains(char::is_control);
    if fits { Ok(name.to_owned()) } else { Err(FlowError::Refused(Refusal::Name)) }
}

/// Something before one @ and something after it; whether it is somebody's, only a mail could tell.
fn is_email(text: &str) -> bool {
    let plain = text.len() <= LONGEST_EMAIL && !text.contains(|c: char| c.is_whitespace() || c.is_control());
    let split = text.split_once('@');
    plain && split.is_some_and(|(local, host)| !local.is_empty() && !host.is_empty() && !host.contains('@'))
}

/// Adds a person, making the organization where it is new. Whoever makes it, or is its first Super
/// Admin, keeps that role whatever Lever says.
///
/// # Errors
/// Refused for a bad e-mail, name or password; conflict when the e-mail is taken.
pub async fn add_user(engine: &Engine, new: NewUser) -> Result<UserId, FlowError> {
    let accepted = new.accept().await?;
    let mut tx = engine.db.write().await?;
    let user = insert(&mut tx, &accepted, engine.clock.now()).await?;
    tx.commit().await?;
    Ok(user)
}

pub(super) async fn insert(tx: &mut Tx, new: &Accepted, now: Moment) -> Result<UserId, FlowError> {
    let organization = organization::named(tx, &new.organization, now).await?;
    let user = UserId::new();
    let profile = store::Profile { id: &user, email: &new.email, name: &new.name, password_hash: &new.password_hash };
    if !store::insert_user(tx, &profile, now).await? {
        return Err(FlowError::Conflict);
    }
    let first = new.role == Role::SuperAdmin && !store::has_creator(tx, &organization).await?;
    let source = if first { RoleSource::Creator } else { RoleSource::Invitation };
    store::insert_membership(tx, &organization, &user, new.role, source, now).await?;
    Ok(user)
}

/// Checks e-mail and password; `None` is the same answer for either being wrong.
///
/// # Errors
/// When the database fails.
pub async fn sign_in(engine: &Engine, email: &str, password: SecretString) -> Result<Option<UserId>, StoreError> {
    let found = store::password_of(&engine.db, &fold(email)).await?;
    let (user, hash) = found.map_or((None, None), |(user, hash)| (Some(user), Some(hash)));
    if !password::is_right(password, hash).await {
        return Ok(None);
    }
    if let Some(user) = &user {
        refresh_roles(engine, user).await?;
    }
    Ok(user)
}

/// Roles follow Lever at sign-in: the list is read again in the background, unless it was just now.
async fn refresh_roles(engine: &Engine, user: &UserId) -> Result<(), StoreError> {
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

/// Gives a person another invited role, from the command line; Lever's list still goes first where it
/// knows them, and the creator's role stays.
///
/// # Errors
/// Not found when nobody has that e-mail; conflict for the organization's creator.
pub async fn set_role(engine: &Engine, email: &str, role: Role) -> Result<(), FlowError> {
    let mut tx = engine.db.write().await?;
    let now = engine.clock.now();
    let memberships = store::memberships_of(&mut tx, &fold(email)).await?;
    if memberships.is_empty() {
        return Err(FlowError::NotFound);
    }
    for (organization, user, source) in memberships {
        if source == RoleSource::Creator {
            return Err(FlowError::Conflict);
        }
        store::set_invited_role(&mut tx, &organization, &user, role, now).await?;
        super::follow_lever(&mut tx, &organization, now).await?;
    }
    tx.commit().await?;
    Ok(())
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
