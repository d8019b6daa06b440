//! Who may do what: users, memberships, roles, and the one place where permission is checked.

mod custom_role;
mod invitation;
mod link;
mod password;
pub mod reset;
mod role;
pub mod second_factor;
pub mod session;
pub mod single_sign_on;
mod store;
pub mod tries;
mod user;

use std::net::IpAddr;

use crate::{
    Engine,
    clock::Moment,
    fault::{FlowError, StoreError},
    id::{LeverUserId, OrganizationId, UserId},
};

pub use custom_role::{CustomRole, custom_roles, map_role};
pub(crate) use invitation::open_invitation;
pub use invitation::{Invitation, Invited, accept, invitations, invite, invited, take_back};
pub use link::{demo_link, demo_user, set_up, set_up_link, set_up_link_is_open};
pub(crate) use role::follow_lever;
pub(crate) use store::end_sessions;
pub use user::{
    NewUser, RoleGiven, add_user, change_password, change_role, choose_passwords, everyone, note_sign_in, passwords,
    remove, set_password, set_role, sign_in,
};

/// What is sealed here.
pub(crate) fn sealed() -> impl Iterator<Item = &'static crate::vault::SealedColumn> {
    store::invitation::SEALED.iter().chain(&store::reset::SEALED).chain(&store::second_factor::SEALED)
}

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
    /// Read and export the audit log.
    ReadAudit,
    /// Invite people, and take their access away.
    ManagePeople,
    /// Take away all that is held about a candidate.
    ExportCandidates,
    /// Have a candidate erased.
    EraseCandidates,
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
    /// Where the request came from, for the audit log.
    pub from: Option<IpAddr>,
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
            Permission::ManageConnection
            | Permission::ReadAudit
            | Permission::ManagePeople
            | Permission::ExportCandidates
            | Permission::EraseCandidates => self.role == Role::SuperAdmin,
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
    member_in(engine, user, None, Way::Vouched).await
}

/// The same, in this organization of theirs where they have access to it, the way they signed in.
///
/// # Errors
/// When the database fails.
pub async fn member_in(
    engine: &Engine,
    user: &UserId,
    organization: Option<&OrganizationId>,
    way: Way,
) -> Result<Option<Member>, StoreError> {
    // Without a provider passwords are the only way, whatever was chosen while there was one.
    let way = if engine.settings.identity_providers.is_empty() { Way::Vouched } else { way };
    store::member(&engine.db, user, organization, way).await
}

/// The organizations that the person has access to the way they signed in, by name.
///
/// # Errors
/// When the database fails.
pub async fn organizations(
    engine: &Engine,
    user: &UserId,
    way: Way,
) -> Result<Vec<(OrganizationId, String)>, StoreError> {
    let mut all = Vec::new();
    for (id, name) in store::organizations_of(engine.db.read(), user).await? {
        let member = member_in(engine, user, Some(&id), way).await?;
        if member.is_some_and(|member| member.organization == id) {
            all.push((id, name));
        }
    }
    Ok(all)
}

/// Where a member's role comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// The person made the organization, and stays its Super Admin.
    Creator,
    /// Given here.
    Here,
    Lever,
}

/// Who may be signed in, as of when their password was right or somebody vouched for them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Admitted {
    pub user: UserId,
    /// How often everything of theirs had been ended by then: once it is more, this signs nobody in.
    pub epoch: i64,
}

impl Admitted {
    /// Somebody who is new here.
    fn new(user: UserId) -> Self {
        Self { user, epoch: 0 }
    }
}

/// How a person signed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    Password,
    /// At the company's own provider, or by a link of the demo's.
    Vouched,
}

/// One row of Settings > Team.
#[derive(Debug, Clone)]
pub struct TeamRow {
    pub user: UserId,
    pub name: String,
    pub email: String,
    /// `None`: no access (deactivated in Lever, or a role without access).
    pub role: Option<Role>,
    pub source: Source,
    pub role_at: Moment,
}

/// The people of the organization, by name.
///
/// # Errors
/// When the database fails.
pub async fn team(engine: &Engine, member: &Member) -> Result<Vec<TeamRow>, FlowError> {
    Ok(store::team(&engine.db, &member.organization).await?)
}
