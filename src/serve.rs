//! The listener: a loop of its own over hyper, because slow senders of headers must be dropped and
//! connections counted; and the end: event streams, then requests, then the dispatcher.

use std::{
    convert::Infallible,
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use axum::{
    Router,
    body::Body,
    extract::ConnectInfo,
    http::{HeaderValue, header},
};
use engine::{Engine, access::tries::network_of, connection, job, live};
use futures::future::join_all;
use hyper::{Request, Response, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
};
use tokio::{
    net::{TcpListener, TcpStream},
    signal::unix::{Signal, SignalKind, signal},
    sync::{OwnedSemaphorePermit, Semaphore},
    task::JoinHandle,
    time::{Instant, timeout, timeout_at},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tower::ServiceExt as _;
use url::Url;

use crate::{
    command::Failure,
    config::Network,
    database::Lock,
    layer::client::is_trusted,
    router::{self, Doors, Site},
    share::{Share, Shares},
};

/// A sender that takes longer for its headers is dropped.
const HEADERS_WITHIN: Duration = Duration::from_secs(10);
/// How long open requests may take to finish once the server is told to stop.
const REQUESTS_END_WITHIN: Duration = Duration::from_secs(20);
/// How long new connections are still taken then: a load balancer learns by the next look at `/readyz`, or by the
/// first connection that is refused.
const LAST_CALLS: Duration = Duration::from_millis(300);
/// How long the first request of the last connections may be on its way.
const FIRST_WORDS: Duration = Duration::from_millis(100);
/// How long all of it may take; the work that is left is taken up at the next start.
const ALL_ENDS_WITHIN: Duration = Duration::from_secs(24);
/// How long other processes may take to hear of the last changes.
const TOLD_WITHIN: Duration = Duration::from_secs(1);
/// How long to wait when the system has no room for another connection.
const PAUSE_WITHOUT_ROOM: Duration = Duration::from_millis(50);
/// Most connections at a time, where the limit of open files allows so many.
const MOST_CONNECTIONS: usize = 4096;
/// Of the connections that there is room for, the part that one network may have; proxies of ours bring everybody's.
const OF_ONE: usize = 2;
/// Open files that are not connections: the database, the log, calls to others.
const OTHER_FILES: usize = 128;

/// Takes the address.
///
/// # Errors
/// When it is taken already, or is not this machine's.
pub async fn bind(setting: &str, address: SocketAddr) -> Result<TcpListener, Failure> {
    TcpListener::bind(address).await.map_err(|error| {
        Failure::Usage(format!(
            "CANDILEVER_{setting}: {address} cannot be listened on ({error}): stop what uses it, or name another address."
        ))
    })
}

/// A server that has its address and is about to take requests.
pub struct Server {
    engine: Engine,
    listener: TcpListener,
    address: SocketAddr,
    router: Router,
    /// Other listeners, each with routes of its own.
    others: Vec<(TcpListener, Router)>,
    stopping: CancellationToken,
    under_way: TaskTracker,
    signals: Signals,
    lock: Option<Lock>,
    site: Site,
}

impl Server {
    /// Puts the server together; from now on signals are heard.
    ///
    /// # Errors
    /// When the system gives no signals to wait for.
    pub fn new(
        engine: Engine,
        listener: TcpListener,
        address: SocketAddr,
        proxies: Vec<Network>,
        doors: Doors,
        lock: Option<Lock>,
        contact: Option<Url>,
    ) -> Result<Self, Failure> {
        let signals = Signals::listen()?;
        let stopping = CancellationToken::new();
        let site = Site::new(engine.clone(), proxies, contact, stopping.clone());
        let under_way = site.under_way.clone();
        let router = router::router(site.clone(), doors);
        Ok(Self { engine, listener, address, router, others: Vec::new(), stopping, under_way, signals, lock, site })
    }

    /// The same, with a second listener that has the routes alone which the internet has to reach.
    pub fn with_public(mut self, listener: TcpListener) -> Self {
        self.others.push((listener, router::public(self.site.clone())));
        self
    }

    /// The same, with a listener that tells numbers alone.
    pub fn with_metrics(mut self, listener: TcpListener) -> Self {
        self.others.push((listener, router::numbers(self.site.clone())));
        self
    }

    /// The address it listens on.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The engine behind it.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Serves until a signal; a second signal ends it at once. Whatever is answered 2xx is on disk by
    /// then, so ending at once loses nothing.
    pub async fn run(self) {
        let mut signals = self.signals;
        let work = CancellationToken::new();
        if self.lock.is_some() {
            take_over(&self.engine).await;
        }
        settle_environment(&self.engine).await;
        let told = CancellationToken::new();
        let relay = tokio::spawn(live::relay(self.engine.clone(), told.clone()));
        let dispatcher = tokio::spawn(job::dispatch(self.engine.clone(), work.clone()));
        let room = Room::new(most_connections(), Arc::clone(&self.site.proxies));
        let door = |router| Door::new(router, self.stopping.clone(), room.clone());
        let others: Vec<_> = self.others.into_iter().map(|(listener, router)| (door(router), listener)).collect();
        let door = door(self.router);
        tokio::select! {
            () = door.accept(&self.listener) => {}
            () = accept_all(&others) => {}
            () = signals.next() => {}
        }
        tracing::info!("stopping: soon no new requests; those that are open may finish");
        self.stopping.cancel();
        // At the same time, so that both have all of it; what the last requests cause is due for whoever runs next.
        work.cancel();
        let under_way = self.under_way.clone();
        let others = join_all(others.into_iter().map(|(door, listener)| door.close(listener, under_way.clone())));
        let requests = async { tokio::join!(door.close(self.listener, self.under_way), others) };
        tokio::select! {
            () = finish(&self.engine, requests, dispatcher) => tracing::info!("stopped"),
            () = signals.next() => tracing::warn!("stopped at once"),
        }
        told.cancel();
        if timeout(TOLD_WITHIN, relay).await.is_err() {
            tracing::debug!("the last changes were not told to other processes");
        }
    }
}

/// Takes the connections of the other listeners, for ever.
async fn accept_all(others: &[(Door, TcpListener)]) {
    join_all(others.iter().map(|(door, listener)| door.accept(listener))).await;
    // There are none.
    std::future::pending::<()>().await;
}

/// The lock proves that the server before this one is gone: what it had claimed need not wait.
async fn take_over(engine: &Engine) {
    match job::take_over(engine).await {
        Ok(0) => {}
        Ok(jobs) => tracing::info!(jobs, "going on with what the last server left unfinished"),
        Err(error) => tracing::error!(%error, "unfinished work waits for its leases to end"),
    }
}

async fn settle_environment(engine: &Engine) {
    if let Err(error) = connection::settle_environment(engine).await {
        tracing::error!(%error, "connections of another of Lever's environments, if there are any, do not say so");
    }
}

async fn finish<T>(engine: &Engine, requests: impl Future<Output = T>, dispatcher: JoinHandle<()>) {
    let end = Instant::now() + ALL_ENDS_WITHIN;
    if timeout(REQUESTS_END_WITHIN, requests).await.is_err() {
        tracing::warn!("some requests did not finish in time");
    }
    if timeout_at(end, engine.inbox.settle()).await.is_err() {
        tracing::warn!("some messages could not be written: their senders repeat them");
    }
    match timeout_at(end, dispatcher).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::error!(%error, "the dispatcher broke"),
        Err(_) => tracing::info!("some work did not finish in time: the next start takes it up"),
    }
}

/// The connections that there is room for, of which no network gets all.
#[derive(Clone)]
struct Room {
    places: Arc<Semaphore>,
    /// So many for one network.
    of_one: usize,
    shares: Arc<Shares<IpAddr>>,
    proxies: Arc<[Network]>,
}

impl Room {
    fn new(places: usize, proxies: Arc<[Network]>) -> Self {
        Self { places: Arc::new(Semaphore::new(places)), of_one: places / OF_ONE, shares: Arc::default(), proxies }
    }

    /// A place of that network's share, or of nobody's where it is a proxy of ours.
    fn share_of(&self, peer: IpAddr) -> Option<Option<Share<IpAddr>>> {
        if is_trusted(&self.proxies, peer) {
            return Some(None);
        }
        self.shares.take(network_of(peer), self.of_one).map(Some)
    }
}

/// Where connections come in, and what is behind it.
struct Door {
    router: Router,
    stopping: CancellationToken,
    open: GracefulShutdown,
    room: Room,
}

impl Door {
    /// `room` is for the connections of all doors together.
    fn new(router: Router, stopping: CancellationToken, room: Room) -> Self {
        Self { router, stopping, open: GracefulShutdown::new(), room }
    }

    async fn accept(&self, listener: &TcpListener) {
        loop {
            let place = Arc::clone(&self.room.places).acquire_owned().await.expect("the semaphore is never closed");
            match listener.accept().await {
                Ok((stream, peer)) => self.serve(stream, peer, place),
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be taken");
                    tokio::time::sleep(PAUSE_WITHOUT_ROOM).await;
                }
            }
        }
    }

    /// Takes the last connections, listens no more, and waits until all requests are answered.
    async fn close(self, listener: TcpListener, under_way: TaskTracker) {
        // Whoever sends us requests learns only now that we go.
        drop(timeout(LAST_CALLS, self.accept(&listener)).await);
        if let Err(error) = self.take_who_waits(listener) {
            tracing::debug!(%error, "who waited to be taken calls again");
        }
        // Closed at once, a connection that nothing was read from yet would leave its request unanswered.
        tokio::time::sleep(FIRST_WORDS).await;
        self.open.shutdown().await;
        // A browser that left has no connection any more, and may have begun something.
        under_way.close();
        under_way.wait().await;
    }

    /// Takes the connections that the system holds ready: with the listener they would be gone.
    fn take_who_waits(&self, listener: TcpListener) -> std::io::Result<()> {
        let listener = listener.into_std()?;
        while let (Ok((stream, peer)), Ok(place)) =
            (listener.accept(), Arc::clone(&self.room.places).try_acquire_owned())
        {
            stream.set_nonblocking(true)?;
            self.serve(TcpStream::from_std(stream)?, peer, place);
        }
        Ok(())
    }

    fn serve(&self, stream: TcpStream, peer: SocketAddr, place: OwnedSemaphorePermit) {
        let Some(share) = self.room.share_of(peer.ip()) else {
            tracing::debug!("a connection was closed: its network has its share of them");
            return;
        };
        // Only delays small answers; a connection that refuses it works all the same.
        let _nodelay = stream.set_nodelay(true);
        let (router, stopping) = (self.router.clone(), self.stopping.clone());
        let service = service_fn(move |request: Request<Incoming>| {
            let mut request = request.map(Body::new);
            request.extensions_mut().insert(ConnectInfo(peer));
            answer(router.clone(), stopping.clone(), request)
        });
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEADERS_WITHIN)
            .serve_connection(TokioIo::new(stream), service);
        let connection = self.open.watch(connection);
        tokio::spawn(async move {
            let _held = (place, share);
            // Clients go away, time out and send nonsense: not worth more than a trace.
            if let Err(error) = connection.await {
                tracing::trace!(%error, "a connection ended early");
            }
        });
    }
}

/// The answer; one of a server that is told to stop is the last on its connection.
async fn answer(
    router: Router,
    stopping: CancellationToken,
    request: Request<Body>,
) -> Result<Response<Body>, Infallible> {
    let mut answer = router.oneshot(request).await?;
    if stopping.is_cancelled() {
        answer.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    Ok(answer)
}

/// As many as the limit of open files leaves room for.
fn most_connections() -> usize {
    let limits = std::fs::read_to_string("/proc/self/limits").unwrap_or_default();
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files"));
    let files = line.and_then(|line| line.split_whitespace().next()).and_then(|soft| soft.parse().ok());
    files.unwrap_or(1024_usize).saturating_sub(OTHER_FILES).clamp(64, MOST_CONNECTIONS)
}

/// The signals that ask the program to stop; heard from the moment it listens for them.
pub struct Signals {
    terminate: Signal,
    interrupt: Signal,
    hang_up: Signal,
}

impl Signals {
    /// Listens for them.
    ///
    /// # Errors
    /// When the system gives no signals.
    pub fn listen() -> Result<Self, Failure> {
        let on = |kind| signal(kind).map_err(|e| Failure::Broken(format!("no signals to wait for: {e}")));
        Ok(Self {
            terminate: on(SignalKind::terminate())?,
            interrupt: on(SignalKind::interrupt())?,
            hang_up: on(SignalKind::hangup())?,
        })
    }

    /// Waits for the next one.
    pub async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
            _ = self.hang_up.recv() => {}
        }
    }
}
