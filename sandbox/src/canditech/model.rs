//! The nouns of the stand-in: assessments, invites, verdicts, mails, keys.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::question::Section;

/// Milliseconds since 1970, by the sandbox clock.
pub(crate) type Millis = i64;

/// A moment as the API writes it: RFC 3339 in UTC.
pub(crate) fn rfc3339(at: Millis) -> String {
    jiff::Timestamp::from_millisecond(at).map_or_else(|_| String::from("out of range"), |time| time.to_string())
}

/// Whether an assessment can be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum AssessmentStatus {
    Active,
    Draft,
    Archived,
}

/// A test that the company can send.
#[derive(Debug, Clone)]
pub(crate) struct Assessment {
    pub id: String,
    pub name: String,
    pub status: AssessmentStatus,
    pub minutes: u32,
    pub sections: &'static [Section],
}

impl Assessment {
    pub fn json(&self) -> Value {
        let sections: Vec<Value> =
            self.sections.iter().map(|section| json!({ "id": section.id, "name": section.name })).collect();
        json!({
            "id": self.id, "name": self.name, "status": self.status, "duration_minutes": self.minutes,
            "language": "en", "max_score": 100, "sections": sections,
        })
    }
}

/// Where an invite stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Status {
    Sent,
    Started,
    Completed,
    Expired,
    Declined,
    Cancelled,
    Error,
}

impl Status {
    pub fn words(self) -> &'static str {
        match self {
            Self::Sent => "Sent",
            Self::Started => "Started",
            Self::Completed => "Completed",
            Self::Expired => "Expired",
            Self::Declined => "Declined",
            Self::Cancelled => "Cancelled",
            Self::Error => "Error",
        }
    }
}

/// Who takes the test.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Candidate {
    #[serde(default)]
    pub first_name: String,
    #[serde(default)]
    pub last_name: String,
    #[serde(default)]
    pub email: String,
    #[serde(default)]
    pub profile_url: Option<String>,
}

impl Candidate {
    /// First and last name, or the address where neither was given.
    pub fn name(&self) -> String {
        let name = format!("{} {}", self.first_name.trim(), self.last_name.trim());
        if name.trim().is_empty() { self.email.clone() } else { name.trim().to_owned() }
    }
}

/// A person's thumb.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Verdict {
    #[serde(rename = "n/a")]
    None,
    #[serde(rename = "passed")]
    Passed,
    #[serde(rename = "failed")]
    Failed,
}

impl Verdict {
    pub fn words(self) -> &'static str {
        match self {
            Self::None => "n/a",
            Self::Passed => "passed",
            Self::Failed => "failed",
        }
    }
}

/// One act of a reviewer.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct VerdictAct {
    pub verdict: Verdict,
    pub by: String,
    #[serde(serialize_with = "as_rfc3339")]
    pub at: Millis,
}

/// What one section brought; `value` is missing where nothing in it has a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SectionScore {
    pub id: String,
    pub name: String,
    pub weight: u32,
    pub value: Option<u32>,
}

/// Something the proctoring noticed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Signal {
    pub kind: String,
    pub severity: String,
    pub note: String,
}

/// An answer in words, which a person reads and no key scores.
#[derive(Debug, Clone)]
pub(crate) struct WrittenAnswer {
    pub question: String,
    pub answer: String,
}

/// One assessment for one candidate.
#[derive(Debug, Clone)]
pub(crate) struct Invite {
    pub id: String,
    pub token: String,
    pub assessment_id: String,
    pub assessment_name: String,
    pub minutes: u32,
    pub candidate: Candidate,
    pub callback_url: Option<String>,
    /// Sent over the partner protocol: the key that its callback is sent with.
    pub partner_key: Option<String>,
    pub message: Option<String>,
    pub metadata: Value,
    pub retake_of: Option<String>,
    pub attempt: u32,
    pub status: Status,
    pub created_at: Millis,
    pub expires_at: Millis,
    pub started_at: Option<Millis>,
    pub completed_at: Option<Millis>,
    pub score: Option<u32>,
    pub sections: Vec<SectionScore>,
    pub written: Vec<WrittenAnswer>,
    pub integrity: Vec<Signal>,
    pub verdicts: Vec<VerdictAct>,
    pub failure: Option<String>,
    pub revision: u64,
}

/// A mail that the candidate would find in the inbox.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Mail {
    pub number: usize,
    pub invite_id: String,
    pub to: String,
    pub subject: String,
    pub body: String,
    pub link: String,
    #[serde(serialize_with = "as_rfc3339")]
    pub at: Millis,
}

/// What a key may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Permission {
    List,
    Invite,
}

/// A key to the API.
#[derive(Debug, Clone)]
pub(crate) struct ApiKey {
    pub id: String,
    pub name: String,
    pub key: String,
    pub permissions: &'static [Permission],
}

fn as_rfc3339<S: serde::Serializer>(at: &Millis, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&rfc3339(*at))
}
