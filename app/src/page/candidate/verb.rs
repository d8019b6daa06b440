//! What a person has done to an invite, as it crosses to the browser, and the function that asks for it.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::problem::RowProblem;
#[cfg(feature = "ssr")]
use crate::{
    problem::{Problem, Refused},
    route, server,
};

/// What can be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verb {
    Resend,
    Extend,
    Cancel,
    Retake,
    CorrectEmail,
}

impl Verb {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Resend, Self::Extend, Self::Cancel, Self::Retake, Self::CorrectEmail];

    /// The value in forms and addresses.
    #[must_use]
    pub fn slug(self) -> &'static str {
        match self {
            Self::Resend => "resend",
            Self::Extend => "extend",
            Self::Cancel => "cancel",
            Self::Retake => "retake",
            Self::CorrectEmail => "correct-email",
        }
    }

    /// Reads the value.
    #[must_use]
    pub fn parse(slug: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|verb| verb.slug() == slug)
    }
}

/// Whether it can be asked for now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Standing {
    Possible,
    UnderWay,
    Not(Why),
}

/// Why it cannot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Why {
    Provider,
    OtherProtocol,
    NotKnown,
    NotSent,
    BeingSent,
    Unclear,
    Started,
    Expired,
    Over,
    StillOpen,
    NewerRound,
    BeingTakenBack,
    Anonymized,
}

/// A verb and where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct VerbView {
    pub verb: Verb,
    pub standing: Standing,
}

/// Has it done, for whoever saw the invite in this version.
#[server(prefix = "/api", endpoint = "act_on_invite")]
pub async fn act_on_invite(
    invite: String,
    version: i64,
    verb: Verb,
    #[server(default)] days: String,
    #[server(default)] email: String,
) -> Result<(), RowProblem> {
    let member = server::member().await.map_err(RowProblem::of(&invite))?;
    let request = from_engine::request(verb, &days, email);
    let request = request.ok_or_else(|| RowProblem::told(&invite, Problem::Refused(Refused::Days)))?;
    let id = invite.as_str().into();
    let shown = engine::invite::verb::ask(&server::engine(), &member, &id, version, request).await;
    let shown = shown.map_err(RowProblem::of(&invite))?;
    // A question stands at an address of its own, and a new round has a page of its own.
    match verb {
        Verb::Resend | Verb::Extend => {}
        Verb::Cancel | Verb::Retake | Verb::CorrectEmail => server::go_to(&route::candidate(shown.as_str())),
    }
    Ok(())
}

#[cfg(feature = "ssr")]
mod from_engine {
    use engine::invite::verb::{self as theirs, Offered, Request};

    use super::{Standing, Verb, VerbView, Why};

    /// What the form asks for; `None` where its days are no number.
    pub fn request(verb: Verb, days: &str, email: String) -> Option<Request> {
        Some(match verb {
            Verb::Resend => Request::Resend,
            Verb::Extend => Request::Extend { days: days.trim().parse().ok()? },
            Verb::Cancel => Request::Cancel,
            Verb::Retake => Request::Retake,
            Verb::CorrectEmail => Request::CorrectEmail { email },
        })
    }

    impl From<Offered> for VerbView {
        fn from(offered: Offered) -> Self {
            let standing = match offered.standing {
                theirs::Standing::Possible => Standing::Possible,
                theirs::Standing::UnderWay => Standing::UnderWay,
                theirs::Standing::Not(why) => Standing::Not(why.into()),
            };
            Self { verb: offered.verb.into(), standing }
        }
    }

    impl From<theirs::Verb> for Verb {
        fn from(verb: theirs::Verb) -> Self {
            match verb {
                theirs::Verb::Resend => Self::Resend,
                theirs::Verb::Extend => Self::Extend,
                theirs::Verb::Cancel => Self::Cancel,
                theirs::Verb::Retake => Self::Retake,
                theirs::Verb::CorrectEmail => Self::CorrectEmail,
            }
        }
    }

    impl From<theirs::Why> for Why {
        fn from(why: theirs::Why) -> Self {
            match why {
                theirs::Why::Provider => Self::Provider,
                theirs::Why::OtherProtocol => Self::OtherProtocol,
                theirs::Why::NotKnown => Self::NotKnown,
                theirs::Why::NotSent => Self::NotSent,
                theirs::Why::BeingSent => Self::BeingSent,
                theirs::Why::Unclear => Self::Unclear,
                theirs::Why::Started => Self::Started,
                theirs::Why::Expired => Self::Expired,
                theirs::Why::Over => Self::Over,
                theirs::Why::StillOpen => Self::StillOpen,
                theirs::Why::NewerRound => Self::NewerRound,
                theirs::Why::BeingTakenBack => Self::BeingTakenBack,
                theirs::Why::Anonymized => Self::Anonymized,
            }
        }
    }
}
