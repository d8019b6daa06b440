//! What came in and what went out, in words.

use leptos::prelude::*;
use leptos_router::{LazyRoute, lazy_route};

use crate::ui::PageHead;

/// What came in and what went out, in words.
pub struct ActivityPage;

#[lazy_route]
impl LazyRoute for ActivityPage {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        view! { <PageHead title="Activity"/> }.into_any()
    }
}
