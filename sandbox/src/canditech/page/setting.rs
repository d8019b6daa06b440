//! `/settings/callbacks` and `/settings/api-keys`: what an admin hands over to Candilever and back.

use std::sync::Arc;

use axum::Form;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{Html, IntoResponse, Response};
use maud::{Markup, html};
use serde::Deserialize;

use super::{Shown, notice};
use crate::canditech::Canditech;
use crate::canditech::account::Account;
use crate::canditech::callback::{Callback, Stage};
use crate::canditech::model::{ApiKey, Permission};
use crate::canditech::signature::Secret;

const SHOWN_CALLBACKS: usize = 50;

pub(super) async fn callbacks(State(canditech): State<Arc<Canditech>>, headers: HeaderMap) -> Response {
    notice::spent(callback_page(&canditech.account(), None, notice::read(&headers)))
}

fn callback_page(account: &Account, error: Option<&str>, notice: Option<&'static str>) -> Html<String> {
    let body = html! {
        section {
            h1 { "Callbacks" }
            p class="quiet" {
                "Canditech tells Candilever what happens to an assessment. Candilever shows the secret on its "
                "Canditech page: paste it here."
            }
            (callback_form(account, error))
        }
        (history(account))
    };
    Shown { notice, ..Shown::new("Callbacks", "/settings/callbacks", account.version) }.page(&body)
}

fn callback_form(account: &Account, error: Option<&str>) -> Markup {
    let state = match &account.callbacks.secret {
        Some(secret) => format!("A secret is set; it ends in {}.", ending(secret.as_str())),
        None => String::from("No secret is set, so no callbacks are sent."),
    };
    let address = account.callbacks.address.as_deref().unwrap_or_default();
    html! {
        form method="post" action="/settings/callbacks" {
            div class="field" {
                label for="secret" { "Callback secret" }
                input id="secret" name="secret" type="password" autocomplete="off" spellcheck="false"
                    placeholder="whsec_…" aria-describedby="secret-hint" aria-invalid=[error.map(|_| "true")];
                p id="secret-hint" class="quiet small" { @if let Some(error) = error { strong { (error) } " " } (state) }
            }
            div class="field" {
                label for="address" { "Callback address (optional)" }
                input id="address" name="address" type="url" value=(address) autocomplete="off"
                    aria-describedby="address-hint";
                p id="address-hint" class="quiet small" { "Used for invitations that name no address of their own." }
            }
            button class="primary" { "Save" }
        }
    }
}

/// The last four characters, enough to tell one secret from another.
fn ending(secret: &str) -> String {
    secret.chars().skip(secret.chars().count().saturating_sub(4)).collect()
}

fn history(account: &Account) -> Markup {
    let all = &account.callbacks.all;
    html! {
        section {
            h2 id="history" { "Last callbacks" }
            @if all.is_empty() {
                p class="empty" { "None yet." }
            } @else {
                div class="scroll" tabindex="0" role="region" aria-labelledby="history" {
                    table {
                        thead { tr {
                            th scope="col" { "Event" }
                            th scope="col" { "Candidate" }
                            th scope="col" { "Outcome" }
                            th scope="col" { "Attempts" }
                        } }
                        tbody {
                            @for callback in all.iter().rev().take(SHOWN_CALLBACKS) { (callback_row(account, callback)) }
                        }
                    }
                }
                form method="post" action="/settings/callbacks/retry" { button { "Retry waiting callbacks now" } }
            }
        }
    }
}

fn callback_row(account: &Account, callback: &Callback) -> Markup {
    let candidate = account.invite(&callback.invite_id).map(|invite| invite.candidate.name()).unwrap_or_default();
    let answers: Vec<String> = callback.attempts.iter().rev().take(5).map(|attempt| answer(attempt.status)).collect();
    html! {
        tr {
            td { code { (callback.event) } @if callback.forged { " (forged)" } }
            td { (candidate) }
            td { (outcome(callback.stage)) }
            td { (callback.attempts.len()) @if !answers.is_empty() { ": " (answers.join(", ")) } }
        }
    }
}

fn answer(status: u16) -> String {
    if status == 0 { String::from("no answer") } else { status.to_string() }
}

fn outcome(stage: Stage) -> Markup {
    let (tone, words) = match stage {
        Stage::Delivered => ("good", "Delivered"),
        Stage::Waiting | Stage::InFlight => ("busy", "On its way"),
        Stage::Held => ("plain", "Held back"),
        Stage::Stopped => ("bad", "Stopped by the receiver"),
        Stage::GivenUp => ("bad", "Given up"),
        Stage::Dropped => ("quiet", "Lost on purpose"),
        Stage::NotSetUp => ("quiet", "Not set up"),
    };
    html! { span class="pill" data-tone=(tone) { (words) } }
}

#[derive(Deserialize)]
pub(super) struct CallbackForm {
    secret: String,
    address: String,
}

pub(super) async fn save_callbacks(
    State(canditech): State<Arc<Canditech>>,
    Form(form): Form<CallbackForm>,
) -> Response {
    canditech.change(|account, _| {
        let secret = match (form.secret.trim(), account.callbacks.secret.clone()) {
            ("", Some(kept)) => Ok(kept),
            ("", None) => Err("Paste the secret."),
            (text, _) => Secret::parse(text),
        };
        match secret {
            Ok(secret) => {
                let address = Some(form.address.trim().to_owned()).filter(|address| !address.is_empty());
                account.callbacks.set_up(Some(secret), address);
                account.version += 1;
                notice::redirect("/settings/callbacks", "callbacks")
            }
            Err(why) => (StatusCode::UNPROCESSABLE_ENTITY, callback_page(account, Some(why), None)).into_response(),
        }
    })
}

pub(super) async fn retry(State(canditech): State<Arc<Canditech>>) -> Response {
    canditech.change(|account, now| account.callbacks.retry_now(now));
    notice::redirect("/settings/callbacks", "retry")
}

pub(super) async fn api_keys(State(canditech): State<Arc<Canditech>>, headers: HeaderMap) -> Response {
    let account = canditech.account();
    let body = html! {
        h1 { "API keys" }
        p class="quiet" {
            "Candilever needs a key that may send. Its base URL is " code { (account.public_url) "/api" }
            ", or, over the Greenhouse partner protocol, " code { (account.public_url) "/greenhouse" } "."
        }
        ul class="cards" { @for key in &account.keys { (key_card(key)) } }
        form method="post" action="/settings/api-keys" { button class="primary" { "Generate key" } }
    };
    let shown = Shown::new("API keys", "/settings/api-keys", account.version);
    notice::spent(Shown { notice: notice::read(&headers), ..shown }.page(&body))
}

fn key_card(key: &ApiKey) -> Markup {
    let may = if key.permissions.contains(&Permission::Invite) { "May list and send." } else { "May list, not send." };
    html! {
        li class="card" {
            h2 { (key.name) }
            p { code { (key.key) } }
            p { (may) }
            form method="post" action={ "/settings/api-keys/" (key.id) "/revoke" } {
                button aria-label={ "Revoke " (key.name) } { "Revoke" }
            }
        }
    }
}

pub(super) async fn generate_key(State(canditech): State<Arc<Canditech>>) -> Response {
    canditech.change(|account, _| account.generate_key());
    notice::redirect("/settings/api-keys", "key")
}

pub(super) async fn revoke_key(State(canditech): State<Arc<Canditech>>, Path(id): Path<String>) -> Response {
    canditech.change(|account, _| account.revoke_key(&id));
    notice::redirect("/settings/api-keys", "revoked")
}
