//! A candidate's profile: the stage menu, the notes, and what else people do to a candidacy.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use maud::{Markup, html};

use super::Lever;
use super::account::{Account, NewNote, Notes};
use super::model::{Contact, Note, Opportunity};
use super::page_candidate::{moment, name, posting_name};
use super::session::{At, Fields, Params, Viewer, done, outcome, refused, show};
use crate::page::linked;

pub(super) fn router() -> Router<Arc<Lever>> {
    Router::new()
        .route("/candidates/{id}", get(profile))
        .route("/candidates/{id}/notes", get(notes).post(add_note))
        .route("/candidates/{id}/move", post(move_on))
        .route("/candidates/{id}/archive", post(archive))
        .route("/candidates/{id}/unarchive", post(unarchive))
        .route("/candidates/{id}/email", post(email))
        .route("/candidates/{id}/follow", post(follow))
        .route("/candidates/{id}/anonymize", post(anonymize))
        .route("/candidates/{id}/delete", post(delete))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Tab {
    Profile,
    Notes,
}

async fn profile(State(lever): State<Arc<Lever>>, viewer: Viewer, Path(id): Path<String>, params: Params) -> Response {
    page(&lever, &viewer, &id, &params, Tab::Profile)
}

async fn notes(State(lever): State<Arc<Lever>>, viewer: Viewer, Path(id): Path<String>, params: Params) -> Response {
    page(&lever, &viewer, &id, &params, Tab::Notes)
}

fn page(lever: &Lever, viewer: &Viewer, id: &str, params: &Params, tab: Tab) -> Response {
    let drawn = {
        let account = lever.account();
        account.opportunity(id).ok().map(|one| (name(&account, one).to_owned(), draw(&account, viewer, one, tab)))
    };
    let Some((title, content)) = drawn else {
        let words = "This candidate does not exist. They may have been deleted.";
        return refused(StatusCode::NOT_FOUND, "No such candidate", words);
    };
    let path = match tab {
        Tab::Profile => format!("/candidates/{id}"),
        Tab::Notes => format!("/candidates/{id}/notes"),
    };
    show(lever, viewer, &At { title: &title, section: "/", path: &path, notice: params.one("notice") }, &content)
        .into_response()
}

fn draw(account: &Account, viewer: &Viewer, one: &Opportunity, tab: Tab) -> Markup {
    let current = |this: Tab| (this == tab).then_some("page");
    html! {
        (top(account, one))
        nav.tabs aria-label="Candidate" {
            a href={ "/candidates/" (one.id) } aria-current=[current(Tab::Profile)] { "Profile" }
            a href={ "/candidates/" (one.id) "/notes" } aria-current=[current(Tab::Notes)] { "Notes" }
        }
        div.split {
            @match tab {
                Tab::Profile => (facts(account, one)),
                Tab::Notes => (note_list(account, viewer, one)),
            }
            (actions(account, one))
        }
    }
}

fn top(account: &Account, one: &Opportunity) -> Markup {
    let stage = account.stage(&one.stage).map_or("Removed stage", |stage| stage.text.as_str());
    let posting = one.posting().and_then(|id| account.posting(id));
    html! {
        section {
            div.head {
                div {
                    h1 { (name(account, one)) }
                    p.quiet { @if let Some(posting) = posting { (posting_name(posting)) } @else { "No job" } }
                }
                div.pills {
                    span.pill { "In " strong { (stage) } }
                    @if let Some(archived) = &one.archived {
                        span.pill { "Archived: " (account.find_reason(&archived.reason).map_or("", |r| &r.text)) }
                    }
                }
            }
            form.row method="post" action={ "/candidates/" (one.id) "/move" } {
                div.field {
                    label for="stage" { "Stage" }
                    select #stage name="stage" autocomplete="off" {
                        @for stage in &account.stages {
                            option value=(stage.id) selected[stage.id == one.stage] { (stage.text) }
                        }
                    }
                }
                button.primary { "Move" }
            }
        }
    }
}

fn facts(account: &Account, one: &Opportunity) -> Markup {
    let contact = account.contact(&one.contact);
    let joined = |texts: &[String]| if texts.is_empty() { "None".to_owned() } else { texts.join(", ") };
    let followers: Vec<String> = one.followers.iter().map(|id| account.user_name(id).to_owned()).collect();
    html! {
        section {
            h2 { "Profile" }
            dl {
                dt { "E-mail" } dd { (joined(&contact.emails)) }
                dt { "Phone" } dd { (joined(&contact.phones.iter().map(|phone| phone.value.clone()).collect::<Vec<_>>())) }
                dt { "Location" } dd { (contact.location) }
                dt { "Headline" } dd { (contact.headline) }
                dt { "Links" } dd { @for link in &contact.links { a href=(link) { (link) } " " } @if contact.links.is_empty() { "None" } }
                dt { "Owner" } dd { (one.owner.as_ref().map_or("Nobody", |id| account.user_name(id))) }
                dt { "Followers" } dd { (joined(&followers)) }
                dt { "Tags" } dd { span.pills { @for tag in account.tags(one) { span.pill { (tag) } } } }
                dt { "Origin" } dd { (one.origin) }
            }
            h2 { "Stages" }
            ol.list.small {
                @for change in one.stage_changes.iter().rev() {
                    li {
                        (account.stage(&change.to_stage_id).map_or("Removed stage", |stage| &stage.text)) ", "
                        (moment(change.updated_at))
                        @if let Some(user) = &change.user_id { ", by " (account.user_name(user)) }
                    }
                }
            }
        }
    }
}

fn note_list(account: &Account, viewer: &Viewer, one: &Opportunity) -> Markup {
    let readable = |note: &&Note| !note.secret || viewer.user.reads_secret_notes();
    let notes: Vec<&Note> = one.notes.iter().rev().filter(readable).collect();
    html! {
        section {
            h2 { "Notes" }
            @if notes.is_empty() { p.empty { "No notes yet" } }
            @for note in notes {
                article aria-label={ "Note by " (account.user_name(&note.user)) } {
                    @for comment in &note.comments {
                        div.head.small {
                            strong { (account.user_name(&comment.user)) }
                            span.quiet {
                                @if let Some(credential) = &note.written_by { "through " (writer(credential)) ", " }
                                @if note.secret { "secret, " }
                                (moment(comment.created_at))
                            }
                        }
                        p { (linked(&comment.value)) }
                    }
                }
            }
            form method="post" action={ "/candidates/" (one.id) "/notes" } {
                div.field { label for="note" { "New note" } textarea #note name="value" rows="3" required {} }
                button { "Add note" }
            }
        }
    }
}

/// The app's name, or that it was a key of the company's own.
fn writer(credential: &str) -> &'static str {
    if credential.starts_with("app ") { super::APP } else { "an API key" }
}

fn actions(account: &Account, one: &Opportunity) -> Markup {
    let contact = account.contact(&one.contact);
    html! {
        div.stack {
            section aria-label="Actions" {
                (email_form(one, contact))
                (follow_form(account, one))
            }
            section aria-label="End" {
                @if one.archived.is_some() {
                    form method="post" action={ "/candidates/" (one.id) "/unarchive" } { button { "Unarchive" } }
                } @else {
                    (archive_form(account, one))
                }
                form method="post" action={ "/candidates/" (one.id) "/anonymize" } { button.danger { "Anonymize" } }
                form method="post" action={ "/candidates/" (one.id) "/delete" } { button.danger { "Delete candidate" } }
            }
        }
    }
}

fn email_form(one: &Opportunity, contact: &Contact) -> Markup {
    html! {
        form method="post" action={ "/candidates/" (one.id) "/email" } {
            div.field {
                label for="email" { "E-mail" }
                input #email name="email" value=(contact.emails.join(", ")) autocomplete="off";
            }
            button { "Save e-mail" }
        }
    }
}

fn follow_form(account: &Account, one: &Opportunity) -> Markup {
    let active = account.users.iter().filter(|user| user.deactivated_at.is_none());
    html! {
        form method="post" action={ "/candidates/" (one.id) "/follow" } {
            div.field {
                label for="follower" { "Follower" }
                select #follower name="user" {
                    @for user in active { option value=(user.id) { (user.name) } }
                }
            }
            button { "Add follower" }
        }
    }
}

fn archive_form(account: &Account, one: &Opportunity) -> Markup {
    let active = account.archive_reasons.iter().filter(|reason| reason.active);
    html! {
        form method="post" action={ "/candidates/" (one.id) "/archive" } {
            div.field {
                label for="reason" { "Reason" }
                select #reason name="reason" {
                    @for reason in active {
                        option value=(reason.id) selected[!reason.hired && reason.text == "Under-qualified"] {
                            (reason.text)
                        }
                    }
                }
            }
            button { "Archive" }
        }
    }
}

fn back(id: &str) -> String {
    format!("/candidates/{id}")
}

async fn move_on(
    State(lever): State<Arc<Lever>>,
    viewer: Viewer,
    Path(id): Path<String>,
    Fields(fields): Fields,
) -> Response {
    let stage = fields.text("stage");
    let (moved, text) = lever.change(|account, now| {
        let moved = account.move_to(&id, &stage, Some(&viewer.user.id), now);
        (moved, account.stage(&stage).map(|stage| stage.text.clone()).unwrap_or_default())
    });
    outcome(&back(&id), moved, &format!("Moved to {text}."))
}

async fn archive(State(lever): State<Arc<Lever>>, Path(id): Path<String>, Fields(fields): Fields) -> Response {
    let archived = lever.change(|account, now| account.archive(&id, Some(&fields.text("reason")), now));
    outcome(&back(&id), archived, "Archived.")
}

async fn unarchive(State(lever): State<Arc<Lever>>, Path(id): Path<String>) -> Response {
    outcome(&back(&id), lever.change(|account, now| account.archive(&id, None, now)), "Back from the archive.")
}

async fn email(State(lever): State<Arc<Lever>>, Path(id): Path<String>, Fields(fields): Fields) -> Response {
    let text = fields.text("email");
    let emails = text.split(',').map(str::trim).filter(|email| !email.is_empty()).map(str::to_owned).collect();
    outcome(&back(&id), lever.change(|account, now| account.set_emails(&id, emails, now)), "E-mail saved.")
}

async fn follow(State(lever): State<Arc<Lever>>, Path(id): Path<String>, Fields(fields): Fields) -> Response {
    let followed = lever.change(|account, now| {
        let user = account.find_user(&fields.text("user"))?;
        let opportunity = account.opportunity_mut(&id)?;
        opportunity.followers.push(user);
        opportunity.updated_at = Some(now);
        Ok(())
    });
    outcome(&back(&id), followed, "Follower added.")
}

async fn anonymize(State(lever): State<Arc<Lever>>, Path(id): Path<String>) -> Response {
    outcome(&back(&id), lever.change(|account, now| account.anonymize(&id, Notes::Cleared, now)), "Anonymized.")
}

async fn delete(State(lever): State<Arc<Lever>>, viewer: Viewer, Path(id): Path<String>) -> Response {
    outcome("/", lever.change(|account, now| account.delete(&id, &viewer.user.id, now)), "Candidate deleted.")
}

async fn add_note(
    State(lever): State<Arc<Lever>>,
    viewer: Viewer,
    Path(id): Path<String>,
    Fields(fields): Fields,
) -> Response {
    let path = format!("/candidates/{id}/notes");
    let Some(value) = fields.filled("value") else { return done(&path, "Write something first.") };
    let written = lever.change(|account, now| {
        let note = NewNote {
            value: value.to_owned(),
            user: viewer.user.id.clone(),
            secret: false,
            score: None,
            created_at: now,
            written_by: None,
        };
        account.write_note(&id, None, note).map(|_| ())
    });
    outcome(&path, written, "Note added.")
}
