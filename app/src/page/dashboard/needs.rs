//! What needs a person: what, who, since when, and the link that leads to mending it.

use leptos::{either::Either, prelude::*};

use super::server::Needs;
use crate::{
    page::candidates::{filter::Filter, server::InviteRow},
    route, text,
    ui::{ButtonLink, Empty, InviteStatus, Score, Time},
};

/// Invites that wait or failed, then results without a verdict.
#[component]
pub fn NeedsYou(attention: Needs, awaiting: Needs) -> impl IntoView {
    let is_empty = attention.rows.is_empty() && awaiting.rows.is_empty();
    let body = if is_empty {
        Either::Left(view! {
            <Empty title=text::dashboard::NOTHING><p>{text::dashboard::NOTHING_MEANS}</p></Empty>
        })
    } else {
        let all_attention = Filter { attention: true, ..Filter::default() }.address();
        let all_awaiting = Filter { awaiting: true, ..Filter::default() }.address();
        Either::Right(view! {
            <ul class="lines">
                {lines(attention.rows, text::dashboard::LOOK)}
                {lines(awaiting.rows, text::dashboard::DECIDE)}
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

fn lines(rows: Vec<InviteRow>, action: &'static str) -> impl IntoView {
    rows.into_iter().map(|row| view! { <Line row action/> }).collect_view()
}

#[component]
fn Line(row: InviteRow, action: &'static str) -> impl IntoView {
    let href = route::candidate(&row.id);
    let name = text::candidate_name(&row.candidate);
    let label = format!("{action}: {name}");
    view! {
        <li>
            <a href=href.clone() dir="auto">{name}</a>
            <span class="hint">{row.assessment}</span>
            <InviteStatus state=row.state reason=Signal::stored(row.reason)/>
            {row.score.map(|score| view! { <Score score=Signal::stored(Some(score))/> })}
            <span class="hint">{text::dashboard::SINCE} " " <Time at=row.changed_at/></span>
            <ButtonLink href attr:aria-label=label>{action}</ButtonLink>
        </li>
    }
}
