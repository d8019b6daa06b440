//! What a sender of webhooks and callbacks is told.

use std::time::Duration;

use reqwest::{Method, StatusCode};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};

use crate::program::{Folder, Program};

const STAGE_CHANGE: &str = r#"{"id":"e1","triggeredAt":1700000000000,"event":"candidateStageChange","token":"t","signature":"00","data":{"opportunityId":"o"}}"#;

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
async fn what_is_no_webhook_is_refused_without_harm() {
    let program = Folder::new().serve().await;
    let deep = "[".repeat(100_000);
    let strange = ["", "{", "null", "[]", "\u{feff}{}", "{\"id\":1}", deep.as_str()];
    for body in strange {
        let (status, text) = post(&program, "/webhooks/lever/unknown", body.to_owned()).await;
        assert!(matches!(status, StatusCode::BAD_REQUEST | StatusCode::UNAUTHORIZED), "{status} {body:.40}");
        assert_eq!(text, "");
    }
    let (status, _) = post(&program, "/webhooks/lever/unknown", vec![0xff; 64]).await;
    assert!(status.is_client_error());
}

/// The status, or nothing where the connection was closed on a sender that went on sending.
async fn refusal(program: &Program, path: &str, body: impl Into<reqwest::Body>) -> Option<StatusCode> {
    let answer = program.request(Method::POST, path).body(body).send().await;
    answer.ok().map(|answer| answer.status())
}

#[tokio::test]
async fn a_body_that_is_too_large_or_compressed_is_refused() {
    let program = Folder::new().serve().await;
    for path in ["/webhooks/lever/x", "/callbacks/canditech/x"] {
        let status = refusal(&program, path, vec![b' '; 256 * 1024 + 1]).await;
        assert!(matches!(status, None | Some(StatusCode::PAYLOAD_TOO_LARGE)), "declared, {path}: {status:?}");
        let chunks = futures::stream::iter((0..40).map(|_| Ok::<_, std::io::Error>(vec![b' '; 8192])));
        let status = refusal(&program, path, reqwest::Body::wrap_stream(chunks)).await;
        assert!(matches!(status, None | Some(StatusCode::PAYLOAD_TOO_LARGE)), "undeclared, {path}: {status:?}");
        let compressed = program.request(Method::POST, path).header("content-encoding", "gzip").body(STAGE_CHANGE);
        assert_eq!(compressed.send().await.expect("an answer").status(), StatusCode::UNSUPPORTED_MEDIA_TYPE);
        let largest = refusal(&program, path, vec![b' '; 256 * 1024]).await;
        assert!(matches!(largest, Some(StatusCode::BAD_REQUEST | StatusCode::UNAUTHORIZED)), "{largest:?}");
    }
}

#[tokio::test]
async fn a_sender_that_dawdles_over_its_headers_is_dropped_and_others_are_served() {
    let program = Folder::new().serve().await;
    let address = program.url.trim_start_matches("http://").to_owned();
    let mut slow = Vec::new();
    for _ in 0..50 {
        let mut one = TcpStream::connect(&address).await.expect("connected");
        one.write_all(b"POST /webhooks/lever/x HTTP/1.1\r\nhost: x\r\n").await.expect("written");
        slow.push(one);
    }
    assert!(program.get("/healthz").send().await.expect("an answer").status().is_success());
    for mut one in slow {
        let mut rest = Vec::new();
        // Closed, with or without a word.
        let ended = timeout(Duration::from_secs(15), one.read_to_end(&mut rest)).await;
        assert!(ended.is_ok(), "it is dropped in time");
    }
}
