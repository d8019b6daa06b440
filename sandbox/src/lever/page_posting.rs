//! Postings: close, reopen, rename, and many of them at once for trying long lists.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::{get, post};
use maud::{Markup, html};

use super::Lever;
use super::account::Account;
use super::model::{Confidentiality, Posting};
use super::page_candidate::posting_name;
use super::session::{At, Fields, Params, Viewer, done, outcome, show};

const PATH: &str = "/settings/postings";
/// As many as a large company has.
const MANY: usize = 1_500;
const ROWS: usize = 100;

pub(super) fn router() -> Router<Arc<Lever>> {
    Router::new()
        .route(PATH, get(postings))
        .route("/settings/postings/fill", post(fill))
        .route("/settings/postings/{id}/state", post(state))
        .route("/settings/postings/{id}/rename", post(rename))
}

async fn postings(State(lever): State<Arc<Lever>>, viewer: Viewer, params: Params) -> Markup {
    let content = {
        let account = lever.account();
        let words = params.text("q").to_lowercase();
        let found = account.postings.iter().filter(|posting| posting_name(posting).to_lowercase().contains(&words));
        let found: Vec<&Posting> = found.collect();
        html! {
            div.head {
                h1 { "Postings" }
                form method="post" action={ (PATH) "/fill" } { button { "Fill up to 1,500 postings" } }
            }
            form.row.card method="get" action=(PATH) role="search" {
                div.field { label for="q" { "Search" } input #q type="search" name="q" value=(params.text("q")); }
                button { "Search" }
            }
            section {
                ul.list { @for posting in found.iter().take(ROWS) { li { (row(&account, posting)) } } }
                p.quiet { (found.len().min(ROWS)) " of " (found.len()) }
            }
        }
    };
    let at = At { title: "Postings", section: PATH, path: PATH, notice: params.one("notice") };
    show(&lever, &viewer, &at, &content)
}

fn row(account: &Account, posting: &Posting) -> Markup {
    let manager = posting.hiring_manager.as_ref().map_or("nobody", |id| account.user_name(id));
    let (other, label) = if posting.state == "closed" { ("published", "Reopen") } else { ("closed", "Close") };
    html! {
        div.head {
            div {
                strong { (posting_name(posting)) }
                div.pills {
                    span.pill { (posting.state) }
                    @if posting.confidentiality == Confidentiality::Confidential { span.pill { "confidential" } }
                    span.quiet.small { "Hiring manager: " (manager) }
                }
            }
            div.row {
                form.row method="post" action={ (PATH) "/" (posting.id) "/rename" } {
                    input name="text" value=(posting.text) aria-label={ "New name for " (posting_name(posting)) } required
                        autocomplete="off";
                    button.compact aria-label={ "Rename " (posting_name(posting)) } { "Rename" }
                }
                form method="post" action={ (PATH) "/" (posting.id) "/state" } {
                    button.compact name="state" value=(other) aria-label={ (label) " " (posting_name(posting)) } {
                        (label)
                    }
                }
            }
        }
    }
}

async fn fill(State(lever): State<Arc<Lever>>, viewer: Viewer) -> Response {
    lever.change(|account, now| account.fill_postings(MANY, &viewer.user.id, now));
    done(PATH, "There are 1,500 postings now.")
}

async fn state(State(lever): State<Arc<Lever>>, Path(id): Path<String>, Fields(fields): Fields) -> Response {
    let state = if fields.one("state") == Some("closed") { "closed" } else { "published" };
    let changed = lever.change(|account, now| account.change_posting(&id, now, |it| state.clone_into(&mut it.state)));
    outcome(PATH, changed, if state == "closed" { "Posting closed." } else { "Posting open again." })
}

async fn rename(State(lever): State<Arc<Lever>>, Path(id): Path<String>, Fields(fields): Fields) -> Response {
    let Some(text) = fields.filled("text") else { return done(PATH, "Enter a name.") };
    let changed = lever.change(|account, now| account.change_posting(&id, now, |it| text.clone_into(&mut it.text)));
    outcome(PATH, changed, "Posting renamed. The tag on its candidates follows.")
}
