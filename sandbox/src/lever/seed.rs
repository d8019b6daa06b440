//! Halden Instruments as it is at the start: people, pipeline, postings, candidates.
//!
//! Ids come from names, so that a stand-in that was restarted is the same account again.

mod candidate;
mod posting;

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use super::account::Account;
use super::model::{ArchiveReason, Millis, Stage, User};
use super::pager::Cursors;
use super::webhook::Hooks;
use crate::Seed;

/// The company whose account this is.
pub(super) const ORGANIZATION: &str = "Halden Instruments";
const DAY: Millis = 24 * 60 * 60 * 1_000;

/// The account at the start.
pub(super) fn account(seed: Seed, url: &str, now: Millis) -> Account {
    let mut account = Account {
        id: id("account"),
        url: url.to_owned(),
        users: users(now),
        stages: stages(),
        postings: posting::all(now),
        contacts: BTreeMap::new(),
        opportunities: BTreeMap::new(),
        archive_reasons: archive_reasons(),
        deleted: Vec::new(),
        hooks: Hooks::new(),
        cursors: Cursors::default(),
    };
    account.rank_stages();
    if seed == Seed::Company {
        candidate::add_all(&mut account, now);
    }
    account
}

/// The id that belongs to a name.
fn id(name: &str) -> String {
    let hash = Sha256::digest(name);
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash[..16]);
    uuid::Builder::from_random_bytes(bytes).into_uuid().to_string()
}

/// The id of the person with this first name.
fn person(first_name: &str) -> String {
    id(&format!("user {first_name}"))
}

fn users(now: Millis) -> Vec<User> {
    let people = [
        ("Nora Lindqvist", "super admin", Some("Head of Talent")),
        ("Tomas Rivera", "admin", Some("Recruiter")),
        ("Priya Raman", "team member", Some("Engineering Manager")),
        ("Jonas Weber", "team member", Some("Customer Director")),
        ("Aisha Bello", "limited team member", None),
        ("Ken Ito", "limited team member", Some("Data Lead")),
        ("Lucy Hart", "interviewer", None),
        ("Marc Duval", "0f6b1a52-7f0e-4a53-9d0b-6a2b8f7f3c11", Some("HR Business Partner")),
        ("Olga Petrov", "team member", None),
    ];
    people.into_iter().zip(1..).map(|((name, role, title), place)| user(name, role, title, place, now)).collect()
}

fn user(name: &str, role: &str, job_title: Option<&'static str>, place: Millis, now: Millis) -> User {
    let first = name.split(' ').next().unwrap_or(name);
    User {
        id: person(first),
        name: name.to_owned(),
        email: format!("{}@halden.example", first.to_lowercase()),
        role: role.to_owned(),
        job_title,
        created_at: now - (400 - place * 10) * DAY,
        deactivated_at: (first == "Olga").then_some(now - 60 * DAY),
    }
}

fn stages() -> Vec<Stage> {
    let own = |name: &str| id(&format!("stage {name}"));
    let stage = |id: String, text: &str, pipeline, has_interview| Stage {
        id,
        text: text.to_owned(),
        pipeline,
        rank: 0.0,
        has_interview,
    };
    vec![
        stage("lead-new".to_owned(), "New lead", "lead", false),
        stage("lead-reached-out".to_owned(), "Reached out", "lead", false),
        stage("lead-responded".to_owned(), "Responded", "lead", false),
        stage("applicant-new".to_owned(), "New applicant", "applicant", false),
        stage(own("recruiter"), "Recruiter screen", "screen", true),
        stage(own("manager"), "Hiring manager screen", "screen", true),
        stage(own("onsite"), "On-site interview", "onsite", true),
        stage("offer".to_owned(), "Offer", "offer", false),
    ]
}

fn archive_reasons() -> Vec<ArchiveReason> {
    let reason = |text: &str, active, hired| ArchiveReason {
        id: id(&format!("reason {text}")),
        text: text.to_owned(),
        active,
        hired,
    };
    vec![
        reason("Hired", true, true),
        reason("Under-qualified", true, false),
        reason("Withdrew", true, false),
        reason("Timing", true, false),
        reason("No response, old", false, false),
    ]
}
