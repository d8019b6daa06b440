//! What a person may see, as part of the query: lists, counts and the funnel never count the rest.
//!
//! Every text takes $1 organization, $2 scope and $3 the person's id in Lever ('' when unknown).

use sqlx::{FromRow, Row as _, any::AnyRow};

use super::{super::Filter, parsed};
use crate::{
    access::{Member, Role},
    clock::Moment,
    db::{Db, fold},
    fault::StoreError,
    id::{ContactId, InviteId, PostingId},
    invite::{Funnel, InviteState, Reached, Row},
    provider::Score,
    verdict::Verdict,
};

/// How many are counted before it says "more".
pub(crate) const COUNTED: i64 = 1_000;
/// After every row.
const FROM_THE_TOP: (i64, &str) = (i64::MAX, "~");

macro_rules! visible {
    () => {
        "i.organization_id = $1
         AND ($2 = 'all'
             OR ($2 = 'open' AND i.confidential = 0)
             OR EXISTS (
                 SELECT 1 FROM associations a
                 WHERE a.organization_id = i.organization_id AND a.lever_user_id = $3
                     AND ((a.subject_kind = 'opportunity' AND a.subject_id = i.opportunity_id)
                         OR (a.subject_kind = 'posting' AND a.subject_id = i.posting_id))))"
    };
}

macro_rules! filtered {
    () => {
        " AND ($4 IS NULL OR i.posting_id = $4)
          AND ($5 = 0 OR (i.state = 'completed' AND i.verdict = 'n/a'))
          AND ($6 = 0 OR EXISTS (
              SELECT 1 FROM associations m
              WHERE m.organization_id = i.organization_id AND m.subject_kind = 'opportunity'
                  AND m.subject_id = i.opportunity_id AND m.lever_user_id = $3))
          AND ($7 = 0 OR i.state IN ('waiting', 'failed', 'unclear'))
          AND ($8 IS NULL OR i.candidate_name_fold LIKE $8 ESCAPE '!')
          AND ($9 = ''
              OR ($9 = 'invited' AND i.sent_at IS NOT NULL)
              OR ($9 = 'started' AND COALESCE(i.started_at, i.completed_at) IS NOT NULL)
              OR ($9 = 'completed' AND i.completed_at IS NOT NULL))
          AND ($10 = '' OR i.verdict = $10)
          AND i.created_at >= $11"
    };
}

macro_rules! row_columns {
    () => {
        "i.id, i.candidate_name, i.posting_title, i.assessment_name, i.state, i.reason, i.score_thousandths,
         i.score_max_thousandths, i.verdict, i.changed_at, i.version"
    };
}

macro_rules! page_text {
    ($state:literal) => {
        concat!(
            "SELECT ",
            row_columns!(),
            " FROM invites i WHERE ",
            visible!(),
            filtered!(),
            $state,
            " AND (i.changed_at, i.id) < ($13, $14)
             ORDER BY i.changed_at DESC, i.id DESC
             LIMIT $15"
        )
    };
}

macro_rules! count_text {
    ($state:literal) => {
        concat!(
            "SELECT COUNT(*) FROM (SELECT i.id FROM invites i WHERE ",
            visible!(),
            filtered!(),
            $state,
            " LIMIT $13) AS capped"
        )
    };
}

// SQLite does not use the index on state for ($12 IS NULL OR state = $12): two texts.
const PAGE: &str = page_text!(" AND $12 IS NULL");
const PAGE_OF_STATE: &str = page_text!(" AND i.state = $12");
const COUNT: &str = count_text!(" AND $12 IS NULL");
const COUNT_OF_STATE: &str = count_text!(" AND i.state = $12");

/// What the role lets its holder see.
fn scope(member: &Member) -> (&'static str, &str) {
    let scope = match member.role {
        Role::SuperAdmin | Role::Admin => "all",
        Role::TeamMember => "open",
        Role::LimitedTeamMember => "associated",
    };
    (scope, member.lever_user.as_ref().map_or("", |user| user.as_str()))
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

/// The filter as it is bound.
struct Bound {
    posting: Option<String>,
    awaiting_verdict: i64,
    mine: i64,
    needs_attention: i64,
    name: Option<String>,
    reached: &'static str,
    verdict: &'static str,
    state: Option<&'static str>,
}

impl From<&Filter> for Bound {
    fn from(filter: &Filter) -> Self {
        let name = filter.name.as_deref().map(fold).filter(|name| !name.is_empty());
        Self {
            posting: filter.posting.as_ref().map(|id| id.0.clone()),
            awaiting_verdict: i64::from(filter.awaiting_verdict),
            mine: i64::from(filter.mine),
            needs_attention: i64::from(filter.needs_attention),
            name: name.map(|name| format!("%{}%", escaped(&name))),
            reached: filter.reached.map_or("", reached),
            verdict: filter.verdict.map_or("", Verdict::word),
            state: filter.state.map(InviteState::slug),
        }
    }
}

fn reached(step: Reached) -> &'static str {
    match step {
        Reached::Invited => "invited",
        Reached::Started => "started",
        Reached::Completed => "completed",
    }
}

fn escaped(text: &str) -> String {
    text.replace('!', "!!").replace('%', "!%").replace('_', "!_")
}

/// A page of rows made since, newest change first, after the key.
pub(crate) async fn page(
    db: &Db,
    member: &Member,
    filter: &Filter,
    since: Option<Moment>,
    after: Option<(i64, &str)>,
    limit: i64,
) -> Result<Vec<Row>, StoreError> {
    let (scope, person) = scope(member);
    let bound = Bound::from(filter);
    let (changed_at, id) = after.unwrap_or(FROM_THE_TOP);
    let found = sqlx::query_as(if bound.state.is_some() { PAGE_OF_STATE } else { PAGE })
        .bind(member.organization.as_str())
        .bind(scope)
        .bind(person)
        .bind(bound.posting)
        .bind(bound.awaiting_verdict)
        .bind(bound.mine)
        .bind(bound.needs_attention)
        .bind(bound.name)
        .bind(bound.reached)
        .bind(bound.verdict)
        .bind(since.map_or(i64::MIN, |since| since.0))
        .bind(bound.state)
        .bind(changed_at)
        .bind(id)
        .bind(limit)
        .fetch_all(db.read())
        .await?;
    Ok(found)
}

/// How many made since match, counted up to one more than [`COUNTED`].
pub(crate) async fn count(db: &Db, member: &Member, filter: &Filter, since: Option<Moment>) -> Result<i64, StoreError> {
    let (scope, person) = scope(member);
    let bound = Bound::from(filter);
    let count = sqlx::query_scalar(if bound.state.is_some() { COUNT_OF_STATE } else { COUNT })
        .bind(member.organization.as_str())
        .bind(scope)
        .bind(person)
        .bind(bound.posting)
        .bind(bound.awaiting_verdict)
        .bind(bound.mine)
        .bind(bound.needs_attention)
        .bind(bound.name)
        .bind(bound.reached)
        .bind(bound.verdict)
        .bind(since.map_or(i64::MIN, |since| since.0))
        .bind(bound.state)
        .bind(COUNTED + 1)
        .fetch_one(db.read())
        .await?;
    Ok(count)
}

/// The positions with invites this person may see.
pub(crate) async fn positions(db: &Db, member: &Member) -> Result<Vec<(PostingId, String)>, StoreError> {
    let (scope, person) = scope(member);
    let found = sqlx::query_as(concat!(
        "SELECT i.posting_id, COALESCE(MAX(i.posting_title), i.posting_id) AS title FROM invites i WHERE ",
        visible!(),
        " AND i.posting_id IS NOT NULL
         GROUP BY i.posting_id
         ORDER BY title, i.posting_id
         LIMIT 500"
    ))
    .bind(member.organization.as_str())
    .bind(scope)
    .bind(person)
    .fetch_all(db.read())
    .await?;
    Ok(found)
}

/// Whether this person may see the invite.
pub(crate) async fn is_visible(db: &Db, member: &Member, id: &InviteId) -> Result<bool, StoreError> {
    let (scope, person) = scope(member);
    let found: Option<(String,)> =
        sqlx::query_as(concat!("SELECT i.id FROM invites i WHERE ", visible!(), " AND i.id = $4"))
            .bind(member.organization.as_str())
            .bind(scope)
            .bind(person)
            .bind(id.as_str())
            .fetch_optional(db.read())
            .await?;
    Ok(found.is_some())
}

/// The report's address behind a token, if this person may see the candidate.
pub(crate) async fn report(db: &Db, member: &Member, token: &str) -> Result<Option<String>, StoreError> {
    let (scope, person) = scope(member);
    let found: Option<(Option<String>,)> =
        sqlx::query_as(concat!("SELECT i.report_url FROM invites i WHERE ", visible!(), " AND i.report_token = $4"))
            .bind(member.organization.as_str())
            .bind(scope)
            .bind(person)
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
    let (scope, person) = scope(member);
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
    .bind(scope)
    .bind(person)
    .bind(contact.as_str())
    .bind(except.as_str())
    .fetch_all(db.read())
    .await?;
    Ok(found)
}

/// The late invites that wait for a person's word, oldest first.
pub(crate) async fn for_approval(db: &Db, member: &Member) -> Result<Vec<Row>, StoreError> {
    let (scope, person) = scope(member);
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
    .bind(scope)
    .bind(person)
    .fetch_all(db.read())
    .await?;
    Ok(found)
}

/// Counts the funnel of the invites made since `since`.
pub(crate) async fn funnel(db: &Db, member: &Member, since: Moment) -> Result<Funnel, StoreError> {
    let (scope, person) = scope(member);
    let (invited, started, completed, passed, awaiting): (i64, i64, i64, i64, i64) = sqlx::query_as(concat!(
        "SELECT COUNT(i.sent_at), COUNT(COALESCE(i.started_at, i.completed_at)), COUNT(i.completed_at),
             CAST(COALESCE(SUM(CASE WHEN i.verdict = 'passed' THEN 1 ELSE 0 END), 0) AS BIGINT),
             CAST(COALESCE(SUM(CASE WHEN i.state = 'completed' AND i.verdict = 'n/a' THEN 1 ELSE 0 END), 0) AS BIGINT)
         FROM invites i WHERE ",
        visible!(),
        " AND i.created_at >= $4"
    ))
    .bind(member.organization.as_str())
    .bind(scope)
    .bind(person)
    .bind(since.0)
    .fetch_one(db.read())
    .await?;
    let needs_attention = count(db, member, &Filter { needs_attention: true, ..Filter::default() }, None).await?;
    Ok(Funnel { invited, started, completed, passed, awaiting_verdict: awaiting, needs_attention })
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
