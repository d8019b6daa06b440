//! Bringing the note in Lever in step: what it should say against what was last written. The intent of
//! a create is on disk before the call, and after a lost answer our marker is looked for first.

use super::{
    store::{self, Written},
    text, unsent,
};
use crate::{
    Engine,
    fault::StoreError,
    id::{InviteId, LeverNoteId, OrganizationId},
    invite::{self, Invite},
    job::{Outcome, Run},
    lever::{Api, LeverError, Note},
};

/// After so many attempts in vain people are told that it takes long.
const WORTH_SAYING: i64 = 6;

/// How a note of ours may be changed: each is the way out where the one before is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Method {
    Update,
    /// Delete our own and create anew.
    Replace,
    /// Write one more, which says that it replaces the earlier.
    Append,
}

impl Method {
    fn slug(self) -> &'static str {
        match self {
            Self::Update => "update",
            Self::Replace => "replace",
            Self::Append => "append",
        }
    }

    fn parse(slug: &str) -> Self {
        match slug {
            "replace" => Self::Replace,
            "append" => Self::Append,
            _ => Self::Update,
        }
    }
}

/// One note being brought in step.
struct Desk<'a> {
    engine: &'a Engine,
    api: Api,
    invite: Invite,
    written: Written,
}

/// Writes, changes or leaves the note.
pub(crate) async fn write(engine: &Engine, organization: &OrganizationId, id: &InviteId, attempt: i64) -> Run {
    let Some(invite) = invite::get(&engine.db, organization, id).await? else { return Ok(Outcome::Done) };
    let desired = unsent::desired(engine, &invite).await?;
    let Some(desired) = desired.filter(|_| invite.anonymized_at.is_none()) else { return Ok(Outcome::Done) };
    let written = store::get(&engine.db, organization, id).await?;
    let mut desk = Desk { engine, api: Api::new(engine, organization), invite, written };
    let result = desk.bring_in_step(&desired).await;
    match result {
        Ok(()) => Ok(Outcome::Done),
        Err(error @ (LeverError::Forbidden | LeverError::NotFound | LeverError::Refused { .. })) => {
            desk.written.problem = Some(problem(&error).into());
            desk.keep().await?;
            Ok(Outcome::Done)
        }
        Err(error) => {
            if attempt >= WORTH_SAYING {
                desk.say_it_takes_long().await?;
            }
            Err(error.into())
        }
    }
}

fn problem(error: &LeverError) -> &'static str {
    match error {
        LeverError::Forbidden => "Lever forbids us to write notes. A Super Admin can connect again and grant it.",
        LeverError::NotFound => "Lever no longer has this candidate, so there is no note.",
        _ => "Lever refused the note.",
    }
}

impl Desk<'_> {
    async fn bring_in_step(&mut self, desired: &str) -> Result<(), LeverError> {
        if self.written.note.is_none() && self.written.create_intent_at.is_some() {
            self.look_for_lost_answer().await?;
        }
        let in_step = self.written.text.as_deref().is_some_and(|written| says(written, desired));
        match self.written.note.clone() {
            Some(_) if in_step => Ok(()),
            Some(note) => self.change(&note, desired).await,
            None => self.create(desired).await,
        }
    }

    /// A create may have happened: our newest note is the one that carries the marker.
    async fn look_for_lost_answer(&mut self) -> Result<(), LeverError> {
        let notes = self.api.notes(&self.invite.opportunity).await?;
        let intended = self.written.text.take();
        let Some(note) = self.ours(&notes, intended.as_deref()) else { return Ok(()) };
        let (id, text) = (note.id.clone(), note.text.clone());
        self.remember(id, &text).await
    }

    /// Of the notes in Lever, ours: the one with just this text, else any with the marker (several only
    /// where none can be removed, and then an unchanged text is the newest).
    fn ours<'n>(&self, notes: &'n [Note], text: Option<&str>) -> Option<&'n Note> {
        let marker = text::marker(&self.invite);
        let mine = || notes.iter().filter(|note| !note.deleted && note.text.contains(&marker));
        let exact = text.and_then(|text| mine().find(|note| note.text.trim() == text.trim()));
        exact.or_else(|| mine().next())
    }

    async fn change(&mut self, note: &LeverNoteId, desired: &str) -> Result<(), LeverError> {
        let method = self.method().await?;
        if method == Method::Update {
            match self.api.update_note(&self.invite.opportunity, note, desired).await {
                Ok(()) => return self.remember(note.clone(), desired).await,
                Err(LeverError::NotFound) if !self.still_has(note).await? => {
                    // Somebody removed it by hand: one new one, and the method is not to blame.
                    return self.create(desired).await;
                }
                Err(LeverError::Refused { .. } | LeverError::Forbidden | LeverError::NotFound) => {
                    self.remember_method(Method::Replace).await?;
                }
                Err(error) => return Err(error),
            }
        }
        if method != Method::Append {
            match self.api.delete_note(&self.invite.opportunity, note).await {
                Ok(()) => return self.create(desired).await,
                Err(LeverError::Refused { .. } | LeverError::Forbidden | LeverError::NotFound) => {
                    self.remember_method(Method::Append).await?;
                }
                Err(error) => return Err(error),
            }
        }
        self.create(&text::replacing(desired)).await
    }

    async fn still_has(&self, note: &LeverNoteId) -> Result<bool, LeverError> {
        let notes = self.api.notes(&self.invite.opportunity).await?;
        Ok(notes.iter().any(|other| other.id == *note && !other.deleted))
    }

    /// Creates a note; the row says beforehand that one may exist, and with which text.
    async fn create(&mut self, text: &str) -> Result<(), LeverError> {
        self.written.note = None;
        self.written.text = Some(text.to_owned());
        self.written.create_intent_at = Some(self.engine.clock.now());
        self.keep().await?;
        let created = self.api.create_note(&self.invite.opportunity, text).await;
        if let Err(LeverError::Refused { .. } | LeverError::Forbidden | LeverError::NotFound) = created {
            self.written.create_intent_at = None;
            self.written.text = None;
        }
        self.remember(created?, text).await
    }

    async fn remember(&mut self, note: LeverNoteId, text: &str) -> Result<(), LeverError> {
        self.written = Written {
            note: Some(note),
            text: Some(text.to_owned()),
            at: Some(self.engine.clock.now()),
            create_intent_at: None,
            problem: None,
        };
        Ok(self.keep().await?)
    }

    async fn keep(&self) -> Result<(), StoreError> {
        let mut tx = self.engine.db.write().await?;
        let key = (&self.invite.id, &self.invite.opportunity);
        store::put(&mut tx, &self.invite.organization, key, &self.written).await?;
        tx.commit().await?;
        Ok(())
    }

    async fn say_it_takes_long(&mut self) -> Result<(), StoreError> {
        let words = "Lever has not taken the note yet. It is tried again until it does.";
        if self.written.problem.as_deref() == Some(words) {
            return Ok(());
        }
        self.written.problem = Some(words.into());
        self.keep().await
    }

    async fn method(&self) -> Result<Method, StoreError> {
        let slug = store::method(&self.engine.db, &self.invite.organization).await?;
        Ok(slug.map_or(Method::Update, |slug| Method::parse(&slug)))
    }

    async fn remember_method(&self, method: Method) -> Result<(), StoreError> {
        let mut tx = self.engine.db.write().await?;
        store::remember_method(&mut tx, &self.invite.organization, method.slug()).await?;
        tx.commit().await?;
        Ok(())
    }
}

/// Whether a written text says what is desired, itself or as the replacement of an earlier note.
pub(super) fn says(written: &str, desired: &str) -> bool {
    written.trim() == desired.trim() || written.trim() == text::replacing(desired).trim()
}
