//! For who knows their password no more: asking for a link, and what the link opens. Plain forms, so that nothing
//! that was typed is in a page afterwards.

pub mod server;

use leptos::{either::Either, prelude::*, server_fn::ServerFn};
use leptos_router::hooks::{use_params_map, use_query_map};

use self::server::{AskForPasswordLink, UsePasswordLink, can_mail_links, read_password_link};
use crate::{
    route,
    text::{PASSWORD_UNFIT, forgotten as words, set_up, sign_in},
    ui::{Alone, Button, ButtonKind, ButtonLink, Field, Notice, ProblemNotice, Tone},
};

/// The page that a link is asked for on.
#[component]
pub fn ForgottenPage() -> impl IntoView {
    let query = use_query_map();
    // Told of by a change alone: the form is not made anew under who fills it in.
    let has = |key: &'static str| Memo::new(move |_| query.with(|query| query.get(key).is_some()));
    let (was_asked, was_refused) = (has("asked"), has("refused"));
    let can = Resource::new(|| (), |()| can_mail_links());
    view! {
        <Alone title=words::TITLE>
            {move || was_refused.get().then(|| view! {
                <Notice tone=Tone::Danger title=words::OFTEN><p>{words::OFTEN_MEANS}</p></Notice>
            })}
            <Transition>
                {move || can.get().map(|can| match can {
                    Err(problem) => view! { <ProblemNotice problem/> }.into_any(),
                    Ok(false) => view! {
                        <Notice tone=Tone::Warn title=words::NO_MAIL><p>{words::NO_MAIL_MEANS}</p></Notice>
                    }.into_any(),
                    Ok(true) if was_asked.get() => view! {
                        <Notice tone=Tone::Good title=words::ASKED><p>{words::ASKED_MEANS}</p></Notice>
                    }.into_any(),
                    Ok(true) => view! { <Ask/> }.into_any(),
                })}
            </Transition>
            <p><a href=route::SIGN_IN>{sign_in::TITLE}</a></p>
        </Alone>
    }
}

#[component]
fn Ask() -> impl IntoView {
    view! {
        <p>{words::LEAD}</p>
        <form class="form" method="post" action=AskForPasswordLink::url()>
            <Field label=sign_in::EMAIL name="email" kind="email" autocomplete="username" required=true/>
            <Button kind=ButtonKind::Primary>{words::ASK}</Button>
        </form>
    }
}

/// The page that the link opens.
#[component]
pub fn NewPasswordPage() -> impl IntoView {
    let params = use_params_map();
    let token = move || params.with(|params| params.get("token")).unwrap_or_default();
    let open = Resource::new(token, read_password_link);
    view! {
        <Alone title=words::TITLE>
            <Transition>
                {move || open.get().map(|open| match open {
                    Err(problem) => view! { <ProblemNotice problem/> }.into_any(),
                    Ok(is_open) => view! { <Choose is_open/> }.into_any(),
                })}
            </Transition>
        </Alone>
    }
}

#[component]
fn Choose(is_open: bool) -> impl IntoView {
    if !is_open {
        return Either::Left(view! {
            <Notice tone=Tone::Warn title=words::CLOSED><p>{words::CLOSED_MEANS}</p></Notice>
            <ButtonLink href=route::FORGOTTEN.to_owned()>{words::ASK_AGAIN}</ButtonLink>
        });
    }
    let token = use_params_map().with_untracked(|params| params.get("token")).unwrap_or_default();
    let is_unfit = use_query_map().with_untracked(|query| query.get("refused")).is_some();
    let error = if is_unfit { PASSWORD_UNFIT.to_owned() } else { String::new() };
    Either::Right(view! {
        <form class="form" method="post" action=UsePasswordLink::url()>
            <input type="hidden" name="token" value=token/>
            <Field
                label=words::NEW name="new" kind="password" hint=set_up::PASSWORD_HINT
                autocomplete="new-password" required=true minlength=12u32 error
            />
            <Button kind=ButtonKind::Primary>{words::SAVE}</Button>
        </form>
    })
}
