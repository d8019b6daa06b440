//! A value to take elsewhere: a readonly field, and a button where the browser can copy.

use leptos::prelude::*;

use super::{Glyph, Icon};

/// A labelled readonly field with a copy button, which appears once the page lives.
#[component]
pub fn Copy(
    /// The visible label, which is also the field's accessible name.
    #[prop(into)]
    label: String,
    /// The id of the field; unique in the page.
    #[prop(into)]
    name: String,
    /// What is to be copied.
    #[prop(into)]
    value: String,
    /// Where it belongs.
    #[prop(optional, into)]
    hint: Option<String>,
) -> impl IntoView {
    let (copied, set_copied) = signal(false);
    let (lives, set_lives) = signal(false);
    Effect::new(move || set_lives.set(true));
    let to_copy = value.clone();
    let copy = move |_| {
        write_to_clipboard(&to_copy);
        set_copied.set(true);
        set_timeout(move || set_copied.set(false), std::time::Duration::from_secs(2));
    };
    let label_id = format!("{name}-label");
    view! {
        <div class="field copy">
            <label id=label_id.clone() for=name.clone()>{label}</label>
            <div class="copy-line">
                <input id=name readonly value=value spellcheck="false" autocomplete="off"/>
                <button
                    class="button"
                    type="button"
                    data-kind="secondary"
                    aria-describedby=label_id
                    hidden=move || !lives.get()
                    on:click=copy
                >
                    <Glyph icon=Icon::Copy/>
                    <span aria-live="polite">{move || if copied.get() { "Copied" } else { "Copy" }}</span>
                </button>
            </div>
            {hint.map(|hint| view! { <p class="field-hint">{hint}</p> })}
        </div>
    }
}

fn write_to_clipboard(text: &str) {
    #[cfg(feature = "hydrate")]
    {
        // A refusal leaves the field, from which a person can copy by hand.
        let _promise = window().navigator().clipboard().write_text(text);
    }
    #[cfg(not(feature = "hydrate"))]
    let _: &str = text;
}
