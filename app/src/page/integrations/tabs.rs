//! The settings' parts.

use leptos::prelude::*;
use leptos_router::hooks::use_location;

use crate::{frame::FrameView, problem::Problem, route};

/// Links to the parts that are for this person, with the present one marked.
#[component]
pub fn SettingsTabs() -> impl IntoView {
    let path = use_location().pathname;
    let current = move |href: &'static str| move || path.with(|path| path.starts_with(href)).then_some("page");
    let frame = expect_context::<Resource<Result<FrameView, Problem>>>();
    let may_audit = move || frame.get().is_some_and(|frame| frame.is_ok_and(|frame| frame.may_audit));
    view! {
        <nav class="tabs" aria-label="Settings">
            <a href=route::SETTINGS aria-current=current(route::SETTINGS)>"Integrations"</a>
            " "
            <a href=route::TEAM aria-current=current(route::TEAM)>"Team"</a>
            " "
            <a href=route::NOTIFICATIONS aria-current=current(route::NOTIFICATIONS)>"Notifications"</a>
            " "
            <Transition>
                {move || may_audit().then(|| view! { <a href=route::AUDIT aria-current=current(route::AUDIT)>"Audit log"</a> })}
            </Transition>
        </nav>
    }
}
