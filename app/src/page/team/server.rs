//! The people of the organization, and letting people in and out.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::problem::Problem;
#[cfg(feature = "ssr")]
use crate::{page::integrations::go_on_from_plain_form, route, server};

/// The page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TeamView {
    pub people: Vec<PersonView>,
    /// The invitations that are open; `None` for those who may not invite.
    pub invitations: Option<Vec<InvitationView>>,
    /// Whether invitations are mailed.
    pub mails: bool,
    /// Lever's custom roles; none for those who may not say what they are as.
    pub custom_roles: Vec<CustomRoleView>,
    /// How people sign in; `None` for those who may not choose it, and where passwords are the only way.
    pub ways: Option<WaysView>,
}

/// A custom role of Lever's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustomRoleView {
    pub access_role: String,
    /// Who has it, in words.
    pub who: String,
    pub role: Option<RoleName>,
}

/// How people sign in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WaysView {
    /// The names of the company's own sign-ins.
    pub providers: Vec<String>,
    pub passwords: bool,
}

/// One open invitation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvitationView {
    pub id: String,
    pub email: String,
    pub role: RoleName,
    pub link: String,
    pub expires_at: i64,
}

/// One person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonView {
    pub id: String,
    pub name: String,
    pub email: String,
    pub role: Option<RoleName>,
    pub source: SourceName,
    pub role_at: i64,
    /// The person who is looking.
    pub is_you: bool,
    /// Told to who may turn it off.
    pub has_second_factor: bool,
}

/// Where a role comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum SourceName {
    Creator,
    Here,
    Lever,
}

/// The access roles, as Lever names them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RoleName {
    LimitedTeamMember,
    TeamMember,
    Admin,
    SuperAdmin,
}

/// The people of the organization, and for Super Admins who is invited.
#[server(endpoint = "team_page")]
pub async fn team_page() -> Result<TeamView, Problem> {
    let (member, engine) = (server::member().await?, server::engine());
    let rows = engine::access::team(&engine, &member).await?;
    let invitations = match member.may(engine::access::Permission::ManagePeople) {
        true => Some(engine::access::invitations(&engine, &member).await?),
        false => None,
    };
    let providers: Vec<String> =
        engine::access::single_sign_on::providers(&engine).into_iter().map(|(_, name)| name).collect();
    let ways = match invitations.is_some() && !providers.is_empty() {
        true => Some(WaysView { providers, passwords: engine::access::passwords(&engine, &member).await? }),
        // Passwords are the only way, whatever was chosen before.
        false => None,
    };
    let second_factors = match invitations.is_some() {
        true => engine::access::second_factor::who_have_it(&engine, &member).await?,
        false => Vec::new(),
    };
    let custom_roles = match invitations.is_some() {
        true => engine::access::custom_roles(&engine, &member).await?,
        false => Vec::new(),
    };
    Ok(TeamView {
        ways,
        mails: engine::notice::has_mail(&engine),
        custom_roles: custom_roles.into_iter().map(custom_role).collect(),
        people: rows.into_iter().map(|row| person(row, &member.user, &second_factors)).collect(),
        invitations: invitations.map(|all| all.into_iter().map(invitation).collect()),
    })
}

/// Makes an invitation; its link is on the page then.
#[server(endpoint = "invite_person")]
pub async fn invite_person(email: String, role: RoleName) -> Result<(), Problem> {
    let member = server::member().await?;
    engine::access::invite(&server::engine(), &member, &email, role.into()).await?;
    go_on_from_plain_form(&format!("{}#invitations", route::TEAM));
    Ok(())
}

/// Chooses whether people may sign in with a password: a ticked box is sent, an empty one is not.
#[server(endpoint = "choose_passwords")]
pub async fn choose_passwords(#[server(default)] passwords: bool) -> Result<(), Problem> {
    let member = server::member().await?;
    engine::access::choose_passwords(&server::engine(), &member, passwords).await?;
    go_on_from_plain_form(&format!("{}#ways", route::TEAM));
    Ok(())
}

/// Says which role a custom role of Lever's is as here; nothing is no access.
#[server(endpoint = "map_role")]
pub async fn map_role(access_role: String, #[server(default)] as_role: String) -> Result<(), Problem> {
    let member = server::member().await?;
    let role = RoleName::read(&as_role).map(engine::access::Role::from);
    engine::access::map_role(&server::engine(), &member, &access_role, role).await?;
    go_on_from_plain_form(&format!("{}#custom-roles", route::TEAM));
    Ok(())
}

/// Takes an invitation back.
#[server(endpoint = "take_invitation_back")]
pub async fn take_invitation_back(id: String) -> Result<(), Problem> {
    let member = server::member().await?;
    engine::access::take_back(&server::engine(), &member, &id.as_str().into()).await?;
    go_on_from_plain_form(&format!("{}#invitations", route::TEAM));
    Ok(())
}

/// Gives a member another role.
#[server(endpoint = "change_role")]
pub async fn change_role(user: String, new_role: RoleName) -> Result<(), Problem> {
    let member = server::member().await?;
    engine::access::change_role(&server::engine(), &member, &user.as_str().into(), new_role.into()).await?;
    server::go_to(route::TEAM);
    Ok(())
}

/// Takes a member's access away.
#[server(endpoint = "remove_person")]
pub async fn remove_person(user: String) -> Result<(), Problem> {
    let member = server::member().await?;
    engine::access::remove(&server::engine(), &member, &user.as_str().into()).await?;
    server::go_to(route::TEAM);
    Ok(())
}

/// Turns a member's second factor off, who has lost app and codes.
#[server(endpoint = "reset_second_factor")]
pub async fn reset_second_factor(user: String) -> Result<(), Problem> {
    let member = server::member().await?;
    engine::access::second_factor::reset(&server::engine(), &member, &user.as_str().into()).await?;
    server::go_to(route::TEAM);
    Ok(())
}

#[cfg(feature = "ssr")]
fn custom_role(role: engine::access::CustomRole) -> CustomRoleView {
    let more = role.count - i64::try_from(role.people.len()).unwrap_or(i64::MAX);
    let names = role.people.join(", ");
    CustomRoleView {
        who: if more > 0 { format!("{names} and {more} more") } else { names },
        access_role: role.access_role,
        role: role.role.map(RoleName::from),
    }
}

#[cfg(feature = "ssr")]
fn invitation(open: engine::access::Invitation) -> InvitationView {
    InvitationView {
        id: open.id.to_string(),
        email: open.email,
        role: open.role.into(),
        link: open.link,
        expires_at: open.expires_at.0,
    }
}

#[cfg(feature = "ssr")]
fn person(row: engine::access::TeamRow, you: &engine::id::UserId, second_factors: &[engine::id::UserId]) -> PersonView {
    PersonView {
        has_second_factor: second_factors.contains(&row.user),
        is_you: row.user == *you,
        id: row.user.to_string(),
        name: row.name,
        email: row.email,
        role: row.role.map(RoleName::from),
        source: row.source.into(),
        role_at: row.role_at.0,
    }
}

#[cfg(feature = "ssr")]
impl From<engine::access::Role> for RoleName {
    fn from(role: engine::access::Role) -> Self {
        use engine::access::Role;
        match role {
            Role::LimitedTeamMember => Self::LimitedTeamMember,
            Role::TeamMember => Self::TeamMember,
            Role::Admin => Self::Admin,
            Role::SuperAdmin => Self::SuperAdmin,
        }
    }
}

#[cfg(feature = "ssr")]
impl From<RoleName> for engine::access::Role {
    fn from(name: RoleName) -> Self {
        match name {
            RoleName::LimitedTeamMember => Self::LimitedTeamMember,
            RoleName::TeamMember => Self::TeamMember,
            RoleName::Admin => Self::Admin,
            RoleName::SuperAdmin => Self::SuperAdmin,
        }
    }
}

#[cfg(feature = "ssr")]
impl From<engine::access::Source> for SourceName {
    fn from(source: engine::access::Source) -> Self {
        use engine::access::Source;
        match source {
            Source::Creator => Self::Creator,
            Source::Here => Self::Here,
            Source::Lever => Self::Lever,
        }
    }
}
