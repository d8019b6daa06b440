//! Roles: their names in the database, what Lever calls them, and how they follow Lever's user list.

use std::collections::BTreeMap;

use super::{Role, Source, store};
use crate::{
    audit::{self, Action, By, Deed},
    clock::Moment,
    db::Tx,
    fault::StoreError,
    id::{OrganizationId, UserId},
};

const INTERVIEWER: &str = "interviewer";

impl Role {
    const ALL: [Self; 4] = [Self::LimitedTeamMember, Self::TeamMember, Self::Admin, Self::SuperAdmin];

    /// What Lever calls it, for people.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::SuperAdmin => "Super Admin",
            Self::Admin => "Admin",
            Self::TeamMember => "Team Member",
            Self::LimitedTeamMember => "Limited Team Member",
        }
    }

    pub(super) fn slug(self) -> &'static str {
        match self {
            Self::LimitedTeamMember => "limited_team_member",
            Self::TeamMember => "team_member",
            Self::Admin => "admin",
            Self::SuperAdmin => "super_admin",
        }
    }

    pub(super) fn parse(slug: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.slug() == slug)
    }

    /// The role behind Lever's `accessRole`; `None`, no access, for interviewers, and for custom roles that nobody
    /// said anything of.
    pub(super) fn from_lever(access_role: &str, mapping: &BTreeMap<String, Self>) -> Option<Self> {
        match access_role {
            "super admin" => Some(Self::SuperAdmin),
            "admin" => Some(Self::Admin),
            "team member" => Some(Self::TeamMember),
            "limited team member" => Some(Self::LimitedTeamMember),
            INTERVIEWER => None,
            custom => mapping.get(custom).copied(),
        }
    }

    /// Whether a company made this role in its Lever.
    pub(super) fn is_custom(access_role: &str) -> bool {
        let own = ["super admin", "admin", "team member", "limited team member", INTERVIEWER, ""];
        !own.contains(&access_role)
    }
}

/// Where a membership's role comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RoleSource {
    /// The local Super Admin that no sync lowers.
    Creator,
    Invitation,
    Lever,
}

impl RoleSource {
    pub(super) fn slug(self) -> &'static str {
        match self {
            Self::Creator => "creator",
            Self::Invitation => "invitation",
            Self::Lever => "lever",
        }
    }

    pub(super) fn parse(slug: &str) -> Option<Self> {
        [Self::Creator, Self::Invitation, Self::Lever].into_iter().find(|source| source.slug() == slug)
    }
}

impl From<RoleSource> for Source {
    fn from(source: RoleSource) -> Self {
        match source {
            RoleSource::Creator => Self::Creator,
            RoleSource::Invitation => Self::Here,
            RoleSource::Lever => Self::Lever,
        }
    }
}

/// A membership beside what Lever's list says of the same e-mail.
#[derive(Debug, Clone)]
pub(super) struct Standing {
    pub role: Option<Role>,
    pub source: RoleSource,
    pub invited: Role,
    /// Lever's `accessRole` and whether it is deactivated; `None` when the list does not know the person.
    pub in_lever: Option<(String, bool)>,
}

impl Standing {
    /// The role from now on, `None` being no access, and where it comes from.
    fn judge(&self, mapping: &BTreeMap<String, Role>) -> (Option<Role>, RoleSource) {
        match (self.source, &self.in_lever) {
            (RoleSource::Creator, _) => (Some(Role::SuperAdmin), RoleSource::Creator),
            (_, Some((_, true))) => (None, RoleSource::Lever),
            (_, Some((access_role, false))) => (Role::from_lever(access_role, mapping), RoleSource::Lever),
            (_, None) => (Some(self.invited), RoleSource::Invitation),
        }
    }
}

/// Lets the organization's roles follow our copy of Lever's user list, in the transaction that wrote it.
pub(crate) async fn follow_lever(tx: &mut Tx, organization: &OrganizationId, now: Moment) -> Result<(), StoreError> {
    crate::organization::hold(tx, organization).await?;
    let mapping = store::custom_role::mapping(&mut **tx, organization).await?;
    for (user, standing) in store::standings(tx, organization).await? {
        let (role, source) = standing.judge(&mapping);
        if source == RoleSource::Lever || source != standing.source {
            store::set_role(tx, organization, &user, role, source, now).await?;
        }
        if role != standing.role {
            let deed = changed(&user, standing.role, role);
            audit::record_of(tx, organization, (&By::Lever, None), &deed, now).await?;
        }
    }
    Ok(())
}

/// A change of role as the audit log has it.
pub(super) fn changed(user: &UserId, before: Option<Role>, after: Option<Role>) -> Deed<'_> {
    let facts = |role: Option<Role>| vec![("role", role.map_or("none", Role::slug).to_owned())];
    Deed { action: Action::RoleChanged, subject: user.as_str(), before: facts(before), after: facts(after) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judge(source: RoleSource, in_lever: Option<(&str, bool)>) -> (Option<Role>, RoleSource) {
        let in_lever = in_lever.map(|(role, gone)| (role.to_owned(), gone));
        Standing { role: None, source, invited: Role::Admin, in_lever }
            .judge(&BTreeMap::from([("recruiting lead".to_owned(), Role::Admin)]))
    }

    #[test]
    fn roles_follow_lever_by_its_names() {
        for (name, role) in [
            ("super admin", Some(Role::SuperAdmin)),
            ("admin", Some(Role::Admin)),
            ("team member", Some(Role::TeamMember)),
            ("limited team member", Some(Role::LimitedTeamMember)),
            ("interviewer", None),
            ("7c6f0e5c-3b2a-4a65-8f25-d8a2f14c1a09", None),
            ("recruiting lead", Some(Role::Admin)),
            ("", None),
        ] {
            assert_eq!(judge(RoleSource::Invitation, Some((name, false))), (role, RoleSource::Lever), "{name}");
        }
    }

    #[test]
    fn a_deactivated_person_has_no_access_unless_they_made_the_organization() {
        assert_eq!(judge(RoleSource::Lever, Some(("super admin", true))), (None, RoleSource::Lever));
        let creator = (Some(Role::SuperAdmin), RoleSource::Creator);
        assert_eq!(judge(RoleSource::Creator, Some(("interviewer", false))), creator);
        assert_eq!(judge(RoleSource::Creator, Some(("admin", true))), creator);
    }

    #[test]
    fn whoever_is_absent_from_the_list_keeps_the_invited_role() {
        assert_eq!(judge(RoleSource::Lever, None), (Some(Role::Admin), RoleSource::Invitation));
        assert_eq!(judge(RoleSource::Invitation, None), (Some(Role::Admin), RoleSource::Invitation));
    }
}
