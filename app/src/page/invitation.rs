//! The page that an invitation opens: what it is to, a name and a password.

pub mod server;

use leptos::{prelude::*, server_fn::ServerFn};
use leptos_router::hooks::{use_params_map, use_query_map};

use self::server::{AcceptInvitation, InvitationView, read_invitation};
use crate::{
    route, text,
    ui::{Alone, Button, ButtonKind, ButtonLink, Field, Notice, ProblemNotice, Tone},
};

/// The page of an invitation.
#[component]
pub fn InvitationPage() -> impl IntoView {
    let params = use_params_map();
    let token = move || params.with(|params| params.get("token")).unwrap_or_default();
    let invitation = Resource::new(token, read_invitation);
    view! {
        <Alone title=text::invitation::TITLE>
            <Transition>
                {move || invitation.get().map(|invitation| match invitation {
                    Err(problem) => view! { <ProblemNotice problem/> }.into_any(),
                    Ok(InvitationView::Closed) => view! { <Closed/> }.into_any(),
                    Ok(InvitationView::Open { organization, email, role, name }) => {
                        view! { <Join organization email role name/> }.into_any()
                    }
                })}
            </Transition>
        </Alone>
    }
}

/// The link was used, was taken back, or is too old.
#[component]
fn Closed() -> impl IntoView {
    view! {
        <Notice tone=Tone::Warn title=text::invitation::CLOSED>
            <p>{text::invitation::CLOSED_MEANS}</p>
        </Notice>
        <ButtonLink href=route::SIGN_IN.to_owned()>{text::sign_in::TITLE}</ButtonLink>
    }
}

#[component]
fn Join(organization: String, email: String, role: String, name: String) -> impl IntoView {
    let (params, query) = (use_params_map(), use_query_map());
    let token = params.with_untracked(|params| params.get("token")).unwrap_or_default();
    let refused = query.with_untracked(|query| query.get("refused")).unwrap_or_default();
    let error = |codes: &[&str]| {
        if codes.contains(&refused.as_str()) { text::invitation::refusal(&refused) } else { String::new() }
    };
    view! {
        <p>"You are invited to " <strong><bdi>{organization}</bdi></strong> " as " {role} ", with the address " <bdi>{email}</bdi> "."</p>
        <form class="form" method="post" action=AcceptInvitation::url()>
            <input type="hidden" name="token" value=token/>
            <Field label=text::invitation::NAME name="name" value=name autocomplete="name" required=true error=error(&["name"])/>
            <Field
                label=text::sign_in::PASSWORD name="password" kind="password" hint=text::invitation::PASSWORD_HINT
                autocomplete="new-password" required=true error=error(&["password", "often"])
            />
            <Button kind=ButtonKind::Primary>{text::invitation::BUTTON}</Button>
        </form>
    }
}
