//! The settings' two parts.

use leptos::prelude::*;
use leptos_router::hooks::use_location;

use crate::route;

/// Links to the parts, with the present one marked.
#[component]
pub fn SettingsTabs() -> impl IntoView {
    let path = use_location().pathname;
    let current = move |href: &'static str| move || path.with(|path| path.starts_with(href)).then_some("page");
    view! {
        <nav class="tabs" aria-label="Settings">
            <a href=route::SETTINGS aria-current=current(route::SETTINGS)>"Integrations"</a>
            " "
            <a href=route::TEAM aria-current=current(route::TEAM)>"Team"</a>
        </nav>
    }
}
