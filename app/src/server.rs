//! What server functions need of the request: the engine, the session, the person, and the status
//! of the answer. The first line of every server function is `server::member().await?`.

mod arguments;

use std::{net::IpAddr, time::Duration};

use engine::{
    Engine,
    access::{self, Admitted, Member, Way},
    clock::Moment,
    id::{OrganizationId, UserId},
};
use http::{HeaderMap, StatusCode, header, request::Parts};
use leptos::prelude::use_context;
use leptos_axum::ResponseOptions;
use serde::{Serialize, de::DeserializeOwned};
use tower_sessions::Session;

pub use self::arguments::fields_of;
use crate::{
    problem::{Problem, Refused, Trouble},
    route,
};

/// The session key of the signed-in user's id.
pub const USER: &str = "user";
/// The session key of how often everything of theirs had been ended when they were admitted.
pub const EPOCH: &str = "epoch";
/// The session key of the id of the organization whose pages are shown.
pub const ORGANIZATION: &str = "organization";
/// The session key of the way the person signed in; there for who was vouched for.
pub const VOUCHED: &str = "vouched";
/// The session key of whose password was right while the second factor's code is to come, and since when.
const HALF: &str = "half";
const HALF_LASTS: Duration = Duration::from_mins(10);
/// The session keys of where and with what the person signed in.
pub const FROM: &str = "from";
pub const AGENT: &str = "agent";

/// A browser's description of itself may be of any length.
const LONGEST_AGENT: usize = 200;

/// The caller's address as the program trusts it; a request extension.
#[derive(Debug, Clone, Copy)]
pub struct ClientAddress(pub IpAddr);

/// The engine that the program provides to every page and server function.
#[must_use]
pub fn engine() -> Engine {
    use_context().expect("the program provides the engine with every route")
}

/// The web session of this request.
///
/// # Errors
/// When the program has no session layer around this route.
pub fn session() -> Result<Session, Problem> {
    use_context::<Parts>().and_then(|parts| parts.extensions.get::<Session>().cloned()).ok_or_else(|| {
        tracing::error!("a request came without a session layer");
        Problem::Unavailable
    })
}

/// The signed-in person with the role they have now.
///
/// # Errors
/// Signed out; conflict for a change by who has lost access to the organization that their pages showed; or our own
/// failure.
pub async fn member() -> Result<Member, Problem> {
    let (engine, session) = (engine(), session()?);
    let user = session.get::<String>(USER).await.map_err(session_failed)?;
    let organization = session.get::<String>(ORGANIZATION).await.map_err(session_failed)?.map(OrganizationId);
    let member = match user {
        Some(user) => access::member_in(&engine, &UserId(user), organization.as_ref(), way().await?).await?,
        None => None,
    };
    let member = member.ok_or_else(|| told(Problem::SignedOut))?;
    if organization.as_ref() != Some(&member.organization) {
        // Nothing is changed in another organization than the page showed; whoever reads sees which it is now.
        if changes_something() {
            return if organization.is_none() { Ok(here(member)) } else { Err(told(Problem::Conflict)) };
        }
        session.insert(ORGANIZATION, member.organization.as_str()).await.map_err(session_failed)?;
    }
    Ok(here(member))
}

fn here(member: Member) -> Member {
    Member { from: client_address(), ..member }
}

/// Whether this request is for a server function that changes something.
fn changes_something() -> bool {
    use_context::<Parts>().is_some_and(|parts| arguments::changes_something(parts.uri.path()))
}

/// The way the person signed in.
///
/// # Errors
/// Our own failure.
pub async fn way() -> Result<Way, Problem> {
    way_of(&session()?).await.map_err(session_failed)
}

/// As [`way`], for the program's own routes.
///
/// # Errors
/// When the session cannot be read.
pub async fn way_of(session: &Session) -> Result<Way, tower_sessions::session::Error> {
    Ok(if session.get_value(VOUCHED).await?.is_some() { Way::Vouched } else { Way::Password })
}

/// Whether one more attempt to sign in may be made.
///
/// # Errors
/// Our own failure.
pub async fn may_try_to_sign_in(email: &str) -> Result<bool, Problem> {
    let from = client_address();
    let may = access::tries::may_try(&engine(), email, from).await?;
    if !may {
        tracing::info!(?from, "a try at a password was refused unseen: there were too many");
    }
    Ok(may)
}

/// Says that the password was right: its tries are not held against the account.
///
/// # Errors
/// Our own failure.
pub async fn password_was_right(email: &str) -> Result<(), Problem> {
    Ok(access::tries::forgive(&engine(), email).await?)
}

/// Who is at the other end: where from, and with what.
#[derive(Debug, Clone, Default)]
pub struct Visitor {
    pub from: Option<IpAddr>,
    pub agent: Option<String>,
}

impl Visitor {
    /// Of this request.
    #[must_use]
    pub fn of(headers: &HeaderMap, from: Option<IpAddr>) -> Self {
        let agent = headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok());
        Self { from, agent: agent.map(|agent| agent.chars().take(LONGEST_AGENT).collect()) }
    }
}

/// Signs this person in: a new session, whose old id is worthless from now on.
///
/// # Errors
/// Our own failure.
pub async fn begin_session(admitted: &Admitted) -> Result<(), Problem> {
    let parts = use_context::<Parts>();
    let visitor = parts.map(|parts| Visitor::of(&parts.headers, client_address())).unwrap_or_default();
    begin_in(&engine(), &session()?, &visitor, admitted, Way::Password).await
}

/// As [`begin_session`], for the program's own routes, which have the session at hand.
///
/// # Errors
/// Our own failure.
pub async fn begin_in(
    engine: &Engine,
    session: &Session,
    visitor: &Visitor,
    admitted: &Admitted,
    way: Way,
) -> Result<(), Problem> {
    // First of all: nobody is signed in without it.
    access::note_sign_in(engine, &admitted.user, visitor.from).await?;
    let begun = async {
        session.cycle_id().await?;
        // Nothing of who was here before goes to who is now.
        session.clear().await;
        session.insert(FROM, visitor.from).await?;
        session.insert(AGENT, &visitor.agent).await?;
        if way == Way::Vouched {
            session.insert(VOUCHED, true).await?;
        }
        session.insert(EPOCH, admitted.epoch).await?;
        session.insert(USER, admitted.user.as_str()).await
    };
    begun.await.map_err(session_failed)
}

/// Notes that this person's password was right and that a code is still to come: nobody is signed in.
///
/// # Errors
/// Our own failure.
pub async fn begin_half(admitted: &Admitted) -> Result<(), Problem> {
    let (session, at) = (session()?, engine().clock.now().0);
    let begun = async {
        session.cycle_id().await?;
        session.clear().await;
        session.insert(EPOCH, admitted.epoch).await?;
        session.insert(HALF, (admitted.user.as_str(), at)).await
    };
    begun.await.map_err(session_failed)
}

/// Whose password was right a moment ago; `None` when there is nobody, or when it was too long ago.
///
/// # Errors
/// Our own failure.
pub async fn half() -> Result<Option<Admitted>, Problem> {
    let (session, now) = (session()?, engine().clock.now());
    let half: Option<(String, i64)> = session.get(HALF).await.map_err(session_failed)?;
    let epoch = session.get(EPOCH).await.map_err(session_failed)?.unwrap_or_default();
    let half = half.filter(|(_, at)| now.since(Moment(*at)) <= HALF_LASTS);
    Ok(half.map(|(user, _)| Admitted { user: UserId(user), epoch }))
}

/// Signs in whose password was right, or asks for the code that is still to come; answers where to go on.
///
/// # Errors
/// Our own failure.
pub async fn begin_session_or_half(admitted: &Admitted, next: &str) -> Result<String, Problem> {
    if access::second_factor::is_on(&engine(), &admitted.user).await? {
        begin_half(admitted).await?;
        return Ok(route::sign_in_code(next));
    }
    begin_session(admitted).await?;
    Ok(route::safe_next(next).to_owned())
}

/// Goes on in another organization of the person's, under a new session id.
///
/// # Errors
/// Conflict when the session has ended, or went on already; our own failure.
pub async fn go_on_in(organization: &OrganizationId) -> Result<(), Problem> {
    let session = session()?;
    // Of several requests that go on with one session at once, one does: it is not to become many.
    if let Some(id) = session.id()
        && !access::session::delete(&engine(), &id.to_string()).await?
    {
        return Err(told(Problem::Conflict));
    }
    session.cycle_id().await.map_err(session_failed)?;
    session.insert(ORGANIZATION, organization.as_str()).await.map_err(session_failed)
}

/// The present session's id; empty before there is one.
///
/// # Errors
/// When the program has no session layer around this route.
pub fn session_id() -> Result<String, Problem> {
    Ok(session()?.id().map(|id| id.to_string()).unwrap_or_default())
}

/// Ends the session.
///
/// # Errors
/// Our own failure.
pub async fn end_session() -> Result<(), Problem> {
    session()?.flush().await.map_err(session_failed)
}

/// Keeps what was typed into a refused form until the page asks for it once. Never for secrets.
///
/// # Errors
/// Our own failure.
pub async fn keep_input(form: &str, input: &impl Serialize) -> Result<(), Problem> {
    keep_in(&session()?, form, input).await
}

/// As [`keep_input`], for the program's own routes, which have the session at hand.
///
/// # Errors
/// Our own failure.
pub async fn keep_in(session: &Session, form: &str, input: &impl Serialize) -> Result<(), Problem> {
    session.insert(&input_key(form), input).await.map_err(session_failed)
}

/// What was typed into a refused form, once.
///
/// # Errors
/// Our own failure.
pub async fn take_input<T: DeserializeOwned>(form: &str) -> Result<Option<T>, Problem> {
    session()?.remove(&input_key(form)).await.map_err(session_failed)
}

fn input_key(form: &str) -> String {
    format!("input:{form}")
}

#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
fn session_failed(error: tower_sessions::session::Error) -> Problem {
    tracing::error!(%error, "the session could not be read or written");
    answer_with(Problem::Unavailable);
    Problem::Unavailable
}

/// The caller's address, where it is known.
#[must_use]
pub fn client_address() -> Option<IpAddr> {
    use_context::<Parts>()?.extensions.get::<ClientAddress>().map(|address| address.0)
}

/// Whether a link that Lever told may be shown: it leads to Lever's own pages, over https.
#[must_use]
pub fn is_levers(link: &str) -> bool {
    let host = engine().settings.lever.api_url.host_str().map(str::to_owned);
    leads_to(link, host.as_deref().unwrap_or_default())
}

/// Lever's pages have other names than its API, under one roof; a Lever that the settings name may be anywhere.
fn leads_to(link: &str, api: &str) -> bool {
    const ROOF: &str = ".lever.co";
    let Ok(link) = link.parse::<http::Uri>() else { return false };
    let (scheme, host) = (link.scheme_str(), link.host().unwrap_or_default());
    let is_alone = link.authority().is_some_and(|authority| !authority.as_str().contains('@'));
    let is_safe =
        scheme == Some("https") || (scheme == Some("http") && matches!(host, "localhost" | "127.0.0.1" | "[::1]"));
    is_alone && is_safe && (!api.ends_with(ROOF) || host.ends_with(ROOF))
}

/// Sends the browser elsewhere after a form.
pub fn go_to(path: &str) {
    leptos_axum::redirect(&as_header(path));
}

/// An address may hold what somebody sent, and `redirect` panics at what no header may have.
fn as_header(path: &str) -> String {
    let byte = |byte: u8| if byte.is_ascii_graphic() { char::from(byte).to_string() } else { format!("%{byte:02X}") };
    path.bytes().map(byte).collect()
}

/// Gives the page its status.
pub fn set_status(status: StatusCode) {
    if let Some(response) = use_context::<ResponseOptions>() {
        response.set_status(status);
    }
}

/// Gives the answer the status of a problem. Not for a plain form's post: that is answered with a
/// redirect, which another status would break. Not for a page over somebody else's failure: the
/// rest of the page is still true.
pub fn answer_with(problem: Problem) {
    let Some(parts) = use_context::<Parts>() else {
        return;
    };
    let wants_html = |value: &http::HeaderValue| value.to_str().is_ok_and(|v| v.contains("text/html"));
    let is_function = parts.uri.path().starts_with("/api/");
    let is_html = parts.headers.get(header::ACCEPT).is_some_and(wants_html);
    let is_others = matches!(problem, Problem::Lever(_) | Problem::Provider(_) | Problem::NotConnected);
    if (is_function && !is_html) || (!is_function && !is_others) {
        set_status(status_of(problem));
    }
}

/// A problem that a server function found itself, with the answer's status.
#[must_use]
pub fn told(problem: Problem) -> Problem {
    answer_with(problem);
    problem
}

fn status_of(problem: Problem) -> StatusCode {
    match problem {
        Problem::SignedOut => StatusCode::UNAUTHORIZED,
        Problem::Forbidden(_) => StatusCode::FORBIDDEN,
        Problem::NotFound => StatusCode::NOT_FOUND,
        Problem::Conflict => StatusCode::CONFLICT,
        Problem::Refused(Refused::Form) => StatusCode::BAD_REQUEST,
        Problem::Refused(_) | Problem::NotConnected => StatusCode::UNPROCESSABLE_ENTITY,
        Problem::Lever(Trouble::Busy) | Problem::Provider(Trouble::Busy) => StatusCode::SERVICE_UNAVAILABLE,
        Problem::Lever(_) | Problem::Provider(_) => StatusCode::BAD_GATEWAY,
        Problem::Unavailable => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

#[cfg(test)]
mod tests {
    use super::{as_header, leads_to};

    #[test]
    fn an_address_with_anything_in_it_is_a_header() {
        assert_eq!(as_header("/a?b=%20c#d"), "/a?b=%20c#d");
        assert_eq!(as_header("/a\r\nSet-Cookie: b\0é"), "/a%0D%0ASet-Cookie:%20b%00%C3%A9");
    }

    #[test]
    fn a_link_of_levers_leads_to_lever_over_https() {
        let leads = |link: &str| leads_to(link, "api.eu.lever.co");
        assert!(leads("https://hire.lever.co/candidates/1") && leads("https://hire.eu.lever.co/candidates/1"));
        for link in [
            "http://hire.lever.co/candidates/1",
            "https://evil.example/",
            "https://evil-lever.co/",
            "https://hire.lever.co.evil.example/",
            "https://hire.lever.co@evil.example/",
            "https://evil.example/?.lever.co",
            "https://evil.example#.lever.co",
            "https:evil.lever.co",
            "//hire.lever.co/",
            "javascript:alert(1)//.lever.co",
            "data:text/html,x.lever.co",
            "ftp://hire.lever.co/",
            "/candidates",
            "",
        ] {
            assert!(!leads(link), "{link}");
        }
        let stand_in = |link: &str| leads_to(link, "127.0.0.1");
        assert!(stand_in("http://127.0.0.1:4000/candidates/1") && stand_in("https://lever.halden.example/1"));
        assert!(!stand_in("http://lever.halden.example/1") && !stand_in("javascript:alert(1)"));
    }
}
