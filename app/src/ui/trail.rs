//! The steps of something done in order, with where one is.

use leptos::{either::Either, prelude::*};

/// One step; `href` leads back to it once it is done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrailStep {
    pub label: String,
    pub href: Option<String>,
}

/// An ordered list of steps; `current` is the index of the present one.
#[component]
pub fn Trail(
    /// All steps, in order.
    #[prop(into)]
    steps: Signal<Vec<TrailStep>>,
    /// The present one.
    #[prop(into)]
    current: Signal<usize>,
    /// What the steps make.
    #[prop(into)]
    label: String,
) -> impl IntoView {
    let items = move || {
        let here = current.try_get().unwrap_or_default();
        let item = move |(index, step): (usize, TrailStep)| {
            let words = match step.href.filter(|_| index < here) {
                Some(href) => Either::Left(view! { <a href=href>{step.label}</a> }),
                None => Either::Right(view! { <span>{step.label}</span> }),
            };
            let state = if index < here { "done" } else { "open" };
            view! { <li data-state=state aria-current=(index == here).then_some("step")>{words}</li> }
        };
        steps.try_get().unwrap_or_default().into_iter().enumerate().map(item).collect_view()
    };
    view! {
        <nav class="trail" aria-label=label>
            <ol>{items}</ol>
        </nav>
    }
}
