//! Tells open pages that something changed: ids and versions only, never personal data.

use tokio::sync::broadcast;

use crate::id::{InviteId, OrganizationId};

/// What changed, for the pages that show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// An invite moved on; the row with a lower version is old.
    Invite { invite: InviteId, version: i64 },
    /// The set-up changed: connection, webhook, attachments, provider.
    SetUp,
}

/// The in-process channel of changes.
#[derive(Debug, Clone)]
pub struct Live(broadcast::Sender<(OrganizationId, Change)>);

impl Default for Live {
    fn default() -> Self {
        Self(broadcast::channel(1024).0)
    }
}

impl Live {
    /// Tells whoever listens; nobody listening is fine.
    pub fn tell(&self, organization: &OrganizationId, change: Change) {
        // The only error is "no receiver", which is the usual case.
        let _unheard = self.0.send((organization.clone(), change));
    }

    /// Listens from now on; a slow listener loses the oldest and should read anew.
    #[must_use]
    pub fn listen(&self) -> broadcast::Receiver<(OrganizationId, Change)> {
        self.0.subscribe()
    }
}
