//! The audit log: who did what to what, when and from where, with before and after. An entry is written in the
//! transaction of its deed and never changes; it is sealed into its organization's chain of hashes a moment
//! later. It holds ids and words of ours: never a candidate's name, address or comment, and no secret.

mod action;
mod chain;
mod read;
mod seal;
mod store;

use std::net::IpAddr;

use crate::{
    Engine,
    access::Member,
    clock::Moment,
    db::Tx,
    fault::{FlowError, StoreError},
    id::{AuditId, OrganizationId, UserId},
};

pub use action::{Action, Area};
pub use chain::Fault;
pub(crate) use seal::seal;
pub(crate) use store::guard;

/// Facts about what was changed, by name: `[("state", "paused".into())]`.
pub(crate) type Facts = Vec<(&'static str, String)>;

/// What was done.
#[derive(Debug)]
pub(crate) struct Deed<'a> {
    pub action: Action,
    /// The id of what it was done to.
    pub subject: &'a str,
    /// How it was; empty where nothing was there.
    pub before: Facts,
    /// How it is now; empty where nothing is left.
    pub after: Facts,
}

impl<'a> Deed<'a> {
    /// A deed that changes nothing that can be compared.
    pub(crate) fn plain(action: Action, subject: &'a str) -> Self {
        Self { action, subject, before: Vec::new(), after: Vec::new() }
    }
}

/// Who did it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum By {
    Person(UserId),
    /// Somebody at the server's command line.
    Terminal,
    /// Lever, whose word was followed.
    Lever,
    /// Somebody in the provider's session, whom we do not know.
    Provider,
}

/// Writes what a person did, in the transaction that does it.
pub(crate) async fn record(tx: &mut Tx, member: &Member, deed: &Deed<'_>, now: Moment) -> Result<(), StoreError> {
    let by = By::Person(member.user.clone());
    store::insert(tx, &member.organization, (&by, member.from), deed, now).await
}

/// Writes what nobody did who is signed in.
pub(crate) async fn record_of(
    tx: &mut Tx,
    organization: &OrganizationId,
    (by, from): (&By, Option<IpAddr>),
    deed: &Deed<'_>,
    now: Moment,
) -> Result<(), StoreError> {
    store::insert(tx, organization, (by, from), deed, now).await
}

/// Writes into every organization's log what somebody did at the command line to all of them.
pub(crate) async fn record_everywhere(tx: &mut Tx, action: Action, now: Moment) -> Result<(), StoreError> {
    for (organization, _) in crate::organization::all_in(tx).await? {
        let deed = Deed::plain(action, organization.as_str());
        store::insert(tx, &organization, (&By::Terminal, None), &deed, now).await?;
    }
    Ok(())
}

/// One entry, as it is read.
#[derive(Debug, Clone)]
pub struct Entry {
    pub id: AuditId,
    pub at: Moment,
    pub by: By,
    /// The person's name as it is now; `None` for nobody who is known here.
    pub by_name: Option<String>,
    pub from: Option<String>,
    pub area: Area,
    pub action: String,
    pub subject: String,
    /// Whose id that is, where it is a person's.
    pub subject_name: Option<String>,
    /// JSON, or nothing.
    pub before: Option<String>,
    pub after: Option<String>,
    /// Its place in the chain and its hash, once it is sealed.
    pub sealed: Option<(i64, String)>,
}

/// Which entries.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    pub area: Option<Area>,
    pub by: Option<UserId>,
}

/// What a look along the chain found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// Sealed entries that are whole.
    pub entries: i64,
    /// The hash of the last of them: kept elsewhere, it shows later whether the end was cut off.
    pub head: String,
    /// Where the chain breaks, and how.
    pub fault: Option<(i64, Fault)>,
}

/// A page of entries, newest first, from before `before` on.
///
/// # Errors
/// Forbidden for everybody but Super Admins.
pub async fn page(
    engine: &Engine,
    member: &Member,
    filter: &Filter,
    before: Option<&AuditId>,
    most: i64,
) -> Result<Vec<Entry>, FlowError> {
    read::page(engine, member, filter, before, most).await
}

/// Begins an export, which is itself an entry.
///
/// # Errors
/// Forbidden for everybody but Super Admins.
pub async fn begin_export(engine: &Engine, member: &Member) -> Result<(), FlowError> {
    read::begin_export(engine, member).await
}

/// The next entries of an export as lines of JSON, oldest first, and the last one's id; nothing at the end.
///
/// # Errors
/// Forbidden for everybody but Super Admins.
pub async fn export_some(
    engine: &Engine,
    member: &Member,
    filter: &Filter,
    after: Option<&AuditId>,
) -> Result<Option<(String, AuditId)>, FlowError> {
    read::export_some(engine, member, filter, after).await
}

/// Goes along the organization's chain and computes every hash anew.
///
/// # Errors
/// Forbidden for everybody but Super Admins.
pub async fn verify(engine: &Engine, member: &Member) -> Result<Verified, FlowError> {
    read::verify(engine, member).await
}

/// The same for every organization, by name, for the command line.
///
/// # Errors
/// When the database fails.
pub async fn verify_all(engine: &Engine) -> Result<Vec<(String, Verified)>, StoreError> {
    read::verify_all(engine).await
}
