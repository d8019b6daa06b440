//! Sign in with e-mail and password: a plain form, so that the page after it is read anew under the
//! new session.

use leptos::{prelude::*, server_fn::ServerFn};
use leptos_router::hooks::use_query_map;

#[cfg(feature = "ssr")]
use crate::server;
use crate::{
    problem::Problem,
    route, text,
    ui::{Alone, Button, ButtonKind, Field, Notice, Tone},
};

/// The sign-in page.
#[component]
pub fn SignInPage() -> impl IntoView {
    let query = use_query_map();
    let next = move || query.with(|query| query.get("next")).unwrap_or_default();
    let providers = Resource::new(|| (), |()| sign_in_providers());
    let refusal = move || query.with(|query| query.get("refused")).and_then(|code| text::sign_in::refusal(&code));
    view! {
        <Alone title=text::sign_in::TITLE>
            {move || refusal().map(|(what, next)| view! {
                <Notice tone=Tone::Danger title=what><p>{next}</p></Notice>
            })}
            {move || query.with(|query| query.get("done").is_some()).then(|| view! {
                <Notice tone=Tone::Good title=text::sign_in::CHANGED><p>{text::sign_in::CHANGED_MEANS}</p></Notice>
            })}
            <Transition>
                {move || providers.get().and_then(Result::ok).map(|all| view! { <Providers all next=next()/> })}
            </Transition>
            <form class="form" method="post" action=SignIn::url()>
                <input type="hidden" name="next" value=next/>
                <Field label=text::sign_in::EMAIL name="email" kind="email" autocomplete="username" required=true/>
                <Field
                    label=text::sign_in::PASSWORD
                    name="password"
                    kind="password"
                    autocomplete="current-password"
                    required=true
                />
                <Button kind=ButtonKind::Primary>{text::sign_in::BUTTON}</Button>
            </form>
            <p><a href=route::FORGOTTEN>{text::sign_in::FORGOTTEN}</a></p>
        </Alone>
    }
}

/// A link for each of the company's own sign-ins.
#[component]
fn Providers(all: Vec<(String, String)>, next: String) -> impl IntoView {
    let next = route::encode(&next);
    let link = |(id, name): (String, String)| {
        view! { <p><a class="button" href=format!("/oidc/{id}?next={next}") rel="external">{text::sign_in::WITH} " " {name}</a></p> }
    };
    all.into_iter().map(link).collect_view()
}

/// The OpenID providers to sign in with, as id and name. For people who are not signed in yet.
#[server(prefix = "/api", endpoint = "sign_in_providers")]
pub async fn sign_in_providers() -> Result<Vec<(String, String)>, Problem> {
    Ok(engine::access::single_sign_on::providers(&server::engine()))
}

/// Checks e-mail and password and begins a session. One answer for either being wrong.
#[server(prefix = "/api", endpoint = "sign_in")]
pub async fn sign_in(email: String, password: String, #[server(default)] next: String) -> Result<(), Problem> {
    let back = |code: &str| server::go_to(&format!("{}?refused={code}&next={}", route::SIGN_IN, route::encode(&next)));
    if !server::may_try_to_sign_in(&email).await? {
        back(text::sign_in::TOO_OFTEN);
        return Ok(());
    }
    match engine::access::sign_in(&server::engine(), &email, password.into()).await? {
        None => {
            tracing::info!(from = ?server::client_address(), "a password was wrong, or nobody's");
            back(text::sign_in::WRONG);
        }
        Some(admitted) => {
            server::password_was_right(&email).await?;
            let to = server::begin_session_or_half(&admitted, &next).await?;
            server::go_to(&to);
        }
    }
    Ok(())
}
