//! The account with the assessment provider: address and key, how the test went, and the callback's
//! address and secret to hand over.

mod callback;
mod form;
mod protocol;
pub mod server;
mod standing;

use leptos::{either::EitherOf3, prelude::*};

use self::{
    callback::{Callback, Forms},
    form::AccountForm,
    protocol::ProtocolFacts,
    server::{CanditechView, SaveCanditech, canditech_page},
    standing::TestResult,
};
use super::integrations::SettingsTabs;
use crate::{
    live::Live,
    problem::Problem,
    text::integrations::ask,
    ui::{PageHead, ProblemNotice, Ready},
};

/// The account with the assessment provider.
#[component]
pub fn CanditechPage() -> impl IntoView {
    let save = ServerAction::<SaveCanditech>::new();
    let forms = Forms::new();
    let changes = expect_context::<Live>().set_up();
    let answer = Resource::new(move || (save.version().get(), forms.done(), changes.get()), |_| canditech_page());
    view! {
        <PageHead title="Canditech" lead="The account that assessments are sent from."/>
        <SettingsTabs/>
        <Ready answer rows=6>
            <Content answer save forms/>
        </Ready>
    }
}

/// Which form of the page there is to show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Loading,
    Failed(Problem),
    Manage,
    Look,
}

#[component]
fn Content(
    answer: Resource<Result<CanditechView, Problem>>,
    save: ServerAction<SaveCanditech>,
    forms: Forms,
) -> impl IntoView {
    let phase = Memo::new(move |_| match answer.get() {
        None => Phase::Loading,
        Some(Err(problem)) => Phase::Failed(problem),
        Some(Ok(view)) if view.may_manage => Phase::Manage,
        Some(Ok(_)) => Phase::Look,
    });
    let view = Memo::new(move |old: Option<&CanditechView>| match answer.get() {
        Some(Ok(view)) => view,
        Some(Err(_)) | None => old.cloned().unwrap_or_default(),
    });
    move || match phase.get() {
        Phase::Loading => EitherOf3::A(()),
        Phase::Failed(problem) => EitherOf3::B(view! { <ProblemNotice problem/> }),
        phase @ (Phase::Manage | Phase::Look) => {
            EitherOf3::C(view! { <Account view save forms may_manage=phase == Phase::Manage/> })
        }
    }
}

#[component]
fn Account(
    view: Memo<CanditechView>,
    save: ServerAction<SaveCanditech>,
    forms: Forms,
    may_manage: bool,
) -> impl IntoView {
    let form = may_manage.then(|| view! { <AccountForm view save/> });
    let ask_whom = (!may_manage).then(|| {
        view! { <p class="hint">"Only a Super Admin can change the key. Ask " {view.with_untracked(|view| ask(&view.managers))} "."</p> }
    });
    view! {
        <section class="panel" id="account" aria-labelledby="account-title">
            <h2 id="account-title">"Account"</h2>
            <TestResult view/>
            {form}
            {ask_whom}
        </section>
        <Callback view forms/>
        <ProtocolFacts view/>
    }
}
