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
    // Not before this very element is mounted: pages hydrate later than the clock begins to tick.
    let (lives, set_lives) = signal(false);
    Effect::new(move || set_lives.set(true));
    let now = move || if lives.get() { now.get() } else { None };
    let words = move || {
        let at = at.try_get()?;
        Some(match now() {
            None => utc_words(at),
            Some(now) => relative(at, now).unwrap_or_else(|| exact(at)),
        })
    };
    let title = move || {
        let at = at.try_get()?;
        Some(if now().is_some() { exact(at) } else { utc_words(at) })
    };
    view! { <time datetime=move || at.try_get().map(rfc3339) title=title>{words}</time> }
}
