//! Background work: a table of jobs with unique keys, leases and retries, and one dispatcher a process.
//!
//! A job exists exactly if the transaction that caused it committed. Its work is level-triggered:
//! it compares what should be with what is, so running it twice is harmless.

mod backoff;
mod desk;
mod dispatcher;
mod outcome;
mod replay;
mod run;
mod standing;
mod store;
mod turn;

use tokio_util::sync::CancellationToken;

pub(crate) use outcome::{Outcome, Run};
pub(crate) use replay::do_again;
pub use standing::schedule_standing_work;
pub(crate) use store::asked_again;

use crate::{
    Engine,
    access::{Member, Permission},
    clock::Moment,
    db::Tx,
    fault::{FlowError, StoreError},
    id::{DeliveryId, InviteId, JobId, NoticeId, OpportunityId, OrganizationId, ProviderAccountId, StageId},
};

/// What there is to do.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Work {
    /// Read the opportunity again from Lever and act on the difference.
    Reconcile { opportunity: OpportunityId },
    /// The same in the background, for whoever Lever may have anonymised without a word.
    LookAgain { opportunity: OpportunityId },
    /// Send a queued invite to the provider.
    Send { invite: InviteId },
    /// Read an invite's state and result from the provider.
    Fetch { invite: InviteId },
    /// Bring the note in Lever in step.
    WriteNote { invite: InviteId },
    /// Tell the provider of a verdict given here.
    TellVerdict { invite: InviteId },
    /// Do at the provider what a person asked for.
    CarryOut { invite: InviteId },
    /// Find moves into an attached stage that no webhook told.
    CatchUp { stage: StageId },
    /// Take our note of an erased candidate away in Lever.
    EraseNote { invite: InviteId },
    /// Ask the provider to forget an erased candidate.
    EraseAtProvider { invite: InviteId },
    /// Read Lever's users, postings and stages.
    SyncLever,
    /// Read the provider's assessments.
    SyncProvider { account: ProviderAccountId },
    /// Tell somebody beyond the pages.
    Notify { notice: NoticeId },
    /// Ask Lever and the provider whether they still let us in.
    CheckChain,
}

impl Work {
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Reconcile { .. } => "reconcile",
            Self::LookAgain { .. } => "look_again",
            Self::Send { .. } => "send",
            Self::Fetch { .. } => "fetch",
            Self::WriteNote { .. } => "write_note",
            Self::TellVerdict { .. } => "tell_verdict",
            Self::CarryOut { .. } => "carry_out",
            Self::CatchUp { .. } => "catch_up",
            Self::EraseNote { .. } => "erase_note",
            Self::EraseAtProvider { .. } => "erase_at_provider",
            Self::SyncLever => "sync_lever",
            Self::SyncProvider { .. } => "sync_provider",
            Self::Notify { .. } => "notify",
            Self::CheckChain => "check_chain",
        }
    }

    fn subject(&self) -> &str {
        match self {
            Self::Reconcile { opportunity } | Self::LookAgain { opportunity } => opportunity.as_str(),
            Self::Send { invite }
            | Self::Fetch { invite }
            | Self::WriteNote { invite }
            | Self::TellVerdict { invite }
            | Self::CarryOut { invite }
            | Self::EraseNote { invite }
            | Self::EraseAtProvider { invite } => invite.as_str(),
            Self::CatchUp { stage } => stage.as_str(),
            Self::SyncLever | Self::CheckChain => "",
            Self::SyncProvider { account } => account.as_str(),
            Self::Notify { notice } => notice.as_str(),
        }
    }

    /// What makes it happen once while it is unfinished.
    pub(crate) fn dedup_key(&self, organization: &OrganizationId) -> String {
        format!("{organization}:{}:{}", self.kind(), self.subject())
    }

    fn invite(&self) -> Option<&InviteId> {
        match self {
            Self::Send { invite }
            | Self::Fetch { invite }
            | Self::WriteNote { invite }
            | Self::TellVerdict { invite }
            | Self::CarryOut { invite }
            | Self::EraseNote { invite }
            | Self::EraseAtProvider { invite } => Some(invite),
            Self::Reconcile { .. }
            | Self::LookAgain { .. }
            | Self::CatchUp { .. }
            | Self::SyncLever
            | Self::SyncProvider { .. }
            | Self::Notify { .. }
            | Self::CheckChain => None,
        }
    }

    /// The class it is claimed in: what people wait for goes before what a backlog holds.
    pub(crate) fn priority(&self) -> i64 {
        match self {
            Self::Send { .. } | Self::TellVerdict { .. } | Self::CarryOut { .. } => store::PRIORITIES[0],
            Self::Reconcile { .. } | Self::WriteNote { .. } | Self::Notify { .. } => store::PRIORITIES[1],
            Self::LookAgain { .. }
            | Self::Fetch { .. }
            | Self::CatchUp { .. }
            | Self::EraseNote { .. }
            | Self::EraseAtProvider { .. }
            | Self::SyncLever
            | Self::SyncProvider { .. }
            | Self::CheckChain => store::PRIORITIES[2],
        }
    }

    /// What comes back by itself, and what must come true in the end (a note, an erasure), is never given up.
    fn is_standing(&self) -> bool {
        match self {
            Self::Fetch { .. }
            | Self::WriteNote { .. }
            | Self::CatchUp { .. }
            | Self::EraseNote { .. }
            | Self::EraseAtProvider { .. }
            | Self::SyncLever
            | Self::SyncProvider { .. } => true,
            Self::Reconcile { .. }
            | Self::LookAgain { .. }
            | Self::Send { .. }
            | Self::TellVerdict { .. }
            | Self::CarryOut { .. }
            | Self::Notify { .. }
            | Self::CheckChain => false,
        }
    }
}

/// What a waiting job waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WaitsFor {
    /// A working connection to Lever.
    Lever,
    /// A provider account whose key is accepted.
    Provider,
}

impl WaitsFor {
    fn slug(self) -> &'static str {
        match self {
            Self::Lever => "lever",
            Self::Provider => "provider",
        }
    }
}

/// Enqueues work in the caller's transaction; work that is open already is asked for again, not doubled.
///
/// # Errors
/// When the database refuses.
pub async fn enqueue(
    tx: &mut Tx,
    organization: &OrganizationId,
    work: &Work,
    due: Moment,
    delivery: Option<&DeliveryId>,
) -> Result<(), StoreError> {
    store::enqueue(tx, organization, work, due, delivery).await
}

/// Wakes what waited, in the caller's transaction; answers how many jobs.
///
/// # Errors
/// When the database refuses.
pub async fn wake(tx: &mut Tx, organization: &OrganizationId, what: WaitsFor, now: Moment) -> Result<u64, StoreError> {
    store::wake(tx, organization, what, now).await
}

/// Wakes once more, after the transaction that woke has committed: on PostgreSQL a job may be put to wait between its
/// look at who waits and its commit, and neither of the two sees the other.
///
/// # Errors
/// When the database fails; what waits is woken within the hour then.
pub(crate) async fn wake_who_came_between(
    engine: &Engine,
    organization: &OrganizationId,
    what: WaitsFor,
) -> Result<(), StoreError> {
    let mut tx = engine.db.write().await?;
    store::wake(&mut tx, organization, what, engine.clock.now()).await?;
    tx.commit().await?;
    engine.wake.notify_one();
    Ok(())
}

/// Makes due, in the caller's transaction, what is tried again later because that gave no proper answer.
pub(crate) async fn due_again(
    tx: &mut Tx,
    organization: &OrganizationId,
    what: WaitsFor,
    now: Moment,
) -> Result<(), StoreError> {
    store::due_again(tx, organization, what, now).await
}

/// Gives open work its whole time again before it is given up, in the caller's transaction.
pub(crate) async fn try_anew(tx: &mut Tx) -> Result<(), StoreError> {
    store::try_anew(tx).await
}

/// Takes over what a server that is surely gone had claimed, without waiting for its leases to end;
/// answers how many jobs. Only for whoever holds the lock of an embedded database.
///
/// # Errors
/// When the database fails.
pub async fn take_over(engine: &Engine) -> Result<u64, StoreError> {
    let mut tx = engine.db.write().await?;
    let freed = store::free_leases(&mut tx, engine.clock.now(), dispatcher::PAUSE_AFTER_A_DEATH).await?;
    tx.commit().await?;
    Ok(freed)
}

/// Runs jobs as they fall due, until told to stop; then finishes what runs.
pub async fn dispatch(engine: Engine, stop: CancellationToken) {
    dispatcher::dispatch(engine, stop).await;
}

/// Runs all jobs that are due now, and those they cause, until none is; for tests and the command line.
///
/// # Errors
/// When the database fails.
pub async fn drain(engine: &Engine) -> Result<usize, StoreError> {
    dispatcher::drain(engine, usize::MAX).await
}

/// The same, but claims no more once at least `most` have run.
///
/// # Errors
/// When the database fails.
pub async fn drain_some(engine: &Engine, most: usize) -> Result<usize, StoreError> {
    dispatcher::drain(engine, most).await
}

/// One row of Activity's work.
#[derive(Debug, Clone)]
pub struct JobRow {
    pub id: JobId,
    pub kind: String,
    pub state: String,
    pub attempt: i64,
    pub due_at: Option<Moment>,
    pub last_error: Option<String>,
    pub created_at: Moment,
    /// The invite it is about.
    pub invite: Option<InviteId>,
}

/// Work that is open, waits or died, newest first; not what only comes back by itself.
///
/// # Errors
/// Forbidden unless the role manages attachments.
pub async fn unfinished(engine: &Engine, member: &Member, limit: i64) -> Result<Vec<JobRow>, FlowError> {
    member.require(Permission::ManageAttachments)?;
    Ok(store::look::unfinished(&engine.db, &member.organization, limit.clamp(1, 500)).await?)
}

/// Has work that was given up done again.
///
/// # Errors
/// Forbidden unless the role manages attachments; `Conflict` when it is not given up (any more).
pub async fn replay(engine: &Engine, member: &Member, id: &JobId) -> Result<(), FlowError> {
    replay::replay(engine, member, id).await
}

/// The organization's work that does not come along; what was due before `since` is stuck.
pub(crate) async fn standstill(
    engine: &Engine,
    organization: &OrganizationId,
    since: Moment,
) -> Result<crate::doctor::Work, StoreError> {
    store::standstill(&engine.db, organization, since).await
}
