//! The account with the assessment provider.

use leptos::prelude::*;
use leptos_router::{LazyRoute, lazy_route};

use crate::ui::PageHead;

/// The account with the assessment provider.
pub struct CanditechPage;

#[lazy_route]
impl LazyRoute for CanditechPage {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        view! { <PageHead title="Canditech"/> }.into_any()
    }
}
