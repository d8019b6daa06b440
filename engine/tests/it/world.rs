//! A whole small world: the engine on a manual clock and a database of its own, the stand-ins for Lever
//! and Canditech, and a listener where both call us, as the program has.
//!
//! Verbs only. Nothing sleeps: [`World::until`] works until a fact holds, waking at each arrival.

mod account;
mod connect;
pub mod database;
mod listener;
mod outside;
mod post;
mod sign;

use std::{
    collections::HashMap,
    num::NonZeroU32,
    sync::{Arc, OnceLock},
    time::Duration,
};

use engine::{
    Engine,
    access::{self, Member, NewUser, Role},
    attachment::{self, NewAttachment},
    clock::{Clock, Moment},
    delivery::Received,
    id::{AttachmentId, InviteId, UserId},
    invite::{self, Detail, Filter, InviteState, Row},
    job,
    provider::Protocol,
    settings::{LeverSettings, Settings},
    vault::MasterKey,
};
pub use listener::{Arrival, Sender};
use sandbox::{Config, Sandbox, Seed};
use serde_json::{Value, json};
pub use sign::signed;
use tokio::sync::{Mutex, mpsc};

pub const STAGE: &str = "Canditech Stage";
pub const POSTING: &str = "Python Developer";
pub const PYTHON: &str = "as_python";
pub const ENGLISH: &str = "as_english";
/// A host that an account may name, where nothing listens.
pub const NOBODY: &str = "localhost:9";
/// 32 bytes that protect nothing but the tests' databases, and open the ones that are kept in `tests/corpus`.
pub const MASTER_KEY: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
const PATIENCE: Duration = Duration::from_secs(20);

pub struct World {
    pub engine: Engine,
    pub admin: Member,
    pub stage: String,
    sandbox: Sandbox,
    /// Another company's Lever, and the address that both are behind.
    another: Option<Sandbox>,
    _address: Option<sandbox::OneAddress>,
    http: reqwest::Client,
    members: Mutex<HashMap<String, Member>>,
    arrivals: Mutex<mpsc::UnboundedReceiver<Arrival>>,
    database: database::Database,
    _listener: listener::Listener,
}

/// Calls a second that no test makes: it would wait for its turns most of the time.
const WITHOUT_A_RATE: NonZeroU32 = NonZeroU32::new(100_000).expect("not zero");

/// How many Lever accounts there are at the one address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Accounts {
    One,
    Two,
}

async fn stand_ins() -> Sandbox {
    let sandbox = sandbox::start(Config { seed: Seed::Empty, ..Config::local() }).await.expect("the stand-ins");
    let rate = json!({ "per_second": WITHOUT_A_RATE, "burst": WITHOUT_A_RATE });
    let answer = engine_client().post(format!("{}/sandbox/rate", sandbox.lever_url())).json(&rate).send().await;
    assert!(answer.expect("the stand-in answers").status().is_success());
    sandbox
}

impl World {
    /// Everything running and nothing connected.
    pub async fn new() -> Self {
        Self::start(Accounts::One, database::Database::new().await).await
    }

    /// The same with a whole PostgreSQL database, connected to Lever; nothing where there is no such server.
    pub async fn alone_on_postgres() -> Option<Self> {
        let server = std::env::var("TEST_DATABASE_URL").ok()?;
        let world = Self::start(Accounts::One, database::Database::alone(&server).await).await;
        world.connect().await;
        Some(world)
    }

    async fn start(accounts: Accounts, database: database::Database) -> Self {
        let sandbox = stand_ins().await;
        let (another, address) = match accounts {
            Accounts::One => (None, None),
            Accounts::Two => {
                let another = stand_ins().await;
                let address = sandbox::at_one_address(&[&sandbox, &another]).await.expect("an address");
                (Some(another), Some(address))
            }
        };
        let (heard, arrivals) = mpsc::unbounded_channel();
        let ears: Arc<OnceLock<Engine>> = Arc::default();
        let listener = listener::Listener::start(ears.clone(), heard).await;
        let lever_url = address.as_ref().map_or_else(|| sandbox.lever_url(), sandbox::OneAddress::url);
        let settings = settings(&database.url, &listener.url(), &lever_url, &sandbox);
        let clock = Clock::manual(Moment(sandbox.clock().now_ms()));
        let engine = Engine::open(settings, clock).await.expect("the engine opens");
        ears.set(engine.clone()).unwrap_or_else(|_| panic!("set once"));
        let admin = add_user(&engine, "Halden Instruments", "nora@halden.example", Role::SuperAdmin).await;
        let world = Self {
            engine,
            admin,
            stage: String::new(),
            sandbox,
            another,
            _address: address,
            http: engine_client(),
            members: Mutex::default(),
            arrivals: Mutex::new(arrivals),
            database,
            _listener: listener,
        };
        world.with_stage().await
    }

    async fn with_stage(mut self) -> Self {
        let made = self.lever("/sandbox/stages", json!({ "text": STAGE })).await;
        self.stage = made["stage"].as_str().expect("a stage").to_owned();
        self
    }

    /// Connected to both, with their callbacks set up.
    pub async fn connected() -> Self {
        Self::connected_over(Protocol::Canditech).await
    }

    /// The same over any of the provider's protocols.
    pub async fn connected_over(protocol: Protocol) -> Self {
        let world = Self::new().await;
        world.connect().await;
        world.connect_provider(protocol).await;
        world
    }

    /// Connected, with the Python test attached to the Python posting on the stage.
    pub async fn attached() -> (Self, AttachmentId) {
        Self::attached_over(Protocol::Canditech).await
    }

    /// The same over any of the provider's protocols.
    pub async fn attached_over(protocol: Protocol) -> (Self, AttachmentId) {
        let world = Self::connected_over(protocol).await;
        let attachment = world.attach(Some(POSTING), PYTHON).await;
        (world, attachment)
    }

    /// How often a text stands in the files of an embedded database.
    pub fn found_on_disk(&self, text: &str) -> Option<usize> {
        self.database.count(text)
    }

    /// Sets our clock to the stand-ins', which follow the wall.
    pub fn tick(&self) {
        let behind = self.sandbox.clock().now_ms() - self.engine.clock.now().0;
        self.engine.clock.advance(Duration::from_millis(u64::try_from(behind).unwrap_or(0)));
    }

    /// Moves everybody's clock.
    pub fn advance(&self, by: Duration) {
        self.sandbox.clock().advance(i64::try_from(by.as_millis()).expect("short"));
        self.tick();
    }

    /// Time passes for everybody, and whose clock is wrong stays as wrong.
    pub fn pass(&self, by: Duration) {
        self.sandbox.clock().advance(i64::try_from(by.as_millis()).expect("short"));
        self.engine.clock.advance(by);
    }

    pub async fn attach(&self, posting: Option<&str>, assessment: &str) -> AttachmentId {
        self.try_attach(posting, assessment).await.expect("attaches")
    }

    pub async fn try_attach(
        &self,
        posting: Option<&str>,
        assessment: &str,
    ) -> Result<AttachmentId, engine::fault::FlowError> {
        self.tick();
        let posting = match posting {
            Some(name) => Some(self.posting(name).await.as_str().into()),
            None => None,
        };
        let new = NewAttachment {
            posting,
            stage: self.stage.as_str().into(),
            assessment: assessment.into(),
            valid_days: None,
        };
        attachment::attach(&self.engine, &self.admin, new).await
    }

    /// Runs what is due, until nothing is.
    pub async fn drain(&self) -> usize {
        self.tick();
        job::drain(&self.engine).await.expect("the database works")
    }

    /// The engine on a clock that goes on by itself, as the stand-ins' does: whoever has no turn for a while on a
    /// busy machine is due again a little later.
    pub fn in_time(&self) -> Engine {
        Engine { clock: Clock::Shifted(self.sandbox.clock().offset()), ..self.engine.clone() }
    }

    /// A second process on the same database, at the same time of day.
    pub async fn second_process(&self) -> Engine {
        let settings = Settings::clone(&self.engine.settings);
        Engine::open(settings, self.engine.clock.clone()).await.expect("the engine opens")
    }

    /// Works until it is so, waking at each arrival.
    pub async fn until(&self, what: &str, is_so: impl AsyncFnMut() -> bool) {
        self.until_within(PATIENCE, what, is_so).await;
    }

    /// The same for what takes many calls to Lever, at its rate.
    pub async fn until_patiently(&self, what: &str, is_so: impl AsyncFnMut() -> bool) {
        self.until_within(PATIENCE * 3, what, is_so).await;
    }

    async fn until_within(&self, patience: Duration, what: &str, mut is_so: impl AsyncFnMut() -> bool) {
        let give_up = tokio::time::Instant::now() + patience;
        loop {
            self.drain().await;
            if is_so().await {
                return;
            }
            let arrival = async { self.arrivals.lock().await.recv().await };
            let soon = tokio::time::timeout(Duration::from_millis(200), arrival).await;
            if soon.is_err() && tokio::time::Instant::now() > give_up {
                panic!("never: {what}; invites: {:#?}", self.invites().await);
            }
        }
    }

    /// The next event that reached us from `sender`, and what was made of it.
    pub async fn hear(&self, sender: Sender) -> Arrival {
        let mut arrivals = self.arrivals.lock().await;
        let next = async {
            loop {
                let arrival = arrivals.recv().await.expect("the listener lives");
                if arrival.sender == sender && arrival.received != Received::Ping {
                    return arrival;
                }
            }
        };
        tokio::time::timeout(PATIENCE, next).await.expect("a message arrives")
    }

    /// From now on only what comes next is heard.
    pub async fn forget_what_was_heard(&self) {
        let mut arrivals = self.arrivals.lock().await;
        while arrivals.try_recv().is_ok() {}
    }

    pub async fn invites(&self) -> Vec<Row> {
        self.invites_for(&self.admin).await
    }

    pub async fn invites_for(&self, member: &Member) -> Vec<Row> {
        invite::page(&self.engine, member, &Filter::default()).await.expect("the list").rows
    }

    /// The only invite there is.
    pub async fn the_invite(&self) -> Row {
        let mut all = self.invites().await;
        assert_eq!(all.len(), 1, "one invite: {all:#?}");
        all.remove(0)
    }

    pub async fn detail(&self, id: &InviteId) -> Detail {
        invite::detail(&self.engine, &self.admin, id).await.expect("the invite")
    }

    pub async fn until_state(&self, state: InviteState) -> Row {
        let what = format!("an invite that is {}", state.slug());
        self.until(&what, async || self.invites().await.iter().any(|row| row.state == state)).await;
        self.the_invite().await
    }

    /// Somebody as they are by now: a sync with Lever may have told who they are there.
    pub async fn again(&self, email: &str) -> Member {
        let member = self.members.lock().await.get(email).expect("added before").clone();
        access::member(&self.engine, &member.user).await.expect("the database works").expect("a member")
    }

    pub async fn member(&self, email: &str, role: Role) -> Member {
        let member = add_user(&self.engine, "Halden Instruments", email, role).await;
        self.members.lock().await.insert(email.to_owned(), member.clone());
        member
    }
}

fn engine_client() -> reqwest::Client {
    #[expect(clippy::disallowed_methods, reason = "the outside world's client, not the product's")]
    let builder = reqwest::Client::builder();
    // The stand-ins close what nobody used for half a minute: none is taken up in that very moment.
    let builder = builder.pool_idle_timeout(Duration::from_secs(10));
    builder.redirect(reqwest::redirect::Policy::none()).no_proxy().build().expect("a client")
}

fn settings(database_url: &str, public_url: &str, lever_url: &str, sandbox: &Sandbox) -> Settings {
    let url = |text: String| text.parse().expect("an address");
    let canditech: url::Url = url(sandbox.canditech_url());
    Settings {
        database_url: database_url.to_owned(),
        master_key: MasterKey::parse(MASTER_KEY).expect("32 bytes"),
        public_url: url(public_url.to_owned()),
        lever: LeverSettings {
            auth_url: url(format!("{lever_url}/")),
            api_url: url(format!("{lever_url}/v1")),
            audience: format!("{}/v1/", sandbox.lever_url()),
            client_id: "candilever-demo".into(),
            client_secret: "candilever-demo-secret".to_owned().into(),
            calls_per_second: WITHOUT_A_RATE,
        },
        identity_providers: Vec::new(),
        proxy: None,
        provider_hosts: vec![format!("localhost:{}", canditech.port().expect("a port")), NOBODY.to_owned()],
        catch_up: Duration::from_secs(300),
        mail: None,
        late_at_once: 25,
        digest_hour: 6,
        webhook_hosts: Vec::new(),
    }
}

/// Somebody who signs in with `email`, as they are in their organization.
pub async fn add_user(engine: &Engine, organization: &str, email: &str, role: Role) -> Member {
    let new = NewUser {
        organization: organization.into(),
        email: email.into(),
        name: email.split('@').next().unwrap_or(email).into(),
        role,
        password: "correct horse battery".to_owned().into(),
    };
    let user: UserId = access::add_user(engine, new).await.expect("a user");
    access::member(engine, &user).await.expect("the database works").expect("a member")
}

/// Waits until it is so, while others work.
pub async fn soon(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    let asking = async {
        let mut look = tokio::time::interval(Duration::from_millis(50));
        while !is_so().await {
            look.tick().await;
        }
    };
    tokio::time::timeout(PATIENCE * 3, asking).await.unwrap_or_else(|_| panic!("never: {what}"));
}

/// The text of `value`, which must be some.
pub fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("text, not {value}")).to_owned()
}
