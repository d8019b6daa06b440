//! Who has access: authorized apps with Revoke Access, and API credentials. For Super Admins only.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use maud::{Markup, html};

use super::grant::{ApiKey, Grant};
use super::page_candidate::moment;
use super::scope;
use super::session::{At, Fields, Params, Viewer, done, show};
use super::{APP, Lever};

const APPS: &str = "/settings/authorized-apps";
const KEYS: &str = "/settings/api-credentials";

pub(super) fn router() -> Router<Arc<Lever>> {
    Router::new()
        .route(APPS, get(apps))
        .route("/settings/authorized-apps/revoke", post(revoke))
        .route(KEYS, get(keys).post(make_key))
        .route("/settings/api-credentials/delete", post(delete_key))
}

/// What others than Super Admins see.
fn closed(title: &str) -> Markup {
    html! { section { h1 { (title) } p { "Only a Super Admin can see and change this. Ask one of them." } } }
}

async fn apps(State(lever): State<Arc<Lever>>, viewer: Viewer, params: Params) -> Markup {
    let content = if viewer.user.is_super_admin() { app_list(&lever) } else { closed("Authorized Apps") };
    let at = At { title: "Authorized Apps", section: APPS, path: APPS, notice: params.one("notice") };
    show(&lever, &viewer, &at, &content)
}

fn app_list(lever: &Lever) -> Markup {
    let live: Vec<Grant> = lever.grants().all.iter().filter(|grant| !grant.revoked).cloned().collect();
    let account = lever.account();
    html! {
        h1 { "Authorized Apps" }
        section {
            @if let Some(latest) = live.iter().max_by_key(|grant| grant.granted_at) {
                div.scroll {
                    table {
                        thead {
                            tr {
                                th scope="col" { "App" }
                                th scope="col" { "Authorized by" }
                                th scope="col" { "Since" }
                                th scope="col" { span.quiet { "Access" } }
                            }
                        }
                        tbody {
                            tr {
                                td { strong { (APP) } }
                                td { (account.user_name(&latest.user)) }
                                td.small { (moment(latest.granted_at)) }
                                td {
                                    form method="post" action={ (APPS) "/revoke" } {
                                        button.danger { "Revoke Access" }
                                    }
                                }
                            }
                        }
                    }
                }
                h2 { "What it may do" }
                ul { @for id in &latest.scopes { li { (scope::words(id).unwrap_or(id)) " " code.quiet { (id) } } } }
            } @else {
                p.empty { "No app has access." }
            }
        }
    }
}

async fn revoke(State(lever): State<Arc<Lever>>, viewer: Viewer) -> Response {
    if !viewer.user.is_super_admin() {
        return done(APPS, "Only a Super Admin can revoke access.");
    }
    lever.grants().revoke_app(&lever.client_id);
    lever.change(|_, _| ());
    done(APPS, &format!("{APP} has no access any more."))
}

async fn keys(State(lever): State<Arc<Lever>>, viewer: Viewer, params: Params) -> Markup {
    key_page(&lever, &viewer, params.one("notice"), None)
}

/// The page; a key that was just made is shown this once.
fn key_page(lever: &Lever, viewer: &Viewer, notice: Option<&str>, made: Option<&ApiKey>) -> Markup {
    let content = if viewer.user.is_super_admin() { key_list(lever, made) } else { closed("API Credentials") };
    show(lever, viewer, &At { title: "API Credentials", section: KEYS, path: KEYS, notice }, &content)
}

fn key_list(lever: &Lever, made: Option<&ApiKey>) -> Markup {
    let all = lever.grants().keys.clone();
    html! {
        h1 { "API Credentials" }
        @if let Some(key) = made {
            section {
                h2 { "Copy this key now" }
                p { "It is not shown again." }
                div.field { label for="key" { "API key" } input #key readonly value=(key.secret) autocomplete="off"; }
            }
        }
        section {
            h2 { "Keys" }
            @if all.is_empty() { p.empty { "No keys yet." } }
            ul.list {
                @for key in &all {
                    li.head {
                        div { strong { (key.name) } p.quiet.small { "Made " (moment(key.made_at)) ", ends in " (key.secret[key.secret.len() - 4..]) } }
                        form method="post" action={ (KEYS) "/delete" } {
                            button.compact.danger name="id" value=(key.id) aria-label={ "Delete " (key.name) } { "Delete" }
                        }
                    }
                }
            }
        }
        (key_form())
    }
}

fn key_form() -> Markup {
    html! {
        section {
            h2 { "Generate a key" }
            form method="post" action=(KEYS) {
                div.field { label for="name" { "Key name" } input #name name="name" required autocomplete="off"; }
                div.field {
                    label for="access" { "Permissions" }
                    select #access name="access" {
                        option value="write" { "Read and write" }
                        option value="read" { "Read only" }
                    }
                }
                div.check {
                    input #confidential type="checkbox" name="confidential" autocomplete="off";
                    label for="confidential" { "Access to confidential data" }
                }
                p.quiet.small { "What a key may do cannot be changed later." }
                button.primary { "Generate key" }
            }
        }
    }
}

async fn make_key(State(lever): State<Arc<Lever>>, viewer: Viewer, Fields(fields): Fields) -> Response {
    if !viewer.user.is_super_admin() {
        return done(KEYS, "Only a Super Admin can make a key.");
    }
    let Some(name) = fields.filled("name") else { return done(KEYS, "Enter a name.") };
    let may_write = fields.one("access") != Some("read");
    let confidential = fields.one("confidential").is_some();
    let given = |id: &&str| (may_write || !id.contains(":write:")) && (confidential || *id != scope::CONFIDENTIAL);
    let scopes: Vec<String> = scope::ALL.iter().map(|(id, _)| *id).filter(given).map(str::to_owned).collect();
    let key = lever.grants().add_key(name.to_owned(), viewer.user.id.clone(), scopes, lever.now());
    key_page(&lever, &viewer, Some("Key generated."), Some(&key)).into_response()
}

async fn delete_key(State(lever): State<Arc<Lever>>, viewer: Viewer, Fields(fields): Fields) -> Response {
    if !viewer.user.is_super_admin() {
        return done(KEYS, "Only a Super Admin can delete a key.");
    }
    let id = fields.text("id");
    lever.grants().keys.retain(|key| key.id != id);
    done(KEYS, "Key deleted.")
}
