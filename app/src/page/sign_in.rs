//! Sign in with e-mail and password.

use leptos::prelude::*;
use leptos_router::{LazyRoute, lazy_route};

use crate::ui::PageHead;

/// Sign in with e-mail and password.
pub struct SignInPage;

#[lazy_route]
impl LazyRoute for SignInPage {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        view! { <PageHead title="Sign in"/> }.into_any()
    }
}
