//! Somebody stops it: what is open ends properly, and soon.

use std::time::Duration;

use reqwest::{Response, header};

use crate::{
    browser::Browser,
    program::{Folder, Program},
};

/// An open stream, which has said the first that it says.
async fn open_stream(program: &Program, browser: &Browser) -> Response {
    let stream = program.get("/live").header(header::COOKIE, browser.cookie()).send().await;
    let mut stream = stream.expect("the stream opens");
    let first = stream.chunk().await.expect("it goes on").expect("a word");
    assert!(first.starts_with(b"event: build\ndata: pkg/"), "which build the server is of: {first:?}");
    stream
}

#[tokio::test]
async fn it_stops_with_an_open_event_stream() {
    let folder = Folder::new();
    folder.add_user("nora@halden.example", "Super Admin").await;
    let mut program = folder.serve().await;
    let browser = Browser::signed_in(&program, "nora@halden.example").await;
    let mut stream = open_stream(&program, &browser).await;
    assert_eq!(stream.headers()[header::CONTENT_TYPE], "text/event-stream");
    program.signal("TERM").await;
    let (code, took) = program.ended().await;
    assert_eq!(code, Some(0));
    assert!(took < Duration::from_secs(5), "{took:?}");
    assert!(stream.chunk().await.expect("the stream ends without a break").is_none());
}

#[tokio::test]
async fn the_stream_ends_when_its_person_signs_out_and_opens_for_nobody() {
    let folder = Folder::new();
    folder.add_user("nora@halden.example", "Super Admin").await;
    let program = folder.serve().await;
    let refused = program.get("/live").send().await.expect("an answer");
    assert_eq!(refused.status(), 401);
    let mut browser = Browser::signed_in(&program, "nora@halden.example").await;
    let mut stream = open_stream(&program, &browser).await;
    // A second sign-in in the same browser replaces the session, as signing out ends it.
    browser.sign_in(&program, "nora@halden.example", crate::program::PASSWORD, None).await;
    assert!(stream.chunk().await.expect("the stream ends without a break").is_none());
}

#[tokio::test]
async fn a_second_signal_ends_it_at_once() {
    let folder = Folder::new();
    let mut program = folder.serve().await;
    // A request that never finishes its body holds the end, but a second signal does not wait for it.
    let mut half = tokio::net::TcpStream::connect(program.url.trim_start_matches("http://")).await.expect("connected");
    let head = b"POST /webhooks/lever/x HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\nabc";
    tokio::io::AsyncWriteExt::write_all(&mut half, head).await.expect("written");
    assert!(program.get("/healthz").send().await.expect("an answer").status().is_success());
    program.signal("INT").await;
    // Once it listens no more, the first signal has been heard.
    while program.get("/healthz").send().await.is_ok() {}
    program.signal("INT").await;
    let (code, took) = program.ended().await;
    assert_eq!(code, Some(0));
    assert!(took < Duration::from_secs(5), "{took:?}");
}
