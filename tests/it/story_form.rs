//! What arrives at the server functions: nonsense, and forms whose browser does not wait.

use std::time::Duration;

use reqwest::{StatusCode, header};
use tokio::time::timeout;

use crate::{
    browser::{Browser, Form},
    halden::{Halden, until},
    program::{Folder, Program},
};

const NORA: &str = "nora@halden.example";
/// A body in the form that a page of ours posts, with arguments that none of them does.
const NONSENSE: [(&str, &str); 12] = [
    ("/api/sign_in", ""),
    ("/api/sign_in", "email=nora@halden.example"),
    ("/api/set_up", "token=x"),
    ("/api/give_verdict", "a=b"),
    ("/api/give_verdict", "invite=inv_x&version=three&verdict=passed"),
    ("/api/give_verdict", "invite=inv_x&version=3&verdict=brilliant"),
    ("/api/decide_late", "invites[]=inv_x&decision=perhaps"),
    ("/api/decide_invite", "decision=send"),
    ("/api/list_candidates", "filter[state]=nowhere"),
    ("/api/switch_attachment", "id=att_x&state=active&version=%FF"),
    ("/api/connect_lever", "account=theirs"),
    ("/api/edit_attachment", "id=%00&version="),
];

async fn post(program: &Program, cookie: &str, (path, body): (&str, &'static str), accept: &str) -> reqwest::Response {
    let request = program.post(path).header(header::COOKIE, cookie).header(header::ACCEPT, accept);
    let request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded").body(body);
    request.header(header::REFERER, format!("{}/candidates", program.url)).send().await.expect("an answer")
}

#[tokio::test]
async fn malformed_arguments_are_refused_and_are_not_our_failure() {
    let folder = Folder::new();
    folder.add_user(NORA, "Super Admin").await;
    let program = folder.serve().await;
    let nora = Browser::signed_in(&program, NORA).await;
    for case in NONSENSE {
        let answer = post(&program, nora.cookie(), case, "application/json").await;
        assert_eq!(answer.status(), StatusCode::BAD_REQUEST, "{case:?}");
        let refusal = answer.text().await.expect("text");
        assert!(refusal.contains(r#"{"Refused":"Form"}"#), "{case:?}: {refusal}");
        let form = post(&program, nora.cookie(), case, "text/html").await;
        assert_eq!(form.status(), StatusCode::FOUND, "{case:?}: a form goes back to its page");
        let page = form.headers()[header::LOCATION].to_str().expect("text");
        assert!(page.contains("/candidates?__path="), "{case:?}: {page}");
    }
}

#[tokio::test]
async fn a_form_whose_browser_leaves_is_carried_out() {
    let mut halden = Halden::new().await;
    let program = halden.start().await;
    halden.set_up(&program).await;
    let ada = halden.applies("Ada Berg", "ada@mail.example").await;
    halden.moves(&ada).await;
    until("the test goes out", async || halden.sent().await.len() == 1).await;
    halden.submits("ada@mail.example", 87).await;
    until("the result is there", async || halden.notes(&ada).await.iter().any(|note| note.contains("87/100"))).await;

    // Should the invite change between her reading and her press, she presses again on what she sees then.
    for _ in 0..4 {
        let list = halden.nora.get(&program, "/candidates").await.text().await.expect("text");
        let form = Form::to(&list, "/api/give_verdict");
        let mut fields: Vec<_> = form.fields.into_iter().map(|field| (field.name, field.value)).collect();
        fields.push(("verdict".to_owned(), "passed".to_owned()));
        halden.nora.leave_after(&program, "/api/give_verdict", &fields).await;
        let carried_out = async || halden.notes(&ada).await.iter().any(|note| note.contains("Verdict: passed"));
        if timeout(Duration::from_secs(10), until("the verdict is in the note", carried_out)).await.is_ok() {
            return;
        }
    }
    panic!("never: what the form began is carried out");
}
