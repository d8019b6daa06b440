//! How each address may be asked: by the methods that it has and no others, reading changes nothing, and an address
//! that is nobody's is told so in one way.

use leptos::server_fn::axum::server_fn_paths;
use reqwest::{Method, StatusCode, header};

use crate::{
    browser::Browser,
    halden::{Halden, until},
    nobody,
    program::Folder,
    wire::Wire,
};

const NORA: &str = "nora@halden.example";

/// The methods that a route has, as far as it is not only read.
fn methods(route: &str) -> Vec<&'static str> {
    if server_fn_paths().any(|(path, _)| path == route) || route.ends_with("/export") {
        return vec!["POST"];
    }
    match route {
        "/webhooks/lever/{endpoint}" => vec!["POST"],
        "/callbacks/{provider}/{*address}" => vec!["POST", "PATCH"],
        _ => vec!["GET", "HEAD"],
    }
}

#[tokio::test]
async fn every_route_has_its_methods_and_no_others() {
    let folder = Folder::new();
    folder.add_user(NORA, "Super Admin").await;
    let program = folder.serve().await;
    let nora = Browser::signed_in(&program, NORA).await;
    let hidden = nobody::hidden();
    let mut refused = 0;
    // The demo's link is in the demo alone, and below /api nothing is there by any method.
    let routes = hidden
        .routes()
        .into_iter()
        .filter(|route| !["/demo/{token}", "/api/{*rest}", "/{*any}"].contains(&route.as_str()));
    for route in routes {
        let path = hidden.of(&route).first().map_or_else(|| route.clone(), |ask| ask.path.clone());
        for method in
            ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "PROPFIND", "NONSENSE"]
        {
            if methods(&route).contains(&method) {
                continue;
            }
            let mut wire = Wire::open(&program).await;
            let host = program.url.trim_start_matches("http://");
            let asked = format!(
                "{method} {path} HTTP/1.1\r\nhost: {host}\r\norigin: http://{host}\r\ncookie: {}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
                nora.cookie()
            );
            wire.say(asked.as_bytes()).await;
            let line = wire.first_line().await;
            let is_refused = ["405", "404", "400"].iter().any(|status| line.split(' ').nth(1) == Some(status));
            assert!(is_refused, "{method} {path}: {line}");
            refused += 1;
        }
    }
    println!("{refused} pairs of route and method, all refused");
    assert!(refused > 700, "{refused}");
}

#[tokio::test]
async fn an_address_that_is_nobodys_is_told_so_in_one_way() {
    let folder = Folder::new();
    folder.add_user(NORA, "Super Admin").await;
    let program = folder.serve().await;
    let mut nora = Browser::signed_in(&program, NORA).await;
    let mut told = Vec::new();
    for path in [
        "/admin",
        "/metrics",
        "/debug/pprof",
        "/.env",
        "/.git/config",
        "/wp-login.php",
        "/server-status",
        "/actuator/health",
        "/swagger",
        "/a/b/c/d",
    ] {
        for browser in [&mut nora, &mut Browser::default()] {
            let answer = browser.get(&program, path).await;
            assert_eq!(answer.status(), StatusCode::NOT_FOUND, "{path}");
            let page = answer.text().await.expect("text");
            assert!(!page.contains(path), "{path} is not repeated");
            let nonce = page.split("nonce=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap_or("no nonce");
            told.push(page.replace(nonce, ""));
        }
    }
    told.dedup();
    let first = told[0].clone();
    assert!(
        told.iter().all(|page| *page == first || *page == told[1]),
        "a person and a stranger are each told the same"
    );
}

#[tokio::test]
async fn reading_changes_nothing() {
    let mut halden = Halden::new().await;
    let program = halden.start().await;
    halden.set_up(&program).await;
    let ada = halden.applies("Ada Berg", "ada@mail.example").await;
    halden.moves(&ada).await;
    until("the test goes out", async || halden.notes(&ada).await.len() == 1).await;
    let mut database = nobody::open(&halden.folder).await;
    let quiet = "SELECT COUNT(*) FROM jobs WHERE state = 'open' AND (due_at <= $1 OR lease_token IS NOT NULL)";
    until("it is quiet", async || {
        let due: i64 = sqlx::query_scalar(quiet)
            .bind(engine::clock::Clock::System.now().0)
            .fetch_one(&mut nobody::open(&halden.folder).await)
            .await
            .expect("a count");
        due == 0
    })
    .await;
    let of: Vec<String> = sqlx::query_scalar("SELECT id FROM invites").fetch_all(&mut database).await.expect("ids");
    let mut hidden = nobody::hidden();
    hidden.invites.extend(of);
    // What goes on by itself: use of sessions, work and its turns at Lever.
    let but = [
        "sessions",
        "jobs",
        "lever_accounts",
        "stage_polls",
        "sweeps",
        "audit_unsealed",
        "audit_seals",
        "audit_chains",
    ];
    let before = nobody::contents(&halden.folder, &but).await;
    let mut asked = 0;
    for route in hidden.routes().iter().filter(|route| *route != "/live") {
        for ask in hidden.of(route) {
            // A form's arguments, too, as an address has them.
            let arguments = ask.arguments.clone().unwrap_or_default();
            let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(&arguments).finish();
            let path = if arguments.is_empty() { ask.path.clone() } else { format!("{}?{query}", ask.path) };
            for method in [Method::GET, Method::HEAD] {
                let asks = program.request(method, &path).header(header::COOKIE, halden.nora.cookie());
                let answer = asks.header(header::ACCEPT, "text/html").send().await.expect("an answer");
                assert!(!answer.status().is_server_error() || path.contains("look-up"), "{path}: {}", answer.status());
                asked += 1;
            }
        }
    }
    println!("{asked} questions by GET and HEAD");
    let after = nobody::contents(&halden.folder, &but).await;
    for (table, rows) in &before {
        assert_eq!(rows, &after[table], "{table}");
    }
    assert_eq!((halden.notes(&ada).await.len(), halden.sent().await.len()), (1, 1));
}
