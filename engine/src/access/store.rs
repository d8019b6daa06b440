//! The SQL of users and memberships.

pub(super) mod custom_role;
pub(super) mod identity;
pub(super) mod invitation;
pub(super) mod link;
pub(super) mod reset;
pub(super) mod second_factor;

use super::{
    Member, Role, TeamRow, Way,
    role::{RoleSource, Standing},
};
use crate::{
    clock::Moment,
    db::{Db, Tx, fold},
    fault::StoreError,
    id::{LeverUserId, OrganizationId, UserId},
};

fn inconsistent(column: &'static str, user: &UserId) -> StoreError {
    StoreError::Inconsistent { table: "memberships", column, id: user.to_string() }
}

fn read_source(slug: &str, user: &UserId) -> Result<RoleSource, StoreError> {
    RoleSource::parse(slug).ok_or_else(|| inconsistent("role_source", user))
}

#[derive(sqlx::FromRow)]
struct MemberRow {
    organization_id: OrganizationId,
    organization_name: String,
    user_id: UserId,
    name: String,
    email: String,
    role: String,
    role_source: String,
    lever_user: Option<LeverUserId>,
    deactivated_at: Option<i64>,
}

impl MemberRow {
    /// `None` when the person has no access now.
    fn member(self) -> Result<Option<Member>, StoreError> {
        let creator = read_source(&self.role_source, &self.user_id)? == RoleSource::Creator;
        let deactivated = self.deactivated_at.is_some();
        let role = if deactivated && !creator { None } else { Role::parse(&self.role) };
        Ok(role.map(|role| Member {
            organization: self.organization_id,
            organization_name: self.organization_name,
            user: self.user_id,
            name: self.name,
            email: self.email,
            role,
            lever_user: self.lever_user,
            from: None,
        }))
    }
}

/// The person in this organization or, without it or where they have no access to it, in the first that they have
/// access to.
pub(super) async fn member(
    db: &Db,
    user: &UserId,
    organization: Option<&OrganizationId>,
    way: Way,
) -> Result<Option<Member>, StoreError> {
    let rows: Vec<MemberRow> = sqlx::query_as(
        // Two people of Lever's may share an e-mail over time: the one who is active counts.
        "SELECT m.organization_id, o.name AS organization_name, m.user_id, u.name, u.email, m.role, m.role_source,
                l.id AS lever_user, l.deactivated_at
         FROM memberships m
         JOIN organizations o ON o.id = m.organization_id
         JOIN users u ON u.id = m.user_id
         LEFT JOIN lever_users l ON l.organization_id = m.organization_id AND l.email_fold = u.email_fold
         WHERE m.user_id = $1 AND (o.passwords = 1 OR m.role_source = 'creator' OR $3 = 'vouched')
         ORDER BY CASE WHEN m.organization_id = $2 THEN 0 ELSE 1 END, m.created_at, m.organization_id,
             CASE WHEN l.deactivated_at IS NULL THEN 0 ELSE 1 END, l.id",
    )
    .bind(user.as_str())
    .bind(organization.map_or("", OrganizationId::as_str))
    .bind(if way == Way::Vouched { "vouched" } else { "password" })
    .fetch_all(db.read())
    .await?;
    let mut judged: Option<OrganizationId> = None;
    for row in rows {
        if judged.as_ref() == Some(&row.organization_id) {
            continue;
        }
        judged = Some(row.organization_id.clone());
        if let Some(member) = row.member()? {
            return Ok(Some(member));
        }
    }
    Ok(None)
}

/// The organizations that a person belongs to, by name, whether or not they have access now.
pub(super) async fn organizations_of(
    executor: impl sqlx::Executor<'_, Database = sqlx::Any>,
    user: &UserId,
) -> Result<Vec<(OrganizationId, String)>, StoreError> {
    let all = sqlx::query_as(
        "SELECT o.id, o.name FROM memberships m JOIN organizations o ON o.id = m.organization_id
         WHERE m.user_id = $1 ORDER BY o.name_fold",
    )
    .bind(user.as_str())
    .fetch_all(executor)
    .await?;
    Ok(all)
}

/// A member's role and where it comes from.
pub(super) async fn membership(
    tx: &mut Tx,
    organization: &OrganizationId,
    user: &UserId,
) -> Result<Option<(Option<Role>, RoleSource)>, StoreError> {
    let row: Option<(String, String)> =
        sqlx::query_as("SELECT role, role_source FROM memberships WHERE organization_id = $1 AND user_id = $2")
            .bind(organization.as_str())
            .bind(user.as_str())
            .fetch_optional(&mut **tx)
            .await?;
    let Some((role, source)) = row else { return Ok(None) };
    Ok(Some((Role::parse(&role), read_source(&source, user)?)))
}

pub(super) async fn delete_membership(
    tx: &mut Tx,
    organization: &OrganizationId,
    user: &UserId,
) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM memberships WHERE organization_id = $1 AND user_id = $2")
        .bind(organization.as_str())
        .bind(user.as_str())
        .execute(&mut **tx)
        .await?;
    invitation::forget_unless_they_may_invite(tx, organization, user, None).await
}

/// Whether somebody with this address is a member already.
pub(super) async fn is_member(
    tx: &mut Tx,
    organization: &OrganizationId,
    email_fold: &str,
) -> Result<bool, StoreError> {
    let found: Option<String> = sqlx::query_scalar(
        "SELECT u.id FROM users u JOIN memberships m ON m.user_id = u.id
         WHERE m.organization_id = $1 AND u.email_fold = $2",
    )
    .bind(organization.as_str())
    .bind(email_fold)
    .fetch_optional(&mut **tx)
    .await?;
    Ok(found.is_some())
}

#[derive(sqlx::FromRow)]
struct TeamRecord {
    user_id: UserId,
    name: String,
    email: String,
    role: String,
    role_source: String,
    role_at: i64,
}

impl TeamRecord {
    fn row(self) -> Result<TeamRow, StoreError> {
        let source = read_source(&self.role_source, &self.user_id)?;
        Ok(TeamRow {
            user: self.user_id,
            name: self.name,
            email: self.email,
            role: Role::parse(&self.role),
            source: source.into(),
            role_at: Moment(self.role_at),
        })
    }
}

pub(super) async fn team(db: &Db, organization: &OrganizationId) -> Result<Vec<TeamRow>, StoreError> {
    let records: Vec<TeamRecord> = sqlx::query_as(
        "SELECT m.user_id, u.name, u.email, m.role, m.role_source, m.role_at
         FROM memberships m
         JOIN users u ON u.id = m.user_id
         WHERE m.organization_id = $1
         ORDER BY u.name, u.id",
    )
    .bind(organization.as_str())
    .fetch_all(db.read())
    .await?;
    records.into_iter().map(TeamRecord::row).collect()
}

/// Those of the person's organizations that are connected and were last synced before `stale_before`.
pub(super) async fn connected_organizations_of(
    db: &Db,
    user: &UserId,
    stale_before: Moment,
) -> Result<Vec<OrganizationId>, StoreError> {
    let found = sqlx::query_scalar(
        "SELECT m.organization_id
         FROM memberships m
         JOIN connections c ON c.organization_id = m.organization_id
         WHERE m.user_id = $1 AND c.state = 'connected' AND (c.synced_at IS NULL OR c.synced_at < $2)",
    )
    .bind(user.as_str())
    .bind(stale_before.0)
    .fetch_all(db.read())
    .await?;
    Ok(found)
}

pub(super) async fn anybody(executor: impl sqlx::Executor<'_, Database = sqlx::Any>) -> Result<bool, StoreError> {
    let found: Option<String> = sqlx::query_scalar("SELECT id FROM users LIMIT 1").fetch_optional(executor).await?;
    Ok(found.is_some())
}

/// What is stored of a person.
pub(super) struct Profile<'a> {
    pub id: &'a UserId,
    pub email: &'a str,
    pub name: &'a str,
    pub password_hash: &'a str,
}

/// False when the e-mail is taken.
pub(super) async fn insert_user(tx: &mut Tx, profile: &Profile<'_>, now: Moment) -> Result<bool, StoreError> {
    let done = sqlx::query(
        "INSERT INTO users (id, email, email_fold, name, password_hash, created_at)
         VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (email_fold) DO NOTHING",
    )
    .bind(profile.id.as_str())
    .bind(profile.email)
    .bind(fold(profile.email))
    .bind(profile.name)
    .bind(profile.password_hash)
    .bind(now.0)
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected() == 1)
}

pub(super) async fn has_creator(tx: &mut Tx, organization: &OrganizationId) -> Result<bool, StoreError> {
    let found: Option<String> = sqlx::query_scalar(
        "SELECT user_id FROM memberships WHERE organization_id = $1 AND role_source = 'creator' LIMIT 1",
    )
    .bind(organization.as_str())
    .fetch_optional(&mut **tx)
    .await?;
    Ok(found.is_some())
}

pub(super) async fn insert_membership(
    tx: &mut Tx,
    organization: &OrganizationId,
    user: &UserId,
    role: Role,
    source: RoleSource,
    now: Moment,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO memberships (organization_id, user_id, role, role_source, role_at, invited_role, created_at)
         VALUES ($1, $2, $3, $4, $5, $3, $5)",
    )
    .bind(organization.as_str())
    .bind(user.as_str())
    .bind(role.slug())
    .bind(source.slug())
    .bind(now.0)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

#[derive(sqlx::FromRow)]
struct StandingRow {
    user_id: UserId,
    role: String,
    role_source: String,
    invited_role: String,
    access_role: Option<String>,
    deactivated_at: Option<i64>,
}

/// Every membership beside what Lever's list says of the same e-mail.
pub(super) async fn standings(
    tx: &mut Tx,
    organization: &OrganizationId,
) -> Result<Vec<(UserId, Standing)>, StoreError> {
    let rows: Vec<StandingRow> = sqlx::query_as(
        // Of two with the same e-mail the active one comes last and so holds.
        "SELECT m.user_id, m.role, m.role_source, m.invited_role, l.access_role, l.deactivated_at
         FROM memberships m
         JOIN users u ON u.id = m.user_id
         LEFT JOIN lever_users l ON l.organization_id = m.organization_id AND l.email_fold = u.email_fold
         WHERE m.organization_id = $1
         ORDER BY m.user_id, CASE WHEN l.deactivated_at IS NULL THEN 1 ELSE 0 END, l.id",
    )
    .bind(organization.as_str())
    .fetch_all(&mut **tx)
    .await?;
    let mut found: Vec<(UserId, Standing)> = Vec::new();
    for row in rows {
        let user = row.user_id;
        let standing = Standing {
            role: Role::parse(&row.role),
            source: read_source(&row.role_source, &user)?,
            invited: Role::parse(&row.invited_role).ok_or_else(|| inconsistent("invited_role", &user))?,
            in_lever: row.access_role.map(|role| (role, row.deactivated_at.is_some())),
        };
        found.pop_if(|(last, _)| *last == user);
        found.push((user, standing));
    }
    Ok(found)
}

pub(super) async fn set_role(
    tx: &mut Tx,
    organization: &OrganizationId,
    user: &UserId,
    role: Option<Role>,
    source: RoleSource,
    now: Moment,
) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE memberships SET role = $3, role_source = $4, role_at = $5 WHERE organization_id = $1 AND user_id = $2",
    )
    .bind(organization.as_str())
    .bind(user.as_str())
    .bind(role.map_or("none", Role::slug))
    .bind(source.slug())
    .bind(now.0)
    .execute(&mut **tx)
    .await?;
    invitation::forget_unless_they_may_invite(tx, organization, user, role).await
}

pub(super) async fn set_invited_role(
    tx: &mut Tx,
    organization: &OrganizationId,
    user: &UserId,
    role: Role,
    now: Moment,
) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE memberships SET role = $3, role_source = 'invitation', role_at = $4, invited_role = $3
         WHERE organization_id = $1 AND user_id = $2",
    )
    .bind(organization.as_str())
    .bind(user.as_str())
    .bind(role.slug())
    .bind(now.0)
    .execute(&mut **tx)
    .await?;
    invitation::forget_unless_they_may_invite(tx, organization, user, Some(role)).await
}

/// Where somebody belongs.
pub(super) struct Membership {
    pub organization: OrganizationId,
    pub name: String,
    pub user: UserId,
    pub source: RoleSource,
}

/// Everywhere that somebody with this address belongs, by name.
pub(super) async fn memberships_of(tx: &mut Tx, email_fold: &str) -> Result<Vec<Membership>, StoreError> {
    let rows: Vec<(OrganizationId, String, UserId, String)> = sqlx::query_as(
        "SELECT m.organization_id, o.name, m.user_id, m.role_source
         FROM users u
         JOIN memberships m ON m.user_id = u.id
         JOIN organizations o ON o.id = m.organization_id
         WHERE u.email_fold = $1
         ORDER BY o.name_fold",
    )
    .bind(email_fold)
    .fetch_all(&mut **tx)
    .await?;
    let read = |(organization, name, user, slug): (OrganizationId, String, UserId, String)| {
        let source = read_source(&slug, &user)?;
        Ok(Membership { organization, name, user, source })
    };
    rows.into_iter().map(read).collect()
}

/// Signs everybody out, and makes every one-time link useless.
pub(crate) async fn end_sessions(tx: &mut Tx) -> Result<(), StoreError> {
    sqlx::query("UPDATE users SET epoch = epoch + 1").execute(&mut **tx).await?;
    sqlx::query("DELETE FROM sessions").execute(&mut **tx).await?;
    sqlx::query("DELETE FROM sign_in_links").execute(&mut **tx).await?;
    sqlx::query("DELETE FROM invitations").execute(&mut **tx).await?;
    sqlx::query("DELETE FROM password_resets").execute(&mut **tx).await?;
    Ok(())
}
