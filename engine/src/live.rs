//! Tells open pages that something changed: ids and versions only, never personal data. On PostgreSQL
//! [`relay`] carries it to the pages that other processes serve.

mod relay;
mod store;

use tokio::sync::broadcast;

use crate::id::{InviteId, OrganizationId};

pub use relay::{Pulse, relay, relay_at};

/// What changed, for the pages that show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// An invite moved on; the row with a lower version is old.
    Invite { invite: InviteId, version: i64 },
    /// The set-up changed: connection, webhook, attachments, provider.
    SetUp,
}

type Told = (OrganizationId, Change);

/// The process's channels of changes.
#[derive(Debug, Clone)]
pub struct Live {
    /// All of them, for the pages that this process serves.
    heard: broadcast::Sender<Told>,
    /// Those that happened in this process, for the others.
    told: broadcast::Sender<Told>,
}

impl Default for Live {
    fn default() -> Self {
        Self { heard: broadcast::channel(1024).0, told: broadcast::channel(1024).0 }
    }
}

impl Live {
    /// Tells whoever listens; nobody listening is fine.
    pub fn tell(&self, organization: &OrganizationId, change: Change) {
        // The only error is "no receiver", which is the usual case.
        let _unheard = self.told.send((organization.clone(), change.clone()));
        self.pass_on(organization, change);
    }

    /// Listens from now on; a slow listener loses the oldest and should read anew.
    #[must_use]
    pub fn listen(&self) -> broadcast::Receiver<Told> {
        self.heard.subscribe()
    }

    /// Tells the pages of this process alone.
    fn pass_on(&self, organization: &OrganizationId, change: Change) {
        let _unheard = self.heard.send((organization.clone(), change));
    }
}
