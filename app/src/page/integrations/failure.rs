//! What went wrong with a form's last run.

use leptos::{prelude::*, server_fn::ServerFn};

use crate::{problem::Problem, ui::ProblemNotice};

/// The problem of an action's last run; `None` while it goes well.
#[must_use]
pub fn problem_of<S>(action: ServerAction<S>) -> Signal<Option<Problem>>
where
    S: ServerFn<Error = Problem> + Clone + Send + Sync + 'static,
    S::Output: Send + Sync + 'static,
{
    Signal::derive(move || {
        action.value().with(|value| match value {
            Some(Err(problem)) => Some(*problem),
            Some(Ok(_)) | None => None,
        })
    })
}

/// The problem in words, where there is one.
#[component]
pub fn Failure(
    /// What went wrong.
    problem: Signal<Option<Problem>>,
) -> impl IntoView {
    move || problem.get().map(|problem| view! { <ProblemNotice problem/> })
}
