//! Who is signed in to the stand-in, what a request asks, and the frame of its pages.

use std::convert::Infallible;
use std::sync::Arc;

use axum::Json;
use axum::Router;
use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use maud::{Markup, html};
use serde_json::{Value, json};

use super::Lever;
use super::account::Missing;
use super::model::{Millis, User};
use super::refusal::Refusal;
use super::seed::ORGANIZATION;
use crate::page::{self, Frame};

/// The badge in the header.
const BADGE: &str = "Stand-in for Lever";
const COOKIE: &str = "standin_lever";
const SECTIONS: [(&str, &str); 6] = [
    ("/", "Candidates"),
    ("/settings/pipeline", "Pipeline"),
    ("/settings/postings", "Postings"),
    ("/settings/integrations/webhooks", "Webhooks"),
    ("/settings/authorized-apps", "Authorized Apps"),
    ("/settings/api-credentials", "API Credentials"),
];

/// The parameters of a query or the fields of a form, repeated ones included.
#[derive(Debug, Clone, Default)]
pub(super) struct Params(Vec<(String, String)>);

impl Params {
    pub(super) fn parse(encoded: &[u8]) -> Self {
        Self(url::form_urlencoded::parse(encoded).into_owned().collect())
    }

    pub(super) fn one(&self, name: &str) -> Option<&str> {
        self.all(name).next()
    }

    /// The value, or nothing where it is only white space.
    pub(super) fn filled(&self, name: &str) -> Option<&str> {
        self.one(name).map(str::trim).filter(|value| !value.is_empty())
    }

    pub(super) fn text(&self, name: &str) -> String {
        self.filled(name).unwrap_or_default().to_owned()
    }

    pub(super) fn all<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// A time in milliseconds.
    pub(super) fn time(&self, name: &str) -> Result<Option<Millis>, Refusal> {
        let wrong = || Refusal::bad_request(format!("{name} must be a time in milliseconds"));
        self.one(name).map(|text| text.parse().map_err(|_| wrong())).transpose()
    }

    /// All but the place in the list, in one order.
    pub(super) fn filters(&self) -> String {
        let mut filters: Vec<_> = self.0.iter().filter(|(name, _)| name != "limit" && name != "offset").collect();
        filters.sort();
        url::form_urlencoded::Serializer::new(String::new()).extend_pairs(filters).finish()
    }

    pub(super) fn pairs(&self) -> &[(String, String)] {
        &self.0
    }
}

impl<S: Sync> FromRequestParts<S> for Params {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::parse(parts.uri.query().unwrap_or_default().as_bytes()))
    }
}

/// The fields of a posted form.
pub(super) struct Fields(pub(super) Params);

impl<S: Send + Sync> FromRequest<S> for Fields {
    type Rejection = Response;

    async fn from_request(request: Request, state: &S) -> Result<Self, Response> {
        let body = Bytes::from_request(request, state).await.map_err(IntoResponse::into_response)?;
        Ok(Self(Params::parse(&body)))
    }
}

/// The person whose pages these are.
pub(super) struct Viewer {
    pub(super) user: User,
    /// Whether they chose themselves, or are the one shown to visitors.
    pub(super) logged_in: bool,
}

impl FromRequestParts<Arc<Lever>> for Viewer {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, lever: &Arc<Lever>) -> Result<Self, Response> {
        let account = lever.account();
        let chosen = cookie(&parts.headers).and_then(|id| account.user(&id));
        let chosen = chosen.filter(|user| user.deactivated_at.is_none());
        let logged_in = chosen.is_some();
        let user = chosen.or_else(|| account.users.iter().find(|user| user.is_super_admin()));
        let user = user.ok_or_else(|| StatusCode::INTERNAL_SERVER_ERROR.into_response())?;
        Ok(Self { user: user.clone(), logged_in })
    }
}

fn cookie(headers: &HeaderMap) -> Option<String> {
    let all = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = all.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(name, _)| *name == COOKIE).map(|(_, value)| value.to_owned())
}

/// `/switch`, `/login` and the version that open pages ask for.
pub(super) fn router() -> Router<Arc<Lever>> {
    Router::new().route("/switch", post(log_in)).route("/login", post(log_in)).route("/version", get(version))
}

async fn version(State(lever): State<Arc<Lever>>) -> Json<Value> {
    Json(json!({ "version": lever.version() }))
}

/// Signs in as whoever was chosen, and goes back to where it was asked.
async fn log_in(State(lever): State<Arc<Lever>>, Fields(fields): Fields) -> Response {
    let chosen = fields.filled("user").and_then(|id| lever.account().user(id).map(|user| user.id.clone()));
    let back = fields.filled("return_to").filter(|path| is_local(path)).unwrap_or("/");
    let mut answer = Redirect::to(back).into_response();
    if let Some(cookie) =
        chosen.and_then(|id| HeaderValue::from_str(&format!("{COOKIE}={id}; Path=/; HttpOnly; SameSite=Lax")).ok())
    {
        answer.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    answer
}

fn is_local(path: &str) -> bool {
    path.starts_with('/') && !path.starts_with("//") && !path.contains('\\')
}

/// A page in its frame.
pub(super) fn show(lever: &Lever, viewer: &Viewer, at: &At<'_>, content: &Markup) -> Markup {
    let frame = Frame {
        badge: BADGE,
        organization: ORGANIZATION,
        title: at.title,
        sections: &SECTIONS,
        current: at.section,
        aside: switcher(lever, viewer, at.path),
        notice: at.notice,
        live: Some(("/version", lever.version())),
    };
    page::page(&frame, content)
}

/// Where a page is.
pub(super) struct At<'a> {
    pub(super) title: &'a str,
    pub(super) section: &'a str,
    /// The address to come back to.
    pub(super) path: &'a str,
    pub(super) notice: Option<&'a str>,
}

/// A page outside of the frame: log in, consent, refusals.
pub(super) fn bare(title: &str, content: &Markup) -> Markup {
    let frame = Frame {
        badge: BADGE,
        organization: ORGANIZATION,
        title,
        sections: &[],
        current: "",
        aside: html! {},
        notice: None,
        live: None,
    };
    page::page(&frame, content)
}

fn switcher(lever: &Lever, viewer: &Viewer, path: &str) -> Markup {
    let account = lever.account();
    let active = account.users.iter().filter(|user| user.deactivated_at.is_none());
    html! {
        form.row method="post" action="/switch" {
            input type="hidden" name="return_to" value=(path);
            div.field {
                label for="switch-user" { "Signed in as" }
                select #switch-user name="user" {
                    @for user in active {
                        option value=(user.id) selected[user.id == viewer.user.id] {
                            (user.name) " (" (user.role_name()) ")"
                        }
                    }
                }
            }
            button { "Switch" }
        }
    }
}

/// After a form: to the page that shows the outcome, with what was done in words.
pub(super) fn done(path: &str, notice: &str) -> Response {
    let notice: String = url::form_urlencoded::byte_serialize(notice.as_bytes()).collect();
    let join = if path.contains('?') { '&' } else { '?' };
    Redirect::to(&format!("{path}{join}notice={notice}")).into_response()
}

/// After a form that named something which is gone.
pub(super) fn outcome(path: &str, result: Result<(), Missing>, notice: &str) -> Response {
    match result {
        Ok(()) => done(path, notice),
        Err(missing) => done(path, not_there(missing)),
    }
}

fn not_there(missing: Missing) -> &'static str {
    match missing {
        Missing::Opportunity | Missing::Contact => "This candidate does not exist any more.",
        Missing::Stage => "This stage does not exist, or cannot be removed.",
        Missing::Posting => "This posting does not exist any more.",
        Missing::Reason => "Choose a reason to archive for.",
        Missing::User => "This person does not exist.",
        Missing::Note => "This note does not exist any more.",
    }
}

/// A page that says why there is nothing to see.
pub(super) fn refused(status: StatusCode, title: &str, words: &str) -> Response {
    (status, page::message(BADGE, ORGANIZATION, title, words)).into_response()
}
