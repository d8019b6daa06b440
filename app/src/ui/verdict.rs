//! Verdicts in words, as the Lever note says them.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::{Glyph, Icon, Tone};

/// A person's thumbs up or down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Verdict {
    #[serde(rename = "n/a")]
    NotGiven,
    #[serde(rename = "passed")]
    Passed,
    #[serde(rename = "failed")]
    Failed,
}

impl Verdict {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::NotGiven, Self::Passed, Self::Failed];

    /// The word in the note, in forms and on the screen.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::NotGiven => "n/a",
            Self::Passed => "passed",
            Self::Failed => "failed",
        }
    }

    fn look(self) -> (Tone, Option<Icon>) {
        match self {
            Self::NotGiven => (Tone::Neutral, None),
            Self::Passed => (Tone::Good, Some(Icon::ThumbUp)),
            Self::Failed => (Tone::Danger, Some(Icon::ThumbDown)),
        }
    }
}

#[cfg(feature = "ssr")]
impl From<engine::verdict::Verdict> for Verdict {
    fn from(verdict: engine::verdict::Verdict) -> Self {
        match verdict {
            engine::verdict::Verdict::NotGiven => Self::NotGiven,
            engine::verdict::Verdict::Passed => Self::Passed,
            engine::verdict::Verdict::Failed => Self::Failed,
        }
    }
}

#[cfg(feature = "ssr")]
impl From<Verdict> for engine::verdict::Verdict {
    fn from(verdict: Verdict) -> Self {
        match verdict {
            Verdict::NotGiven => Self::NotGiven,
            Verdict::Passed => Self::Passed,
            Verdict::Failed => Self::Failed,
        }
    }
}

/// The verdict's word with its glyph.
#[component]
pub fn VerdictWord(
    /// The verdict.
    #[prop(into)]
    verdict: Signal<Verdict>,
) -> impl IntoView {
    move || {
        let verdict = verdict.try_get().unwrap_or(Verdict::NotGiven);
        let (tone, icon) = verdict.look();
        view! {
            <span class="status" data-tone=tone.word()>
                {icon.map(|icon| view! { <Glyph icon/> })}
                <span>{verdict.word()}</span>
            </span>
        }
    }
}
