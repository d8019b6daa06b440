//! `/test/{token}`: the candidate's test, from the introduction to the thanks.

use std::collections::HashMap;
use std::sync::Arc;

use axum::Form;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use maud::{Markup, html};

use super::candidate::question_count;
use super::{candidate_page, moment};
use crate::canditech::account::Account;
use crate::canditech::invite::{Marks, Outcome};
use crate::canditech::marking::{TAB_SWITCHES, field, mark, signals};
use crate::canditech::model::{Invite, Millis, Status};
use crate::canditech::question::{Answer, Question, Section};
use crate::canditech::{Canditech, ORGANIZATION};

/// Counts how often the candidate leaves the page, which the report mentions.
const SCRIPT: &str = "const count = document.getElementById('tab-switches');
document.addEventListener('visibilitychange', () => {
  if (document.hidden && count) count.value = Number(count.value) + 1;
});
";

pub(super) async fn script() -> ([(&'static str, &'static str); 1], &'static str) {
    ([("content-type", "text/javascript; charset=utf-8")], SCRIPT)
}

pub(super) async fn show(State(canditech): State<Arc<Canditech>>, Path(token): Path<String>) -> Response {
    let account = canditech.account();
    match account.invite_of_token(&token) {
        Some(invite) => page(&account, invite).into_response(),
        None => unknown(),
    }
}

fn page(account: &Account, invite: &Invite) -> Html<String> {
    let sections = account.assessment(&invite.assessment_id).map_or(&[][..], |assessment| assessment.sections);
    let body = match invite.status {
        Status::Sent => introduction(invite, sections),
        Status::Started => paper(invite, sections),
        status => over(invite, status),
    };
    candidate_page(&invite.assessment_name, &body)
}

fn introduction(invite: &Invite, sections: &[Section]) -> Markup {
    html! {
        section {
            h1 { (invite.assessment_name) }
            p { "Hello " (invite.candidate.name()) ". " (ORGANIZATION) " would like to see how you work." }
            dl {
                dt { "Duration" } dd { (invite.minutes) " minutes" }
                dt { "Sections" }
                dd { ul { @for section in sections { li { (section.name) ", " (question_count(section)) } } } }
                dt { "Your link works until" } dd { (moment(invite.expires_at)) }
            }
            p { "Once you start, finish in one go. You may leave a question open; it then counts as not solved." }
            div class="row" {
                form method="post" action={ "/test/" (invite.token) "/start" } {
                    button class="primary" { "Start assessment" }
                }
                form method="post" action={ "/test/" (invite.token) "/decline" } {
                    button { "Decline this assessment" }
                }
            }
        }
    }
}

fn paper(invite: &Invite, sections: &[Section]) -> Markup {
    html! {
        h1 { (invite.assessment_name) }
        p class="quiet" {
            "Answer what you can within " (invite.minutes) " minutes, then hand in. The link closes "
            (moment(invite.deadline())) "."
        }
        form class="paper" method="post" action={ "/test/" (invite.token) "/submit" } {
            input type="hidden" id="tab-switches" name=(TAB_SWITCHES) value="0" autocomplete="off";
            @for section in sections {
                section {
                    h2 { (section.name) }
                    @for (index, question) in section.questions.iter().enumerate() {
                        (asked(question, &field(section, index), index + 1))
                    }
                }
            }
            button class="primary" { "Submit assessment" }
        }
        script src="/test.js" defer {}
    }
}

fn asked(question: &Question, field: &str, number: usize) -> Markup {
    match &question.answer {
        Answer::Choice { options, .. } => html! {
            fieldset {
                legend { (number) ". " (with_code(question.text)) }
                @for (index, option) in options.iter().enumerate() {
                    label class="option" {
                        input type="radio" name=(field) value=(index);
                        span { (with_code(option)) }
                    }
                }
            }
        },
        Answer::Written => html! {
            div class="written" {
                label for=(field) { (number) ". " (question.text) }
                textarea id=(field) name=(field) rows="6" maxlength="4000" {}
            }
        },
    }
}

/// Sets what stands between backticks as code.
fn with_code(text: &str) -> Markup {
    html! {
        @for (index, part) in text.split('`').enumerate() {
            @if index % 2 == 1 { code { (part) } } @else { (part) }
        }
    }
}

fn over(invite: &Invite, status: Status) -> Markup {
    let (heading, words) = match status {
        Status::Completed => ("Thank you", "Your answers are in. The company will be in touch with you."),
        Status::Expired => (
            "This link has expired",
            "The time for this assessment is over. Ask the company if you still want to take it.",
        ),
        Status::Cancelled => ("This assessment was cancelled", "The company took it back. You need not do anything."),
        Status::Declined => ("You declined this assessment", "The company knows. Thank you for telling them."),
        Status::Error | Status::Sent | Status::Started => {
            ("This link does not work", "Something went wrong on our side. Ask the company for a new link.")
        }
    };
    html! {
        section {
            h1 { (heading) }
            p { (words) }
            p class="quiet" { (invite.assessment_name) ", " (ORGANIZATION) }
        }
    }
}

pub(super) async fn start(State(canditech): State<Arc<Canditech>>, Path(token): Path<String>) -> Response {
    act(&canditech, &token, |invite, now, _| invite.start(now))
}

pub(super) async fn decline(State(canditech): State<Arc<Canditech>>, Path(token): Path<String>) -> Response {
    act(&canditech, &token, |invite, _, _| invite.decline())
}

pub(super) async fn submit(
    State(canditech): State<Arc<Canditech>>,
    Path(token): Path<String>,
    Form(answers): Form<HashMap<String, String>>,
) -> Response {
    act(&canditech, &token, |invite, now, sections| {
        let marks = Marks { integrity: signals(invite, &answers, now), ..mark(sections, &answers) };
        invite.submit(marks, now)
    })
}

/// Does it and shows what came of it; a refusal is a page too.
fn act(
    canditech: &Canditech,
    token: &str,
    act: impl FnOnce(&mut Invite, Millis, &'static [Section]) -> Outcome,
) -> Response {
    canditech.change(|account, now| {
        let Some(invite) = account.invite_of_token(token) else { return unknown() };
        let (id, assessment) = (invite.id.clone(), invite.assessment_id.clone());
        let sections = account.assessment(&assessment).map_or(&[][..], |assessment| assessment.sections);
        match account.act(&id, now, |invite| act(invite, now, sections)) {
            Ok(()) => Redirect::to(&format!("/test/{token}")).into_response(),
            Err(_) => refused(account, token),
        }
    })
}

fn refused(account: &Account, token: &str) -> Response {
    let Some(invite) = account.invite_of_token(token) else { return unknown() };
    let body = match invite.status {
        Status::Completed => html! {
            section {
                h1 { "You have handed this in already" }
                p { "Your first answers count. Nothing was changed, and you need not do anything." }
                p class="quiet" { (invite.assessment_name) ", " (ORGANIZATION) }
            }
        },
        _ => return (StatusCode::CONFLICT, page(account, invite)).into_response(),
    };
    (StatusCode::CONFLICT, candidate_page(&invite.assessment_name, &body)).into_response()
}

fn unknown() -> Response {
    let body = html! {
        section {
            h1 { "This link is not known" }
            p { "Check that you copied the whole address from your mail." }
        }
    };
    (StatusCode::NOT_FOUND, candidate_page("Unknown link", &body)).into_response()
}
