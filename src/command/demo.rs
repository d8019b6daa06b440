//! `candilever demo`: the server with the stand-ins, and a company whose people can sign in. No
//! connection is made: carrying out the article is what the demo is for.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
};

use clap::Args;
use engine::{
    Engine,
    access::{self, NewUser, Role},
    clock::Clock,
    fault::FlowError,
    id::UserId,
    random,
    settings::{Encryption, LeverSettings, MailSettings},
};
use secrecy::SecretString;
use tempfile::TempDir;
use tokio::net::TcpListener;
use url::Url;

use super::sandbox::{CANDITECH_PORT, LEVER_PORT, POST_PORT, SMTP_PORT, here};
use crate::{
    command::Failure,
    config::{Checked, Config},
    database::{self, DatabaseUrl, Lock},
    router::Doors,
    serve::{self, Server},
    terminal,
};

/// Where the demo listens unless it is told otherwise, or somebody else does.
const PORT: u16 = 8090;

/// The people who can sign in, as the stand-in for Lever knows them; the first owns the organization.
const PEOPLE: [(&str, &str, Role); 4] = [
    ("Nora Lindqvist", "nora@halden.example", Role::SuperAdmin),
    ("Tomas Rivera", "tomas@halden.example", Role::Admin),
    ("Priya Raman", "priya@halden.example", Role::TeamMember),
    ("Aisha Bello", "aisha@halden.example", Role::LimitedTeamMember),
];

/// How the demo runs.
#[derive(Debug, Args)]
pub struct Demo {
    /// Folder to keep the demo's data in; default: a temporary one, gone at the end
    #[arg(long, value_name = "FOLDER")]
    data: Option<PathBuf>,
    /// Port of Candilever on this machine; 0 takes a free one. Default: 8090, or a free one
    #[arg(long, value_name = "PORT")]
    port: Option<u16>,
    /// Port of the stand-in for Lever; 0 takes a free one. Default: 8091, or a free one
    #[arg(long, value_name = "PORT")]
    lever_port: Option<u16>,
    /// Port of the stand-in for Canditech; 0 takes a free one. Default: 8092, or a free one
    #[arg(long, value_name = "PORT")]
    canditech_port: Option<u16>,
    /// Port of the page that shows the mails that came; 0 takes a free one. Default: 8093, or a free one
    #[arg(long, value_name = "PORT")]
    post_port: Option<u16>,
    /// Port of the stand-in for a mail server (SMTP); 0 takes a free one. Default: 8094, or a free one
    #[arg(long, value_name = "PORT")]
    smtp_port: Option<u16>,
}

impl Demo {
    /// Runs the demo until a signal ends it.
    ///
    /// # Errors
    /// When a port that was asked for is taken, or the folder cannot be used.
    pub async fn run(self, config: &Config) -> Result<(), Failure> {
        let folder = Folder::open(self.data.as_deref())?;
        let lock = database::lock(&folder.file()).map(Some)?;
        let listener = serve::bind("LISTEN", wanted(self.port, PORT).await).await?;
        let address = listener.local_addr().map_err(|e| Failure::Broken(format!("the address is gone: {e}")))?;
        let stand_ins = self.stand_ins(address).await?;
        let known = sandbox::Config::local();
        let checked = settings(config, &folder, &stand_ins, &known)?;
        let server = open(&checked, Clock::Shifted(stand_ins.clock().offset()), listener, address, lock).await?;
        let (nora, password) = people(server.engine(), &folder).await?;
        let link = access::demo_link(server.engine(), &nora).await?;
        introduce(&server, &stand_ins, &known, &link, &password);
        server.run().await;
        stand_ins.stop().await;
        Ok(())
    }

    /// On their usual ports, or, where somebody else took one since, on those that were asked for or free ones.
    async fn stand_ins(&self, candilever: SocketAddr) -> Result<sandbox::Sandbox, Failure> {
        let on = |[lever_listen, canditech_listen, post_listen, smtp_listen]: [SocketAddr; 4]| {
            super::sandbox::start(sandbox::Config {
                lever_listen,
                canditech_listen,
                smtp_listen,
                post_listen,
                redirect_uris: vec![format!("http://{candilever}/oauth/lever/callback")],
                ..sandbox::Config::local()
            })
        };
        let asked = [self.lever_port, self.canditech_port, self.post_port, self.smtp_port];
        let mut usual = [LEVER_PORT, CANDITECH_PORT, POST_PORT, SMTP_PORT].map(here);
        for (address, asked) in usual.iter_mut().zip(asked) {
            *address = wanted(asked, address.port()).await;
        }
        match on(usual).await {
            Ok(started) => Ok(started),
            Err(_) => on(asked.map(|port| here(port.unwrap_or(0)))).await,
        }
    }
}

/// The port that was asked for, or the usual one if nobody uses it, or a free one.
async fn wanted(asked: Option<u16>, usual: u16) -> SocketAddr {
    match asked {
        Some(port) => here(port),
        None if TcpListener::bind(here(usual)).await.is_ok() => here(usual),
        None => here(0),
    }
}

/// The folder of the demo's data.
struct Folder {
    path: PathBuf,
    // Removes the folder at the end.
    _temporary: Option<TempDir>,
}

impl Folder {
    fn open(kept: Option<&Path>) -> Result<Self, Failure> {
        let unusable = |e| Failure::Usage(format!("The demo's folder cannot be used ({e}): name another with --data."));
        if let Some(path) = kept {
            std::fs::create_dir_all(path).map_err(unusable)?;
            return Ok(Self { path: path.to_owned(), _temporary: None });
        }
        let folder = TempDir::with_prefix("candilever-demo-").map_err(unusable)?;
        Ok(Self { path: folder.path().to_owned(), _temporary: Some(folder) })
    }

    fn file(&self) -> PathBuf {
        self.path.join("candilever.db")
    }

    /// The password of the demo's people; it is made with the first of them.
    fn password(&self) -> Result<String, Failure> {
        let path = self.path.join("password");
        if let Ok(password) = std::fs::read_to_string(&path) {
            return Ok(password.trim().to_owned());
        }
        let password = random::token();
        std::fs::write(&path, &password)
            .map_err(|e| Failure::Usage(format!("{} cannot be written: {e}.", path.display())))?;
        Ok(password)
    }
}

fn settings(
    config: &Config,
    folder: &Folder,
    stand_ins: &sandbox::Sandbox,
    known: &sandbox::Config,
) -> Result<Checked, Failure> {
    let url = |text: String| Url::parse(&text).map_err(|e| Failure::Broken(format!("the stand-in's address: {e}")));
    let lever = stand_ins.lever_url();
    Ok(Checked {
        public_url: None,
        database: DatabaseUrl::embedded(&folder.file())?,
        master_key: None,
        lever: LeverSettings {
            auth_url: url(lever.clone())?,
            api_url: url(format!("{lever}/v1"))?,
            audience: format!("{lever}/v1/"),
            client_id: known.client_id.clone(),
            client_secret: SecretString::from(known.client_secret.clone()),
            calls_per_second: config.calls_per_second()?,
        },
        mail: Some(MailSettings {
            host: stand_ins.smtp_address().ip().to_string(),
            port: stand_ins.smtp_address().port(),
            encryption: Encryption::None,
            credentials: None,
            from: "Candilever <candilever@halden.example>".to_owned(),
        }),
        provider_hosts: vec![stand_ins.canditech_url().trim_start_matches("http://").to_owned()],
        ..config.check()?
    })
}

/// The server; it goes by the clock of the stand-ins, so that a day can pass in all three at once.
async fn open(
    checked: &Checked,
    clock: Clock,
    listener: TcpListener,
    address: SocketAddr,
    lock: Option<Lock>,
) -> Result<Server, Failure> {
    let master_key = database::master_key(None, &checked.database)?.key;
    let db = super::open_database(checked).await?;
    db.migrate().await?;
    let settings = checked.settings(checked.public_url(address)?, master_key);
    let engine = Engine::on(db, settings, clock).await?;
    Server::new(engine, listener, address, Vec::new(), Doors::Demo, lock, None)
}

/// Adds the demo's people where they are not there yet; answers the first, and their password.
async fn people(engine: &Engine, folder: &Folder) -> Result<(UserId, String), Failure> {
    let password = folder.password()?;
    for (name, email, role) in PEOPLE {
        let new = NewUser {
            organization: "Halden Instruments".to_owned(),
            email: email.to_owned(),
            name: name.to_owned(),
            role,
            password: SecretString::from(password.clone()),
        };
        match access::add_user(engine, new).await {
            Ok(_) | Err(FlowError::Conflict) => {}
            Err(error) => return Err(error.into()),
        }
    }
    let nora = access::sign_in(engine, PEOPLE[0].1, SecretString::from(password.clone())).await?;
    let nora = nora
        .ok_or_else(|| Failure::Refused("The folder's database is not a demo's: name another with --data.".into()))?;
    Ok((nora.user, password))
}

fn introduce(server: &Server, stand_ins: &sandbox::Sandbox, known: &sandbox::Config, link: &str, password: &str) {
    let engine = server.engine();
    let (lever, canditech) = (stand_ins.lever_url(), stand_ins.canditech_url());
    let lines = [
        format!("Listening on http://{}", server.address()),
        String::new(),
        format!("Candilever, signed in as Nora (Super Admin):  {}", engine.settings.address(&format!("/demo/{link}"))),
        format!("Lever, a stand-in:                            {lever}"),
        format!("Canditech, a stand-in:                        {canditech}"),
        format!("Mails, kept by a stand-in for a mail server:  {}", stand_ins.post_url()),
        String::new(),
        "Start in Candilever: Settings > Integrations > Lever > Connect. Then attach an assessment to a stage,"
            .to_owned(),
        "move a candidate to that stage in Lever, take the test, and see the result arrive.".to_owned(),
        String::new(),
        "On Candilever's Canditech page:".to_owned(),
        format!("  Base URL   {canditech}/api"),
        format!("  API key    {}", known.canditech_key),
        format!("  (Protocol Greenhouse partner: {canditech}/greenhouse, the same key)"),
        String::new(),
        format!("Everybody's password: {password}"),
    ];
    lines.iter().for_each(|line| terminal::say(line));
    for (name, email, role) in PEOPLE {
        terminal::say(&format!("  {email:<22} {name}, {}", role.words()));
    }
    terminal::say("\nCtrl-C ends it.");
}
