//! The attachments as sentences, each with its state, its count and what can be done with it. A row
//! is updated in place, so that a live update never moves a focus.

use std::collections::BTreeMap;

use leptos::{either::Either, form::ActionForm, prelude::*};

use super::{
    server::SwitchAttachment,
    view::{AttachmentLine, AttachmentTrouble, LeverView},
};
use crate::{
    page::attach::Sentence,
    problem::Problem,
    route,
    text::{
        count,
        integrations::{STAGE_GONE_NEXT, not_offered, position_state},
    },
    ui::{Button, ButtonKind, Empty, Icon, ProblemNotice, Status, Tone},
};

/// The list, or what to do where there is none.
#[component]
pub fn Attachments(view: Memo<LeverView>, changed: RwSignal<u32>) -> impl IntoView {
    let lines = Memo::new(move |_| {
        view.with(|view| {
            view.attachments.iter().map(|line| (line.id.clone(), line.clone())).collect::<BTreeMap<_, _>>()
        })
    });
    let ids =
        Memo::new(move |_| view.with(|view| view.attachments.iter().map(|line| line.id.clone()).collect::<Vec<_>>()));
    let is_empty = Memo::new(move |_| ids.with(Vec::is_empty));
    move || match is_empty.get() {
        true => Either::Left(view! {
            <Empty title="Nothing is attached yet">
                <p>"Attach an assessment to a stage, and candidates who enter it get the test by themselves."</p>
            </Empty>
        }),
        false => Either::Right(view! {
            <ul class="attachments">
                <For each=move || ids.get() key=Clone::clone let:id>
                    <Line lines id changed/>
                </For>
            </ul>
        }),
    }
}

#[component]
fn Line(lines: Memo<BTreeMap<String, AttachmentLine>>, id: String, changed: RwSignal<u32>) -> impl IntoView {
    let key = id.clone();
    let line = Memo::new(move |_| lines.with(|lines| lines.get(&key).cloned()));
    let text = move |of: fn(&AttachmentLine) -> String| {
        Signal::derive(move || line.with(|l| l.as_ref().map(of).unwrap_or_default()))
    };
    let position =
        Signal::derive(move || line.with(|line| line.as_ref().map(|line| position_words(line.position.as_deref()))));
    let stage = Signal::derive(move || line.with(|line| line.as_ref().map(|line| line.stage.clone())));
    let assessment = Signal::derive(move || line.with(|line| line.as_ref().map(|line| line.assessment.clone())));
    let sentence_id = format!("sentence-{id}");
    let page = route::attachment(&id);
    let removal = format!("{page}?remove=1");
    view! {
        <li class="attachment">
            <div class="attachment-body" id=sentence_id.clone()>
                <Sentence position stage assessment/>
                <p class="attachment-facts">
                    {move || line.get().map(|line| status(&line))}
                    <span class="hint">{text(|line| count(line.invites, "invite", "invites"))}</span>
                    <span class="hint">{text(days)}</span>
                </p>
                {move || line.with(|line| line.as_ref().and_then(next)).map(|next| view! { <p class="hint">{next}</p> })}
            </div>
            <div class="attachment-actions">
                <SwitchForm line id changed described_by=sentence_id.clone()/>
                <a class="button" data-kind="quiet" href=page aria-describedby=sentence_id.clone()>"Edit"</a>
                <a class="button" data-kind="quiet" href=removal aria-describedby=sentence_id>"Remove"</a>
            </div>
        </li>
    }
}

fn position_words(position: Option<&str>) -> String {
    position.unwrap_or("any position").to_owned()
}

/// How long the candidate has.
#[must_use]
pub fn days(line: &AttachmentLine) -> String {
    line.valid_days.map(|days| format!("{} to complete", count(days, "day", "days"))).unwrap_or_default()
}

/// Whether it sends, and what stands in its way.
pub fn status(line: &AttachmentLine) -> impl IntoView + use<> {
    let (tone, icon, word, why) = match &line.trouble {
        Some(AttachmentTrouble::StageGone) => {
            (Tone::Danger, Icon::Alert, "Sends nothing", "the stage is no longer in Lever".to_owned())
        }
        Some(AttachmentTrouble::NotOffered(why)) => {
            (Tone::Danger, Icon::Alert, "Sends nothing", not_offered(*why).0.to_owned())
        }
        None | Some(AttachmentTrouble::PositionNotOpen(_)) if line.is_paused => {
            (Tone::Warn, Icon::Hourglass, "Paused", "candidates who enter wait".to_owned())
        }
        Some(AttachmentTrouble::PositionNotOpen(state)) => {
            (Tone::Warn, Icon::Alert, "Active", format!("but the position is {} in Lever", position_state(state)))
        }
        None => (Tone::Good, Icon::CheckCircle, "Active", String::new()),
    };
    view! { <Status tone icon word/> <span class="hint">{why}</span> }
}

/// What to do where nothing can be sent.
pub fn next(line: &AttachmentLine) -> Option<&'static str> {
    match &line.trouble {
        Some(AttachmentTrouble::StageGone) => Some(STAGE_GONE_NEXT),
        Some(AttachmentTrouble::NotOffered(why)) => Some(not_offered(*why).1),
        Some(AttachmentTrouble::PositionNotOpen(_)) | None => None,
    }
}

/// Pauses or resumes; a failure is told in the row that it belongs to.
#[component]
pub fn SwitchForm(
    /// The attachment.
    line: Memo<Option<AttachmentLine>>,
    /// Its id.
    id: String,
    /// Counts what was done, so that the page reads anew.
    changed: RwSignal<u32>,
    /// The id of the sentence that says which attachment it is.
    described_by: String,
) -> impl IntoView {
    let action = ServerAction::<SwitchAttachment>::new();
    Effect::new(move || {
        if action.version().get() > 0 {
            changed.update(|n| *n += 1);
        }
    });
    let row = id.clone();
    let problem = move || -> Option<Problem> {
        action.value().with(|value| match value {
            Some(Err(failed)) if failed.is_of(&row) => Some(failed.problem),
            Some(_) | None => None,
        })
    };
    let is_paused = Memo::new(move |_| line.with(|line| line.as_ref().is_some_and(|line| line.is_paused)));
    let version = move || line.with(|line| line.as_ref().map_or(0, |line| line.version).to_string());
    view! {
        <ActionForm action>
            <input type="hidden" name="id" value=id/>
            <input type="hidden" name="version" value=version/>
            <input type="hidden" name="state" value=move || if is_paused.get() { "active" } else { "paused" }/>
            <Button kind=ButtonKind::Quiet pending=action.pending() attr:aria-describedby=described_by>
                {move || if is_paused.get() { "Resume" } else { "Pause" }}
            </Button>
        </ActionForm>
        {move || problem().map(|problem| view! { <ProblemNotice problem/> })}
    }
}
