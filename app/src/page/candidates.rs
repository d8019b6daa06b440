//! The list of invites with thumbs in the rows.

use leptos::prelude::*;
use leptos_router::{LazyRoute, lazy_route};

use crate::ui::PageHead;

/// The list of invites with thumbs in the rows.
pub struct CandidatesPage;

#[lazy_route]
impl LazyRoute for CandidatesPage {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        view! { <PageHead title="Candidates"/> }.into_any()
    }
}
