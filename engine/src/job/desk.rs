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

#[cfg(test)]
mod tests {
    use super::*;

    fn claimed(attempt: i64) -> Claimed {
        Claimed {
            id: "job_1".into(),
            priority: 5,
            organization: "org_1".into(),
            payload: String::new(),
            attempt,
            asked: 1,
            trying_since: Moment(0),
            broken: 0,
            lease: String::new(),
        }
    }

    #[tokio::test]
    async fn work_that_panics_is_tried_again_and_the_rest_goes_on() {
        let mut desk = Desk::default();
        let breaks = desk.tasks.spawn(async { panic!("a fault in the work") });
        desk.running.insert(breaks.id(), claimed(1));
        let goes_on = desk.tasks.spawn(async { Outcome::Done });
        desk.running.insert(goes_on.id(), claimed(2));
        while let Some(ended) = desk.tasks.join_next_with_id().await {
            desk.note_end(ended);
        }
        assert!(desk.running.is_empty());
        desk.ended.sort_by_key(|(job, _)| job.attempt);
        let [(_, broken), (_, done)] = &desk.ended[..] else { panic!("two ended") };
        let Outcome::Retry { after: None, reason } = broken else { panic!("it is tried again: {broken:?}") };
        assert_eq!(reason, "internal error: the work broke off", "and tells nothing of the inside");
        assert!(matches!(done, Outcome::Done));
    }
}
