//! The Lever page: its checklist is the health page.

use leptos::prelude::*;
use leptos_router::{LazyRoute, lazy_route};

use crate::ui::PageHead;

/// The Lever page: its checklist is the health page.
pub struct LeverPage;

#[lazy_route]
impl LazyRoute for LeverPage {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        view! { <PageHead title="Lever"/> }.into_any()
    }
}
