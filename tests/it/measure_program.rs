//! What the program as a whole takes: its start, its memory and its pages beside ten thousand candidates, and the
//! ways from a move to the invite and from a click to another browser. Run by hand, after
//! `cargo xtask build --release`, which puts the pages' files inside:
//! `cargo test --release -p candilever --test it measure_program -- --ignored --nocapture --test-threads 1`.

use std::{
    fs,
    future::Future,
    io::Write as _,
    time::{Duration, Instant},
};

use engine::settings::USUAL_CALLS_PER_SECOND;
use reqwest::{Response, StatusCode, header};
use serde_json::{Value, json};
use sqlx::{AnyConnection, Connection as _};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::{MissedTickBehavior, interval, sleep},
};

use crate::{
    browser::Browser,
    genuine::Lever,
    halden::{Halden, NORA},
    program::{Program, client_that_keeps_connections},
};

const STARTS: usize = 9;
const LOOKS: usize = 200;
const MOVES: usize = 60;
const CLICKS: usize = 100;
const WEBHOOKS: usize = 100_000;
const SENDERS: usize = 32;
/// Webhooks a second while pages are opened: a company's busiest moment.
const BURST: u32 = 500;
/// And as many as one organization may send.
const FLOOD: u32 = 950;
const ANSWER: Duration = Duration::from_millis(100);

/// Ten thousand candidates as the one that is there, each with ten entries of a timeline.
const CANDIDATES: &str = "
    WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 9999)
    INSERT INTO invites (id, organization_id, opportunity_id, contact_id, attachment_id, provider_account_id,
        assessment_id, assessment_name, round, posting_id, posting_title, stage_id, entered_stage_at,
        candidate_name, candidate_email, state, read_at, sent_at, completed_at, score_thousandths,
        score_max_thousandths, sections, report_token, verdict, created_at, changed_at)
    SELECT 'inv_' || printf('%032x', n), organization_id, opportunity_id || n, contact_id || n, attachment_id,
        provider_account_id, assessment_id, assessment_name, 1, posting_id, posting_title, stage_id,
        entered_stage_at, 'Candidate Number ' || n, 'candidate' || n || '@mail.example', 'completed', read_at,
        sent_at, completed_at, 87000, 100000, sections, report_token || n,
        CASE n % 3 WHEN 0 THEN 'n/a' WHEN 1 THEN 'passed' ELSE 'failed' END, created_at - n * 1000,
        changed_at - n * 1000
    FROM invites, numbers;
    WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 10)
    INSERT INTO timeline (id, organization_id, invite_id, at, kind, sentence)
    SELECT 'ent_' || invites.id || n, organization_id, invites.id, created_at + n, 'note', 'The note was written.'
    FROM invites, numbers;";

fn report(line: &str) {
    writeln!(std::io::stderr(), "{line}").expect("a place to write");
}

/// The middle, the 95th and the 99th of a hundred.
fn shown(mut times: Vec<Duration>) -> String {
    times.sort_unstable();
    let at = |hundredths: usize| times[(times.len() * hundredths).div_ceil(100) - 1];
    format!("p50 {:.1?}, p95 {:.1?}, p99 {:.1?}", at(50), at(95), at(99))
}

/// Its memory: all that is there of it, and what of that is its own and not of files.
fn memory(program: &Program) -> String {
    let status = fs::read_to_string(format!("/proc/{}/status", program.id())).expect("it runs");
    let mebibytes = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name)).expect("its memory");
        let kibibytes = line.trim().trim_end_matches(" kB").parse::<u32>().expect("a number");
        f64::from(kibibytes) / 1024.0
    };
    format!("{:.1} MiB, {:.1} of it its own", mebibytes("VmRSS:"), mebibytes("RssAnon:"))
}

/// Waits as closely as it can without taking the processor from those it waits for.
async fn soon<F: Future<Output = bool>>(mut is_so: impl FnMut() -> F) -> Duration {
    let began = Instant::now();
    while !is_so().await {
        assert!(began.elapsed() < Duration::from_secs(30), "it never came");
        sleep(Duration::from_millis(2)).await;
    }
    began.elapsed()
}

/// Lever's own rate, and our usual share of it.
async fn as_usual(halden: &Halden) {
    halden.at_rate(USUAL_CALLS_PER_SECOND.get()).await;
    halden.lever("/sandbox/rate", json!({ "per_second": 10, "burst": 20 })).await;
}

async fn starts(halden: &Halden) -> Vec<Duration> {
    let mut times = Vec::new();
    for _ in 0..STARTS {
        let began = Instant::now();
        let program = halden.start().await;
        assert_eq!(program.get("/readyz").send().await.expect("an answer").status(), StatusCode::OK);
        times.push(began.elapsed());
        halden.stop(program).await;
    }
    times
}

async fn looks(program: &Program, browser: &mut Browser, path: &str) -> Vec<Duration> {
    let mut times = Vec::new();
    for _ in 0..LOOKS {
        let began = Instant::now();
        let mut page: Response = browser.get(program, path).await;
        assert_eq!(page.status(), StatusCode::OK, "{path}");
        assert!(page.chunk().await.expect("an answer").is_some(), "{path}: it has a text");
        times.push(began.elapsed());
        page.bytes().await.expect("an answer");
    }
    times
}

/// Sends webhooks over one connection, at this distance from each other.
async fn send(lever: &Lever, sender: usize, count: usize, distance: Duration) {
    let host = lever.program.url.trim_start_matches("http://");
    let mut stream = TcpStream::connect(host).await.expect("it listens");
    let mut pace = interval(distance);
    pace.set_missed_tick_behavior(MissedTickBehavior::Burst);
    let mut answer = Vec::new();
    for n in 0..count {
        pace.tick().await;
        let token = uuid::Uuid::new_v4().simple().to_string();
        let body = lever.webhook(&token, &format!("opportunity-{sender}-{n}")).to_string();
        stream.write_all(lever.request(&body, body.len()).as_bytes()).await.expect("sent");
        answer.clear();
        while !answer.ends_with(b"\r\n\r\n") {
            assert!(stream.read_buf(&mut answer).await.expect("an answer") > 0, "it goes on serving");
        }
        assert!(answer.starts_with(b"HTTP/1.1 2"), "{}", String::from_utf8_lossy(&answer));
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a measurement, not a promise"]
async fn start_memory_and_pages_beside_ten_thousand_candidates() {
    let mut lever = Lever::new().await;
    let ada = lever.halden.applies("Ada Berg", "ada@mail.example").await;
    lever.halden.moves(&ada).await;
    soon(async || lever.halden.sent().await.len() == 1).await;
    lever.halden.submits("ada@mail.example", 87).await;
    soon(async || lever.halden.notes(&ada).await.iter().any(|note| note.contains("87/100"))).await;
    let Lever { halden, program, .. } = &lever;
    as_usual(halden).await;
    let stopped = program.id();
    program.signal("TERM").await;
    soon(async || !fs::exists(format!("/proc/{stopped}/exe")).is_ok_and(|is| is)).await;
    report(&format!("start to the first 200, one candidate: {}", shown(starts(halden).await)));
    sqlx::any::install_default_drivers();
    let mut database = AnyConnection::connect(&halden.folder.database_url()).await.expect("the database opens");
    sqlx::raw_sql(CANDIDATES).execute(&mut database).await.expect("ten thousand candidates");
    let entries: i64 =
        sqlx::query_scalar("SELECT COUNT(*) FROM timeline").fetch_one(&mut database).await.expect("a number");
    database.close().await.expect("closed");
    report(&format!("10,000 candidates, {entries} entries of timelines"));
    report(&format!("start to the first 200: {}", shown(starts(halden).await)));

    lever.program = lever.halden.start().await;
    lever.program.client = client_that_keeps_connections();
    sleep(Duration::from_secs(2)).await;
    report(&format!("memory after the start: {}", memory(&lever.program)));
    let invite = lever.read("SELECT id FROM invites ORDER BY changed_at DESC LIMIT 1").await;
    let pages = [
        "/".to_owned(),
        "/candidates".into(),
        "/candidates?state=completed&awaiting=true".into(),
        "/candidates?q=number+77".into(),
        format!("/candidates/{invite}"),
        "/activity".into(),
        "/settings/team".into(),
        "/settings/audit".into(),
        "/settings/integrations".into(),
        "/settings/integrations/lever".into(),
        "/sign-in".into(),
    ];
    for page in &pages {
        let mut browser =
            if page == "/sign-in" { Browser::default() } else { Browser::signed_in(&lever.program, NORA).await };
        let name = page.replace(&invite, "…");
        report(&format!("  first byte of {name}: {}", shown(looks(&lever.program, &mut browser, page).await)));
    }
    report(&format!("memory after {} pages: {}", pages.len() * LOOKS, memory(&lever.program)));

    let mut nora = Browser::signed_in(&lever.program, NORA).await;
    let distance = Duration::from_secs(1) * u32::try_from(SENDERS).expect("few") / BURST;
    let load = futures::future::join_all((0..SENDERS).map(|sender| send(&lever, sender, usize::MAX, distance)));
    let looking = async {
        for page in &pages[1..4] {
            report(&format!(
                "  beside {BURST} webhooks a second, first byte of {page}: {}",
                shown(looks(&lever.program, &mut nora, page).await)
            ));
        }
    };
    tokio::select! {
        _ = load => unreachable!("it has no end"),
        () = looking => {}
    }
    let began = Instant::now();
    let distance = Duration::from_secs(1) * u32::try_from(SENDERS).expect("few") / FLOOD;
    let many = (0..SENDERS).map(|sender| send(&lever, sender, WEBHOOKS / SENDERS, distance));
    futures::future::join_all(many).await;
    report(&format!("{WEBHOOKS} webhooks taken in {:.1?}", began.elapsed()));
    report(&format!("memory right after them: {}", memory(&lever.program)));
    sleep(Duration::from_secs(20)).await;
    report(&format!("and twenty seconds later, at work on them: {}", memory(&lever.program)));
}

/// Nora's other browser, as its open page hears.
async fn open_page(program: &Program, browser: &Browser) -> Response {
    program.get("/live").header(header::COOKIE, browser.cookie()).send().await.expect("the stream opens")
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a measurement, not a promise"]
async fn from_a_move_to_the_invite_and_from_a_click_to_another_browser() {
    let mut halden = Halden::new().await;
    let mut program = halden.start().await;
    program.client = client_that_keeps_connections();
    halden.set_up(&program).await;
    as_usual(&halden).await;
    let late = json!({ "delay": { "ms": ANSWER.as_millis() } });
    halden.lever("/sandbox/faults", json!({ "path_prefix": "/v1", "kind": late })).await;
    halden.fault_at_canditech(json!({ "path_prefix": "/api", "kind": late })).await;
    let (mut times, mut first) = (Vec::new(), String::new());
    for n in 0..MOVES {
        let opportunity = halden.applies("Ada Berg", &format!("ada{n}@mail.example")).await;
        let began = Instant::now();
        halden.lever("/sandbox/move", json!({ "opportunity": opportunity, "stage": crate::halden::STAGE })).await;
        soon(async || halden.sent().await.len() == n + 1).await;
        times.push(began.elapsed());
        // An idle system, and Lever's rate not used up.
        soon(async || halden.notes(&opportunity).await.len() == 1).await;
        sleep(Duration::from_millis(300)).await;
        if n == 0 {
            first = opportunity;
        }
    }
    report(&format!("stage change to the invite at Canditech, answers after {ANSWER:?}: {}", shown(times)));

    halden.submits("ada0@mail.example", 87).await;
    let completed = async |nora: &mut Browser| -> Value {
        let asked = [("filter[state]".to_owned(), "completed".to_owned())];
        let list = nora.call(&program, "/api/list_candidates", &asked).await;
        list.json().await.expect("JSON")
    };
    let told = async || halden.notes(&first).await.iter().any(|note| note.contains("87/100"));
    soon(told).await;
    let row = completed(&mut halden.nora).await["rows"][0].clone();
    let id = row["id"].as_str().expect("an id").to_owned();
    let mut version = row["version"].as_i64().expect("a version");
    let mut other = Browser::signed_in(&program, NORA).await;
    let (mut seen, mut noted) = (Vec::new(), Vec::new());
    for n in 0..CLICKS {
        let verdict = if n % 2 == 0 { "passed" } else { "failed" };
        let mut page = open_page(&program, &other).await;
        let arguments = [("invite", id.as_str()), ("version", &version.to_string()), ("verdict", verdict)];
        let arguments = arguments.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let began = Instant::now();
        let click = halden.nora.call(&program, "/api/give_verdict", &arguments);
        let hearing = async {
            while !String::from_utf8_lossy(&page.chunk().await.expect("it goes on").expect("a word")).contains(&id) {}
            let list = completed(&mut other).await;
            assert_eq!(list["rows"][0]["verdict"], verdict, "the other page shows it");
            began.elapsed()
        };
        let (given, heard) = tokio::join!(click, hearing);
        seen.push(heard);
        let given: Value = given.json().await.expect("JSON");
        version = given["version"].as_i64().expect("a version");
        let line = format!("Verdict: {verdict}");
        soon(async || halden.notes(&first).await.iter().any(|note| note.contains(&line))).await;
        noted.push(began.elapsed());
    }
    report(&format!("a verdict, click to the other browser's row: {}", shown(seen)));
    report(&format!("a verdict, click to the note in Lever: {}", shown(noted)));
}
