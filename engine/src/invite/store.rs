//! The invites' SQL: single rows here, what people may see in [`visible`].

pub(super) mod catalogue;
pub(crate) mod figure;
mod given;
pub(crate) mod list;
pub(crate) mod restored;
#[macro_use]
pub(crate) mod visible;
pub(crate) mod seen;
pub(crate) mod words;

pub(crate) use given::given;
pub(crate) use hold::hold_of_contact;
pub(super) use hold::hold_unsent;
use sqlx::{FromRow, Row as _, any::AnyRow};

use super::{
    InviteState,
    entity::{Invite, WaitingFor},
};
use crate::{
    clock::Moment,
    db::{Db, Tx},
    fault::StoreError,
    id::{
        AttachmentId, ContactId, InviteId, LeverUserId, OpportunityId, OrganizationId, ProviderAccountId,
        ProviderInviteId,
    },
    provider::Score,
    verdict::Verdict,
};

macro_rules! columns {
    () => {
        "id, organization_id, opportunity_id, contact_id, attachment_id, provider_account_id, assessment_id,
         assessment_name, round, posting_id, posting_title, confidential, stage_id, entered_stage_at, candidate_name,
         candidate_email, email_by, lever_url, chosen_by, retake_of, state, reason, waiting_for, read_at, send_intent_at, restored_at,
         provider_invite_id, candidate_url, sent_at, started_at, completed_at, expires_at, score_thousandths, score_max_thousandths,
         sections, integrity, report_url, report_token, result_revision, verdict, verdict_at, anonymized_at,
         created_at, changed_at, version"
    };
}

// Below what it reads the columns by.
mod hold;

impl<'r> FromRow<'r, AnyRow> for Invite {
    fn from_row(row: &'r AnyRow) -> Result<Self, sqlx::Error> {
        let moment = |column: &str| row.try_get::<Option<i64>, _>(column).map(|at| at.map(Moment));
        let score = |value| Some(Score { value, max: row.try_get("score_max_thousandths").ok()? });
        Ok(Self {
            id: row.try_get("id")?,
            organization: row.try_get("organization_id")?,
            opportunity: row.try_get("opportunity_id")?,
            contact: row.try_get("contact_id")?,
            attachment: row.try_get("attachment_id")?,
            account: row.try_get("provider_account_id")?,
            assessment: row.try_get("assessment_id")?,
            assessment_name: row.try_get("assessment_name")?,
            round: row.try_get("round")?,
            posting: row.try_get("posting_id")?,
            posting_title: row.try_get("posting_title")?,
            confidential: row.try_get::<i64, _>("confidential")? != 0,
            stage: row.try_get("stage_id")?,
            entered_stage_at: Moment(row.try_get("entered_stage_at")?),
            candidate_name: row.try_get("candidate_name")?,
            candidate_email: row.try_get("candidate_email")?,
            email_by: row.try_get("email_by")?,
            lever_url: row.try_get("lever_url")?,
            chosen_by: row.try_get("chosen_by")?,
            retake_of: row.try_get("retake_of")?,
            state: parsed(row, "state", InviteState::parse)?,
            reason: row.try_get("reason")?,
            waiting_for: row.try_get::<Option<String>, _>("waiting_for")?.and_then(|slug| WaitingFor::parse(&slug)),
            read_at: Moment(row.try_get("read_at")?),
            send_intent_at: moment("send_intent_at")?,
            restored_at: moment("restored_at")?,
            provider_invite: row.try_get("provider_invite_id")?,
            candidate_url: row.try_get("candidate_url")?,
            sent_at: moment("sent_at")?,
            started_at: moment("started_at")?,
            completed_at: moment("completed_at")?,
            expires_at: moment("expires_at")?,
            score: row.try_get::<Option<i64>, _>("score_thousandths")?.and_then(score),
            sections: listed(row, "sections")?,
            integrity: listed(row, "integrity")?,
            report_url: row.try_get("report_url")?,
            report_token: row.try_get("report_token")?,
            revision: row.try_get("result_revision")?,
            verdict: parsed(row, "verdict", Verdict::parse)?,
            verdict_at: moment("verdict_at")?,
            anonymized_at: moment("anonymized_at")?,
            created_at: Moment(row.try_get("created_at")?),
            changed_at: Moment(row.try_get("changed_at")?),
            version: row.try_get("version")?,
        })
    }
}

/// A column whose text must be one of ours; the error names column and row.
pub(crate) fn parsed<T>(row: &AnyRow, column: &str, parse: fn(&str) -> Option<T>) -> Result<T, sqlx::Error> {
    let text: String = row.try_get(column)?;
    parse(&text).ok_or_else(|| sqlx::Error::Decode(format!("{column} is {text:?}").into()))
}

fn listed<T: serde::de::DeserializeOwned>(row: &AnyRow, column: &str) -> Result<Vec<T>, sqlx::Error> {
    let text: String = row.try_get(column)?;
    serde_json::from_str(&text).map_err(|error| sqlx::Error::Decode(format!("{column}: {error}").into()))
}

fn json<T: serde::Serialize>(list: &[T]) -> String {
    serde_json::to_string(list).expect("names and numbers are always JSON")
}

/// One invite.
pub(crate) async fn get(db: &Db, organization: &OrganizationId, id: &InviteId) -> Result<Option<Invite>, StoreError> {
    let found = sqlx::query_as(concat!(
        "SELECT ",
        columns!(),
        " FROM invites
         WHERE organization_id = $1 AND id = $2"
    ))
    .bind(organization.as_str())
    .bind(id.as_str())
    .fetch_optional(db.read())
    .await?;
    Ok(found)
}

/// One invite, held against other writers until the transaction ends. (An update that changes nothing
/// locks the row alike in both databases.)
pub(crate) async fn hold(
    tx: &mut Tx,
    organization: &OrganizationId,
    id: &InviteId,
) -> Result<Option<Invite>, StoreError> {
    let found = sqlx::query_as(concat!(
        "UPDATE invites
         SET version = version
         WHERE organization_id = $1 AND id = $2
         RETURNING ",
        columns!()
    ))
    .bind(organization.as_str())
    .bind(id.as_str())
    .fetch_optional(&mut **tx)
    .await?;
    Ok(found)
}

/// The invites of an opportunity, held likewise.
pub(crate) async fn hold_of_opportunity(
    tx: &mut Tx,
    organization: &OrganizationId,
    opportunity: &OpportunityId,
) -> Result<Vec<Invite>, StoreError> {
    let found = sqlx::query_as(concat!(
        "UPDATE invites
         SET version = version
         WHERE organization_id = $1 AND opportunity_id = $2
         RETURNING ",
        columns!()
    ))
    .bind(organization.as_str())
    .bind(opportunity.as_str())
    .fetch_all(&mut **tx)
    .await?;
    Ok(found)
}

/// Adds an invite; false when the opportunity has one for this assessment and round already.
pub(crate) async fn insert(tx: &mut Tx, invite: &Invite) -> Result<bool, StoreError> {
    let inserted = sqlx::query(
        "INSERT INTO invites (
             id, organization_id, opportunity_id, contact_id, attachment_id, provider_account_id, assessment_id,
             assessment_name, round, posting_id, posting_title, confidential, stage_id, entered_stage_at,
             candidate_name, candidate_email, lever_url, state, reason, waiting_for, read_at, report_token, created_at,
             changed_at, email_by, chosen_by, retake_of)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22,
             $23, $24, $25, $26, $27)
         ON CONFLICT DO NOTHING",
    )
    .bind(invite.id.as_str())
    .bind(invite.organization.as_str())
    .bind(invite.opportunity.as_str())
    .bind(invite.contact.as_str())
    .bind(invite.attachment.as_str())
    .bind(invite.account.as_str())
    .bind(invite.assessment.as_str())
    .bind(invite.assessment_name.as_str())
    .bind(invite.round)
    .bind(invite.posting.as_ref().map(|id| id.0.clone()))
    .bind(invite.posting_title.clone())
    .bind(i64::from(invite.confidential))
    .bind(invite.stage.as_str())
    .bind(invite.entered_stage_at.0)
    .bind(invite.candidate_name.as_str())
    .bind(invite.candidate_email.clone())
    .bind(invite.lever_url.clone())
    .bind(invite.state.slug())
    .bind(invite.reason.clone())
    .bind(invite.waiting_for.map(WaitingFor::slug))
    .bind(invite.read_at.0)
    .bind(invite.report_token.as_str())
    .bind(invite.created_at.0)
    .bind(invite.changed_at.0)
    .bind(invite.email_by.clone())
    .bind(invite.chosen_by.clone())
    .bind(invite.retake_of.as_ref().map(|id| id.0.clone()))
    .execute(&mut **tx)
    .await?;
    let is_new = inserted.rows_affected() == 1;
    if is_new {
        words::add(tx, invite).await?;
    }
    Ok(is_new)
}

/// Writes what may change; the row must be held by this transaction. Whoever changes the person has the words
/// replaced too.
pub(crate) async fn save(tx: &mut Tx, invite: &Invite) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE invites
         SET contact_id = $3, attachment_id = $4, posting_id = $5, posting_title = $6, confidential = $7,
             candidate_name = $8, candidate_email = $9, lever_url = $10, state = $11, reason = $12, waiting_for = $13,
             read_at = $14, send_intent_at = $15, provider_invite_id = $16, candidate_url = $17, sent_at = $18,
             started_at = $19, completed_at = $20, expires_at = $21, score_thousandths = $22,
             score_max_thousandths = $23, sections = $24, integrity = $25, report_url = $26, result_revision = $27,
             verdict = $28, verdict_at = $29, anonymized_at = $30, changed_at = $31, version = $32, restored_at = $33,
             email_by = $34, retake_of = $35, stage_id = $36, entered_stage_at = $37
         WHERE organization_id = $1 AND id = $2",
    )
    .bind(invite.organization.as_str())
    .bind(invite.id.as_str())
    .bind(invite.contact.as_str())
    .bind(invite.attachment.as_str())
    .bind(invite.posting.as_ref().map(|id| id.0.clone()))
    .bind(invite.posting_title.clone())
    .bind(i64::from(invite.confidential))
    .bind(invite.candidate_name.as_str())
    .bind(invite.candidate_email.clone())
    .bind(invite.lever_url.clone())
    .bind(invite.state.slug())
    .bind(invite.reason.clone())
    .bind(invite.waiting_for.map(WaitingFor::slug))
    .bind(invite.read_at.0)
    .bind(millis(invite.send_intent_at))
    .bind(invite.provider_invite.as_ref().map(|id| id.0.clone()))
    .bind(invite.candidate_url.clone())
    .bind(millis(invite.sent_at))
    .bind(millis(invite.started_at))
    .bind(millis(invite.completed_at))
    .bind(millis(invite.expires_at))
    .bind(invite.score.map(|score| score.value))
    .bind(invite.score.and_then(|score| score.max))
    .bind(json(&invite.sections))
    .bind(json(&invite.integrity))
    .bind(invite.report_url.clone())
    .bind(invite.revision)
    .bind(invite.verdict.word())
    .bind(millis(invite.verdict_at))
    .bind(millis(invite.anonymized_at))
    .bind(invite.changed_at.0)
    .bind(invite.version)
    .bind(millis(invite.restored_at))
    .bind(invite.email_by.clone())
    .bind(invite.retake_of.as_ref().map(|id| id.0.clone()))
    .bind(invite.stage.as_str())
    .bind(invite.entered_stage_at.0)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

fn millis(moment: Option<Moment>) -> Option<i64> {
    moment.map(|at| at.0)
}

/// Who owns and follows the opportunity in Lever: what visibility is decided by.
pub(crate) async fn replace_associations(
    tx: &mut Tx,
    organization: &OrganizationId,
    opportunity: &OpportunityId,
    owner: Option<&LeverUserId>,
    followers: &[LeverUserId],
) -> Result<(), StoreError> {
    sqlx::query(
        "DELETE FROM associations
         WHERE organization_id = $1 AND subject_kind = 'opportunity' AND subject_id = $2",
    )
    .bind(organization.as_str())
    .bind(opportunity.as_str())
    .execute(&mut **tx)
    .await?;
    let people = owner.map(|user| (user, "owner")).into_iter().chain(followers.iter().map(|user| (user, "follower")));
    for (user, kind) in people {
        sqlx::query(
            "INSERT INTO associations (organization_id, subject_kind, subject_id, lever_user_id, kind)
             VALUES ($1, 'opportunity', $2, $3, $4)
             ON CONFLICT DO NOTHING",
        )
        .bind(organization.as_str())
        .bind(opportunity.as_str())
        .bind(user.as_str())
        .bind(kind)
        .execute(&mut **tx)
        .await?;
    }
    Ok(())
}

/// The invite that a provider's callback is about, by our id or theirs, within the account of its address.
pub(crate) async fn of_callback(
    db: &Db,
    account: &ProviderAccountId,
    ours: Option<&InviteId>,
    theirs: Option<&ProviderInviteId>,
) -> Result<Option<InviteId>, StoreError> {
    if let Some(ours) = ours {
        let found: Option<(InviteId,)> =
            sqlx::query_as("SELECT id FROM invites WHERE id = $1 AND provider_account_id = $2")
                .bind(ours.as_str())
                .bind(account.as_str())
                .fetch_optional(db.read())
                .await?;
        if found.is_some() {
            return Ok(found.map(|(id,)| id));
        }
    }
    let Some(theirs) = theirs else { return Ok(None) };
    let found: Option<(InviteId,)> =
        sqlx::query_as("SELECT id FROM invites WHERE provider_account_id = $1 AND provider_invite_id = $2 LIMIT 1")
            .bind(account.as_str())
            .bind(theirs.as_str())
            .fetch_optional(db.read())
            .await?;
    Ok(found.map(|(id,)| id))
}

/// The opportunities of a person that we have invites for.
pub(crate) async fn opportunities_of_contact(
    db: &Db,
    organization: &OrganizationId,
    contact: &ContactId,
) -> Result<Vec<OpportunityId>, StoreError> {
    let rows: Vec<(OpportunityId,)> = sqlx::query_as(
        "SELECT DISTINCT opportunity_id FROM invites WHERE organization_id = $1 AND contact_id = $2 LIMIT 100",
    )
    .bind(organization.as_str())
    .bind(contact.as_str())
    .fetch_all(db.read())
    .await?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// Hands the unsent invites of an attachment over to the one that follows it.
pub(crate) async fn hand_over(
    tx: &mut Tx,
    organization: &OrganizationId,
    from: &AttachmentId,
    to: &AttachmentId,
) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE invites
         SET attachment_id = $3
         WHERE organization_id = $1 AND attachment_id = $2 AND state IN ('waiting', 'queued')",
    )
    .bind(organization.as_str())
    .bind(from.as_str())
    .bind(to.as_str())
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// How many late invites wait for a person's word.
pub(crate) async fn count_for_approval(db: &Db, organization: &OrganizationId) -> Result<i64, StoreError> {
    let count =
        sqlx::query_scalar("SELECT COUNT(*) FROM invites WHERE organization_id = $1 AND waiting_for = 'approval'")
            .bind(organization.as_str())
            .fetch_one(db.read())
            .await?;
    Ok(count)
}
