//! The outbox for people: what came, the newest first.

use std::sync::Arc;

use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse as _, Response};
use axum::routing::get;
use axum::{Json, Router};
use maud::{Markup, html};
use serde::Deserialize;
use serde_json::{Value, json};

use super::Post;
use super::mail::Mail;
use crate::page::{Frame, linked, message, moment, page};

const PAGE_SIZE: usize = 50;
const BADGE: &str = "Stand-in for a mail server";
const ORGANIZATION: &str = "Halden Instruments";

pub(super) fn router() -> Router<Arc<Post>> {
    Router::new().route("/", get(list)).route("/version", get(version)).fallback(not_found)
}

async fn version(State(post): State<Arc<Post>>) -> Json<Value> {
    Json(json!({ "version": post.kept().last_number }))
}

/// The mails that came before a number.
#[derive(Deserialize)]
struct Before {
    before: Option<u64>,
}

async fn list(State(post): State<Arc<Post>>, Query(Before { before }): Query<Before>) -> Html<String> {
    let kept = post.kept();
    let mut older = kept.mails.iter().rev().filter(|mail| before.is_none_or(|number| mail.number < number)).peekable();
    let shown: Vec<&Mail> = older.by_ref().take(PAGE_SIZE).collect();
    let next = shown.last().map(|mail| mail.number).filter(|_| older.peek().is_some());
    let content = html! {
        section {
            h1 { "Outbox" }
            p.quiet { "This mail server keeps everything and sends nothing on: what would be in people's inboxes is here." }
            @if shown.is_empty() { p.empty { "No mail yet." } }
            @for mail in shown { (article(mail)) }
            @if let Some(number) = next { p { a href={ "/?before=" (number) } { "Older" } } }
        }
    };
    let frame = Frame {
        badge: BADGE,
        organization: ORGANIZATION,
        title: "Outbox",
        sections: &[],
        current: "/",
        aside: html! {},
        notice: None,
        live: Some(("/version", kept.last_number)),
    };
    Html(page(&frame, &content).into_string())
}

fn article(mail: &Mail) -> Markup {
    let subject = Some(mail.subject.trim()).filter(|subject| !subject.is_empty());
    html! {
        article {
            h2 { (subject.unwrap_or("(no subject)")) }
            p.quiet.small {
                "To " (mail.envelope.recipients.join(", ")) ", from " (mail.envelope.from) ", " (moment(mail.at))
            }
            p { (linked(mail.text.trim_end())) }
        }
    }
}

async fn not_found() -> Response {
    let page = message(BADGE, ORGANIZATION, "That did not work", "There is no such page.");
    (StatusCode::NOT_FOUND, Html(page.into_string())).into_response()
}
