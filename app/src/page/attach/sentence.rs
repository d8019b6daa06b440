//! The sentence that is being built: who gets what, and when.

use leptos::{either::Either, prelude::*};

/// "When a candidate for Python Developer enters Canditech Stage, send Python, 60 min."
#[component]
pub fn Sentence(
    /// The position's title, or "any position".
    #[prop(into)]
    position: Signal<Option<String>>,
    /// The stage's name.
    #[prop(into)]
    stage: Signal<Option<String>>,
    /// The assessment's name.
    #[prop(into)]
    assessment: Signal<Option<String>>,
) -> impl IntoView {
    view! {
        <p class="sentence">
            "When a candidate for " <Part part=position open="a position"/> " enters " <Part part=stage open="a stage"/>
            ", send " <Part part=assessment open="an assessment"/> "."
        </p>
    }
}

#[component]
fn Part(part: Signal<Option<String>>, open: &'static str) -> impl IntoView {
    move || match part.get() {
        Some(words) => Either::Left(view! { <strong>{words}</strong> }),
        None => Either::Right(view! { <span class="sentence-open">{open}</span> }),
    }
}
