//! Lever's custom roles: none of them has access here until a Super Admin says which of the four it is as.

use super::{Member, Permission, Role, follow_lever, store};
use crate::{
    Engine,
    audit::{self, Action, Deed},
    fault::{FlowError, Refusal},
    live::Change,
    organization,
};

/// A custom role that somebody active in Lever has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustomRole {
    /// As Lever calls it: often an id.
    pub access_role: String,
    /// Some of the people who have it, by name.
    pub people: Vec<String>,
    /// How many have it.
    pub count: i64,
    /// What it is as here; `None` for no access.
    pub role: Option<Role>,
}

/// The custom roles of Lever's list, the most frequent first.
///
/// # Errors
/// Forbidden for everybody but Super Admins.
pub async fn custom_roles(engine: &Engine, member: &Member) -> Result<Vec<CustomRole>, FlowError> {
    member.require(Permission::ManagePeople)?;
    Ok(store::custom_role::all(&engine.db, &member.organization).await?)
}

/// Says which of the four roles a custom one is as, or that it has no access; in force at once.
///
/// # Errors
/// Forbidden for everybody but Super Admins; refused for a role that nobody in Lever's list has.
pub async fn map_role(
    engine: &Engine,
    member: &Member,
    access_role: &str,
    role: Option<Role>,
) -> Result<(), FlowError> {
    let known = custom_roles(engine, member).await?.into_iter().find(|one| one.access_role == access_role);
    let before = known.ok_or(FlowError::Refused(Refusal::NoSuchRole))?.role;
    let now = engine.clock.now();
    let fact = |role: Option<Role>| vec![("role", role.map_or("none", Role::slug).to_owned())];
    let deed = Deed { action: Action::RoleMapped, subject: access_role, before: fact(before), after: fact(role) };
    let mut tx = engine.db.write().await?;
    organization::hold(&mut tx, &member.organization).await?;
    store::custom_role::set(&mut tx, &member.organization, access_role, role).await?;
    audit::record(&mut tx, member, &deed, now).await?;
    follow_lever(&mut tx, &member.organization, now).await?;
    tx.commit().await?;
    engine.live.tell(&member.organization, Change::SetUp);
    Ok(())
}
