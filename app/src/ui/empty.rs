//! A list with nothing in it: what it is for, and the one thing to do.

use leptos::prelude::*;

/// A kind word where a list is empty.
#[component]
pub fn Empty(
    /// What the list is for.
    #[prop(into)]
    title: String,
    /// The one thing to do.
    children: Children,
) -> impl IntoView {
    view! {
        <div class="empty">
            <p class="empty-title">{title}</p>
            {children()}
        </div>
    }
}
