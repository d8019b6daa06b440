//! The calls that the product makes, as Lever's reference names them.

use std::{collections::BTreeMap, time::Duration};

use reqwest::Method;
use secrecy::SecretString;
use serde_json::json;

use super::{
    Api, LeverError, Note, Opportunity, Person, PostingChoice, StageChoice,
    call::{self, Call},
    wire::{DeletedWire, NoteWire, One, OpportunityWire, Page, PostingWire, StageWire, UserWire, WebhookWire},
};
use crate::{
    clock::Moment,
    id::{LeverNoteId, OpportunityId, PostingId, StageId},
};

/// The longest page that Lever gives.
const PAGE: &str = "100";
/// Less than a lease lasts after its last extension.
const INTENT_LASTS: Duration = Duration::from_secs(30);

/// A webhook as Lever has it.
#[derive(Debug)]
pub(crate) struct RemoteWebhook {
    pub id: String,
    pub event: String,
    pub url: String,
    /// Told only when it is made.
    pub signature_token: Option<SecretString>,
    /// The origins of the candidates it tells of; `None` where Lever names no condition.
    pub origins: Option<Vec<String>>,
}

impl From<WebhookWire> for RemoteWebhook {
    fn from(wire: WebhookWire) -> Self {
        let (token, conditions) =
            wire.configuration.map(|configuration| (configuration.signature_token, configuration.conditions)).unzip();
        Self {
            id: wire.id,
            event: wire.event.unwrap_or_default(),
            url: wire.url.unwrap_or_default(),
            signature_token: token.flatten().filter(|token| !token.is_empty()).map(SecretString::from),
            origins: conditions.flatten().and_then(|conditions| conditions.origins),
        }
    }
}

/// What an answer says that shows no opportunity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Absence {
    /// That Lever does not have this one.
    NotThere,
    /// That it is not for us, or nothing that can be understood.
    Unclear,
}

/// What came of asking for an opportunity.
#[derive(Debug)]
pub(crate) enum Seen {
    /// It is there, as of this moment.
    There(Box<Opportunity>, Moment),
    /// It is not shown.
    Absent(Absence, Moment),
}

/// Whether Lever pings a new webhook before it answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verify {
    Connection,
    Later,
}

/// What is gone, or not for us to see, is the same to us.
fn if_visible<T>(read: Result<T, LeverError>) -> Result<Option<T>, LeverError> {
    match read {
        Ok(found) => Ok(Some(found)),
        Err(LeverError::NotFound | LeverError::Forbidden) => Ok(None),
        Err(error) => Err(error),
    }
}

/// The outcome of a write whose answer cannot be read is unknown.
fn as_unknown(error: LeverError) -> LeverError {
    match error {
        LeverError::BadAnswer(what) => LeverError::Temporary(what),
        other => other,
    }
}

impl Api {
    /// Reads an opportunity, and tells when it was asked for; `NotFound` also for one we may not see.
    ///
    /// # Errors
    /// See [`LeverError`].
    pub async fn opportunity(&self, id: &OpportunityId) -> Result<(Opportunity, Moment), LeverError> {
        match self.look(id).await? {
            Seen::There(found, asked_at) => Ok((*found, asked_at)),
            // Sources disagree whether a confidential one is answered with 403 or 404.
            Seen::Absent(..) => Err(LeverError::NotFound),
        }
    }

    /// The same, and where it is not shown, what Lever says of that.
    ///
    /// # Errors
    /// See [`LeverError`]; never `NotFound` or `Forbidden`.
    pub(crate) async fn look(&self, id: &OpportunityId) -> Result<Seen, LeverError> {
        let call = Call::get(&["opportunities", id.as_str()]).query("expand", "applications");
        let raw = self.perform(&call).await?;
        let (asked_at, names_it) = (raw.asked_at, raw.says_not_found("opportunities", id.as_str()));
        match raw.accepted() {
            Err(LeverError::NotFound) if names_it => Ok(Seen::Absent(Absence::NotThere, asked_at)),
            Err(LeverError::NotFound | LeverError::Forbidden) => Ok(Seen::Absent(Absence::Unclear, asked_at)),
            body => {
                let found = call::read::<One<OpportunityWire>>(&body?)?.data.into();
                Ok(Seen::There(Box::new(found), asked_at))
            }
        }
    }

    /// Whether Lever's list of deleted opportunities names this one, from `since` on; `None` where it gives us no such
    /// list that we can read.
    ///
    /// # Errors
    /// See [`LeverError`].
    pub async fn is_listed_as_deleted(&self, id: &OpportunityId, since: Moment) -> Result<Option<bool>, LeverError> {
        let call = Call::get(&["opportunities", "deleted"])
            .query("deleted_at_start", since.0.to_string())
            .query("limit", PAGE);
        match self.all::<DeletedWire>(&call).await {
            Ok(all) => Ok(Some(all.iter().any(|deleted| deleted.id == id.as_str()))),
            Err(
                LeverError::NotFound | LeverError::Forbidden | LeverError::Refused { .. } | LeverError::BadAnswer(_),
            ) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Whether we may read opportunities at present.
    ///
    /// # Errors
    /// See [`LeverError`].
    pub async fn reads_opportunities(&self) -> Result<bool, LeverError> {
        let call = Call::get(&["opportunities"]).query("limit", "1");
        match self.one::<serde::de::IgnoredAny>(&call).await {
            Ok(_) => Ok(true),
            Err(LeverError::NotFound | LeverError::Forbidden | LeverError::Refused { .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Everybody who stands in `stage` now and is not archived, optionally only those who advanced since.
    ///
    /// Somebody who moves while we read may be missed: nothing follows from an absence.
    ///
    /// # Errors
    /// See [`LeverError`].
    pub async fn opportunities_in(
        &self,
        stage: &StageId,
        posting: Option<&PostingId>,
        advanced_since: Option<Moment>,
    ) -> Result<Vec<Opportunity>, LeverError> {
        let mut query = vec![
            ("stage_id", stage.to_string()),
            ("archived", "false".to_owned()),
            ("expand", "applications".to_owned()),
            ("limit", PAGE.to_owned()),
        ];
        query.extend(posting.map(|posting| ("posting_id", posting.to_string())));
        query.extend(advanced_since.map(|since| ("advanced_at_start", since.0.to_string())));
        let read: Vec<OpportunityWire> = self.all_confidential_too(&["opportunities"], &query).await?;
        let found = read.into_iter().map(Opportunity::from).filter(|found| found.stage == *stage && !found.archived);
        let once: BTreeMap<OpportunityId, Opportunity> = found.map(|found| (found.id.clone(), found)).collect();
        Ok(once.into_values().collect())
    }

    /// The opportunities of a person, archived ones too: the first hundred, in one call, or two where Lever
    /// does not let us see confidential ones.
    ///
    /// # Errors
    /// See [`LeverError`].
    pub async fn opportunities_of(&self, person: &Person) -> Result<Vec<Opportunity>, LeverError> {
        let (name, value) = match person {
            Person::Email(email) => ("email", email.as_str()),
            Person::Contact(contact) => ("contact_id", contact.as_str()),
        };
        let call =
            || Call::get(&["opportunities"]).query(name, value).query("expand", "applications").query("limit", PAGE);
        let raw = match self.perform(&call().query("confidentiality", "all")).await?.accepted() {
            Err(LeverError::Forbidden) => self.perform(&call()).await?.accepted()?,
            read => read?,
        };
        let page: Page<OpportunityWire> = call::read(&raw)?;
        Ok(page.data.into_iter().map(Opportunity::from).collect())
    }

    /// A posting as Lever has it now; `None` when it is gone or not visible to us.
    ///
    /// # Errors
    /// See [`LeverError`].
    pub async fn posting(&self, id: &PostingId) -> Result<Option<PostingChoice>, LeverError> {
        Ok(self.posting_wire(id.as_str()).await?.map(PostingChoice::from))
    }

    pub(super) async fn posting_wire(&self, id: &str) -> Result<Option<PostingWire>, LeverError> {
        if_visible(self.one(&Call::get(&["postings", id])).await)
    }

    /// A stage as Lever has it now; `None` when it is gone.
    ///
    /// # Errors
    /// See [`LeverError`].
    pub async fn stage(&self, id: &StageId) -> Result<Option<StageChoice>, LeverError> {
        let read = if_visible(self.one::<StageWire>(&Call::get(&["stages", id.as_str()])).await)?;
        Ok(read.map(StageChoice::from))
    }

    /// The notes of an opportunity.
    ///
    /// # Errors
    /// See [`LeverError`].
    pub async fn notes(&self, opportunity: &OpportunityId) -> Result<Vec<Note>, LeverError> {
        let call = Call::get(&["opportunities", opportunity.as_str(), "notes"]).query("limit", PAGE);
        Ok(self.all::<NoteWire>(&call).await?.into_iter().map(Note::from).collect())
    }

    /// One note; `None` when it is gone.
    ///
    /// # Errors
    /// See [`LeverError`].
    pub async fn note(&self, opportunity: &OpportunityId, note: &LeverNoteId) -> Result<Option<Note>, LeverError> {
        let call = Call::get(&["opportunities", opportunity.as_str(), "notes", note.as_str()]);
        match self.one::<NoteWire>(&call).await {
            Ok(found) => Ok(Some(found.into()).filter(|note: &Note| !note.deleted)),
            // Where one alone cannot be read, or the candidate is gone, the list says so.
            Err(LeverError::NotFound | LeverError::Forbidden | LeverError::Refused { .. }) => {
                let all = self.notes(opportunity).await?;
                Ok(all.into_iter().find(|other| other.id == *note && !other.deleted))
            }
            Err(error) => Err(error),
        }
    }

    /// Writes a new note, without mailing followers, while the intent is fresh: a server that slept in between
    /// lost its lease, and another may have written the note by now.
    ///
    /// # Errors
    /// See [`LeverError`]; after `Temporary` it may exist: look for the marker before repeating.
    pub async fn create_note(
        &self,
        opportunity: &OpportunityId,
        text: &str,
        intended_at: Moment,
    ) -> Result<Note, LeverError> {
        let call = Call::new(Method::POST, &["opportunities", opportunity.as_str(), "notes"])
            .body(json!({ "value": text, "notifyFollowers": false }))
            .begun_by(intended_at.after(INTENT_LASTS));
        let note: NoteWire = self.one(&call).await.map_err(as_unknown)?;
        Ok(note.into())
    }

    /// Replaces a note's text in place; answers it as Lever wrote it down, where Lever says so.
    ///
    /// # Errors
    /// See [`LeverError`]; `Refused`, `Forbidden` and `NotFound` mean that another way is needed.
    pub async fn update_note(
        &self,
        opportunity: &OpportunityId,
        note: &LeverNoteId,
        text: &str,
    ) -> Result<Option<String>, LeverError> {
        let call = Call::new(Method::PUT, &["opportunities", opportunity.as_str(), "notes", note.as_str()])
            .body(json!({ "value": text }));
        let body = self.perform(&call).await?.accepted()?;
        // The shape of this answer is documented nowhere; that it is one is enough.
        let shape: Option<One<serde_json::Value>> =
            if body.is_empty() { None } else { Some(call::read(&body).map_err(as_unknown)?) };
        let note = shape.and_then(|shape| serde_json::from_value::<NoteWire>(shape.data).ok());
        Ok(note.map(|note| Note::from(note).text).filter(|text| !text.is_empty()))
    }

    /// Deletes a note of ours; one that is gone already is fine.
    ///
    /// # Errors
    /// See [`LeverError`].
    pub async fn delete_note(&self, opportunity: &OpportunityId, note: &LeverNoteId) -> Result<(), LeverError> {
        self.delete(&["opportunities", opportunity.as_str(), "notes", note.as_str()]).await
    }

    async fn delete(&self, path: &[&str]) -> Result<(), LeverError> {
        match self.perform(&Call::new(Method::DELETE, path)).await?.accepted() {
            Err(LeverError::NotFound) => Ok(()),
            Ok(body) if !body.is_empty() => call::read::<serde::de::IgnoredAny>(&body).map(|_| ()),
            done => done.map(|_| ()),
        }
    }

    pub(super) async fn users(&self) -> Result<Vec<UserWire>, LeverError> {
        self.all(&Call::get(&["users"]).query("includeDeactivated", "true").query("limit", PAGE)).await
    }

    pub(super) async fn stages(&self) -> Result<Vec<StageWire>, LeverError> {
        self.all(&Call::get(&["stages"]).query("limit", PAGE)).await
    }

    pub(super) async fn postings(&self) -> Result<Vec<PostingWire>, LeverError> {
        self.all_confidential_too(&["postings"], &[("limit", PAGE.to_owned())]).await
    }

    /// The webhooks made with our authorisation.
    pub(crate) async fn webhooks(&self) -> Result<Vec<RemoteWebhook>, LeverError> {
        let hooks: Vec<WebhookWire> = self.all(&Call::get(&["webhooks"])).await?;
        Ok(hooks.into_iter().map(RemoteWebhook::from).collect())
    }

    /// Whether Lever answers as it should; tells by how many milliseconds our clock is ahead of its own.
    pub(crate) async fn answers(&self) -> Result<Option<i64>, LeverError> {
        let raw = self.perform(&Call::get(&["webhooks"])).await?;
        let ahead = raw.dated.map(|dated| raw.asked_at.0 - dated.0);
        call::read::<Page<WebhookWire>>(&raw.accepted()?)?;
        Ok(ahead)
    }

    /// Makes a webhook; its signature token is told here and never again.
    pub(crate) async fn create_webhook(
        &self,
        event: &str,
        url: &str,
        verify: Verify,
    ) -> Result<RemoteWebhook, LeverError> {
        let body = match verify {
            Verify::Connection => json!({ "event": event, "url": url, "configuration": { "verifyConnection": true } }),
            Verify::Later => json!({ "event": event, "url": url }),
        };
        Ok(self.one::<WebhookWire>(&Call::new(Method::POST, &["webhooks"]).body(body)).await?.into())
    }

    /// Deletes a webhook; one that is gone already is fine.
    pub(crate) async fn delete_webhook(&self, id: &str) -> Result<(), LeverError> {
        self.delete(&["webhooks", id]).await
    }
}
