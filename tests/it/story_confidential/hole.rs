//! Whether the walk would notice: the same program behind a front with one deliberate hole. Whoever asks there is
//! taken for Nora, as at a route that forgot its guard.

use axum::{
    Router,
    body::{Body, Bytes},
    extract::{Request, State},
    http::header,
    response::Response,
};
use serde_json::json;
use tokio::net::TcpListener;

use super::{Secrets, company, finds_nothing, walk::Hidden};
use crate::{
    browser::Browser,
    halden::Halden,
    program::{Program, client},
};

/// The program as it is, and whose name opens its hole.
#[derive(Clone)]
struct Front {
    url: String,
    hole: &'static str,
    cookie: String,
    client: reqwest::Client,
}

impl Front {
    /// Listens, and answers where.
    async fn start(self) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("an address");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let router = Router::new().fallback(pass).with_state(self);
        tokio::spawn(async { axum::serve(listener, router).await });
        url
    }
}

/// Asks the program the same, but for who asks at the hole.
async fn pass(State(front): State<Front>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let body: Bytes = axum::body::to_bytes(body, usize::MAX).await.expect("a body");
    let path = head.uri.path_and_query().expect("a path").as_str();
    let mut asked = front.client.request(head.method, format!("{}{path}", front.url)).body(body);
    for (name, value) in &head.headers {
        if ![header::HOST, header::ORIGIN, header::CONTENT_LENGTH, header::COOKIE].contains(name) {
            asked = asked.header(name, value);
        }
    }
    asked = asked.header(header::ORIGIN, &front.url);
    let is_hole = head.uri.path().starts_with(front.hole);
    let own = head.headers.get(header::COOKIE).and_then(|cookie| cookie.to_str().ok()).unwrap_or_default();
    asked = asked.header(header::COOKIE, if is_hole { front.cookie.as_str() } else { own });
    let answer = asked.send().await.expect("an answer");
    let mut passed = Response::new(Body::empty());
    *passed.status_mut() = answer.status();
    for name in [header::CONTENT_TYPE, header::LOCATION, header::SET_COOKIE] {
        passed.headers_mut().extend(answer.headers().get(&name).map(|value| (name, value.clone())));
    }
    *passed.body_mut() = answer.bytes().await.expect("a body").into();
    passed
}

/// What the walk says of a program with this hole, asked by somebody of another company.
async fn walked(
    (program, nora, known): (&mut Program, &Browser, &(Hidden, Secrets)),
    hole: &'static str,
) -> Result<usize, String> {
    let mut eve = Browser::signed_in(program, "eve@another.example").await;
    let url = program.url.clone();
    let cookie = nora.cookie().to_owned();
    program.url = Front { url: url.clone(), hole, cookie, client: client() }.start().await;
    let found = finds_nothing(&mut eve, program, known).await;
    program.url = url;
    found
}

#[tokio::test]
async fn a_route_that_forgot_its_guard_fails_the_walk() {
    let mut halden = Halden::new().await;
    halden.lever("/sandbox/postings", json!({ "text": super::POSITION })).await;
    let folder = halden.folder.clone();
    folder.add_user_to("Another Company", "eve@another.example", "Super Admin").await;
    let mut program = halden.start().await;
    let known = company(&program, &mut halden).await;
    let nora = Browser::signed_in(&program, "nora@halden.example").await;
    // A page, a page by its id, a server function, a route of its own, and a report's link.
    for hole in
        ["/candidates/inv_", "/activity", "/api/read_candidate", "/api/list_candidates", "/candidates/export", "/r/"]
    {
        let found = walked((&mut program, &nora, &known), hole).await.expect_err(hole);
        assert!(found.contains(&format!("Ask {{ path: \"{hole}")), "{hole}: {found}");
        println!("a hole at {hole} is found: {found:.120}");
    }
    // The front itself changes nothing.
    let answers = walked((&mut program, &nora, &known), "/no/hole").await.expect("nothing is found");
    assert!(answers >= 100, "{answers}");
}

#[test]
fn a_route_that_the_walk_does_not_know_fails_it() {
    for unknown in ["/admin", "/api/read_everything", "/debug/{id}"] {
        let asked = std::panic::catch_unwind(|| crate::nobody::hidden().of(unknown));
        assert!(asked.is_err(), "{unknown}");
    }
    let known = crate::nobody::hidden();
    assert!(known.routes().len() > 80, "{}", known.routes().len());
    assert!(known.routes().iter().filter(|route| *route != "/live").all(|route| !known.of(route).is_empty()));
}
