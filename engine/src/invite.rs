//! Invites: one assessment for one opportunity under one attachment; the rows of the Candidates tab.

pub(crate) mod catalogue;
mod change;
mod entity;
mod export;
pub(crate) mod fetch;
mod needs;
mod person;
pub(crate) mod reconcile;
mod report;
pub(crate) mod send;
mod state;
mod store;
mod sweep;
pub mod verb;
mod view;
mod words;

pub(crate) use change::{News, follow_attachment, keep};
#[cfg(test)]
pub(crate) use entity::sample;
pub(crate) use entity::{ANONYMOUS, Invite, WaitingFor, entry};
pub(crate) use reconcile::cancel;
pub(crate) use report::in_words as score_in_words;
pub(crate) use store::restored::doubt_unsent;
pub(crate) use store::{
    get, given, hand_over, hold, hold_of_contact, of_callback, opportunities_of_contact, parsed, save, seen,
    words::replace as replace_words,
};
pub(crate) use sweep::sweep;
use url::Url;
pub use words::beginnings;
pub(crate) use words::range_of;

use crate::{
    Engine,
    access::Member,
    clock::Moment,
    fault::FlowError,
    id::{AssessmentId, AttachmentId, InviteId, OpportunityId, PostingId},
    provider::{Score, Section, Signal},
    timeline,
    verdict::{Verdict, VerdictEntry},
};

/// Where an invite stands. The transitions are one table in `invite/state.rs`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum InviteState {
    /// Cannot go on until something changes; the reason says what.
    Waiting,
    Queued,
    Sent,
    Started,
    Completed,
    Expired,
    Declined,
    Cancelled,
    /// Cannot be done; the reason says why and what to do.
    Failed,
    /// A send whose outcome nobody can tell: a person is asked, it is never repeated by guess.
    Unclear,
}

impl InviteState {
    /// All of them, in the order of life.
    pub const ALL: [Self; 10] = [
        Self::Waiting,
        Self::Queued,
        Self::Sent,
        Self::Started,
        Self::Completed,
        Self::Expired,
        Self::Declined,
        Self::Cancelled,
        Self::Failed,
        Self::Unclear,
    ];

    /// The name in addresses and in the database.
    #[must_use]
    pub fn slug(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Queued => "queued",
            Self::Sent => "sent",
            Self::Started => "started",
            Self::Completed => "completed",
            Self::Expired => "expired",
            Self::Declined => "declined",
            Self::Cancelled => "cancelled",
            Self::Failed => "failed",
            Self::Unclear => "unclear",
        }
    }

    /// Reads the name.
    #[must_use]
    pub fn parse(slug: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.slug() == slug)
    }
}

/// How far an invite came at least; the steps of the [`Funnel`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reached {
    Invited,
    Started,
    Completed,
}

/// What the Candidates tab filters by. All parts hold together.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    pub state: Option<InviteState>,
    pub posting: Option<PostingId>,
    /// Completed, with verdict n/a.
    pub awaiting_verdict: bool,
    /// The person owns or follows the opportunity in Lever.
    pub mine: bool,
    /// Waiting, failed or unclear.
    pub needs_attention: bool,
    /// Came at least as far as this, whatever came after.
    pub reached: Option<Reached>,
    pub verdict: Option<Verdict>,
    /// Made in the last so many days.
    pub days: Option<i64>,
    /// Beginnings of words of the candidate's name or e-mail address, all of them to be met.
    pub name: Option<String>,
    /// Where the page before ended ([`Page::next`]).
    pub after: Option<String>,
}

/// One row.
#[derive(Debug, Clone)]
pub struct Row {
    pub id: InviteId,
    pub candidate_name: String,
    pub posting_title: Option<String>,
    pub assessment_name: String,
    pub state: InviteState,
    pub reason: Option<String>,
    pub score: Option<Score>,
    pub verdict: Verdict,
    pub changed_at: Moment,
    pub version: i64,
}

/// A page of rows, newest change first; what a search found stands in the order of the words found.
#[derive(Debug, Clone)]
pub struct Page {
    pub rows: Vec<Row>,
    pub next: Option<String>,
    /// How many match, counted up to 1,000, in a search up to 200.
    pub count: i64,
    /// There are more than were counted.
    pub more: bool,
}

/// The invites that match and that this person may see.
///
/// # Errors
/// When the database fails.
pub async fn page(engine: &Engine, member: &Member, filter: &Filter) -> Result<Page, FlowError> {
    view::page(engine, member, filter).await
}

/// How many match that this person may see, as a page of them says, and whether there are more.
pub(crate) async fn count(engine: &Engine, member: &Member, filter: &Filter) -> Result<(i64, bool), FlowError> {
    view::count(engine, member, filter).await
}

/// The positions that have invites this person may see, for the filter.
///
/// # Errors
/// When the database fails.
pub async fn positions(engine: &Engine, member: &Member) -> Result<Vec<(PostingId, String)>, FlowError> {
    view::positions(engine, member).await
}

/// Everything about one invite.
#[derive(Debug, Clone)]
pub struct Detail {
    pub row: Row,
    pub opportunity: OpportunityId,
    pub assessment: AssessmentId,
    pub candidate_email: Option<String>,
    pub stage_name: Option<String>,
    /// The profile in Lever.
    pub lever_url: Option<String>,
    pub sections: Vec<Section>,
    pub integrity: Vec<Signal>,
    /// Our link to the provider's report (`/r/{token}`); `None` before there is one.
    pub report_link: Option<String>,
    /// The first is 1; another begins because somebody asked for it.
    pub round: i64,
    pub created_at: Moment,
    pub sent_at: Option<Moment>,
    pub started_at: Option<Moment>,
    pub completed_at: Option<Moment>,
    pub expires_at: Option<Moment>,
    pub timeline: Vec<timeline::Entry>,
    /// The verdict's history, newest act first.
    pub verdicts: Vec<VerdictEntry>,
    /// Other invites of the same person.
    pub others: Vec<Row>,
}

/// One invite, if this person may see it.
///
/// # Errors
/// Not found: the same answer for one that is not there and one that is not theirs to see.
pub async fn detail(engine: &Engine, member: &Member, id: &InviteId) -> Result<Detail, FlowError> {
    view::detail(engine, member, id).await
}

/// The provider's report behind a link in a Lever note, if this person may see the candidate.
///
/// # Errors
/// Not found.
pub async fn report(engine: &Engine, member: &Member, token: &str) -> Result<Url, FlowError> {
    view::report(engine, member, token).await
}

/// Whether this person may see the invite: for the live stream.
///
/// # Errors
/// When the database fails.
pub async fn is_visible(engine: &Engine, member: &Member, id: &InviteId) -> Result<bool, FlowError> {
    view::is_visible(engine, member, id).await
}

/// The dashboard's funnel of the last `days` days, over what this person may see.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Funnel {
    pub invited: i64,
    pub started: i64,
    pub completed: i64,
    pub passed: i64,
    pub awaiting_verdict: i64,
    pub needs_attention: i64,
}

/// Counts the funnel.
///
/// # Errors
/// When the database fails.
pub async fn funnel(engine: &Engine, member: &Member, days: i64) -> Result<Funnel, FlowError> {
    view::funnel(engine, member, days).await
}

/// What a person says about an invite that does not go on by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// Send it (again): a late, failed or unclear one.
    Send,
    /// It did go out, as the provider shows: an unclear one.
    WasSent,
    /// Do not send it: a waiting or unclear one.
    Drop,
}

impl Decision {
    /// The word in the audit log.
    fn slug(self) -> &'static str {
        match self {
            Self::Send => "send",
            Self::WasSent => "was_sent",
            Self::Drop => "drop",
        }
    }
}

/// An invite that needs a person, and what mends it.
#[derive(Debug, Clone)]
pub struct Need {
    pub row: Row,
    /// What this person may do about it, the likeliest first; empty where only others can.
    pub remedies: Vec<Remedy>,
}

/// What mends an invite that does not go on by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Remedy {
    /// A person's word.
    Decide(Decision),
    /// What is missing is missing in Lever; the profile's address there.
    OpenInLever(String),
    /// The connection to Lever is to be made again.
    Connect,
    /// The provider account is to be corrected.
    Provider,
    /// The attachment is paused.
    Resume(AttachmentId),
    /// The attachment's assessment can be sent no more: another one is to be attached.
    ChangeAttachment(AttachmentId),
}

/// All that is held about the candidate of an invite, in all their invites here, as JSON; itself an entry of the audit
/// log.
///
/// # Errors
/// Forbidden for everybody but Super Admins; not found when there is no such invite of theirs.
pub async fn export(engine: &Engine, member: &Member, id: &InviteId) -> Result<String, FlowError> {
    export::export(engine, member, id).await
}

/// The invites that wait, failed or are unclear, newest change first, at most `most` of them; and how
/// many there are.
///
/// # Errors
/// When the database fails.
pub async fn needs(engine: &Engine, member: &Member, most: usize) -> Result<(Vec<Need>, Page), FlowError> {
    needs::needs(engine, member, most).await
}

/// Resumes the attachment that a paused invite waits for, and what else waits for it.
///
/// # Errors
/// Not found; forbidden unless the role manages attachments; `Conflict` when it is not paused (any more).
pub async fn resume(engine: &Engine, member: &Member, attachment: &AttachmentId) -> Result<(), FlowError> {
    needs::resume(engine, member, attachment).await
}

/// The late invites that wait together for somebody's word.
///
/// # Errors
/// Forbidden unless the role manages attachments.
pub async fn awaiting_approval(engine: &Engine, member: &Member) -> Result<Vec<Row>, FlowError> {
    person::awaiting_approval(engine, member).await
}

/// Carries out what a person decided about some invites; answers how many it could be done for. Those that
/// moved on meanwhile stay as they are.
///
/// # Errors
/// Forbidden unless the role manages attachments.
pub async fn decide(
    engine: &Engine,
    member: &Member,
    invites: &[InviteId],
    decision: Decision,
) -> Result<usize, FlowError> {
    person::decide(engine, member, invites, decision).await
}
