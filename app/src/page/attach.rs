//! The wizard: position, stage, assessment, done.

use leptos::prelude::*;
use leptos_router::{LazyRoute, lazy_route};

use crate::ui::PageHead;

/// The wizard: position, stage, assessment, done.
pub struct AttachPage;

#[lazy_route]
impl LazyRoute for AttachPage {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        view! { <PageHead title="Attach Assessment to Stage"/> }.into_any()
    }
}
