//! Bringing the note in Lever in step: what it should say against what was last written. The intent of
//! a create is on disk before the call, and after a lost answer our marker is looked for first.

use super::{
    choice,
    merge::{self, Found, same},
    store::{self, Written},
    text,
};
use crate::{
    Engine,
    fault::StoreError,
    id::{InviteId, LeverNoteId, OrganizationId},
    invite::{self, Invite},
    job::{Outcome, Run},
    lever::{Api, LeverError, Note},
    live::Change,
    timeline,
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
    if invite.anonymized_at.is_some() {
        return Ok(Outcome::Done);
    }
    let desired = choice::desired(engine, &invite).await?;
    let written = store::get(&engine.db, organization, id).await?;
    let shown = written.clone();
    let mut desk = Desk { engine, api: Api::new(engine, organization), invite, written };
    let run = match desired {
        Some(desired) => desk.run(&desired, attempt).await,
        None => desk.nothing_is_missing().await.map(|()| Outcome::Done).map_err(Into::into),
    };
    if shown != desk.written {
        engine.live.tell(organization, Change::Invite { invite: id.clone(), version: desk.invite.version });
    }
    run
}

fn problem(error: &LeverError) -> &'static str {
    match error {
        LeverError::Forbidden => "Lever forbids us to write notes. A Super Admin can connect again and grant it.",
        LeverError::NotFound => "Lever no longer has this candidate, so there is no note.",
        _ => "Lever refused the note.",
    }
}

impl Desk<'_> {
    async fn run(&mut self, desired: &str, attempt: i64) -> Run {
        match self.bring_in_step(desired).await {
            Ok(()) => Ok(Outcome::Done),
            Err(error @ (LeverError::Forbidden | LeverError::NotFound | LeverError::Refused { .. })) => {
                self.written.problem = Some(problem(&error).into());
                self.keep().await?;
                Ok(Outcome::Done)
            }
            Err(error) => {
                if attempt >= WORTH_SAYING || matches!(error, LeverError::Down { .. }) {
                    self.say_it_takes_long().await?;
                }
                Err(error.into())
            }
        }
    }

    async fn bring_in_step(&mut self, desired: &str) -> Result<(), LeverError> {
        if self.written.note.is_none() && self.written.create_intent_at.is_some() {
            self.look_for_lost_answer(desired).await?;
        }
        let replaces = self.written.text.as_deref().is_some_and(text::replaces);
        let desired = &if replaces { text::replacing(desired) } else { desired.to_owned() };
        let is_sure = self.written.change_intent.is_none();
        let in_step = is_sure && self.written.text.as_deref().is_some_and(|written| says(written, desired));
        match self.written.note.clone() {
            Some(_) if in_step => Ok(self.nothing_is_missing().await?),
            Some(note) => self.change(&note, desired).await,
            None => self.create(desired).await,
        }
    }

    /// A create may have happened: our newest note is the one that carries the marker.
    async fn look_for_lost_answer(&mut self, desired: &str) -> Result<(), LeverError> {
        let notes = self.api.notes(&self.invite.opportunity).await?;
        let intended = self.written.text.clone();
        let Some(note) = self.ours(&notes, intended.as_deref()) else { return Ok(()) };
        let (id, standing) = (note.id.clone(), note.text.clone());
        // Whatever else stands in it somebody added, and it is not ours to lose.
        let written = intended.unwrap_or_else(|| merge::ours_in(&standing, desired));
        self.remember(id, &written, Some(standing)).await
    }

    /// Of the notes in Lever, ours: the one that says what we meant to write, else any with the marker; but
    /// where that was to replace an earlier one, the earlier is not taken for it.
    fn ours<'n>(&self, notes: &'n [Note], text: Option<&str>) -> Option<&'n Note> {
        let marker = text::marker(&self.invite);
        let mine = || notes.iter().filter(|note| !note.deleted && note.text.contains(&marker));
        let meant = text.and_then(|text| mine().find(|note| merge::stands(&note.text, text)));
        meant.or_else(|| mine().next().filter(|_| !text.is_some_and(text::replaces)))
    }

    /// Lever is asked first: what a person wrote into our note is never written over.
    async fn change(&mut self, note: &LeverNoteId, desired: &str) -> Result<(), LeverError> {
        let method = self.method().await?;
        if method == Method::Append {
            return self.create(&text::replacing(desired)).await;
        }
        let Some(standing) = self.api.note(&self.invite.opportunity, note).await? else {
            // Somebody removed it by hand: one new one, and the method is not to blame.
            return self.create(desired).await;
        };
        self.confirm_intent(&standing.text);
        match self.found(&standing.text, desired) {
            Found::Said => {
                let whole = Some(standing.text).filter(|text| !same(text, desired));
                self.remember(note.clone(), desired, whole).await
            }
            Found::OursAlone => self.replace(note, method, desired).await,
            Found::OursWithin(merged) if method == Method::Update => self.add_ours(note, desired, merged).await,
            Found::OursWithin(_) | Found::Theirs => self.leave_theirs(desired).await,
        }
    }

    /// A change whose answer was lost took place: from here on what it wrote is what we wrote last, or the
    /// intent of the next change would make it a stranger's.
    fn confirm_intent(&mut self, standing: &str) {
        let stands = |intent: &&String| !intent.is_empty() && merge::stands(standing, intent);
        if let Some(intent) = self.written.change_intent.as_ref().filter(stands) {
            self.written.standing = (!same(standing, intent)).then(|| standing.to_owned());
            self.written.text = Some(intent.clone());
        }
    }

    fn found(&self, standing: &str, desired: &str) -> Found {
        let Written { text, standing: whole, change_intent, .. } = &self.written;
        let may_be: Vec<&str> =
            text.iter().chain(change_intent).map(String::as_str).filter(|t| !t.is_empty()).collect();
        let is_known = text.is_some() && change_intent.as_deref() != Some("");
        match merge::found(standing, &may_be, whole.as_deref(), desired) {
            Found::Theirs if !is_known => merge::guessed(standing, desired),
            found => found,
        }
    }

    /// Changes a note that holds nothing but ours, in whatever way Lever lets us. A way is remembered once it worked
    /// where the one before was refused: what is refused with everything else says nothing about the ways.
    async fn replace(&mut self, note: &LeverNoteId, method: Method, desired: &str) -> Result<(), LeverError> {
        let mut is_refused = method != Method::Update;
        if method == Method::Update {
            match self.update(note, desired, desired).await {
                Ok(as_written) => {
                    let whole = as_written.filter(|text| !same(text, desired));
                    return self.remember(note.clone(), desired, whole).await;
                }
                Err(LeverError::Refused { .. } | LeverError::Forbidden) => is_refused = true,
                // It is gone, and the method not to blame.
                Err(LeverError::NotFound) => {}
                Err(error) => return Err(error),
            }
        }
        match self.api.delete_note(&self.invite.opportunity, note).await {
            Ok(()) => {
                self.create(desired).await?;
                if is_refused && method != Method::Replace {
                    self.remember_method(Method::Replace).await?;
                }
            }
            Err(LeverError::Refused { .. } | LeverError::Forbidden) => {
                self.create(&text::replacing(desired)).await?;
                if is_refused {
                    self.remember_method(Method::Append).await?;
                }
            }
            Err(error) => return Err(error),
        }
        Ok(())
    }

    /// Our lines change where they stand between those that somebody added.
    async fn add_ours(&mut self, note: &LeverNoteId, desired: &str, merged: String) -> Result<(), LeverError> {
        match self.update(note, desired, &merged).await {
            Ok(_) => {
                self.tell("Somebody added to the note in Lever: that stays, and our lines in it are up to date.")
                    .await?;
                self.remember(note.clone(), desired, Some(merged)).await
            }
            Err(LeverError::Refused { .. } | LeverError::Forbidden | LeverError::NotFound) => {
                self.leave_theirs(desired).await
            }
            Err(error) => Err(error),
        }
    }

    /// Writes `whole` over the note; the row says beforehand which lines of ours may stand in it then.
    async fn update(&mut self, note: &LeverNoteId, ours: &str, whole: &str) -> Result<Option<String>, LeverError> {
        self.written.change_intent = Some(ours.to_owned());
        self.keep().await?;
        self.api.update_note(&self.invite.opportunity, note, whole).await
    }

    /// Our lines are there no more as we wrote them: the note is somebody else's now.
    async fn leave_theirs(&mut self, desired: &str) -> Result<(), LeverError> {
        self.tell("Somebody edited the note in Lever: that note stays as it is, and a new one replaces it.").await?;
        self.create(&text::replacing(desired)).await
    }

    /// Says it in the timeline, once.
    async fn tell(&self, sentence: &'static str) -> Result<(), StoreError> {
        let (organization, id) = (&self.invite.organization, &self.invite.id);
        let told = timeline::store::of(&self.engine.db, organization, id).await?;
        if told.iter().any(|entry| entry.sentence == sentence) {
            return Ok(());
        }
        let mut tx = self.engine.db.write().await?;
        let entry = invite::entry(self.engine.clock.now(), "note", sentence, None);
        timeline::add(&mut tx, organization, id, &entry).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Creates a note; the row says beforehand that one may exist, and with which text.
    async fn create(&mut self, text: &str) -> Result<(), LeverError> {
        let before = self.written.clone();
        self.written.note = None;
        self.written.text = Some(text.to_owned());
        self.written.standing = None;
        self.written.change_intent = None;
        let now = self.engine.clock.now();
        self.written.create_intent_at = Some(now);
        self.keep().await?;
        let created = self.api.create_note(&self.invite.opportunity, text, now).await;
        // Nothing was asked, or it was turned away: there is no lost answer to look for but an earlier one, and the
        // note that was to be replaced is known as before.
        if let Err(
            LeverError::Refused { .. }
            | LeverError::Forbidden
            | LeverError::NotFound
            | LeverError::Busy { .. }
            | LeverError::Down { .. }
            | LeverError::RateLimited { .. }
            | LeverError::Paused,
        ) = created
        {
            self.written = before;
            self.keep().await?;
        }
        let created = created?;
        let whole = Some(created.text).filter(|written| !written.is_empty() && !same(written, text));
        self.remember(created.id, text, whole).await
    }

    async fn remember(&mut self, note: LeverNoteId, text: &str, standing: Option<String>) -> Result<(), LeverError> {
        self.written = Written {
            note: Some(note),
            text: Some(text.to_owned()),
            at: Some(self.engine.clock.now()),
            create_intent_at: None,
            standing,
            change_intent: None,
            problem: None,
        };
        Ok(self.keep().await?)
    }

    /// Refused once the candidate is erased: nothing of them is kept, and so nothing written, any more. An erasure
    /// comes before or after, since the invite is held.
    async fn keep(&self) -> Result<(), StoreError> {
        let mut tx = self.engine.db.write().await?;
        let held = invite::hold(&mut tx, &self.invite.organization, &self.invite.id).await?;
        if held.is_none_or(|held| held.anonymized_at.is_some()) {
            return Err(StoreError::NotStored("the candidate was erased"));
        }
        let key = (&self.invite.id, &self.invite.opportunity);
        store::put(&mut tx, &self.invite.organization, key, &self.written).await?;
        tx.commit().await?;
        Ok(())
    }

    /// What was in the way once is so no more.
    async fn nothing_is_missing(&mut self) -> Result<(), StoreError> {
        if self.written.problem.take().is_none() {
            return Ok(());
        }
        self.keep().await
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
