//! Removing: a link first, then the question at an address of its own, whose form posts.

use leptos::{either::Either, form::ActionForm, prelude::*};
use leptos_router::hooks::use_query_map;

use super::server::{AttachmentView, RemoveAttachment};
use crate::{
    page::integrations::{Failure, problem_of},
    route,
    ui::{Button, ButtonKind, ButtonLink},
};

/// The link, or the question.
#[component]
pub fn Remove(view: Memo<Option<AttachmentView>>) -> impl IntoView {
    let query = use_query_map();
    let asked = Memo::new(move |_| query.with(|query| query.get("remove").is_some()));
    let id = view.with_untracked(|view| view.as_ref().map(|view| view.line.id.clone())).unwrap_or_default();
    let page = route::attachment(&id);
    move || match asked.get() {
        false => Either::Left(view! {
            <section class="panel" aria-label="Remove">
                <div class="row"><ButtonLink href=format!("{page}?remove=1#remove")>"Remove"</ButtonLink></div>
            </section>
        }),
        true => Either::Right(view! { <Question view id=id.clone() page=page.clone()/> }),
    }
}

#[component]
fn Question(view: Memo<Option<AttachmentView>>, id: String, page: String) -> impl IntoView {
    let remove = ServerAction::<RemoveAttachment>::new();
    let version = move || view.with(|view| view.as_ref().map_or(0, |view| view.line.version).to_string());
    view! {
        <section class="panel confirm" id="remove" aria-labelledby="remove-title">
            <h2 id="remove-title">"Remove this attachment?"</h2>
            <p>
                "Candidates who enter the stage get nothing from it any more. Invites that went out stay, and their results are still noted in Lever. Attaching the same again later invites nobody twice."
            </p>
            <div class="row">
                <ActionForm action=remove>
                    <input type="hidden" name="id" value=id/>
                    <input type="hidden" name="version" value=version/>
                    <Button kind=ButtonKind::Danger pending=remove.pending()>"Remove"</Button>
                </ActionForm>
                <ButtonLink href=page kind=ButtonKind::Quiet>"Keep it"</ButtonLink>
            </div>
            <Failure problem=problem_of(remove)/>
        </section>
    }
}
