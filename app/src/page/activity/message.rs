//! One message: what came in, when, what was done about it, and what it holds.

use leptos::{either::Either, form::ActionForm, prelude::*};

use super::{
    server::{OneMessageView, PartView, ReplayMessage},
    words,
};
use crate::{
    page::integrations::{Failure, problem_of},
    route,
    ui::{Button, ButtonKind, ButtonLink, Time},
};

/// The message, with the button that has it done again.
#[component]
pub fn OneMessage(
    /// The message.
    message: OneMessageView,
    /// The list it was opened from.
    back: String,
) -> impl IntoView {
    let replay = ServerAction::<ReplayMessage>::new();
    let row = message.row;
    let id = row.id.clone();
    let form = row.can_replay.then(|| {
        view! {
            <ActionForm action=replay>
                <input type="hidden" name="id" value=id/>
                <Button pending=replay.pending()>"Replay"</Button>
            </ActionForm>
        }
    });
    view! {
        <section class="panel" aria-labelledby="message-title">
            <h2 id="message-title">{words::message(&row)}</h2>
            <p class="hint">"Came in " <Time at=row.at/> ". " {words::outcome(&row)}</p>
            <Parts parts=message.parts/>
            <div class="row">
                {form}
                {message.invite.map(|invite| view! { <ButtonLink href=route::candidate(&invite)>"Open the candidate"</ButtonLink> })}
                <ButtonLink href=back kind=ButtonKind::Quiet>"Close"</ButtonLink>
            </div>
            <Failure problem=problem_of(replay)/>
        </section>
    }
}

#[component]
fn Parts(parts: Vec<PartView>) -> impl IntoView {
    if parts.is_empty() {
        return Either::Left(
            view! { <p class="hint">"What it held was removed together with the candidate's data."</p> },
        );
    }
    let row = |part: PartView| {
        let value = match part.value {
            Some(value) => Either::Left(view! { <code>{value}</code> }),
            None => Either::Right(view! { <span class="hint">"Not shown"</span> }),
        };
        view! { <tr><th scope="row">{part.name}</th><td>{value}</td></tr> }
    };
    Either::Right(view! {
        <details>
            <summary>"What it holds"</summary>
            <table class="plain-table"><tbody>{parts.into_iter().map(row).collect_view()}</tbody></table>
        </details>
    })
}
