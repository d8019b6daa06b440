//! The SQL of what is told.

mod outgoing;

use super::{
    Channel, Choices, Kind, New, Stored,
    outage::{Known, Outage},
};
use crate::{
    Engine,
    access::Member,
    clock::Moment,
    db::{Db, Tx},
    fault::StoreError,
    id::{InviteId, NoticeId, OrganizationId, OutageId, UserId},
};

pub(crate) use outgoing::SEALED;
pub(super) use outgoing::{has_outgoing, note_outgoing, outgoing, remove_outgoing, save_outgoing};

/// False when the same was to be told before.
pub(super) async fn insert(
    tx: &mut Tx,
    organization: &OrganizationId,
    id: &NoticeId,
    new: &New<'_>,
    now: Moment,
) -> Result<bool, StoreError> {
    let done = sqlx::query(
        "INSERT INTO notices (id, organization_id, user_id, channel, kind, about, once, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
         ON CONFLICT (once) DO NOTHING",
    )
    .bind(id.as_str())
    .bind(organization.as_str())
    .bind(new.user.map(UserId::as_str))
    .bind(new.channel.slug())
    .bind(new.kind.slug())
    .bind(new.about)
    .bind(new.once(organization))
    .bind(now.0)
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected() == 1)
}

#[derive(sqlx::FromRow)]
struct Row {
    user_id: Option<UserId>,
    channel: String,
    kind: String,
    about: String,
    created_at: i64,
    told_at: Option<i64>,
}

pub(super) async fn get(db: &Db, organization: &OrganizationId, id: &NoticeId) -> Result<Option<Stored>, StoreError> {
    let row: Option<Row> = sqlx::query_as(
        "SELECT user_id, channel, kind, about, created_at, told_at FROM notices
         WHERE organization_id = $1 AND id = $2",
    )
    .bind(organization.as_str())
    .bind(id.as_str())
    .fetch_optional(db.read())
    .await?;
    let Some(row) = row else { return Ok(None) };
    let inconsistent = |column| StoreError::Inconsistent { table: "notices", column, id: id.to_string() };
    Ok(Some(Stored {
        id: id.clone(),
        channel: Channel::parse(&row.channel).ok_or_else(|| inconsistent("channel"))?,
        kind: Kind::parse(&row.kind).ok_or_else(|| inconsistent("kind"))?,
        user: row.user_id,
        about: row.about,
        created_at: Moment(row.created_at),
        told_at: row.told_at.map(Moment),
    }))
}

pub(super) async fn told(tx: &mut Tx, id: &NoticeId, now: Moment) -> Result<(), StoreError> {
    sqlx::query("UPDATE notices SET told_at = $2 WHERE id = $1")
        .bind(id.as_str())
        .bind(now.0)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Whether it was told by this way, to this person, that something broke.
pub(super) async fn was_told_broken(db: &Db, organization: &OrganizationId, end: &Stored) -> Result<bool, StoreError> {
    let found: Option<String> = sqlx::query_scalar(
        "SELECT id FROM notices
         WHERE organization_id = $1 AND about = $2 AND kind = 'broken' AND channel = $3
           AND COALESCE(user_id, '') = COALESCE($4, '') AND told_at IS NOT NULL
           AND created_at >= $5",
    )
    .bind(organization.as_str())
    .bind(&end.about)
    .bind(end.channel.slug())
    .bind(end.user.as_ref().map(UserId::as_str))
    .bind(end.created_at.before(super::KEPT).0)
    .fetch_optional(db.read())
    .await?;
    Ok(found.is_some())
}

/// What was told before `old` goes, and links that have expired.
pub(super) async fn forget(tx: &mut Tx, old: Moment, now: Moment) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM notices WHERE created_at < $1").bind(old.0).execute(&mut **tx).await?;
    sqlx::query("DELETE FROM outages WHERE ended_at < $1").bind(old.0).execute(&mut **tx).await?;
    sqlx::query("DELETE FROM password_resets WHERE expires_at <= $1").bind(now.0).execute(&mut **tx).await?;
    Ok(())
}

// Outages.

/// The outage of a link that goes on.
pub(super) async fn outage(db: &Db, organization: &OrganizationId, link: &str) -> Result<Option<Outage>, StoreError> {
    let row: Option<(OutageId, i64, Option<i64>, Option<i64>)> = sqlx::query_as(
        "SELECT id, began_at, told_at, held_since FROM outages
         WHERE organization_id = $1 AND link = $2 AND ended_at IS NULL",
    )
    .bind(organization.as_str())
    .bind(link)
    .fetch_optional(db.read())
    .await?;
    Ok(row.map(|(id, began_at, told_at, held_since)| Outage {
        id,
        began_at: Moment(began_at),
        told_at: told_at.map(Moment),
        held_since: held_since.map(Moment),
    }))
}

pub(super) async fn known_outage(db: &Db, id: &str) -> Result<Option<Known>, StoreError> {
    let row: Option<(OrganizationId, String, i64, Option<i64>)> =
        sqlx::query_as("SELECT organization_id, link, began_at, ended_at FROM outages WHERE id = $1")
            .bind(id)
            .fetch_optional(db.read())
            .await?;
    Ok(row.map(|(organization, link, began_at, ended_at)| Known {
        organization,
        link,
        began_at: Moment(began_at),
        ended_at: ended_at.map(Moment),
    }))
}

/// Another server may have been first.
pub(super) async fn begin_outage(
    tx: &mut Tx,
    organization: &OrganizationId,
    link: &str,
    now: Moment,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO outages (id, organization_id, link, began_at) VALUES ($1, $2, $3, $4)
         ON CONFLICT (organization_id, link) WHERE ended_at IS NULL DO NOTHING",
    )
    .bind(OutageId::new().as_str())
    .bind(organization.as_str())
    .bind(link)
    .bind(now.0)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

pub(super) async fn holds_since(tx: &mut Tx, id: &OutageId, since: Option<Moment>) -> Result<(), StoreError> {
    sqlx::query("UPDATE outages SET held_since = $2 WHERE id = $1 AND ended_at IS NULL")
        .bind(id.as_str())
        .bind(since.map(|since| since.0))
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// False when another server was first.
pub(super) async fn note_told(tx: &mut Tx, id: &OutageId, now: Moment) -> Result<bool, StoreError> {
    let done = sqlx::query("UPDATE outages SET told_at = $2 WHERE id = $1 AND told_at IS NULL AND ended_at IS NULL")
        .bind(id.as_str())
        .bind(now.0)
        .execute(&mut **tx)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// False when another server was first.
pub(super) async fn end_outage(tx: &mut Tx, id: &OutageId, now: Moment) -> Result<bool, StoreError> {
    let done = sqlx::query("UPDATE outages SET ended_at = $2 WHERE id = $1 AND ended_at IS NULL")
        .bind(id.as_str())
        .bind(now.0)
        .execute(&mut **tx)
        .await?;
    Ok(done.rows_affected() == 1)
}

// Whom to tell.

pub(super) async fn super_admins(tx: &mut Tx, organization: &OrganizationId) -> Result<Vec<UserId>, StoreError> {
    let found = sqlx::query_scalar(
        "SELECT user_id FROM memberships WHERE organization_id = $1 AND role = 'super_admin' ORDER BY user_id",
    )
    .bind(organization.as_str())
    .fetch_all(&mut **tx)
    .await?;
    Ok(found)
}

/// Who may want a digest: those who have access and did not decline it.
pub(super) async fn digest_readers(tx: &mut Tx, organization: &OrganizationId) -> Result<Vec<UserId>, StoreError> {
    let found = sqlx::query_scalar(
        "SELECT m.user_id FROM memberships m
         LEFT JOIN mail_choices c ON c.organization_id = m.organization_id AND c.user_id = m.user_id
         WHERE m.organization_id = $1 AND m.role <> 'none'
           AND COALESCE(c.digest, CASE WHEN m.role IN ('super_admin', 'admin') THEN 1 ELSE 0 END) = 1
         ORDER BY m.user_id",
    )
    .bind(organization.as_str())
    .fetch_all(&mut **tx)
    .await?;
    Ok(found)
}

/// The owners of an invite's opportunity in Lever who want to hear of it.
pub(super) async fn owners(
    tx: &mut Tx,
    organization: &OrganizationId,
    invite: &InviteId,
) -> Result<Vec<UserId>, StoreError> {
    let found = sqlx::query_scalar(
        "SELECT DISTINCT m.user_id
         FROM invites i
         JOIN associations a ON a.organization_id = i.organization_id AND a.subject_kind = 'opportunity'
              AND a.subject_id = i.opportunity_id AND a.kind = 'owner'
         JOIN lever_users l ON l.organization_id = i.organization_id AND l.id = a.lever_user_id
         JOIN users u ON u.email_fold = l.email_fold
         JOIN memberships m ON m.organization_id = i.organization_id AND m.user_id = u.id
         JOIN mail_choices c ON c.organization_id = i.organization_id AND c.user_id = u.id
         WHERE i.organization_id = $1 AND i.id = $2 AND m.role <> 'none' AND c.verdicts = 1",
    )
    .bind(organization.as_str())
    .bind(invite.as_str())
    .fetch_all(&mut **tx)
    .await?;
    Ok(found)
}

pub(super) async fn choices(db: &Db, member: &Member) -> Result<Choices, StoreError> {
    let found: Option<(i64, i64)> =
        sqlx::query_as("SELECT digest, verdicts FROM mail_choices WHERE organization_id = $1 AND user_id = $2")
            .bind(member.organization.as_str())
            .bind(member.user.as_str())
            .fetch_optional(db.read())
            .await?;
    let chosen = |(digest, verdicts)| Choices { digest: digest != 0, verdicts: verdicts != 0 };
    Ok(found.map_or_else(|| Choices::usual(member.role), chosen))
}

pub(super) async fn choose(tx: &mut Tx, member: &Member, choices: Choices) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO mail_choices (organization_id, user_id, digest, verdicts) VALUES ($1, $2, $3, $4)
         ON CONFLICT (organization_id, user_id) DO UPDATE SET digest = excluded.digest, verdicts = excluded.verdicts",
    )
    .bind(member.organization.as_str())
    .bind(member.user.as_str())
    .bind(i64::from(choices.digest))
    .bind(i64::from(choices.verdicts))
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Begins a day's digest; false when that was done, here or by another server.
pub(super) async fn begin_digest(tx: &mut Tx, organization: &OrganizationId, day: &str) -> Result<bool, StoreError> {
    let done = sqlx::query(
        "UPDATE organizations SET digest_day = $2 WHERE id = $1 AND (digest_day IS NULL OR digest_day < $2)",
    )
    .bind(organization.as_str())
    .bind(day)
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Whether the chain was not checked since, and somebody would be told what a check finds.
pub(super) async fn is_check_due(
    engine: &Engine,
    organization: &OrganizationId,
    since: Moment,
) -> Result<bool, StoreError> {
    let found: Option<String> = sqlx::query_scalar(
        "SELECT o.id FROM organizations o
         LEFT JOIN outgoing_webhooks w ON w.organization_id = o.id
         WHERE o.id = $1 AND COALESCE(o.chain_checked_at, 0) <= $2 AND (w.organization_id IS NOT NULL OR $3 = 1)",
    )
    .bind(organization.as_str())
    .bind(since.0)
    .bind(i64::from(engine.mailer.is_some()))
    .fetch_optional(engine.db.read())
    .await?;
    Ok(found.is_some())
}

/// Begins a check; false when another server was first.
pub(super) async fn begin_check(
    tx: &mut Tx,
    organization: &OrganizationId,
    (now, since): (Moment, Moment),
) -> Result<bool, StoreError> {
    let done = sqlx::query(
        "UPDATE organizations SET chain_checked_at = $2 WHERE id = $1 AND COALESCE(chain_checked_at, 0) <= $3",
    )
    .bind(organization.as_str())
    .bind(now.0)
    .bind(since.0)
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected() == 1)
}

pub(super) async fn last_digest(db: &Db, organization: &OrganizationId) -> Result<Option<String>, StoreError> {
    let day: Option<Option<String>> = sqlx::query_scalar("SELECT digest_day FROM organizations WHERE id = $1")
        .bind(organization.as_str())
        .fetch_optional(db.read())
        .await?;
    Ok(day.flatten())
}
