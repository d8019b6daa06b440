//! Background work: a table of jobs with unique keys, leases and retries, and one dispatcher a process.
//!
//! A job exists exactly if the transaction that caused it committed. Its work is level-triggered:
//! it compares what should be with what is, so running it twice is harmless.

use tokio_util::sync::CancellationToken;

use crate::{
    Engine,
    access::Member,
    clock::Moment,
    db::Tx,
    fault::{FlowError, StoreError},
    id::{DeliveryId, InviteId, JobId, OpportunityId, OrganizationId, ProviderAccountId, StageId},
};

/// What there is to do.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Work {
    /// Read the opportunity again from Lever and act on the difference.
    Reconcile { opportunity: OpportunityId },
    /// Send a queued invite to the provider.
    Send { invite: InviteId },
    /// Read an invite's state and result from the provider.
    Fetch { invite: InviteId },
    /// Bring the note in Lever in step.
    WriteNote { invite: InviteId },
    /// Tell the provider of a verdict given here.
    TellVerdict { invite: InviteId },
    /// Find moves into an attached stage that no webhook told.
    CatchUp { stage: StageId },
    /// Read Lever's users, postings and stages.
    SyncLever,
    /// Read the provider's assessments.
    SyncProvider { account: ProviderAccountId },
}

/// What a waiting job waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WaitsFor {
    /// A working connection to Lever.
    Lever,
    /// A provider account whose key is accepted.
    Provider,
}

/// Enqueues work in the caller's transaction; work that is open already is asked for again, not doubled.
///
/// # Errors
/// When the database refuses.
pub async fn enqueue(
    _tx: &mut Tx,
    _organization: &OrganizationId,
    _work: &Work,
    _due: Moment,
    _delivery: Option<&DeliveryId>,
) -> Result<(), StoreError> {
    unimplemented!("E2")
}

/// Wakes what waited, in the caller's transaction; answers how many jobs.
///
/// # Errors
/// When the database refuses.
pub async fn wake(
    _tx: &mut Tx,
    _organization: &OrganizationId,
    _what: WaitsFor,
    _now: Moment,
) -> Result<u64, StoreError> {
    unimplemented!("E2")
}

/// Runs jobs as they fall due, until told to stop; then finishes what runs.
pub async fn dispatch(_engine: Engine, _stop: CancellationToken) {
    unimplemented!("E2")
}

/// Runs all jobs that are due now, and those they cause, until none is; for tests and the command line.
///
/// # Errors
/// When the database fails.
pub async fn drain(_engine: &Engine) -> Result<usize, StoreError> {
    unimplemented!("E2")
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
}

/// Work that is open, waits or died, newest first.
///
/// # Errors
/// Forbidden unless the role manages attachments.
pub async fn unfinished(_engine: &Engine, _member: &Member, _limit: i64) -> Result<Vec<JobRow>, FlowError> {
    unimplemented!("E2")
}
