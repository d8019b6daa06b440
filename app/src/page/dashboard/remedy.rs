//! What mends something, each one press: forms where it is ours to do, links where it is done elsewhere.

use leptos::{form::ActionForm, prelude::*};

use super::server::{DoWorkAgain, RemedyView, ResumeForInvite, TryNoteAgain};
use crate::{
    page::{candidate::decision::DecideInvite, lever::server::ConnectLever},
    problem::{Problem, RowProblem},
    route, text,
    ui::{ButtonLink, LinkTarget, ProblemNotice},
};

/// The forms that the lines share.
#[derive(Clone, Copy)]
pub struct Acts {
    pub decide: ServerAction<DecideInvite>,
    pub resume: ServerAction<ResumeForInvite>,
    pub note: ServerAction<TryNoteAgain>,
    pub work: ServerAction<DoWorkAgain>,
    pub connect: ServerAction<ConnectLever>,
}

impl Acts {
    /// Forms that nobody has sent yet.
    pub fn new() -> Self {
        Self {
            decide: ServerAction::new(),
            resume: ServerAction::new(),
            note: ServerAction::new(),
            work: ServerAction::new(),
            connect: ServerAction::new(),
        }
    }

    /// Counts what was done, so that the page reads anew.
    pub fn version(self) -> usize {
        let forms = self.decide.version().get() + self.resume.version().get() + self.note.version().get();
        forms + self.work.version().get() + self.connect.version().get()
    }

    /// What went wrong with a line's form; with any of them before its line was known, for the empty one.
    pub fn problem(self, line: &str) -> Option<Problem> {
        let of = |failed: Option<Result<(), RowProblem>>| {
            failed.and_then(Result::err).filter(|failed| failed.row == line).map(|failed| failed.problem)
        };
        of(self.decide.value().get())
            .or_else(|| of(self.resume.value().get()))
            .or_else(|| of(self.note.value().get()))
            .or_else(|| of(self.work.value().get()))
    }
}

/// What went wrong with a line's form, in words.
#[component]
pub fn LineProblem(line: String, acts: Acts) -> impl IntoView {
    let problem = Memo::new(move |_| acts.problem(&line));
    move || problem.get().map(|problem| view! { <ProblemNotice problem/> })
}

/// An invite's remedies; the way to its page where this person has none.
#[component]
pub fn Remedies(invite: String, name: String, remedies: Vec<RemedyView>, acts: Acts) -> impl IntoView {
    let look = remedies.is_empty().then(|| {
        let label = format!("{}: {name}", text::dashboard::LOOK);
        view! { <ButtonLink href=route::candidate(&invite) attr:aria-label=label>{text::dashboard::LOOK}</ButtonLink> }
    });
    let one = move |remedy: RemedyView| remedy_view(remedy, &invite, &name, acts);
    let all = remedies.into_iter().map(one).collect_view();
    view! { <div class="remedies">{all} {look}</div> }
}

fn remedy_view(remedy: RemedyView, invite: &str, name: &str, acts: Acts) -> AnyView {
    let label = format!("{}: {name}", text::dashboard::remedy(&remedy));
    let words = text::dashboard::remedy(&remedy);
    let invite = invite.to_owned();
    match remedy {
        RemedyView::Decide(decision) => view! {
            <ActionForm action=acts.decide>
                <input type="hidden" name="invite" value=invite/>
                <button class="button" type="submit" data-kind="secondary" name="decision" value=decision.slug() aria-label=label>
                    {words}
                </button>
            </ActionForm>
        }
        .into_any(),
        RemedyView::Resume(attachment) => view! {
            <ActionForm action=acts.resume>
                <input type="hidden" name="invite" value=invite/>
                <input type="hidden" name="attachment" value=attachment/>
                <Press label words/>
            </ActionForm>
        }
        .into_any(),
        RemedyView::Connect => view! { <Connect acts label words/> }.into_any(),
        RemedyView::OpenInLever(href) => view! {
            <ButtonLink href target=LinkTarget::Outside attr:aria-label=label>{words}</ButtonLink>
        }
        .into_any(),
        RemedyView::Provider => {
            view! { <ButtonLink href=route::CANDITECH attr:aria-label=label>{words}</ButtonLink> }.into_any()
        }
        RemedyView::ChangeAttachment(id) => {
            view! { <ButtonLink href=route::attachment(&id) attr:aria-label=label>{words}</ButtonLink> }.into_any()
        }
    }
}

/// Goes to Lever's consent page.
#[component]
pub fn Connect(acts: Acts, label: String, words: &'static str) -> impl IntoView {
    view! {
        <ActionForm action=acts.connect>
            <Press label words/>
        </ActionForm>
    }
}

/// The one button of a form.
#[component]
pub fn Press(label: String, words: &'static str) -> impl IntoView {
    view! { <button class="button" type="submit" data-kind="secondary" aria-label=label>{words}</button> }
}
