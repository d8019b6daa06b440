//! Who stands in the stage already: chosen by a person, previewed, and only then invited.

use leptos::{
    either::{Either, EitherOf3},
    form::ActionForm,
    prelude::*,
};
use leptos_router::{components::Form, hooks::use_query_map};

use super::server::{InviteStanding, StandingView, standing};
use crate::{
    page::integrations::{Failure, problem_of},
    problem::Problem,
    route,
    text::count,
    ui::{Button, ButtonKind, ButtonLink, ProblemNotice, Skeleton, Time},
};

/// How many can be chosen at once; after these were invited, the next ones come first.
const SHOWN: usize = 100;

/// The list with checkboxes, and Preview.
#[component]
pub fn StandingSection(
    /// The attachment.
    id: String,
) -> impl IntoView {
    let of = id.clone();
    let answer = Resource::new(move || of.clone(), standing);
    view! {
        <section class="panel" id="standing" aria-labelledby="standing-title">
            <h2 id="standing-title">"Who stands in the stage already"</h2>
            <p>"They are not invited by themselves. Choose whom to invite; you see a preview first."</p>
            <Transition fallback=|| view! { <Skeleton rows=4/> }>
                <People answer id/>
            </Transition>
        </section>
    }
}

#[component]
fn People(answer: Resource<Result<Vec<StandingView>, Problem>>, id: String) -> impl IntoView {
    move || match answer.get() {
        None => EitherOf3::A(()),
        Some(Err(problem)) => EitherOf3::B(view! { <ProblemNotice problem/> }),
        Some(Ok(rows)) if rows.is_empty() => EitherOf3::C(Either::Left(view! { <p>"Nobody stands there now."</p> })),
        Some(Ok(rows)) => EitherOf3::C(Either::Right(view! { <Choose rows id=id.clone()/> })),
    }
}

#[component]
fn Choose(rows: Vec<StandingView>, id: String) -> impl IntoView {
    let all = use_query_map().with_untracked(|query| query.get("all").is_some());
    let (can, cannot): (Vec<_>, Vec<_>) = rows.into_iter().partition(|row| row.why_not.is_none());
    let more = can.len().saturating_sub(SHOWN);
    let page = route::attachment(&id);
    let rest = (more > 0).then(|| {
        let more = count(i64::try_from(more).unwrap_or(i64::MAX), "candidate", "candidates");
        view! { <p class="hint">{more} " more can be chosen after these were invited."</p> }
    });
    let can_any = !can.is_empty();
    view! {
        <Form method="GET" action=page.clone()>
            <ul class="standing">
                {can.into_iter().take(SHOWN).map(|row| view! { <Person row checked=all/> }).collect_view()}
                {cannot.into_iter().map(|row| view! { <Person row checked=false/> }).collect_view()}
            </ul>
            {rest}
            <div class="row" hidden=!can_any>
                <Button name="preview" value="1">"Preview"</Button>
                <ButtonLink href=format!("{page}?standing=1&all=1#standing") kind=ButtonKind::Quiet>"Choose all"</ButtonLink>
            </div>
        </Form>
    }
}

#[component]
fn Person(row: StandingView, checked: bool) -> impl IntoView {
    let is_refused = row.why_not.is_some();
    view! {
        <li>
            <label class="choice">
                <input type="checkbox" name="chosen" value=row.opportunity checked=checked disabled=is_refused/>
                <span><bdi>{row.name}</bdi></span>
            </label>
            <span class="hint">"entered " <Time at=row.entered_at/></span>
            {row.why_not.map(|why| view! { <span class="hint">{why}</span> })}
        </li>
    }
}

/// Who would be invited; nothing was sent yet.
#[component]
pub fn Preview(
    /// The attachment.
    id: String,
    /// Whom the person chose.
    chosen: Vec<String>,
) -> impl IntoView {
    let of = id.clone();
    let answer = Resource::new(move || of.clone(), standing);
    let invite = ServerAction::<InviteStanding>::new();
    view! {
        <section class="panel" id="preview" aria-labelledby="preview-title">
            <h2 id="preview-title">"Preview"</h2>
            <Transition fallback=|| view! { <Skeleton rows=4/> }>
                <Chosen answer id chosen invite/>
            </Transition>
            <Failure problem=problem_of(invite)/>
        </section>
    }
}

#[component]
fn Chosen(
    answer: Resource<Result<Vec<StandingView>, Problem>>,
    id: String,
    chosen: Vec<String>,
    invite: ServerAction<InviteStanding>,
) -> impl IntoView {
    move || match answer.get() {
        None => EitherOf3::A(()),
        Some(Err(problem)) => EitherOf3::B(view! { <ProblemNotice problem/> }),
        Some(Ok(rows)) => {
            let rows = rows.into_iter().filter(|row| chosen.contains(&row.opportunity)).collect();
            EitherOf3::C(view! { <Outcome rows id=id.clone() invite/> })
        }
    }
}

#[component]
fn Outcome(rows: Vec<StandingView>, id: String, invite: ServerAction<InviteStanding>) -> impl IntoView {
    let (due, not): (Vec<_>, Vec<_>) = rows.into_iter().partition(|row| row.why_not.is_none());
    let back = format!("{}?standing=1#standing", route::attachment(&id));
    let number = i64::try_from(due.len()).unwrap_or(i64::MAX);
    let fields = due.iter().map(|row| row.opportunity.clone()).collect::<Vec<_>>();
    let line = |row: StandingView| view! { <li><bdi>{row.name}</bdi> {row.why_not.map(|why| format!(": {why}"))}</li> };
    let refused = (!not.is_empty()).then(|| {
        view! {
            <h3>"They get nothing"</h3>
            <ul class="plain">{not.into_iter().map(line).collect_view()}</ul>
        }
    });
    let send = (number > 0).then(|| {
        view! {
            <ActionForm action=invite>
                <input type="hidden" name="id" value=id/>
                {fields.into_iter().map(|id| view! { <input type="hidden" name="chosen[]" value=id/> }).collect_view()}
                <Button kind=ButtonKind::Primary pending=invite.pending()>
                    {format!("Send to {}", count(number, "candidate", "candidates"))}
                </Button>
            </ActionForm>
        }
    });
    view! {
        <p>{match number { 0 => "Nobody who can be invited is chosen.", _ => "The assessment goes to these. Nothing was sent yet." }}</p>
        <ul class="plain">{due.into_iter().map(line).collect_view()}</ul>
        {refused}
        <div class="row">
            {send}
            <ButtonLink href=back kind=ButtonKind::Quiet>"Choose again"</ButtonLink>
        </div>
    }
}
