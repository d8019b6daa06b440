//! What needs a person: what, who, since when, and what mends it.

use leptos::{either::Either, prelude::*};

use super::{
    remedy::{Acts, LineProblem, Remedies},
    server::{NeedView, Needs, TroubleView},
    troubles::Trouble,
};
use crate::{
    page::candidates::{filter::Filter, server::InviteRow},
    route, text,
    ui::{ButtonLink, Empty, InviteStatus, Score, Time},
};

/// What stands in the way as a whole, invites that wait or failed, then results without a verdict.
#[component]
pub fn NeedsYou(troubles: Vec<TroubleView>, attention: Needs, awaiting: Needs, acts: Acts) -> impl IntoView {
    let is_empty = troubles.is_empty() && attention.rows.is_empty() && awaiting.rows.is_empty();
    let body = if is_empty {
        Either::Left(view! {
            <Empty title=text::dashboard::NOTHING><p>{text::dashboard::NOTHING_MEANS}</p></Empty>
        })
    } else {
        let all_attention = Filter { attention: true, ..Filter::default() }.address();
        let all_awaiting = Filter { awaiting: true, ..Filter::default() }.address();
        Either::Right(view! {
            <ul class="lines">
                {troubles.into_iter().map(|trouble| view! { <Trouble trouble acts/> }).collect_view()}
                {attention.rows.into_iter().map(|need| view! { <Stuck need acts/> }).collect_view()}
                {awaiting.rows.into_iter().map(|need| view! { <Done row=need.row/> }).collect_view()}
            </ul>
            <p class="more">
                {all(attention.count, attention.more, all_attention, text::dashboard::ALL_ATTENTION)}
                {all(awaiting.count, awaiting.more, all_awaiting, text::dashboard::ALL_AWAITING)}
            </p>
        })
    };
    view! {
        <section class="panel" aria-labelledby="needs-title">
            <h2 id="needs-title">{text::dashboard::NEEDS_YOU}</h2>
            {body}
        </section>
    }
}

fn all(count: i64, more: bool, href: String, words: &'static str) -> impl IntoView {
    let number = text::candidates::number(count, more);
    (count > 0).then(|| view! { <a href=href>{format!("{words} ({number})")}</a> })
}

/// An invite that does not go on by itself.
#[component]
fn Stuck(need: NeedView, acts: Acts) -> impl IntoView {
    let NeedView { row, remedies } = need;
    let (invite, name) = (row.id.clone(), text::candidate_name(&row.candidate));
    view! {
        <li>
            <Facts row/>
            <Remedies invite=invite.clone() name remedies acts/>
            <LineProblem line=invite acts/>
        </li>
    }
}

/// A result without a verdict.
#[component]
fn Done(row: InviteRow) -> impl IntoView {
    let href = route::candidate(&row.id);
    let label = format!("{}: {}", text::dashboard::DECIDE, text::candidate_name(&row.candidate));
    view! {
        <li>
            <Facts row/>
            <ButtonLink href attr:aria-label=label>{text::dashboard::DECIDE}</ButtonLink>
        </li>
    }
}

/// Who, which assessment, where it stands, since when.
#[component]
fn Facts(row: InviteRow) -> impl IntoView {
    view! {
        <a href=route::candidate(&row.id) dir="auto">{text::candidate_name(&row.candidate)}</a>
        <span class="hint">{row.assessment}</span>
        <InviteStatus state=row.state reason=Signal::stored(row.reason)/>
        {row.score.map(|score| view! { <Score score=Signal::stored(Some(score))/> })}
        <span class="hint">{text::dashboard::SINCE} " " <Time at=row.changed_at/></span>
    }
}
