//! Keeping a change: the row, its timeline, and the work it causes, in one transaction; and telling the
//! open pages once that is committed.

use super::{
    entity::{Invite, WaitingFor, entry},
    reconcile, store,
};
use crate::{
    Engine,
    attachment::AttachmentState,
    clock::Moment,
    db::Tx,
    fault::StoreError,
    id::{AttachmentId, InviteId, OrganizationId},
    job::{self, Work},
    live::Change,
    note,
    timeline::{self, Entry},
};

/// Keeps a visible change of an invite that this transaction holds. The note follows by itself.
pub(crate) async fn keep(tx: &mut Tx, invite: &mut Invite, entries: &[Entry], now: Moment) -> Result<(), StoreError> {
    invite.touch(now);
    store::save(tx, invite).await?;
    follow(tx, invite, entries, now).await
}

/// Writes what goes with a new or changed row: its entries and the note's job.
pub(crate) async fn follow(tx: &mut Tx, invite: &Invite, entries: &[Entry], now: Moment) -> Result<(), StoreError> {
    for entry in entries {
        timeline::add(tx, &invite.organization, &invite.id, entry).await?;
    }
    if let Some(due) = note::due(tx, invite, now).await? {
        let work = Work::WriteNote { invite: invite.id.clone() };
        job::enqueue(tx, &invite.organization, &work, due, None).await?;
    }
    Ok(())
}

/// What open pages should hear once the transaction is committed.
#[derive(Debug, Default)]
pub(crate) struct News {
    invites: Vec<(InviteId, i64)>,
    messages: bool,
}

impl From<Vec<(InviteId, i64)>> for News {
    fn from(invites: Vec<(InviteId, i64)>) -> Self {
        Self { invites, messages: false }
    }
}

impl News {
    pub(crate) fn of(&mut self, invite: &Invite) {
        self.invites.push((invite.id.clone(), invite.version));
    }

    /// Whether messages that waited were handled.
    pub(crate) fn of_messages(&mut self, handled: bool) {
        self.messages |= handled;
    }

    /// Tells the open pages, and wakes the dispatcher for whatever was caused.
    pub(crate) fn tell(self, engine: &Engine, organization: &OrganizationId) {
        for (invite, version) in self.invites {
            engine.live.tell(organization, Change::Invite { invite, version });
        }
        if self.messages {
            engine.live.tell(organization, Change::SetUp);
        }
        engine.wake.notify_one();
    }
}

/// What an attachment's new state means for its unsent invites: a pause holds them, its end has Lever
/// asked about them again, and a removal ends them.
pub(crate) async fn follow_attachment(
    tx: &mut Tx,
    organization: &OrganizationId,
    attachment: &AttachmentId,
    state: AttachmentState,
    now: Moment,
) -> Result<News, StoreError> {
    let mut news = News::default();
    for mut invite in store::hold_unsent(tx, organization, attachment).await? {
        match state {
            AttachmentState::Active => {
                let work = Work::Reconcile { opportunity: invite.opportunity.clone() };
                job::enqueue(tx, organization, &work, now, None).await?;
            }
            AttachmentState::Paused => {
                if invite.hold(WaitingFor::Paused) {
                    let sentence = format!("Waiting. {}", WaitingFor::Paused.words());
                    keep(tx, &mut invite, &[entry(now, "waiting", sentence, None)], now).await?;
                }
            }
            AttachmentState::Removed => {
                reconcile::end(tx, &mut invite, "The attachment was removed before it was sent.", now).await?;
            }
        }
        news.of(&invite);
    }
    Ok(news)
}
