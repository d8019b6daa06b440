//! `/`: every candidate's session, newest first. `/assessments`: what can be sent.

use std::sync::Arc;

use axum::extract::{Query, State};
use axum::response::Html;
use maud::{Markup, html};

use super::{Before, Shown, moment, newest, older_link};
use crate::canditech::Canditech;
use crate::canditech::account::Account;
use crate::canditech::model::{Assessment, AssessmentStatus, Invite, Status, Verdict};
use crate::canditech::question::Section;

pub(super) async fn candidates(State(canditech): State<Arc<Canditech>>, Query(before): Query<Before>) -> Html<String> {
    let account = canditech.account();
    let range = newest(account.invites.len(), before.before);
    let body = html! {
        section {
            h1 { "Candidates" }
            @if account.invites.is_empty() {
                p class="empty" { "Nobody has been invited yet. Whoever Candilever sends an assessment appears here." }
            } @else {
                (table(&account, &account.invites[range.clone()]))
                (older_link("/", range.start))
            }
        }
    };
    Shown::new("Candidates", "/", account.version).page(&body)
}

fn table(account: &Account, invites: &[Invite]) -> Markup {
    html! {
        div class="scroll" {
            table {
                thead { tr {
                    th scope="col" { "Candidate" }
                    th scope="col" { "Assessment" }
                    th scope="col" { "Status" }
                    th scope="col" { "Score" }
                    th scope="col" { "Verdict" }
                    th scope="col" { "Invited" }
                } }
                tbody { @for invite in invites.iter().rev() { (row(account, invite)) } }
            }
        }
    }
}

fn row(account: &Account, invite: &Invite) -> Markup {
    let attempt = (invite.attempt > 1).then(|| format!(" (attempt {})", invite.attempt));
    html! {
        tr {
            td {
                a href={ "/report/" (invite.id) } { (invite.candidate.name()) }
                div class="quiet small" { (invite.candidate.email) }
            }
            td { (invite.assessment_name) @if let Some(attempt) = attempt { (attempt) } }
            td { (status_badge(invite.status)) }
            td class="figure" { (score_words(invite)) }
            td { (verdict_badge(invite.verdict())) }
            td class="figure" {
                (moment(invite.created_at))
                @if let Some(number) = last_mail(account, invite) {
                    div class="small" { a href={ "/outbox/" (number) } { "Mail" } }
                }
            }
        }
    }
}

fn last_mail(account: &Account, invite: &Invite) -> Option<usize> {
    account.mails.iter().rev().find(|mail| mail.invite_id == invite.id).map(|mail| mail.number)
}

pub(super) fn score_words(invite: &Invite) -> String {
    match (invite.score, invite.status) {
        (Some(score), _) => format!("{score} / 100"),
        (None, Status::Completed) => String::from("Pending"),
        (None, _) => String::from("–"),
    }
}

pub(super) fn status_badge(status: Status) -> Markup {
    let tone = match status {
        Status::Completed => "good",
        Status::Started => "busy",
        Status::Sent => "plain",
        Status::Expired | Status::Declined | Status::Cancelled => "quiet",
        Status::Error => "bad",
    };
    html! { span class="pill" data-tone=(tone) { (status.words()) } }
}

pub(super) fn verdict_badge(verdict: Verdict) -> Markup {
    let tone = match verdict {
        Verdict::None => "quiet",
        Verdict::Passed => "good",
        Verdict::Failed => "bad",
    };
    html! { span class="pill" data-tone=(tone) { (verdict.words()) } }
}

pub(super) async fn assessments(State(canditech): State<Arc<Canditech>>) -> Html<String> {
    let account = canditech.account();
    let body = html! {
        h1 { "Assessments" }
        p class="quiet" { "Active assessments can be sent. Drafts and archived ones cannot." }
        ul class="cards" { @for assessment in &account.assessments { (card(assessment)) } }
    };
    Shown::new("Assessments", "/assessments", account.version).page(&body)
}

fn card(assessment: &Assessment) -> Markup {
    let (tone, words) = match assessment.status {
        AssessmentStatus::Active => ("good", "Active"),
        AssessmentStatus::Draft => ("plain", "Draft"),
        AssessmentStatus::Archived => ("quiet", "Archived"),
    };
    html! {
        li class="card" {
            h2 { (assessment.name) " " span class="pill" data-tone=(tone) { (words) } }
            p { "Takes " (assessment.minutes) " minutes. Id " code { (assessment.id) } "." }
            ul { @for section in assessment.sections { li { (section.name) ": " (question_count(section)) } } }
        }
    }
}

pub(super) fn question_count(section: &Section) -> String {
    format!("{} questions", section.questions.len())
}
