//! Nobody takes so much at a time that others wait for it.

use reqwest::{Response, StatusCode, header};

use crate::{
    browser::Browser,
    halden::until,
    program::{Folder, Program},
    wire::Wire,
};

const NORA: &str = "nora@halden.example";
const TIM: &str = "tim@halden.example";

async fn two_people() -> (Program, Browser, Browser) {
    let folder = Folder::new();
    folder.add_user(NORA, "Super Admin").await;
    folder.add_user(TIM, "Team Member").await;
    let program = folder.serve().await;
    let (nora, tim) = (Browser::signed_in(&program, NORA).await, Browser::signed_in(&program, TIM).await);
    (program, nora, tim)
}

/// A form whose sender dawdles over its body.
async fn dawdling(program: &Program, browser: &Browser) -> Wire {
    let mut wire = Wire::open(program).await;
    let head = format!(
        "POST /api/give_verdict HTTP/1.1\r\nhost: {}\r\norigin: {}\r\ncookie: {}\r\n\
         content-type: application/x-www-form-urlencoded\r\ncontent-length: 100\r\n\r\ninvite=",
        program.url.trim_start_matches("http://"),
        program.url,
        browser.cookie(),
    );
    wire.say(head.as_bytes()).await;
    wire
}

async fn status(program: &Program, browser: &Browser) -> StatusCode {
    let answer = program.get("/account").header(header::COOKIE, browser.cookie()).send().await.expect("an answer");
    let is_told = answer.headers().contains_key(header::RETRY_AFTER);
    assert_eq!(is_told, answer.status() == StatusCode::TOO_MANY_REQUESTS, "when to come again");
    answer.status()
}

#[tokio::test]
async fn what_one_person_has_under_way_has_an_end_and_others_are_served() {
    let (program, nora, mut tim) = two_people().await;
    let mut under_way = Vec::new();
    while under_way.len() < 64 || status(&program, &nora).await != StatusCode::TOO_MANY_REQUESTS {
        assert!(under_way.len() < 128, "there is no end to it");
        // One may be refused for the look at how it stands.
        under_way.push(dawdling(&program, &nora).await);
    }
    assert_eq!(tim.get(&program, "/account").await.status(), StatusCode::OK, "somebody else is served");
    assert_eq!(Browser::default().get(&program, "/sign-in").await.status(), StatusCode::OK, "and who is nobody yet");
    drop(under_way);
    until("they are over", async || status(&program, &nora).await == StatusCode::OK).await;
}

#[tokio::test]
async fn so_many_pages_of_one_person_are_kept_up_to_date_and_no_more() {
    let (program, nora, tim) = two_people().await;
    let open = async |browser: &Browser| -> Response {
        program.get("/live").header(header::COOKIE, browser.cookie()).send().await.expect("an answer")
    };
    let mut pages = Vec::new();
    for _ in 0..32 {
        let page = open(&nora).await;
        assert_eq!(page.status(), StatusCode::OK);
        pages.push(page);
    }
    assert_eq!(open(&nora).await.status(), StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(open(&tim).await.status(), StatusCode::OK, "somebody else's");
    pages.pop();
    until("a page that is closed makes room", async || open(&nora).await.status() == StatusCode::OK).await;
}
