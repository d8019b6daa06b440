//! The SQL of what Lever's custom roles are as here.

use std::collections::BTreeMap;

use super::super::{CustomRole, Role};
use crate::{
    db::{Db, Tx},
    fault::StoreError,
    id::OrganizationId,
};

/// So many people are named as an example.
const NAMED: usize = 3;

fn inconsistent(access_role: &str) -> StoreError {
    StoreError::Inconsistent { table: "lever_roles", column: "role", id: access_role.to_owned() }
}

/// Which of the four each custom role is as.
pub(in crate::access) async fn mapping(
    executor: impl sqlx::Executor<'_, Database = sqlx::Any>,
    organization: &OrganizationId,
) -> Result<BTreeMap<String, Role>, StoreError> {
    let rows: Vec<(String, String)> =
        sqlx::query_as("SELECT access_role, role FROM lever_roles WHERE organization_id = $1")
            .bind(organization.as_str())
            .fetch_all(executor)
            .await?;
    let read = |(access_role, slug): (String, String)| {
        let role = Role::parse(&slug).ok_or_else(|| inconsistent(&access_role))?;
        Ok((access_role, role))
    };
    rows.into_iter().map(read).collect()
}

pub(in crate::access) async fn all(db: &Db, organization: &OrganizationId) -> Result<Vec<CustomRole>, StoreError> {
    let mapping = mapping(db.read(), organization).await?;
    let rows: Vec<(String, String)> = sqlx::query_as(
        "SELECT access_role, name FROM lever_users
         WHERE organization_id = $1 AND deactivated_at IS NULL
         ORDER BY access_role, name",
    )
    .bind(organization.as_str())
    .fetch_all(db.read())
    .await?;
    let mut all: Vec<CustomRole> = Vec::new();
    for (access_role, name) in rows.into_iter().filter(|(access_role, _)| Role::is_custom(access_role)) {
        if all.last().is_none_or(|last| last.access_role != access_role) {
            let role = mapping.get(&access_role).copied();
            all.push(CustomRole { access_role, people: Vec::new(), count: 0, role });
        }
        let Some(one) = all.last_mut() else { continue };
        one.count += 1;
        if one.people.len() < NAMED {
            one.people.push(name);
        }
    }
    all.sort_by_key(|one| -one.count);
    Ok(all)
}

pub(in crate::access) async fn set(
    tx: &mut Tx,
    organization: &OrganizationId,
    access_role: &str,
    role: Option<Role>,
) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM lever_roles WHERE organization_id = $1 AND access_role = $2")
        .bind(organization.as_str())
        .bind(access_role)
        .execute(&mut **tx)
        .await?;
    let Some(role) = role else { return Ok(()) };
    sqlx::query("INSERT INTO lever_roles (organization_id, access_role, role) VALUES ($1, $2, $3)")
        .bind(organization.as_str())
        .bind(access_role)
        .bind(role.slug())
        .execute(&mut **tx)
        .await?;
    Ok(())
}
