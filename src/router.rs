//! Every route of the program, on one page, and what its requests pass.

use std::{sync::Arc, time::Duration};

use axum::{
    Router,
    extract::FromRef,
    http::{StatusCode, request::Parts},
    middleware::{from_fn, from_fn_with_state, map_response},
    routing::{any, get, post},
};
use engine::Engine;
use leptos::{
    config::LeptosOptions,
    context::{provide_context, use_context},
    nonce::Nonce,
};
use leptos_axum::{LeptosRoutes as _, generate_route_list};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tower_http::{
    catch_panic::CatchPanicLayer, compression::CompressionLayer, csrf::CsrfLayer, limit::RequestBodyLimitLayer,
    timeout::TimeoutLayer,
};
use url::Url;

use crate::{
    asset,
    config::Network,
    layer::{
        client::find_client,
        csrf, fields, framing, gate,
        headers::{CspNonce, set_headers},
        host::right_host,
        session::{self, Sessions},
        throttle::Throttle,
        to_the_end::run_to_the_end,
        trace::in_span,
    },
    metrics::{self, Requests},
    route::{answer, audit, callback, connect, contact, export, health, live, oidc, report, webhook},
    share::Shares,
};

/// The largest webhook or callback.
const MESSAGE: usize = 256 * 1024;
/// The largest form.
pub const FORM: usize = 64 * 1024;
/// A sender of a webhook that takes longer for its body is dropped.
const MESSAGE_WITHIN: Duration = Duration::from_secs(15);
/// The longest that an answer may take to begin.
const ANSWER_WITHIN: Duration = Duration::from_secs(30);

/// What the routes share.
#[derive(Clone, FromRef)]
pub struct Site {
    pub engine: Engine,
    pub options: LeptosOptions,
    pub sessions: Sessions,
    pub stopping: CancellationToken,
    pub proxies: Arc<[Network]>,
    pub throttle: Arc<Throttle>,
    pub consent_origin: Arc<str>,
    /// Whom to tell of a weakness.
    pub contact: Option<Arc<str>>,
    /// What forms began and what is not at its end yet.
    pub under_way: TaskTracker,
    /// What is counted of requests.
    pub counted: Requests,
    /// The requests of each person that are under way.
    #[from_ref(skip)]
    pub requests: Arc<Shares<String>>,
    /// The streams that each person has open.
    #[from_ref(skip)]
    pub streams: Arc<Shares<String>>,
}

impl Site {
    /// What the routes of a server share.
    pub fn new(engine: Engine, proxies: Vec<Network>, contact: Option<Url>, stopping: CancellationToken) -> Self {
        let options = LeptosOptions::builder().output_name("app").site_pkg_dir(asset::site_pkg_dir()).build();
        let consent_origin = engine.settings.lever.auth_url.origin().ascii_serialization().into();
        let sessions = Sessions::new(engine.clone());
        Self {
            engine,
            options,
            sessions,
            stopping,
            proxies: proxies.into(),
            throttle: Arc::default(),
            consent_origin,
            contact: contact.map(|contact| contact.as_str().into()),
            under_way: TaskTracker::new(),
            counted: Requests::default(),
            requests: Arc::default(),
            streams: Arc::default(),
        }
    }

    /// Whether people reach it over https.
    pub fn is_https(&self) -> bool {
        self.engine.settings.public_url.scheme() == "https"
    }
}

/// Which doors the server has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Doors {
    Usual,
    /// And the demo's sign-in link.
    #[cfg(feature = "sandbox")]
    Demo,
}

/// The whole server.
pub fn router(site: Site, doors: Doors) -> Router {
    let people = pages(&site).merge(people(doors));
    let all = Router::new().merge(messages()).merge(health_routes()).merge(for_everybody()).merge(asset::routes());
    let all = all.merge(for_people(people, &site));
    around(all, site)
}

/// What the internet has to reach, and nothing else.
pub fn public(site: Site) -> Router {
    let returns = Router::new()
        .route("/oauth/lever/callback", get(connect::complete))
        .route("/oidc/{provider}/callback", get(oidc::complete))
        .route("/r/{token}", get(report::open));
    around(messages().merge(for_everybody()).merge(for_people(returns, &site)), site)
}

/// Numbers for whoever watches, and nothing else.
pub fn numbers(site: Site) -> Router {
    around(metrics::routes(&site), site)
}

/// What every request passes, whoever sends it.
fn around(router: Router<Site>, site: Site) -> Router {
    router
        .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, ANSWER_WITHIN))
        .layer(CatchPanicLayer::custom(|_| answer::broken()))
        .layer(from_fn(framing::one_reading))
        .layer(from_fn_with_state(site.clone(), in_span))
        .layer(from_fn_with_state(site.clone(), find_client))
        .layer(from_fn_with_state(site.clone(), set_headers))
        .with_state(site)
}

/// From other programs: no session, no redirect, no page.
fn messages() -> Router<Site> {
    let routes = Router::new()
        .route("/webhooks/lever/{endpoint}", post(webhook::receive))
        .route("/callbacks/{provider}/{*address}", post(callback::receive).patch(callback::receive));
    for_programs(routes)
}

/// What a message of another program passes.
fn for_programs(router: Router<Site>) -> Router<Site> {
    router
        .layer(RequestBodyLimitLayer::new(MESSAGE))
        .layer(map_response(answer::refuse_by_status))
        .layer(TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, MESSAGE_WITHIN))
        .layer(CatchPanicLayer::custom(|_| answer::unavailable()))
}

fn health_routes() -> Router<Site> {
    Router::new().route("/healthz", get(health::alive)).route("/readyz", get(health::ready))
}

/// What anybody may read.
fn for_everybody() -> Router<Site> {
    Router::new().route("/.well-known/security.txt", get(contact::tell))
}

/// From people's browsers, other than pages.
fn people(doors: Doors) -> Router<Site> {
    let router = Router::new()
        .route("/oauth/lever/callback", get(connect::complete))
        .route("/candidates/export", post(export::candidate))
        .route("/oidc/{provider}", get(oidc::begin))
        .route("/oidc/{provider}/callback", get(oidc::complete))
        .route("/r/{token}", get(report::open))
        .route("/live", get(live::stream))
        .route("/audit/export", post(audit::export))
        .route("/api/{*rest}", any(answer::not_found));
    match doors {
        Doors::Usual => router,
        #[cfg(feature = "sandbox")]
        Doors::Demo => router.route("/demo/{token}", get(crate::route::demo::sign_in)),
    }
}

/// The pages, and the server functions under `/api`.
fn pages(site: &Site) -> Router<Site> {
    let options = site.options.clone();
    Router::new()
        .leptos_routes_with_context(site, generate_route_list(app::App), context(site), move || {
            app::shell(options.clone())
        })
        .layer(from_fn(fields::known_alone))
        .layer(from_fn_with_state(site.clone(), gate::signed_in))
        .layer(CompressionLayer::new())
}

/// What every page and server function finds in its context.
fn context(site: &Site) -> impl Fn() + Clone + Send + Sync + 'static {
    let site = site.clone();
    move || {
        provide_context(site.engine.clone());
        let of_request = use_context::<Parts>().map(|parts| parts.extensions).unwrap_or_default();
        asset::provide_preloads();
        if let Some(CspNonce(nonce)) = of_request.get().cloned() {
            provide_context(Nonce::from_value(nonce));
        }
    }
}

/// What a person's request passes: the right host, the origin of forms, the session.
fn for_people(router: Router<Site>, site: &Site) -> Router<Site> {
    router
        .layer(from_fn_with_state(site.clone(), session::keep_alive))
        .layer(session::layer(site))
        .layer(from_fn(session::keep_the_newer))
        .layer(from_fn_with_state(site.clone(), run_to_the_end))
        .layer(RequestBodyLimitLayer::new(FORM))
        .layer(from_fn_with_state(site.clone(), csrf::guard))
        .layer(CsrfLayer::new())
        .layer(from_fn_with_state(site.clone(), right_host))
        .layer(from_fn(answer::no_pages_for_machines))
}

#[cfg(test)]
mod tests;
