//! One member: another role, where it is given here, or no access any more.

use leptos::{form::ActionForm, prelude::*};

use super::{
    PersonView, RoleName,
    server::{ChangeRole, RemovePerson, ResetSecondFactor, SourceName},
};
use crate::{
    page::integrations::{Failure, problem_of},
    route,
    text::{second_factor, team as words},
    ui::{Button, ButtonKind, ButtonLink, Select},
};

/// The panel about the person whom the address names.
#[component]
pub fn OnePerson(person: PersonView) -> impl IntoView {
    let (change, remove) = (ServerAction::<ChangeRole>::new(), ServerAction::<RemovePerson>::new());
    let reset = ServerAction::<ResetSecondFactor>::new();
    let may = person.may_be_managed();
    let is_here = may && person.source == SourceName::Here;
    let (id, id_again) = (person.id.clone(), person.id.clone());
    view! {
        <section class="panel" id="person" aria-labelledby="person-title">
            <h2 id="person-title"><bdi>{person.name}</bdi></h2>
            {is_here.then(|| view! {
                <ActionForm action=change attr:class="form">
                    <input type="hidden" name="user" value=id/>
                    <Select
                        label="Role" name="new_role" choices=RoleName::choices()
                        selected=person.role.map_or("", RoleName::slug)
                    />
                    <Button pending=change.pending()>{words::CHANGE_ROLE}</Button>
                </ActionForm>
            })}
            {person.has_second_factor.then(|| view! {
                <p>{second_factor::RESET_MEANS}</p>
                <ActionForm action=reset>
                    <input type="hidden" name="user" value=id_again/>
                    <Button pending=reset.pending()>{second_factor::RESET}</Button>
                </ActionForm>
                <Failure problem=problem_of(reset)/>
            })}
            <p>{words::REMOVE_MEANS}</p>
            <div class="row">
                {may.then(|| view! {
                    <ActionForm action=remove>
                        <input type="hidden" name="user" value=person.id/>
                        <Button kind=ButtonKind::Danger pending=remove.pending()>{words::REMOVE}</Button>
                    </ActionForm>
                })}
                <ButtonLink href=route::TEAM.to_owned() kind=ButtonKind::Quiet>"Leave it so"</ButtonLink>
            </div>
            <Failure problem=problem_of(change)/>
            <Failure problem=problem_of(remove)/>
        </section>
    }
}
