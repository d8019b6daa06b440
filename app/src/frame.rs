//! The frame around every page of a signed-in person: where they are, where they can go, and one
//! line that is always true of the whole chain.

use leptos::prelude::*;
use leptos_router::components::Outlet;

/// The frame.
#[component]
pub fn Frame() -> impl IntoView {
    view! {
        <main class="content" id="content">
            <Outlet/>
        </main>
    }
}
