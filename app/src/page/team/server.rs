//! The people of the organization.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::problem::Problem;
#[cfg(feature = "ssr")]
use crate::server;

/// One person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonView {
    pub id: String,
    pub name: String,
    pub email: String,
    pub role: Option<RoleName>,
    pub is_from_lever: bool,
    pub role_at: i64,
    /// The person who is looking.
    pub is_you: bool,
}

/// The access roles, as Lever names them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum RoleName {
    LimitedTeamMember,
    TeamMember,
    Admin,
    SuperAdmin,
}

/// The people of the organization.
#[server(endpoint = "team_page")]
pub async fn team_page() -> Result<Vec<PersonView>, Problem> {
    let member = server::member().await?;
    let rows = engine::access::team(&server::engine(), &member).await?;
    Ok(rows.into_iter().map(|row| person(row, &member.user)).collect())
}

#[cfg(feature = "ssr")]
fn person(row: engine::access::TeamRow, you: &engine::id::UserId) -> PersonView {
    PersonView {
        is_you: row.user == *you,
        id: row.user.to_string(),
        name: row.name,
        email: row.email,
        role: row.role.map(RoleName::from),
        is_from_lever: row.role_from_lever,
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
