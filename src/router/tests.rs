//! The server without a socket, on a clock that the tests move: what its layers do where a handler fails, and how
//! long sessions last.

use std::{net::SocketAddr, time::Duration};

use axum::{
    body::{Body, to_bytes},
    extract::{ConnectInfo, Request},
    http::{HeaderValue, Method, header},
    middleware::Next,
    response::Response,
};
use clap::Parser as _;
use engine::{
    access::{self, NewUser, Role},
    clock::{Clock, Moment},
};
use leptos::server_fn::axum::server_fn_paths;
use tempfile::TempDir;
use tower::ServiceExt as _;

use super::*;
use crate::{command::CommandLine, database};

const NORA: &str = "nora@halden.example";
const PASSWORD: &str = "a long enough password";
const KEY: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
const HOURS: Duration = Duration::from_hours(1);
/// What a handler would never say.
const INSIDE: &str = "SELECT secret FROM /root/candilever.db";

/// One installation with Nora in it.
struct House {
    site: Site,
    _folder: TempDir,
}

impl House {
    async fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let url = format!("sqlite://{}/candilever.db", folder.path().display());
        let line = ["candilever", "--database-url", &url, "--master-key", KEY, "--public-url", "http://127.0.0.1:8080"];
        let checked = CommandLine::try_parse_from(line).expect("arguments").config.check().expect("settings");
        let key = database::master_key(checked.master_key.as_ref(), &checked.database).expect("a key").announced();
        let settings = checked.settings(checked.public_url.clone().expect("given"), key);
        let clock = Clock::manual(Moment(1_790_000_000_000));
        let engine = Engine::open(settings, clock).await.expect("the engine opens");
        let nora = NewUser {
            organization: "Halden Instruments".into(),
            email: NORA.into(),
            name: "Nora".into(),
            role: Role::SuperAdmin,
            password: PASSWORD.into(),
        };
        access::add_user(&engine, nora).await.expect("Nora is added");
        Self { site: Site::new(engine, Vec::new(), None, CancellationToken::new()), _folder: folder }
    }

    fn passes(&self, by: Duration) {
        self.site.engine.clock.advance(by);
    }

    /// A session in which Nora signed in.
    async fn signed_in(&self, router: &Router) -> String {
        let form = format!("email={NORA}&password={}", PASSWORD.replace(' ', "+"));
        let answer = ask(router, Method::POST, "/api/sign_in", None, &form).await;
        let cookie = answer.headers()[header::SET_COOKIE].to_str().expect("text");
        cookie.split(';').next().expect("a first part").to_owned()
    }

    async fn is_signed_in(&self, router: &Router, cookie: &str) -> bool {
        ask(router, Method::POST, "/api/read_frame", Some(cookie), "").await.status() == StatusCode::OK
    }
}

fn request(method: Method, path: &str, cookie: Option<&str>, form: &str) -> Request {
    let mut request = Request::new(Body::from(form.to_owned()));
    *request.uri_mut() = path.parse().expect("an address");
    *request.method_mut() = method;
    let headers = request.headers_mut();
    headers.insert(header::HOST, HeaderValue::from_static("127.0.0.1:8080"));
    headers.insert(header::ORIGIN, HeaderValue::from_static("http://127.0.0.1:8080"));
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
    headers.extend(cookie.map(|cookie| (header::COOKIE, HeaderValue::from_str(cookie).expect("a cookie"))));
    request.extensions_mut().insert(ConnectInfo(SocketAddr::from(([127, 0, 0, 1], 4000))));
    request
}

async fn ask(router: &Router, method: Method, path: &str, cookie: Option<&str>, form: &str) -> Response {
    router.clone().oneshot(request(method, path, cookie, form)).await.expect("an answer")
}

async fn panics(request: Request, next: Next) -> Response {
    assert!(!request.headers().contains_key("x-panic"), "{INSIDE}");
    next.run(request).await
}

async fn with_panic(router: &Router, method: Method, path: &str, cookie: &str) -> (StatusCode, String, String) {
    let mut request = request(method, path, Some(cookie), "");
    request.headers_mut().insert("x-panic", HeaderValue::from_static("now"));
    let answer = router.clone().oneshot(request).await.expect("an answer");
    let (status, id) = (answer.status(), answer.headers()["x-request-id"].to_str().expect("text").to_owned());
    assert!(answer.headers().contains_key(header::CONTENT_SECURITY_POLICY), "{path}");
    let body = to_bytes(answer.into_body(), usize::MAX).await.expect("a body");
    (status, id, String::from_utf8(body.to_vec()).expect("text"))
}

/// Every page, server function and other route of people's, with something in the place of each part.
fn all_routes() -> Vec<(Method, String)> {
    let pages = generate_route_list(app::App).into_iter().map(|page| (Method::GET, page.path().to_owned()));
    let functions = server_fn_paths().map(|(path, method)| (method, path.to_owned()));
    let own = include_str!("../router.rs").split("fn people(").nth(1).expect("it is there");
    let own = own.split(".route(\"").skip(1).filter_map(|rest| rest.split_once('"'));
    let own = own.map(|(path, rest)| (if rest.starts_with(", post(") { Method::POST } else { Method::GET }, path));
    let own = own.filter(|(_, path)| !path.starts_with("/demo")).map(|(method, path)| (method, path.to_owned()));
    let whole = |path: String| {
        let parts = path.split('/').map(|part| if part.starts_with('{') { "x" } else { part });
        parts.collect::<Vec<_>>().join("/")
    };
    pages.chain(functions).chain(own).map(|(method, path)| (method, whole(path))).collect()
}

#[tokio::test]
async fn a_panic_anywhere_costs_one_answer_that_tells_an_id_and_nothing_of_the_inside() {
    let house = House::new().await;
    let site = &house.site;
    let people = pages(site).merge(people(Doors::Usual)).layer(from_fn(panics));
    let router = around(for_people(people, site), site.clone());
    let cookie = house.signed_in(&router).await;
    let routes = all_routes();
    assert!(routes.len() > 80, "{}", routes.len());
    for (method, path) in &routes {
        let (status, id, body) = with_panic(&router, method.clone(), path, &cookie).await;
        assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR, "{path}");
        assert!(body.contains("Something went wrong on our side") && body.contains(&id), "{path}: {body}");
        assert!(!body.contains("SELECT") && !body.contains("/root") && !body.contains(".rs"), "{path}: {body}");
        if !["/live", "/api/sign_out"].contains(&path.as_str()) {
            let next = ask(&router, method.clone(), path, Some(&cookie), "").await;
            assert_ne!(next.status(), StatusCode::INTERNAL_SERVER_ERROR, "the next one: {path}");
        }
    }
    println!("{} routes with a panic in each", routes.len());
}

async fn breaks() -> StatusCode {
    std::panic::panic_any(INSIDE)
}

#[tokio::test]
async fn a_panic_over_a_message_asks_its_sender_to_come_again() {
    let house = House::new().await;
    let messages = for_programs(Router::new().route("/message", post(breaks)));
    let router = around(messages, house.site.clone());
    for _ in 0..2 {
        let answer = ask(&router, Method::POST, "/message", None, "").await;
        assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(answer.headers()[header::RETRY_AFTER], "5");
        let body = to_bytes(answer.into_body(), usize::MAX).await.expect("a body");
        assert_eq!(body, "This is not possible at the moment. Try again in a few seconds.\n");
    }
}

#[tokio::test]
async fn a_session_ends_after_eight_hours_without_use_and_after_seven_days_with_it() {
    let house = House::new().await;
    let router = router(house.site.clone(), Doors::Usual);
    let idle = house.signed_in(&router).await;
    house.passes(HOURS * 8 - Duration::from_secs(60));
    assert!(house.is_signed_in(&router, &idle).await, "used in time");
    house.passes(HOURS * 8 - Duration::from_secs(60));
    assert!(house.is_signed_in(&router, &idle).await, "use counts from then on");
    house.passes(HOURS * 8 + Duration::from_secs(60));
    assert!(!house.is_signed_in(&router, &idle).await, "nobody used it for eight hours");

    let used = house.signed_in(&router).await;
    for hour in 0..7 * 24 {
        assert!(house.is_signed_in(&router, &used).await, "in use, hour {hour}");
        house.passes(HOURS);
    }
    house.passes(Duration::from_secs(60));
    assert!(!house.is_signed_in(&router, &used).await, "seven days are over, however much it is used");
}

#[tokio::test]
async fn an_address_that_is_flooded_answers_too_many_and_another_goes_on() {
    let house = House::new().await;
    let router = router(house.site.clone(), Doors::Usual);
    let sent = async |path: &str| ask(&router, Method::POST, path, None, "no JSON").await.status();
    for (flooded, calm, heard) in [
        ("/webhooks/lever/a", "/webhooks/lever/b", StatusCode::BAD_REQUEST),
        ("/callbacks/canditech/c", "/callbacks/canditech/d", StatusCode::UNAUTHORIZED),
    ] {
        let last = flooded.rsplit('/').next().expect("a last part");
        let now = house.site.engine.clock.now();
        while house.site.throttle.may_send(last, now) {}
        assert_eq!((sent(flooded).await, sent(calm).await), (StatusCode::TOO_MANY_REQUESTS, heard), "{flooded}");
        house.passes(Duration::from_secs(1));
        assert_eq!(sent(flooded).await, heard, "{flooded}: a second later");
    }
}
