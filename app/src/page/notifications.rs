//! What is told beyond the pages: a person's own choice, whether mail goes out, and the organization's webhook.

pub mod server;

use leptos::{
    either::{Either, EitherOf3},
    form::ActionForm,
    prelude::*,
};

use self::server::{
    ChooseMail, ManagedView, NotificationsView, OutgoingView, RemoveOutgoingWebhook, SaveOutgoingWebhook, SendTestMail,
    TestOutgoingWebhook, notifications_page,
};
use super::integrations::{Failure, SettingsTabs, problem_of};
use crate::{
    problem::Problem,
    text::notifications as words,
    ui::{Button, ButtonKind, Copy, Field, Icon, Notice, PageHead, ProblemNotice, Ready, Status, Time, Tone},
};

/// What can be done here.
#[derive(Clone, Copy)]
struct Actions {
    choose: ServerAction<ChooseMail>,
    try_mail: ServerAction<SendTestMail>,
    save: ServerAction<SaveOutgoingWebhook>,
    test: ServerAction<TestOutgoingWebhook>,
    remove: ServerAction<RemoveOutgoingWebhook>,
}

/// The page.
#[component]
pub fn NotificationsPage() -> impl IntoView {
    let actions = Actions {
        choose: ServerAction::new(),
        try_mail: ServerAction::new(),
        save: ServerAction::new(),
        test: ServerAction::new(),
        remove: ServerAction::new(),
    };
    let Actions { choose, try_mail, save, test, remove } = actions;
    let done = move || {
        let mine = choose.version().get() + try_mail.version().get();
        mine + save.version().get() + test.version().get() + remove.version().get()
    };
    let answer = Resource::new(done, |_| notifications_page());
    view! {
        <PageHead title=words::TITLE lead=words::LEAD/>
        <SettingsTabs/>
        <Ready answer rows=6>
            <Content answer actions/>
        </Ready>
    }
}

#[component]
fn Content(answer: Resource<Result<NotificationsView, Problem>>, actions: Actions) -> impl IntoView {
    move || match answer.get() {
        None => EitherOf3::A(()),
        Some(Err(problem)) => EitherOf3::B(view! { <ProblemNotice problem/> }),
        Some(Ok(view)) => {
            let can_mail = view.sender.is_some();
            let managed = view.managed.clone();
            EitherOf3::C(view! {
                {(!can_mail).then(|| view! {
                    <Notice tone=Tone::Warn title=words::NO_MAIL><p>{words::NO_MAIL_MEANS}</p></Notice>
                })}
                {can_mail.then(|| view! { <Mine view=view.clone() actions/> })}
                {managed.map(|managed| view! { <Managed managed sender=view.sender actions/> })}
            })
        }
    }
}

/// What the person is mailed.
#[component]
fn Mine(view: NotificationsView, actions: Actions) -> impl IntoView {
    let Actions { choose, .. } = actions;
    view! {
        <section class="panel" aria-labelledby="mine-title">
            <h2 id="mine-title">{words::MINE}</h2>
            <p>{words::MINE_TO} " " <bdi>{view.email}</bdi> ". " {words::NO_NAMES}</p>
            <ActionForm action=choose attr:class="form">
                <label class="choice">
                    <input type="checkbox" name="digest" value="true" checked=view.digest/>
                    <span>{words::DIGEST} " " {view.digest_at} " UTC"</span>
                </label>
                <label class="choice">
                    <input type="checkbox" name="verdicts" value="true" checked=view.verdicts/>
                    <span>{words::VERDICTS}</span>
                </label>
                <Button kind=ButtonKind::Primary pending=choose.pending()>{words::SAVE}</Button>
            </ActionForm>
            <Failure problem=problem_of(choose)/>
            {view.managed.is_some().then(|| view! { <p class="hint">{words::ALWAYS}</p> })}
        </section>
    }
}

/// What a Super Admin sees to.
#[component]
fn Managed(managed: ManagedView, sender: Option<String>, actions: Actions) -> impl IntoView {
    let ManagedView { tried, hosts, outgoing } = managed;
    view! {
        {sender.map(|sender| view! { <Mail sender tried actions/> })}
        <Webhook hosts outgoing actions/>
    }
}

#[component]
fn Mail(sender: String, tried: Option<String>, actions: Actions) -> impl IntoView {
    let Actions { try_mail, .. } = actions;
    let outcome = tried.map(|wrong| {
        let (tone, title, means) = match wrong.is_empty() {
            true => (Tone::Good, words::SENT, words::SENT_MEANS.to_owned()),
            false => (Tone::Danger, words::NOT_SENT, format!("{wrong}. {}", words::NOT_SENT_MEANS)),
        };
        view! { <Notice tone title><p>{means}</p></Notice> }
    });
    view! {
        <section class="panel" id="mail" aria-labelledby="mail-title">
            <h2 id="mail-title">{words::MAIL}</h2>
            <p>{words::FROM} " " <bdi>{sender}</bdi></p>
            {outcome}
            <ActionForm action=try_mail>
                <Button pending=try_mail.pending()>{words::TRY_MAIL}</Button>
            </ActionForm>
            <Failure problem=problem_of(try_mail)/>
        </section>
    }
}

#[component]
fn Webhook(hosts: Vec<String>, outgoing: Option<OutgoingView>, actions: Actions) -> impl IntoView {
    let Actions { save, .. } = actions;
    let may_name = !hosts.is_empty();
    let url = outgoing.as_ref().map(|outgoing| outgoing.url.clone()).unwrap_or_default();
    let (label, is_new) = (words::ADDRESS, outgoing.is_none());
    let form = match may_name {
        true => Either::Left(view! {
            <ActionForm action=save attr:class="form">
                <Field label name="url" kind="url" value=url required=true hint=format!("{} {}", words::HOSTS, hosts.join(", "))/>
                <Button pending=save.pending()>{if is_new { words::NAME } else { words::NAME_ANOTHER }}</Button>
            </ActionForm>
        }),
        false => Either::Right(view! { <p class="hint">{words::NO_HOSTS}</p> }),
    };
    view! {
        <section class="panel" id="webhook" aria-labelledby="webhook-title">
            <h2 id="webhook-title">{words::WEBHOOK}</h2>
            <p>{words::WEBHOOK_LEAD}</p>
            {outgoing.map(|outgoing| view! { <Outgoing outgoing actions/> })}
            {form}
            <Failure problem=problem_of(save)/>
        </section>
    }
}

#[component]
fn Outgoing(outgoing: OutgoingView, actions: Actions) -> impl IntoView {
    let Actions { test, remove, .. } = actions;
    let OutgoingView { secret, told_at, failing, .. } = outgoing;
    let standing = match (failing, told_at) {
        (Some((since, why)), _) => EitherOf3::A(view! {
            <Notice tone=Tone::Danger title=words::FAILING>
                <p>"Since " <Time at=since/> ": " {why} ". " {words::FAILING_MEANS}</p>
            </Notice>
        }),
        (None, Some(at)) => EitherOf3::B(view! {
            <p><Status tone=Tone::Good icon=Icon::CheckCircle word=words::TAKEN/> " " <Time at/></p>
        }),
        (None, None) => EitherOf3::C(view! {
            <p><Status tone=Tone::Neutral icon=Icon::Circle word=words::NOTHING_YET/></p>
        }),
    };
    view! {
        {standing}
        <Copy label=words::SECRET name="webhook-secret" value=secret hint=words::SECRET_HINT/>
        <div class="row">
            <ActionForm action=test>
                <Button pending=test.pending()>{words::TEST}</Button>
            </ActionForm>
            <ActionForm action=remove>
                <Button kind=ButtonKind::Quiet pending=remove.pending()>{words::REMOVE}</Button>
            </ActionForm>
        </div>
        <Failure problem=problem_of(test)/>
        <Failure problem=problem_of(remove)/>
    }
}
