//! Web sessions: the cookie, where their data lies, how long they last, and who is signed in.

use std::{collections::HashMap, fmt, net::IpAddr, time::Duration};

use app::server::{self, AGENT, EPOCH, FROM, ORGANIZATION, USER};
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
        let epoch = record.data.get(EPOCH).and_then(serde_json::Value::as_i64).unwrap_or_default();
        session::Stored { user: text(USER), epoch, data, from: text(FROM), agent: text(AGENT), expires }
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
        let found = session::load(&self.engine, &id.to_string()).await.map_err(failed)?;
        let Some((text, epoch)) = found else { return Ok(None) };
        let (mut data, seconds): (HashMap<_, _>, _) =
            serde_json::from_str(&text).map_err(|error| session_store::Error::Decode(error.to_string()))?;
        // What the record becomes under another id is of the same epoch; the data may still say a former one.
        data.insert(EPOCH.to_owned(), epoch.into());
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use engine::{
        access::{NewUser, Role},
        clock::Clock,
        settings::{LeverSettings, Settings, USUAL_CALLS_PER_SECOND},
        vault::MasterKey,
    };

    use super::*;

    const NORA: &str = "nora@halden.example";

    fn settings(folder: &tempfile::TempDir) -> Settings {
        let nowhere = || "http://localhost:9".parse().expect("an address");
        Settings {
            database_url: format!("sqlite://{}/candilever.db", folder.path().display()),
            master_key: MasterKey::parse("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=").expect("32 bytes"),
            public_url: nowhere(),
            lever: LeverSettings {
                auth_url: nowhere(),
                api_url: nowhere(),
                audience: String::new(),
                client_id: String::new(),
                client_secret: String::new().into(),
                calls_per_second: USUAL_CALLS_PER_SECOND,
            },
            provider_hosts: Vec::new(),
            identity_providers: Vec::new(),
            proxy: None,
            catch_up: Duration::from_secs(300),
            mail: None,
            late_at_once: 25,
            digest_hour: 6,
            webhook_hosts: Vec::new(),
        }
    }

    fn password(text: &str) -> secrecy::SecretString {
        text.to_owned().into()
    }

    async fn sessions(folder: &tempfile::TempDir) -> Sessions {
        let engine = Engine::open(settings(folder), Clock::manual(Moment(1))).await.expect("the engine opens");
        let new = NewUser {
            organization: "Halden".into(),
            email: NORA.into(),
            name: "Nora".into(),
            role: Role::SuperAdmin,
            password: password("correct horse battery"),
        };
        access::add_user(&engine, new).await.expect("a user");
        Sessions::new(engine)
    }

    async fn is_signed_in(sessions: &Sessions, id: Option<Id>) -> bool {
        let session = Session::new(id, Arc::new(sessions.clone()), None);
        member(&session, &sessions.engine, None).await.expect("the database works").is_some()
    }

    #[tokio::test]
    async fn a_request_under_way_goes_on_with_no_session_that_was_ended() {
        let folder = tempfile::tempdir().expect("a folder");
        let sessions = sessions(&folder).await;
        let engine = &sessions.engine;
        let begin = async || {
            let known = access::sign_in(engine, NORA, password("correct horse battery")).await;
            let known = known.expect("the database works").expect("it is right");
            let session = Session::new(None, Arc::new(sessions.clone()), None);
            server::begin_in(engine, &session, &server::Visitor::default(), &known, access::Way::Password)
                .await
                .expect("she is signed in");
            session
        };
        let (slow, under_way, other) = (begin().await, begin().await, begin().await);
        for session in [&under_way, &other] {
            session.save().await.expect("stored");
            assert!(is_signed_in(&sessions, session.id()).await);
        }
        let new = password("another long password");
        access::set_password(engine, NORA, new).await.expect("everything of hers ends");
        // One goes on under another id, one is stored only now, and one is stored as it is.
        under_way.cycle_id().await.expect("it goes on");
        for session in [slow, under_way, other] {
            session.save().await.expect("stored");
            assert!(!is_signed_in(&sessions, session.id()).await);
        }
    }
}
