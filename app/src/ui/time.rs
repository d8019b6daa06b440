//! A moment: `<time>` with the exact UTC time in the markup, and words that a person reads.

use leptos::prelude::*;

use crate::time::{Now, exact, relative, rfc3339, utc_words};

/// One moment, in unix milliseconds.
#[component]
pub fn Time(
    /// The moment.
    #[prop(into)]
    at: Signal<i64>,
) -> impl IntoView {
    let now = expect_context::<Now>().0;
    let words = move || match now.get() {
        None => utc_words(at.get()),
        Some(now) => relative(at.get(), now).unwrap_or_else(|| exact(at.get())),
    };
    let title = move || match now.get() {
        None => utc_words(at.get()),
        Some(_) => exact(at.get()),
    };
    view! { <time datetime=move || rfc3339(at.get()) title=title>{words}</time> }
}
