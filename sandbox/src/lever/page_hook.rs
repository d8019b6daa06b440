//! Webhook settings: a switch for each event, the addresses below it, Verify Connection, the log.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::{get, post};
use maud::{Markup, html};

use super::Lever;
use super::api_webhook::{address, all_origins};
use super::dispatch;
use super::event::Event;
use super::page_candidate::moment;
use super::session::{At, Fields, Params, Viewer, done, show};
use super::webhook::{Delivery, Hooks, Maker, State as DeliveryState, Webhook};
use crate::random;

const PATH: &str = "/settings/integrations/webhooks";
/// Deliveries on the page; the API of the stand-in has the rest.
const SHOWN: usize = 50;

pub(super) fn router() -> Router<Arc<Lever>> {
    Router::new()
        .route(PATH, get(settings).post(add))
        .route("/settings/integrations/webhooks/switch", post(switch))
        .route("/settings/integrations/webhooks/{id}/verify", post(verify))
        .route("/settings/integrations/webhooks/{id}/delete", post(delete))
}

async fn settings(State(lever): State<Arc<Lever>>, viewer: Viewer, params: Params) -> Markup {
    let content = {
        let account = lever.account();
        html! {
            h1 { "Webhooks" }
            (signature_token(&account.hooks))
            section {
                h2 { "Events" }
                p.quiet { "Switch an event on, add an address below it, and verify the connection." }
                ul.list {
                    @for event in Event::SHOWN { li { (event_settings(&account.hooks, event)) } }
                }
            }
            (made_by_apps(&account.hooks))
            (log(&account.hooks))
        }
    };
    let at = At { title: "Webhooks", section: PATH, path: PATH, notice: params.one("notice") };
    show(&lever, &viewer, &at, &content)
}

fn signature_token(hooks: &Hooks) -> Markup {
    html! {
        section {
            div.field {
                label for="signature-token" { "Signature token" }
                input #signature-token readonly value=(hooks.signature_token) autocomplete="off";
            }
            p.quiet.small {
                "Signs what the webhooks below send. Webhooks made by an app have tokens of their own."
            }
        }
    }
}

fn event_settings(hooks: &Hooks, event: Event) -> Markup {
    let enabled = hooks.enabled.contains(&event);
    let id = event.name();
    let here: Vec<&Webhook> = hooks.all.iter().filter(|one| one.event == event && one.maker == Maker::Hand).collect();
    html! {
        div.stack {
            form.head method="post" action={ (PATH) "/switch" } {
                div.check.switch {
                    input id=(id) type="checkbox" name="enabled" checked[enabled] autocomplete="off";
                    label for=(id) { (event.title()) }
                }
                button.compact name="event" value=(id) { "Save" }
            }
            @if enabled {
                @if !here.is_empty() { ul.list { @for hook in here { li { (by_hand(hook)) } } } }
                (add_form(event))
            }
        }
    }
}

fn by_hand(hook: &Webhook) -> Markup {
    html! {
        div.head {
            code { (hook.url) }
            div.row {
                @match &hook.verified {
                    Some(Ok(())) => span.good { "Verified" },
                    outcome => {
                        @if let Some(Err(why)) = outcome { span.bad { "Not verified: " (why) } }
                        form method="post" action={ (PATH) "/" (hook.id) "/verify" } {
                            button.compact { "Verify Connection" }
                        }
                    },
                }
                form method="post" action={ (PATH) "/" (hook.id) "/delete" } {
                    button.compact.danger aria-label={ "Delete " (hook.url) } { "Delete" }
                }
            }
        }
    }
}

fn add_form(event: Event) -> Markup {
    let id = format!("url-{}", event.name());
    html! {
        details {
            summary { "+ Add webhook" }
            form.row method="post" action=(PATH) {
                div.field {
                    label for=(id) { "Webhook URL" }
                    input id=(id) type="url" name="url" required autocomplete="off";
                }
                button.primary name="event" value=(event.name()) { "Save webhook" }
            }
        }
    }
}

fn made_by_apps(hooks: &Hooks) -> Markup {
    let made: Vec<&Webhook> = hooks.all.iter().filter(|one| one.maker != Maker::Hand).collect();
    html! {
        section {
            h2 { "Made by the API" }
            @if made.is_empty() {
                p.quiet { "None. Webhooks that an app makes can be changed only by that app." }
            } @else {
                ul.list {
                    @for hook in made {
                        li.head { span { (hook.event.title()) } code { (hook.url) } span.pill { "made by the API" } }
                    }
                }
            }
        }
    }
}

fn log(hooks: &Hooks) -> Markup {
    html! {
        section {
            h2 { "Recent deliveries" }
            @if hooks.deliveries.is_empty() {
                p.empty { "Nothing was sent yet." }
            } @else {
                div.scroll {
                    table {
                        thead {
                            tr {
                                th scope="col" { "Time" }
                                th scope="col" { "Event" }
                                th scope="col" { "Status" }
                                th scope="col" { "Attempts" }
                                th scope="col" { "Address" }
                            }
                        }
                        tbody { @for one in hooks.deliveries.iter().rev().take(SHOWN) { (delivery(one)) } }
                    }
                }
            }
        }
    }
}

fn delivery(one: &Delivery) -> Markup {
    let answer = one.last_answer.as_deref().unwrap_or("no answer yet");
    html! {
        tr {
            td.small { (moment(one.triggered_at)) }
            td { (one.event.title()) }
            td {
                @match one.state {
                    DeliveryState::Delivered => span.good { "Delivered (" (answer) ")" },
                    DeliveryState::Failed => span.bad { "Failed (" (answer) ")" },
                    DeliveryState::Waiting if one.attempts > 0 => { "Retrying (" (answer) ")" },
                    DeliveryState::Waiting => "Waiting",
                    DeliveryState::Sending => "Sending",
                    DeliveryState::Held => "Held",
                    DeliveryState::Dropped => "Dropped",
                }
            }
            td { (one.attempts) }
            td { code { (one.url) } }
        }
    }
}

async fn switch(State(lever): State<Arc<Lever>>, Fields(fields): Fields) -> Response {
    let Some(event) = fields.one("event").and_then(Event::parse) else { return done(PATH, "Choose an event.") };
    let on = fields.one("enabled").is_some();
    lever.change(|account, _| {
        if on {
            account.hooks.enabled.insert(event);
        } else {
            account.hooks.enabled.remove(&event);
        }
    });
    done(PATH, &format!("{} is {}.", event.title(), if on { "on" } else { "off" }))
}

async fn add(State(lever): State<Arc<Lever>>, Fields(fields): Fields) -> Response {
    let Some(event) = fields.one("event").and_then(Event::parse) else { return done(PATH, "Choose an event.") };
    let url = match address(&fields.text("url")) {
        Ok(url) => url,
        Err(why) => return done(PATH, &format!("{why}.")),
    };
    lever.change(|account, now| {
        let signature_token = account.hooks.signature_token.clone();
        account.hooks.all.push(Webhook {
            id: random::uuid(),
            event,
            url,
            origins: all_origins(),
            maker: Maker::Hand,
            signature_token,
            created_at: now,
            updated_at: now,
            verified: None,
        });
    });
    done(PATH, "Webhook saved. Verify its connection next.")
}

async fn verify(State(lever): State<Arc<Lever>>, Path(id): Path<String>) -> Response {
    let found = lever.account().hooks.all.iter().find(|one| one.id == id).cloned();
    let Some(webhook) = found else { return done(PATH, "This webhook does not exist any more.") };
    let outcome = dispatch::verify(&lever, &webhook).await;
    let notice = if outcome.is_ok() { "The connection works." } else { "The connection does not work." };
    lever.change(|account, _| {
        if let Some(webhook) = account.hooks.all.iter_mut().find(|one| one.id == id) {
            webhook.verified = Some(outcome);
        }
    });
    done(PATH, notice)
}

async fn delete(State(lever): State<Arc<Lever>>, Path(id): Path<String>) -> Response {
    lever.change(|account, _| account.hooks.all.retain(|one| one.id != id || one.maker != Maker::Hand));
    done(PATH, "Webhook deleted.")
}
