//! `candilever organization …`: who is on this installation, and how one leaves it; also beside running servers.

use clap::Subcommand;
use engine::{
    fault::FlowError,
    organization::{self, Held, Removed},
};

use crate::{command::Failure, config::Config, terminal};

/// What can be done with organizations.
#[derive(Debug, Subcommand)]
pub enum Organization {
    /// List them, with how much is held of each
    List,
    /// Remove an organization with everything that is held of it; its audit log stays, which has ids alone
    Remove {
        /// The organization's name
        #[arg(long, value_name = "NAME")]
        name: String,
        /// Really do it: only a backup brings it back
        #[arg(long)]
        yes: bool,
    },
}

impl Organization {
    /// Does it.
    ///
    /// # Errors
    /// Why it was refused, in words.
    pub async fn run(self, config: &Config) -> Result<(), Failure> {
        match self {
            Self::List => list(config).await,
            Self::Remove { name, yes } => remove(config, &name, yes).await,
        }
    }
}

fn counted(many: i64, one: &str, more: &str) -> String {
    format!("{many} {}", if many == 1 { one } else { more })
}

fn what_is_held(held: &Held) -> String {
    format!(
        "{}, {}, {}",
        counted(held.people, "person", "people"),
        counted(held.invites, "invite", "invites"),
        counted(held.messages, "message", "messages"),
    )
}

async fn list(config: &Config) -> Result<(), Failure> {
    let engine = super::open_beside(config).await?;
    let all = organization::held(&engine).await?;
    engine.db.close().await;
    for held in all {
        terminal::say(&format!("{}\t{}", held.organization, what_is_held(&held)));
    }
    Ok(())
}

async fn remove(config: &Config, name: &str, yes: bool) -> Result<(), Failure> {
    let engine = super::open_beside(config).await?;
    if !yes {
        let all = organization::held(&engine).await?;
        engine.db.close().await;
        let same = |held: &&Held| engine::db::fold(&held.organization) == engine::db::fold(name);
        let held = all.iter().find(same).ok_or_else(|| unknown(name))?;
        return Err(Failure::Refused(format!(
            "This would remove {}: {}, its keys and its settings. Say --yes to do it; only a backup brings it back.",
            held.organization,
            what_is_held(held)
        )));
    }
    let removed = organization::remove(&engine, name).await;
    engine.db.close().await;
    match removed {
        Ok(Removed::Everywhere) => terminal::say(&format!("Removed {name}, and its webhooks in Lever. {LEFT}")),
        Ok(Removed::WebhooksStay(why)) => terminal::say(&format!(
            "Removed {name}. Its webhooks could not be deleted in Lever ({why}): what they send is refused here. {LEFT}"
        )),
        Err(FlowError::NotFound) => return Err(unknown(name)),
        Err(error) => return Err(error.into()),
    }
    Ok(())
}

/// What is not ours to take.
const LEFT: &str = "Left are notes in its Lever, tests at its provider and older backups; the access that it granted \
                    is revoked in Lever under Settings > Integrations and API > Authorized Apps.";

fn unknown(name: &str) -> Failure {
    Failure::Refused(format!("No organization is called {name}: `candilever organization list` names them."))
}
