//! The consent page: who asks for what, who may grant it, and the way back.

use std::sync::Arc;

use axum::Router;
use axum::extract::{OriginalUri, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use maud::{Markup, html};
use url::Url;

use super::grant::Code;
use super::scope;
use super::seed::ORGANIZATION;
use super::session::{Fields, Params, Viewer, bare, refused};
use super::{APP, Lever};

pub(super) fn router() -> Router<Arc<Lever>> {
    Router::new().route("/authorize", get(ask).post(decide))
}

/// A request for access that can be answered at its address.
struct Asked {
    back: Url,
    redirect_uri: String,
    state: String,
    challenge: Option<String>,
    scopes: Vec<String>,
    for_api: bool,
    prompt: bool,
}

async fn ask(
    State(lever): State<Arc<Lever>>,
    viewer: Viewer,
    params: Params,
    OriginalUri(address): OriginalUri,
) -> Response {
    let asked = match read(&lever, &params) {
        Ok(asked) => asked,
        Err(refusal) => return *refusal,
    };
    if !viewer.logged_in {
        return log_in(&lever, address.path_and_query().map_or("/", |path| path.as_str())).into_response();
    }
    let known = lever.grants().covers(&lever.client_id, &viewer.user.id, &asked.scopes);
    if known && !asked.prompt {
        return grant(&lever, &viewer, asked);
    }
    consent(&viewer, &asked, &params).into_response()
}

/// Accept or Deny was pressed; everything is checked again.
async fn decide(State(lever): State<Arc<Lever>>, viewer: Viewer, Fields(fields): Fields) -> Response {
    let asked = match read(&lever, &fields) {
        Ok(asked) => asked,
        Err(refusal) => return *refusal,
    };
    if fields.one("decision") == Some("accept") {
        return grant(&lever, &viewer, asked);
    }
    refuse(&asked.back, &asked.state, "access_denied", "User did not authorize the request")
}

fn grant(lever: &Lever, viewer: &Viewer, asked: Asked) -> Response {
    if !viewer.user.is_super_admin() {
        let why = "Only a Super Admin can authorize an app for this account";
        return refuse(&asked.back, &asked.state, "access_denied", why);
    }
    let code = Code {
        client_id: lever.client_id.clone(),
        redirect_uri: asked.redirect_uri,
        challenge: asked.challenge,
        user: viewer.user.id.clone(),
        scopes: asked.scopes,
        for_api: asked.for_api,
        made_at: lever.now(),
    };
    let code = lever.grants().add_code(code);
    let mut back = asked.back;
    back.query_pairs_mut().append_pair("code", &code).append_pair("state", &asked.state);
    Redirect::to(back.as_str()).into_response()
}

/// Without a known app and its own address there is nobody to send an error to: a page says it.
fn read(lever: &Lever, params: &Params) -> Result<Asked, Box<Response>> {
    if params.one("client_id") != Some(lever.client_id.as_str()) {
        let words = "ClientID not found. Is it the one of this environment?";
        return Err(Box::new(refused(StatusCode::BAD_REQUEST, "Unknown app", words)));
    }
    let redirect_uri = params.one("redirect_uri").unwrap_or_default();
    let Some(back) = callback(lever, redirect_uri) else {
        return Err(Box::new(refused(StatusCode::BAD_REQUEST, "undefined", "undefined")));
    };
    let state = params.one("state").unwrap_or_default();
    let wrong = |why: &str| Box::new(refuse(&back, state, "invalid_request", why));
    if params.one("response_type") != Some("code") {
        return Err(Box::new(refuse(&back, state, "unsupported_response_type", "response_type must be code")));
    }
    if state.is_empty() {
        return Err(wrong("state is required"));
    }
    let challenge = params.filled("code_challenge").map(str::to_owned);
    if challenge.is_some() && params.one("code_challenge_method") != Some("S256") {
        return Err(wrong("code_challenge_method must be S256"));
    }
    let for_api = params.one("audience") == Some(lever.audience().as_str());
    let scopes = lever.grants().grantable(params.one("scope").unwrap_or_default(), for_api);
    let prompt = params.one("prompt") == Some("consent");
    let state = state.to_owned();
    Ok(Asked { back, redirect_uri: redirect_uri.to_owned(), state, challenge, scopes, for_api, prompt })
}

/// A registered callback, compared exactly; where none is registered, any address on this machine.
fn callback(lever: &Lever, redirect_uri: &str) -> Option<Url> {
    let url = Url::parse(redirect_uri).ok()?;
    let local = || {
        let host = url.host_str().unwrap_or_default();
        url.scheme() == "http" && matches!(host, "localhost" | "127.0.0.1" | "[::1]")
    };
    let registered = if lever.redirect_uris.is_empty() {
        local()
    } else {
        lever.redirect_uris.iter().any(|known| known == redirect_uri)
    };
    registered.then_some(url)
}

fn refuse(back: &Url, state: &str, error: &str, description: &str) -> Response {
    let mut back = back.clone();
    back.query_pairs_mut().append_pair("error", error).append_pair("error_description", description);
    if !state.is_empty() {
        back.query_pairs_mut().append_pair("state", state);
    }
    Redirect::to(back.as_str()).into_response()
}

fn log_in(lever: &Lever, return_to: &str) -> Markup {
    let account = lever.account();
    let active = account.users.iter().filter(|user| user.deactivated_at.is_none());
    let content = html! {
        section.narrow {
            h1 { "Log in" }
            p.quiet { "Choose who you are at " (ORGANIZATION) ". Only a Super Admin can give an app access." }
            form method="post" action="/login" {
                input type="hidden" name="return_to" value=(return_to);
                ul.list {
                    @for user in active {
                        li.head {
                            button name="user" value=(user.id) { "Log in as " (user.name) }
                            span.quiet { (user.role_name()) }
                        }
                    }
                }
            }
        }
    };
    bare("Log in", &content)
}

fn consent(viewer: &Viewer, asked: &Asked, params: &Params) -> Markup {
    let host = asked.back.host_str().unwrap_or_default();
    let content = html! {
        section.narrow {
            h1 { (APP) " wants to access your " (ORGANIZATION) " account" }
            p { "You are " strong { (viewer.user.name) } ", " (viewer.user.role_name()) "." }
            h2 { "It will be able to" }
            ul.list {
                @for scope in &asked.scopes {
                    li {
                        div { (scope::words(scope).unwrap_or(scope)) }
                        code.quiet { (scope) }
                    }
                }
                @if asked.scopes.is_empty() { li.quiet { "Nothing" } }
            }
            p.quiet.small { "You will go back to " (host) ". You can end this access in Settings, Authorized Apps." }
            form method="post" action="/authorize" {
                @for (name, value) in params.pairs() {
                    input type="hidden" name=(name) value=(value);
                }
                div.row {
                    button.primary name="decision" value="accept" { "Accept" }
                    button name="decision" value="deny" { "Deny" }
                }
            }
        }
    };
    bare("Authorize app", &content)
}
