//! What is sent, and how long it may take: for future entries only.

use leptos::{form::ActionForm, prelude::*};

use super::server::{AttachmentView, EditAttachment};
use crate::{
    page::{
        attach::assessment::days_to_complete,
        integrations::{Failure, problem_of},
    },
    ui::{Button, Choice, Select},
};

/// The form.
#[component]
pub fn Edit(view: Memo<Option<AttachmentView>>) -> impl IntoView {
    let edit = ServerAction::<EditAttachment>::new();
    let Some(now) = view.get_untracked() else { return ().into_any() };
    let version = move || view.with(|view| view.as_ref().map_or(0, |view| view.line.version).to_string());
    let choices = now.assessments.into_iter().map(|(id, name)| Choice::new(id, name)).collect::<Vec<_>>();
    view! {
        <section class="panel" aria-labelledby="edit-title">
            <h2 id="edit-title">"Change"</h2>
            <p class="hint">"It counts for candidates who enter the stage from now on. Another assessment ends this attachment and makes a new one; nobody is invited twice."</p>
            <ActionForm action=edit attr:class="form">
                <input type="hidden" name="id" value=now.line.id/>
                <input type="hidden" name="version" value=version/>
                <Select label="Assessment" name="assessment" choices selected=now.assessment_id/>
                {days_to_complete(now.takes_days, now.line.valid_days.map(|days| days.to_string()).unwrap_or_default())}
                <Button pending=edit.pending()>"Save"</Button>
            </ActionForm>
            <Failure problem=problem_of(edit)/>
        </section>
    }
    .into_any()
}
