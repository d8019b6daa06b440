//! `/report/{invite}`: what a recruiter sees of a session, and where the thumbs are given.

use std::sync::Arc;

use axum::Form;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use maud::{Markup, html};
use serde::Deserialize;

use super::candidate::{score_words, status_badge, verdict_badge};
use super::{Shown, moment, not_found, notice, refusal_page};
use crate::canditech::Canditech;
use crate::canditech::model::{Invite, SectionScore, Status, Verdict, VerdictAct, WrittenAnswer};

const USUAL_REVIEWER: &str = "Priya Raman";

pub(super) async fn show(
    State(canditech): State<Arc<Canditech>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response {
    let account = canditech.account();
    let Some(invite) = account.invite(&id) else { return not_found("There is no such report.") };
    let title = format!("{}: {}", invite.candidate.name(), invite.assessment_name);
    let shown = Shown { notice: notice::read(&headers), ..Shown::new(&title, "/", account.version) };
    notice::spent(shown.page(&report(invite, &title)))
}

fn report(invite: &Invite, title: &str) -> Markup {
    html! {
        p { a href="/" { "Candidates" } }
        section {
            h1 { (title) }
            p { (status_badge(invite.status)) " " span class="quiet" { (invite.candidate.email) } }
            (dates(invite))
            @if invite.status != Status::Completed {
                p { "The report appears when the candidate has handed the assessment in." }
                @if let Some(failure) = &invite.failure { p { (failure) } }
            }
        }
        @if invite.status == Status::Completed {
            (score(invite))
            (verdict(invite))
            (integrity(invite))
            @if !invite.written.is_empty() { (written_answers(&invite.written)) }
        }
    }
}

fn dates(invite: &Invite) -> Markup {
    html! {
        dl {
            dt { "Invited" } dd { (moment(invite.created_at)) }
            @if let Some(at) = invite.started_at { dt { "Started" } dd { (moment(at)) } }
            @if let Some(at) = invite.completed_at { dt { "Completed" } dd { (moment(at)) } }
            @if invite.is_open() { dt { "Expires" } dd { (moment(invite.deadline())) } }
        }
    }
}

fn score(invite: &Invite) -> Markup {
    html! {
        section {
            h2 { "Score" }
            p class="score" { (score_words(invite)) }
            ul class="bars" aria-label="Sections" { @for section in &invite.sections { (bar(section)) } }
        }
    }
}

fn integrity(invite: &Invite) -> Markup {
    html! {
        section {
            h2 { "Integrity" }
            @if invite.integrity.is_empty() {
                p { "Nothing stood out." }
            } @else {
                ul { @for signal in &invite.integrity { li { (signal.note) " Severity: " (signal.severity) "." } } }
            }
        }
    }
}

fn written_answers(answers: &[WrittenAnswer]) -> Markup {
    html! {
        section {
            h2 { "Written answers" }
            @for written in answers {
                h3 { (written.question) }
                @if written.answer.trim().is_empty() {
                    p class="quiet" { "Left open." }
                } @else {
                    blockquote { (written.answer) }
                }
            }
        }
    }
}

fn bar(section: &SectionScore) -> Markup {
    html! {
        li {
            span class="bar-name" { (section.name) }
            @match section.value {
                Some(value) => {
                    meter min="0" max="100" low="40" high="70" optimum="100" value=(value)
                        aria-label=(section.name) { (value) " of 100" }
                    span class="bar-value" { (value) " / 100" }
                }
                None => span class="quiet" { "Not scored" }
            }
        }
    }
}

fn verdict(invite: &Invite) -> Markup {
    let standing = invite.verdict();
    let reviewer = invite.verdicts.last().map_or(USUAL_REVIEWER, |act| act.by.as_str());
    html! {
        section {
            h2 { "Verdict" }
            @if invite.partner_key.is_some() {
                p class="quiet" { "This invite came over the Greenhouse partner protocol, which carries no verdict: one given here stays here." }
            }
            p {
                (verdict_badge(standing))
                @if let Some(act) = invite.verdicts.last() { " by " (act.by) ", " (moment(act.at)) }
            }
            form class="row" method="post" action={ "/report/" (invite.id) "/verdict" } {
                div class="field" {
                    label for="reviewer" { "Reviewer" }
                    input id="reviewer" name="reviewer" value=(reviewer) required maxlength="100" autocomplete="off";
                }
                (thumb("Thumbs up", Verdict::Passed, standing))
                (thumb("Thumbs down", Verdict::Failed, standing))
                button name="verdict" value=(Verdict::None.words()) { "Clear verdict" }
            }
            (earlier(invite))
        }
    }
}

fn earlier(invite: &Invite) -> Markup {
    html! {
        @if invite.verdicts.len() > 1 {
            details {
                summary { "Earlier verdicts" }
                ul { @for act in invite.verdicts.iter().rev().skip(1) {
                    li { (act.verdict.words()) " by " (act.by) ", " (moment(act.at)) }
                } }
            }
        }
    }
}

fn thumb(name: &str, verdict: Verdict, standing: Verdict) -> Markup {
    let pressed = if verdict == standing { "true" } else { "false" };
    html! { button name="verdict" value=(verdict.words()) aria-pressed=(pressed) { (name) } }
}

#[derive(Deserialize)]
pub(super) struct VerdictForm {
    reviewer: String,
    verdict: Verdict,
}

pub(super) async fn decide(
    State(canditech): State<Arc<Canditech>>,
    Path(id): Path<String>,
    Form(form): Form<VerdictForm>,
) -> Response {
    let by = form.reviewer.trim().to_owned();
    if by.is_empty() {
        return refusal_page(StatusCode::UNPROCESSABLE_ENTITY, "Say who the reviewer is.");
    }
    let decided = canditech.change(|account, now| {
        account.act(&id, now, |invite| invite.decide(VerdictAct { verdict: form.verdict, by, at: now }))
    });
    match decided {
        Ok(()) => notice::redirect(&format!("/report/{id}"), "verdict"),
        Err(refusal) => refusal_page(refusal.status, &refusal.message),
    }
}
