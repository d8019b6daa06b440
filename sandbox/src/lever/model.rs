//! The nouns of Lever: people who hire, postings, stages, people who apply, notes.

use serde::{Deserialize, Serialize};

/// Milliseconds since 1970, by the sandbox clock.
pub(super) type Millis = i64;

/// The role that may grant access.
pub(super) const SUPER_ADMIN: &str = "super admin";

/// Somebody who hires.
#[derive(Debug, Clone)]
pub(super) struct User {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) email: String,
    /// One of the five roles, or the id of a custom one.
    pub(super) role: String,
    pub(super) job_title: Option<&'static str>,
    pub(super) created_at: Millis,
    pub(super) deactivated_at: Option<Millis>,
}

impl User {
    pub(super) fn is_super_admin(&self) -> bool {
        self.role == SUPER_ADMIN
    }

    /// Secret notes are for these two roles.
    pub(super) fn reads_secret_notes(&self) -> bool {
        self.is_super_admin() || self.role == "admin"
    }

    /// What the product calls the role.
    pub(super) fn role_name(&self) -> &str {
        match self.role.as_str() {
            SUPER_ADMIN => "Super Admin",
            "admin" => "Admin",
            "team member" => "Team Member",
            "limited team member" => "Limited Team Member",
            "interviewer" => "Interviewer",
            _ => "Custom role",
        }
    }
}

/// A column of the pipeline.
#[derive(Debug, Clone)]
pub(super) struct Stage {
    pub(super) id: String,
    pub(super) text: String,
    pub(super) pipeline: &'static str,
    pub(super) rank: f64,
    pub(super) has_interview: bool,
}

impl Stage {
    /// The three that are the same in every account.
    pub(super) fn is_fixed(&self) -> bool {
        matches!(self.id.as_str(), "lead-new" | "applicant-new" | "offer")
    }
}

/// Whether only named people see a posting and its candidates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Confidentiality {
    Confidential,
    NonConfidential,
}

/// A job.
#[derive(Debug, Clone)]
pub(super) struct Posting {
    pub(super) id: String,
    pub(super) text: String,
    pub(super) state: String,
    pub(super) department: String,
    pub(super) team: String,
    pub(super) location: String,
    pub(super) commitment: String,
    pub(super) country: String,
    pub(super) confidentiality: Confidentiality,
    pub(super) user: String,
    pub(super) owner: Option<String>,
    pub(super) hiring_manager: Option<String>,
    pub(super) followers: Vec<String>,
    pub(super) tags: Vec<String>,
    pub(super) created_at: Millis,
    pub(super) updated_at: Millis,
}

impl Posting {
    /// What its opportunities carry as tags, in Lever's order.
    pub(super) fn inherited_tags(&self) -> impl Iterator<Item = &String> {
        let categories = [&self.text, &self.department, &self.team, &self.location, &self.commitment];
        self.tags.iter().chain(categories).filter(|tag| !tag.is_empty())
    }
}

/// A telephone number.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Phone {
    #[serde(rename = "type")]
    pub(super) kind: Option<String>,
    pub(super) value: String,
}

/// A person who applies; several opportunities can share one.
#[derive(Debug, Clone, Default)]
pub(super) struct Contact {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) headline: String,
    pub(super) location: String,
    pub(super) emails: Vec<String>,
    pub(super) phones: Vec<Phone>,
    pub(super) links: Vec<String>,
    pub(super) is_anonymized: bool,
}

/// When and why a candidacy ended.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Archived {
    pub(super) reason: String,
    pub(super) archived_at: Millis,
}

/// One arrival in a stage.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct StageChange {
    pub(super) to_stage_id: String,
    pub(super) to_stage_index: usize,
    pub(super) updated_at: Millis,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) user_id: Option<String>,
}

/// What joins an opportunity to a posting.
#[derive(Debug, Clone)]
pub(super) struct Application {
    pub(super) id: String,
    pub(super) posting: String,
    pub(super) created_at: Millis,
}

/// A candidacy.
#[derive(Debug, Clone)]
pub(super) struct Opportunity {
    pub(super) id: String,
    pub(super) contact: String,
    pub(super) stage: String,
    pub(super) application: Option<Application>,
    pub(super) archived: Option<Archived>,
    /// Its own, without what it inherits from the posting.
    pub(super) tags: Vec<String>,
    pub(super) sources: Vec<String>,
    pub(super) stage_changes: Vec<StageChange>,
    pub(super) origin: String,
    pub(super) sourced_by: Option<String>,
    pub(super) owner: Option<String>,
    pub(super) followers: Vec<String>,
    pub(super) created_at: Millis,
    pub(super) updated_at: Option<Millis>,
    pub(super) last_interaction_at: Millis,
    pub(super) last_advanced_at: Millis,
    pub(super) snoozed_until: Option<Millis>,
    pub(super) notes: Vec<Note>,
}

impl Opportunity {
    pub(super) fn posting(&self) -> Option<&str> {
        self.application.as_ref().map(|application| application.posting.as_str())
    }
}

/// What one person wrote; a note has more than one when it was answered.
#[derive(Debug, Clone)]
pub(super) struct Comment {
    pub(super) value: String,
    pub(super) user: String,
    pub(super) score: Option<i64>,
    pub(super) stage: String,
    pub(super) created_at: Millis,
}

/// A note on a profile.
#[derive(Debug, Clone)]
pub(super) struct Note {
    pub(super) id: String,
    pub(super) user: String,
    pub(super) secret: bool,
    pub(super) created_at: Millis,
    pub(super) comments: Vec<Comment>,
    /// The credential that wrote it; people's own notes have none.
    pub(super) written_by: Option<String>,
}

/// Why candidacies end.
#[derive(Debug, Clone)]
pub(super) struct ArchiveReason {
    pub(super) id: String,
    pub(super) text: String,
    pub(super) active: bool,
    pub(super) hired: bool,
}

/// What is left of a deleted opportunity.
#[derive(Debug, Clone)]
pub(super) struct Deleted {
    pub(super) id: String,
    pub(super) deleted_at: Millis,
    pub(super) deleted_by: String,
}
