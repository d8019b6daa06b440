//! `/outbox`: the mails that candidates would find in their inbox.

use std::sync::Arc;

use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};

use super::{Before, Shown, moment, newest, not_found, older_link};
use crate::canditech::model::Mail;
use crate::canditech::{Canditech, ORGANIZATION};

pub(super) async fn list(State(canditech): State<Arc<Canditech>>, Query(before): Query<Before>) -> Response {
    let account = canditech.account();
    let range = newest(account.mails.len(), before.before);
    let body = html! {
        section {
            h1 { "Outbox" }
            p class="quiet" { "What candidates would find in their inbox. No real mail is sent." }
            @if account.mails.is_empty() {
                p class="empty" { "No mail yet." }
            } @else {
                ul class="list" { @for mail in account.mails[range.clone()].iter().rev() { (row(mail)) } }
                (older_link("/outbox", range.start))
            }
        }
    };
    Shown::new("Outbox", "/outbox", account.version).page(&body).into_response()
}

fn row(mail: &Mail) -> Markup {
    html! {
        li {
            a class="mail" href={ "/outbox/" (mail.number) } {
                span class="subject" { (mail.subject) }
                " "
                span class="quiet small" { "To " (mail.to) ", " (moment(mail.at)) }
            }
        }
    }
}

pub(super) async fn mail(State(canditech): State<Arc<Canditech>>, Path(number): Path<usize>) -> Response {
    let account = canditech.account();
    let Some(mail) = number.checked_sub(1).and_then(|index| account.mails.get(index)) else {
        return not_found("There is no such mail.");
    };
    let body = html! {
        p { a href="/outbox" { "Outbox" } }
        section {
            h1 { (mail.subject) }
            dl {
                dt { "To" } dd { (mail.to) }
                dt { "From" } dd { (ORGANIZATION) " via Canditech" }
                dt { "Sent" } dd { (moment(mail.at)) }
            }
            div class="letter" { (with_link(mail)) }
        }
    };
    Shown::new(&mail.subject, "/outbox", account.version).page(&body).into_response()
}

/// The mail's text, with the address of the test made a link.
fn with_link(mail: &Mail) -> Markup {
    match mail.body.split_once(&mail.link).filter(|_| !mail.link.is_empty()) {
        Some((before, after)) => html! { (before) a href=(mail.link) { (mail.link) } (after) },
        None => html! { (mail.body) },
    }
}
