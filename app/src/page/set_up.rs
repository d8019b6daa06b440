//! The first page of a new installation: a one-time link makes the organization and its first person.

pub mod server;

use leptos::{prelude::*, server_fn::ServerFn};
use leptos_router::hooks::{use_params_map, use_query_map};

use self::server::{LinkView, SetUpCandilever, read_set_up_link};
use crate::{
    route, text,
    ui::{Alone, Button, ButtonKind, ButtonLink, Field, Notice, ProblemNotice, Tone},
};

/// The page of the one-time set-up link.
#[component]
pub fn SetUpPage() -> impl IntoView {
    let params = use_params_map();
    let token = move || params.with(|params| params.get("token")).unwrap_or_default();
    let link = Resource::new(token, read_set_up_link);
    view! {
        <Alone title=text::set_up::TITLE>
            <Transition>
                {move || link.get().map(|link| match link {
                    Err(problem) => view! { <ProblemNotice problem/> }.into_any(),
                    Ok(LinkView::Closed) => view! { <Closed/> }.into_any(),
                    Ok(LinkView::Open { typed }) => view! { <SetUpForm typed/> }.into_any(),
                })}
            </Transition>
        </Alone>
    }
}

/// The link was used or is too old.
#[component]
fn Closed() -> impl IntoView {
    view! {
        <Notice tone=Tone::Warn title=text::set_up::CLOSED>
            <p>{text::set_up::CLOSED_MEANS}</p>
        </Notice>
        <ButtonLink href=route::SIGN_IN.to_owned()>{text::sign_in::TITLE}</ButtonLink>
    }
}

#[component]
fn SetUpForm(typed: server::Typed) -> impl IntoView {
    let (params, query) = (use_params_map(), use_query_map());
    let token = params.with_untracked(|params| params.get("token")).unwrap_or_default();
    let refused = query.with_untracked(|query| query.get("refused")).unwrap_or_default();
    let error = |code: &str| if refused == code { text::set_up::refusal(code) } else { String::new() };
    view! {
        <p>{text::set_up::LEAD}</p>
        <form class="form" method="post" action=SetUpCandilever::url()>
            <input type="hidden" name="token" value=token/>
            <Field
                label=text::set_up::ORGANIZATION name="organization" value=typed.organization
                autocomplete="organization" required=true error=error("name")
            />
            <Field label=text::set_up::NAME name="name" value=typed.name autocomplete="name" required=true error=error("name")/>
            <Field
                label=text::sign_in::EMAIL name="email" kind="email" value=typed.email
                autocomplete="username" required=true error=error("email")
            />
            <Field
                label=text::sign_in::PASSWORD name="password" kind="password" hint=text::set_up::PASSWORD_HINT
                autocomplete="new-password" required=true minlength=12u32 error=error("password")
            />
            <Button kind=ButtonKind::Primary>{text::set_up::BUTTON}</Button>
        </form>
    }
}
