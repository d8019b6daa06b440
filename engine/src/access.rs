//! Who may do what: users, memberships, roles, and the one place where permission is checked.

use secrecy::SecretString;

use crate::{
    Engine,
    clock::Moment,
    fault::{FlowError, StoreError},
    id::{LeverUserId, OrganizationId, UserId},
};

/// The four access roles, as Lever names them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    LimitedTeamMember,
    TeamMember,
    Admin,
    SuperAdmin,
}

/// What a role may allow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Permission {
    /// Connect, disconnect, webhooks, provider keys.
    ManageConnection,
    /// Attach, change, pause and remove attachments.
    ManageAttachments,
    /// See candidates (those visible to the person) and give verdicts.
    UseCandidates,
}

/// A signed-in person in their current organization.
#[derive(Debug, Clone)]
pub struct Member {
    pub organization: OrganizationId,
    pub organization_name: String,
    pub user: UserId,
    pub name: String,
    pub email: String,
    pub role: Role,
    /// The same person in Lever, matched by e-mail, once synced.
    pub lever_user: Option<LeverUserId>,
}

impl Member {
    /// Refuses unless the role allows it.
    ///
    /// # Errors
    /// [`FlowError::Forbidden`].
    pub fn require(&self, permission: Permission) -> Result<(), FlowError> {
        if self.may(permission) { Ok(()) } else { Err(FlowError::Forbidden(permission)) }
    }

    /// The table of roles.
    #[must_use]
    pub fn may(&self, permission: Permission) -> bool {
        match permission {
            Permission::ManageConnection => self.role == Role::SuperAdmin,
            Permission::ManageAttachments => self.role >= Role::Admin,
            Permission::UseCandidates => true,
        }
    }
}

/// Checks e-mail and password; `None` is the same answer for either being wrong.
///
/// # Errors
/// When the database fails.
pub async fn sign_in(_engine: &Engine, _email: &str, _password: SecretString) -> Result<Option<UserId>, StoreError> {
    unimplemented!("E1")
}

/// The person in their organization, as of now: roles count from the next request.
///
/// # Errors
/// When the database fails.
pub async fn member(_engine: &Engine, _user: &UserId) -> Result<Option<Member>, StoreError> {
    unimplemented!("E1")
}

/// Adds a person, making the organization where it is new.
///
/// # Errors
/// Refused for a bad e-mail, name or password; conflict when the e-mail is taken.
pub async fn add_user(_engine: &Engine, _new: NewUser) -> Result<UserId, FlowError> {
    unimplemented!("E1")
}

/// Somebody to add.
#[derive(Debug)]
pub struct NewUser {
    pub organization: String,
    pub email: String,
    pub name: String,
    pub role: Role,
    pub password: SecretString,
}

/// One row of Settings > Team.
#[derive(Debug, Clone)]
pub struct TeamRow {
    pub user: UserId,
    pub name: String,
    pub email: String,
    /// `None`: no access (deactivated in Lever, or a role without access).
    pub role: Option<Role>,
    pub role_from_lever: bool,
    pub role_at: Moment,
}

/// The people of the organization.
///
/// # Errors
/// When the database fails.
pub async fn team(_engine: &Engine, _member: &Member) -> Result<Vec<TeamRow>, FlowError> {
    unimplemented!("E1")
}

/// A fresh one-time link token for the first set-up; `None` when somebody exists already.
///
/// # Errors
/// When the database fails.
pub async fn set_up_link(_engine: &Engine) -> Result<Option<String>, StoreError> {
    unimplemented!("E1")
}

/// Uses the set-up link: makes the organization and its first Super Admin.
///
/// # Errors
/// Not found for a used, expired or unknown token; refused for bad input (the link stays usable).
pub async fn set_up(_engine: &Engine, _token: &str, _new: NewUser) -> Result<UserId, FlowError> {
    unimplemented!("E1")
}

/// Whether the set-up link can still be used.
///
/// # Errors
/// When the database fails.
pub async fn set_up_link_is_open(_engine: &Engine, _token: &str) -> Result<bool, StoreError> {
    unimplemented!("E1")
}

/// A sign-in link for the demo's one click; valid until it expires, for `user` only.
///
/// # Errors
/// When the database fails.
pub async fn demo_link(_engine: &Engine, _user: &UserId) -> Result<String, StoreError> {
    unimplemented!("E1")
}

/// Whom a demo link signs in.
///
/// # Errors
/// When the database fails.
pub async fn demo_user(_engine: &Engine, _token: &str) -> Result<Option<UserId>, StoreError> {
    unimplemented!("E1")
}

/// Web sessions, by hashed id; the program's session layer stores through these.
pub mod session {
    use super::{Engine, Moment, StoreError};

    /// Stores a session's data, replacing what was there.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn save(
        _engine: &Engine,
        _id: &str,
        _user: Option<&str>,
        _data: &str,
        _expires: Moment,
    ) -> Result<(), StoreError> {
        unimplemented!("E1")
    }

    /// Stores a new session; false when the id is taken.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn create(
        _engine: &Engine,
        _id: &str,
        _user: Option<&str>,
        _data: &str,
        _expires: Moment,
    ) -> Result<bool, StoreError> {
        unimplemented!("E1")
    }

    /// The data of a session that has not expired.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn load(_engine: &Engine, _id: &str) -> Result<Option<String>, StoreError> {
        unimplemented!("E1")
    }

    /// Ends a session.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn delete(_engine: &Engine, _id: &str) -> Result<(), StoreError> {
        unimplemented!("E1")
    }
}
