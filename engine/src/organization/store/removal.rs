//! The SQL by which an organization goes. `story_organization` looks through every table of the schema for what it left.

use crate::{
    access::session,
    clock::Moment,
    db::{Db, Tx},
    fault::StoreError,
    id::{OrganizationId, UserId},
};

/// How many rows go in one transaction: servers that run must not wait long for it.
const AT_ONCE: i64 = 500;

/// What an organization may have very many of, each before what it refers to.
const PORTIONS: [&str; 9] = [
    "DELETE FROM invite_words WHERE (beginning, invite_id) IN (
        SELECT beginning, invite_id FROM invite_words WHERE organization_id = $1 LIMIT $2)",
    "DELETE FROM timeline WHERE id IN (SELECT id FROM timeline WHERE organization_id = $1 LIMIT $2)",
    "DELETE FROM verdicts WHERE id IN (SELECT id FROM verdicts WHERE organization_id = $1 LIMIT $2)",
    "DELETE FROM verbs WHERE id IN (SELECT id FROM verbs WHERE organization_id = $1 LIMIT $2)",
    "DELETE FROM notes WHERE invite_id IN (SELECT invite_id FROM notes WHERE organization_id = $1 LIMIT $2)",
    "DELETE FROM erasures WHERE invite_id IN (SELECT invite_id FROM erasures WHERE organization_id = $1 LIMIT $2)",
    "DELETE FROM jobs WHERE id IN (SELECT id FROM jobs WHERE organization_id = $1 LIMIT $2)",
    "DELETE FROM deliveries WHERE organization_id = $1 AND id IN (
        SELECT id FROM deliveries WHERE organization_id = $1 LIMIT $2)",
    "DELETE FROM invites WHERE id IN (SELECT id FROM invites WHERE organization_id = $1 LIMIT $2)",
];

/// All that is an organization's own, each before what it refers to.
const EVERYTHING: [&str; 28] = [
    "DELETE FROM invite_words WHERE organization_id = $1",
    "DELETE FROM timeline WHERE organization_id = $1",
    "DELETE FROM verdicts WHERE organization_id = $1",
    "DELETE FROM verbs WHERE organization_id = $1",
    "DELETE FROM notes WHERE organization_id = $1",
    "DELETE FROM erasures WHERE organization_id = $1",
    "DELETE FROM absences WHERE organization_id = $1",
    "DELETE FROM jobs WHERE organization_id = $1",
    "DELETE FROM deliveries WHERE organization_id = $1",
    "DELETE FROM invites WHERE organization_id = $1",
    "DELETE FROM attachments WHERE organization_id = $1",
    "DELETE FROM stage_polls WHERE organization_id = $1",
    "DELETE FROM assessments WHERE organization_id = $1",
    "DELETE FROM provider_accounts WHERE organization_id = $1",
    "DELETE FROM associations WHERE organization_id = $1",
    "DELETE FROM lever_users WHERE organization_id = $1",
    "DELETE FROM lever_roles WHERE organization_id = $1",
    "DELETE FROM lever_postings WHERE organization_id = $1",
    "DELETE FROM lever_stages WHERE organization_id = $1",
    "DELETE FROM webhooks WHERE organization_id = $1",
    "DELETE FROM oauth_flows WHERE organization_id = $1",
    "DELETE FROM connections WHERE organization_id = $1",
    "DELETE FROM outgoing_webhooks WHERE organization_id = $1",
    "DELETE FROM outages WHERE organization_id = $1",
    "DELETE FROM notices WHERE organization_id = $1",
    "DELETE FROM invitations WHERE organization_id = $1",
    "DELETE FROM sweeps WHERE organization_id = $1",
    "DELETE FROM mail_choices WHERE organization_id = $1",
];

/// What is a person's own, who belongs to no organization any more.
const PERSON: [&str; 6] = [
    "DELETE FROM identities WHERE user_id = $1",
    "DELETE FROM recovery_codes WHERE user_id = $1",
    "DELETE FROM second_factors WHERE user_id = $1",
    "DELETE FROM password_resets WHERE user_id = $1",
    "DELETE FROM sign_in_links WHERE user_id = $1",
    "DELETE FROM users WHERE id = $1",
];

/// The sessions of all its people end, and who belongs to no other organization is forgotten.
pub(in crate::organization) async fn people(tx: &mut Tx, organization: &OrganizationId) -> Result<(), StoreError> {
    let people: Vec<UserId> = sqlx::query_scalar("SELECT user_id FROM memberships WHERE organization_id = $1")
        .bind(organization.as_str())
        .fetch_all(&mut **tx)
        .await?;
    for statement in [
        "DELETE FROM mail_choices WHERE organization_id = $1",
        "DELETE FROM invitations WHERE organization_id = $1",
        "DELETE FROM memberships WHERE organization_id = $1",
    ] {
        sqlx::query(statement).bind(organization.as_str()).execute(&mut **tx).await?;
    }
    for user in people {
        session::end_all(tx, &user).await?;
        let stays: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM memberships WHERE user_id = $1")
            .bind(user.as_str())
            .fetch_one(&mut **tx)
            .await?;
        if stays == 0 {
            for statement in PERSON {
                sqlx::query(statement).bind(user.as_str()).execute(&mut **tx).await?;
            }
        }
    }
    Ok(())
}

/// Its way to Lever, with all tokens; what is known of a Lever account goes with the last that is connected to it.
pub(in crate::organization) async fn connection(tx: &mut Tx, organization: &OrganizationId) -> Result<(), StoreError> {
    let account: Option<String> =
        sqlx::query_scalar("SELECT COALESCE(account_id, id) FROM connections WHERE organization_id = $1")
            .bind(organization.as_str())
            .fetch_optional(&mut **tx)
            .await?;
    for statement in [
        "DELETE FROM oauth_flows WHERE organization_id = $1",
        "DELETE FROM webhooks WHERE organization_id = $1",
        "DELETE FROM connections WHERE organization_id = $1",
    ] {
        sqlx::query(statement).bind(organization.as_str()).execute(&mut **tx).await?;
    }
    if let Some(account) = account {
        sqlx::query(
            "DELETE FROM lever_accounts
             WHERE id = $1 AND NOT EXISTS (SELECT 1 FROM connections c WHERE COALESCE(c.account_id, c.id) = $1)",
        )
        .bind(account)
        .execute(&mut **tx)
        .await?;
    }
    Ok(())
}

/// Most of it, a little at a time.
pub(in crate::organization) async fn in_portions(db: &Db, organization: &OrganizationId) -> Result<(), StoreError> {
    for portion in PORTIONS {
        loop {
            let mut tx = db.write().await?;
            let done = sqlx::query(portion).bind(organization.as_str()).bind(AT_ONCE).execute(&mut *tx).await?;
            tx.commit().await?;
            if done.rows_affected() < AT_ONCE.unsigned_abs() {
                break;
            }
        }
    }
    Ok(())
}

/// What is left.
pub(in crate::organization) async fn everything(tx: &mut Tx, organization: &OrganizationId) -> Result<(), StoreError> {
    for statement in EVERYTHING {
        sqlx::query(statement).bind(organization.as_str()).execute(&mut **tx).await?;
    }
    Ok(())
}

/// Takes its name: what is left of it is an id that its audit log belongs to.
pub(in crate::organization) async fn name(
    tx: &mut Tx,
    organization: &OrganizationId,
    now: Moment,
) -> Result<(), StoreError> {
    sqlx::query("UPDATE organizations SET name = id, name_fold = id, removed_at = $2 WHERE id = $1")
        .bind(organization.as_str())
        .bind(now.0)
        .execute(&mut **tx)
        .await?;
    Ok(())
}
