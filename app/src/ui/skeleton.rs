//! The shape of what is being loaded; it appears only when loading takes a moment.

use leptos::prelude::*;

/// Rows of grey where rows will be.
#[component]
pub fn Skeleton(
    /// How many rows.
    #[prop(default = 6)]
    rows: usize,
) -> impl IntoView {
    view! {
        <div class="skeleton" role="status">
            <span class="unseen">"Loading"</span>
            {(0..rows).map(|_| view! { <div class="skeleton-row"></div> }).collect_view()}
        </div>
    }
}
