//! The receipt of an erasure: what went, when, and what a person still has to do.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::server::CandidateView;
use crate::{
    text::receipt as words,
    ui::{Icon, Status, Time, Tone},
};

/// Why a candidate was erased.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Cause {
    Anonymised,
    Deleted,
    Retention,
    Request,
}

/// What became of the note in Lever.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum NoteFate {
    Open,
    Deleted,
    Emptied,
    NotThere,
    Refused,
    Left,
}

/// What became of the provider's copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ProviderFate {
    Open,
    Accepted,
    NeverSent,
    NotOffered,
    Refused,
    Shared,
}

impl NoteFate {
    fn look(self) -> (Tone, Icon) {
        match self {
            Self::Open => (Tone::Info, Icon::Clock),
            Self::Deleted | Self::Emptied | Self::NotThere => (Tone::Good, Icon::CheckCircle),
            Self::Left => (Tone::Neutral, Icon::Note),
            Self::Refused => (Tone::Warn, Icon::Alert),
        }
    }
}

impl ProviderFate {
    fn look(self) -> (Tone, Icon) {
        match self {
            Self::Open => (Tone::Info, Icon::Clock),
            Self::Accepted | Self::NeverSent => (Tone::Good, Icon::CheckCircle),
            Self::Shared => (Tone::Neutral, Icon::Circle),
            Self::NotOffered | Self::Refused => (Tone::Warn, Icon::Alert),
        }
    }
}

/// The receipt; times are unix milliseconds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReceiptView {
    pub opportunity: String,
    pub cause: Cause,
    pub found_at: i64,
    pub erased_at: i64,
    pub note: NoteFate,
    pub note_at: Option<i64>,
    pub provider: ProviderFate,
    pub asked_at: Option<i64>,
    pub provider_at: Option<i64>,
    /// The assessment's id at the provider.
    pub provider_invite: Option<String>,
}

/// The receipt, for whom there is one.
#[component]
pub fn Receipt(view: Memo<CandidateView>) -> impl IntoView {
    move || view.with(|view| view.receipt.clone()).map(|receipt| view! { <Body receipt/> })
}

#[component]
fn Body(receipt: ReceiptView) -> impl IntoView {
    let (note_tone, note_icon) = receipt.note.look();
    let (provider_tone, provider_icon) = receipt.provider.look();
    let next = words::next_at_provider(receipt.provider, receipt.provider_invite.as_deref());
    let at = |at: Option<i64>| at.map(|at| view! { " " <Time at/> });
    view! {
        <section class="panel" id="receipt" aria-labelledby="receipt-title">
            <h2 id="receipt-title">{words::TITLE}</h2>
            <p>{words::cause(receipt.cause)}</p>
            <dl class="facts">
                <div><dt>{words::OPPORTUNITY}</dt><dd><code>{receipt.opportunity}</code></dd></div>
                <div><dt>{words::FOUND}</dt><dd><Time at=receipt.found_at/></dd></div>
                <div><dt>{words::ERASED}</dt><dd><Time at=receipt.erased_at/></dd></div>
                <div>
                    <dt>{words::NOTE}</dt>
                    <dd>
                        <Status tone=note_tone icon=note_icon word=words::note(receipt.note)/>
                        {at(receipt.note_at)}
                        {words::next_in_lever(receipt.note).map(|next| view! { <p class="hint">{next}</p> })}
                    </dd>
                </div>
                <div>
                    <dt>{words::PROVIDER}</dt>
                    <dd>
                        <Status tone=provider_tone icon=provider_icon word=words::provider(receipt.provider)/>
                        {at(receipt.provider_at)}
                        {receipt.asked_at.map(|at| view! { <p class="hint">{words::ASKED} " " <Time at/></p> })}
                        {next.map(|next| view! { <p class="hint">{next}</p> })}
                    </dd>
                </div>
            </dl>
        </section>
    }
}

#[cfg(feature = "ssr")]
mod from_engine {
    use engine::erasure;

    use super::{Cause, NoteFate, ProviderFate, ReceiptView};

    impl From<erasure::Receipt> for ReceiptView {
        fn from(receipt: erasure::Receipt) -> Self {
            Self {
                opportunity: receipt.opportunity.0,
                cause: receipt.cause.into(),
                found_at: receipt.found_at.0,
                erased_at: receipt.erased_at.0,
                note: receipt.note.into(),
                note_at: receipt.note_at.map(|at| at.0),
                provider: receipt.provider.into(),
                asked_at: receipt.asked_at.map(|at| at.0),
                provider_at: receipt.provider_at.map(|at| at.0),
                provider_invite: receipt.provider_invite.map(|id| id.0),
            }
        }
    }

    impl From<erasure::Cause> for Cause {
        fn from(cause: erasure::Cause) -> Self {
            match cause {
                erasure::Cause::Anonymised => Self::Anonymised,
                erasure::Cause::Deleted => Self::Deleted,
                erasure::Cause::Retention => Self::Retention,
                erasure::Cause::Request => Self::Request,
            }
        }
    }

    impl From<erasure::NoteFate> for NoteFate {
        fn from(fate: erasure::NoteFate) -> Self {
            match fate {
                erasure::NoteFate::Open => Self::Open,
                erasure::NoteFate::Deleted => Self::Deleted,
                erasure::NoteFate::Emptied => Self::Emptied,
                erasure::NoteFate::NotThere => Self::NotThere,
                erasure::NoteFate::Refused => Self::Refused,
                erasure::NoteFate::Left => Self::Left,
            }
        }
    }

    impl From<erasure::ProviderFate> for ProviderFate {
        fn from(fate: erasure::ProviderFate) -> Self {
            match fate {
                erasure::ProviderFate::Open => Self::Open,
                erasure::ProviderFate::Accepted => Self::Accepted,
                erasure::ProviderFate::NeverSent => Self::NeverSent,
                erasure::ProviderFate::NotOffered => Self::NotOffered,
                erasure::ProviderFate::Refused => Self::Refused,
                erasure::ProviderFate::Shared => Self::Shared,
            }
        }
    }
}
