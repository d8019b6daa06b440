//! The program fails inside: people are told so in a sentence, the log tells why under the answer's id, and
//! nothing of how it is made is told to anybody.

use std::{collections::BTreeSet, time::Duration};

use futures::future::join_all;
use reqwest::{Response, header};
use sqlx::{AssertSqlSafe, Executor as _};

use crate::{
    browser::Browser,
    nobody,
    program::{Folder, Program},
    story_confidential::walk::Ask,
    wire::Wire,
};

const NORA: &str = "nora@halden.example";
const LOG: &str = "log";
/// It is sent as it is read.
const EXPORT: &str = "/audit/export";
/// As many programs share the tables.
const PARTS: usize = 3;
/// What an answer must not have: SQL, the database, the source, its libraries, the version, a panic.
const INSIDE: [&str; 18] = [
    "no such table",
    "no such column",
    "select ",
    "insert into",
    "update ",
    "sqlite",
    "postgres",
    "sqlx",
    "database error",
    "constraint",
    ".rs:",
    "src/",
    "panicked",
    "stack backtrace",
    "axum",
    "tokio",
    "hyper",
    concat!("candilever ", env!("CARGO_PKG_VERSION")),
];

/// The program, which logs to [`LOG`], and a Super Admin.
async fn logging() -> (Folder, Program, Browser) {
    let folder = Folder::new();
    folder.add_user(NORA, "Super Admin").await;
    let program = folder.serve_with_log(&[], &folder.path().join(LOG)).await;
    let nora = Browser::signed_in(&program, NORA).await;
    (folder, program, nora)
}

/// The answer; nothing of an export that broke off before anything of it was sent.
async fn asked(browser: &mut Browser, program: &Program, ask: &Ask) -> Option<Response> {
    match &ask.arguments {
        None => Some(browser.get(program, &ask.path).await),
        Some(arguments) if ask.path == EXPORT => {
            program.post(EXPORT).header(header::COOKIE, browser.cookie()).form(arguments).send().await.ok()
        }
        Some(arguments) => Some(browser.call(program, &ask.path, arguments).await),
    }
}

/// What stands where somebody would read it: an answer of a page without its scripts and links.
fn words(text: &str) -> String {
    let text = text.split("<script").map(|part| part.split_once("</script>").map_or(part, |(_, rest)| rest));
    let text: String = text.collect();
    text.split('<').map(|part| part.split_once('>').map_or(part, |(_, rest)| rest)).collect::<Vec<_>>().join(" ")
}

/// Takes one table after the other away from a program of its own, every [`PARTS`]th, and asks everything;
/// answers where it met a server error, once for each.
async fn broken(part: usize) -> Vec<String> {
    let (folder, program, mut nora) = logging().await;
    let log = folder.path().join(LOG);
    let mut database = nobody::open(&folder).await;
    let mut broken = Vec::new();
    for table in nobody::tables(&mut database).await.into_iter().skip(part).step_by(PARTS) {
        let mut ids = Vec::new();
        // As a disk that forgot: other tables still name it.
        let away = format!("PRAGMA legacy_alter_table = ON; ALTER TABLE \"{table}\" RENAME TO forgotten");
        let back = format!("PRAGMA legacy_alter_table = ON; ALTER TABLE forgotten RENAME TO \"{table}\"");
        database.execute(sqlx::raw_sql(AssertSqlSafe(away))).await.expect("it is gone");
        for ask in nobody::hidden().asks().iter().filter(|ask| ask.path != "/api/sign_out") {
            let Some(answer) = asked(&mut nora, &program, ask).await else { continue };
            let status = answer.status();
            let id = answer.headers().get("x-request-id").expect("an id").to_str().expect("text").to_owned();
            let to = answer.headers().get(header::LOCATION).map(|to| to.to_str().expect("text").to_owned());
            // An export that fails on its way breaks off.
            let text = answer.text().await.unwrap_or_default();
            let text = format!("{} {}", to.unwrap_or_default(), words(&text)).to_lowercase();
            let found: Vec<_> =
                INSIDE.iter().filter(|inside| status.is_server_error() && text.contains(*inside)).collect();
            assert!(found.is_empty(), "{table} is gone, {ask:?}: {found:?} in {text}");
            assert!(!text.contains(&folder.path().display().to_string()), "{ask:?}: {text}");
            if status.is_server_error() {
                assert!(id.len() >= 20 && !text.trim().is_empty(), "{ask:?}: {id} {text}");
                broken.push(ask.path.split('?').next().unwrap_or_default().to_owned());
                ids.push((id, ask.path.clone()));
            }
        }
        let logged = std::fs::read_to_string(&log).expect("the log");
        for (id, path) in &ids {
            assert!(logged.contains(id), "{path}: the log says why under {id}");
        }
        database.execute(sqlx::raw_sql(AssertSqlSafe(back))).await.expect("it is there again");
    }
    let answer = nora.get(&program, "/candidates").await;
    assert!(answer.status().is_success(), "and it goes on: {}", answer.status());
    broken
}

#[tokio::test]
async fn whatever_fails_inside_is_told_in_a_sentence_and_an_id() {
    let broken = join_all((0..PARTS).map(broken)).await.concat();
    let routes: BTreeSet<&str> = broken.iter().map(String::as_str).collect();
    println!("{} answers of a server error at {} addresses", broken.len(), routes.len());
    for expected in ["/candidates", "/settings/audit", "/api/list_candidates", "/api/team_page", "/audit/export"] {
        assert!(routes.contains(expected), "{expected}: {routes:?}");
    }
}

#[tokio::test]
async fn whoever_leaves_in_the_middle_of_a_page_leaves_nothing_broken() {
    let (folder, program, mut nora) = logging().await;
    let log = folder.path().join(LOG);
    let pages = ["/", "/candidates", "/activity", "/settings/team", "/settings/integrations/lever", "/account"];
    for waited in 0..60 {
        join_all(pages.iter().map(async |page| {
            let mut leaving = Wire::open(&program).await;
            let host = program.url.trim_start_matches("http://");
            let head = format!("GET {page} HTTP/1.1\r\nhost: {host}\r\ncookie: {}\r\n\r\n", nora.cookie());
            leaving.say(head.as_bytes()).await;
            // Not a wait for anything: each leaves at another moment of the making of its page.
            tokio::time::sleep(Duration::from_millis(waited)).await;
            leaving.break_off();
        }))
        .await;
        // What was left is made to its end all the same: none of it is to wait for the rounds before.
        let answer = nora.get(&program, "/account").await;
        assert!(answer.status().is_success(), "and it goes on: {}", answer.status());
    }
    let logged = std::fs::read_to_string(&log).expect("the log");
    let broken = logged.lines().position(|line| line.contains("panicked") || line.contains("ERROR"));
    let told = |at| logged.lines().skip(at).take(400).collect::<Vec<_>>().join("\n");
    assert!(broken.is_none(), "{}", broken.map(told).unwrap_or_default());
}
