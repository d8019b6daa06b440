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
        <Title text=move || title.get()/>
        <header class="page-head">
            <div>
                <h1>{move || title.get()}</h1>
                <p class="page-lead" hidden=move || lead.with(String::is_empty)>{move || lead.get()}</p>
            </div>
            {children.map(|children| view! { <div class="page-actions">{children()}</div> })}
        </header>
    }
}
