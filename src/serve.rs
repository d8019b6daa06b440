//! The listener: a loop of its own over hyper, because slow senders of headers must be dropped and
//! connections counted; and the end: event streams, then requests, then the dispatcher.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use axum::{Router, body::Body, extract::ConnectInfo};
use engine::{Engine, job, live};
use hyper::{Request, body::Incoming, server::conn::http1, service::service_fn};
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

use crate::{
    command::Failure,
    config::Network,
    database::Lock,
    router::{self, Doors, Site},
};

/// A sender that takes longer for its headers is dropped.
const HEADERS_WITHIN: Duration = Duration::from_secs(10);
/// How long open requests may take to finish once the server is told to stop.
const REQUESTS_END_WITHIN: Duration = Duration::from_secs(20);
/// How long all of it may take; the work that is left is taken up at the next start.
const ALL_ENDS_WITHIN: Duration = Duration::from_secs(24);
/// How long other processes may take to hear of the last changes.
const TOLD_WITHIN: Duration = Duration::from_secs(1);
/// How long to wait when the system has no room for another connection.
const PAUSE_WITHOUT_ROOM: Duration = Duration::from_millis(50);
/// Most connections at a time, where the limit of open files allows so many.
const MOST_CONNECTIONS: usize = 4096;
/// Open files that are not connections: the database, the log, calls to others.
const OTHER_FILES: usize = 128;

/// Takes the address.
///
/// # Errors
/// When it is taken already, or is not this machine's.
pub async fn bind(address: SocketAddr) -> Result<TcpListener, Failure> {
    TcpListener::bind(address).await.map_err(|error| {
        Failure::Usage(format!(
            "CANDILEVER_LISTEN: {address} cannot be listened on ({error}): stop what uses it, or name another address."
        ))
    })
}

/// A server that has its address and is about to take requests.
pub struct Server {
    engine: Engine,
    listener: TcpListener,
    address: SocketAddr,
    router: Router,
    stopping: CancellationToken,
    under_way: TaskTracker,
    signals: Signals,
    lock: Option<Lock>,
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
    ) -> Result<Self, Failure> {
        let signals = Signals::listen()?;
        let stopping = CancellationToken::new();
        let site = Site::new(engine.clone(), proxies, stopping.clone());
        let under_way = site.under_way.clone();
        let router = router::router(site, doors);
        Ok(Self { engine, listener, address, router, stopping, under_way, signals, lock })
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
        let told = CancellationToken::new();
        let relay = tokio::spawn(live::relay(self.engine.clone(), told.clone()));
        let dispatcher = tokio::spawn(job::dispatch(self.engine.clone(), work.clone()));
        let open = GracefulShutdown::new();
        tokio::select! {
            () = accept(&self.listener, &self.router, &open) => {}
            () = signals.next() => {}
        }
        tracing::info!("stopping: no new requests; those that are open may finish");
        drop(self.listener);
        self.stopping.cancel();
        // At the same time, so that both have all of it; what the last requests cause is due for whoever runs next.
        work.cancel();
        tokio::select! {
            () = finish(&self.engine, open, self.under_way, work, dispatcher) => tracing::info!("stopped"),
            () = signals.next() => tracing::warn!("stopped at once"),
        }
        told.cancel();
        if timeout(TOLD_WITHIN, relay).await.is_err() {
            tracing::debug!("the last changes were not told to other processes");
        }
    }
}

/// The lock proves that the server before this one is gone: what it had claimed need not wait.
async fn take_over(engine: &Engine) {
    match job::take_over(engine).await {
        Ok(0) => {}
        Ok(jobs) => tracing::info!(jobs, "going on with what the last server left unfinished"),
        Err(error) => tracing::error!(%error, "unfinished work waits for its leases to end"),
    }
}

async fn finish(
    engine: &Engine,
    open: GracefulShutdown,
    under_way: TaskTracker,
    work: CancellationToken,
    dispatcher: JoinHandle<()>,
) {
    let end = Instant::now() + ALL_ENDS_WITHIN;
    let requests = async {
        open.shutdown().await;
        // A browser that left has no connection any more, and may have begun something.
        under_way.close();
        under_way.wait().await;
    };
    if timeout(REQUESTS_END_WITHIN, requests).await.is_err() {
        tracing::warn!("some requests did not finish in time");
    }
    work.cancel();
    if timeout_at(end, engine.inbox.settle()).await.is_err() {
        tracing::warn!("some messages could not be written: their senders repeat them");
    }
    match timeout_at(end, dispatcher).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::error!(%error, "the dispatcher broke"),
        Err(_) => tracing::info!("some work did not finish in time: the next start takes it up"),
    }
}

async fn accept(listener: &TcpListener, router: &Router, open: &GracefulShutdown) {
    let room = Arc::new(Semaphore::new(most_connections()));
    loop {
        let place = Arc::clone(&room).acquire_owned().await.expect("the semaphore is never closed");
        match listener.accept().await {
            Ok((stream, peer)) => serve_connection(stream, peer, router.clone(), open, place),
            Err(error) => {
                tracing::warn!(%error, "a connection could not be taken");
                tokio::time::sleep(PAUSE_WITHOUT_ROOM).await;
            }
        }
    }
}

fn serve_connection(
    stream: TcpStream,
    peer: SocketAddr,
    router: Router,
    open: &GracefulShutdown,
    place: OwnedSemaphorePermit,
) {
    // Only delays small answers; a connection that refuses it works all the same.
    let _nodelay = stream.set_nodelay(true);
    let service = service_fn(move |request: Request<Incoming>| {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(ConnectInfo(peer));
        router.clone().oneshot(request)
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADERS_WITHIN)
        .serve_connection(TokioIo::new(stream), service);
    let connection = open.watch(connection);
    tokio::spawn(async move {
        let _place = place;
        // Clients go away, time out and send nonsense: not worth more than a trace.
        if let Err(error) = connection.await {
            tracing::trace!(%error, "a connection ended early");
        }
    });
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
