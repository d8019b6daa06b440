//! What a person has done to an invite: resend, extend, cancel, retake, correct the e-mail.
//!
//! What is the provider's to do is written down first and carried out by a job; what concerns only us is
//! done at once. A second click is the same wish.

mod ask;
pub(crate) mod carry_out;
mod offer;
mod round;
mod store;

pub(crate) use store::{doubt_open, forget};

use crate::{
    Engine,
    access::Member,
    fault::{FlowError, Refusal},
    id::InviteId,
};

/// An extension adds at most so many days.
pub const MOST_DAYS: i64 = 365;

/// What can be done to an invite.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Verb {
    Resend,
    Extend,
    Cancel,
    Retake,
    CorrectEmail,
}

impl Verb {
    /// All of them, in the order they are shown.
    pub const ALL: [Self; 5] = [Self::Resend, Self::Extend, Self::Retake, Self::CorrectEmail, Self::Cancel];

    /// The name in forms and in the database.
    #[must_use]
    pub fn slug(self) -> &'static str {
        match self {
            Self::Resend => "resend",
            Self::Extend => "extend",
            Self::Cancel => "cancel",
            Self::Retake => "retake",
            Self::CorrectEmail => "correct_email",
        }
    }

    fn parse(slug: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|verb| verb.slug() == slug)
    }

    /// Whether it takes the invite back from the candidate.
    fn takes_back(self) -> bool {
        match self {
            Self::Cancel | Self::CorrectEmail => true,
            Self::Resend | Self::Extend | Self::Retake => false,
        }
    }
}

/// A verb with what it needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Request {
    Resend,
    /// So many days more, from the deadline or, where that is over, from now.
    Extend {
        days: i64,
    },
    Cancel,
    Retake,
    CorrectEmail {
        email: String,
    },
}

impl Request {
    /// Its verb.
    #[must_use]
    pub fn verb(&self) -> Verb {
        match self {
            Self::Resend => Verb::Resend,
            Self::Extend { .. } => Verb::Extend,
            Self::Cancel => Verb::Cancel,
            Self::Retake => Verb::Retake,
            Self::CorrectEmail { .. } => Verb::CorrectEmail,
        }
    }

    fn check(self) -> Result<Self, Refusal> {
        match self {
            Self::Extend { days } if !(1..=MOST_DAYS).contains(&days) => Err(Refusal::Days),
            Self::CorrectEmail { email } => {
                let email = email.trim().to_owned();
                let fits = crate::attachment::decision::is_address(&email);
                fits.then_some(Self::CorrectEmail { email }).ok_or(Refusal::Email)
            }
            Self::Resend | Self::Extend { .. } | Self::Cancel | Self::Retake => Ok(self),
        }
    }
}

/// Whether a verb can be asked for now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    Possible,
    /// It was asked for, and is on its way.
    UnderWay,
    Not(Why),
}

/// Why a verb cannot be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Why {
    /// The provider's protocol does not have it.
    Provider,
    /// The invite was sent over another protocol than the account speaks now.
    OtherProtocol,
    /// The provider's id of the invite is not known here.
    NotKnown,
    NotSent,
    /// A call is under way, or was when a backup was made: nobody knows yet.
    BeingSent,
    /// Nobody can tell whether it was sent; that is to be settled first.
    Unclear,
    Started,
    Expired,
    Over,
    /// A retake is for what is over.
    StillOpen,
    NewerRound,
    /// It is being taken back.
    BeingTakenBack,
    Anonymized,
}

/// A verb and whether it can be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Offered {
    pub verb: Verb,
    pub standing: Standing,
}

/// What can be done to an invite now, and why the rest cannot.
///
/// # Errors
/// Not found: the same answer for one that is not there and one that is not theirs to see.
pub async fn offered(engine: &Engine, member: &Member, invite: &InviteId) -> Result<Vec<Offered>, FlowError> {
    ask::offered(engine, member, invite).await
}

/// Has it done, as the person asked who saw the invite in this `version`. Answers the invite to look at
/// then: a new round where one began, and otherwise the same.
///
/// # Errors
/// Not found; refused days or e-mail; `Unsupported` where the provider cannot do it; conflict where the
/// invite has moved on.
pub async fn ask(
    engine: &Engine,
    member: &Member,
    invite: &InviteId,
    version: i64,
    request: Request,
) -> Result<InviteId, FlowError> {
    ask::ask(engine, member, invite, version, request).await
}
