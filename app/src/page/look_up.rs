//! Looking anybody up in Lever: each of their opportunities, and what is decided about it, attachment by
//! attachment, with the reason and the next step. A plain form; nothing is sent or changed.

mod outlook;
pub mod server;

use leptos::{either::EitherOf4, prelude::*};
use leptos_router::{components::Form, hooks::use_query_map};

use self::{
    outlook::Outlook,
    server::{LookUpView, look_up},
};
use crate::{
    problem::{Problem, Refused},
    route, text,
    ui::{Button, ButtonKind, Empty, Field, PageHead, ProblemNotice, Ready},
};

/// What Lever has; `None` before somebody asked.
type Answer = Option<Result<LookUpView, Problem>>;

/// The page.
#[component]
pub fn LookUpPage() -> impl IntoView {
    let query = use_query_map();
    let asked = Memo::new(move |_| query.with(|query| query.get("q")).unwrap_or_default().trim().to_owned());
    let answer: Resource<Answer> = Resource::new(
        move || asked.get(),
        |asked| async move { if asked.is_empty() { None } else { Some(look_up(asked).await) } },
    );
    view! {
        <nav class="back" aria-label=text::candidate::BACK_LABEL>
            <a href=route::CANDIDATES>{text::candidate::BACK}</a>
        </nav>
        <PageHead title=text::look_up::TITLE lead=text::look_up::LEAD/>
        <Form method="GET" action=route::LOOK_UP attr:class="form" attr:role="search" attr:aria-label=text::look_up::TITLE>
            <Field
                label=text::look_up::FIELD
                name="q"
                kind="search"
                value=asked.get_untracked()
                hint=text::look_up::HINT
                autocomplete="off"
                required=true
            />
            <div class="row">
                <Button kind=ButtonKind::Primary>{text::look_up::BUTTON}</Button>
            </div>
        </Form>
        <Ready answer>
            <Content answer/>
        </Ready>
    }
}

#[component]
fn Content(answer: Resource<Answer>) -> impl IntoView {
    let body = move || match answer.get().flatten() {
        None => EitherOf4::A(()),
        Some(Err(problem)) => EitherOf4::B(view! { <ProblemNotice problem/> }),
        Some(Ok(LookUpView::NamesNobody)) => {
            EitherOf4::B(view! { <ProblemNotice problem=Problem::Refused(Refused::LookUp)/> })
        }
        Some(Ok(LookUpView::Found(found))) if found.is_empty() => EitherOf4::C(view! {
            <Empty title=text::look_up::NOBODY>
                <p>{text::look_up::NOBODY_MEANS}</p>
            </Empty>
        }),
        Some(Ok(LookUpView::Found(found))) => {
            EitherOf4::D(found.into_iter().map(|view| view! { <Outlook view/> }).collect_view())
        }
    };
    view! { <div class="stack" aria-live="polite">{body}</div> }
}
