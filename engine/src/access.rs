//! Who may do what: users, memberships, roles, and the one place where permission is checked.

mod link;
mod password;
mod role;
pub mod session;
mod store;
mod user;

use crate::{
    Engine,
    clock::Moment,
    fault::{FlowError, StoreError},
    id::{LeverUserId, OrganizationId, UserId},
};

pub use link::{demo_link, demo_user, set_up, set_up_link, set_up_link_is_open};
pub(crate) use role::follow_lever;
pub(crate) use store::end_sessions;
pub use user::{NewUser, add_user, everyone, set_role, sign_in};

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

/// Which candidates a role shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scope {
    All,
    /// Those that are not confidential, and those the person is associated with.
    Open,
    /// Those the person is associated with.
    Associated,
}

impl Scope {
    /// The word in queries.
    pub(crate) fn slug(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Open => "open",
            Self::Associated => "associated",
        }
    }
}

impl Member {
    /// Which candidates this person may see.
    pub(crate) fn scope(&self) -> Scope {
        match self.role {
            Role::SuperAdmin | Role::Admin => Scope::All,
            Role::TeamMember => Scope::Open,
            Role::LimitedTeamMember => Scope::Associated,
        }
    }

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

/// The person in their organization, as of now: roles count from the next request.
///
/// Somebody whom Lever deactivated, or whose role there has no access, is no member; the organization's
/// creator always is, so that no sync can lock everyone out.
///
/// # Errors
/// When the database fails.
pub async fn member(engine: &Engine, user: &UserId) -> Result<Option<Member>, StoreError> {
    store::member(&engine.db, user).await
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
pub async fn team(engine: &Engine, member: &Member) -> Result<Vec<TeamRow>, FlowError> {
    Ok(store::team(&engine.db, &member.organization).await?)
}
