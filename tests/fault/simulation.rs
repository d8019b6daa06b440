//! One run: two companies at one installation, its servers, their people, faults upstream and a killer; then quiet,
//! and the judgement.

use std::{fmt, str::FromStr, time::Duration};

use futures::future::join_all;
use sandbox::OneAddress;
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use crate::{
    chance::Chance, fleet::Fleet, front::Front, halden::Halden, inspector, oracle::Judgement, people::People, postgres,
    program::Folder, store::RATE,
};

/// What marks the candidates of each company.
const MARKS: [&str; 2] = ["haldens", "fjords"];
/// How many arrive together.
const BATCH: usize = 25;
/// Nothing may change any more for so long before it counts as quiet.
const QUIET: Duration = Duration::from_secs(3);

/// How large, and with which dice.
pub struct Plan {
    pub seed: u64,
    candidates: usize,
    kills: usize,
    /// The mean time from one kill to the next.
    gap: Duration,
    /// The PostgreSQL server, or the embedded database.
    postgres: Option<String>,
    /// How long the backlog may take once all is well again.
    patience: Duration,
}

impl Plan {
    /// The short run, or what `FAULT_SEED`, `FAULT_CANDIDATES`, `FAULT_KILLS` and `TEST_DATABASE_URL` say.
    pub fn from_environment() -> Self {
        let seed = setting("FAULT_SEED").unwrap_or_else(|| u64::from(std::process::id()));
        let candidates = setting("FAULT_CANDIDATES").unwrap_or(300);
        let large = candidates > 1_000;
        Self {
            seed,
            candidates,
            kills: setting("FAULT_KILLS").unwrap_or(20),
            gap: Duration::from_millis(if large { 4_000 } else { 600 }),
            postgres: setting("TEST_DATABASE_URL"),
            patience: Duration::from_secs(if large { 900 } else { 150 }),
        }
    }

    /// Several servers on that PostgreSQL, and no poll: what was answered 2xx is all there is.
    pub fn of_restarts(server: String) -> Self {
        let seed = u64::from(std::process::id()) * 2;
        let (gap, patience) = (Duration::ZERO, Duration::ZERO);
        Self { seed, candidates: 0, kills: 0, gap, postgres: Some(server), patience }
    }

    fn servers(&self) -> usize {
        if self.postgres.is_some() { 3 } else { 1 }
    }
}

fn setting<T: FromStr>(name: &str) -> Option<T> {
    std::env::var(name).ok()?.parse().ok()
}

impl fmt::Display for Plan {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let database = if self.postgres.is_some() { "PostgreSQL, 3 servers" } else { "SQLite, 1 server" };
        write!(out, "{database}, {} candidates, {} kills", self.candidates, self.kills)
    }
}

/// Runs it; answers what the judge and the inspector say.
pub async fn run(plan: &Plan) -> (Judgement, Vec<String>) {
    let began = Instant::now();
    let mut chance = Chance::new(plan.seed);
    let mut town = town(plan).await;
    for company in &town.companies {
        for fault in faults(&mut chance) {
            if fault["path_prefix"] == "/v1" {
                company.lever("/sandbox/faults", fault).await;
            } else {
                company.fault_at_canditech(fault).await;
            }
        }
    }
    let killer = chance.fork();
    let mut crowds = MARKS.map(|mark| People::new(mark, chance.fork()));
    let Town { companies, fleet, .. } = &mut town;
    let shares = [plan.candidates - plan.candidates / 3, plan.candidates / 3];
    let bustle =
        companies.iter().zip(&mut crowds).zip(shares).map(|((company, people), share)| bustle(company, people, share));
    tokio::join!(fleet.suffer(&companies[0], plan.kills, plan.gap, killer), join_all(bustle));
    for company in companies.iter() {
        company.forget_faults().await;
    }
    let struck = strikes(companies).await;
    let well_since = Instant::now();
    let judgement = settle(companies, &mut crowds, plan.patience).await;
    let well_for = well_since.elapsed().as_secs();
    let inspection = inspector::inspect(&mut town, &crowds).await;
    println!("stories: {:?}", crowds.each_ref().map(People::stories));
    println!(
        "seed {}: {plan}, {} webhooks, {struck}: {judgement} ({} s, {well_for} s of them after the last fault)\n{inspection}",
        plan.seed,
        crowds.iter().map(|people| people.moves * 3).sum::<usize>(),
        began.elapsed().as_secs(),
    );
    (judgement, inspection.findings)
}

/// Two companies at one installation: its servers behind the front door, and both their Levers at one address.
pub struct Town {
    pub companies: Vec<Halden>,
    pub fleet: Fleet,
    pub address: OneAddress,
}

/// Sets it up.
pub async fn town(plan: &Plan) -> Town {
    let folder = match &plan.postgres {
        Some(server) => postgres::empty(server).await,
        None => Folder::new(),
    };
    folder.migrate().await;
    let front = Front::open(plan.servers()).await;
    let url = front.url.clone();
    // Every other run has no poll to find what was lost: what was answered 2xx must be done all the same.
    let catch_up = if plan.seed.is_multiple_of(2) { "86400" } else { "5" };
    let own = [
        ("CANDILEVER_LISTEN", "127.0.0.1:0"),
        ("CANDILEVER_PUBLIC_URL", url.as_str()),
        ("CANDILEVER_CATCH_UP_SECONDS", catch_up),
        ("CANDILEVER_LOG", "debug"),
    ];
    let mut halden = Halden::at(folder, &own).await;
    let (neighbour, address) = halden.with_a_neighbour("Fjordtech", "fjordtech.example").await;
    let mut fleet = Fleet::start(&halden, front, plan.servers()).await;
    let mut companies = vec![halden, neighbour];
    for company in &mut companies {
        company.set_up(fleet.public()).await;
        company.at_rate(RATE).await;
    }
    Town { companies, fleet, address }
}

/// About one call in twenty to either side goes wrong, in every way there is.
fn faults(chance: &mut Chance) -> Vec<Value> {
    let kinds = [
        (0.010, json!({ "status": { "code": 503 } })),
        (0.006, json!({ "status": { "code": 500, "body": "<h1>Oops</h1>" } })),
        (0.004, json!({ "status": { "code": 429, "retry_after": 0 } })),
        (0.006, json!("html200")),
        (0.006, json!("truncated")),
        (0.006, json!("drop_before")),
        (0.006, json!("drop_after")),
        (0.006, json!({ "delay_after": { "ms": 1500 } })),
    ];
    let mut faults = Vec::new();
    for prefix in ["/v1", "/api"] {
        for (rate, kind) in &kinds {
            let seed = chance.draw();
            faults.push(json!({ "path_prefix": prefix, "kind": kind, "rate": rate, "seed": seed }));
        }
    }
    faults
}

/// People come, batch by batch, and take their tests.
async fn bustle(halden: &Halden, people: &mut People, candidates: usize) {
    while people.candidates.len() < candidates {
        people.arrive(halden, BATCH.min(candidates - people.candidates.len())).await;
        let invited = || async { halden.sent().await.len() };
        let expected = people.due() * 9 / 10;
        // The crowd does not outrun the servers by far, or the kills would all hit the beginning.
        while invited().await < expected {
            sleep(Duration::from_millis(50)).await;
        }
        people.take_tests(halden, false).await;
    }
}

/// Everybody ends what they began; then it is waited until the outside world is as it must be and stays so.
async fn settle(companies: &[Halden], crowds: &mut [People], patience: Duration) -> Judgement {
    let give_up = Instant::now() + patience;
    let mut before = 0;
    let mut still_since = Instant::now();
    loop {
        let mut acted = false;
        for (company, people) in companies.iter().zip(&mut *crowds) {
            acted |= people.take_tests(company, true).await;
            company.canditech("/sandbox/callbacks/retry", json!({})).await;
        }
        let writes = ledgers(companies).await.iter().filter(|entry| entry["method"] != "GET").count();
        if acted || writes != before {
            (before, still_since) = (writes, Instant::now());
        }
        if still_since.elapsed() > QUIET || Instant::now() > give_up {
            let judgement = Judgement::of_all(companies, crowds).await;
            if judgement.is_clean() || !judgement.repeated.is_empty() || Instant::now() > give_up {
                return judgement;
            }
        }
        sleep(Duration::from_millis(500)).await;
    }
}

/// What all stand-ins were asked, and how they answered.
async fn ledgers(companies: &[Halden]) -> Vec<Value> {
    join_all(companies.iter().map(Halden::ledgers)).await.into_iter().flatten().flatten().collect()
}

/// How many requests went wrong on purpose, as far as the ledgers reach.
async fn strikes(companies: &[Halden]) -> String {
    let all = ledgers(companies).await;
    let struck = all.iter().filter(|entry| entry["note"].is_string()).count();
    format!("{struck} of {} calls upstream failed", all.len())
}
