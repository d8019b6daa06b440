//! What needs a person, and the funnel.

use leptos::prelude::*;
use leptos_router::{LazyRoute, lazy_route};

use crate::ui::PageHead;

/// What needs a person, and the funnel.
pub struct DashboardPage;

#[lazy_route]
impl LazyRoute for DashboardPage {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        view! { <PageHead title="Dashboard"/> }.into_any()
    }
}
