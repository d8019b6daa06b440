//! The first person makes the organization, from a one-time link.

use leptos::prelude::*;
use leptos_router::{LazyRoute, lazy_route};

use crate::ui::PageHead;

/// The first person makes the organization, from a one-time link.
pub struct SetUpPage;

#[lazy_route]
impl LazyRoute for SetUpPage {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        view! { <PageHead title="Set up Candilever"/> }.into_any()
    }
}
