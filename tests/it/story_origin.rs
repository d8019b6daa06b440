//! Requests that change something come from our own pages, and pages are asked for by one name.

use reqwest::{Method, StatusCode};

use crate::{
    browser::Browser,
    program::{Folder, Program},
};

/// The status of a post with a session and these headers; what passes reaches a server function's
/// address that does not exist.
async fn post(program: &Program, cookie: &str, headers: &[(&str, &str)]) -> StatusCode {
    let mut request = program.request(Method::POST, "/api/none").header("cookie", cookie);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.form(&[("a", "b")]).send().await.expect("an answer").status()
}

#[tokio::test]
async fn only_our_own_pages_may_change_something() {
    let folder = Folder::new();
    folder.add_user("nora@halden.example", "Super Admin").await;
    let program = folder.serve().await;
    let browser = Browser::signed_in(&program, "nora@halden.example").await;
    let ours = program.url.clone();
    let same_host_over_https = ours.replace("http://", "https://");
    let foreign = [
        "https://evil.example",
        "null",
        "http://127.0.0.1:1",
        "https://127.0.0.1.evil.example",
        "http://localhost",
        &same_host_over_https,
    ];

    for site in ["same-origin", "none"] {
        let status = post(&program, browser.cookie(), &[("sec-fetch-site", site), ("origin", &ours)]).await;
        assert_eq!(status, StatusCode::NOT_FOUND, "{site}");
    }
    assert_eq!(post(&program, browser.cookie(), &[("origin", &ours)]).await, StatusCode::NOT_FOUND);
    for site in ["cross-site", "same-site", "nonsense"] {
        let status = post(&program, browser.cookie(), &[("sec-fetch-site", site)]).await;
        assert_eq!(status, StatusCode::FORBIDDEN, "{site}");
        let status = post(&program, browser.cookie(), &[("sec-fetch-site", site), ("origin", &ours)]).await;
        assert_eq!(status, StatusCode::FORBIDDEN, "{site} whatever the origin says");
    }
    for origin in foreign {
        let status = post(&program, browser.cookie(), &[("origin", origin)]).await;
        assert_eq!(status, StatusCode::FORBIDDEN, "{origin}");
    }
    assert_eq!(post(&program, browser.cookie(), &[]).await, StatusCode::FORBIDDEN, "no word of where it comes from");
}

#[tokio::test]
async fn bodies_that_no_page_of_ours_sends_are_refused() {
    let program = Folder::new().serve().await;
    for kind in ["text/plain", "multipart/form-data; boundary=x", "application/xml"] {
        let request = program.post("/api/none").header("content-type", kind).body("a=b");
        assert_eq!(request.send().await.expect("an answer").status(), StatusCode::UNSUPPORTED_MEDIA_TYPE, "{kind}");
    }
    let large =
        program
            .post("/api/none")
            .header("content-type", "application/x-www-form-urlencoded")
            .body(vec![b' '; 64 * 1024 + 1]);
    assert_eq!(large.send().await.expect("an answer").status(), StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn another_host_leads_to_ours_for_pages_and_is_refused_for_changes() {
    let program = Folder::new().serve().await;
    let page =
        program.get("/sign-in?next=%2Fcandidates").header("host", "another.example").send().await.expect("an answer");
    assert!(page.status().is_redirection());
    assert_eq!(page.headers()["location"], format!("{}/sign-in?next=%2Fcandidates", program.url));
    let forwarded = program.get("/sign-in").header("x-forwarded-host", "evil.example").send().await.expect("an answer");
    assert_eq!(forwarded.status(), StatusCode::OK, "nobody believes a stranger's headers");
    let change = program
        .request(Method::POST, "/api/none")
        .header("host", "another.example")
        .header("origin", "http://another.example")
        .form(&[("a", "b")]);
    assert_eq!(change.send().await.expect("an answer").status(), StatusCode::MISDIRECTED_REQUEST);
}
