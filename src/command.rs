//! The command line: what the program can be asked to do, and how it ends.

mod backup;
#[cfg(feature = "sandbox")]
mod demo;
mod doctor;
mod keys;
mod migrate;
mod organization;
mod pause;
mod postgres;
mod restore;
#[cfg(feature = "sandbox")]
mod sandbox;
mod serve;
mod user;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use engine::{
    Engine,
    clock::Clock,
    db::Db,
    fault::{FlowError, StartError, StoreError},
};
use thiserror::Error;
use url::Url;

use crate::{
    config::{Checked, Config},
    database,
};

const EXIT_CODES: &str = "Exit codes: 0 done; 1 something broke; 2 the command line or a setting is wrong; \
                          3 the database cannot be used; 4 what was asked for was refused";

/// Joins Lever to skills assessments: move a candidate, the right test goes out, the score comes back.
#[derive(Debug, Parser)]
#[command(name = "candilever", version, after_help = EXIT_CODES)]
pub struct CommandLine {
    #[command(subcommand)]
    command: Option<Command>,

    #[command(flatten)]
    pub config: Config,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the server (what happens without a command)
    Serve,
    /// Try everything on this machine: the server with stand-ins for Lever and Canditech
    #[cfg(feature = "sandbox")]
    Demo(demo::Demo),
    /// Run the stand-ins for Lever and Canditech alone
    #[cfg(feature = "sandbox")]
    Sandbox(sandbox::Sandbox),
    /// Bring the database's schema up to date
    Migrate,
    /// Write everything but the master key into one file, while the server runs
    Backup(backup::Backup),
    /// Put a backup back, with every server stopped
    Restore(restore::Restore),
    /// Stand still, while servers run: what comes in is kept, and nothing goes out
    Pause,
    /// Go on after a pause or a restore
    Resume,
    /// Check settings, database, Lever and the provider, and say what to do
    Doctor,
    /// Change the keys that secrets are sealed with
    Keys {
        #[command(subcommand)]
        command: keys::Keys,
    },
    /// Add people, list them, change their role
    User {
        #[command(subcommand)]
        command: user::User,
    },
    /// List organizations, remove one that leaves
    Organization {
        #[command(subcommand)]
        command: organization::Organization,
    },
}

impl CommandLine {
    /// Does what was asked.
    ///
    /// # Errors
    /// Why it could not be done, in words for the terminal.
    pub async fn run(self) -> Result<(), Failure> {
        match self.command.unwrap_or(Command::Serve) {
            Command::Serve => serve::run(&self.config).await,
            #[cfg(feature = "sandbox")]
            Command::Demo(demo) => demo.run(&self.config).await,
            #[cfg(feature = "sandbox")]
            Command::Sandbox(sandbox) => sandbox.run().await,
            Command::Migrate => migrate::run(&self.config).await,
            Command::Backup(backup) => backup.run(&self.config).await,
            Command::Restore(restore) => restore.run(&self.config).await,
            Command::Pause => pause::begin(&self.config).await,
            Command::Resume => pause::end(&self.config).await,
            Command::Doctor => doctor::run(&self.config).await,
            Command::Keys { command } => command.run(&self.config).await,
            Command::User { command } => command.run(&self.config).await,
            Command::Organization { command } => command.run(&self.config).await,
        }
    }
}

/// Opens the engine for a command beside a running server: the schema is left as it is, and only a
/// database with nothing in it is set up.
///
/// # Errors
/// When the database or the key cannot be used.
async fn open_beside(config: &Config) -> Result<Engine, Failure> {
    let checked = config.check()?;
    let is_new = checked.database.is_new();
    let master_key = database::master_key(checked.master_key.as_ref(), &checked.database)?.announced();
    let db = open_database(&checked).await?;
    if is_new {
        db.migrate().await?;
    }
    let public_url = checked.public_url.clone().unwrap_or_else(unknown_address);
    Ok(Engine::on(db, checked.settings(public_url, master_key), Clock::shared(Clock::System)).await?)
}

/// Opens the database, its file readable for this user alone.
///
/// # Errors
/// When it cannot be reached.
async fn open_database(checked: &Checked) -> Result<Db, Failure> {
    if let Some(file) = &checked.database.file {
        database::prepare_file(file)?;
    }
    Ok(Db::open(&checked.database.url).await?)
}

/// The address of a command that hands out none.
fn unknown_address() -> Url {
    Url::parse("http://127.0.0.1/").expect("it is a URL")
}

/// Why a command ended without doing what it was asked.
#[derive(Debug, Error)]
pub enum Failure {
    /// The command line or a setting is wrong.
    #[error("{0}")]
    Usage(String),
    /// The database cannot be used.
    #[error("{0}")]
    Database(String),
    /// What was asked for was refused.
    #[error("{0}")]
    Refused(String),
    /// Something else broke.
    #[error("{0}")]
    Broken(String),
}

impl Failure {
    /// The embedded database cannot be read.
    pub fn damaged() -> Self {
        Self::Database(
            "The database's file is damaged, or it is no database: keep it, and restore a backup with `candilever \
             restore FILE --replace`."
                .into(),
        )
    }

    /// The exit code that tells scripts which.
    pub fn exit_code(&self) -> ExitCode {
        ExitCode::from(match self {
            Self::Broken(_) => 1,
            Self::Usage(_) => 2,
            Self::Database(_) => 3,
            Self::Refused(_) => 4,
        })
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        if let StoreError::Newer { there, known } = error {
            return Self::Database(format!(
                "A newer candilever made this database's schema ({there}; this one knows {known}): run that one, or \
                 restore a backup from before it."
            ));
        }
        let text = error.to_string();
        // SQLite's words.
        if text.contains("malformed") || text.contains("is not a database") {
            return Self::damaged();
        }
        // SQLite's words without room and with a limit on the size of files, and PostgreSQL's.
        if ["is full", "disk I/O error", "No space left"].iter().any(|words| text.contains(words)) {
            return Self::Database(format!(
                "The disk is full or fails, and nothing was changed: make room there, and do it again. ({text})"
            ));
        }
        // Both databases' words for a schema that is not there.
        let missing = text.contains("no such table") || text.contains("does not exist");
        let next = if missing { " Run `candilever migrate` first." } else { "" };
        Self::Database(format!("The database cannot be used: {text}.{next}"))
    }
}

impl From<StartError> for Failure {
    fn from(error: StartError) -> Self {
        match error {
            StartError::Store(error) => error.into(),
            StartError::Settings(why) => Self::Usage(format!("It cannot start: {why}.")),
        }
    }
}

impl From<FlowError> for Failure {
    fn from(error: FlowError) -> Self {
        match error {
            FlowError::Store(error) => error.into(),
            refused => Self::Refused(format!("That was refused: {refused}.")),
        }
    }
}
