//! One attachment: who stands in its stage, pause, edit, remove.

use leptos::prelude::*;
use leptos_router::{LazyRoute, lazy_route};

use crate::ui::PageHead;

/// One attachment: who stands in its stage, pause, edit, remove.
pub struct AttachmentPage;

#[lazy_route]
impl LazyRoute for AttachmentPage {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        view! { <PageHead title="Attachment"/> }.into_any()
    }
}
