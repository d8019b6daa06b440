//! The company's account at the stand-in: its keys, assessments, invites, mails and callbacks.
//!
//! Every change to an invite goes through `act`, which counts the revision and queues the callback.

use std::collections::HashMap;

use axum::http::StatusCode;
use serde_json::Value;

use super::callback::Callbacks;
use super::invite::{Event, Outcome};
use super::mail;
use super::model::{ApiKey, Assessment, AssessmentStatus, Candidate, Invite, Mail, Millis, Permission, Status};
use super::refusal::Refusal;
use super::{ORGANIZATION, seed};
use crate::random;

const DAY: Millis = 24 * 60 * 60 * 1000;
const USUAL_DAYS: u32 = 14;

/// What a caller asks for when it invites.
#[derive(Debug, Clone)]
pub(crate) struct NewInvite {
    pub assessment_id: String,
    pub candidate: Candidate,
    pub callback_url: Option<String>,
    pub partner_key: Option<String>,
    pub valid_days: Option<u32>,
    pub message: Option<String>,
    pub metadata: Value,
}

/// Whether an answer shows something new or what the same key brought before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Made {
    New,
    Before,
}

/// The whole state behind one lock.
pub(crate) struct Account {
    pub public_url: String,
    pub keys: Vec<ApiKey>,
    pub assessments: Vec<Assessment>,
    pub invites: Vec<Invite>,
    pub mails: Vec<Mail>,
    pub callbacks: Callbacks,
    /// Counts every change, so that an open page knows when to show itself anew.
    pub version: u64,
    by_id: HashMap<String, usize>,
    by_token: HashMap<String, usize>,
    by_idempotency: HashMap<String, (Value, String)>,
}

impl Account {
    pub fn new(organization_key: String, public_url: String) -> Self {
        Self {
            public_url,
            keys: seed::keys(organization_key),
            assessments: seed::assessments(),
            invites: Vec::new(),
            mails: Vec::new(),
            callbacks: Callbacks::default(),
            version: 0,
            by_id: HashMap::new(),
            by_token: HashMap::new(),
            by_idempotency: HashMap::new(),
        }
    }

    pub fn permissions(&self, key: &str) -> Option<&'static [Permission]> {
        self.keys.iter().find(|known| known.key == key).map(|known| known.permissions)
    }

    /// Makes a new key for the whole organization.
    pub fn generate_key(&mut self) {
        self.version += 1;
        let key = format!("ctk_{}", random::hex::<24>());
        let name = format!("{ORGANIZATION}, key {}", self.keys.len() + 1);
        let permissions = &[Permission::List, Permission::Invite];
        self.keys.push(ApiKey { id: format!("key_{}", random::hex::<4>()), name, key, permissions });
    }

    /// Whether there was such a key to revoke.
    pub fn revoke_key(&mut self, id: &str) -> bool {
        let before = self.keys.len();
        self.keys.retain(|key| key.id != id);
        self.version += 1;
        self.keys.len() < before
    }

    pub fn assessment(&self, id: &str) -> Option<&Assessment> {
        self.assessments.iter().find(|assessment| assessment.id == id)
    }

    /// One that can be sent; otherwise why it cannot.
    fn sendable(&self, id: &str) -> Result<&Assessment, Refusal> {
        let Some(assessment) = self.assessment(id) else {
            let refusal = Refusal::not_found("assessment_not_found", "There is no such assessment.");
            return Err(Refusal { field: Some("assessment_id"), ..refusal });
        };
        if assessment.status != AssessmentStatus::Active {
            let message = format!("{} is not published.", assessment.name);
            return Err(Refusal::invalid("assessment_id", "assessment_not_published", message));
        }
        Ok(assessment)
    }

    pub fn invite(&self, id: &str) -> Option<&Invite> {
        self.by_id.get(id).map(|index| &self.invites[*index])
    }

    pub fn invite_of_token(&self, token: &str) -> Option<&Invite> {
        self.by_token.get(token).map(|index| &self.invites[*index])
    }

    /// By the invite's id, the caller's own reference, or the candidate's address (the latest).
    pub fn find(&self, key: &str) -> Option<&Invite> {
        self.invite(key).or_else(|| {
            let fits = |invite: &&Invite| reference(invite) == Some(key) || same_address(&invite.candidate.email, key);
            self.invites.iter().rev().find(fits)
        })
    }

    /// Makes an invite and mails it, once for each idempotency key.
    pub fn send(
        &mut self,
        new: NewInvite,
        idempotency: Option<(String, Value)>,
        now: Millis,
    ) -> Result<(String, Made), Refusal> {
        if let Some(id) = self.seen_before(idempotency.as_ref())? {
            return Ok((id, Made::Before));
        }
        let invite = self.draft(new, now)?;
        Ok((self.admit(invite, idempotency, now), Made::New))
    }

    /// A new link for a candidate whose invite is over.
    pub fn retake(
        &mut self,
        id: &str,
        (metadata, valid_days): (Option<Value>, Option<u32>),
        idempotency: Option<(String, Value)>,
        now: Millis,
    ) -> Result<(String, Made), Refusal> {
        if let Some(id) = self.seen_before(idempotency.as_ref())? {
            return Ok((id, Made::Before));
        }
        let old = self.invite(id).ok_or_else(no_such_invite)?;
        if old.is_open() {
            return Err(Refusal::new(
                StatusCode::CONFLICT,
                "still_open",
                "The invite is still open: resend it instead.",
            ));
        }
        let (retake_of, attempt) = (Some(old.id.clone()), old.attempt + 1);
        let new = NewInvite {
            assessment_id: old.assessment_id.clone(),
            candidate: old.candidate.clone(),
            callback_url: old.callback_url.clone(),
            partner_key: old.partner_key.clone(),
            valid_days,
            message: old.message.clone(),
            metadata: metadata.unwrap_or_else(|| old.metadata.clone()),
        };
        let invite = Invite { retake_of, attempt, ..self.draft(new, now)? };
        Ok((self.admit(invite, idempotency, now), Made::New))
    }

    fn seen_before(&self, idempotency: Option<&(String, Value)>) -> Result<Option<String>, Refusal> {
        let Some((key, body)) = idempotency else { return Ok(None) };
        match self.by_idempotency.get(key) {
            None => Ok(None),
            Some((known, id)) if known == body => Ok(Some(id.clone())),
            Some(_) => {
                let message = "This Idempotency-Key was used with another body.";
                Err(Refusal::new(StatusCode::UNPROCESSABLE_ENTITY, "idempotency_mismatch", message))
            }
        }
    }

    fn draft(&self, new: NewInvite, now: Millis) -> Result<Invite, Refusal> {
        let assessment = self.sendable(&new.assessment_id)?;
        Ok(Invite {
            id: format!("pi_{}", random::hex::<6>()),
            token: random::hex::<24>(),
            assessment_id: assessment.id.clone(),
            assessment_name: assessment.name.clone(),
            minutes: assessment.minutes,
            candidate: new.candidate,
            callback_url: new.callback_url,
            partner_key: new.partner_key,
            message: new.message,
            metadata: new.metadata,
            retake_of: None,
            attempt: 1,
            status: Status::Sent,
            created_at: now,
            expires_at: now + Millis::from(new.valid_days.unwrap_or(USUAL_DAYS)) * DAY,
            started_at: None,
            completed_at: None,
            score: None,
            sections: Vec::new(),
            written: Vec::new(),
            integrity: Vec::new(),
            verdicts: Vec::new(),
            failure: None,
            revision: 0,
        })
    }

    fn admit(&mut self, invite: Invite, idempotency: Option<(String, Value)>, now: Millis) -> String {
        let id = invite.id.clone();
        self.by_id.insert(id.clone(), self.invites.len());
        self.by_token.insert(invite.token.clone(), self.invites.len());
        if let Some((key, body)) = idempotency {
            self.by_idempotency.insert(key, (body, id.clone()));
        }
        self.mails.push(mail::invitation(&invite, &self.public_url, self.mails.len() + 1, now));
        self.invites.push(invite);
        self.changed(self.invites.len() - 1, Event::Sent, now);
        id
    }

    /// Mails the same link again, once for each idempotency key.
    pub fn resend(&mut self, id: &str, idempotency: Option<(String, Value)>, now: Millis) -> Result<(), Refusal> {
        if self.seen_before(idempotency.as_ref())?.is_some() {
            return Ok(());
        }
        let invite = self.invite(id).ok_or_else(no_such_invite)?;
        if !invite.is_open() {
            let state = invite.status.words().to_lowercase();
            return Err(Refusal::too_late(format!("Cannot resend this invite: it is {state}.")));
        }
        let mail = mail::reminder(invite, &self.public_url, self.mails.len() + 1, now);
        self.mails.push(mail);
        if let Some((key, body)) = idempotency {
            self.by_idempotency.insert(key, (body, id.to_owned()));
        }
        self.version += 1;
        Ok(())
    }

    /// Does one thing to an invite and tells the outside, unless nothing changed.
    pub fn act(&mut self, id: &str, now: Millis, act: impl FnOnce(&mut Invite) -> Outcome) -> Result<(), Refusal> {
        let index = *self.by_id.get(id).ok_or_else(no_such_invite)?;
        if let Some(event) = act(&mut self.invites[index])? {
            self.changed(index, event, now);
        }
        Ok(())
    }

    fn changed(&mut self, index: usize, event: Event, now: Millis) {
        self.version += 1;
        self.invites[index].revision += 1;
        let data = self.invites[index].json(&self.public_url);
        self.callbacks.queue(&self.invites[index], event, &data, now);
    }

    /// Expires every open invite whose time is over.
    pub fn expire_due(&mut self, now: Millis) {
        for index in 0..self.invites.len() {
            let invite = &mut self.invites[index];
            if invite.is_open() && invite.deadline() <= now && invite.expire().is_ok() {
                self.changed(index, Event::Expired, now);
            }
        }
    }

    /// Forgets who the candidate was; results stay without a name, open invites end.
    pub fn erase(&mut self, email: &str, now: Millis) {
        for index in 0..self.invites.len() {
            let invite = &mut self.invites[index];
            if !same_address(&invite.candidate.email, email) {
                continue;
            }
            let ended = invite.is_open();
            if ended {
                invite.status = Status::Cancelled;
            }
            let email = format!("erased-{}@erased.invalid", invite.id);
            let first_name = String::from("Erased");
            invite.candidate = Candidate { first_name, last_name: String::new(), email, profile_url: None };
            (invite.message, invite.written) = (None, Vec::new());
            if ended {
                self.changed(index, Event::Cancelled, now);
            }
        }
        for mail in self.mails.iter_mut().filter(|mail| same_address(&mail.to, email)) {
            (mail.to, mail.subject) = (String::from("erased"), String::from("Erased"));
            (mail.body, mail.link) = (String::from("This mail was erased."), String::new());
        }
        self.version += 1;
    }
}

/// The caller's own id of an invite, as it put it into the metadata.
pub(crate) fn reference(invite: &Invite) -> Option<&str> {
    invite.metadata.get("invite_id").and_then(Value::as_str)
}

pub(crate) fn same_address(one: &str, other: &str) -> bool {
    one.trim().eq_ignore_ascii_case(other.trim())
}

pub(crate) fn no_such_invite() -> Refusal {
    Refusal::not_found("invite_not_found", "There is no such invite.")
}
