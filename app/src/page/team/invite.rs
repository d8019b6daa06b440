//! Inviting somebody, and the invitations that are open.

use leptos::{form::ActionForm, prelude::*};

use super::{
    RoleName,
    server::{InvitationView, InvitePerson, TakeInvitationBack},
};
use crate::{
    page::integrations::{Failure, problem_of},
    text::{sign_in, team as words},
    ui::{Button, ButtonKind, Copy, Field, Select, Time},
};

/// The form.
#[component]
pub fn Invite(
    /// Whether the link is mailed.
    mails: bool,
) -> impl IntoView {
    let invite = ServerAction::<InvitePerson>::new();
    let made = Memo::new(move |made: Option<&u32>| {
        let is_made = invite.value().with(|answer| matches!(answer, Some(Ok(_))));
        made.copied().unwrap_or(0) + u32::from(is_made)
    });
    view! {
        <section class="panel" aria-labelledby="invite-title">
            <h2 id="invite-title">{words::INVITE}</h2>
            <p class="hint">{if mails { words::INVITE_MAILED } else { words::INVITE_LEAD }}</p>
            <Failure problem=problem_of(invite)/>
            <ActionForm action=invite attr:class="form">
                // Another field for each: the next one is somebody else.
                <For each=move || [made.get()] key=|made| *made let:_made>
                    <Field label=sign_in::EMAIL name="email" kind="email" autocomplete="off" required=true/>
                </For>
                <Select
                    label="Role" name="role" choices=RoleName::choices()
                    selected=RoleName::TeamMember.slug() hint=words::INVITE_ROLE
                />
                <Button kind=ButtonKind::Primary pending=invite.pending()>"Make an invitation"</Button>
            </ActionForm>
        </section>
    }
}

/// Those that are open, each with its link.
#[component]
pub fn Invitations(open: Vec<InvitationView>) -> impl IntoView {
    let take_back = ServerAction::<TakeInvitationBack>::new();
    let row = move |one: InvitationView| {
        view! {
            <li class="invitation">
                <p><bdi>{one.email.clone()}</bdi> ", " {one.role.words()} ", ends " <Time at=one.expires_at/></p>
                <Copy label=format!("Link for {}", one.email) name=format!("link-{}", one.id) value=one.link/>
                <ActionForm action=take_back>
                    <input type="hidden" name="id" value=one.id/>
                    <Button kind=ButtonKind::Quiet>{words::TAKE_BACK}</Button>
                </ActionForm>
            </li>
        }
    };
    (!open.is_empty()).then(|| {
        view! {
            <section class="panel" id="invitations" aria-labelledby="invitations-title">
                <h2 id="invitations-title">{words::INVITED}</h2>
                <Failure problem=problem_of(take_back)/>
                <ul class="invitations">{open.into_iter().map(row).collect_view()}</ul>
            </section>
        }
    })
}
