//! States: a glyph and a word, coloured as a third hint only.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::{Glyph, Icon, Tone};

/// A glyph and a word.
#[component]
pub fn Status(
    /// The colour.
    tone: Tone,
    /// The glyph.
    icon: Icon,
    /// The word.
    #[prop(into)]
    word: String,
) -> impl IntoView {
    view! {
        <span class="status" data-tone=tone.word()>
            <Glyph icon/>
            <span>{word}</span>
        </span>
    }
}

/// Where an invite stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum InviteState {
    Waiting,
    Queued,
    Sent,
    Started,
    Completed,
    Expired,
    Declined,
    Cancelled,
    Failed,
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

    /// The word on the screen.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Waiting => "Waiting",
            Self::Queued => "Queued",
            Self::Sent => "Sent",
            Self::Started => "Started",
            Self::Completed => "Completed",
            Self::Expired => "Expired",
            Self::Declined => "Declined",
            Self::Cancelled => "Cancelled",
            Self::Failed => "Failed",
            Self::Unclear => "Unclear",
        }
    }

    /// The name in addresses.
    #[must_use]
    pub fn slug(self) -> String {
        self.word().to_lowercase()
    }

    fn look(self) -> (Tone, Icon) {
        match self {
            Self::Waiting => (Tone::Warn, Icon::Hourglass),
            Self::Queued => (Tone::Neutral, Icon::Clock),
            Self::Sent => (Tone::Info, Icon::Send),
            Self::Started => (Tone::Info, Icon::Half),
            Self::Completed => (Tone::Good, Icon::CheckCircle),
            Self::Expired => (Tone::Neutral, Icon::Hourglass),
            Self::Declined | Self::Cancelled => (Tone::Neutral, Icon::Ban),
            Self::Failed => (Tone::Danger, Icon::Alert),
            Self::Unclear => (Tone::Warn, Icon::Question),
        }
    }
}

#[cfg(feature = "ssr")]
impl From<engine::invite::InviteState> for InviteState {
    fn from(state: engine::invite::InviteState) -> Self {
        use engine::invite::InviteState as Engine;
        match state {
            Engine::Waiting => Self::Waiting,
            Engine::Queued => Self::Queued,
            Engine::Sent => Self::Sent,
            Engine::Started => Self::Started,
            Engine::Completed => Self::Completed,
            Engine::Expired => Self::Expired,
            Engine::Declined => Self::Declined,
            Engine::Cancelled => Self::Cancelled,
            Engine::Failed => Self::Failed,
            Engine::Unclear => Self::Unclear,
        }
    }
}

/// An invite's state, with its reason where there is one.
#[component]
pub fn InviteStatus(
    /// The state.
    #[prop(into)]
    state: Signal<InviteState>,
    /// Why it waits or failed.
    #[prop(optional, into)]
    reason: Signal<Option<String>>,
) -> impl IntoView {
    move || {
        let state = state.try_get()?;
        let (tone, icon) = state.look();
        Some(view! {
            <span class="invite-status">
                <Status tone icon word=state.word()/>
                {reason.try_get().flatten().map(|reason| view! { <span class="status-reason">{reason}</span> })}
            </span>
        })
    }
}
