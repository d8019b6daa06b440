//! The webhook: by one button or by hand; "Verified" and "Stage changes arrive" are two facts.

use leptos::{
    either::{Either, EitherOf3},
    form::ActionForm,
    prelude::*,
};

use super::{
    Forms,
    arrival::Told,
    view::{ConnectionView, HookFound, LeverView, Link, TokenView, WebhookFacts},
};
use crate::{
    page::integrations::{Failure, problem_of},
    route,
    text::{count, integrations::ask},
    ui::{Button, ButtonKind, ButtonLink, Copy, Field, Icon, Status, Time, Tone},
};

/// The section.
#[component]
pub fn Webhook(
    view: Memo<LeverView>,
    facts: Memo<ConnectionView>,
    forms: Forms,
    /// The signature token that the address asks to forget, by its id.
    forget: Memo<String>,
) -> impl IntoView {
    let webhook = Memo::new(move |_| facts.with(|facts| facts.webhook.clone()));
    let url = Memo::new(move |_| webhook.with(|webhook| webhook.url.clone()));
    let link = Memo::new(move |_| facts.with(|facts| facts.link));
    view! {
        <section class="panel" id="webhook" aria-labelledby="webhook-title">
            <h2 id="webhook-title">"Webhook"</h2>
            <p class="hint">"Lever calls this webhook when a candidate changes stage. Without it, Candilever still looks by itself every few minutes."</p>
            <Facts webhook/>
            <Forget webhook forget forms/>
            {move || (link.get() == Link::Connected).then(|| view! { <LookNow forms/> })}
            {move || match (url.get(), link.get()) {
                (Some(url), Link::Connected) => EitherOf3::A(view! { <SetUp webhook url forms/> }),
                (Some(_), Link::Revoked | Link::Disconnected) => EitherOf3::B(view! {
                    <p class="hint">"Connect Lever first; then the webhook can be set up."</p>
                }),
                (None, _) => EitherOf3::C(view! {
                    <p class="hint">"Only a Super Admin can change the webhook. Ask " {view.with(|view| ask(&view.managers))} "."</p>
                }),
            }}
        </section>
    }
}

#[component]
fn Facts(webhook: Memo<WebhookFacts>) -> impl IntoView {
    view! {
        <dl class="facts">
            <div>
                <dt>"Verified"</dt>
                <dd>{move || webhook.with(verified)}</dd>
            </div>
            <div>
                <dt>"Stage changes arrive"</dt>
                <dd>{move || webhook.with(arrive)}</dd>
            </div>
            <div>
                <dt>"In Lever's list"</dt>
                <dd>{move || webhook.with(in_list)}</dd>
            </div>
            <div>
                <dt>"Refused messages"</dt>
                <dd>{move || webhook.with(refused)}</dd>
            </div>
            <div>
                <dt>"Signature tokens"</dt>
                <dd>{move || webhook.with(tokens)}</dd>
            </div>
        </dl>
    }
}

fn verified(webhook: &WebhookFacts) -> impl IntoView + use<> {
    let (tone, icon, word) = match (webhook.last_ping_at, webhook.last_ping_verified) {
        _ if webhook.tokens.is_empty() => (Tone::Neutral, Icon::Circle, "No: no signature token is kept here"),
        (Some(_), true) => (Tone::Good, Icon::CheckCircle, "Verified by Lever's signed ping"),
        (Some(_), false) => (Tone::Warn, Icon::Alert, "Received, not verified: no signature token here confirms it"),
        (None, _) => (Tone::Neutral, Icon::Circle, "No ping yet"),
    };
    let at = webhook.last_ping_at.filter(|_| !webhook.tokens.is_empty());
    view! { <Status tone icon word/> {when(at)} }
}

fn arrive(webhook: &WebhookFacts) -> impl IntoView + use<> {
    let (tone, icon, word) = match (webhook.gap_at, webhook.last_event_at) {
        (Some(_), _) => (Tone::Warn, Icon::Alert, "No: a move was found by asking, no webhook told of it"),
        (None, Some(_)) => (Tone::Good, Icon::CheckCircle, "Yes, the last one"),
        (None, None) => (Tone::Neutral, Icon::Circle, "Not proved yet: a ping does not show that the toggle is on"),
    };
    view! { <Status tone icon word/> {when(webhook.gap_at.or(webhook.last_event_at))} }
}

fn in_list(webhook: &WebhookFacts) -> impl IntoView + use<> {
    let (tone, icon, word) = match webhook.found.map(|(found, _)| found) {
        None => (Tone::Neutral, Icon::Circle, "Not looked at yet"),
        Some(HookFound::InOrder) => (Tone::Good, Icon::CheckCircle, "In order"),
        Some(HookFound::Missing) => (Tone::Warn, Icon::Alert, "Missing: create it again below"),
        Some(HookFound::Elsewhere) => (Tone::Warn, Icon::Alert, "It calls another address: create it again below"),
        Some(HookFound::Narrowed) => {
            (Tone::Warn, Icon::Alert, "It tells of another event or of some candidates only: create it again below")
        }
        Some(HookFound::ByHand) => (Tone::Neutral, Icon::Circle, "Made by hand: Lever's list does not show those"),
        Some(HookFound::Forbidden) => {
            (Tone::Neutral, Icon::Circle, "Cannot be looked at: the consent does not include webhooks")
        }
    };
    view! { <Status tone icon word/> {when(webhook.found.map(|(_, at)| at))} }
}

/// Has Lever's list looked at at once; by itself that happens daily.
#[component]
fn LookNow(forms: Forms) -> impl IntoView {
    view! {
        <ActionForm action=forms.look>
            <Button pending=forms.look.pending()>"Check now"</Button>
        </ActionForm>
        <Told action=forms.look code="looked"/>
        <Failure problem=problem_of(forms.look)/>
    }
}

fn refused(webhook: &WebhookFacts) -> impl IntoView + use<> {
    match webhook.refused {
        0 => Either::Left("None"),
        refused => Either::Right(view! {
            {count(refused, "message", "messages")} ", because no signature token here confirms them. The last one"
            {when(webhook.last_refused_at)}
            ". If somebody made a new webhook in Lever, save its signature token below."
        }),
    }
}

fn tokens(webhook: &WebhookFacts) -> impl IntoView + use<> {
    let may_forget = webhook.url.is_some();
    let line = |token: &TokenView| {
        let ask_first = (may_forget && !token.made_by_api).then(|| {
            let href = format!("{}?forget={}#forget", route::LEVER, token.id);
            view! { " "<ButtonLink href kind=ButtonKind::Quiet>"Forget this token"</ButtonLink> }
        });
        view! { <p>{whose(token)} {ask_first}</p> }
    };
    match webhook.tokens.is_empty() {
        true => Either::Left("None: create the webhook, or save the token of one made by hand"),
        false => Either::Right(webhook.tokens.iter().map(line).collect_view()),
    }
}

fn whose(token: &TokenView) -> impl IntoView + use<> {
    let how = if token.made_by_api { "Created by Candilever" } else { "Saved by hand" };
    let (by, at) = (token.by.clone(), token.at);
    view! { {how} " (" {by} ", "<Time at/>")" }
}

/// The question before a token made by hand is forgotten, at an address of its own.
#[component]
fn Forget(webhook: Memo<WebhookFacts>, forget: Memo<String>, forms: Forms) -> impl IntoView {
    let asked = Memo::new(move |_| {
        let is_asked = |token: &&TokenView| token.id == *forget.read() && !token.made_by_api;
        webhook.with(|webhook| webhook.tokens.iter().find(is_asked).filter(|_| webhook.url.is_some()).cloned())
    });
    let question = move |token: TokenView| {
        view! {
            <div class="confirm" id="forget" role="group" aria-labelledby="forget-title">
                <h3 id="forget-title">"Forget this signature token?"</h3>
                <p>{whose(&token)} "."</p>
                <p>"What Lever signs with it is refused from then on. Forget it once its webhook is deleted in Lever, or when somebody else may know it; save the token of the new webhook first. Without any token, Candilever finds moves by looking, every few minutes."</p>
                <div class="row">
                    <ActionForm action=forms.forget>
                        <input type="hidden" name="webhook" value=token.id/>
                        <Button kind=ButtonKind::Danger pending=forms.forget.pending()>"Forget the token"</Button>
                    </ActionForm>
                    <ButtonLink href=format!("{}#webhook", route::LEVER) kind=ButtonKind::Quiet>"Keep the token"</ButtonLink>
                </div>
            </div>
        }
    };
    view! {
        {move || asked.get().map(question)}
        <Told action=forms.forget code="forgotten"/>
        <Failure problem=problem_of(forms.forget)/>
    }
}

fn when(at: Option<i64>) -> impl IntoView + use<> {
    at.map(|at| view! { " "<span class="hint"><Time at/></span> })
}

/// Both ways to set it up.
#[component]
fn SetUp(webhook: Memo<WebhookFacts>, url: String, forms: Forms) -> impl IntoView {
    let is_created = move || webhook.with(|webhook| webhook.tokens.iter().any(|token| token.made_by_api));
    view! {
        <div class="two-ways">
            <div>
                <h3>"Created for you"</h3>
                <p>"Candilever creates the Candidate Stage Change webhook through Lever's API and keeps its token. This works with every Lever package."</p>
                <ActionForm action=forms.webhook>
                    <Button pending=forms.webhook.pending()>"Create the webhook for me"</Button>
                </ActionForm>
                <p class="hint" hidden=move || !is_created()>"There is one already. Creating it again replaces it with a fresh token."</p>
                <Told action=forms.webhook code="webhook"/>
                <Failure problem=problem_of(forms.webhook)/>
            </div>
            <div>
                <h3>"By hand in Lever"</h3>
                <ByHand/>
                <Copy label="Webhook URL" name="webhook-url" value=url/>
                <ActionForm action=forms.token attr:class="form">
                    <Field label="Signature token" name="token" required=true autocomplete="off" hint="Shown in Lever beside the webhook. It is kept encrypted and never shown again."/>
                    <Button pending=forms.token.pending()>"Save signature token"</Button>
                </ActionForm>
                <Told action=forms.token code="token"/>
                <Failure problem=problem_of(forms.token)/>
            </div>
        </div>
    }
}

#[component]
fn ByHand() -> impl IntoView {
    view! {
        <ol class="steps">
            <li>"In Lever, open "<strong>"Settings > Integrations and API > Webhooks"</strong>"."</li>
            <li>"Switch "<strong>"Candidate Stage Change"</strong>" on and press "<strong>"+ Add webhook"</strong>"."</li>
            <li>"Paste the webhook URL from here, save, and copy the signature token that Lever shows."</li>
            <li>"Save the token here, then press "<strong>"Verify Connection"</strong>" in Lever."</li>
        </ol>
    }
}
