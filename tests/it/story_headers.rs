//! Every answer carries what keeps browsers from guessing, framing, leaking and caching.

use reqwest::{Method, Response};

use crate::{browser::Browser, nobody, program::Folder};

fn check(answer: &Response, what: &str) {
    let header = |name: &str| {
        let value = answer.headers().get(name).unwrap_or_else(|| panic!("{name} of {what}"));
        value.to_str().expect("text").to_owned()
    };
    assert_eq!(header("x-content-type-options"), "nosniff", "{what}");
    assert_eq!(header("cross-origin-opener-policy"), "same-origin", "{what}");
    assert_eq!(header("cross-origin-resource-policy"), "same-origin", "{what}");
    assert!(["same-origin", "no-referrer"].contains(&header("referrer-policy").as_str()), "{what}");
    assert!(header("permissions-policy").contains("camera=()"), "{what}");
    assert!(!header("cache-control").is_empty(), "{what}");
    let policy = header("content-security-policy");
    for part in [
        "default-src 'none'",
        "script-src 'self' 'wasm-unsafe-eval' 'nonce-",
        "style-src 'self'",
        "connect-src 'self'",
        "img-src 'self' data:",
        "base-uri 'none'",
        "form-action 'self' https://auth.lever.co",
        "frame-ancestors 'none'",
        "object-src 'none'",
    ] {
        assert!(policy.contains(part), "{part} in {policy} of {what}");
    }
    assert!(!policy.contains("unsafe-inline") && !policy.contains("'unsafe-eval'"), "{policy}");
    assert!(answer.headers().keys().all(|name| !name.as_str().starts_with("access-control-")), "{what}");
    assert!(answer.headers().get("strict-transport-security").is_none(), "no HSTS over http: {what}");
}

#[tokio::test]
async fn every_route_sets_the_headers_whatever_it_answers() {
    let folder = Folder::new();
    folder.add_user("nora@halden.example", "Super Admin").await;
    let program = folder.serve().await;
    let paths = [
        "/",
        "/sign-in",
        "/set-up/x",
        "/invitation/x",
        "/account",
        "/settings/audit",
        "/audit/export",
        "/callbacks/canditech/x",
        "/candidates",
        "/settings/integrations/lever",
        "/no/such/page",
        "/r/unknown",
        "/live",
        "/oauth/lever/callback?code=c&state=s",
        "/healthz",
        "/readyz",
        "/webhooks/lever/x",
        "/pkg/none.js",
        "/api/none",
        "/favicon.ico",
        "/robots.txt",
    ];
    let mut browser = Browser::signed_in(&program, "nora@halden.example").await;
    for path in paths {
        for method in [Method::GET, Method::HEAD, Method::POST, Method::DELETE] {
            let answer = program.request(method.clone(), path).send().await.expect("an answer");
            check(&answer, &format!("{method} {path} -> {}", answer.status()));
        }
        if path != "/live" {
            let answer = browser.get(&program, path).await;
            assert!(!answer.status().is_server_error(), "{path}: {}", answer.status());
            check(&answer, &format!("signed in: {path} -> {}", answer.status()));
        }
    }
}

#[tokio::test]
async fn pages_are_not_stored_and_each_has_its_own_nonce() {
    let program = Folder::new().serve().await;
    let mut nonces = Vec::new();
    for _ in 0..2 {
        let answer = program.get("/sign-in").send().await.expect("an answer");
        assert_eq!(answer.headers()["cache-control"], "no-store");
        let policy = answer.headers()["content-security-policy"].to_str().expect("text").to_owned();
        let nonce =
            policy.split("'nonce-").nth(1).and_then(|rest| rest.split('\'').next()).expect("a nonce").to_owned();
        let page = answer.text().await.expect("text");
        assert!(page.contains(&format!("nonce=\"{nonce}\"")), "the page's scripts carry the nonce");
        nonces.push(nonce);
    }
    assert_ne!(nonces[0], nonces[1]);
}

#[tokio::test]
async fn over_https_the_cookie_is_bound_to_the_host_and_browsers_are_told_to_stay_on_https() {
    let folder = Folder::new();
    folder.add_user("nora@halden.example", "Super Admin").await;
    let program = folder.serve_with(&[("CANDILEVER_PUBLIC_URL", "https://candilever.example.com")]).await;
    let page = program.get("/sign-in").header("host", "candilever.example.com").send().await.expect("an answer");
    assert!(page.headers()["strict-transport-security"].to_str().expect("text").starts_with("max-age=63072000"));
    let form = crate::browser::Form::first(&page.text().await.expect("text"));
    let fields: Vec<_> = form
        .fields
        .iter()
        .map(|field| match field.kind.as_str() {
            "email" => (field.name.clone(), "nora@halden.example".to_owned()),
            "password" => (field.name.clone(), crate::program::PASSWORD.to_owned()),
            _ => (field.name.clone(), field.value.clone()),
        })
        .collect();
    let answer = program
        .request(Method::POST, &form.action)
        .header("host", "candilever.example.com")
        .header("origin", "https://candilever.example.com")
        .header("accept", "text/html")
        .form(&fields)
        .send()
        .await
        .expect("an answer");
    let cookie = answer.headers()["set-cookie"].to_str().expect("text").to_owned();
    assert!(cookie.starts_with("__Host-candilever="), "{cookie}");
    for part in ["HttpOnly", "Secure", "SameSite=Lax", "Path=/"] {
        assert!(cookie.contains(part), "{part} in {cookie}");
    }
    assert!(!cookie.contains("Domain"), "{cookie}");
}

#[tokio::test]
async fn no_other_site_may_read_an_answer() {
    let program = Folder::new().serve().await;
    let origins = [
        "https://evil.example",
        "null",
        "http://localhost",
        "http://127.0.0.1",
        "https://127.0.0.1.evil.example",
        "file://",
        "chrome-extension://abcdefghijklmnop",
        "https://hire.lever.co",
        "https://candilever.example.com",
        "nonsense",
    ];
    for origin in origins {
        for path in ["/sign-in", "/api/read_frame", "/healthz", "/webhooks/lever/x", "/robots.txt"] {
            let asked = program.request(Method::GET, path).header("origin", origin);
            check(&asked.send().await.expect("an answer"), &format!("GET {path} from {origin}"));
            let before = program
                .request(Method::OPTIONS, path)
                .header("origin", origin)
                .header("access-control-request-method", "POST")
                .header("access-control-request-headers", "content-type");
            check(&before.send().await.expect("an answer"), &format!("a preflight of {path} from {origin}"));
        }
    }
}

#[tokio::test]
async fn on_this_machine_the_cookie_is_for_its_own_pages_alone() {
    let folder = Folder::new();
    folder.add_user("nora@halden.example", "Super Admin").await;
    let program = folder.serve().await;
    let answer = Browser::default().sign_in(&program, "nora@halden.example", crate::program::PASSWORD, None).await;
    let cookies: Vec<_> = answer.headers().get_all("set-cookie").iter().collect();
    assert_eq!(cookies.len(), 1, "{cookies:?}");
    let cookie = cookies[0].to_str().expect("text");
    assert!(cookie.starts_with("candilever=") && cookie.len() < 4096, "{cookie}");
    for part in ["HttpOnly", "SameSite=Lax", "Path=/"] {
        assert!(cookie.contains(part), "{part} in {cookie}");
    }
    assert!(!cookie.contains("Domain") && !cookie.contains("Secure"), "{cookie}");
}

/// As the router has them, and not as somebody remembered them.
#[tokio::test]
async fn every_route_of_the_router_sets_them_and_nothing_personal_is_stored() {
    let folder = Folder::new();
    folder.add_user("nora@halden.example", "Super Admin").await;
    let program = folder.serve().await;
    let mut nora = Browser::signed_in(&program, "nora@halden.example").await;
    let mut answers = 0;
    for ask in nobody::hidden().asks().into_iter().filter(|ask| ask.path != "/api/sign_out") {
        let (signed_in, stranger) = match &ask.arguments {
            None => (nora.get(&program, &ask.path).await, Browser::default().get(&program, &ask.path).await),
            Some(all) => {
                (nora.call(&program, &ask.path, all).await, Browser::default().call(&program, &ask.path, all).await)
            }
        };
        for answer in [signed_in, stranger] {
            check(&answer, &format!("{} -> {}", ask.path, answer.status()));
            assert_eq!(answer.headers()["cache-control"], "no-store", "{}", ask.path);
            answers += 1;
        }
    }
    assert!(answers > 240, "{answers}");
}

#[tokio::test]
async fn over_https_every_route_tells_browsers_to_stay() {
    let program = Folder::new().serve_with(&[("CANDILEVER_PUBLIC_URL", "https://candilever.example.com")]).await;
    for ask in nobody::hidden().asks() {
        let method = if ask.arguments.is_some() { Method::POST } else { Method::GET };
        let asked = program.request(method, &ask.path).header("host", "candilever.example.com");
        let answer = asked.header("origin", "https://candilever.example.com").send().await.expect("an answer");
        let stay = answer.headers().get("strict-transport-security").unwrap_or_else(|| panic!("{}", ask.path));
        assert!(stay.to_str().expect("text").starts_with("max-age=63072000"), "{}", ask.path);
    }
}
