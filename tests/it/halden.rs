//! Halden Instruments: the program between the stand-ins for Lever and Canditech, and what its people
//! do; another company at the same program beside it. The program may be killed and started again in the middle of it.

use std::{
    fs::File,
    future::Future,
    net::TcpListener,
    path::Path,
    process::Output,
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use reqwest::{Response, StatusCode, header};
use sandbox::{Config, Sandbox, Seed};
use serde_json::{Value, json};
use sqlx::{AnyConnection, AssertSqlSafe, Connection as _};

use crate::{
    browser::{Browser, Form, value_of},
    program::{Folder, Program, client},
    volume::{self, Volume},
};

pub const STAGE: &str = "Canditech Stage";
pub const NORA: &str = "nora@halden.example";
const LEVER_PAGE: &str = "/settings/integrations/lever";
pub const CANDITECH_PAGE: &str = "/settings/integrations/canditech";
/// Calls a second that no test makes: it would wait for its turns most of the time.
pub const WITHOUT_A_RATE: u32 = 100_000;
/// So few that the work of some dozen candidates goes on for most of a minute.
pub const A_SLOW_RATE: u32 = 3;
/// A lease of a killed process lasts a minute.
const PATIENCE: Duration = Duration::from_secs(100);

/// The company, its programs and its people.
pub struct Halden {
    pub folder: Folder,
    /// Its Super Admin's browser, and the address that she signs in with.
    pub nora: Browser,
    email: String,
    pub settings: Vec<(String, String)>,
    _port: Option<Port>,
    pub sandbox: Sandbox,
    pub http: reqwest::Client,
}

impl Halden {
    /// The stand-ins run, and Nora can sign in.
    pub async fn new() -> Self {
        Self::at(Folder::new(), &[]).await
    }

    /// The same with a database and settings of its own.
    pub async fn at(folder: Folder, own: &[(&str, &str)]) -> Self {
        let added = folder.add_user(NORA, "Super Admin").await;
        assert!(added.status.success(), "{}", String::from_utf8_lossy(&added.stderr));
        Self::with(folder, own).await
    }

    /// The same where the database is somebody else's business.
    pub async fn with(folder: Folder, own: &[(&str, &str)]) -> Self {
        let sandbox = stand_ins().await;
        let port = Port::of_ones_own();
        let mut settings = settings(&sandbox, port.number);
        settings.extend(own.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        Self { _port: Some(port), ..Self::between(folder, NORA, sandbox, settings).await }
    }

    /// Whoever signs in with that address, the stand-ins, and what the program is told.
    pub async fn between(folder: Folder, email: &str, sandbox: Sandbox, settings: Vec<(String, String)>) -> Self {
        let (nora, email) = (Browser::default(), email.to_owned());
        let halden = Self { folder, nora, email, settings, _port: None, sandbox, http: client() };
        halden.lever("/sandbox/stages", json!({ "text": STAGE })).await;
        halden
    }

    /// From now on the program has this setting.
    pub fn set(&mut self, name: &str, value: &str) {
        self.settings.retain(|(known, _)| known != name);
        self.settings.push((name.to_owned(), value.to_owned()));
    }

    /// Starts the program, always at the same address.
    pub async fn start(&self) -> Program {
        let settings: Vec<_> = self.settings.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        self.folder.serve_with(&settings).await
    }

    /// The same, with what it logs in a file.
    pub async fn start_with_log(&self, log: &Path) -> Program {
        let settings: Vec<_> = self.settings.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        self.folder.serve_with_log(&settings, log).await
    }

    /// The same on a disk that the test may fill.
    pub async fn start_on_a_disk_that_may_fill(&self) -> Program {
        let settings: Vec<_> = self.settings.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        self.folder.serve_on_a_disk_that_may_fill(&settings).await
    }

    /// The same with its database on a volume of its own.
    pub async fn start_on_a_volume(&self, way: &[&str]) -> (Program, Volume) {
        let settings: Vec<_> = self.settings.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        volume::serve(&self.folder, way, &settings).await
    }

    /// Runs a command beside the program or without it, with the program's settings.
    pub async fn run(&self, arguments: &[&str]) -> Output {
        let mut command = self.folder.command(arguments);
        command.envs(self.settings.iter().map(|(name, value)| (name, value)));
        tokio::time::timeout(PATIENCE, command.output()).await.expect("it ends").expect("it runs")
    }

    /// Stops the program in its own time.
    pub async fn stop(&self, mut program: Program) {
        program.signal("TERM").await;
        assert_eq!(program.ended().await.0, Some(0));
    }

    pub async fn sign_in(&mut self, program: &Program) {
        self.nora = Browser::signed_in(program, &self.email).await;
    }

    /// Somebody takes the app's access away in Lever.
    pub async fn revoke_access(&self) {
        self.lever("/sandbox/revoke", json!({})).await;
    }

    /// Starts another program on the same database, behind the same address as the first.
    pub async fn start_beside(&self, first: &Program) -> Program {
        let elsewhere = [("CANDILEVER_LISTEN", "127.0.0.1:0"), ("CANDILEVER_PUBLIC_URL", first.url.as_str())];
        let settings = self.settings.iter().map(|(name, value)| (name.as_str(), value.as_str())).chain(elsewhere);
        self.folder.serve_with(&settings.collect::<Vec<_>>()).await
    }

    /// Nora signs in, connects Lever, saves Canditech's key and attaches the Python test.
    pub async fn set_up(&mut self, program: &Program) {
        self.sign_in(program).await;
        let returned = self.connect(program).await;
        assert_eq!(returned, format!("{LEVER_PAGE}?connected=1"));
        self.at_rate(WITHOUT_A_RATE).await;
        self.save_canditech(program).await;
        self.attach(program, "Python Developer").await;
    }

    /// Lever takes so many calls a second from now on, and every program here makes as many.
    pub async fn at_rate(&self, per_second: u32) {
        self.lever("/sandbox/rate", json!({ "per_second": per_second, "burst": per_second })).await;
        sqlx::any::install_default_drivers();
        let mut database = AnyConnection::connect(&self.folder.database_url()).await.expect("it opens");
        let ours = AssertSqlSafe(format!("UPDATE lever_accounts SET rate_per_second = {per_second}"));
        sqlx::query(ours).execute(&mut database).await.expect("it is done");
        database.close().await.expect("it closes");
    }

    /// Connects Lever through its consent page; answers where the browser ended.
    pub async fn connect(&mut self, program: &Program) -> String {
        let asked = self.nora.press(program, LEVER_PAGE, "/api/connect_lever", &[]).await;
        let back = self.consent(&location(&asked)).await;
        let path = back.strip_prefix(&program.url).expect("back to us").to_owned();
        location(&self.nora.get(program, &path).await)
    }

    /// Nora accepts at Lever; answers the address that her browser is sent back to.
    async fn consent(&self, asked: &str) -> String {
        let asked = url::Url::parse(asked).expect("an address");
        let nora = self.id_in_lever("users", "name", "Nora Lindqvist").await;
        let lever = self.sandbox.lever_url();
        // The stand-in's own address is its audience, whatever it is behind.
        let others = asked.query_pairs().into_owned().filter(|(name, _)| name != "audience");
        let mut fields: Vec<(String, String)> = others.collect();
        fields.push(("audience".into(), format!("{lever}/v1/")));
        fields.push(("decision".into(), "accept".into()));
        let page = format!("{lever}/authorize");
        let cookie = format!("standin_lever={nora}");
        location(&self.http.post(page).header(header::COOKIE, cookie).form(&fields).send().await.expect("an answer"))
    }

    async fn save_canditech(&mut self, program: &Program) {
        let base = format!("{}/api", self.sandbox.canditech_url());
        let typed = [("protocol", "canditech"), ("base_url", base.as_str()), ("api_key", "ctk_demo_org_key")];
        self.nora.press(program, CANDITECH_PAGE, "/api/save_canditech", &typed).await;
        let page = self.nora.get(program, CANDITECH_PAGE).await.text().await.expect("text");
        assert!(page.contains("The key was accepted"), "{page}");
        self.tell_canditech(&page).await;
    }

    /// Nora saves the account for the partner protocol's address of the stand-in, or for Canditech's own;
    /// answers the page that she sees then.
    pub async fn speak(&mut self, program: &Program, protocol: &str, place: &str, more: &[(&str, &str)]) -> String {
        let base = format!("{}/{place}", self.sandbox.canditech_url());
        let typed = [("protocol", protocol), ("base_url", base.as_str()), ("api_key", "ctk_demo_org_key")];
        let answer = self.nora.press(program, CANDITECH_PAGE, "/api/save_canditech", &[&typed, more].concat()).await;
        self.nora.get(program, &path(program, &location(&answer))).await.text().await.expect("text")
    }

    /// Tells Canditech where and with which secret to call back, as its page shows them.
    pub async fn tell_canditech(&self, page: &str) {
        let body = json!({
            "secret": value_of(page, "callback-secret"),
            "callback_url": value_of(page, "callback-address"),
        });
        self.post(&format!("{}/sandbox/secret", self.sandbox.canditech_url()), body).await;
    }

    /// Goes through the wizard by its addresses, as its forms make them, and presses the last Next.
    pub async fn attach(&mut self, program: &Program, position: &str) {
        let posting = self.id_in_lever("postings", "text", position).await;
        let stage = self.id_in_lever("stages", "text", STAGE).await;
        let choice = format!("{LEVER_PAGE}/attach?posting={posting}&stage={stage}&step=assessment");
        let answer = self.nora.press(program, &choice, "/api/attach", &[("assessment", "as_python")]).await;
        let after = self.nora.get(program, &path(program, &location(&answer))).await;
        assert_eq!(after.status(), StatusCode::OK);
        let page = self.nora.get(program, LEVER_PAGE).await.text().await.expect("text");
        assert!(page.contains("Python, 60 min"), "the attachment is listed: {page:.1}");
    }

    /// Somebody applies to be a Python Developer; answers the opportunity.
    pub async fn applies(&self, name: &str, email: &str) -> String {
        let body = json!({ "name": name, "email": email, "posting": "Python Developer" });
        text(&self.lever("/sandbox/candidates", body).await["opportunity"])
    }

    /// A recruiter moves the candidate to the stage, and Lever's webhook is answered 2xx.
    pub async fn moves(&self, opportunity: &str) {
        self.lever("/sandbox/move", json!({ "opportunity": opportunity, "stage": STAGE })).await;
        let delivered = async || {
            let state = self.lever_state().await;
            let all = state["deliveries"].as_array().expect("a list");
            all.iter().any(|one| {
                one["data"]["opportunityId"] == opportunity
                    && one["event"] == "candidateStageChange"
                    && one["state"] == "delivered"
            })
        };
        until("the webhook is answered", delivered).await;
    }

    /// The invites that Canditech has.
    pub async fn sent(&self) -> Vec<Value> {
        let state = self.read(&format!("{}/sandbox/state", self.sandbox.canditech_url())).await;
        state["invites"].as_array().expect("a list").clone()
    }

    /// The texts of the candidate's notes in Lever.
    pub async fn notes(&self, opportunity: &str) -> Vec<String> {
        let state = self.lever_state().await;
        let all = state["opportunities"].as_array().expect("a list");
        let found = all.iter().find(|one| one["id"] == opportunity).expect("the opportunity");
        let notes = found["notes"].as_array().expect("notes");
        let standing = notes.iter().filter(|note| note["deletedAt"].is_null());
        standing.map(|note| text(&note["fields"][0]["value"])).collect()
    }

    /// How many of these candidates have exactly one note in Lever.
    pub async fn noted_once(&self, opportunities: &[String]) -> usize {
        let mut noted = 0;
        for opportunity in opportunities {
            noted += usize::from(self.notes(opportunity).await.len() == 1);
        }
        noted
    }

    /// The candidate takes the test and submits it.
    pub async fn submits(&self, email: &str, score: u32) {
        for (path, body) in [
            ("/sandbox/start", json!({ "invite": email })),
            ("/sandbox/complete", json!({ "invite": email, "score": score })),
        ] {
            self.post(&format!("{}{path}", self.sandbox.canditech_url()), body).await;
        }
    }

    /// The address that the program is started at.
    pub fn url(&self) -> String {
        let listen = self.settings.iter().find(|(name, _)| name == "CANDILEVER_LISTEN");
        format!("http://{}", listen.expect("an address").1)
    }

    /// The address of Canditech's API.
    pub fn canditech_api(&self) -> String {
        format!("{}/api", self.sandbox.canditech_url())
    }

    /// Whether every fault at Canditech has struck as often as it was to.
    pub async fn faults_have_struck(&self) -> bool {
        let faults = self.read(&format!("{}/sandbox/faults", self.sandbox.canditech_url())).await;
        faults["data"].as_array().expect("a list").iter().all(|fault| fault["times"] == 0)
    }

    /// Makes requests to Canditech go wrong.
    pub async fn fault_at_canditech(&self, fault: Value) {
        self.post(&format!("{}/sandbox/faults", self.sandbox.canditech_url()), fault).await;
    }

    pub async fn lever(&self, path: &str, body: Value) -> Value {
        self.post(&format!("{}{path}", self.sandbox.lever_url()), body).await
    }

    pub async fn post(&self, url: &str, body: Value) -> Value {
        let answer = self.http.post(url).json(&body).send().await.expect("the stand-in answers");
        assert!(answer.status().is_success(), "{url} {body}: {}", answer.status());
        answer.json().await.unwrap_or_default()
    }

    pub async fn lever_state(&self) -> Value {
        self.read(&format!("{}/sandbox/state", self.sandbox.lever_url())).await
    }

    /// Reads from a stand-in.
    pub async fn read(&self, url: &str) -> Value {
        self.http.get(url).send().await.expect("an answer").json().await.expect("JSON")
    }

    pub async fn id_in_lever(&self, list: &str, field: &str, name: &str) -> String {
        let state = self.lever_state().await;
        let all = state[list].as_array().expect("a list");
        text(&all.iter().find(|one| one[field] == name).unwrap_or_else(|| panic!("{name} in {list}"))["id"])
    }
}

/// The stand-ins for Lever and Canditech, with nobody in the pipeline.
pub async fn stand_ins() -> Sandbox {
    sandbox::start(Config { seed: Seed::Empty, ..Config::local() }).await.expect("the stand-ins")
}

/// A port that nobody else takes, also while the program is down: below those that the system gives away by itself,
/// and locked for the tests of every process.
struct Port {
    number: u16,
    _lock: File,
}

impl Port {
    const LOWEST: u32 = 20_000;
    const COUNT: u32 = 12_000;

    fn of_ones_own() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let folder = std::env::temp_dir().join("candilever-test-ports");
        std::fs::create_dir_all(&folder).expect("a folder");
        loop {
            let next = std::process::id().wrapping_mul(97).wrapping_add(NEXT.fetch_add(1, Ordering::Relaxed));
            let number = u16::try_from(Self::LOWEST + next % Self::COUNT).expect("a port");
            let lock = File::create(folder.join(number.to_string())).expect("a file");
            let is_free = lock.try_lock().is_ok() && TcpListener::bind(("127.0.0.1", number)).is_ok();
            if is_free {
                return Self { number, _lock: lock };
            }
        }
    }
}

fn settings(sandbox: &Sandbox, port: u16) -> Vec<(String, String)> {
    let (lever, canditech) = (sandbox.lever_url(), sandbox.canditech_url());
    let settings = [
        ("LISTEN", format!("127.0.0.1:{port}")),
        ("LEVER_ENVIRONMENT", "custom".to_owned()),
        ("LEVER_CLIENT_ID", "candilever-demo".to_owned()),
        ("LEVER_CLIENT_SECRET", "candilever-demo-secret".to_owned()),
        ("LEVER_AUTH_URL", lever.clone()),
        ("LEVER_API_URL", format!("{lever}/v1")),
        ("LEVER_AUDIENCE", format!("{lever}/v1/")),
        ("PROVIDER_HOSTS", canditech.trim_start_matches("http://").to_owned()),
    ];
    settings.into_iter().map(|(name, value)| (format!("CANDILEVER_{name}"), value)).collect()
}

/// Waits until it is so.
pub async fn until<F: Future<Output = bool>>(what: &str, mut is_so: impl FnMut() -> F) {
    let give_up = tokio::time::Instant::now() + PATIENCE;
    let mut look = tokio::time::interval(Duration::from_millis(50));
    while !is_so().await {
        assert!(tokio::time::Instant::now() < give_up, "never: {what}");
        look.tick().await;
    }
}

/// Where an answer leads.
fn location(answer: &Response) -> String {
    let location = answer.headers().get(header::LOCATION);
    location.unwrap_or_else(|| panic!("it leads on: {}", answer.status())).to_str().expect("text").to_owned()
}

fn path(program: &Program, location: &str) -> String {
    location.strip_prefix(&program.url).unwrap_or(location).to_owned()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("text, not {value}")).to_owned()
}

impl Browser {
    /// Opens a page, fills the form that goes to `action`, and presses its button.
    pub async fn press(&mut self, program: &Program, page: &str, action: &str, typed: &[(&str, &str)]) -> Response {
        let html = self.get(program, page).await.text().await.expect("text");
        let form = Form::to(&html, action);
        let mut fields: Vec<_> = form.fields.into_iter().filter(|field| field.kind != "radio").collect();
        fields.retain(|field| typed.iter().all(|(name, _)| field.name != *name));
        let kept = fields.into_iter().map(|field| (field.name, field.value));
        let typed = typed.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        self.submit(program, action, kept.chain(typed).collect()).await
    }
}
