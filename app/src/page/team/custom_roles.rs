//! Lever's custom roles, and which of the four each is as here.

use leptos::{form::ActionForm, prelude::*};

use super::{
    RoleName,
    server::{CustomRoleView, MapRole},
};
use crate::{
    page::integrations::{Failure, problem_of},
    text::team as words,
    ui::Button,
};

/// The list, where Lever has custom roles.
#[component]
pub fn CustomRoles(roles: Vec<CustomRoleView>) -> impl IntoView {
    let map = ServerAction::<MapRole>::new();
    (!roles.is_empty()).then(|| {
        view! {
            <section class="panel" id="custom-roles" aria-labelledby="custom-roles-title">
                <h2 id="custom-roles-title">{words::CUSTOM_ROLES}</h2>
                <p class="hint">{words::CUSTOM_ROLES_LEAD}</p>
                <Failure problem=problem_of(map)/>
                <ul class="lines">{roles.into_iter().map(|role| view! { <Row role map/> }).collect_view()}</ul>
            </section>
        }
    })
}

#[component]
fn Row(role: CustomRoleView, map: ServerAction<MapRole>) -> impl IntoView {
    let label = format!("The role of {}", role.who);
    let chosen = role.role.map_or("", RoleName::slug);
    let nothing = std::iter::once((String::new(), words::NO_ACCESS.to_owned()));
    let choices = RoleName::choices().into_iter().map(|choice| (choice.value, choice.label));
    let options = nothing
        .chain(choices)
        .map(|(value, label)| {
            let is_chosen = value == chosen;
            view! { <option value=value selected=is_chosen>{label}</option> }
        })
        .collect_view();
    view! {
        <li>
            <span>{role.who} <span class="hint">" (" {role.access_role.clone()} ")"</span></span>
            <ActionForm action=map attr:class="filter-form">
                <input type="hidden" name="access_role" value=role.access_role/>
                <span class="field"><select name="as_role" aria-label=label>{options}</select></span>
                <Button pending=map.pending()>"Save"</Button>
            </ActionForm>
        </li>
    }
}
