//! Pipeline settings: add, rename, move and remove stages. There is no API for any of it.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::{get, post};
use maud::{Markup, html};

use super::Lever;
use super::account::Account;
use super::account_setting::Interviews;
use super::model::Stage;
use super::session::{At, Fields, Params, Viewer, done, outcome, show};

const PATH: &str = "/settings/pipeline";
const CUSTOMIZE: &str = "/settings/pipeline?customize=on";

pub(super) fn router() -> Router<Arc<Lever>> {
    Router::new()
        .route(PATH, get(pipeline).post(add))
        .route("/settings/pipeline/{id}/rename", post(rename))
        .route("/settings/pipeline/{id}/up", post(up))
        .route("/settings/pipeline/{id}/remove", post(remove))
}

async fn pipeline(State(lever): State<Arc<Lever>>, viewer: Viewer, params: Params) -> Markup {
    let customize = params.one("customize").is_some();
    let content = {
        let account = lever.account();
        html! {
            div.head {
                h1 { "Pipeline" }
                @if customize {
                    a.button href=(PATH) { "Done" }
                } @else {
                    a.button.primary href=(CUSTOMIZE) { "Customize" }
                }
            }
            @if customize { (add_form()) }
            section {
                h2 { "Stages" }
                ol.list { @for stage in &account.stages { li { (stage_row(&account, stage, customize)) } } }
            }
        }
    };
    let path = if customize { CUSTOMIZE } else { PATH };
    let at = At { title: "Pipeline", section: PATH, path, notice: params.one("notice") };
    show(&lever, &viewer, &at, &content)
}

fn add_form() -> Markup {
    html! {
        section {
            details {
                summary { "+ Add stage" }
                form method="post" action=(PATH) {
                    div.field { label for="text" { "Stage name" } input #text name="text" required autocomplete="off"; }
                    div.check {
                        input #interviews type="checkbox" name="interviews" autocomplete="off";
                        label for="interviews" { "Stage used for interviews" }
                    }
                    button.primary { "Save stage" }
                }
            }
        }
    }
}

fn stage_row(account: &Account, stage: &Stage, customize: bool) -> Markup {
    let inside = account.opportunities.values().filter(|one| one.stage == stage.id && one.archived.is_none()).count();
    html! {
        div.head {
            div {
                strong { (stage.text) }
                p.quiet.small {
                    (inside) (if inside == 1 { " candidate" } else { " candidates" })
                    @if stage.has_interview { ", used for interviews" }
                }
            }
            @if customize { (stage_forms(stage)) }
        }
    }
}

fn stage_forms(stage: &Stage) -> Markup {
    let id = format!("name-{}", stage.id);
    html! {
        div.row {
            form.row method="post" action={ (PATH) "/" (stage.id) "/rename" } {
                input id=(id) name="text" value=(stage.text) aria-label={ "New name for " (stage.text) } required
                    autocomplete="off";
                button.compact aria-label={ "Rename " (stage.text) } { "Rename" }
            }
            @if !stage.is_fixed() {
                form method="post" action={ (PATH) "/" (stage.id) "/up" } {
                    button.compact aria-label={ "Move up " (stage.text) } { "Move up" }
                }
                form method="post" action={ (PATH) "/" (stage.id) "/remove" } {
                    button.compact.danger aria-label={ "Remove " (stage.text) } { "Remove" }
                }
            }
        }
    }
}

async fn add(State(lever): State<Arc<Lever>>, Fields(fields): Fields) -> Response {
    let Some(text) = fields.filled("text") else { return done(CUSTOMIZE, "Enter a name.") };
    let interviews = if fields.one("interviews").is_some() { Interviews::Here } else { Interviews::NotHere };
    lever.change(|account, _| account.add_stage(text, interviews));
    done(PATH, &format!("Stage {text} added."))
}

async fn rename(State(lever): State<Arc<Lever>>, Path(id): Path<String>, Fields(fields): Fields) -> Response {
    let Some(text) = fields.filled("text") else { return done(CUSTOMIZE, "Enter a name.") };
    outcome(CUSTOMIZE, lever.change(|account, _| account.rename_stage(&id, text)), "Stage renamed.")
}

async fn up(State(lever): State<Arc<Lever>>, Path(id): Path<String>) -> Response {
    outcome(CUSTOMIZE, lever.change(|account, _| account.move_stage_up(&id)), "Order saved.")
}

async fn remove(State(lever): State<Arc<Lever>>, viewer: Viewer, Path(id): Path<String>) -> Response {
    let removed = lever.change(|account, now| account.remove_stage(&id, Some(&viewer.user.id), now));
    outcome(CUSTOMIZE, removed, "Stage removed. Its candidates are in the stage before.")
}
