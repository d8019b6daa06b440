//! A person's own page: where they are signed in, their password, their organizations.

mod second_factor;
pub mod server;

use leptos::{
    either::{Either, EitherOf3},
    form::ActionForm,
    prelude::*,
    server_fn::ServerFn,
};
use leptos_router::hooks::use_query_map;

use self::second_factor::SecondFactor;
use self::server::{
    AccountView, ChangePassword, EndOtherSessions, EndSession, OrganizationView, SessionView, SwitchOrganization,
    account_page,
};
use super::integrations::{Failure, problem_of};
use crate::{
    problem::Problem,
    text::{account as words, set_up},
    ui::{Button, ButtonKind, Field, Notice, PageHead, ProblemNotice, Ready, Time, Tone},
};

/// The page.
#[component]
pub fn AccountPage() -> impl IntoView {
    let query = use_query_map();
    let (end, end_others) = (ServerAction::<EndSession>::new(), ServerAction::<EndOtherSessions>::new());
    let answer = Resource::new(move || (end.version().get(), end_others.version().get()), |_| account_page());
    let is_changed = move || query.with(|query| query.get("done").is_some_and(|done| done == "password"));
    view! {
        <PageHead title=words::TITLE/>
        {move || is_changed().then(|| view! {
            <Notice tone=Tone::Good title=words::CHANGED><p>{words::CHANGED_MEANS}</p></Notice>
        })}
        <Failure problem=problem_of(end)/>
        <Failure problem=problem_of(end_others)/>
        <Ready answer rows=4>
            <Content answer end end_others/>
        </Ready>
        <Password/>
    }
}

#[component]
fn Content(
    answer: Resource<Result<AccountView, Problem>>,
    end: ServerAction<EndSession>,
    end_others: ServerAction<EndOtherSessions>,
) -> impl IntoView {
    move || match answer.get() {
        None => EitherOf3::A(()),
        Some(Err(problem)) => EitherOf3::B(view! { <ProblemNotice problem/> }),
        Some(Ok(view)) => {
            let has_others = view.sessions.len() > 1;
            let row = move |session| view! { <SessionRow session end/> };
            EitherOf3::C(view! {
                <p class="row"><span><bdi>{view.name}</bdi> ", " <bdi>{view.email}</bdi></span></p>
                {(view.organizations.len() > 1).then(|| view! { <Organizations organizations=view.organizations/> })}
                <section class="panel" aria-labelledby="sessions-title">
                    <h2 id="sessions-title">{words::SESSIONS}</h2>
                    <ul class="log">{view.sessions.into_iter().map(row).collect_view()}</ul>
                    {has_others.then(|| view! {
                        <ActionForm action=end_others>
                            <Button pending=end_others.pending()>{words::END_OTHERS}</Button>
                        </ActionForm>
                    })}
                    <p class="hint">{words::SESSIONS_HINT}</p>
                </section>
                <SecondFactor view=view.second_factor/>
            })
        }
    }
}

#[component]
fn SessionRow(session: SessionView, end: ServerAction<EndSession>) -> impl IntoView {
    let way = match session.is_this {
        true => Either::Left(view! { <span class="hint">{words::THIS}</span> }),
        false => Either::Right(view! {
            <ActionForm action=end>
                <input type="hidden" name="id" value=session.id/>
                <Button kind=ButtonKind::Quiet>{words::END}</Button>
            </ActionForm>
        }),
    };
    view! {
        <li class="log-row">
            <span class="log-time hint"><Time at=session.used_at/></span>
            <span class="log-what">{session.with} ", from " <bdi>{session.from}</bdi></span>
            <span class="log-outcome">
                {session.since.map(|at| view! { <span class="hint">"Signed in " <Time at/></span> })}
                {way}
            </span>
        </li>
    }
}

#[component]
fn Organizations(organizations: Vec<OrganizationView>) -> impl IntoView {
    let row = |organization: OrganizationView| {
        let way = match organization.is_here {
            true => Either::Left(view! { <span class="hint">{words::HERE}</span> }),
            // A plain form: every page after it is of the other organization, and is read anew.
            false => Either::Right(view! {
                <form method="post" action=SwitchOrganization::url()>
                    <input type="hidden" name="id" value=organization.id/>
                    <Button kind=ButtonKind::Quiet>{words::SWITCH}</Button>
                </form>
            }),
        };
        view! { <li class="log-row"><bdi>{organization.name}</bdi> {way}</li> }
    };
    view! {
        <section class="panel" aria-labelledby="organizations-title">
            <h2 id="organizations-title">{words::ORGANIZATIONS}</h2>
            <ul class="log">{organizations.into_iter().map(row).collect_view()}</ul>
        </section>
    }
}

#[component]
fn Password() -> impl IntoView {
    let refused = use_query_map().with_untracked(|query| query.get("refused")).unwrap_or_default();
    let error =
        |codes: &[&str]| if codes.contains(&refused.as_str()) { words::refusal(&refused) } else { String::new() };
    view! {
        <section class="panel" id="password" aria-labelledby="password-title">
            <h2 id="password-title">{words::PASSWORD}</h2>
            <p class="hint">{words::PASSWORD_LEAD}</p>
            <form class="form" method="post" action=ChangePassword::url()>
                <Field
                    label=words::PRESENT name="present" kind="password"
                    autocomplete="current-password" required=true error=error(&["present", "often"])
                />
                <Field
                    label=words::NEW name="new" kind="password" hint=set_up::PASSWORD_HINT
                    autocomplete="new-password" required=true minlength=12u32 error=error(&["new"])
                />
                <Button>{words::CHANGE}</Button>
            </form>
        </section>
    }
}
