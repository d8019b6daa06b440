//! Lever's JSON as it comes: unknown fields are ignored, and whatever may be absent may be absent.

use std::collections::BTreeSet;

use serde::Deserialize;

use super::{Note, Opportunity, PostingChoice, StageChoice};
use crate::{
    clock::Moment,
    db::fold,
    id::{ContactId, LeverNoteId, LeverUserId, OpportunityId, PostingId, StageId},
    plain::is_plain,
};

/// One object in its envelope.
#[derive(Debug, Deserialize)]
pub(super) struct One<T> {
    pub data: T,
}

/// One page of a list; the list of webhooks has neither `hasNext` nor `next`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Page<T> {
    pub data: Vec<T>,
    #[serde(default)]
    pub has_next: bool,
    pub next: Option<String>,
}

/// An id, or the object it was expanded to.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub(super) enum Ref {
    Id(String),
    Object { id: String },
}

impl Ref {
    fn id(self) -> String {
        match self {
            Self::Id(id) | Self::Object { id } => id,
        }
    }
}

fn ids<T: From<String> + Ord>(refs: Option<Vec<Ref>>) -> Vec<T> {
    // Lever repeats followers now and then.
    refs.unwrap_or_default().into_iter().map(|r| T::from(r.id())).collect::<BTreeSet<_>>().into_iter().collect()
}

/// A name of any length is somebody's joke or a program's fault; an index takes so much of it.
const LONGEST_NAME: usize = 300;

/// A name as it can be stored and shown.
fn plain(name: &str) -> String {
    let kept = name.trim().chars().map(|c| if c.is_control() { ' ' } else { c }).filter(|c| is_plain(*c));
    kept.take(LONGEST_NAME).collect::<String>().trim().to_owned()
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct OpportunityWire {
    id: String,
    contact: Option<Ref>,
    name: Option<String>,
    emails: Option<Vec<String>>,
    stage: Ref,
    stage_changes: Option<Vec<StageChange>>,
    last_advanced_at: Option<i64>,
    created_at: Option<i64>,
    applications: Option<Vec<ApplicationWire>>,
    owner: Option<Ref>,
    followers: Option<Vec<Ref>>,
    archived: Option<serde::de::IgnoredAny>,
    is_anonymized: Option<bool>,
    confidentiality: Option<String>,
    urls: Option<Urls>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct StageChange {
    to_stage_id: Option<String>,
    updated_at: Option<i64>,
}

/// What is left of an opportunity that was deleted.
#[derive(Debug, Deserialize)]
pub(super) struct DeletedWire {
    pub id: String,
}

/// An application, expanded; a bare id tells no posting.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum ApplicationWire {
    Object { posting: Option<Ref> },
    Id(serde::de::IgnoredAny),
}

#[derive(Debug, Deserialize)]
struct Urls {
    show: Option<String>,
}

impl From<OpportunityWire> for Opportunity {
    fn from(wire: OpportunityWire) -> Self {
        let stage = wire.stage.id();
        let changes = wire.stage_changes.unwrap_or_default();
        // The first is where it came into being.
        let moved = changes.len() > 1;
        let entered = changes.into_iter();
        let entered = entered.filter(|change| change.to_stage_id.as_deref() == Some(&stage));
        let entered = entered.filter_map(|change| change.updated_at).max();
        let entered = entered.or(wire.last_advanced_at).or(wire.created_at);
        let posting = |application| match application {
            ApplicationWire::Object { posting } => posting.map(|posting| PostingId(posting.id())),
            ApplicationWire::Id(_) => None,
        };
        let emails = wire.emails.unwrap_or_default().into_iter();
        Self {
            contact: ContactId(wire.contact.map_or_else(|| wire.id.clone(), Ref::id)),
            id: OpportunityId(wire.id),
            name: plain(&wire.name.unwrap_or_default()),
            emails: emails.filter(|email| !email.trim().is_empty()).collect(),
            stage: StageId(stage),
            entered_stage_at: Moment(entered.unwrap_or(0)),
            moved,
            postings: wire.applications.unwrap_or_default().into_iter().filter_map(posting).collect(),
            owner: wire.owner.map(|owner| LeverUserId(owner.id())),
            followers: ids(wire.followers),
            archived: wire.archived.is_some(),
            anonymized: wire.is_anonymized.unwrap_or(false),
            confidential: wire.confidentiality.as_deref() == Some("confidential"),
            url: wire.urls.and_then(|urls| urls.show).filter(|url| !url.contains(char::is_control)),
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct NoteWire {
    pub id: String,
    fields: Option<Vec<NoteField>>,
    deleted_at: Option<i64>,
}

#[derive(Debug, Deserialize)]
struct NoteField {
    value: Option<String>,
}

impl From<NoteWire> for Note {
    fn from(wire: NoteWire) -> Self {
        let first = wire.fields.unwrap_or_default().into_iter().next();
        Self {
            id: LeverNoteId(wire.id),
            text: first.and_then(|field| field.value).unwrap_or_default(),
            deleted: wire.deleted_at.is_some(),
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PostingWire {
    pub id: String,
    text: Option<String>,
    state: Option<String>,
    categories: Option<Categories>,
    req_code: Option<String>,
    confidentiality: Option<String>,
    owner: Option<Ref>,
    hiring_manager: Option<Ref>,
    followers: Option<Vec<Ref>>,
}

#[derive(Debug, Default, Deserialize)]
struct Categories {
    department: Option<String>,
    location: Option<String>,
    team: Option<String>,
}

impl PostingWire {
    /// Who is associated with the posting, and how.
    pub fn associations(&self) -> Vec<(String, &'static str)> {
        let one = |person: &Option<Ref>, kind| person.clone().map(|person| (person.id(), kind));
        let followers = ids::<String>(self.followers.clone()).into_iter().map(|id| (id, "follower"));
        one(&self.owner, "owner")
            .into_iter()
            .chain(one(&self.hiring_manager, "hiring_manager"))
            .chain(followers)
            .collect()
    }
}

impl From<PostingWire> for PostingChoice {
    fn from(wire: PostingWire) -> Self {
        let categories = wire.categories.unwrap_or_default();
        Self {
            id: PostingId(wire.id),
            title: plain(&wire.text.unwrap_or_default()),
            state: wire.state.unwrap_or_default(),
            team: categories.team,
            department: categories.department,
            location: categories.location,
            req_code: wire.req_code,
            confidential: wire.confidentiality.as_deref() == Some("confidential"),
        }
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct StageWire {
    pub id: String,
    pub text: Option<String>,
}

impl From<StageWire> for StageChoice {
    fn from(wire: StageWire) -> Self {
        Self::new(StageId(wire.id), wire.text.unwrap_or_default())
    }
}

impl StageChoice {
    /// A stage by its name as of now; the name suggests it, the id is what counts.
    pub(super) fn new(id: StageId, name: String) -> Self {
        let suggested = fold(&name) == "canditech stage";
        Self { id, name, suggested }
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct UserWire {
    pub id: String,
    pub name: Option<String>,
    pub email: Option<String>,
    pub access_role: Option<String>,
    pub deactivated_at: Option<i64>,
}

#[derive(Debug, Deserialize)]
pub(super) struct WebhookWire {
    pub id: String,
    pub event: Option<String>,
    pub url: Option<String>,
    pub configuration: Option<Configuration>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Configuration {
    pub signature_token: Option<String>,
    pub conditions: Option<Conditions>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Conditions {
    pub origins: Option<Vec<String>>,
}

#[cfg(test)]
mod damaged;
#[cfg(test)]
mod recorded;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lever::call::read;

    fn opportunity(body: &[u8]) -> Opportunity {
        read::<One<OpportunityWire>>(body).expect("an opportunity").data.into()
    }

    #[test]
    fn the_last_entry_into_the_present_stage_counts() {
        let body = br#"{"data":{"id":"o","stage":"s","lastAdvancedAt":9,"stageChanges":[
            {"toStageId":"s","updatedAt":3},{"toStageId":"t","updatedAt":8},{"toStageId":"s","updatedAt":5}]}}"#;
        assert_eq!(opportunity(body).entered_stage_at, Moment(5));
        let body = br#"{"data":{"id":"o","stage":"s","lastAdvancedAt":9,"createdAt":1,"stageChanges":[]}}"#;
        assert_eq!(opportunity(body).entered_stage_at, Moment(9));
        let body = br#"{"data":{"id":"o","stage":"s","lastAdvancedAt":null,"createdAt":1}}"#;
        assert_eq!(opportunity(body).entered_stage_at, Moment(1));
    }

    #[test]
    fn nulls_repeats_and_news_are_no_faults() {
        let body = br#"{"data":{"id":"o","contact":null,"name":null,"emails":null,"stage":{"id":"s","text":"S"},
            "stageChanges":[{"toStageId":null}],"applications":[],"owner":null,"followers":["b","a","b"],"archived":null,
            "urls":null,"somethingNew":{"x":[1]}}}"#;
        let read = opportunity(body);
        assert_eq!(read.followers, [LeverUserId::from("a"), LeverUserId::from("b")]);
        assert_eq!((read.postings.len(), read.url, read.entered_stage_at), (0, None, Moment(0)));
    }

    #[test]
    fn a_name_of_any_kind_can_be_stored_and_shown() {
        let named = |name: &str| {
            let body = serde_json::json!({ "data": { "id": "o", "stage": "s", "name": name } }).to_string();
            opportunity(body.as_bytes()).name
        };
        for name in ["נורה לינדקוויסט", "👩🏽‍🚀 Ада", "<b>O'Neil</b> {{ 7*7 }}", "=cmd()"] {
            assert_eq!(named(name), name);
        }
        assert_eq!(named("Ada\0\u{202e}nimda\u{2066}"), "Ada nimda");
        assert_eq!(named(&"ü".repeat(10_000)).chars().count(), LONGEST_NAME);
    }

    #[test]
    fn a_stage_is_suggested_by_its_name() {
        let suggested = |name: &str| StageChoice::new(StageId::from("s"), name.into()).suggested;
        assert!(suggested(" canditech STAGE") && !suggested("Take-home assessment"));
    }
}
