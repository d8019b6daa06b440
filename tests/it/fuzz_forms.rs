//! Questions that nobody asks: the query of every page, the returns from consent and sign-in, the arguments of
//! every server function and export, made of nonsense, damaged forms and markup; by somebody who may do
//! everything and by a stranger. Nothing breaks, nothing is told but what a closed set of words says, nothing of
//! it becomes markup, and it leads nowhere else.
//!
//! A short run is one of the tests; `script/fuzz` asks as many as it is told, the same for the same seed.

mod judge;
mod question;

use std::sync::{Arc, Mutex, PoisonError};

use proptest::test_runner::TestCaseError;
use reqwest::header;
use tokio::{runtime::Handle, task::spawn_blocking};

use crate::{
    browser::Browser,
    fuzz_intake::{AT_ONCE, Plan, dice},
    halden::{Halden, until},
    nobody,
    program::{Folder, Program, client_that_keeps_connections},
};
use judge::Tally;
use question::{Kind, Question, questions};

const NORA: &str = "nora@halden.example";
/// What a long run logs though nothing failed: so many ask that Lever's turn is long in coming, and what
/// `leptos_meta` says in a debug build alone of a page that it is late with.
const NO_FAULTS: [&str; 2] = ["answered status=503", "without `ServerMetaContext` provided"];

#[tokio::test(flavor = "multi_thread")]
async fn no_question_breaks_the_program_and_a_refusal_is_of_a_closed_set() {
    let plan = Plan::from_environment();
    println!("seed {}: {} questions", plan.seed, plan.messages);
    let folder = Folder::new();
    let log = folder.path().join("log");
    let mut halden = Halden::at(folder, &[]).await;
    let mut program = halden.start_with_log(&log).await;
    halden.set_up(&program).await;
    let mut database = nobody::open(&halden.folder).await;
    let ada = halden.applies("Ada Berg", "ada@mail.example").await;
    halden.moves(&ada).await;
    until("the test goes out", async || halden.notes(&ada).await.len() == 1).await;
    let of =
        ["SELECT id FROM invites", "SELECT id FROM attachments", "SELECT id FROM users", "SELECT id FROM deliveries"];
    let mut genuine = vec![ada.clone()];
    for query in of {
        let some: Vec<String> = sqlx::query_scalar(query).fetch_all(&mut database).await.expect("ids");
        genuine.extend(some.into_iter().take(2));
    }

    let tally = Arc::new(Mutex::new(Tally::default()));
    let mut nora = Browser::signed_in(&program, NORA).await;
    for (cookie, share) in [(Some(nora.cookie().to_owned()), 7), (None, 3)] {
        let plan = (plan.seed, plan.messages / 10 * share);
        ask_all(&program, &Arc::new(genuine.clone()), &tally, plan, cookie).await;
    }

    assert!(nora.get(&program, "/candidates").await.status().is_success(), "it goes on");
    assert_eq!((halden.notes(&ada).await.len(), halden.sent().await.len()), (1, 1), "nobody got anything by it");
    program.signal("TERM").await;
    assert_eq!(program.ended().await.0, Some(0), "it ends as it should");
    let tally = tally.lock().unwrap_or_else(PoisonError::into_inner);
    println!("seed {}: {}", plan.seed, tally.summary());
    for kind in [Kind::Page, Kind::Return, Kind::Function, Kind::Export] {
        assert!(tally.of(kind) > 50, "{kind:?} was asked: {}", tally.summary());
    }
    assert!(tally.was_told(Kind::Function, 200) && tally.was_told(Kind::Function, 404), "some were heard");
    let log = std::fs::read_to_string(&log).expect("the log");
    let wrong: Vec<_> = log.lines().filter(|line| !NO_FAULTS.iter().any(|one| line.contains(one))).collect();
    assert!(wrong.is_empty(), "nothing went wrong inside: {:#?}", &wrong[..wrong.len().min(20)]);
}

async fn ask_all(
    program: &Program,
    genuine: &Arc<Vec<String>>,
    tally: &Arc<Mutex<Tally>>,
    (seed, number): (u64, u32),
    cookie: Option<String>,
) {
    let askers = (0..AT_ONCE).map(|asker| {
        let (url, genuine, tally, cookie) =
            (program.url.clone(), Arc::clone(genuine), Arc::clone(tally), cookie.clone());
        let here = Handle::current();
        spawn_blocking(move || {
            let http = client_that_keeps_connections();
            let each = |question: Question| {
                let told =
                    here.block_on(ask(&http, &url, &question, cookie.as_deref())).map_err(TestCaseError::fail)?;
                let mut tally = tally.lock().unwrap_or_else(PoisonError::into_inner);
                tally.count(&url, &question, told).map_err(TestCaseError::fail)
            };
            let dice_of = asker + if cookie.is_some() { 100 } else { 200 };
            let ran = dice(seed, dice_of, number / AT_ONCE).run(&questions(&genuine), each);
            ran.map_err(|wrong| format!("seed {seed}, asker {dice_of}: {wrong}"))
        })
    });
    let mut wrong = Vec::new();
    for asker in askers.collect::<Vec<_>>() {
        wrong.extend(asker.await.expect("it asks").err());
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What is told; nothing where no such address can be asked for.
async fn ask(
    http: &reqwest::Client,
    url: &str,
    question: &Question,
    cookie: Option<&str>,
) -> Result<Option<judge::Told>, String> {
    let Ok(address) = url::Url::parse(&format!("{url}{}", question.path)) else { return Ok(None) };
    let mut request = http.request(question.method(), address).header(header::ORIGIN, url);
    request = request.header(header::ACCEPT, if question.by_script { "application/json" } else { "text/html" });
    request = request.header(header::REFERER, format!("{url}/candidates"));
    if let Some(cookie) = cookie {
        request = request.header(header::COOKIE, cookie);
    }
    if let Some(body) = &question.body {
        request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded").body(body.clone());
    }
    let answer = request.send().await.map_err(|error| format!("no answer: {error:?}"))?;
    let (status, headers) = (answer.status(), answer.headers().clone());
    let body = answer.bytes().await.map_err(|error| format!("the answer broke off: {error:?}"))?;
    Ok(Some(judge::Told { status, headers, body: String::from_utf8_lossy(&body).into_owned() }))
}
