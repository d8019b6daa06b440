//! One invite: score, sections, timeline, note, and the verdict.

use leptos::prelude::*;
use leptos_router::{LazyRoute, lazy_route};

use crate::ui::PageHead;

/// One invite: score, sections, timeline, note, and the verdict.
pub struct CandidatePage;

#[lazy_route]
impl LazyRoute for CandidatePage {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        view! { <PageHead title="Candidate"/> }.into_any()
    }
}
