//! Web sessions: the cookie, where their data lies, how long they last, and who is signed in.

use std::{fmt, net::IpAddr, time::Duration};

use app::server::{self, AGENT, FROM, ORGANIZATION, USER};
use async_trait::async_trait;
use axum::{
    extract::{Request, State},
    http::{HeaderValue, header},
    middleware::Next,
    response::Response,
};
use engine::{
    Engine,
    access::{self, Member, session},
    clock::Moment,
    fault::StoreError,
    id::{OrganizationId, UserId},
};
use tokio::sync::broadcast;
use tower_sessions::{
    Expiry, Session, SessionManagerLayer, SessionStore,
    cookie::{SameSite, time},
    session::{Id, Record},
    session_store,
};

use super::trace::told_user;
use crate::{route::answer, router::Site};

/// The cookie's name on plain http (this machine) and on https; browsers accept the latter only
/// from the host itself, over https.
pub const COOKIE_NAMES: [&str; 2] = ["candilever", "__Host-candilever"];

/// A session ends after this long, however much it is used.
const AT_MOST: Duration = Duration::from_secs(7 * 24 * 3600);
/// Use is written down no more often than this.
const NOTED_EVERY: Duration = Duration::from_secs(5 * 60);
/// So many requests of one person may be under way; seven windows make some forty.
const MOST_AT_A_TIME: usize = 64;
/// When the person signed in.
const SINCE: &str = "since";
/// When the session was last noted as used.
const SEEN: &str = "seen";

/// Sessions by the engine, and word of those that end.
#[derive(Clone)]
pub struct Sessions {
    engine: Engine,
    ended: broadcast::Sender<Id>,
}

impl fmt::Debug for Sessions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sessions")
    }
}

impl Sessions {
    /// The sessions in the engine's database.
    pub fn new(engine: Engine) -> Self {
        Self { engine, ended: broadcast::channel(256).0 }
    }

    /// Hears of sessions that end, here and now: an open stream ends with its session.
    pub fn ends(&self) -> broadcast::Receiver<Id> {
        self.ended.subscribe()
    }

    /// Whether the session is still there.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn lives(&self, id: Id) -> Result<bool, StoreError> {
        Ok(session::load(&self.engine, &id.to_string()).await?.is_some())
    }

    /// What the database gets of a session used now; it ends by the engine's clock, which finds those that have.
    fn stored<'a>(&self, record: &'a Record, data: &'a str) -> session::Stored<'a> {
        let text = |key| record.data.get(key).and_then(|value| value.as_str());
        let expires = self.engine.clock.now().after(session::IDLE);
        session::Stored { user: text(USER), data, from: text(FROM), agent: text(AGENT), expires }
    }
}

#[async_trait]
impl SessionStore for Sessions {
    async fn create(&self, record: &mut Record) -> session_store::Result<()> {
        let data = data(record)?;
        loop {
            let stored = self.stored(record, &data);
            let created = session::create(&self.engine, &record.id.to_string(), &stored).await;
            if created.map_err(failed)? {
                return Ok(());
            }
            record.id = Id::default();
        }
    }

    async fn save(&self, record: &Record) -> session_store::Result<()> {
        // A request that was under way at sign-out must not bring the session back.
        if !self.lives(record.id).await.map_err(failed)? {
            return Ok(());
        }
        let data = data(record)?;
        session::save(&self.engine, &record.id.to_string(), &self.stored(record, &data)).await.map_err(failed)
    }

    async fn load(&self, id: &Id) -> session_store::Result<Option<Record>> {
        let Some(text) = session::load(&self.engine, &id.to_string()).await.map_err(failed)? else { return Ok(None) };
        let (data, seconds) =
            serde_json::from_str(&text).map_err(|error| session_store::Error::Decode(error.to_string()))?;
        let expiry_date = time::OffsetDateTime::from_unix_timestamp(seconds)
            .map_err(|error| session_store::Error::Decode(error.to_string()))?;
        Ok(Some(Record { id: *id, data, expiry_date }))
    }

    async fn delete(&self, id: &Id) -> session_store::Result<()> {
        session::delete(&self.engine, &id.to_string()).await.map_err(failed)?;
        // Nobody listening is the usual case.
        let _unheard = self.ended.send(*id);
        Ok(())
    }
}

/// The data and the end; never the id, which the database must not know.
fn data(record: &Record) -> session_store::Result<String> {
    serde_json::to_string(&(&record.data, record.expiry_date.unix_timestamp()))
        .map_err(|error| session_store::Error::Encode(error.to_string()))
}

#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
fn failed(error: StoreError) -> session_store::Error {
    session_store::Error::Backend(error.to_string())
}

/// The layer that finds a request's session by its cookie. `Lax`, because the return from Lever's
/// consent page comes from another site and must find the session it began in.
pub fn layer(site: &Site) -> SessionManagerLayer<Sessions> {
    let https = site.is_https();
    SessionManagerLayer::new(site.sessions.clone())
        .with_name(if https { COOKIE_NAMES[1] } else { COOKIE_NAMES[0] })
        .with_secure(https)
        .with_http_only(true)
        .with_same_site(SameSite::Lax)
        .with_path("/")
        .with_expiry(Expiry::OnInactivity(
            time::Duration::try_from(session::IDLE).expect("eight hours are not too long"),
        ))
}

/// Takes no cookie away but at sign-out. A request that was under way with an id from before comes back after the new
/// one is in the browser, and would take that: both have one name.
pub async fn keep_the_newer(request: Request, next: Next) -> Response {
    let signs_out = request.uri().path() == "/api/sign_out";
    let mut response = next.run(request).await;
    if !signs_out {
        let headers = response.headers_mut();
        let all: Vec<_> = headers.get_all(header::SET_COOKIE).iter().cloned().collect();
        headers.remove(header::SET_COOKIE);
        for cookie in all.into_iter().filter(|cookie| !takes_away(cookie)) {
            headers.append(header::SET_COOKIE, cookie);
        }
    }
    response
}

fn takes_away(cookie: &HeaderValue) -> bool {
    COOKIE_NAMES.iter().any(|name| cookie.as_bytes().starts_with(format!("{name}=;").as_bytes()))
}

/// Notes that a session is used, so that it does not end while it is, and ends one that is too old. Nobody has so
/// much under way at a time that others wait.
pub async fn keep_alive(State(site): State<Site>, session: Session, request: Request, next: Next) -> Response {
    let user = session.get::<String>(USER).await.ok().flatten();
    let Some(user) = user else { return next.run(request).await };
    told_user(&request, &user);
    let Some(_place) = site.requests.take(user, MOST_AT_A_TIME) else { return answer::too_many() };
    if let Err(error) = note_use(&session, site.engine.clock.now()).await {
        tracing::warn!(%error, "the session's use was not noted");
    }
    next.run(request).await
}

async fn note_use(session: &Session, now: Moment) -> Result<(), tower_sessions::session::Error> {
    let Some(since) = session.get::<Moment>(SINCE).await? else {
        session.insert(SEEN, now).await?;
        return session.insert(SINCE, now).await;
    };
    if now.since(since) > AT_MOST {
        return session.flush().await;
    }
    let seen = session.get::<Moment>(SEEN).await?.unwrap_or(since);
    if now.since(seen) > NOTED_EVERY {
        session.insert(SEEN, now).await?;
    }
    Ok(())
}

/// Who is signed in, with the role they have now; `None` for nobody, or somebody without access.
///
/// # Errors
/// When the database fails; it was logged then.
pub async fn member(session: &Session, engine: &Engine, from: Option<IpAddr>) -> Result<Option<Member>, Unavailable> {
    let text = async |key| session.get::<String>(key).await.map_err(|error| Unavailable::logged(&error));
    let Some(user) = text(USER).await? else { return Ok(None) };
    let organization = text(ORGANIZATION).await?.map(OrganizationId);
    let way = server::way_of(session).await.map_err(|error| Unavailable::logged(&error))?;
    let member = access::member_in(engine, &UserId(user), organization.as_ref(), way).await;
    let member = member.map_err(|error| Unavailable::logged(&error))?;
    Ok(member.map(|member| Member { from, ..member }))
}

/// The database did not answer; why is in the log.
#[derive(Debug, Clone, Copy)]
pub struct Unavailable;

impl Unavailable {
    /// Logs why.
    pub fn logged(error: &dyn fmt::Display) -> Self {
        tracing::error!(%error, "the database did not answer");
        Self
    }
}
