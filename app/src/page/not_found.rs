//! The page for an address that leads nowhere.

use leptos::prelude::*;
use leptos_meta::Title;

use crate::{route, text, ui::ButtonLink};

/// Says that there is no such page, and answers 404.
#[component]
pub fn NotFound() -> impl IntoView {
    #[cfg(feature = "ssr")]
    crate::server::set_status(http::StatusCode::NOT_FOUND);
    view! {
        <Title text=text::not_found::TITLE/>
        <main class="alone">
            <h1>{text::not_found::TITLE}</h1>
            <p>{text::not_found::BODY}</p>
            <ButtonLink href=route::DASHBOARD>{text::not_found::HOME}</ButtonLink>
        </main>
    }
}
