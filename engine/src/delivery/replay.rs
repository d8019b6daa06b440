//! Looking at one message, and having it done again. The work compares what should be with what is, so
//! doing it again invites nobody twice.

use serde_json::Value;

use super::{DeliveryRow, store::replay as store};
use crate::{
    Engine,
    access::{Member, Permission},
    audit::{self, Action, Deed},
    fault::FlowError,
    id::{DeliveryId, InviteId, OpportunityId},
    invite,
    job::{self, Work},
    live::Change,
};

/// What may be shown of a message: ids, words and times, nothing that names a person or opens a door.
const SHOWN: [&str; 19] = [
    "id",
    "type",
    "event",
    "triggeredAt",
    "timestamp",
    "opportunityId",
    "candidateId",
    "contactId",
    "applicationId",
    "fromStageId",
    "toStageId",
    "invite_id",
    "external_id",
    "reference",
    "assessment_id",
    "status",
    "revision",
    "sent_at",
    "completed_at",
];
/// A message has a handful of parts; whatever has more is cut off.
const MOST_PARTS: usize = 60;

/// One part of a message: its name, and its value where that may be shown.
pub type Part = (String, Option<String>);

/// One message with what it holds.
#[derive(Debug, Clone)]
pub struct Inspected {
    pub row: DeliveryRow,
    /// Empty once the candidate was anonymised.
    pub parts: Vec<Part>,
    /// The invite that it is about, or led to.
    pub invite: Option<InviteId>,
}

pub(super) async fn inspect(engine: &Engine, member: &Member, id: &DeliveryId) -> Result<Inspected, FlowError> {
    member.require(Permission::ManageAttachments)?;
    let found = store::get(&engine.db, &member.organization, id).await?;
    let (row, body) = found.ok_or(FlowError::NotFound)?;
    let invite = match &row.subject {
        Some(subject) if row.from_lever => {
            store::invite_of(&engine.db, &member.organization, &subject.as_str().into()).await?
        }
        Some(subject) => Some(subject.as_str().into()),
        None => None,
    };
    Ok(Inspected { parts: parts(&body), invite, row })
}

pub(super) async fn replay(engine: &Engine, member: &Member, id: &DeliveryId) -> Result<(), FlowError> {
    member.require(Permission::ManageAttachments)?;
    let found = store::get(&engine.db, &member.organization, id).await?;
    let (row, body) = found.ok_or(FlowError::NotFound)?;
    // What is about nothing of ours was never acted on, and would not be now.
    let subject = row.subject.as_deref().ok_or(FlowError::Conflict)?;
    let work = if row.from_lever {
        let opportunities = opportunities(engine, member, subject, &body).await?;
        opportunities.into_iter().map(|opportunity| Work::Reconcile { opportunity }).collect()
    } else {
        vec![Work::Fetch { invite: subject.into() }]
    };
    let mut tx = engine.db.write().await?;
    store::open_again(&mut tx, &member.organization, id).await?;
    let now = engine.clock.now();
    for work in work {
        job::do_again(&mut tx, &member.organization, &work, now, Some(id)).await?;
    }
    audit::record(&mut tx, member, &Deed::plain(Action::MessageReplayed, id.as_str()), now).await?;
    tx.commit().await?;
    engine.wake.notify_one();
    engine.live.tell(&member.organization, Change::SetUp);
    Ok(())
}

/// All that a message of Lever's is about: one of a contact names none of the person's opportunities.
async fn opportunities(
    engine: &Engine,
    member: &Member,
    subject: &str,
    body: &str,
) -> Result<Vec<OpportunityId>, FlowError> {
    let message: Value = serde_json::from_str(body).unwrap_or_default();
    let is_about_a_contact = message["event"].as_str().is_some_and(|event| event.starts_with("contact"));
    let mut all: Vec<OpportunityId> = match message["data"]["contactId"].as_str() {
        Some(contact) if is_about_a_contact => {
            invite::opportunities_of_contact(&engine.db, &member.organization, &contact.into()).await?
        }
        _ => Vec::new(),
    };
    // The contact may be another by now, and an erased message names nobody.
    if !all.iter().any(|one| one.as_str() == subject) {
        all.push(subject.into());
    }
    Ok(all)
}

fn parts(body: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    if let Ok(Value::Object(fields)) = serde_json::from_str(body) {
        gather(&fields, "", &mut parts);
    }
    parts
}

fn gather(fields: &serde_json::Map<String, Value>, above: &str, parts: &mut Vec<Part>) {
    for (name, value) in fields {
        let path = if above.is_empty() { name.clone() } else { format!("{above}.{name}") };
        match value {
            _ if parts.len() >= MOST_PARTS => return,
            Value::Object(inner) => gather(inner, &path, parts),
            Value::String(text) if SHOWN.contains(&name.as_str()) => parts.push((path, Some(text.clone()))),
            Value::Number(number) if SHOWN.contains(&name.as_str()) => parts.push((path, Some(number.to_string()))),
            Value::Null => {}
            Value::String(_) | Value::Number(_) | Value::Bool(_) | Value::Array(_) => parts.push((path, None)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_names_a_person_or_opens_a_door_is_not_shown() {
        let body = r#"{"event":"x","token":"secret","signature":"s","data":{"opportunityId":"o1","candidate":
            {"name":"Ada","email":"ada@mail.example"},"report_url":"https://r.example","tags":["Ada"]}}"#;
        let shown: Vec<Part> = parts(body).into_iter().filter(|(_, value)| value.is_some()).collect();
        let expected = [("data.opportunityId", "o1"), ("event", "x")];
        assert_eq!(shown, expected.map(|(name, value)| (name.to_owned(), Some(value.to_owned()))));
        assert!(parts(body).contains(&("data.candidate.email".to_owned(), None)));
        assert!(parts("").is_empty());
    }
}
