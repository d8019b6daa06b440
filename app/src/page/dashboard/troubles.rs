//! What stands in the organization's way as a whole, each with what mends it.

use leptos::{form::ActionForm, prelude::*};

use super::{
    remedy::{Acts, Connect, LineProblem, Press},
    server::TroubleView,
};
use crate::{
    page::activity::work_words,
    route, text,
    ui::{ButtonLink, Icon, Status, Tone},
};

/// One of them, as a line of the list.
#[component]
pub fn Trouble(trouble: TroubleView, acts: Acts) -> impl IntoView {
    let words = text::dashboard::trouble(&trouble);
    let line = match &trouble {
        TroubleView::Work { id, .. } => id.clone(),
        TroubleView::Note { invite, .. } => format!("note-{invite}"),
        TroubleView::Lever { .. } | TroubleView::Provider { .. } | TroubleView::Attachment { .. } => String::new(),
    };
    view! {
        <li>
            <span class="invite-status">
                <Status tone=Tone::Danger icon=Icon::Alert word=words.what/>
                <span class="status-reason">{words.means}</span>
            </span>
            <div class="remedies">{mend(trouble, words.mend, acts)}</div>
            <LineProblem line acts/>
        </li>
    }
}

fn mend(trouble: TroubleView, words: &'static str, acts: Acts) -> AnyView {
    let link =
        |href: String, label: String| view! { <ButtonLink href attr:aria-label=label>{words}</ButtonLink> }.into_any();
    match trouble {
        TroubleView::Lever { may_connect: true, .. } => {
            view! { <Connect acts label=words.to_owned() words/> }.into_any()
        }
        TroubleView::Provider { may_connect: true, .. } => link(route::CANDITECH.to_owned(), words.to_owned()),
        TroubleView::Lever { .. } | TroubleView::Provider { .. } => {
            view! { <span class="hint">{text::dashboard::SUPER_ADMIN}</span> }.into_any()
        }
        TroubleView::Attachment { id, assessment, .. } => {
            link(route::attachment(&id), format!("{words}: {assessment}"))
        }
        TroubleView::Work { id, kind, .. } => view! {
            <ActionForm action=acts.work>
                <input type="hidden" name="id" value=id/>
                <Press label=format!("{words}: {}", work_words(&kind)) words/>
            </ActionForm>
        }
        .into_any(),
        TroubleView::Note { invite, candidate, .. } => {
            let name = text::candidate_name(&candidate);
            view! {
                <ActionForm action=acts.note>
                    <input type="hidden" name="invite" value=invite/>
                    <Press label=format!("{words}: {name}") words/>
                </ActionForm>
            }
            .into_any()
        }
    }
}
