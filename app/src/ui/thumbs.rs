//! The two thumbs: buttons of one form that differ by value.

use leptos::{ev, prelude::*};

use super::{Glyph, Icon, Verdict};

/// What pressing the thumb that is pressed already does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Again {
    /// Takes the verdict back.
    Withdraws,
    /// Gives it once more, with another comment.
    Gives,
}

/// The pair of buttons; they stand in the form that gives the verdict.
#[component]
pub fn Thumbs(
    /// The present verdict.
    #[prop(into)]
    verdict: Signal<Verdict>,
    /// What the pressed one does.
    again: Again,
    /// The id of the element that says whose verdict it is.
    #[prop(optional, into)]
    described_by: Option<String>,
) -> impl IntoView {
    view! {
        <span class="thumbs" role="group" aria-label="Verdict">
            <Thumb verdict again gives=Verdict::Passed label="Thumbs up" icon=Icon::ThumbUp described_by=described_by.clone()/>
            <Thumb verdict again gives=Verdict::Failed label="Thumbs down" icon=Icon::ThumbDown described_by/>
        </span>
    }
}

/// A third button beside the thumbs, which brings back what was so before; where it goes, they have its focus.
#[component]
pub fn TakeBack(
    /// What was so before.
    gives: Verdict,
    /// What it says.
    words: &'static str,
) -> impl IntoView {
    let button = NodeRef::new();
    #[cfg(feature = "hydrate")]
    on_cleanup(move || super::focus::hand_on(button, ".thumb"));
    view! {
        <button node_ref=button class="button" type="submit" data-kind="quiet" name="verdict" value=gives.word()>
            <Glyph icon=Icon::Undo/>
            <span>{words}</span>
        </button>
    }
}

/// The second half of a double click is no second click: it would take back what the first one gave.
#[expect(clippy::needless_pass_by_value, reason = "the listener's type")]
fn is_one_click(click: ev::MouseEvent) {
    if click.detail() > 1 {
        click.prevent_default();
    }
}

#[component]
fn Thumb(
    verdict: Signal<Verdict>,
    again: Again,
    gives: Verdict,
    label: &'static str,
    icon: Icon,
    described_by: Option<String>,
) -> impl IntoView {
    let is_pressed = move || verdict.try_get() == Some(gives);
    let value = move || if is_pressed() && again == Again::Withdraws { Verdict::NotGiven } else { gives }.word();
    view! {
        <button
            class="thumb"
            type="submit"
            name="verdict"
            value=value
            data-gives=gives.word()
            aria-label=label
            title=label
            aria-pressed=move || is_pressed().to_string()
            aria-describedby=described_by
            on:click=is_one_click
        >
            <Glyph icon/>
        </button>
    }
}
