//! What people change in an account's settings: the pipeline, postings, who works here.

use super::account::{Account, Missing};
use super::model::{Confidentiality, Millis, Posting, Stage};
use super::webhook::Hooks;
use crate::random;

/// Whether interviews happen in a stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Interviews {
    Here,
    NotHere,
}

/// A posting to add; what is empty is not shown.
#[derive(Debug, Clone)]
pub(super) struct NewPosting {
    pub(super) text: String,
    pub(super) state: String,
    pub(super) team: String,
    pub(super) location: String,
    pub(super) confidentiality: Confidentiality,
    pub(super) user: String,
}

impl Account {
    /// Turns into the account of another company with the same people's first names: another id, other
    /// addresses, no candidates and no webhooks.
    pub(super) fn become_another(&mut self, domain: &str) {
        self.id = random::uuid();
        for user in &mut self.users {
            let name = user.email.split('@').next().unwrap_or_default().to_owned();
            user.email = format!("{name}@{domain}");
        }
        self.opportunities.clear();
        self.contacts.clear();
        self.hooks = Hooks::new();
    }

    /// Adds a stage in front of Offer.
    pub(super) fn add_stage(&mut self, text: &str, interviews: Interviews) -> String {
        let place = self.stages.iter().position(|stage| stage.id == "offer").unwrap_or(self.stages.len());
        let has_interview = interviews == Interviews::Here;
        let pipeline = if has_interview { "onsite" } else { "screen" };
        let stage = Stage { id: random::uuid(), text: text.to_owned(), pipeline, rank: 0.0, has_interview };
        let id = stage.id.clone();
        self.stages.insert(place, stage);
        self.rank_stages();
        id
    }

    /// Gives a stage another name; its id stays.
    pub(super) fn rename_stage(&mut self, id: &str, text: &str) -> Result<(), Missing> {
        let stage = self.stages.iter_mut().find(|stage| stage.id == id).ok_or(Missing::Stage)?;
        text.clone_into(&mut stage.text);
        Ok(())
    }

    /// Puts a stage one place earlier.
    pub(super) fn move_stage_up(&mut self, id: &str) -> Result<(), Missing> {
        let place = self.stages.iter().position(|stage| stage.id == id).ok_or(Missing::Stage)?;
        if place > 0 && !self.stages[place].is_fixed() && !self.stages[place - 1].is_fixed() {
            self.stages.swap(place, place - 1);
            self.rank_stages();
        }
        Ok(())
    }

    /// Removes a stage; whoever is in it moves to the one before. The fixed ones stay.
    pub(super) fn remove_stage(&mut self, id: &str, by: Option<&str>, now: Millis) -> Result<(), Missing> {
        let place = self.stages.iter().position(|stage| stage.id == id).ok_or(Missing::Stage)?;
        if self.stages[place].is_fixed() || place == 0 {
            return Err(Missing::Stage);
        }
        let before = self.stages[place - 1].id.clone();
        let inside: Vec<String> =
            self.opportunities.values().filter(|one| one.stage == id).map(|one| one.id.clone()).collect();
        for opportunity in inside {
            self.move_to(&opportunity, &before, by, now)?;
        }
        self.stages.remove(place);
        self.rank_stages();
        Ok(())
    }

    /// Ranks grow along the pipeline; a new stage lands between its neighbours' hundreds.
    pub(super) fn rank_stages(&mut self) {
        let base = |pipeline: &str| -> f64 {
            match pipeline {
                "lead" => 1.0,
                "applicant" => 101.0,
                "screen" => 201.0,
                "onsite" => 231.0,
                _ => 261.0,
            }
        };
        let mut last = 0.0_f64;
        for stage in &mut self.stages {
            stage.rank = base(stage.pipeline).max(last + 0.5);
            last = stage.rank;
        }
    }

    /// Adds a posting.
    pub(super) fn add_posting(&mut self, new: NewPosting, now: Millis) -> String {
        let posting = Posting {
            id: random::uuid(),
            text: new.text,
            state: new.state,
            department: "Operations".to_owned(),
            team: new.team,
            location: new.location,
            commitment: "Full-time".to_owned(),
            country: "DE".to_owned(),
            confidentiality: new.confidentiality,
            user: new.user.clone(),
            owner: Some(new.user),
            hiring_manager: None,
            followers: Vec::new(),
            tags: Vec::new(),
            created_at: now,
            updated_at: now,
        };
        let id = posting.id.clone();
        self.postings.push(posting);
        id
    }

    /// Changes a posting; its opportunities' tags follow.
    pub(super) fn change_posting(
        &mut self,
        id: &str,
        now: Millis,
        change: impl FnOnce(&mut Posting),
    ) -> Result<(), Missing> {
        let posting = self.postings.iter_mut().find(|posting| posting.id == id).ok_or(Missing::Posting)?;
        change(posting);
        posting.updated_at = now;
        Ok(())
    }

    /// Adds postings until there are that many.
    pub(super) fn fill_postings(&mut self, until: usize, by: &str, now: Millis) {
        const CITIES: [&str; 6] = ["Berlin", "Lyon", "Lisbon", "Toronto", "Remote", "Osaka"];
        const TEAMS: [&str; 5] = ["Field service", "Calibration", "Optics", "Logistics", "Finance"];
        for number in self.postings.len()..until {
            let (team, city) = (TEAMS[number % TEAMS.len()], CITIES[number % CITIES.len()]);
            let new = NewPosting {
                text: format!("{team} specialist {number:04}"),
                state: "published".to_owned(),
                team: team.to_owned(),
                location: city.to_owned(),
                confidentiality: Confidentiality::NonConfidential,
                user: by.to_owned(),
            };
            let age = i64::try_from(until - number).unwrap_or_default() * 60_000;
            self.add_posting(new, now - age);
        }
    }
}
