//! A company with its stand-ins, connected, attached and moved as over the pages, and the processes that
//! do its work.

use std::{num::NonZeroU32, time::Duration};

use axum::{
    Router,
    body::Bytes,
    extract::{Path, State},
    http::StatusCode,
    routing::{any, post},
};
use engine::{
    Engine,
    access::{self, Member, NewUser, Role},
    attachment::{self, NewAttachment},
    clock::Clock,
    connection::{self, OtherAccount, Return},
    delivery, job,
    provider::{self, OtherProtocol, Protocol},
    settings::{LeverSettings, Settings},
    vault::MasterKey,
};
use sandbox::{Config, Sandbox, Seed};
use serde_json::{Value, json};
use tokio::{net::TcpListener, task::JoinHandle, time::sleep};
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::{Plan, tally::Tally};

const SESSION: &str = "a web session";
const STAGE: &str = "Canditech Stage";
const POSTING: &str = "Python Developer";

pub struct Company {
    plan: Plan,
    rate: NonZeroU32,
    engines: Vec<Engine>,
    sandbox: Sandbox,
    http: reqwest::Client,
    listener: JoinHandle<()>,
}

impl Company {
    /// Connected to both, with a test attached to the stage.
    pub async fn open(database: &str, rate: NonZeroU32, processes: usize, plan: Plan) -> Self {
        let sandbox = sandbox::start(Config { seed: Seed::Empty, ..Config::local() }).await.expect("the stand-ins");
        let socket = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let our_url = format!("http://{}", socket.local_addr().expect("an address"));
        let settings = settings(database, &our_url, &sandbox, rate);
        let mut engines = Vec::new();
        for _ in 0..processes {
            engines.push(Engine::open(settings.clone(), Clock::System).await.expect("the engine opens"));
        }
        let listener = listen(socket, engines[0].clone());
        let company = Self { plan, rate, engines, sandbox, http: client(), listener };
        let (fast, burst) = (10 * plan.factor, 20 * plan.factor);
        company.lever("/sandbox/rate", json!({ "per_second": fast, "burst": burst })).await;
        company.set_up().await;
        company
    }

    async fn set_up(&self) {
        let engine = &self.engines[0];
        let admin = add_user(engine).await;
        let stage = self.lever("/sandbox/stages", json!({ "text": STAGE })).await;
        self.consent(engine, &admin).await;
        let base = format!("{}/api", self.sandbox.canditech_url());
        let key = Some("ctk_demo_org_key".to_owned().into());
        provider::save_and_test(engine, &admin, Protocol::Canditech, &base, key, OtherProtocol::Ask)
            .await
            .expect("an account");
        let new = NewAttachment {
            posting: Some(self.id("postings", "text", POSTING).await.as_str().into()),
            stage: stage["stage"].as_str().expect("a stage").into(),
            assessment: "as_python".into(),
            valid_days: None,
        };
        attachment::attach(engine, &admin, new).await.expect("attaches");
    }

    async fn consent(&self, engine: &Engine, admin: &Member) {
        let ask = connection::begin(engine, admin, SESSION, OtherAccount::Ask).await.expect("begins");
        let mut form: Vec<(String, String)> = ask.query_pairs().into_owned().collect();
        form.push(("decision".into(), "accept".into()));
        let mut page = ask.clone();
        page.set_query(None);
        let nora = self.id("users", "name", "Nora Lindqvist").await;
        let request = self.http.post(page).header("cookie", format!("standin_lever={nora}")).form(&form);
        let answer = request.send().await.expect("the consent page answers");
        let back = answer.headers().get("location").expect("the way back").to_str().expect("an address");
        let back = Url::parse(back).expect("an address");
        let one = |name: &str| back.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned());
        let returned = Return { state: one("state").unwrap_or_default(), code: one("code"), ..Return::default() };
        connection::complete(engine, admin, SESSION, &returned).await.expect("connects");
    }

    /// All move to the stage, and their webhooks are taken.
    pub async fn moves_everybody(&self) {
        let everybody = json!({ "n": self.plan.candidates, "posting": POSTING });
        let made = self.lever("/sandbox/candidates/bulk", everybody).await;
        self.lever("/sandbox/bulk-move", json!({ "opportunities": made["opportunities"], "stage": STAGE })).await;
        while self.count("SELECT COUNT(*) FROM deliveries").await < self.plan.candidates {
            sleep(Duration::from_millis(50)).await;
        }
    }

    /// Works until everybody has their note; answers what that cost.
    pub async fn drain(&self) -> Tally {
        let ledger = format!("{}/sandbox/ledger", self.sandbox.lever_url());
        self.http.delete(&ledger).send().await.expect("an answer");
        if !self.plan.latency.is_zero() {
            let late = json!({ "delay": { "ms": u64::try_from(self.plan.latency.as_millis()).expect("short") } });
            self.lever("/sandbox/faults", json!({ "path_prefix": "/v1", "kind": late })).await;
        }
        let stop = CancellationToken::new();
        let work = self.engines.iter().map(|engine| tokio::spawn(job::dispatch(engine.clone(), stop.clone())));
        let work: Vec<JoinHandle<()>> = work.collect();
        while self.count("SELECT COUNT(*) FROM notes WHERE lever_note_id IS NOT NULL").await < self.plan.candidates {
            sleep(Duration::from_millis(100)).await;
        }
        stop.cancel();
        for dispatcher in work {
            dispatcher.await.expect("without a panic");
        }
        let ledger: Value = self.http.get(&ledger).send().await.expect("an answer").json().await.expect("JSON");
        Tally::of(&ledger, self.rate.get(), self.plan.candidates)
    }

    pub async fn close(self) {
        self.listener.abort();
        for engine in &self.engines {
            engine.db.close().await;
        }
        self.sandbox.stop().await;
    }

    async fn count(&self, statement: &'static str) -> usize {
        let count: i64 = sqlx::query_scalar(statement).fetch_one(self.engines[0].db.read()).await.expect("a number");
        usize::try_from(count).expect("a count")
    }

    async fn lever(&self, path: &str, body: Value) -> Value {
        let url = format!("{}{path}", self.sandbox.lever_url());
        let answer = self.http.post(url).json(&body).send().await.expect("the stand-in answers");
        assert!(answer.status().is_success(), "{path}: {}", answer.status());
        answer.json().await.expect("JSON")
    }

    /// The id of whom or what the account has under that name.
    async fn id(&self, list: &str, field: &str, name: &str) -> String {
        let url = format!("{}/sandbox/state", self.sandbox.lever_url());
        let state: Value = self.http.get(url).send().await.expect("an answer").json().await.expect("JSON");
        let found = state[list].as_array().expect("a list").iter().find(|one| one[field] == name);
        found.unwrap_or_else(|| panic!("{name} in {list}"))["id"].as_str().expect("an id").to_owned()
    }
}

async fn add_user(engine: &Engine) -> Member {
    let new = NewUser {
        organization: "Halden Instruments".into(),
        email: "nora@halden.example".into(),
        name: "Nora".into(),
        role: Role::SuperAdmin,
        password: "correct horse battery".to_owned().into(),
    };
    let user = access::add_user(engine, new).await.expect("a user");
    access::member(engine, &user).await.expect("the database works").expect("a member")
}

fn client() -> reqwest::Client {
    #[expect(clippy::disallowed_methods, reason = "the outside world's client, not the product's")]
    let builder = reqwest::Client::builder();
    builder.redirect(reqwest::redirect::Policy::none()).no_proxy().build().expect("a client")
}

fn settings(database: &str, our_url: &str, sandbox: &Sandbox, calls_per_second: NonZeroU32) -> Settings {
    let url = |text: String| -> Url { text.parse().expect("an address") };
    Settings {
        database_url: database.to_owned(),
        master_key: MasterKey::generate(),
        public_url: url(our_url.to_owned()),
        lever: LeverSettings {
            auth_url: url(format!("{}/", sandbox.lever_url())),
            api_url: url(format!("{}/v1", sandbox.lever_url())),
            audience: format!("{}/v1/", sandbox.lever_url()),
            client_id: "candilever-demo".into(),
            client_secret: "candilever-demo-secret".to_owned().into(),
            calls_per_second,
        },
        identity_providers: Vec::new(),
        proxy: None,
        provider_hosts: vec![sandbox.canditech_url().trim_start_matches("http://").to_owned()],
        catch_up: Duration::from_secs(900),
        mail: None,
        late_at_once: 25,
        digest_hour: 6,
        webhook_hosts: Vec::new(),
    }
}

/// Where Lever's webhooks arrive; nobody takes a test, so no callback says anything of use.
fn listen(socket: TcpListener, engine: Engine) -> JoinHandle<()> {
    let routes = Router::new()
        .route("/webhooks/lever/{endpoint}", post(webhook))
        .fallback(any(|| async { StatusCode::OK }))
        .with_state(engine);
    tokio::spawn(async move { axum::serve(socket, routes).await.expect("serves") })
}

async fn webhook(State(engine): State<Engine>, Path(endpoint): Path<String>, body: Bytes) -> StatusCode {
    match delivery::receive_lever(&engine, &endpoint, &body).await {
        Ok(_) => StatusCode::OK,
        Err(_) => StatusCode::SERVICE_UNAVAILABLE,
    }
}
