//! Stand-ins for Lever, Canditech and a mail server, so that Candilever can be tried and tested without an account.
//!
//! Each listens on an address of its own, keeps its state in memory and has pages a person can use.
//! `/sandbox/*` on each is what tests reach for: the clock, faults, the ledger of what was asked, the mails that came.

mod canditech;
mod client;
mod clock;
mod fault;
mod ledger;
mod lever;
mod one_address;
mod page;
mod post;
mod random;
mod serve;

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use axum::{Router, middleware};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

pub use clock::Clock;
use fault::Faults;
use ledger::Ledger;
pub use one_address::{OneAddress, at_one_address};
pub use post::Login;
use post::Post;

/// What the stand-ins listen on, know and accept.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where the stand-in for Lever listens; port 0 takes a free one.
    pub lever_listen: SocketAddr,
    /// Where the stand-in for Canditech listens; port 0 takes a free one.
    pub canditech_listen: SocketAddr,
    /// Where the mail server takes mail over SMTP; port 0 takes a free one.
    pub smtp_listen: SocketAddr,
    /// Where the mail server shows over HTTP what came; port 0 takes a free one.
    pub post_listen: SocketAddr,
    /// What is there at the start.
    pub seed: Seed,
    /// The OAuth app that Lever knows.
    pub client_id: String,
    /// That app's secret.
    pub client_secret: String,
    /// The app's registered callbacks, compared exactly; none means any loopback address over http.
    pub redirect_uris: Vec<String>,
    /// The organization-level API key of Canditech.
    pub canditech_key: String,
    /// Who may send mail; none means everybody, signed in or not.
    pub smtp_login: Option<Login>,
}

/// What the stand-in Lever holds at the start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seed {
    /// Halden Instruments with its people, postings and candidates.
    Company,
    /// The same people, stages and postings, and no candidates.
    Empty,
}

impl Config {
    /// Free ports on this machine, the seeded company, and the demo's credentials.
    #[must_use]
    pub fn local() -> Self {
        let any_port = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        Self {
            lever_listen: any_port,
            canditech_listen: any_port,
            smtp_listen: any_port,
            post_listen: any_port,
            seed: Seed::Company,
            client_id: "candilever-demo".to_owned(),
            client_secret: "candilever-demo-secret".to_owned(),
            redirect_uris: Vec::new(),
            canditech_key: "ctk_demo_org_key".to_owned(),
            smtp_login: None,
        }
    }
}

/// The stand-ins, running.
#[derive(Debug)]
pub struct Sandbox {
    lever: SocketAddr,
    canditech: SocketAddr,
    smtp: SocketAddr,
    post: SocketAddr,
    /// All that the stand-in Lever answers.
    lever_routes: Router,
    clock: Clock,
    stopping: CancellationToken,
    tasks: TaskTracker,
}

/// Starts the stand-ins.
///
/// # Errors
/// When an address cannot be listened on.
pub async fn start(config: Config) -> io::Result<Sandbox> {
    let lever_socket = TcpListener::bind(config.lever_listen).await?;
    let canditech_socket = TcpListener::bind(config.canditech_listen).await?;
    let smtp_socket = TcpListener::bind(config.smtp_listen).await?;
    let post_socket = TcpListener::bind(config.post_listen).await?;
    let clock = Clock::default();
    let mut sandbox = Sandbox {
        lever: lever_socket.local_addr()?,
        canditech: canditech_socket.local_addr()?,
        smtp: smtp_socket.local_addr()?,
        post: post_socket.local_addr()?,
        lever_routes: Router::new(),
        clock: clock.clone(),
        stopping: CancellationToken::new(),
        tasks: TaskTracker::new(),
    };
    let canditech = canditech::Canditech::new(config.canditech_key.clone(), sandbox.canditech_url(), clock.clone());
    let post = Post::new(config.smtp_login.clone(), clock.clone());
    let lever = lever::Lever::new(config, sandbox.lever_url(), clock.clone());
    sandbox.lever_routes = sandbox.routes(|ledger| lever::router(lever, ledger));
    sandbox.serve(lever_socket, sandbox.lever_routes.clone());
    sandbox.serve(canditech_socket, sandbox.routes(|_| canditech::router(canditech)));
    sandbox.serve_mail(smtp_socket, post_socket, post);
    Ok(sandbox)
}

impl Sandbox {
    /// The stand-in Lever's address: `/authorize` and `/oauth/token` are below it, and the API in `/v1`.
    #[must_use]
    pub fn lever_url(&self) -> String {
        address(self.lever)
    }

    /// The stand-in Canditech's address; its API is in `/api`.
    #[must_use]
    pub fn canditech_url(&self) -> String {
        address(self.canditech)
    }

    /// Where the mail server takes mail: SMTP without TLS.
    #[must_use]
    pub fn smtp_address(&self) -> SocketAddr {
        self.smtp
    }

    /// Where the mail server shows what came; `/sandbox/mails` is the same for programs.
    #[must_use]
    pub fn post_url(&self) -> String {
        address(self.post)
    }

    /// The clock all stand-ins go by.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Stops listening and ends what is under way.
    pub async fn stop(self) {
        self.stopping.cancel();
        self.tasks.close();
        self.tasks.wait().await;
    }

    /// A stand-in's answers with all that tests reach for.
    fn routes(&self, stand_in: impl FnOnce(Ledger) -> Router) -> Router {
        let (ledger, faults) = (Ledger::new(self.clock.clone()), Faults::default());
        stand_in(ledger.clone())
            .merge(page::assets())
            .merge(clock::router(self.clock.clone()))
            .merge(fault::rule::router(faults.clone()))
            .merge(ledger::router(ledger.clone()))
            .layer(middleware::from_fn_with_state(faults, fault::inject))
            .layer(middleware::from_fn_with_state(ledger, ledger::record))
    }

    fn serve(&self, socket: TcpListener, routes: Router) {
        self.tasks.spawn(serve::run(socket, routes, self.stopping.clone(), self.tasks.clone()));
    }

    /// Its faults are those of its mail, not of its pages.
    fn serve_mail(&self, smtp: TcpListener, pages: TcpListener, post: Arc<Post>) {
        let routes = post::router(Arc::clone(&post)).merge(page::assets()).merge(clock::router(self.clock.clone()));
        self.tasks.spawn(serve::run(pages, routes, self.stopping.clone(), self.tasks.clone()));
        let talk = move |stream| post::serve(Arc::clone(&post), stream);
        self.tasks.spawn(serve::accept(smtp, self.stopping.clone(), self.tasks.clone(), talk));
    }
}

/// `localhost` and not the number: another site than `127.0.0.1`, as Lever is another site for Candilever.
fn address(socket: SocketAddr) -> String {
    if socket.ip().is_loopback() { format!("http://localhost:{}", socket.port()) } else { format!("http://{socket}") }
}
