//! A page without the frame: for who is not signed in.

use leptos::prelude::*;
use leptos_meta::Title;

use super::Mark;

/// The brand, the page's title for the tab and for the eye, and what stands below.
#[component]
pub fn Alone(
    /// The page's title.
    title: &'static str,
    children: Children,
) -> impl IntoView {
    view! {
        <Title text=title/>
        <main class="alone">
            <p class="brand"><Mark/><span>"Candilever"</span></p>
            <h1>{title}</h1>
            {children()}
        </main>
    }
}
