//! The SQL of the facts behind the checklist, few statements for many facts: the chain is on every page.

use crate::{clock::Moment, connection::HookFound, db::Db, fault::StoreError, id::OrganizationId};

/// A connection and what its webhook proves.
#[derive(Debug, Clone, sqlx::FromRow)]
pub(super) struct Connected {
    pub state: String,
    pub state_reason: Option<String>,
    pub state_at: i64,
    pub account_name: Option<String>,
    /// Since when Lever has not answered.
    pub down_since: Option<i64>,
    pub connected_by: String,
    pub connected_at: i64,
    pub last_ping_at: Option<i64>,
    pub last_ping_verified: i64,
    pub last_event_at: Option<i64>,
    pub gap_at: Option<i64>,
    pub hooks_found: Option<String>,
    pub hooks_looked_at: Option<i64>,
    pub webhooks_by_api: i64,
    pub webhooks_by_hand: i64,
    pub webhook_made_at: Option<i64>,
    pub verified_at: Option<i64>,
}

impl Connected {
    pub fn state_at(&self) -> Moment {
        Moment(self.state_at)
    }

    pub fn connected_at(&self) -> Moment {
        Moment(self.connected_at)
    }

    pub fn last_ping_at(&self) -> Option<Moment> {
        self.last_ping_at.map(Moment)
    }

    pub fn last_event_at(&self) -> Option<Moment> {
        self.last_event_at.map(Moment)
    }

    /// Since when no webhook tells of moves; an event ends it.
    pub fn gap_at(&self) -> Option<Moment> {
        self.gap_at.filter(|gap| self.last_event_at.is_none_or(|event| event <= *gap)).map(Moment)
    }

    /// What is wrong with our webhook in Lever's list, and when that was seen.
    pub fn out_of_order(&self) -> Option<(HookFound, Moment)> {
        let found = self.hooks_found.as_deref().and_then(HookFound::parse)?;
        Some((found, Moment(self.hooks_looked_at?))).filter(|(found, _)| found.is_out_of_order())
    }

    pub fn webhook_made_at(&self) -> Option<Moment> {
        self.webhook_made_at.map(Moment)
    }

    pub fn verified_at(&self) -> Option<Moment> {
        self.verified_at.map(Moment)
    }
}

/// A provider account as it was last tested.
#[derive(Debug, Clone, sqlx::FromRow)]
pub(super) struct Provider {
    pub state: String,
    pub state_reason: Option<String>,
    pub account_name: Option<String>,
    pub checked_at: Option<i64>,
}

/// What the steps are judged by.
#[derive(Debug, Clone, Default)]
pub(super) struct Facts {
    pub connection: Option<Connected>,
    pub provider: Option<Provider>,
    /// An attached stage that still exists, by its name as of now.
    pub attached_stage: Option<String>,
    /// A stage named Canditech Stage.
    pub named_stage: Option<String>,
    /// Attachments whose stage is gone.
    pub gone_stages: i64,
    pub active_attachments: i64,
    pub paused_attachments: i64,
    pub first_attached_at: Option<i64>,
    pub first_sent_at: Option<i64>,
}

#[derive(sqlx::FromRow)]
struct Rest {
    attached_stage: Option<String>,
    named_stage: Option<String>,
    gone_stages: i64,
    active_attachments: i64,
    paused_attachments: i64,
    first_attached_at: Option<i64>,
    first_sent_at: Option<i64>,
}

pub(super) async fn facts(db: &Db, organization: &OrganizationId) -> Result<Facts, StoreError> {
    let rest = rest(db, organization).await?;
    Ok(Facts {
        connection: connected(db, organization).await?,
        provider: provider(db, organization).await?,
        attached_stage: rest.attached_stage,
        named_stage: rest.named_stage,
        gone_stages: rest.gone_stages,
        active_attachments: rest.active_attachments,
        paused_attachments: rest.paused_attachments,
        first_attached_at: rest.first_attached_at,
        first_sent_at: rest.first_sent_at,
    })
}

async fn connected(db: &Db, organization: &OrganizationId) -> Result<Option<Connected>, StoreError> {
    let row = sqlx::query_as(
        "SELECT c.state, c.state_reason, c.state_at, c.account_name, l.down_since, COALESCE(u.name, c.connected_by) AS connected_by,
                c.connected_at, c.last_ping_at, c.last_ping_verified, c.last_event_at,
                c.gap_at, c.hooks_found, c.hooks_looked_at,
                (SELECT COUNT(*) FROM webhooks w WHERE w.organization_id = c.organization_id
                    AND w.retired_at IS NULL AND w.kind = 'api') AS webhooks_by_api,
                (SELECT COUNT(*) FROM webhooks w WHERE w.organization_id = c.organization_id
                    AND w.retired_at IS NULL AND w.kind = 'hand') AS webhooks_by_hand,
                (SELECT MAX(w.created_at) FROM webhooks w WHERE w.organization_id = c.organization_id
                    AND w.retired_at IS NULL) AS webhook_made_at,
                (SELECT MAX(w.verified_at) FROM webhooks w WHERE w.organization_id = c.organization_id
                    AND w.retired_at IS NULL) AS verified_at
         FROM connections c
         LEFT JOIN lever_accounts l ON l.id = COALESCE(c.account_id, c.id)
         LEFT JOIN users u ON u.id = c.connected_by
         WHERE c.organization_id = $1",
    )
    .bind(organization.as_str())
    .fetch_optional(db.read())
    .await?;
    Ok(row)
}

async fn provider(db: &Db, organization: &OrganizationId) -> Result<Option<Provider>, StoreError> {
    let row = sqlx::query_as(
        "SELECT state, state_reason, account_name, checked_at FROM provider_accounts WHERE organization_id = $1",
    )
    .bind(organization.as_str())
    .fetch_optional(db.read())
    .await?;
    Ok(row)
}

async fn rest(db: &Db, organization: &OrganizationId) -> Result<Rest, StoreError> {
    let row = sqlx::query_as(
        "SELECT
             (SELECT s.name FROM attachments a
                 JOIN lever_stages s ON s.organization_id = a.organization_id AND s.id = a.stage_id
                 WHERE a.organization_id = $1 AND a.state <> 'removed' AND s.gone_at IS NULL
                 ORDER BY a.created_at, a.id LIMIT 1) AS attached_stage,
             (SELECT s.name FROM lever_stages s
                 WHERE s.organization_id = $1 AND s.gone_at IS NULL AND LOWER(TRIM(s.name)) = 'canditech stage'
                 ORDER BY s.position LIMIT 1) AS named_stage,
             (SELECT COUNT(*) FROM attachments a
                 JOIN lever_stages s ON s.organization_id = a.organization_id AND s.id = a.stage_id
                 WHERE a.organization_id = $1 AND a.state <> 'removed' AND s.gone_at IS NOT NULL) AS gone_stages,
             (SELECT COUNT(*) FROM attachments WHERE organization_id = $1 AND state = 'active') AS active_attachments,
             (SELECT COUNT(*) FROM attachments WHERE organization_id = $1 AND state = 'paused') AS paused_attachments,
             (SELECT MIN(created_at) FROM attachments WHERE organization_id = $1) AS first_attached_at,
             (SELECT sent_at FROM invites WHERE organization_id = $1 AND sent_at IS NOT NULL
                 ORDER BY created_at LIMIT 1) AS first_sent_at",
    )
    .bind(organization.as_str())
    .fetch_one(db.read())
    .await?;
    Ok(row)
}

/// What the chain is judged by.
#[derive(Debug, Clone, Default, sqlx::FromRow)]
pub(super) struct Links {
    pub connection: Option<String>,
    pub down_since: Option<i64>,
    pub connected_at: Option<i64>,
    pub last_event_at: Option<i64>,
    pub gap_at: Option<i64>,
    pub hooks_found: Option<String>,
    pub verified_at: Option<i64>,
    pub provider: Option<String>,
    pub waiting_for_lever: i64,
    pub waiting_for_provider: i64,
    /// Since when the installation is paused, and by what.
    pub paused_at: Option<i64>,
    pub paused_by: Option<String>,
}

pub(super) async fn links(db: &Db, organization: &OrganizationId) -> Result<Links, StoreError> {
    let row = sqlx::query_as(
        "SELECT c.state AS connection, l.down_since, c.connected_at, c.last_event_at, c.gap_at, c.hooks_found,
                p.state AS provider,
                (SELECT MAX(w.verified_at) FROM webhooks w WHERE w.organization_id = o.id
                    AND w.retired_at IS NULL) AS verified_at,
                (SELECT COUNT(*) FROM jobs j WHERE j.organization_id = o.id AND j.state = 'waiting'
                    AND j.waits_for = 'lever' AND j.kind IN ('reconcile', 'send')) AS waiting_for_lever,
                (SELECT COUNT(*) FROM jobs j WHERE j.organization_id = o.id AND j.state = 'waiting'
                    AND j.waits_for = 'provider' AND j.kind = 'send') AS waiting_for_provider,
                (SELECT since FROM pauses) AS paused_at, (SELECT cause FROM pauses) AS paused_by
         FROM organizations o
         LEFT JOIN connections c ON c.organization_id = o.id
         LEFT JOIN lever_accounts l ON l.id = COALESCE(c.account_id, c.id)
         LEFT JOIN provider_accounts p ON p.organization_id = o.id
         WHERE o.id = $1",
    )
    .bind(organization.as_str())
    .fetch_optional(db.read())
    .await?;
    Ok(row.unwrap_or_default())
}
