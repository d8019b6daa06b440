//! What can happen to an invite: each act changes it and names the event that the outside hears.
//!
//! An act that changes nothing answers `None` (a repeated cancel); one that may not be is a refusal.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::model::{Invite, Millis, SectionScore, Signal, Status, Verdict, VerdictAct, WrittenAnswer, rfc3339};
use super::refusal::Refusal;
use super::score;

/// What the callback tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Event {
    Sent,
    Started,
    Completed,
    ScoreChanged,
    VerdictChanged,
    Expired,
    Cancelled,
    Declined,
    Error,
}

impl Event {
    pub fn name(self) -> &'static str {
        match self {
            Self::Sent => "assessment.sent",
            Self::Started => "assessment.started",
            Self::Completed => "assessment.completed",
            Self::ScoreChanged => "assessment.score_changed",
            Self::VerdictChanged => "assessment.verdict_changed",
            Self::Expired => "assessment.expired",
            Self::Cancelled => "assessment.cancelled",
            Self::Declined => "assessment.declined",
            Self::Error => "assessment.error",
        }
    }
}

/// What an act brought about.
pub(crate) type Outcome = Result<Option<Event>, Refusal>;

/// What a submitted test is worth.
#[derive(Debug, Clone, Default)]
pub(crate) struct Marks {
    /// None: the score follows later.
    pub score: Option<u32>,
    pub sections: Vec<SectionScore>,
    pub written: Vec<WrittenAnswer>,
    pub integrity: Vec<Signal>,
}

impl Marks {
    /// The score is the sections' mean by weight.
    pub fn of_sections(sections: Vec<SectionScore>) -> Self {
        let known: Vec<(u32, u32)> =
            sections.iter().filter_map(|section| section.value.map(|value| (section.weight, value))).collect();
        Self { score: score::weighted(&known), sections, ..Self::default() }
    }
}

impl Invite {
    /// Sent or started: the candidate can still act.
    pub fn is_open(&self) -> bool {
        matches!(self.status, Status::Sent | Status::Started)
    }

    /// When it expires: whoever has started may use the full duration.
    pub fn deadline(&self) -> Millis {
        let end_of_test = self.started_at.map_or(0, |at| at + i64::from(self.minutes) * 60_000);
        self.expires_at.max(end_of_test)
    }

    pub fn verdict(&self) -> Verdict {
        self.verdicts.last().map_or(Verdict::None, |act| act.verdict)
    }

    /// The candidate presses "Start assessment"; pressing it again goes on with the test.
    pub fn start(&mut self, now: Millis) -> Outcome {
        match self.status {
            Status::Started => Ok(None),
            Status::Sent => {
                self.status = Status::Started;
                self.started_at = Some(now);
                Ok(Some(Event::Started))
            }
            _ => Err(self.refuse("start")),
        }
    }

    /// The candidate hands the test in.
    pub fn submit(&mut self, marks: Marks, now: Millis) -> Outcome {
        match self.status {
            Status::Started => Ok(Some(self.take(marks, now))),
            _ => Err(self.refuse("submit")),
        }
    }

    /// A result arrives from wherever, even for an expired or cancelled invite.
    pub fn complete(&mut self, marks: Marks, now: Millis) -> Outcome {
        match self.status {
            Status::Completed => Err(self.refuse("complete")),
            _ => Ok(Some(self.take(marks, now))),
        }
    }

    fn take(&mut self, marks: Marks, now: Millis) -> Event {
        self.status = Status::Completed;
        self.started_at = self.started_at.or(Some(now));
        self.completed_at = Some(now);
        (self.score, self.sections) = (marks.score, marks.sections);
        (self.written, self.integrity) = (marks.written, marks.integrity);
        Event::Completed
    }

    /// A person corrects the score, or gives the one that was missing.
    pub fn rescore(&mut self, marks: Marks) -> Outcome {
        if self.status != Status::Completed {
            return Err(self.refuse("score"));
        }
        self.score = marks.score;
        if !marks.sections.is_empty() {
            self.sections = marks.sections;
        }
        Ok(Some(Event::ScoreChanged))
    }

    /// The sender takes it back; taking back twice is no error.
    pub fn cancel(&mut self) -> Outcome {
        match self.status {
            Status::Sent => {
                self.status = Status::Cancelled;
                Ok(Some(Event::Cancelled))
            }
            Status::Cancelled => Ok(None),
            _ => Err(self.refuse("cancel")),
        }
    }

    /// The time is over.
    pub fn expire(&mut self) -> Outcome {
        if !self.is_open() {
            return Err(self.refuse("expire"));
        }
        self.status = Status::Expired;
        Ok(Some(Event::Expired))
    }

    /// More time; an expired invite opens again.
    pub fn extend(&mut self, expires_at: Millis, now: Millis) -> Outcome {
        if expires_at <= now {
            return Err(Refusal::invalid("expires_at", "invalid", "expires_at must lie in the future."));
        }
        if !self.is_open() && self.status != Status::Expired {
            return Err(self.refuse("extend"));
        }
        self.expires_at = expires_at;
        if self.status == Status::Expired {
            self.status = if self.started_at.is_some() { Status::Started } else { Status::Sent };
        }
        Ok(Some(if self.status == Status::Started { Event::Started } else { Event::Sent }))
    }

    /// The candidate says no.
    pub fn decline(&mut self) -> Outcome {
        match self.status {
            Status::Sent | Status::Started => {
                self.status = Status::Declined;
                Ok(Some(Event::Declined))
            }
            Status::Declined => Ok(None),
            _ => Err(self.refuse("decline")),
        }
    }

    /// Something broke on the way to the candidate.
    pub fn fail(&mut self, reason: String) -> Outcome {
        if !self.is_open() {
            return Err(self.refuse("fail"));
        }
        self.status = Status::Error;
        self.failure = Some(reason);
        Ok(Some(Event::Error))
    }

    /// A reviewer's thumb; an act older than the one that stands changes nothing.
    pub fn decide(&mut self, act: VerdictAct) -> Outcome {
        if self.status != Status::Completed {
            let message = "A verdict can be given once the assessment is completed.";
            return Err(Refusal::new(StatusCode::CONFLICT, "not_completed", message));
        }
        let standing = self.verdicts.last();
        let repeated = standing.map_or(act.verdict == Verdict::None, |last| {
            act.at < last.at || (last.verdict == act.verdict && last.by == act.by)
        });
        if repeated {
            return Ok(None);
        }
        self.verdicts.push(act);
        Ok(Some(Event::VerdictChanged))
    }

    fn refuse(&self, act: &str) -> Refusal {
        let state = self.status.words().to_lowercase();
        Refusal::too_late(format!("Cannot {act} this invite: it is {state}."))
    }

    /// The invite as the API shows it.
    pub fn json(&self, public_url: &str) -> Value {
        let report = self.completed_at.map(|_| format!("{public_url}/report/{}", self.id));
        let standing = self.verdicts.last();
        json!({
            "invite_id": self.id,
            "status": self.status,
            "assessment_id": self.assessment_id,
            "assessment_name": self.assessment_name,
            "candidate": self.candidate,
            "candidate_url": format!("{public_url}/test/{}", self.token),
            "created_at": rfc3339(self.created_at),
            "expires_at": rfc3339(self.expires_at),
            "started_at": self.started_at.map(rfc3339),
            "completed_at": self.completed_at.map(rfc3339),
            "revision": self.revision,
            "score": self.score.map(out_of_hundred),
            "sections": self.sections.iter().map(section_json).collect::<Vec<_>>(),
            "report_url": report,
            "verdict": self.verdict(),
            "verdict_by": standing.map(|act| &act.by),
            "verdict_at": standing.map(|act| rfc3339(act.at)),
            "integrity": self.integrity,
            "error_message": self.failure,
            "metadata": self.metadata,
            "retake_of": self.retake_of,
            "attempt": self.attempt,
        })
    }
}

fn out_of_hundred(value: u32) -> Value {
    json!({ "value": value, "max": 100 })
}

fn section_json(section: &SectionScore) -> Value {
    json!({ "id": section.id, "name": section.name, "score": section.value.map(out_of_hundred) })
}
