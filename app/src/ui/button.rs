//! Buttons submit forms; links go places. Both may look alike.

use leptos::prelude::*;

/// How much a button asks to be pressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ButtonKind {
    /// The one thing to do on the page.
    Primary,
    #[default]
    Secondary,
    /// Inside rows and menus.
    Quiet,
    /// Takes something away.
    Danger,
}

impl ButtonKind {
    fn word(self) -> &'static str {
        match self {
            Self::Primary => "primary",
            Self::Secondary => "secondary",
            Self::Quiet => "quiet",
            Self::Danger => "danger",
        }
    }
}

/// Submits the form it stands in.
#[component]
pub fn Button(
    /// How much it asks to be pressed.
    #[prop(optional)]
    kind: ButtonKind,
    /// The field it adds to the form, where the form has several buttons.
    #[prop(optional, into)]
    name: Option<String>,
    /// The value of that field.
    #[prop(optional, into)]
    value: Option<String>,
    /// The form's answer is awaited: it stays focusable and says so.
    #[prop(optional, into)]
    pending: Signal<bool>,
    /// Its words.
    children: Children,
) -> impl IntoView {
    view! {
        <button
            class="button"
            type="submit"
            data-kind=kind.word()
            name=name
            value=value
            aria-busy=move || pending.get().then_some("true")
        >
            {children()}
        </button>
    }
}

/// Whether a link leads to a page of the interface or elsewhere (another site, a file, `/r/…`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LinkTarget {
    #[default]
    Page,
    /// Left to the browser.
    Outside,
}

impl LinkTarget {
    /// The `rel` that tells the router.
    #[must_use]
    pub fn rel(self) -> Option<&'static str> {
        match self {
            Self::Page => None,
            Self::Outside => Some("external noopener noreferrer"),
        }
    }
}

/// A link that looks like a button.
#[component]
pub fn ButtonLink(
    /// Where it leads.
    #[prop(into)]
    href: Signal<String>,
    /// How much it asks to be pressed.
    #[prop(optional)]
    kind: ButtonKind,
    /// Whether the router follows it.
    #[prop(optional)]
    target: LinkTarget,
    /// Its words.
    children: Children,
) -> impl IntoView {
    view! {
        <a class="button" data-kind=kind.word() href=move || href.try_get() rel=target.rel()>
            {children()}
        </a>
    }
}
