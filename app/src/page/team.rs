//! The people of the organization, and what each role may do.

pub mod server;

use leptos::{either::EitherOf3, prelude::*};

use self::server::{PersonView, RoleName, team_page};
use super::integrations::SettingsTabs;
use crate::{
    live::Live,
    problem::Problem,
    ui::{PageHead, ProblemNotice, Ready, Time},
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
            <People answer/>
        </Ready>
        <Roles/>
    }
}

#[component]
fn People(answer: Resource<Result<Vec<PersonView>, Problem>>) -> impl IntoView {
    move || match answer.get() {
        None => EitherOf3::A(()),
        Some(Err(problem)) => EitherOf3::B(view! { <ProblemNotice problem/> }),
        Some(Ok(people)) => EitherOf3::C(view! {
            <section class="panel" aria-labelledby="people-title">
                <h2 id="people-title">"People"</h2>
                <div class="table-scroll">
                    <table class="plain-table">
                        <thead>
                            <tr><th scope="col">"Name"</th><th scope="col">"E-mail"</th><th scope="col">"Role"</th><th scope="col">"Since"</th></tr>
                        </thead>
                        <tbody>{people.into_iter().map(|person| view! { <Person person/> }).collect_view()}</tbody>
                    </table>
                </div>
                <p class="hint">"Roles follow Lever's list of people at each sync, every hour. Interviewers have no access. Whoever set Candilever up keeps the role given here, so that no sync can lock everybody out."</p>
            </section>
        }),
    }
}

#[component]
fn Person(person: PersonView) -> impl IntoView {
    let role = person.role.map_or("No access", RoleName::words);
    let source = if person.is_from_lever { "from Lever, " } else { "given here, " };
    view! {
        <tr>
            <th scope="row"><bdi>{person.name}</bdi> {person.is_you.then(|| view! { " "<span class="hint">"(you)"</span> })}</th>
            <td>{person.email}</td>
            <td>{role}</td>
            <td class="hint">{source} <Time at=person.role_at/></td>
        </tr>
    }
}

/// What a role may do, as the table's heads.
const HEADS: [&str; 3] = ["Connect and disconnect, keys", "Attach, change and pause", "Candidates and verdicts"];

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
