//! What goes wrong with a mail on demand, and that it is over then.

use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::json;

use crate::post_stage::{Post, code};

const ADA: &str = "ada@halden.example";
const MESSAGE: &str = "Subject: One\r\n\r\nHello";

#[tokio::test]
async fn each_step_can_be_refused_for_as_many_mails_as_told() {
    let post = Post::start().await;
    for (at, number) in
        [("hello", 501), ("auth", 535), ("mail", 451), ("recipient", 550), ("data", 554), ("message", 451)]
    {
        let rule =
            json!({ "at": at, "kind": { "answer": { "code": number, "text": "5.7.1 No\nby order" } }, "times": 2 });
        post.fault(rule).await;
    }
    let mut caller = post.stranger().await;
    caller.hear().await;
    assert_eq!(caller.say("EHLO there").await.unwrap(), "501-5.7.1 No\r\n501 by order\r\n");
    let steps = ["EHLO there", "EHLO there", "AUTH PLAIN AGEAYg==", "AUTH PLAIN AGEAYg==", "AUTH PLAIN AGEAYg=="];
    assert_eq!(caller.codes(&steps).await, [501, 250, 535, 535, 235]);
    let from = ["MAIL FROM:<a@b.example>"; 3];
    assert_eq!(caller.codes(&from).await, [451, 451, 250]);
    let to = ["RCPT TO:<a@b.example>", "RCPT TO:<b@b.example>", "RCPT TO:<c@b.example>", "DATA", "DATA"];
    assert_eq!(caller.codes(&to).await, [550, 550, 250, 554, 554]);
    assert_eq!(caller.codes(&["DATA"]).await, [354]);
    assert_eq!(code(caller.say(&format!("{MESSAGE}\r\n.")).await), Some(451));
    assert_eq!(caller.send(ADA, MESSAGE).await, Some(451), "the mail before is over");
    assert!(post.mails("").await.is_empty());
    assert_eq!(caller.send(ADA, MESSAGE).await, Some(250));
    assert_eq!(post.mails("").await[0]["recipients"], json!([ADA]));
}

#[tokio::test]
async fn a_fault_for_one_address_leaves_the_others_alone_until_it_is_taken_away() {
    let post = Post::start().await;
    post.fault(json!({ "at": "recipient", "recipient": "Bob@halden.example", "kind": { "answer": { "code": 550 } } }))
        .await;
    post.fault(json!({ "at": "message", "recipient": ADA, "kind": { "answer": { "code": 452 } } })).await;
    let mut caller = post.caller().await;
    for _ in 0..2 {
        let to = ["RSET", "MAIL FROM:<>", "RCPT TO:<bob@halden.example>", "RCPT TO:<cyd@halden.example>"];
        assert_eq!(caller.codes(&to).await, [250, 250, 550, 250]);
    }
    caller.codes(&["RSET"]).await;
    assert_eq!(caller.send(ADA, MESSAGE).await, Some(452));
    assert_eq!(caller.send("cyd@halden.example", MESSAGE).await, Some(250));
    let rules = post.admin(Method::GET, "/sandbox/faults", json!({})).await;
    assert_eq!(rules["data"][0]["recipient"], "Bob@halden.example");
    post.admin(Method::DELETE, "/sandbox/faults", json!({})).await;
    assert_eq!(caller.send(ADA, MESSAGE).await, Some(250));
    assert_eq!(caller.send("bob@halden.example", MESSAGE).await, Some(250));
}

#[tokio::test]
async fn service_is_refused_and_the_connection_closed() {
    let post = Post::start().await;
    let closing = json!({ "answer": { "code": 421, "text": "4.3.2 Busy" } });
    post.fault(json!({ "at": "connect", "kind": closing, "times": 1 })).await;
    let mut caller = post.stranger().await;
    assert_eq!(caller.hear().await.as_deref(), Some("421 4.3.2 Busy\r\n"));
    assert_eq!(caller.hear().await, None);
    post.fault(json!({ "at": "message", "kind": closing, "times": 1 })).await;
    let mut caller = post.caller().await;
    assert_eq!(caller.send(ADA, MESSAGE).await, Some(421));
    assert_eq!(caller.hear().await, None);
    assert!(post.mails("").await.is_empty());
    assert_eq!(post.caller().await.send(ADA, MESSAGE).await, Some(250));
}

#[tokio::test]
async fn an_answer_lost_after_the_message_leaves_it_kept() {
    let post = Post::start().await;
    post.fault(json!({ "at": "message", "kind": "drop_before", "times": 1 })).await;
    assert_eq!(post.caller().await.send(ADA, MESSAGE).await, None);
    assert!(post.mails("").await.is_empty(), "closed without effect");
    post.fault(json!({ "at": "message", "kind": "drop_after", "times": 1 })).await;
    assert_eq!(post.caller().await.send(ADA, MESSAGE).await, None);
    assert_eq!(post.mails("").await.len(), 1, "it is there, and its sender does not know");
    post.fault(json!({ "at": "connect", "kind": "drop_before", "times": 1 })).await;
    assert_eq!(post.stranger().await.hear().await, None);
}

#[tokio::test]
async fn it_can_be_slow_at_any_step() {
    let post = Post::start().await;
    for rule in [
        json!({ "at": "connect", "kind": { "delay": { "ms": 40 } }, "times": 1 }),
        json!({ "at": "mail", "kind": { "drip": { "ms": 4 } }, "times": 1 }),
        json!({ "at": "message", "kind": { "delay": { "ms": 40 } }, "times": 1 }),
    ] {
        post.fault(rule).await;
    }
    let begin = Instant::now();
    let mut caller = post.caller().await;
    assert!(begin.elapsed() >= Duration::from_millis(40));
    assert_eq!(caller.send(ADA, MESSAGE).await, Some(250));
    assert!(begin.elapsed() >= Duration::from_millis(120), "10 bytes and more of a slow answer, and the last one late");

    // Longer than any test: the caller gives up, and the mail is there.
    post.fault(json!({ "at": "message", "kind": { "delay_after": { "ms": 3_600_000 } }, "times": 1 })).await;
    let unanswered = tokio::spawn(async move { caller.send("bob@halden.example", MESSAGE).await });
    let kept = async { while post.mails("?recipient=bob@halden.example").await.is_empty() {} };
    tokio::time::timeout(Duration::from_secs(20), kept).await.expect("it is kept");
    assert!(!unanswered.is_finished());
    post.sandbox.stop().await;
    assert_eq!(unanswered.await.unwrap(), None);
}

#[tokio::test]
async fn a_rule_without_a_step_strikes_at_the_first() {
    let post = Post::start().await;
    post.fault(json!({ "kind": { "answer": { "code": 421 } }, "times": 1 })).await;
    let mut caller = post.stranger().await;
    assert_eq!(code(caller.hear().await), Some(421));
    let refused = post.ask(Method::POST, "/sandbox/faults").json(&json!({ "at": "breakfast", "kind": "drop_after" }));
    assert_eq!(refused.send().await.unwrap().status(), 422);
}
