//! The judge. It reads only what the outside saw: the invites and mails at Canditech and the notes in
//! Lever. What the servers believe is no evidence.

use std::{collections::HashMap, fmt};

use serde_json::Value;

use crate::{
    halden::Halden,
    people::{Candidate, People},
};

/// What is wrong, each in a sentence.
#[derive(Debug, Default)]
pub struct Judgement {
    pub due: usize,
    pub sent: usize,
    pub lost: Vec<String>,
    pub repeated: Vec<String>,
    pub out_of_step: Vec<String>,
}

impl Judgement {
    /// Whether everybody got what was due, once, and every note is true.
    pub fn is_clean(&self) -> bool {
        self.lost.is_empty() && self.repeated.is_empty() && self.out_of_step.is_empty()
    }

    /// The first few sentences.
    pub fn sentences(&self) -> Vec<&String> {
        self.lost.iter().chain(&self.repeated).chain(&self.out_of_step).take(12).collect()
    }

    /// Compares the outside world of all companies with what their candidates' stories make due.
    pub async fn of_all(companies: &[Halden], crowds: &[People]) -> Self {
        let mut all = Self::default();
        for (company, people) in companies.iter().zip(crowds) {
            let one = Self::of(company, &people.candidates).await;
            all.due += one.due;
            all.sent += one.sent;
            all.lost.extend(one.lost);
            all.repeated.extend(one.repeated);
            all.out_of_step.extend(one.out_of_step);
        }
        all
    }

    /// The same of one company.
    pub async fn of(halden: &Halden, candidates: &[Candidate]) -> Self {
        // The notes first: what is sent and noted between the two looks would be a note without an invite.
        let state = halden.lever_state().await;
        let invites = by_email(halden.sent().await);
        let notes: HashMap<&str, &Vec<Value>> =
            state["opportunities"].as_array().expect("a list").iter().map(notes_of).collect();
        let mut judgement = Self::default();
        for candidate in candidates {
            let got = invites.get(&candidate.email).map_or(&[][..], Vec::as_slice);
            judgement.weigh(candidate, got);
            judgement.compare(candidate, got, notes[candidate.opportunity.as_str()]);
        }
        judgement
    }

    fn weigh(&mut self, candidate: &Candidate, got: &[Value]) {
        let (least, most) = candidate.story.due();
        self.due += least;
        self.sent += got.len();
        let who = format!("{} ({:?})", candidate.email, candidate.story);
        if got.len() < least {
            self.lost.push(format!("{who} got no invite"));
        }
        let mails: usize = got.iter().map(|invite| invite["mails"].as_array().map_or(0, Vec::len)).sum();
        if got.len() > most || mails > most {
            self.repeated.push(format!("{who} got {} invites and {mails} mails", got.len()));
        }
    }

    fn compare(&mut self, candidate: &Candidate, got: &[Value], notes: &[Value]) {
        let who = format!("{} ({:?})", candidate.email, candidate.story);
        if notes.len() > 1 || notes.len() > got.len() {
            let texts: Vec<&Value> = notes.iter().map(|note| &note["fields"][0]["value"]).collect();
            self.repeated.push(format!("{who} has {} notes for {} invites: {texts:?}", notes.len(), got.len()));
            return;
        }
        let Some(invite) = got.first() else { return };
        let expected = lines(invite);
        let text = notes.first().and_then(|note| note["fields"][0]["value"].as_str()).unwrap_or("no note");
        if !expected.iter().all(|line| text.lines().any(|other| other == line)) {
            self.out_of_step.push(format!("{who} should have {expected:?} and has {text:?}"));
        }
    }
}

impl fmt::Display for Judgement {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (lost, repeated, out_of_step) = (self.lost.len(), self.repeated.len(), self.out_of_step.len());
        write!(out, "{} due, {} sent: lost {lost}, repeated {repeated}, out of step {out_of_step}", self.due, self.sent)
    }
}

fn by_email(invites: Vec<Value>) -> HashMap<String, Vec<Value>> {
    let mut all: HashMap<String, Vec<Value>> = HashMap::new();
    for invite in invites {
        let email = invite["candidate"]["email"].as_str().expect("an address").to_owned();
        all.entry(email).or_default().push(invite);
    }
    all
}

/// All notes that were ever written, those that were deleted too.
fn notes_of(opportunity: &Value) -> (&str, &Vec<Value>) {
    (opportunity["id"].as_str().expect("an id"), opportunity["notes"].as_array().expect("a list"))
}

/// What the note must say.
fn lines(invite: &Value) -> Vec<String> {
    let status = match invite["status"].as_str().expect("a status") {
        "sent" => "Sent",
        "started" => "Started",
        "completed" => "Completed",
        other => other,
    };
    let score = invite["score"]["value"].as_u64().map_or("pending".to_owned(), |value| format!("{value}/100"));
    let verdict = invite["verdict"].as_str().unwrap_or("n/a");
    vec![format!("Status: {status}"), format!("Score: {score}"), format!("Verdict: {verdict}")]
}
