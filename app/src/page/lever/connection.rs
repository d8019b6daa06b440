//! The connection: who, when, what was granted, until when; sync and disconnect.

use leptos::{
    either::{Either, EitherOf3},
    form::ActionForm,
    prelude::*,
};

use super::{
    Forms,
    arrival::Told,
    share::{self, Share},
    view::{ConnectionView, LeverView, Link, ScopeView},
};
use crate::{
    page::integrations::{Failure, problem_of},
    route,
    text::integrations::ask,
    ui::{Button, ButtonKind, ButtonLink, Glyph, Icon, Notice, Time, Tone},
};

/// The section.
#[component]
pub fn ConnectionBox(
    view: Memo<LeverView>,
    facts: Memo<ConnectionView>,
    forms: Forms,
    /// Whether the person asked to disconnect and is to confirm it.
    confirms: Memo<bool>,
) -> impl IntoView {
    let is_connected = Memo::new(move |_| facts.with(|facts| facts.link == Link::Connected));
    view! {
        <section class="panel" id="connection" aria-labelledby="connection-title">
            <h2 id="connection-title">"Connection"</h2>
            <ConsentWarning facts/>
            <Facts facts/>
            <details>
                <summary>"What Lever allows Candilever"</summary>
                <Scopes view/>
            </details>
            {move || is_connected.get().then(|| view! {
                <ActionForm action=forms.sync>
                    <Button pending=forms.sync.pending()>"Sync now"</Button>
                </ActionForm>
            })}
            <Told action=forms.sync code="synced"/>
            <Failure problem=problem_of(forms.sync)/>
            <Share view facts choose=forms.share/>
            <Disconnect view facts forms confirms/>
        </section>
    }
}

#[component]
fn ConsentWarning(facts: Memo<ConnectionView>) -> impl IntoView {
    move || {
        facts.with(|facts| facts.consent_ends_soon && facts.link == Link::Connected).then(|| {
            view! {
                <Notice tone=Tone::Warn title="The consent ends soon">
                    <p>
                        "It ends " <Time at=facts.with_untracked(|facts| facts.consent_ends_at)/>
                        ". Disconnect and connect again as a Super Admin before then; nothing is lost by it."
                    </p>
                </Notice>
            }
        })
    }
}

#[component]
fn Facts(facts: Memo<ConnectionView>) -> impl IntoView {
    let moment = move |of: fn(&ConnectionView) -> i64| Signal::derive(move || facts.with(of));
    let synced = move || match facts.with(|facts| facts.synced_at) {
        Some(at) => Either::Left(view! { <Time at/> }),
        None => Either::Right("Not yet"),
    };
    view! {
        <dl class="facts">
            <div>
                <dt>"Lever account"</dt>
                <dd>{move || facts.with(|facts| facts.account.clone()).unwrap_or_else(|| "Lever does not tell its name".to_owned())}</dd>
            </div>
            <div>
                <dt>"Connected by"</dt>
                <dd>{move || facts.with(|facts| facts.connected_by.clone())} ", "<Time at=moment(|facts| facts.connected_at)/></dd>
            </div>
            <div>
                <dt>"Consent ends"</dt>
                <dd><Time at=moment(|facts| facts.consent_ends_at)/></dd>
            </div>
            <div>
                <dt>"Calls to Lever"</dt>
                <dd>{move || share::in_words(facts.with(|facts| facts.share))}</dd>
            </div>
            <div>
                <dt>"Last sync"</dt>
                <dd>
                    {synced}
                    {move || facts.with(sync_error).map(|error| view! { <p class="field-error">{error}</p> })}
                </dd>
            </div>
        </dl>
    }
}

/// Why the last sync failed; without a connection the page says that already.
fn sync_error(facts: &ConnectionView) -> Option<String> {
    facts.sync_error.clone().filter(|_| facts.link == Link::Connected)
}

#[component]
fn Scopes(view: Memo<LeverView>) -> impl IntoView {
    let row = |scope: ScopeView| {
        let (icon, word) = if scope.granted { (Icon::Check, "Granted: ") } else { (Icon::Cross, "Not granted: ") };
        view! {
            <div>
                <dt><Glyph icon/><span class="unseen">{word}</span>{scope.words}</dt>
                <dd><code>{scope.scope}</code></dd>
            </div>
        }
    };
    view! { <dl class="facts scopes">{move || view.with(|view| view.scopes.clone()).into_iter().map(row).collect_view()}</dl> }
}

/// A link first; then, at an address of its own, the question and the form that posts.
#[component]
fn Disconnect(view: Memo<LeverView>, facts: Memo<ConnectionView>, forms: Forms, confirms: Memo<bool>) -> impl IntoView {
    let may = Memo::new(move |_| view.with(|view| view.may_connect));
    let is_connected = Memo::new(move |_| facts.with(|facts| facts.link == Link::Connected));
    let ask_first = format!("{}?disconnect=1#disconnect", route::LEVER);
    move || {
        match (is_connected.get() && may.get(), confirms.get()) {
        (false, _) => EitherOf3::A((!may.get()).then(|| {
            view! { <p class="hint">"Only a Super Admin can disconnect. Ask " {view.with(|view| ask(&view.managers))} "."</p> }
        })),
        (true, false) => EitherOf3::B(view! { <div class="row"><ButtonLink href=ask_first.clone()>"Disconnect"</ButtonLink></div> }),
        (true, true) => EitherOf3::C(view! { <Confirm forms/> }),
    }
    }
}

#[component]
fn Confirm(forms: Forms) -> impl IntoView {
    view! {
        <div class="confirm" id="disconnect" role="group" aria-labelledby="disconnect-title">
            <h3 id="disconnect-title">"Disconnect Lever?"</h3>
            <p>
                "Our webhook in Lever is deleted and the tokens are forgotten. Attachments, invites and results stay. Candidates who enter a stage meanwhile wait until somebody connects again; notes are not written until then. To take the consent back as well, use "
                <strong>"Settings > Integrations and API > Authorized Apps"</strong>" in Lever."
            </p>
            <div class="row">
                <ActionForm action=forms.disconnect>
                    <Button kind=ButtonKind::Danger pending=forms.disconnect.pending()>"Disconnect"</Button>
                </ActionForm>
                <ButtonLink href=format!("{}#connection", route::LEVER) kind=ButtonKind::Quiet>"Keep the connection"</ButtonLink>
            </div>
            <Failure problem=problem_of(forms.disconnect)/>
        </div>
    }
}
