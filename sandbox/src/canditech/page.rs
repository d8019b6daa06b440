//! The stand-in's pages: for the recruiter at Halden Instruments, and for the candidate.

mod candidate;
mod notice;
mod outbox;
mod report;
mod setting;
mod taking;

use std::ops::Range;
use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use maud::{Markup, html};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Canditech, ORGANIZATION};
use crate::page::{Frame, moment, page};

const PAGE_SIZE: usize = 50;
const BADGE: &str = "Stand-in for Canditech";
const SECTIONS: &[(&str, &str)] = &[
    ("/", "Candidates"),
    ("/assessments", "Assessments"),
    ("/outbox", "Outbox"),
    ("/settings/callbacks", "Callbacks"),
    ("/settings/api-keys", "API keys"),
];

pub(super) fn router() -> Router<Arc<Canditech>> {
    Router::new()
        .route("/", get(candidate::candidates))
        .route("/assessments", get(candidate::assessments))
        .route("/outbox", get(outbox::list))
        .route("/outbox/{number}", get(outbox::mail))
        .route("/report/{id}", get(report::show))
        .route("/report/{id}/verdict", post(report::decide))
        .route("/settings/callbacks", get(setting::callbacks).post(setting::save_callbacks))
        .route("/settings/callbacks/retry", post(setting::retry))
        .route("/settings/api-keys", get(setting::api_keys).post(setting::generate_key))
        .route("/settings/api-keys/{id}/revoke", post(setting::revoke_key))
        .route("/test/{token}", get(taking::show))
        .route("/test/{token}/start", post(taking::start))
        .route("/test/{token}/submit", post(taking::submit))
        .route("/test/{token}/decline", post(taking::decline))
        .route("/test.js", get(taking::script))
        .route("/canditech.css", get(style))
        .route("/version", get(version))
        .fallback(|| async { not_found("There is no such page.") })
}

async fn style() -> ([(&'static str, &'static str); 1], &'static str) {
    ([("content-type", "text/css; charset=utf-8")], include_str!("page/canditech.css"))
}

async fn version(State(canditech): State<Arc<Canditech>>) -> Json<Value> {
    Json(json!({ "version": canditech.account().version }))
}

/// A recruiter's page: where it belongs, and which state of the account it shows.
struct Shown<'a> {
    title: &'a str,
    current: &'a str,
    version: u64,
    notice: Option<&'static str>,
}

impl<'a> Shown<'a> {
    fn new(title: &'a str, current: &'a str, version: u64) -> Self {
        Self { title, current, version, notice: None }
    }

    fn page(self, body: &Markup) -> Html<String> {
        frame(self.title, SECTIONS, self.current, self.notice, Some(("/version", self.version)), body)
    }
}

/// A candidate's page: nothing of the company's account is within reach, and it never reloads by itself.
fn candidate_page(title: &str, body: &Markup) -> Html<String> {
    frame(title, &[], "", None, None, &html! { div class="stack narrow" { (body) } })
}

fn frame(
    title: &str,
    sections: &[(&str, &str)],
    current: &str,
    notice: Option<&str>,
    live: Option<(&str, u64)>,
    body: &Markup,
) -> Html<String> {
    let aside = html! {};
    let frame = Frame { badge: BADGE, organization: ORGANIZATION, title, sections, current, aside, notice, live };
    let content = html! { link rel="stylesheet" href="/canditech.css"; (body) };
    Html(page(&frame, &content).into_string())
}

/// The part of a list that comes before a number.
#[derive(Deserialize)]
struct Before {
    before: Option<usize>,
}

/// The newest entries of a list that only grows, or those before a number.
fn newest(length: usize, before: Option<usize>) -> Range<usize> {
    let end = before.unwrap_or(length).min(length);
    end.saturating_sub(PAGE_SIZE)..end
}

fn older_link(path: &str, start: usize) -> Markup {
    html! { @if start > 0 { p { a href={ (path) "?before=" (start) } { "Older" } } } }
}

fn not_found(message: &str) -> Response {
    refusal_page(StatusCode::NOT_FOUND, message)
}

/// A no in words, with the way back.
fn refusal_page(status: StatusCode, message: &str) -> Response {
    let body = html! {
        section {
            h1 { "That did not work" }
            p { (message) }
            p { a href="/" { "Candidates" } }
        }
    };
    (status, frame("That did not work", SECTIONS, "", None, None, &body)).into_response()
}
