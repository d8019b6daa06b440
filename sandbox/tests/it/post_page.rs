//! The outbox, as a person reads it.

use reqwest::{Method, StatusCode};
use serde_json::Value;

use crate::post_stage::Post;

async fn read(post: &Post, path: &str) -> String {
    let answer = post.ask(Method::GET, path).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK, "{path}");
    answer.text().await.unwrap()
}

#[tokio::test]
async fn the_newest_mail_is_first_with_its_links_and_nothing_as_markup() {
    let post = Post::start().await;
    let page = read(&post, "/").await;
    assert!(page.contains("No mail yet.") && page.contains("sends nothing on"));
    let mut caller = post.caller().await;
    caller.send("ada@halden.example", "Subject: First <b>\r\n\r\nOpen https://a.example/x?y=1&z=2.").await;
    caller.send("bob@halden.example", "X: y\r\n\r\n<script>alert(1)</script> javascript:alert(1)").await;
    let page = read(&post, "/").await;
    let at = |words: &str| page.find(words).unwrap_or_else(|| panic!("{words} in {page}"));
    assert!(at("bob@halden.example") < at("ada@halden.example"));
    at("First &lt;b&gt;");
    at("(no subject)");
    at("&lt;script&gt;alert(1)&lt;/script&gt; javascript:alert(1)");
    at("<a href=\"https://a.example/x?y=1&amp;z=2\" rel=\"noreferrer\">https://a.example/x?y=1&amp;z=2</a>.");
    assert!(!page.contains("<b>") && !page.contains("<script>"));
    let version: Value = serde_json::from_str(&read(&post, "/version").await).unwrap();
    assert!(page.contains("data-live=\"/version\" data-version=\"2\"") && version["version"] == 2);
    read(&post, "/stand-in.css").await;
    assert_eq!(post.ask(Method::GET, "/nothing").send().await.unwrap().status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn older_mails_are_a_page_away() {
    let post = Post::start().await;
    let mut caller = post.caller().await;
    for number in 1..=51 {
        caller.send("ada@halden.example", &format!("Subject: Number {number}.\r\n\r\n")).await;
    }
    let page = read(&post, "/").await;
    assert!(page.contains("Number 51.") && page.contains("Number 2.") && !page.contains("Number 1."));
    assert!(page.contains("href=\"/?before=2\""));
    let page = read(&post, "/?before=2").await;
    assert!(page.contains("Number 1.") && !page.contains("Number 2.") && !page.contains("before="));
}
