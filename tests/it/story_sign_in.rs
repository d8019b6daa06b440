//! Somebody signs in, and somebody tries to get in.

use leptos::server_fn::axum::server_fn_paths;
use reqwest::{Method, StatusCode, header};

// Linked, so that its server functions are known here.
use app as _;

use crate::{
    browser::{Browser, encoded},
    program::{Folder, PASSWORD},
};

const NORA: &str = "nora@halden.example";

#[tokio::test]
async fn pages_ask_to_sign_in_and_lead_back() {
    let folder = Folder::new();
    folder.add_user(NORA, "Super Admin").await;
    let program = folder.serve().await;
    let mut browser = Browser::default();
    for path in ["/candidates?state=completed", "/settings/integrations/lever", "/r/unknown", "/activity"] {
        let answer = browser.get(&program, path).await;
        assert_eq!(answer.status(), StatusCode::SEE_OTHER, "{path}");
        assert_eq!(answer.headers()[header::LOCATION], format!("/sign-in?next={}", encoded(path)));
        let signed_in = Browser::default().sign_in(&program, NORA, PASSWORD, Some(path)).await;
        assert_eq!(signed_in.headers()[header::LOCATION], path);
    }
}

#[tokio::test]
async fn signing_in_leads_nowhere_else() {
    let folder = Folder::new();
    folder.add_user(NORA, "Super Admin").await;
    let program = folder.serve().await;
    let foreign = [
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "https://evil.example",
        "http:evil.example",
        "javascript:alert(1)",
        "/\t/evil.example",
        "/\n/evil.example",
        "evil.example",
    ];
    for next in foreign {
        let answer = Browser::default().sign_in(&program, NORA, PASSWORD, Some(next)).await;
        let base = url::Url::parse(&program.url).expect("a URL");
        let location = answer.headers()[header::LOCATION].to_str().expect("text").to_owned();
        let to = base.join(&location).expect("a URL");
        assert_eq!(to.origin(), base.origin(), "{next:?} led to {location}");
    }
}

#[tokio::test]
async fn a_session_given_from_outside_is_replaced() {
    let folder = Folder::new();
    folder.add_user(NORA, "Super Admin").await;
    let program = folder.serve().await;
    let first = Browser::signed_in(&program, NORA).await;
    let mut again = Browser::signed_in(&program, NORA).await;
    assert_ne!(first.cookie(), again.cookie());
    let before = again.cookie().to_owned();
    again.sign_in(&program, NORA, PASSWORD, None).await;
    assert_ne!(before, again.cookie(), "signing in makes a new session");
    let old = program.get("/").header(header::COOKIE, before).send().await.expect("an answer");
    assert_eq!(old.status(), StatusCode::SEE_OTHER, "and ends the old one");
}

#[tokio::test]
async fn guessing_is_stopped_alike_for_those_who_exist_and_those_who_do_not() {
    let folder = Folder::new();
    folder.add_user(NORA, "Super Admin").await;
    let program = folder.serve().await;
    let mut heard = Vec::new();
    for email in [NORA, "nobody@halden.example"] {
        let mut browser = Browser::default();
        let mut answers = Vec::new();
        for _ in 0..11 {
            let answer = browser.sign_in(&program, email, "not the password", None).await;
            answers.push((answer.status(), answer.headers()[header::LOCATION].clone()));
        }
        // The right password of an account that is being guessed waits like a wrong one.
        browser.sign_in(&program, email, PASSWORD, None).await;
        assert_eq!(browser.get(&program, "/").await.status(), StatusCode::SEE_OTHER, "{email}");
        heard.push(answers);
    }
    assert_eq!(heard[0], heard[1], "nobody learns which addresses exist");
}

#[tokio::test]
async fn whoever_signs_in_rightly_is_not_held_up() {
    let folder = Folder::new();
    folder.add_user(NORA, "Super Admin").await;
    let program = folder.serve().await;
    for _ in 0..15 {
        Browser::signed_in(&program, NORA).await;
    }
}

#[tokio::test]
async fn every_server_function_has_its_guard() {
    let program = Folder::new().serve().await;
    let page = format!("{}/candidates?state=sent", program.url);
    let mut guarded = 0;
    for (path, method) in server_fn_paths() {
        assert_eq!(method, Method::POST, "{path}: nothing changes by GET");
        if is_open(path) {
            continue;
        }
        let request = program.post(path).header(header::ACCEPT, "application/json").form(&[("a", "b")]);
        let answer = request.send().await.expect("an answer");
        assert_eq!(answer.status(), StatusCode::UNAUTHORIZED, "{path}");
        assert_eq!(answer.text().await.expect("text"), "\"SignedOut\"", "{path}");
        let form = program.post(path).header(header::ACCEPT, "text/html").header(header::REFERER, &page);
        let answer = form.form(&[("a", "b")]).send().await.expect("an answer");
        assert_eq!(answer.headers()[header::LOCATION], "/sign-in?next=%2Fcandidates%3Fstate%3Dsent", "{path}");
        guarded += 1;
    }
    assert!(guarded > 0, "the server functions are linked");
}

/// The functions of people who are not signed in, or no longer.
fn is_open(path: &str) -> bool {
    let door = [
        "sign_in",
        "sign_in_providers",
        "sign_out",
        "set_up",
        "read_set_up_link",
        "read_invitation",
        "accept_invitation",
        "can_mail_links",
        "ask_for_password_link",
        "read_password_link",
        "use_password_link",
        "enter_code",
    ];
    door.iter().any(|name| path == format!("/api/{name}"))
}

#[tokio::test]
async fn an_address_is_believed_of_a_named_proxy_and_of_nobody_else() {
    let tried = 70;
    // A try is made good every six seconds: how many that is hangs on the machine.
    for (proxies, allowed) in [("", 50..70), ("127.0.0.1", 70..71)] {
        let program = Folder::new().serve_with(&[("CANDILEVER_TRUSTED_PROXIES", proxies)]).await;
        let mut refused = Vec::new();
        for n in 0..tried {
            let fields = [("email", format!("{n}@halden.example")), ("password", "a guess".to_owned())];
            let request = program.post("/api/sign_in").header(header::ACCEPT, "text/html");
            let request = request.header("x-forwarded-for", format!("192.0.2.{n}")).form(&fields);
            let answer = request.send().await.expect("an answer");
            let to = answer.headers()[header::LOCATION].to_str().expect("text").to_owned();
            refused.extend(to.contains("refused=often").then_some(n));
        }
        assert!(allowed.contains(&(tried - refused.len())), "behind {proxies:?}: {refused:?}");
    }
}

#[tokio::test]
async fn an_account_is_one_however_its_address_is_written() {
    let folder = Folder::new();
    folder.add_user(NORA, "Super Admin").await;
    let program = folder.serve().await;
    let spelt = [NORA, "NORA@halden.example", " nora@halden.example ", "Nora@Halden.Example"];
    let mut tried = 0;
    for n in 0..24 {
        let answer = Browser::default().sign_in(&program, spelt[n % spelt.len()], "a guess", None).await;
        let to = answer.headers()[header::LOCATION].to_str().expect("text").to_owned();
        tried += usize::from(to.contains("refused=wrong"));
    }
    // One is made good every thirty seconds.
    assert!((8..14).contains(&tried), "{tried}");
}

#[tokio::test]
async fn who_is_signed_in_is_not_forgiven_for_guessing_at_others() {
    let folder = Folder::new();
    folder.add_user(NORA, "Super Admin").await;
    folder.add_user("sam@halden.example", "Team Member").await;
    let program = folder.serve().await;
    let mut sam = Browser::signed_in(&program, "sam@halden.example").await;
    let mut tried = 0;
    for _ in 0..24 {
        let answer = sam.sign_in(&program, NORA, "a guess", None).await;
        tried += usize::from(answer.headers()[header::LOCATION].to_str().expect("text").contains("refused=wrong"));
    }
    assert!((8..14).contains(&tried), "{tried}");
}

#[tokio::test]
async fn an_answer_to_an_old_id_does_not_take_the_new_one_away() {
    let folder = Folder::new();
    folder.add_user(NORA, "Super Admin").await;
    let program = folder.serve().await;
    let mut nora = Browser::signed_in(&program, NORA).await;
    let old = nora.cookie().to_owned();
    nora.sign_in(&program, NORA, PASSWORD, None).await;
    for path in ["/candidates", "/live", "/api/read_frame", "/r/unknown"] {
        for method in [Method::GET, Method::POST] {
            let asked =
                program.request(method.clone(), path).header(header::COOKIE, &old).header("origin", &program.url);
            let answer = asked.send().await.expect("an answer");
            assert!(answer.headers().get(header::SET_COOKIE).is_none(), "{method} {path}: {:?}", answer.headers());
        }
    }
    let out = nora.press(&program, "/", "/api/sign_out", &[]).await;
    let cookie = out.headers()[header::SET_COOKIE].to_str().expect("text");
    assert!(cookie.starts_with("candilever=;"), "signing out takes it away: {cookie}");
}
