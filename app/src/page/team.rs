//! The people of the organization, and what each role may do.

mod custom_roles;
mod invite;
mod one_person;
pub mod server;
mod ways;

use leptos::{
    either::{Either, EitherOf3},
    prelude::*,
};
use leptos_router::hooks::use_query_map;

use self::{
    custom_roles::CustomRoles,
    invite::{Invitations, Invite},
    one_person::OnePerson,
    server::{PersonView, RoleName, SourceName, TeamView, team_page},
    ways::Ways,
};
use super::integrations::SettingsTabs;
use crate::{
    live::Live,
    problem::Problem,
    route,
    text::team as words,
    ui::{Choice, PageHead, ProblemNotice, Ready, Time},
};

impl RoleName {
    /// The role, as Lever names it.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::LimitedTeamMember => "Limited Team Member",
            Self::TeamMember => "Team Member",
            Self::Admin => "Admin",
            Self::SuperAdmin => "Super Admin",
        }
    }

    /// The value in forms.
    fn slug(self) -> &'static str {
        match self {
            Self::LimitedTeamMember => "limited_team_member",
            Self::TeamMember => "team_member",
            Self::Admin => "admin",
            Self::SuperAdmin => "super_admin",
        }
    }

    /// The one with the fewest rights first.
    const ALL: [Self; 4] = [Self::LimitedTeamMember, Self::TeamMember, Self::Admin, Self::SuperAdmin];

    /// All of them to choose from.
    fn choices() -> Vec<Choice> {
        Self::ALL.map(|role| Choice::new(role.slug(), role.words())).into()
    }

    /// The role of that form value.
    #[must_use]
    pub fn read(slug: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.slug() == slug)
    }
}

impl PersonView {
    /// Whether somebody else may take the access away: not from who set Candilever up.
    fn may_be_managed(&self) -> bool {
        !self.is_you && self.source != SourceName::Creator
    }
}

/// The people of the organization and what each role may do.
#[component]
pub fn TeamPage() -> impl IntoView {
    let changes = expect_context::<Live>().set_up();
    let answer = Resource::new(move || changes.get(), |_| team_page());
    view! {
        <PageHead title="Team" lead="People have the access here that they have in Lever."/>
        <SettingsTabs/>
        <Ready answer rows=8>
            <Content answer/>
        </Ready>
        <Roles/>
    }
}

#[component]
fn Content(answer: Resource<Result<TeamView, Problem>>) -> impl IntoView {
    // Made once, so that what is typed into the forms stays while the lists are read anew.
    let may_invite = Memo::new(move |_| {
        answer.with(|answer| {
            answer.as_ref().is_some_and(|answer| answer.as_ref().is_ok_and(|view| view.invitations.is_some()))
        })
    });
    let mails = Memo::new(move |_| {
        answer.with(|answer| answer.as_ref().is_some_and(|answer| answer.as_ref().is_ok_and(|view| view.mails)))
    });
    let ways = Memo::new(move |_| answer.get()?.ok()?.ways);
    let custom_roles = Memo::new(move |_| Some(answer.get()?.ok()?.custom_roles));
    view! {
        <Chosen answer/>
        {move || match answer.get() {
            None => EitherOf3::A(()),
            Some(Err(problem)) => EitherOf3::B(view! { <ProblemNotice problem/> }),
            Some(Ok(view)) => EitherOf3::C(view! { <People view/> }),
        }}
        {move || may_invite.get().then(|| view! { <Invite mails=mails.get()/> })}
        {move || answer.get().and_then(Result::ok).and_then(|view| view.invitations).map(|open| view! { <Invitations open/> })}
        {move || custom_roles.get().map(|roles| view! { <CustomRoles roles/> })}
        {move || ways.get().map(|ways| view! { <Ways ways/> })}
    }
}

/// The person whom the address names, if there is something to manage about them.
#[component]
fn Chosen(answer: Resource<Result<TeamView, Problem>>) -> impl IntoView {
    let query = use_query_map();
    let chosen = Memo::new(move |_| {
        let id = query.with(|query| query.get("person"))?;
        let view = answer.get()?.ok().filter(|view| view.invitations.is_some())?;
        view.people.into_iter().find(|person| person.id == id && person.may_be_managed())
    });
    move || chosen.get().map(|person| view! { <OnePerson person/> })
}

#[component]
fn People(view: TeamView) -> impl IntoView {
    let may_manage = view.invitations.is_some();
    let row = move |person| view! { <Person person may_manage/> };
    view! {
        <section class="panel" aria-labelledby="people-title">
            <h2 id="people-title">"People"</h2>
            <div class="table-scroll">
                <table class="plain-table">
                    <thead>
                        <tr><th scope="col">"Name"</th><th scope="col">"E-mail"</th><th scope="col">"Role"</th><th scope="col">"Since"</th></tr>
                    </thead>
                    <tbody>{view.people.into_iter().map(row).collect_view()}</tbody>
                </table>
            </div>
            <p class="hint">{words::ROLES_FOLLOW}</p>
        </section>
    }
}

#[component]
fn Person(person: PersonView, may_manage: bool) -> impl IntoView {
    let role = person.role.map_or("No access", RoleName::words);
    let source = words::source(person.source);
    let name = match may_manage && person.may_be_managed() {
        true => Either::Left(view! { <a href=route::person(&person.id)><bdi>{person.name}</bdi></a> }),
        false => Either::Right(view! { <bdi>{person.name}</bdi> }),
    };
    view! {
        <tr>
            <th scope="row">{name} {person.is_you.then(|| view! { " "<span class="hint">"(you)"</span> })}</th>
            <td>{person.email}</td>
            <td>{role}</td>
            <td class="hint">{source} <Time at=person.role_at/></td>
        </tr>
    }
}

/// What a role may do, as the table's heads.
const HEADS: [&str; 3] =
    ["Connections, keys, people, audit log", "Attach, change and pause", "Candidates and verdicts"];

/// What each role may do: connection, attachments, candidates.
const RIGHTS: [(RoleName, [&str; 3]); 4] = [
    (RoleName::SuperAdmin, ["Yes", "Yes", "All"]),
    (RoleName::Admin, ["No", "Yes", "All"]),
    (
        RoleName::TeamMember,
        ["No", "No", "All positions that are not confidential, and confidential ones they are associated with"],
    ),
    (RoleName::LimitedTeamMember, ["No", "No", "Only positions they are associated with"]),
];

#[component]
fn Roles() -> impl IntoView {
    let row = |(role, [connect, attach, candidates]): &(RoleName, [&'static str; 3])| {
        view! { <tr><th scope="row">{role.words()}</th><td data-label=HEADS[0]>{*connect}</td><td data-label=HEADS[1]>{*attach}</td><td data-label=HEADS[2]>{*candidates}</td></tr> }
    };
    view! {
        <section class="panel" aria-labelledby="roles-title">
            <h2 id="roles-title">"What each role may do"</h2>
            <div class="table-scroll">
                <table class="plain-table">
                    <thead>
                        <tr>
                            <th scope="col">"Role"</th>
                            <th scope="col">{HEADS[0]}</th>
                            <th scope="col">{HEADS[1]}</th>
                            <th scope="col">{HEADS[2]}</th>
                        </tr>
                    </thead>
                    <tbody>{RIGHTS.iter().map(row).collect_view()}</tbody>
                </table>
            </div>
            <p class="hint">"Associated with a position: its owner, hiring manager or follower in Lever, or the owner or a follower of the opportunity, by e-mail address."</p>
        </section>
    }
}
