//! A person's second factor: setting it up, and turning it off. Plain forms: what is shown is what stands.

use leptos::{
    either::{Either, EitherOf3},
    prelude::*,
    server_fn::ServerFn,
};
use leptos_router::hooks::use_query_map;

use super::server::{ConfirmSecondFactor, OfferSecondFactor, OfferView, SecondFactorView, TurnSecondFactorOff};
use crate::{
    text::{account, second_factor as words},
    ui::{Button, ButtonKind, Copy, Field, Icon, Status, Time, Tone},
};

/// The panel.
#[component]
pub fn SecondFactor(view: SecondFactorView) -> impl IntoView {
    let refused = use_query_map().with_untracked(|query| query.get("refused")).unwrap_or_default();
    let content = match view {
        SecondFactorView::Off => EitherOf3::A(view! {
            <p>{words::OFF}</p>
            <form method="post" action=OfferSecondFactor::url()>
                <Button>{words::SET_UP}</Button>
            </form>
        }),
        SecondFactorView::Offered(offer) => EitherOf3::B(view! { <Offered offer refused/> }),
        SecondFactorView::On { since, codes } => EitherOf3::C(view! { <On since codes refused/> }),
    };
    view! {
        <section class="panel" id="second-factor" aria-labelledby="second-factor-title">
            <h2 id="second-factor-title">{words::TITLE}</h2>
            {content}
        </section>
    }
}

#[component]
fn Offered(offer: OfferView, refused: String) -> impl IntoView {
    let OfferView { key, path, size, codes, asks_password } = offer;
    // A light margin on all sides: cameras need it.
    let field = format!("-4 -4 {0} {0}", size + 8);
    let error = if refused == "code" { words::refusal("code").0.to_owned() } else { String::new() };
    let password = asks_password.then(|| {
        view! {
            <Field
                label=account::PRESENT name="password" kind="password"
                autocomplete="current-password" required=true error=of_password(&refused, "on")
            />
        }
    });
    let picture = match size {
        0 => Either::Left(()),
        _ => Either::Right(view! {
            <svg class="qr" viewBox=field role="img" aria-label=words::PICTURE shape-rendering="crispEdges">
                <path d=path/>
            </svg>
        }),
    };
    view! {
        <p>{words::SCAN}</p>
        {picture}
        <Copy label=words::KEY name="second-factor-key" value=key/>
        <p>{words::KEEP}</p>
        <ul class="codes">{codes.into_iter().map(|code| view! { <li><code>{code}</code></li> }).collect_view()}</ul>
        <p>{words::ENTER}</p>
        <form class="form" method="post" action=ConfirmSecondFactor::url()>
            <Field label=words::CODE name="code" autocomplete="one-time-code" required=true error/>
            {password}
            <Button kind=ButtonKind::Primary>{words::TURN_ON}</Button>
        </form>
    }
}

#[component]
fn On(since: i64, codes: i64, refused: String) -> impl IntoView {
    let error = of_password(&refused, "off");
    view! {
        <p><Status tone=Tone::Good icon=Icon::CheckCircle word=words::ON/> " " <span class="hint">"Since " <Time at=since/></span></p>
        <p>{words::CODES_LEFT} " " {codes}</p>
        <form class="form" method="post" action=TurnSecondFactorOff::url()>
            <Field
                label=account::PRESENT name="password" kind="password"
                autocomplete="current-password" required=true error
            />
            <Button>{words::TURN_OFF}</Button>
        </form>
        <p class="hint">{words::LOST}</p>
    }
}

/// What is wrong with the password that turns it on or off.
fn of_password(refused: &str, deed: &str) -> String {
    match refused.strip_prefix(deed) {
        Some("") => account::refusal("present"),
        Some("-often") => account::refusal("often"),
        _ => String::new(),
    }
}
