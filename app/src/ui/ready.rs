//! What is shown once an answer is there, and a skeleton before.

use leptos::prelude::*;

use super::Skeleton;

/// Makes its children when the answer is there, and keeps them while it is read anew.
///
/// Memos over a resource belong inside. On the server a memo that was made before the answer came may
/// still say "nothing" at the moment the page is written: the answer comes on another thread.
#[component]
pub fn Ready<T: Send + Sync + 'static>(
    /// What is waited for.
    answer: Resource<T>,
    /// Rows of the skeleton.
    #[prop(default = 6)]
    rows: usize,
    /// What shows the answer.
    children: ChildrenFn,
) -> impl IntoView {
    view! {
        <Transition fallback=move || view! { <Skeleton rows/> }>
            <Gate answer children=children.clone()/>
        </Transition>
    }
}

#[component]
fn Gate<T: Send + Sync + 'static>(answer: Resource<T>, children: ChildrenFn) -> impl IntoView {
    let is_there = there(answer);
    move || is_there().then(|| children())
}

/// Asks the resource itself, each time: so the page waits for it until it truly answers.
#[cfg(feature = "ssr")]
fn there<T: Send + Sync + 'static>(answer: Resource<T>) -> impl Fn() -> bool + Send + Sync {
    move || answer.with(Option::is_some)
}

/// Changes once, so that the children are made once.
#[cfg(not(feature = "ssr"))]
fn there<T: Send + Sync + 'static>(answer: Resource<T>) -> impl Fn() -> bool + Send + Sync {
    let is_there = Memo::new(move |_| answer.with(Option::is_some));
    move || is_there.get()
}
