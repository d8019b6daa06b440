//! The two tiles: Lever and Canditech.

use leptos::prelude::*;
use leptos_router::{LazyRoute, lazy_route};

use crate::ui::PageHead;

/// The two tiles: Lever and Canditech.
pub struct IntegrationsPage;

#[lazy_route]
impl LazyRoute for IntegrationsPage {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        view! { <PageHead title="Integrations"/> }.into_any()
    }
}
