//! What a sender of webhooks and callbacks is told.

use std::collections::BTreeMap;

use futures::{StreamExt as _, stream};
use reqwest::{Method, RequestBuilder, StatusCode};
use serde_json::{Value, json};

use crate::{
    genuine::Lever,
    halden::{Halden, STAGE, until},
    program::{Folder, Program, client_that_keeps_connections},
    wire::Wire,
};

const STAGE_CHANGE: &str = r#"{"id":"e1","triggeredAt":1700000000000,"event":"candidateStageChange","token":"t","signature":"00","data":{"opportunityId":"o"}}"#;
const DATA: &str = r#"{"opportunityId":"o"}"#;

async fn post(program: &Program, path: &str, body: impl Into<reqwest::Body>) -> (StatusCode, String) {
    let answer = program.request(Method::POST, path).body(body).send().await.expect("an answer");
    (answer.status(), answer.text().await.expect("text"))
}

#[tokio::test]
async fn an_unknown_address_and_a_wrong_signature_are_told_the_same() {
    let program = Folder::new().serve().await;
    for path in ["/webhooks/lever/unknown", "/webhooks/lever/%00", "/webhooks/lever/..%2f..", "/callbacks/nobody/x"] {
        assert_eq!(post(&program, path, STAGE_CHANGE).await, (StatusCode::UNAUTHORIZED, String::new()), "{path}");
    }
}

/// All that is said, but for what each answer has of its own: its moment, its id and its nonce.
async fn said(request: RequestBuilder) -> (StatusCode, BTreeMap<String, String>, String) {
    let answer = request.send().await.expect("an answer");
    let own = ["date", "x-request-id", "content-security-policy"];
    let headers = answer.headers().iter().map(|(name, value)| {
        let value = value.to_str().expect("text");
        (name.to_string(), if own.contains(&name.as_str()) { String::new() } else { value.to_owned() })
    });
    let headers = headers.collect();
    (answer.status(), headers, answer.text().await.expect("text"))
}

/// Webhooks that nothing of ours confirms, and where they are sent.
fn unconfirmed(lever: &Lever) -> Vec<(&'static str, String, String)> {
    let ours = lever.path.as_str();
    let genuine = lever.webhook("a token", "an opportunity");
    let signature = genuine["signature"].as_str().expect("text").to_owned();
    let with = |name: &str, value: Value| {
        let mut body = genuine.clone();
        body[name] = value;
        body.to_string()
    };
    let without = |name: &str| {
        let mut body = genuine.clone();
        body.as_object_mut().expect("an object").remove(name);
        body.to_string()
    };
    let flipped = |place: usize| {
        let digit = if &signature[place..=place] == "0" { "1" } else { "0" };
        let mut forged = signature.clone();
        forged.replace_range(place..=place, digit);
        json!(forged)
    };
    let all = [
        ("an unknown address", "/webhooks/lever/unknown", genuine.to_string()),
        ("an address that is no text", "/webhooks/lever/%ff", genuine.to_string()),
        ("a callback to an unknown account", "/callbacks/canditech/unknown", genuine.to_string()),
        ("a callback of an unknown protocol", "/callbacks/nobody/unknown", genuine.to_string()),
        ("the first digit is wrong", ours, with("signature", flipped(0))),
        ("the last digit is wrong", ours, with("signature", flipped(63))),
        ("in capitals", ours, with("signature", json!(signature.to_uppercase()))),
        ("too short", ours, with("signature", json!(signature[..62]))),
        ("empty", ours, with("signature", json!(""))),
        ("a number", ours, with("signature", json!(7))),
        ("no signature", ours, without("signature")),
        ("no token", ours, without("token")),
        ("no time", ours, without("triggeredAt")),
        ("a token of another's", ours, with("token", json!("another token"))),
        ("a time of another's", ours, with("triggeredAt", json!(1_790_000_000_000_i64))),
        ("no object", ours, "[]".to_owned()),
        ("nothing", ours, "null".to_owned()),
        ("unsigned, at an unknown address", "/webhooks/lever/unknown", without("signature")),
    ];
    all.map(|(name, path, body)| (name, path.to_owned(), body)).into()
}

#[tokio::test]
async fn whatever_nothing_confirms_is_told_the_same_to_the_last_header() {
    let lever = Lever::new().await;
    let address = lever.read("SELECT endpoint FROM provider_accounts").await;
    let mut all = unconfirmed(&lever);
    all.push(("an unsigned callback", format!("/callbacks/canditech/{address}"), "{}".into()));
    all.push(("a callback of another protocol", format!("/callbacks/greenhouse-partner/{address}/x"), "{}".into()));
    let first = said(lever.program.request(Method::POST, &all[0].1).body(all[0].2.clone())).await;
    assert_eq!((first.0, first.2.as_str()), (StatusCode::UNAUTHORIZED, ""));
    for (name, path, body) in all {
        assert_eq!(said(lever.program.request(Method::POST, &path).body(body)).await, first, "{name}");
    }
    let genuine = lever.webhook("a token", "an opportunity").to_string();
    let taken = said(lever.program.request(Method::POST, &lever.path).body(genuine.clone())).await;
    assert_eq!((taken.0, lever.kept().await), (StatusCode::OK, vec![genuine]), "one was genuine");
}

#[tokio::test]
async fn no_answer_to_a_machine_is_a_redirect_or_a_page() {
    let program = Folder::new().serve().await;
    let paths = [
        "/webhooks/lever/x",
        "/webhooks/lever/x/",
        "/webhooks/lever",
        "/webhooks/",
        "/webhooks/other/x",
        "/callbacks/canditech/x",
        "/callbacks/canditech/x/y/z",
        "/callbacks/greenhouse-partner/x",
        "/callbacks/greenhouse-partner/x/inv_1",
        "/callbacks/x",
        "/healthz",
        "/readyz",
    ];
    for path in paths {
        for method in ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"] {
            let method: Method = method.parse().expect("a method");
            let request = program.request(method.clone(), path).header("host", "another.example");
            let answer = request.send().await.expect("an answer");
            assert!(!answer.status().is_redirection(), "{method} {path}: {}", answer.status());
            assert!(!answer.status().is_server_error(), "{method} {path}: {}", answer.status());
            assert!(!answer.text().await.expect("text").contains("<html"), "{method} {path}");
        }
    }
    let read = program.get("/webhooks/lever/x").send().await.expect("an answer");
    assert_eq!(read.status(), StatusCode::METHOD_NOT_ALLOWED);
}

#[tokio::test]
async fn a_message_comes_by_post_and_in_no_other_way() {
    let program = Folder::new().serve().await;
    for method in ["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND"] {
        let method: Method = method.parse().expect("a method");
        let answer = program.request(method.clone(), "/webhooks/lever/x").body(STAGE_CHANGE).send().await;
        assert_eq!(answer.expect("an answer").status(), StatusCode::METHOD_NOT_ALLOWED, "{method}");
    }
}

/// What cannot be read as JSON at all, made of a message whose data is `{"opportunityId":"o"}`.
fn no_json(message: &str) -> Vec<String> {
    vec![
        String::new(),
        "{".into(),
        format!("\u{feff}{message}"),
        format!("{message}{message}"),
        message.replace(DATA, &"{\"a\":".repeat(40_000)),
        message.replace(DATA, "{\"opportunityId\":\"o\0\"}"),
    ]
}

/// JSON that one reader reads in one way and another in another, or not at all.
fn unsound(message: &str) -> Vec<String> {
    let data = [
        format!("{{\"opportunityId\":\"o\",\"a\":{}0{}}}", "[".repeat(100_000), "]".repeat(100_000)),
        format!("{{\"opportunityId\":{}}}", "9".repeat(200_000)),
        r#"{"opportunityId":"o","opportunityId":"p"}"#.into(),
        r#"{"opportunityId":"o","a":{"b":1,"b":2}}"#.into(),
        r#"{"opportunityId":"\ud800"}"#.into(),
        r#"{"opportunityId":"o","a":"\udc00\ud800"}"#.into(),
        r#"{"opportunityId":"o\u0000"}"#.into(),
    ];
    data.iter().map(|data| message.replace(DATA, data)).collect()
}

#[tokio::test]
async fn what_is_no_webhook_is_refused_without_harm() {
    let lever = Lever::new().await;
    let mut genuine = lever.webhook("a token", "");
    genuine["data"] = json!({ "opportunityId": "o" });
    let genuine = genuine.to_string();
    assert!(genuine.contains(DATA), "{genuine}");
    let twice = genuine.replacen("\"token\":", "\"token\":\"a token\",\"token\":", 1);
    for (path, message, of_the_unsound) in [
        ("/webhooks/lever/unknown", STAGE_CHANGE, StatusCode::UNAUTHORIZED),
        // Only what a token confirms is read so far that it is seen to be unsound.
        (lever.path.as_str(), STAGE_CHANGE, StatusCode::UNAUTHORIZED),
        (lever.path.as_str(), genuine.as_str(), StatusCode::BAD_REQUEST),
    ] {
        for body in no_json(message) {
            let answer = post(&lever.program, path, body.clone()).await;
            assert_eq!(answer, (StatusCode::BAD_REQUEST, String::new()), "{path} {body:.60}");
        }
        for body in unsound(message) {
            let answer = post(&lever.program, path, body.clone()).await;
            assert_eq!(answer, (of_the_unsound, String::new()), "{path} {body:.200}");
        }
        for body in [vec![0xff; 64], [message.as_bytes(), &[0xc0, 0x80]].concat()] {
            assert_eq!(post(&lever.program, path, body).await, (StatusCode::BAD_REQUEST, String::new()), "{path}");
        }
    }
    assert_eq!(post(&lever.program, &lever.path, "[".repeat(100_000)).await.0, StatusCode::UNAUTHORIZED);
    assert_eq!(post(&lever.program, &lever.path, twice).await.0, StatusCode::UNAUTHORIZED, "which token is signed?");
    assert!(lever.kept().await.is_empty());
    assert_eq!(post(&lever.program, &lever.path, genuine.clone()).await.0, StatusCode::OK);
    assert_eq!(lever.kept().await, [genuine]);
}

/// Writes to the program as no client would; answers the first line of what it says, reading no further.
async fn told(program: &Program, parts: &[&[u8]]) -> String {
    let mut wire = Wire::open(program).await;
    for part in parts {
        wire.say(part).await;
    }
    wire.first_line().await
}

#[tokio::test]
async fn a_body_that_is_too_large_is_refused_before_it_has_come() {
    let program = Folder::new().serve().await;
    let head = "POST /webhooks/lever/x HTTP/1.1\r\nhost: x\r\n";
    let declared = format!("{head}content-length: 52428800\r\n\r\n");
    assert_eq!(told(&program, &[declared.as_bytes()]).await, "HTTP/1.1 413 Payload Too Large");
    let chunked = format!("{head}transfer-encoding: chunked\r\n\r\n{:x}\r\n", 50 << 20);
    let more_than_allowed = vec![b' '; 257 * 1024];
    assert_eq!(told(&program, &[chunked.as_bytes(), &more_than_allowed]).await, "HTTP/1.1 413 Payload Too Large");
}

#[tokio::test]
async fn too_many_headers_and_two_lengths_are_refused() {
    let program = Folder::new().serve().await;
    let head = "POST /webhooks/lever/x HTTP/1.1\r\nhost: x\r\n";
    let many: String = (0..200).map(|n| format!("x-{n}: y\r\n")).collect();
    let large = format!("x-large: {}\r\n", "y".repeat(1 << 20));
    for headers in [many, large] {
        let request = format!("{head}{headers}content-length: 0\r\n\r\n");
        assert_eq!(told(&program, &[request.as_bytes()]).await, "HTTP/1.1 431 Request Header Fields Too Large");
    }
    for lengths in ["content-length: 1\r\ncontent-length: 2\r\n", "content-length: -1\r\n", "content-length: x\r\n"] {
        let request = format!("{head}{lengths}\r\n{STAGE_CHANGE}");
        assert_eq!(told(&program, &[request.as_bytes()]).await, "HTTP/1.1 400 Bad Request", "{lengths}");
    }
    assert!(program.get("/healthz").send().await.expect("an answer").status().is_success());
}

/// The status, or nothing where the connection was closed on a sender that went on sending.
async fn refusal(program: &Program, path: &str, body: impl Into<reqwest::Body>) -> Option<StatusCode> {
    let answer = program.request(Method::POST, path).body(body).send().await;
    answer.ok().map(|answer| answer.status())
}

#[tokio::test]
async fn a_body_that_is_too_large_or_compressed_is_refused() {
    let program = Folder::new().serve().await;
    for path in ["/webhooks/lever/x", "/callbacks/canditech/x", "/callbacks/greenhouse-partner/x/inv_1"] {
        let status = refusal(&program, path, vec![b' '; 256 * 1024 + 1]).await;
        assert!(matches!(status, None | Some(StatusCode::PAYLOAD_TOO_LARGE)), "declared, {path}: {status:?}");
        let chunks = stream::iter((0..40).map(|_| Ok::<_, std::io::Error>(vec![b' '; 8192])));
        let status = refusal(&program, path, reqwest::Body::wrap_stream(chunks)).await;
        assert!(matches!(status, None | Some(StatusCode::PAYLOAD_TOO_LARGE)), "undeclared, {path}: {status:?}");
        let compressed = program.request(Method::POST, path).header("content-encoding", "gzip").body(STAGE_CHANGE);
        assert_eq!(compressed.send().await.expect("an answer").status(), StatusCode::UNSUPPORTED_MEDIA_TYPE);
        let largest = refusal(&program, path, vec![b' '; 256 * 1024]).await;
        assert!(matches!(largest, Some(StatusCode::BAD_REQUEST | StatusCode::UNAUTHORIZED)), "{largest:?}");
    }
}

#[tokio::test]
async fn a_burst_of_five_hundred_moves_is_answered_2xx_at_the_first_try() {
    let mut halden = Halden::new().await;
    let program = halden.start().await;
    halden.set_up(&program).await;
    let everybody = serde_json::json!({ "n": 500, "posting": "Python Developer" });
    let made = halden.lever("/sandbox/candidates/bulk", everybody).await;
    let stage_change = serde_json::json!({ "opportunities": made["opportunities"], "stage": STAGE });
    halden.lever("/sandbox/bulk-move", stage_change).await;
    until("all are answered", async || {
        let state = halden.lever_state().await;
        let all = state["deliveries"].as_array().expect("a list");
        let told: Vec<_> = all.iter().filter(|one| one["event"] == "candidateStageChange").collect();
        assert!(told.iter().all(|one| one["attempts"].as_u64() <= Some(1)), "one was refused");
        told.iter().filter(|one| one["state"] == "delivered").count() == 500
    })
    .await;
}

#[tokio::test]
async fn of_five_thousand_webhooks_at_once_each_is_answered_2xx_at_the_first_try_and_is_there() {
    let lever = Lever::new().await;
    let (client, address) = (client_that_keeps_connections(), format!("{}{}", lever.program.url, lever.path));
    let send = |n: usize| {
        let webhook = lever.webhook(&format!("one of many, {n}"), &format!("opportunity {n}"));
        let sending = client.post(&address).json(&webhook).send();
        async { sending.await.map(|answer| answer.status()) }
    };
    let answers: Vec<_> = stream::iter(0..5_000).map(send).buffer_unordered(64).collect().await;
    let refused: Vec<_> = answers.iter().filter(|answer| !matches!(answer, Ok(StatusCode::OK))).collect();
    assert!(refused.is_empty(), "{} of them: {:?}", refused.len(), refused[0]);
    let kept = lever.kept().await;
    assert_eq!(kept.iter().filter(|body| body.contains("one of many, ")).count(), 5_000);
}
