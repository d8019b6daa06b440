//! Messages: what happened, what it means, what to do.

use leptos::{either::EitherOf3, prelude::*};
use leptos_router::hooks::use_location;

use super::{Glyph, Icon};
use crate::{problem::Problem, route, text};

/// What kind of message or state it is; always beside a word, never by colour alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tone {
    #[default]
    Neutral,
    Info,
    Good,
    Warn,
    Danger,
}

impl Tone {
    /// The word in `data-tone`.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Neutral => "neutral",
            Self::Info => "info",
            Self::Good => "good",
            Self::Warn => "warn",
            Self::Danger => "danger",
        }
    }

    fn icon(self) -> Icon {
        match self {
            Self::Neutral | Self::Info => Icon::Info,
            Self::Good => Icon::CheckCircle,
            Self::Warn | Self::Danger => Icon::Alert,
        }
    }
}

/// A message in the page; announced when it appears.
#[component]
pub fn Notice(
    /// What kind of message it is.
    #[prop(optional)]
    tone: Tone,
    /// What happened, in a few words.
    #[prop(optional, into)]
    title: String,
    /// What it means and what to do.
    children: Children,
) -> impl IntoView {
    let role = if tone == Tone::Danger { "alert" } else { "status" };
    view! {
        <div class="notice" role=role data-tone=tone.word()>
            <Glyph icon=tone.icon()/>
            <div class="notice-body">
                {(!title.is_empty()).then(|| view! { <p class="notice-title">{title}</p> })}
                {children()}
            </div>
        </div>
    }
}

/// A problem in words, with the link that helps.
#[component]
pub fn ProblemNotice(
    /// What went wrong.
    problem: Problem,
) -> impl IntoView {
    let words = text::problem(problem);
    let link = match (problem, words.link) {
        (Problem::SignedOut, _) => EitherOf3::A(view! { <SignInBeside/> }),
        (_, Some((href, label))) => EitherOf3::B(view! { <p><a href=href>{label}</a></p> }),
        (_, None) => EitherOf3::C(()),
    };
    view! {
        <Notice tone=Tone::Danger title=words.what>
            <p>{words.means} " " {words.next}</p>
            {link}
        </Notice>
    }
}

/// Signing in beside this page, so that nothing on it is lost; it leads to the same page.
#[component]
fn SignInBeside() -> impl IntoView {
    let place = use_location();
    let href = move || {
        let query = place.search.get();
        let joint = if query.is_empty() { "" } else { "?" };
        route::sign_in(&format!("{}{joint}{query}", place.pathname.get()))
    };
    view! { <p><a href=href target="_blank" rel="external noopener">{text::SIGN_IN_BESIDE}</a></p> }
}
