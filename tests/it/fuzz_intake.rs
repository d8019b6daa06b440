//! Messages that nobody sends: JSON made to break parsers, genuine webhooks and callbacks that were damaged on
//! their way, and sound ones that say nonsense; signed rightly and wrongly. None of them breaks the program or
//! its work, and what is refused is told by its status alone.
//!
//! A short run is one of the tests; `script/fuzz` makes a hundred thousand messages, the same for the same seed.

mod damage;
mod json;
mod judge;
mod message;

use std::{
    str::FromStr,
    sync::{Arc, Mutex, PoisonError},
};

use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};
use reqwest::Method;
use serde_json::json;
use sqlx::{AnyConnection, Connection as _};
use tokio::{runtime::Handle, task::spawn_blocking, time::Instant};

use crate::{
    browser::value_of,
    halden::{Halden, until},
    postgres,
    program::{Folder, Program, client_that_keeps_connections},
};
use judge::{Answer, Tally};
use message::{Keys, Message, Sender, messages as messages_of};

/// How many senders there are at a time.
pub const AT_ONCE: u32 = 4;
const LEVER_TOKEN: &str = "what the fuzzed Lever signs its webhooks with";
const LEVER_PAGE: &str = "/settings/integrations/lever";
const CANDITECH_PAGE: &str = "/settings/integrations/canditech";

/// How many messages, and with which dice.
pub struct Plan {
    pub seed: u64,
    pub messages: u32,
}

impl Plan {
    /// The short run, or what `FUZZ_SEED` and `FUZZ_MESSAGES` say.
    pub fn from_environment() -> Self {
        let seed = setting("FUZZ_SEED").unwrap_or_else(|| u64::from(std::process::id()));
        Self { seed, messages: setting("FUZZ_MESSAGES").unwrap_or(2_000) }
    }
}

fn setting<T: FromStr>(name: &str) -> Option<T> {
    std::env::var(name).ok()?.parse().ok()
}

#[tokio::test(flavor = "multi_thread")]
async fn no_message_breaks_the_intake_and_a_refusal_is_its_status_alone() {
    let plan = Plan::from_environment();
    println!("seed {}: {} messages", plan.seed, plan.messages);
    let folder = match setting::<String>("TEST_DATABASE_URL") {
        Some(_) => postgres::folder().await.expect("PostgreSQL"),
        None => Folder::new(),
    };
    let log = folder.path().join("log");
    let mut halden = Halden::at(folder, &[]).await;
    let mut program = halden.start_with_log(&log).await;
    halden.set_up(&program).await;
    let ada = halden.applies("Ada Berg", "ada@mail.example").await;
    halden.moves(&ada).await;
    until("the test goes out", async || halden.notes(&ada).await.len() == 1).await;
    halden.nora.press(&program, LEVER_PAGE, "/api/save_signature_token", &[("token", LEVER_TOKEN)]).await;

    let tally = Arc::new(Mutex::new(Tally::default()));
    let keys = Arc::new(keys(&mut halden, &program, &ada).await);
    send_all(&program, &keys, &tally, (plan.seed, plan.messages / 10 * 5), Sender::Lever).await;
    send_all(&program, &keys, &tally, (plan.seed, plan.messages / 10 * 4), Sender::Canditech).await;
    halden.speak(&program, "greenhouse_partner", "greenhouse", &[("switch", "true")]).await;
    send_all(&program, &keys, &tally, (plan.seed, plan.messages / 10), Sender::Partner).await;

    until("nothing is left to do", async || left(&halden).await.is_empty()).await;
    let zoe = halden.applies("Zoe Amadi", "zoe@mail.example").await;
    halden.moves(&zoe).await;
    until("others get their test", async || halden.notes(&zoe).await.len() == 1).await;
    assert_eq!((halden.notes(&ada).await.len(), halden.sent().await.len()), (1, 2), "one note and one invite each");
    program.signal("TERM").await;
    assert_eq!(program.ended().await.0, Some(0), "it ends as it should");
    let mut tally = tally.lock().unwrap_or_else(PoisonError::into_inner);
    println!("seed {}: {}", plan.seed, tally.summary());
    for (sender, status) in [
        (Sender::Lever, 200),
        (Sender::Lever, 400),
        (Sender::Lever, 401),
        (Sender::Canditech, 204),
        (Sender::Canditech, 400),
        (Sender::Canditech, 401),
        (Sender::Partner, 204),
        (Sender::Partner, 401),
    ] {
        assert!(tally.has(sender, status), "{sender:?} was told {status} now and then");
    }
    assert_eq!(std::fs::read_to_string(&log).expect("the log"), "", "nothing went wrong inside");
}

/// What the senders know.
async fn keys(halden: &mut Halden, program: &Program, opportunity: &str) -> Keys {
    let page = halden.nora.get(program, CANDITECH_PAGE).await.text().await.expect("text");
    Keys {
        lever: read(halden, "SELECT endpoint FROM connections").await,
        provider: read(halden, "SELECT endpoint FROM provider_accounts").await,
        lever_token: LEVER_TOKEN.into(),
        callback_secret: value_of(&page, "callback-secret"),
        api_key: "ctk_demo_org_key".into(),
        invite: read(halden, "SELECT id FROM invites").await,
        opportunity: opportunity.to_owned(),
        began: now(),
    }
}

fn now() -> i64 {
    engine::clock::Clock::System.now().0
}

async fn open(halden: &Halden) -> AnyConnection {
    sqlx::any::install_default_drivers();
    AnyConnection::connect(&halden.folder.database_url()).await.expect("the database opens")
}

async fn read(halden: &Halden, query: &'static str) -> String {
    sqlx::query_scalar(query).fetch_one(&mut open(halden).await).await.expect("one row")
}

/// Work that messages caused and that is due or went wrong; an open invite is asked about again much later.
async fn left(halden: &Halden) -> Vec<String> {
    let query = "SELECT payload || ' ' || COALESCE(last_error, '') FROM jobs
         WHERE kind IN ('reconcile', 'fetch') AND finished_at IS NULL AND (last_error IS NOT NULL OR due_at <= $1)";
    sqlx::query_scalar(query).bind(now()).fetch_all(&mut open(halden).await).await.expect("texts")
}

/// Sends so many messages over several connections.
async fn send_all(
    program: &Program,
    keys: &Arc<Keys>,
    tally: &Arc<Mutex<Tally>>,
    (seed, messages): (u64, u32),
    sender: Sender,
) {
    let senders = (0..AT_ONCE).map(|number| {
        let (url, keys, tally) = (program.url.clone(), Arc::clone(keys), Arc::clone(tally));
        let here = Handle::current();
        spawn_blocking(move || {
            let http = client_that_keeps_connections();
            let each = |message: Message| {
                let answer = here.block_on(send(&http, &url, &keys, &message)).map_err(TestCaseError::fail)?;
                let Some(answer) = answer else { return Ok(()) };
                let mut tally = tally.lock().unwrap_or_else(PoisonError::into_inner);
                tally.count(&keys, &message, &answer).map_err(TestCaseError::fail)
            };
            let ran = dice(seed, number, messages / AT_ONCE).run(&messages_of(sender, &keys), each);
            ran.map_err(|wrong| format!("seed {seed}, sender {number}: {wrong}"))
        })
    });
    let mut wrong = Vec::new();
    for sender in senders.collect::<Vec<_>>() {
        wrong.extend(sender.await.expect("it sends").err());
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The same messages for the same seed and sender.
pub fn dice(seed: u64, sender: u32, cases: u32) -> TestRunner {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    bytes[8..12].copy_from_slice(&sender.to_le_bytes());
    let config = Config { cases, failure_persistence: None, max_shrink_iters: 500, ..Config::default() };
    TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &bytes))
}

/// Sends a message; nothing is answered where the connection was closed on a body that is too large.
async fn send(http: &reqwest::Client, url: &str, keys: &Keys, message: &Message) -> Result<Option<Answer>, String> {
    let mut request = http.request(Method::POST, format!("{url}{}", message.path)).body(message.body.clone());
    for (name, value) in message.headers(keys, now()) {
        request = request.header(name, value);
    }
    let began = Instant::now();
    match request.send().await {
        Ok(answer) => {
            let (status, headers, took) = (answer.status(), answer.headers().clone(), began.elapsed());
            let body = answer.text().await.map_err(|error| format!("the answer broke off: {error:?}"))?;
            Ok(Some(Answer { status, headers, body, took }))
        }
        Err(_) if message.body.len() > 256 * 1024 => Ok(None),
        Err(error) => Err(format!("no answer: {error:?}")),
    }
}
