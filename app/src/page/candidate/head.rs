//! The head: who, for which position, which assessment, where it stands, and the links out.

use leptos::prelude::*;

use super::server::CandidateView;
use crate::{
    route, text,
    ui::{ButtonKind, ButtonLink, InviteStatus, LinkTarget, Score, Time},
};

/// Who, what, and where it stands.
#[component]
pub fn Head(view: Memo<CandidateView>) -> impl IntoView {
    let link = move |read: fn(&CandidateView) -> Option<String>, kind: ButtonKind, words: &'static str| {
        move || {
            view.with(read).map(|href| view! { <ButtonLink href kind target=LinkTarget::Outside>{words}</ButtonLink> })
        }
    };
    view! {
        <nav class="back" aria-label=text::candidate::BACK_LABEL>
            <a href=route::CANDIDATES>{text::candidate::BACK}</a>
        </nav>
        <header class="page-head">
            <div>
                <h1><bdi>{move || view.with(|view| text::candidate_name(&view.row.candidate))}</bdi></h1>
                <p class="page-lead">{move || view.with(lead)}</p>
            </div>
            <div class="page-actions">
                {link(|view| view.lever_url.clone(), ButtonKind::Secondary, text::candidate::OPEN_IN_LEVER)}
                {link(|view| view.report_link.clone(), ButtonKind::Primary, text::candidate::OPEN_REPORT)}
            </div>
        </header>
        <Facts view/>
    }
}

/// "Python, 60 min · round 2 · Python Developer · maya@mail.example".
fn lead(view: &CandidateView) -> impl IntoView + use<> {
    let round = (view.round > 1).then(|| text::candidate::round(view.round));
    let parts = [Some(view.row.assessment.clone()), round, view.row.position.clone(), view.email.clone()];
    let part = |(n, part): (usize, String)| view! { {(n > 0).then_some(" · ")} <bdi>{part}</bdi> };
    parts.into_iter().flatten().enumerate().map(part).collect_view()
}

#[component]
fn Facts(view: Memo<CandidateView>) -> impl IntoView {
    let time = move |label: &'static str, read: fn(&CandidateView) -> Option<i64>| {
        move || view.with(read).map(|at| view! { <div><dt>{label}</dt><dd><Time at/></dd></div> })
    };
    view! {
        <dl class="facts-line">
            <div>
                <dt>{text::candidate::STATUS}</dt>
                <dd>
                    <InviteStatus
                        state=Signal::derive(move || view.with(|view| view.row.state))
                        reason=Signal::derive(move || view.with(|view| view.row.reason.clone()))
                    />
                </dd>
            </div>
            <div>
                <dt>{text::candidate::SCORE}</dt>
                <dd><Score score=Signal::derive(move || view.with(|view| view.row.score))/></dd>
            </div>
            {move || view.with(|view| view.stage.clone()).map(|stage| view! {
                <div><dt>{text::candidate::STAGE}</dt><dd>{stage}</dd></div>
            })}
            {time(text::candidate::SENT, |view| view.sent_at)}
            {time(text::candidate::STARTED, |view| view.started_at)}
            {time(text::candidate::COMPLETED, |view| view.completed_at)}
            {time(text::candidate::EXPIRES, |view| view.expires_at.filter(|_| view.completed_at.is_none()))}
        </dl>
    }
}
