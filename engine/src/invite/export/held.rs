//! What is held about a candidate, table by table; of what opens doors (tokens, intents) nothing.

use serde_json::{Map, Value};
use sqlx::{Column as _, Row as _, any::AnyRow};

use crate::{
    db::Db,
    fault::StoreError,
    id::{ContactId, OrganizationId},
};

/// The tables, and the rows of a contact's (`$2`) in each.
pub(super) const OF_A_CONTACT: [(&str, &str); 8] = [
    (
        "invites",
        "SELECT id, opportunity_id, contact_id, attachment_id, assessment_id, assessment_name, round, posting_id,
                posting_title, confidential, stage_id, entered_stage_at, candidate_name, candidate_email, email_by,
                lever_url, chosen_by, retake_of, state, reason, waiting_for, read_at, provider_invite_id, candidate_url,
                sent_at, started_at, completed_at, expires_at, score_thousandths, score_max_thousandths, sections,
                integrity, report_url, verdict, verdict_at, anonymized_at, created_at, changed_at
         FROM invites WHERE organization_id = $1 AND contact_id = $2 ORDER BY id",
    ),
    (
        "search_words",
        "SELECT w.invite_id, w.beginning
         FROM invites i JOIN invite_words w ON w.organization_id = i.organization_id AND w.invite_id = i.id
         WHERE i.organization_id = $1 AND i.contact_id = $2 ORDER BY w.invite_id, w.beginning",
    ),
    (
        "asked_for",
        "SELECT v.invite_id, v.verb, v.asked_by, v.asked_at, v.expires_at, v.email, v.ended_at
         FROM invites i JOIN verbs v ON v.organization_id = i.organization_id AND v.invite_id = i.id
         WHERE i.organization_id = $1 AND i.contact_id = $2 ORDER BY v.invite_id, v.id",
    ),
    (
        "timeline",
        "SELECT t.invite_id, t.at, t.kind, t.sentence, t.cause
         FROM invites i JOIN timeline t ON t.organization_id = i.organization_id AND t.invite_id = i.id
         WHERE i.organization_id = $1 AND i.contact_id = $2 ORDER BY t.invite_id, t.at, t.id",
    ),
    (
        "verdicts",
        "SELECT v.invite_id, v.value, v.given_by, v.source, v.given_at, v.comment
         FROM invites i JOIN verdicts v ON v.organization_id = i.organization_id AND v.invite_id = i.id
         WHERE i.organization_id = $1 AND i.contact_id = $2 ORDER BY v.invite_id, v.given_at, v.id",
    ),
    (
        "notes_in_lever",
        "SELECT n.invite_id, n.lever_note_id, n.written, n.written_at, n.standing
         FROM invites i JOIN notes n ON n.organization_id = i.organization_id AND n.invite_id = i.id
         WHERE i.organization_id = $1 AND i.contact_id = $2 ORDER BY n.invite_id",
    ),
    (
        "erasures",
        "SELECT e.invite_id, e.opportunity_id, e.cause, e.found_at, e.erased_at, e.note, e.note_at, e.provider,
                e.provider_asked_at, e.provider_at,
                CASE WHEN e.address IS NULL THEN 0 ELSE 1 END AS address_kept_under_seal
         FROM invites i JOIN erasures e ON e.invite_id = i.id
         WHERE i.organization_id = $1 AND i.contact_id = $2 ORDER BY e.invite_id",
    ),
    (
        "messages",
        "SELECT d.id, d.source, d.event, d.subject_id, d.body, d.received_at, d.outcome
         FROM deliveries d
         WHERE d.organization_id = $1 AND d.subject_id IN (
             SELECT id FROM invites WHERE organization_id = $1 AND contact_id = $2
             UNION SELECT opportunity_id FROM invites WHERE organization_id = $1 AND contact_id = $2)
         ORDER BY d.id",
    ),
];

/// The rows, each as an object of its columns.
pub(super) async fn rows(
    db: &Db,
    statement: &'static str,
    organization: &OrganizationId,
    contact: &ContactId,
) -> Result<Vec<Value>, StoreError> {
    let rows = sqlx::query(statement).bind(organization.as_str()).bind(contact.as_str()).fetch_all(db.read()).await?;
    Ok(rows.iter().map(object).collect())
}

fn object(row: &AnyRow) -> Value {
    let value = |at: usize| {
        let text = row.try_get::<Option<String>, _>(at).map(Value::from);
        text.or_else(|_| row.try_get::<Option<i64>, _>(at).map(Value::from)).unwrap_or_default()
    };
    let fields = row.columns().iter().map(|column| (column.name().to_owned(), value(column.ordinal())));
    Value::Object(fields.collect::<Map<_, _>>())
}
