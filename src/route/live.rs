//! The event stream of an open page: which build the server is of, then ids and versions of what changed, and only of
//! what this person may see. It ends with the session, with a change of role, and with the server.

use std::{convert::Infallible, time::Duration};

use app::server;
use axum::{
    extract::State,
    http::StatusCode,
    response::{
        IntoResponse as _, Response,
        sse::{Event, KeepAlive, Sse},
    },
};
use engine::{
    access::{self, Member, Role, Way},
    id::OrganizationId,
    invite,
    live::Change,
};
use futures::{Stream, StreamExt as _, stream};
use tokio::{
    sync::broadcast::{Receiver, error::RecvError},
    time::{Interval, interval},
};
use tower_sessions::{Session, session::Id};

use super::answer;
use crate::{layer::session, router::Site, share::Share};

/// A comment this often keeps proxies from closing the stream, and finds pages that are gone.
const KEEP_ALIVE: Duration = Duration::from_secs(20);
/// So many may one person have open; each is a page that somebody looks at.
const MOST_OF_ONE: usize = 32;
/// How often it is checked that the person is still signed in with the same role.
const CHECK: Duration = Duration::from_secs(15);

/// Opens the stream.
pub async fn stream(State(site): State<Site>, session: Session) -> Response {
    let member = match session::member(&session, &site.engine, None).await {
        Ok(member) => member,
        Err(session::Unavailable) => return answer::unavailable(),
    };
    let Ok(way) = server::way_of(&session).await else { return answer::unavailable() };
    let (Some(member), Some(id)) = (member, session.id()) else { return StatusCode::UNAUTHORIZED.into_response() };
    let Some(place) = site.streams.take(member.user.0.clone(), MOST_OF_ONE) else { return answer::too_many() };
    let stopping = site.stopping.clone().cancelled_owned();
    let build = Event::default().event("build").data(&site.options.site_pkg_dir);
    let events = events(Listener::new(site, member, way, id, place)).take_until(stopping);
    let events = stream::once(async { Ok(build) }).chain(events);
    Sse::new(events).keep_alive(KeepAlive::new().interval(KEEP_ALIVE)).into_response()
}

fn events(listener: Listener) -> impl Stream<Item = Result<Event, Infallible>> {
    stream::unfold(listener, |mut listener| async move {
        let event = listener.next().await?;
        Some((Ok(event), listener))
    })
}

struct Listener {
    site: Site,
    member: Member,
    way: Way,
    id: Id,
    changes: Receiver<(OrganizationId, Change)>,
    ends: Receiver<Id>,
    check: Interval,
    _place: Share<String>,
}

impl Listener {
    fn new(site: Site, member: Member, way: Way, id: Id, place: Share<String>) -> Self {
        let (changes, ends) = (site.engine.live.listen(), site.sessions.ends());
        Self { site, member, way, id, changes, ends, check: interval(CHECK), _place: place }
    }

    /// The next event for this person; `None` when the stream is over.
    async fn next(&mut self) -> Option<Event> {
        loop {
            tokio::select! {
                change = self.changes.recv() => match change {
                    Ok((organization, change)) if organization == self.member.organization => {
                        if let Some(event) = self.event(&change).await {
                            return Some(event);
                        }
                    }
                    Ok(_) => {}
                    // Some were missed: the page reads everything anew.
                    Err(RecvError::Lagged(_)) => return Some(set_up()),
                    Err(RecvError::Closed) => return None,
                },
                ended = self.ends.recv() => if self.is_over(&ended) { return None },
                _ = self.check.tick() => if !self.still_the_same().await { return None },
            }
        }
    }

    async fn event(&self, change: &Change) -> Option<Event> {
        match change {
            Change::SetUp => Some(set_up()),
            Change::Invite { invite, version } => {
                let visible = invite::is_visible(&self.site.engine, &self.member, invite).await;
                let visible = visible.inspect_err(|error| tracing::warn!(%error, "a live event was withheld"));
                let data = serde_json::json!({ "id": invite.as_str(), "version": version });
                visible.unwrap_or(false).then(|| Event::default().event("invite").data(data.to_string()))
            }
        }
    }

    fn is_over(&self, ended: &Result<Id, RecvError>) -> bool {
        match ended {
            Ok(id) => *id == self.id,
            // Missed ones are found by the next check.
            Err(RecvError::Lagged(_)) => false,
            Err(RecvError::Closed) => true,
        }
    }

    /// Still signed in, and with the role that the stream was opened with.
    async fn still_the_same(&self) -> bool {
        let engine = &self.site.engine;
        let same = |member: Option<Member>| member.is_some_and(|now| Self::key(&now) == Self::key(&self.member));
        self.site.sessions.lives(self.id).await.unwrap_or(false)
            && access::member_in(engine, &self.member.user, Some(&self.member.organization), self.way)
                .await
                .is_ok_and(same)
    }

    fn key(member: &Member) -> (&OrganizationId, Role) {
        (&member.organization, member.role)
    }
}

fn set_up() -> Event {
    Event::default().event("setup").data("{}")
}
