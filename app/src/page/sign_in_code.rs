//! The second step of signing in, for who has a second factor: a code of the app, or a recovery code.

use leptos::{prelude::*, server_fn::ServerFn};
use leptos_router::hooks::use_query_map;

#[cfg(feature = "ssr")]
use crate::server;
use crate::{
    problem::Problem,
    route,
    text::{second_factor as words, sign_in},
    ui::{Alone, Button, ButtonKind, Field, Notice, Tone},
};
#[cfg(feature = "ssr")]
use engine::access::second_factor::Judged;

/// The page.
#[component]
pub fn SignInCodePage() -> impl IntoView {
    let query = use_query_map();
    let next = move || query.with(|query| query.get("next")).unwrap_or_default();
    let refusal = move || query.with(|query| query.get("refused")).map(|code| words::refusal(&code));
    view! {
        <Alone title=words::CODE_TITLE>
            {move || refusal().map(|(what, next)| view! {
                <Notice tone=Tone::Danger title=what><p>{next}</p></Notice>
            })}
            <p>{words::CODE_LEAD}</p>
            <form class="form" method="post" action=EnterCode::url()>
                <input type="hidden" name="next" value=next/>
                <Field label=words::CODE name="code" autocomplete="one-time-code" required=true hint=words::CODE_HINT/>
                <Button kind=ButtonKind::Primary>{sign_in::BUTTON}</Button>
            </form>
            <p><a href=route::SIGN_IN>{words::BEGIN_AGAIN}</a></p>
        </Alone>
    }
}

/// Signs in whose password was right a moment ago and whose code is right now. For people who are not signed in yet:
/// the session says whose password it was.
#[server(prefix = "/api", endpoint = "enter_code")]
pub async fn enter_code(code: String, #[server(default)] next: String) -> Result<(), Problem> {
    let Some(admitted) = server::half().await? else {
        server::go_to(&route::sign_in(&next));
        return Ok(());
    };
    let back = |code: &str| server::go_to(&format!("{}&refused={code}", route::sign_in_code(&next)));
    let user = &admitted.user;
    let counted = format!("code:{user}");
    if !server::may_try_to_sign_in(&counted).await? {
        back("often");
        return Ok(());
    }
    let from = server::client_address();
    match engine::access::second_factor::judge(&server::engine(), user, &code, from).await? {
        Judged::Right => {}
        judged => {
            tracing::info!(?from, "a code of a second factor was wrong");
            back(if judged == Judged::Locked { "locked" } else { "code" });
            return Ok(());
        }
    }
    server::password_was_right(&counted).await?;
    server::begin_session(&admitted).await?;
    server::go_to(route::safe_next(&next));
    Ok(())
}
