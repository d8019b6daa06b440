//! A button that copies a text of several lines; it appears once the page lives.

use leptos::prelude::*;

use crate::ui::{Glyph, Icon};

/// Copies `text`; without JavaScript the text itself can be selected.
#[component]
pub fn CopyButton(
    /// The button's words.
    label: &'static str,
    /// What is copied.
    text: Signal<String>,
) -> impl IntoView {
    let (copied, set_copied) = signal(false);
    let (lives, set_lives) = signal(false);
    Effect::new(move || set_lives.set(true));
    let copy = move |_| {
        write(&text.get_untracked());
        set_copied.set(true);
    };
    view! {
        <button class="button" type="button" data-kind="secondary" hidden=move || !lives.get() on:click=copy>
            <Glyph icon=Icon::Copy/>
            <span>{move || if copied.get() { "Copied" } else { label }}</span>
        </button>
    }
}

fn write(text: &str) {
    #[cfg(feature = "hydrate")]
    {
        // A refusal leaves the text, from which a person can copy by hand.
        let _promise = window().navigator().clipboard().write_text(text);
    }
    #[cfg(not(feature = "hydrate"))]
    let _: &str = text;
}
