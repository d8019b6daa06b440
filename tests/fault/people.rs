//! What people do meanwhile: recruiters move candidates, candidates take their tests, reviewers judge.
//! Nobody here knows that servers die.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::{
    chance::Chance,
    halden::{Halden, STAGE},
};

/// What a recruiter does with a candidate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Story {
    /// Enters the stage and stays.
    Stays,
    /// Enters, leaves and enters again, all within moments.
    Returns,
    /// Enters and leaves within moments: whether an invite was faster is a matter of luck.
    PassesThrough,
    /// Goes to another stage.
    OtherStage,
    /// Enters the stage, and applied to a position without an assessment there.
    OtherPosition,
}

impl Story {
    /// How many invites are due, at least and at most.
    pub fn due(self) -> (usize, usize) {
        match self {
            Self::Stays | Self::Returns => (1, 1),
            Self::PassesThrough => (0, 1),
            Self::OtherStage | Self::OtherPosition => (0, 0),
        }
    }

    fn any(chance: &mut Chance) -> Self {
        match chance.below(20) {
            0 => Self::OtherStage,
            1 => Self::OtherPosition,
            2 | 3 => Self::PassesThrough,
            4 | 5 => Self::Returns,
            _ => Self::Stays,
        }
    }

    fn stages(self) -> &'static [&'static str] {
        match self {
            Self::Stays | Self::OtherPosition => &[STAGE],
            Self::Returns => &[STAGE, "offer", STAGE],
            Self::PassesThrough => &[STAGE, "offer"],
            Self::OtherStage => &["offer"],
        }
    }
}

/// Somebody who applied.
#[derive(Debug)]
pub struct Candidate {
    pub opportunity: String,
    pub email: String,
    pub story: Story,
}

/// Everybody, and how far they are.
pub struct People {
    pub candidates: Vec<Candidate>,
    /// How many stage changes Lever told of.
    pub moves: usize,
    /// The word that is in the name and the address of each, and of nobody else's.
    pub mark: &'static str,
    chance: Chance,
}

impl People {
    pub fn new(mark: &'static str, chance: Chance) -> Self {
        Self { candidates: Vec::new(), moves: 0, mark, chance }
    }

    /// Some apply and are moved. Lever tells of it three times each, sometimes the newest first.
    pub async fn arrive(&mut self, halden: &Halden, count: usize) {
        let mode = json!({ "duplicate": 2, "hold": self.chance.one_in(2), "fresh_token": self.chance.one_in(2) });
        halden.lever("/sandbox/webhooks/mode", mode).await;
        let mut moves = Vec::new();
        for _ in 0..count {
            let candidate = self.applies(halden).await;
            moves.push((candidate.opportunity.clone(), candidate.story.stages()));
            self.candidates.push(candidate);
        }
        self.chance.shuffle(&mut moves);
        for (opportunity, stages) in moves {
            for stage in stages {
                halden.lever("/sandbox/move", json!({ "opportunity": opportunity, "stage": stage })).await;
                self.moves += 1;
            }
        }
        let order = if self.chance.one_in(2) { "newest" } else { "oldest" };
        halden.lever("/sandbox/webhooks/release", json!({ "order": order })).await;
    }

    async fn applies(&mut self, halden: &Halden) -> Candidate {
        let number = self.candidates.len();
        let story = Story::any(&mut self.chance);
        let (name, email) =
            (format!("Candidate {number} {}", self.mark), format!("candidate.{number}@{}.example", self.mark));
        let posting = if story == Story::OtherPosition { "Data Analyst" } else { "Python Developer" };
        let body = json!({ "name": name, "email": email, "posting": posting });
        let made = halden.lever("/sandbox/candidates", body).await;
        let opportunity = made["opportunity"].as_str().expect("an id").to_owned();
        Candidate { opportunity, email, story }
    }

    /// Whoever has an invite goes a step on with some luck, and all of them do `until_done`. Callbacks
    /// are repeated, and sometimes turned round. Answers whether anybody did anything.
    pub async fn take_tests(&mut self, halden: &Halden, until_done: bool) -> bool {
        let hold = !until_done && self.chance.one_in(2);
        halden.canditech("/sandbox/callbacks/mode", json!({ "duplicate": true, "hold": hold })).await;
        let mut acted = false;
        for invite in halden.sent().await {
            if until_done || self.chance.one_in(3) {
                acted |= self.step(halden, &invite).await;
            }
        }
        halden.canditech("/sandbox/callbacks/release", json!({ "order": "reversed" })).await;
        acted
    }

    /// One step of one test; who ends where follows from the candidate's own name.
    async fn step(&mut self, halden: &Halden, invite: &Value) -> bool {
        let id = invite["invite_id"].as_str().expect("an id");
        let fate = Fate::of(invite);
        match invite["status"].as_str() {
            Some("sent") if fate.starts => halden.canditech("/sandbox/start", json!({ "invite": id })).await,
            Some("started") if fate.submits => {
                halden.canditech("/sandbox/complete", json!({ "invite": id, "score": fate.score })).await
            }
            Some("completed") if fate.is_rescored && invite["score"]["value"] == fate.score => {
                halden.canditech("/sandbox/rescore", json!({ "invite": id, "score": fate.score + 1 })).await
            }
            Some("completed") if fate.verdict.is_some() && invite["verdicts"].as_array().is_none_or(Vec::is_empty) => {
                let act = json!({ "invite": id, "verdict": fate.verdict, "by": "Priya Raman" });
                halden.canditech("/sandbox/verdict", act).await
            }
            _ => return false,
        };
        true
    }

    /// How many are to be invited by now, at least.
    pub fn due(&self) -> usize {
        self.candidates.iter().map(|candidate| candidate.story.due().0).sum()
    }

    /// How many have which story.
    pub fn stories(&self) -> BTreeMap<Story, usize> {
        self.candidates.iter().fold(BTreeMap::new(), |mut counts, candidate| {
            *counts.entry(candidate.story).or_default() += 1;
            counts
        })
    }
}

/// How far a candidate's test goes.
struct Fate {
    starts: bool,
    submits: bool,
    score: u64,
    is_rescored: bool,
    verdict: Option<&'static str>,
}

impl Fate {
    fn of(invite: &Value) -> Self {
        let email = invite["candidate"]["email"].as_str().unwrap_or_default();
        let number = email.bytes().filter(u8::is_ascii_digit).fold(7, |sum, digit| sum * 31 + u64::from(digit));
        let mut chance = Chance::new(number);
        Self {
            starts: !chance.one_in(8),
            submits: !chance.one_in(8),
            score: chance.below(100),
            is_rescored: chance.one_in(6),
            verdict: [None, Some("passed"), Some("failed")][usize::try_from(chance.below(3)).expect("small")],
        }
    }
}
