//! Connections as a bad network or a bad sender makes them: dawdling by the thousand, gone half-way, and with
//! a second request hidden in the first.

use std::time::Duration;

use tokio::{process::Command, task::JoinSet, time::timeout};

use crate::{
    genuine::Lever,
    halden::until,
    program::{Folder, Program},
    wire::Wire,
};

const POST: &str = "POST /webhooks/lever/x HTTP/1.1\r\nhost: x\r\n";
const SLOW: usize = 2_000;

/// Lets this process and those it starts open so many files.
async fn open_files(most: usize) {
    let own = std::process::id().to_string();
    let limit = format!("--nofile={most}:");
    let raised = Command::new("prlimit").args(["--pid", &own, &limit]).status().await;
    assert!(raised.expect("prlimit of util-linux runs").success(), "{most} open files are allowed");
}

async fn is_served(program: &Program) {
    assert!(program.get("/healthz").send().await.expect("an answer").status().is_success());
}

#[tokio::test]
async fn two_thousand_that_dawdle_over_headers_or_bodies_are_dropped_and_others_are_served() {
    open_files(3 * SLOW).await;
    let program = Folder::new().serve().await;
    let mut slow = JoinSet::new();
    for n in 0..SLOW {
        let mut one = Wire::open(&program).await;
        let headers = if n % 2 == 0 { "" } else { "content-length: 5000\r\n\r\n{\"id\":\"" };
        one.say(format!("{POST}{headers}").as_bytes()).await;
        slow.spawn(one.dawdle());
    }
    for _ in 0..20 {
        is_served(&program).await;
    }
    let gone = std::iter::from_fn(|| slow.try_join_next()).count();
    assert!(gone < SLOW / 4, "others are served while they are there, and not only after them");
    let served_until_they_are_gone = async {
        while !slow.is_empty() {
            tokio::select! {
                gone = slow.join_next() => gone.expect("one of them").expect("it dawdled"),
                () = is_served(&program) => {}
            }
        }
    };
    timeout(Duration::from_secs(30), served_until_they_are_gone).await.expect("all are dropped in time");
}

#[tokio::test]
async fn there_is_an_end_to_connections_and_whoever_comes_then_waits_for_a_place() {
    // Behind a proxy of ours is everybody: it may have all places.
    let program = Folder::new().serve_with_few_files(&[("CANDILEVER_TRUSTED_PROXIES", "127.0.0.1")]).await;
    let ask = b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n";
    let mut guests = Vec::new();
    for _ in 0..64 {
        let mut guest = Wire::open(&program).await;
        guest.say(ask).await;
        assert_eq!(guest.answer().await, "HTTP/1.1 200 OK");
        guests.push(guest);
    }
    let mut last = Wire::open(&program).await;
    last.say(ask).await;
    for guest in &mut guests {
        guest.say(ask).await;
        assert_eq!(guest.answer().await, "HTTP/1.1 200 OK", "those that are inside are served");
    }
    assert!(last.is_silent(), "there is no place");
    guests.pop();
    assert_eq!(last.answer().await, "HTTP/1.1 200 OK", "there is a place");
}

#[tokio::test]
async fn no_network_gets_all_connections() {
    let program = Folder::new().serve_with_few_files(&[]).await;
    let ask = b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n";
    let mut guests = Vec::new();
    for _ in 0..32 {
        let mut guest = Wire::open(&program).await;
        guest.say(ask).await;
        assert_eq!(guest.answer().await, "HTTP/1.1 200 OK");
        guests.push(guest);
    }
    for _ in 0..3 {
        assert_eq!(Wire::open(&program).await.all().await, "", "it has its share");
    }
    let mut other = Wire::from("127.0.0.9", &program).await;
    other.say(ask).await;
    assert_eq!(other.answer().await, "HTTP/1.1 200 OK", "another network is served");
    guests.pop();
    until("a place of the first one's is free", async || {
        let mut again = Wire::open(&program).await;
        again.say(ask).await;
        again.first_line().await == "HTTP/1.1 200 OK"
    })
    .await;
}

#[tokio::test]
async fn of_a_sender_that_goes_away_half_way_there_is_no_row_or_a_whole_one_and_the_retry_counts_once() {
    let mut lever = Lever::new().await;
    let ada = lever.halden.applies("Ada Berg", "ada@mail.example").await;
    let mut bodies = Vec::new();
    for share in 0..=20 {
        let body = lever.webhook(&format!("token {share}"), &ada).to_string();
        let request = lever.request(&body, body.len());
        let head = request.len() - body.len();
        let mut gone = Wire::open(&lever.program).await;
        gone.say(&request.as_bytes()[..head + body.len() * share / 20]).await;
        gone.break_off();
        let mut again = Wire::open(&lever.program).await;
        again.say(request.as_bytes()).await;
        assert_eq!(again.answer().await, "HTTP/1.1 200 OK", "{share} of 20 parts had come before");
        bodies.push(body);
    }
    let body = lever.webhook("unheard", &ada).to_string();
    let request = lever.request(&body, body.len());
    let mut gone = Wire::open(&lever.program).await;
    gone.say(request.as_bytes()).await;
    until("it is kept", async || lever.kept().await.contains(&body)).await;
    gone.break_off();
    let mut again = Wire::open(&lever.program).await;
    again.say(request.as_bytes()).await;
    assert_eq!(again.answer().await, "HTTP/1.1 200 OK", "nobody had heard the answer");
    bodies.push(body);
    bodies.sort();
    assert_eq!(lever.kept().await, bodies, "each once, and whole");

    // The same text was whole, but the sender had promised more.
    let body = lever.webhook("never repeated", &ada).to_string();
    let request = lever.request(&body, body.len() + 1);
    let mut gone = Wire::open(&lever.program).await;
    gone.say(request.as_bytes()).await;
    gone.break_off();
    // Stopped, the program has come to the end of all that it had begun.
    lever.program.signal("TERM").await;
    lever.program.ended().await;
    assert_eq!(lever.kept().await, bodies, "what is not whole is not kept");
}

/// A request that a proxy in front may read otherwise than we do: where it ends is not the same for all.
fn two_readings(first: &str) -> Vec<(&'static str, String)> {
    let hidden = "GET /pkg/hidden HTTP/1.1\r\nhost: x\r\n\r\n";
    let (length, chunked) = (hidden.len(), "0\r\n\r\n");
    let with = |name, headers: &str, body: &str| (name, format!("{first}{headers}\r\n{body}{hidden}"));
    let te = "transfer-encoding: chunked\r\n";
    vec![
        with("two lengths", &format!("content-length: 0\r\ncontent-length: {length}\r\n"), ""),
        with("two lengths in one", &format!("content-length: 0, {length}\r\n"), ""),
        with("a length and chunks", &format!("content-length: {}\r\n{te}", length + 5), chunked),
        with("chunks and a length", &format!("{te}content-length: {}\r\n", length + 5), chunked),
        with("a length with a sign", "content-length: +0\r\n", ""),
        with("a length in hexadecimal", "content-length: 0x0\r\n", ""),
        with("an unknown encoding", "transfer-encoding: xchunked\r\n", chunked),
        with("chunks that are not last", "transfer-encoding: chunked, identity\r\n", chunked),
        with("chunks twice", &format!("{te}{te}"), chunked),
        with("an encoding that chunks are the last of", "transfer-encoding: gzip, chunked\r\n", chunked),
        with("an encoding with a blank before the colon", "transfer-encoding : chunked\r\n", chunked),
        with("an encoding after a tab and a carriage return", "transfer-encoding:\t\rchunked\r\n", chunked),
        with("a header that goes on in the next line", "x: 1\r\n content-length: 5\r\ncontent-length: 0\r\n", ""),
        with("an encoding that goes on in the next line", "transfer-encoding:\r\n chunked\r\n", chunked),
        with("a header without a colon", "content-length 5\r\ncontent-length: 0\r\n", ""),
        with("a bare line feed within the headers", "x: 1\ncontent-length: 5\r\n", ""),
        with("a bare carriage return in a header", "x: 1\rcontent-length: 5\r\ncontent-length: 0\r\n", ""),
        with("NUL in a header", "x: \0\r\ncontent-length: 0\r\n", ""),
        with("a size that is none", te, "zero\r\n\r\n"),
        with("a size beyond all numbers", te, "10000000000000000\r\n\r\n"),
        with("a size with a sign", te, "-1\r\n\r\n"),
        with("a chunk that is longer than it says", te, "1\r\nxy\r\n0\r\n\r\n"),
        with("a chunk that ends with a bare line feed", te, "1\nx\n0\n\n"),
        with("an extension with a bare line feed", te, "1;a\nb\r\nx\r\n0\r\n\r\n"),
    ]
}

#[tokio::test]
async fn a_request_that_can_be_read_in_two_ways_is_refused_and_nothing_hidden_in_it_is_served() {
    let program = Folder::new().serve().await;
    for first in [POST, "GET /healthz HTTP/1.1\r\nhost: x\r\n"] {
        for (name, request) in two_readings(first) {
            let mut wire = Wire::open(&program).await;
            wire.say(request.as_bytes()).await;
            let said = wire.all().await;
            let answers: Vec<_> = said.lines().filter(|line| line.starts_with("HTTP/1.1 ")).collect();
            assert!(!answers.contains(&"HTTP/1.1 404 Not Found"), "{name}: what is hidden is served: {answers:?}");
            if first == POST {
                assert_eq!(answers, ["HTTP/1.1 400 Bad Request"], "{name}");
            }
        }
    }
}

#[tokio::test]
async fn only_http_1_is_spoken() {
    let program = Folder::new().serve().await;
    let mut wire = Wire::open(&program).await;
    wire.say(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0").await;
    let said = wire.all().await;
    assert!(said.is_empty() || said.starts_with("HTTP/1.1 400 "), "{said:?}");
    let mut wire = Wire::open(&program).await;
    wire.say(b"GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: upgrade, http2-settings\r\nupgrade: h2c\r\nhttp2-settings: AAMAAABkAAQAAP__\r\n\r\n").await;
    assert_eq!(wire.answer().await, "HTTP/1.1 200 OK", "answered as if nothing else had been offered");
}
