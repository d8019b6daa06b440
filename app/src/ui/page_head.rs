//! The head of a page: its title, for the tab and for the eye, and what can be done.

use leptos::prelude::*;
use leptos_meta::Title;

/// Title, a line of explanation, and actions at the end.
#[component]
pub fn PageHead(
    /// The page's title; " · Candilever" is added in the tab.
    #[prop(into)]
    title: Signal<String>,
    /// What the page is for, in a sentence.
    #[prop(optional, into)]
    lead: Signal<String>,
    /// Buttons and links at the end.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    view! {
        <Title text=move || title.try_get().unwrap_or_default()/>
        <header class="page-head">
            <div>
                <h1>{move || title.try_get()}</h1>
                <p class="page-lead" hidden=move || lead.try_with(String::is_empty).unwrap_or(true)>{move || lead.try_get()}</p>
            </div>
            {children.map(|children| view! { <div class="page-actions">{children()}</div> })}
        </header>
    }
}
