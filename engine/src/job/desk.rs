//! The dispatcher's desk: what runs, and what has ended but is not written down yet.

use std::collections::HashMap;

use tokio::{task, task::JoinSet};

use super::{Outcome, run, store::Claimed, turn::Turns};
use crate::{Engine, clock::Moment};

/// What runs, and what has ended but is not written down yet.
#[derive(Default)]
pub(super) struct Desk {
    pub tasks: JoinSet<Outcome>,
    pub running: HashMap<task::Id, Claimed>,
    pub ended: Vec<(Claimed, Outcome)>,
    pub turns: Turns,
}

impl Desk {
    pub fn start(&mut self, engine: &Engine, jobs: Vec<Claimed>) {
        for job in jobs {
            let task = {
                let (engine, job) = (engine.clone(), job.clone());
                self.tasks.spawn(async move { run::run(&engine, &job).await })
            };
            self.running.insert(task.id(), job);
        }
    }

    pub fn note_end(&mut self, ended: Result<(task::Id, Outcome), task::JoinError>) {
        let (id, outcome) = match ended {
            Ok(end) => end,
            Err(error) => (error.id(), Outcome::retry("internal error: the work broke off")),
        };
        if let Some(job) = self.running.remove(&id) {
            self.ended.push((job, outcome));
        }
    }

    /// Whoever has no more of Lever's time rests until there is some.
    pub fn note_rests(&mut self, now: Moment) {
        for (job, outcome) in &self.ended {
            if let Outcome::NotNow(wait) = outcome {
                self.turns.rest(&job.organization, now.after(*wait));
            }
        }
    }

    pub fn collect(&mut self) {
        while let Some(ended) = self.tasks.try_join_next_with_id() {
            self.note_end(ended);
        }
    }
}
