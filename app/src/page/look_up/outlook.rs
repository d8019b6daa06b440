//! One opportunity: where it stands in Lever, what is decided about each attachment, and its invites.

use leptos::{either::Either, prelude::*};

use super::server::{Answer, DecidedView, OutlookView};
use crate::{
    page::candidates::server::InviteRow,
    route, text,
    ui::{ButtonLink, Icon, InviteStatus, LinkTarget, Score, Status, Time, Tone},
};

/// One opportunity.
#[component]
pub fn Outlook(view: OutlookView) -> impl IntoView {
    let id = format!("outlook-{}", view.opportunity);
    let labelled = id.clone();
    let may_attach = view.may_attach;
    let lines = move |all: Vec<DecidedView>| {
        view! { <ul class="lines">{all.into_iter().map(|decided| view! { <Decided decided may_attach/> }).collect_view()}</ul> }
    };
    let here = match view.here.is_empty() {
        true => Either::Left(view! { <p>{text::look_up::NOTHING_ATTACHED}</p> }),
        false => Either::Right(lines(view.here)),
    };
    let elsewhere = (!view.elsewhere.is_empty()).then(|| {
        view! {
            <details>
                <summary>{text::look_up::elsewhere(view.elsewhere.len())}</summary>
                {lines(view.elsewhere)}
            </details>
        }
    });
    view! {
        <section class="panel" aria-labelledby=labelled>
            <header class="panel-head">
                <h2 id=id><bdi>{text::candidate_name(&view.name)}</bdi> " · " {text::look_up::positions(&view.positions)}</h2>
                {view.lever_url.map(|href| view! {
                    <ButtonLink href target=LinkTarget::Outside>{text::candidate::OPEN_IN_LEVER}</ButtonLink>
                })}
            </header>
            <p>
                {text::look_up::STAGE} ": " {view.stage} ", " {text::look_up::SINCE} " " <Time at=view.entered_at/>
                {view.archived.then(|| view! { ". " <strong>{text::look_up::ARCHIVED}</strong> })}
            </p>
            {here}
            {elsewhere}
            <Invites invites=view.invites/>
        </section>
    }
}

/// What is decided about one attachment.
#[component]
fn Decided(decided: DecidedView, may_attach: bool) -> impl IntoView {
    let (tone, icon, word) = match decided.answer {
        Answer::Match => (Tone::Good, Icon::CheckCircle, text::look_up::MATCH),
        Answer::Given => (Tone::Info, Icon::Send, text::look_up::GIVEN),
        Answer::No => (Tone::Neutral, Icon::Ban, text::look_up::NO_MATCH),
    };
    let what = text::look_up::attachment(&decided.assessment, decided.position.as_deref(), &decided.stage);
    let attachment = may_attach.then(|| route::attachment(&decided.attachment));
    let link = |href: String, words: &'static str| {
        let label = format!("{words}: {what}");
        view! { <ButtonLink href attr:aria-label=label>{words}</ButtonLink> }
    };
    let link = match decided.invite {
        Some(invite) => Some(link(route::candidate(&invite), text::look_up::OPEN_INVITE)),
        None => attachment.map(|href| link(href, text::look_up::OPEN_ATTACHMENT)),
    };
    view! {
        <li>
            <Status tone icon word/>
            <div class="outlook-why">
                <p><strong>{what}</strong></p>
                <p>{text::look_up::why(&decided.why)} " " {text::look_up::NEXT} " " {decided.next}</p>
            </div>
            {link}
        </li>
    }
}

/// Everything the candidate was given for this opportunity, whatever it came of.
#[component]
fn Invites(invites: Vec<InviteRow>) -> impl IntoView {
    let line = |row: InviteRow| {
        view! {
            <li>
                <a href=route::candidate(&row.id)>{row.assessment}</a>
                <InviteStatus state=row.state reason=Signal::stored(row.reason)/>
                {row.score.map(|score| view! { <Score score=Signal::stored(Some(score))/> })}
                <span class="hint"><Time at=row.changed_at/></span>
            </li>
        }
    };
    (!invites.is_empty()).then(|| {
        view! {
            <h3>{text::look_up::INVITES}</h3>
            <ul class="lines">{invites.into_iter().map(line).collect_view()}</ul>
        }
    })
}
