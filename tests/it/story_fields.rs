//! Nobody sets what was not meant to be set: a form with one field more than its server function has is
//! refused, whatever the field, and nothing is done with the rest of it.

use app::server::fields_of;
use leptos::server_fn::axum::server_fn_paths;
use reqwest::{StatusCode, header};

use crate::{
    browser::Browser,
    nobody,
    program::{Folder, Program},
};

const NORA: &str = "nora@halden.example";
/// What somebody would like to set: who they are, whose it is, and what they may.
const WISHED: [&str; 12] = [
    "role",
    "as_role",
    "organization",
    "organization_id",
    "user",
    "user_id",
    "email",
    "id",
    "version",
    "confidential",
    "member[role]",
    "__proto__",
];

async fn told(
    browser: &mut Browser,
    program: &Program,
    path: &str,
    fields: &[(String, String)],
) -> (StatusCode, String) {
    let answer = browser.call(program, path, fields).await;
    (answer.status(), answer.text().await.expect("text"))
}

/// What changes by itself: whoever asks is seen, and the audit log is sealed with each heartbeat.
const BESIDES: [&str; 4] = ["sessions", "audit_chains", "audit_seals", "audit_unsealed"];

#[tokio::test]
async fn a_field_that_a_function_does_not_have_is_refused_and_nothing_is_done() {
    let folder = Folder::new();
    folder.add_user(NORA, "Super Admin").await;
    folder.add_user("tim@halden.example", "Team Member").await;
    folder.add_user_to("Another Company", "eve@another.example", "Super Admin").await;
    let program = folder.serve().await;
    let before = nobody::contents(&folder, &BESIDES).await;
    let mut tim = Browser::signed_in(&program, "tim@halden.example").await;
    let mut nora = Browser::signed_in(&program, NORA).await;
    let signed_in = nobody::contents(&folder, &BESIDES).await;
    let asks = nobody::hidden().asks();
    let mut refused = 0;
    for (path, _) in server_fn_paths() {
        let own = fields_of(path).unwrap_or_else(|| panic!("{path} is listed in app/src/server/arguments.rs"));
        let ask = asks.iter().find(|ask| ask.path == path).expect("the walk asks every function");
        let arguments = ask.arguments.clone().unwrap_or_default();
        for wished in WISHED.iter().filter(|wished| !own.contains(&wished.split('[').next().unwrap_or_default())) {
            let with = [arguments.clone(), vec![((*wished).to_owned(), "Super Admin".to_owned())]].concat();
            for browser in [&mut nora, &mut tim] {
                let (status, text) = told(browser, &program, path, &with).await;
                assert_eq!(status, StatusCode::BAD_REQUEST, "{path} with {wished}: {text}");
                assert_eq!(text, r#"{"Refused":"Form"}"#, "{path} with {wished}");
                refused += 1;
            }
        }
    }
    for path in ["/audit/export", "/candidates/export"] {
        for wished in ["organization", "role", "user"] {
            let with = [("invite".to_owned(), "inv_x".to_owned()), (wished.to_owned(), "x".to_owned())];
            let with = if path == "/audit/export" { &with[1..] } else { &with[..] };
            let (status, text) = told(&mut nora, &program, path, with).await;
            assert_eq!((status, text.as_str()), (StatusCode::BAD_REQUEST, ""), "{path} with {wished}");
            refused += 1;
        }
    }
    println!("{refused} forms with one field too many, all refused");
    assert!(refused > 1_000, "{refused}");
    assert_eq!(nobody::contents(&folder, &BESIDES).await, signed_in, "nothing was done");
    assert_ne!(before, signed_in, "what is done is seen here: two people signed in");
    // Without the field the same form is heard.
    let (status, text) = told(&mut nora, &program, "/api/read_frame", &[]).await;
    assert_eq!(status, StatusCode::OK, "{text}");
}

#[tokio::test]
async fn a_form_with_a_field_too_many_is_led_back_to_its_page() {
    let folder = Folder::new();
    folder.add_user(NORA, "Super Admin").await;
    let program = folder.serve().await;
    let nora = Browser::signed_in(&program, NORA).await;
    let post = |accept: &'static str, body: &'static str| {
        let request = program.post("/api/choose_share").header(header::COOKIE, nora.cookie());
        let request =
            request.header(header::ACCEPT, accept).header("content-type", "application/x-www-form-urlencoded");
        request.header(header::REFERER, format!("{}/settings/integrations/lever", program.url)).body(body)
    };
    let answer = post("text/html", "calls_per_second=5&organization=org_x").send().await.expect("an answer");
    assert_eq!(answer.status(), StatusCode::FOUND);
    let page = answer.headers()[header::LOCATION].to_str().expect("text");
    assert!(page.contains("/settings/integrations/lever?__path=%2Fapi%2Fchoose_share&__err="), "{page}");
    let untyped = program.post("/api/choose_share").header(header::COOKIE, nora.cookie()).body("calls_per_second=5");
    assert_eq!(untyped.send().await.expect("an answer").status(), StatusCode::UNSUPPORTED_MEDIA_TYPE);
}

/// Every form of every page, and whether its fields are its function's: what we refuse, we never send.
#[tokio::test]
async fn our_own_pages_send_no_field_too_many() {
    let folder = Folder::new();
    folder.add_user(NORA, "Super Admin").await;
    folder.add_user("tim@halden.example", "Team Member").await;
    let program = folder.serve().await;
    let mut nora = Browser::signed_in(&program, NORA).await;
    let mut forms = 0;
    for ask in nobody::hidden().asks().into_iter().filter(|ask| ask.arguments.is_none() && ask.path != "/live") {
        let page = nora.get(&program, &ask.path).await.text().await.expect("text");
        for form in page.split("<form").skip(1).filter(|form| form.contains("action=\"/api/")) {
            let form = form.split("</form>").next().unwrap_or_default();
            let function = form.split("action=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("an action");
            let own = fields_of(function).expect("a function");
            for name in form.split(" name=\"").skip(1).filter_map(|rest| rest.split('"').next()) {
                let name = name.split('[').next().unwrap_or_default();
                assert!(own.contains(&name), "{}: the form for {function} sends {name}", ask.path);
            }
            forms += 1;
        }
    }
    assert!(forms > 20, "{forms}");
}
