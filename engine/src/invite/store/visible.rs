//! What a person may see, as part of the query: lists (`list`), counts and the funnel (`figure`) never count the rest.
//!
//! Every text takes $1 organization, $2 the person's id in Lever ('' when unknown) and $3 scope.

use sqlx::{FromRow, Row as _, any::AnyRow};

use super::parsed;
use crate::{
    access::Member,
    clock::Moment,
    db::Db,
    fault::StoreError,
    id::{ContactId, InviteId},
    invite::{InviteState, Row},
    provider::Score,
    verdict::Verdict,
};

// Two questions, because SQLite answers one with an OR in it by reading all of the person's associations.
macro_rules! associated {
    () => {
        "(EXISTS (
             SELECT 1 FROM associations a
             WHERE a.organization_id = $1 AND a.lever_user_id = $2 AND a.subject_kind = 'opportunity'
                 AND a.subject_id = i.opportunity_id)
         OR EXISTS (
             SELECT 1 FROM associations a
             WHERE a.organization_id = $1 AND a.lever_user_id = $2 AND a.subject_kind = 'posting'
                 AND a.subject_id = i.posting_id))"
    };
}
pub(super) use associated;

// Few and far between: a walk along what the person is associated with, not along all invites.
macro_rules! of_opportunities {
    () => {
        "(SELECT DISTINCT a.subject_id FROM associations a
             WHERE a.organization_id = $1 AND a.lever_user_id = $2 AND a.subject_kind = 'opportunity') m
         CROSS JOIN invites i
         WHERE i.organization_id = $1 AND i.opportunity_id = m.subject_id"
    };
}
pub(super) use of_opportunities;

macro_rules! of_postings {
    () => {
        "(SELECT DISTINCT a.subject_id FROM associations a
             WHERE a.organization_id = $1 AND a.lever_user_id = $2 AND a.subject_kind = 'posting') m
         CROSS JOIN invites i
         WHERE i.organization_id = $1 AND i.posting_id = m.subject_id"
    };
}
pub(super) use of_postings;

macro_rules! but_not_of_postings {
    () => {
        " AND NOT EXISTS (
             SELECT 1 FROM associations p
             WHERE p.organization_id = $1 AND p.lever_user_id = $2 AND p.subject_kind = 'posting'
                 AND p.subject_id = i.posting_id)"
    };
}
pub(super) use but_not_of_postings;

macro_rules! visible {
    () => {
        concat!(
            "i.organization_id = $1 AND ($3 = 'all' OR ($3 = 'open' AND i.confidential = 0) OR ",
            associated!(),
            ")"
        )
    };
}

macro_rules! row_columns {
    () => {
        "i.id, i.candidate_name, i.posting_title, i.assessment_name, i.state, i.reason, i.score_thousandths,
         i.score_max_thousandths, i.verdict, i.changed_at, i.version"
    };
}
pub(super) use row_columns;

pub(super) fn person(member: &Member) -> &str {
    member.lever_user.as_ref().map_or("", |user| user.as_str())
}

impl<'r> FromRow<'r, AnyRow> for Row {
    fn from_row(row: &'r AnyRow) -> Result<Self, sqlx::Error> {
        let max: Option<i64> = row.try_get("score_max_thousandths")?;
        Ok(Self {
            id: row.try_get("id")?,
            candidate_name: row.try_get("candidate_name")?,
            posting_title: row.try_get("posting_title")?,
            assessment_name: row.try_get("assessment_name")?,
            state: parsed(row, "state", InviteState::parse)?,
            reason: row.try_get("reason")?,
            score: row.try_get::<Option<i64>, _>("score_thousandths")?.map(|value| Score { value, max }),
            verdict: parsed(row, "verdict", Verdict::parse)?,
            changed_at: Moment(row.try_get("changed_at")?),
            version: row.try_get("version")?,
        })
    }
}

/// Whether this person may see the invite.
pub(crate) async fn is_visible(db: &Db, member: &Member, id: &InviteId) -> Result<bool, StoreError> {
    let found: Option<(String,)> =
        sqlx::query_as(concat!("SELECT i.id FROM invites i WHERE ", visible!(), " AND i.id = $4"))
            .bind(member.organization.as_str())
            .bind(person(member))
            .bind(member.scope().slug())
            .bind(id.as_str())
            .fetch_optional(db.read())
            .await?;
    Ok(found.is_some())
}

/// The report's address behind a token, if this person may see the candidate.
pub(crate) async fn report(db: &Db, member: &Member, token: &str) -> Result<Option<String>, StoreError> {
    let found: Option<(Option<String>,)> =
        sqlx::query_as(concat!("SELECT i.report_url FROM invites i WHERE ", visible!(), " AND i.report_token = $4"))
            .bind(member.organization.as_str())
            .bind(person(member))
            .bind(member.scope().slug())
            .bind(token)
            .fetch_optional(db.read())
            .await?;
    Ok(found.and_then(|(url,)| url))
}

/// Other invites of the same person in Lever.
pub(crate) async fn others(
    db: &Db,
    member: &Member,
    contact: &ContactId,
    except: &InviteId,
) -> Result<Vec<Row>, StoreError> {
    let found = sqlx::query_as(concat!(
        "SELECT ",
        row_columns!(),
        " FROM invites i WHERE ",
        visible!(),
        " AND i.contact_id = $4 AND i.id <> $5
         ORDER BY i.created_at DESC, i.id DESC
         LIMIT 20"
    ))
    .bind(member.organization.as_str())
    .bind(person(member))
    .bind(member.scope().slug())
    .bind(contact.as_str())
    .bind(except.as_str())
    .fetch_all(db.read())
    .await?;
    Ok(found)
}

/// The late invites that wait for a person's word, oldest first.
pub(crate) async fn for_approval(db: &Db, member: &Member) -> Result<Vec<Row>, StoreError> {
    let found = sqlx::query_as(concat!(
        "SELECT ",
        row_columns!(),
        " FROM invites i WHERE ",
        visible!(),
        " AND i.waiting_for = 'approval'
         ORDER BY i.id
         LIMIT 1000"
    ))
    .bind(member.organization.as_str())
    .bind(person(member))
    .bind(member.scope().slug())
    .fetch_all(db.read())
    .await?;
    Ok(found)
}

/// The name of a stage, as our copy of the pipeline has it.
pub(crate) async fn stage_name(db: &Db, member: &Member, stage: &str) -> Result<Option<String>, StoreError> {
    let found: Option<(String,)> =
        sqlx::query_as("SELECT name FROM lever_stages WHERE organization_id = $1 AND id = $2")
            .bind(member.organization.as_str())
            .bind(stage)
            .fetch_optional(db.read())
            .await?;
    Ok(found.map(|(name,)| name))
}
