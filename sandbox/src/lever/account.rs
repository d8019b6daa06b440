//! A company's account: what is in it, and what people do to candidates in it.

use std::collections::BTreeMap;

use serde_json::json;

use super::event::Event;
use super::model::{
    Application, ArchiveReason, Archived, Comment, Confidentiality, Contact, Deleted, Millis, Note, Opportunity,
    Posting, Stage, StageChange, User,
};
use super::pager::Cursors;
use super::webhook::Hooks;
use crate::random;

/// Everything but who has access.
pub(super) struct Account {
    pub(super) id: String,
    pub(super) url: String,
    pub(super) users: Vec<User>,
    /// In pipeline order.
    pub(super) stages: Vec<Stage>,
    pub(super) postings: Vec<Posting>,
    pub(super) contacts: BTreeMap<String, Contact>,
    pub(super) opportunities: BTreeMap<String, Opportunity>,
    pub(super) archive_reasons: Vec<ArchiveReason>,
    pub(super) deleted: Vec<Deleted>,
    pub(super) hooks: Hooks,
    pub(super) cursors: Cursors,
}

/// Somebody to add.
#[derive(Debug, Clone, Default)]
pub(super) struct NewCandidate {
    pub(super) name: String,
    pub(super) email: Option<String>,
    pub(super) posting: Option<String>,
    pub(super) stage: String,
    pub(super) owner: Option<String>,
    pub(super) followers: Vec<String>,
    pub(super) by: Option<String>,
}

/// Why something could not be done to the account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Missing {
    Opportunity,
    Contact,
    Stage,
    Posting,
    Reason,
    User,
    Note,
}

/// What anonymising somebody does to the notes about them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Notes {
    Cleared,
    Kept,
}

impl Account {
    pub(super) fn user(&self, id: &str) -> Option<&User> {
        self.users.iter().find(|user| user.id == id)
    }

    pub(super) fn user_name(&self, id: &str) -> &str {
        self.user(id).map_or("Somebody", |user| &user.name)
    }

    pub(super) fn stage(&self, id: &str) -> Option<&Stage> {
        self.stages.iter().find(|stage| stage.id == id)
    }

    pub(super) fn stage_index(&self, id: &str) -> usize {
        self.stages.iter().position(|stage| stage.id == id).unwrap_or_default()
    }

    /// The stage of that id or name.
    pub(super) fn find_stage(&self, which: &str) -> Result<String, Missing> {
        let named = |stage: &&Stage| stage.id == which || stage.text == which;
        self.stages.iter().find(named).map(|stage| stage.id.clone()).ok_or(Missing::Stage)
    }

    pub(super) fn posting(&self, id: &str) -> Option<&Posting> {
        self.postings.iter().find(|posting| posting.id == id)
    }

    /// The posting of that id, or the first of that name.
    pub(super) fn find_posting(&self, which: &str) -> Result<String, Missing> {
        let named = |posting: &&Posting| posting.id == which || posting.text == which;
        self.postings.iter().find(named).map(|posting| posting.id.clone()).ok_or(Missing::Posting)
    }

    /// The user of that id, name or address.
    pub(super) fn find_user(&self, which: &str) -> Result<String, Missing> {
        let named = |user: &&User| user.id == which || user.email == which || user.name == which;
        self.users.iter().find(named).map(|user| user.id.clone()).ok_or(Missing::User)
    }

    pub(super) fn find_reason(&self, which: &str) -> Result<&ArchiveReason, Missing> {
        let named = |reason: &&ArchiveReason| reason.id == which || reason.text == which;
        self.archive_reasons.iter().find(named).ok_or(Missing::Reason)
    }

    pub(super) fn opportunity(&self, id: &str) -> Result<&Opportunity, Missing> {
        self.opportunities.get(id).ok_or(Missing::Opportunity)
    }

    pub(super) fn opportunity_mut(&mut self, id: &str) -> Result<&mut Opportunity, Missing> {
        self.opportunities.get_mut(id).ok_or(Missing::Opportunity)
    }

    /// The person behind an opportunity; every opportunity has one.
    pub(super) fn contact(&self, id: &str) -> &Contact {
        static NOBODY: std::sync::LazyLock<Contact> = std::sync::LazyLock::new(Contact::default);
        self.contacts.get(id).unwrap_or(&NOBODY)
    }

    pub(super) fn confidentiality(&self, opportunity: &Opportunity) -> Confidentiality {
        let posting = opportunity.posting().and_then(|id| self.posting(id));
        posting.map_or(Confidentiality::NonConfidential, |posting| posting.confidentiality)
    }

    /// Inherited from the posting, then its own; a renamed posting renames the tag at once.
    pub(super) fn tags(&self, opportunity: &Opportunity) -> Vec<String> {
        let posting = opportunity.posting().and_then(|id| self.posting(id));
        let inherited = posting.into_iter().flat_map(Posting::inherited_tags);
        let mut tags: Vec<String> = Vec::new();
        for tag in inherited.chain(&opportunity.tags) {
            if !tags.contains(tag) {
                tags.push(tag.clone());
            }
        }
        tags
    }

    /// Adds a candidate; a known address is the same person.
    pub(super) fn add_candidate(&mut self, new: NewCandidate, now: Millis) -> String {
        let mut known = self.people();
        self.add_to(&mut known, new, now)
    }

    /// Adds many, looking at who is known only once.
    pub(super) fn add_candidates(&mut self, all: Vec<NewCandidate>, now: Millis) -> Vec<String> {
        let mut known = self.people();
        all.into_iter().map(|new| self.add_to(&mut known, new, now)).collect()
    }

    /// Contacts by their addresses in lower case.
    fn people(&self) -> BTreeMap<String, String> {
        let addresses = |contact: &Contact| contact.emails.iter().map(|email| email.to_lowercase()).collect::<Vec<_>>();
        let pairs = |contact: &Contact| addresses(contact).into_iter().zip(std::iter::repeat(contact.id.clone()));
        self.contacts.values().flat_map(pairs).collect()
    }

    fn add_to(&mut self, known: &mut BTreeMap<String, String>, new: NewCandidate, now: Millis) -> String {
        let contact = self.contact_of(known, &new, now);
        let posted = new.posting.is_some();
        let application = new.posting.map(|posting| Application { id: random::uuid(), posting, created_at: now });
        let first = StageChange {
            to_stage_index: self.stage_index(&new.stage),
            to_stage_id: new.stage.clone(),
            updated_at: now,
            user_id: new.by.clone(),
        };
        let opportunity = Opportunity {
            id: random::uuid(),
            contact,
            stage: new.stage,
            application,
            archived: None,
            tags: Vec::new(),
            sources: vec![if posted { "Posting" } else { "Added manually" }.to_owned()],
            stage_changes: vec![first],
            origin: if posted { "applied" } else { "sourced" }.to_owned(),
            sourced_by: new.by.filter(|_| !posted),
            owner: new.owner,
            followers: new.followers,
            created_at: now,
            updated_at: Some(now),
            last_interaction_at: now,
            last_advanced_at: now,
            snoozed_until: None,
            notes: Vec::new(),
        };
        let id = opportunity.id.clone();
        self.raise_application(&opportunity, now);
        self.opportunities.insert(id.clone(), opportunity);
        id
    }

    fn contact_of(&mut self, known: &mut BTreeMap<String, String>, new: &NewCandidate, now: Millis) -> String {
        let address = new.email.as_ref().map(|email| email.to_lowercase());
        if let Some(id) = address.as_ref().and_then(|address| known.get(address)) {
            return id.clone();
        }
        let contact = Contact {
            id: random::uuid(),
            name: new.name.clone(),
            emails: new.email.iter().cloned().collect(),
            ..Contact::default()
        };
        let id = contact.id.clone();
        let data = json!({ "contactId": id, "createdAt": now, "accountId": self.id });
        self.hooks.raise(Event::ContactCreated, &data, None, now);
        known.extend(address.zip(Some(id.clone())));
        self.contacts.insert(id.clone(), contact);
        id
    }

    fn raise_application(&mut self, opportunity: &Opportunity, now: Millis) {
        let Some(application) = &opportunity.application else { return };
        let mut data = subject(opportunity);
        data["applicationId"] = json!(application.id);
        self.hooks.raise(Event::ApplicationCreated, &data, Some(&opportunity.origin), now);
    }

    /// Moves a candidate; where they already are, nothing happens.
    pub(super) fn move_to(&mut self, id: &str, stage: &str, by: Option<&str>, now: Millis) -> Result<(), Missing> {
        self.stage(stage).ok_or(Missing::Stage)?;
        let to_stage_index = self.stage_index(stage);
        let opportunity = self.opportunity_mut(id)?;
        if opportunity.stage == stage {
            return Ok(());
        }
        let from = std::mem::replace(&mut opportunity.stage, stage.to_owned());
        let (to_stage_id, user_id) = (stage.to_owned(), by.map(str::to_owned));
        opportunity.stage_changes.push(StageChange { to_stage_id, to_stage_index, updated_at: now, user_id });
        opportunity.last_advanced_at = now;
        touch(opportunity, now);
        let (mut data, origin) = (subject(opportunity), opportunity.origin.clone());
        data["fromStageId"] = json!(from);
        data["toStageId"] = json!(stage);
        self.hooks.raise(Event::CandidateStageChange, &data, Some(&origin), now);
        Ok(())
    }

    /// Archives for a reason, or brings back where there is none.
    pub(super) fn archive(&mut self, id: &str, reason: Option<&str>, now: Millis) -> Result<(), Missing> {
        let reason = reason.map(|reason| self.find_reason(reason).cloned()).transpose()?;
        let hired = reason.as_ref().is_some_and(|reason| reason.hired);
        let opportunity = self.opportunity_mut(id)?;
        let to = reason.map(|reason| Archived { reason: reason.id, archived_at: now });
        if opportunity.archived.is_none() && to.is_none() {
            return Ok(());
        }
        let from = std::mem::replace(&mut opportunity.archived, to);
        touch(opportunity, now);
        let (mut data, origin) = (subject(opportunity), opportunity.origin.clone());
        if hired {
            self.hooks.raise(Event::CandidateHired, &data, Some(&origin), now);
        }
        data["fromArchived"] = json!(from);
        data["toArchived"] = json!(self.opportunity(id)?.archived);
        self.hooks.raise(Event::CandidateArchiveChange, &data, Some(&origin), now);
        Ok(())
    }

    /// Deletes a candidacy for good.
    pub(super) fn delete(&mut self, id: &str, by: &str, now: Millis) -> Result<(), Missing> {
        let gone = self.opportunities.remove(id).ok_or(Missing::Opportunity)?;
        self.deleted.push(Deleted { id: id.to_owned(), deleted_at: now, deleted_by: by.to_owned() });
        let mut data = subject(&gone);
        data["deletedBy"] = json!(by);
        self.hooks.raise(Event::CandidateDeleted, &data, None, now);
        Ok(())
    }

    /// Takes everything personal off the person behind an opportunity; the records stay. Whether notes do is
    /// documented nowhere.
    pub(super) fn anonymize(&mut self, id: &str, notes: Notes, now: Millis) -> Result<(), Missing> {
        let contact_id = self.opportunity(id)?.contact.clone();
        let blank = Contact { id: contact_id.clone(), is_anonymized: true, ..Contact::default() };
        self.contacts.insert(contact_id.clone(), blank);
        for opportunity in self.opportunities.values_mut().filter(|other| other.contact == contact_id) {
            if notes == Notes::Cleared {
                opportunity.notes.clear();
            }
            opportunity.updated_at = Some(now);
        }
        self.raise_contact(&contact_id, now);
        Ok(())
    }

    /// Gives a person these addresses.
    pub(super) fn set_emails(&mut self, id: &str, emails: Vec<String>, now: Millis) -> Result<(), Missing> {
        let contact_id = self.opportunity(id)?.contact.clone();
        self.contacts.get_mut(&contact_id).ok_or(Missing::Contact)?.emails = emails;
        self.opportunity_mut(id)?.updated_at = Some(now);
        self.raise_contact(&contact_id, now);
        Ok(())
    }

    fn raise_contact(&mut self, contact_id: &str, now: Millis) {
        let data = json!({ "contactId": contact_id, "updatedAt": now, "accountId": self.id });
        self.hooks.raise(Event::ContactUpdated, &data, None, now);
    }

    /// Merges one opportunity's person into another's: the opportunities stay, the person is one.
    pub(super) fn merge(&mut self, from: &str, into: &str, now: Millis) -> Result<(), Missing> {
        let (gone, kept) = (self.opportunity(from)?.contact.clone(), self.opportunity(into)?.contact.clone());
        if gone == kept {
            return Ok(());
        }
        let gone_contact = self.contacts.remove(&gone).ok_or(Missing::Contact)?;
        let survivor = self.contacts.get_mut(&kept).ok_or(Missing::Contact)?;
        let new = gone_contact.emails.into_iter().filter(|email| !survivor.emails.contains(email)).collect::<Vec<_>>();
        survivor.emails.extend(new);
        for opportunity in self.opportunities.values_mut().filter(|other| other.contact == gone) {
            opportunity.contact.clone_from(&kept);
            opportunity.updated_at = Some(now);
        }
        Ok(())
    }

    /// Writes a note, or answers one where `thread` names it.
    pub(super) fn write_note(&mut self, id: &str, thread: Option<&str>, note: NewNote) -> Result<&Note, Missing> {
        let opportunity = self.opportunity_mut(id)?;
        let comment = Comment {
            value: note.value,
            user: note.user.clone(),
            score: note.score,
            stage: opportunity.stage.clone(),
            created_at: note.created_at,
        };
        opportunity.last_interaction_at = note.created_at;
        if let Some(thread) = thread {
            let place = opportunity.notes.iter().position(|note| note.id == thread).ok_or(Missing::Note)?;
            opportunity.notes[place].comments.push(comment);
            return Ok(&opportunity.notes[place]);
        }
        let written = Note {
            id: random::uuid(),
            user: note.user,
            secret: note.secret,
            created_at: note.created_at,
            comments: vec![comment],
            written_by: note.written_by,
        };
        opportunity.notes.push(written);
        opportunity.notes.last().ok_or(Missing::Note)
    }
}

/// A note to write.
#[derive(Debug, Clone)]
pub(super) struct NewNote {
    pub(super) value: String,
    pub(super) user: String,
    pub(super) secret: bool,
    pub(super) score: Option<i64>,
    pub(super) created_at: Millis,
    pub(super) written_by: Option<String>,
}

/// Whom an event is about, with the deprecated name for the same thing.
fn subject(opportunity: &Opportunity) -> serde_json::Value {
    json!({ "candidateId": opportunity.id, "opportunityId": opportunity.id, "contactId": opportunity.contact })
}

/// Notes that something happened to a candidacy.
pub(super) fn touch(opportunity: &mut Opportunity, now: Millis) {
    opportunity.updated_at = Some(now);
    opportunity.last_interaction_at = now;
}
