//! The people of the organization and what each role may do.

use leptos::prelude::*;
use leptos_router::{LazyRoute, lazy_route};

use crate::ui::PageHead;

/// The people of the organization and what each role may do.
pub struct TeamPage;

#[lazy_route]
impl LazyRoute for TeamPage {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        view! { <PageHead title="Team"/> }.into_any()
    }
}
