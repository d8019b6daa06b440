//! Verdicts: a person's thumbs up or down, given here or in the provider's session; never the
//! machine's. One history; the later human act wins by the time of the act.

mod flow;
pub(crate) mod store;
pub(crate) mod tell;

pub(crate) use flow::reported;

use crate::{Engine, access::Member, clock::Moment, fault::FlowError, id::InviteId};

/// A comment longer than this is refused.
pub const LONGEST_COMMENT: usize = 2_000;

/// The three values, as the Lever note says them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Verdict {
    NotGiven,
    Passed,
    Failed,
}

impl Verdict {
    /// The word in the note, in the database and on the screen.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::NotGiven => "n/a",
            Self::Passed => "passed",
            Self::Failed => "failed",
        }
    }

    /// Reads the word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::NotGiven, Self::Passed, Self::Failed].into_iter().find(|v| v.word() == word)
    }
}

/// Where a verdict was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VerdictSource {
    Candilever,
    Provider,
}

impl VerdictSource {
    fn slug(self) -> &'static str {
        match self {
            Self::Candilever => "candilever",
            Self::Provider => "provider",
        }
    }

    fn parse(slug: &str) -> Option<Self> {
        [Self::Candilever, Self::Provider].into_iter().find(|source| source.slug() == slug)
    }
}

/// One entry of the history.
#[derive(Debug, Clone)]
pub struct VerdictEntry {
    pub value: Verdict,
    pub by: String,
    pub source: VerdictSource,
    pub at: Moment,
    pub comment: Option<String>,
}

/// Gives or withdraws (`NotGiven`) a verdict; answers the invite's new version. Only a completed
/// invite takes one.
///
/// # Errors
/// Not found, refused for a comment that is too long, or conflict when the invite is not completed
/// or `version` is given, is not the present one, and was not until a moment ago.
pub async fn give(
    engine: &Engine,
    member: &Member,
    invite: &InviteId,
    value: Verdict,
    comment: Option<&str>,
    version: Option<i64>,
) -> Result<i64, FlowError> {
    flow::give(engine, member, invite, value, comment, version).await
}
