//! A list to choose one thing from, with what tells equals apart. Rows are kept by value, so that a
//! filter or a live update never moves a focus.

use std::collections::BTreeMap;

use leptos::prelude::*;

use super::{
    actions::replace_address,
    query::{Step, Wizard},
    view::{OptionView, StepView},
};

/// The list of `step`, as radio buttons of the field `name`.
#[component]
pub fn Options(
    wizard: Memo<Wizard>,
    view: Memo<StepView>,
    step: Step,
    /// The form field.
    name: &'static str,
) -> impl IntoView {
    let options = Memo::new(move |_| {
        view.with(|view| view.options.iter().map(|o| (o.value.clone(), o.clone())).collect::<BTreeMap<_, _>>())
    });
    let values = Memo::new(move |_| view.with(|view| view.options.iter().map(|o| o.value.clone()).collect::<Vec<_>>()));
    view! {
        <ul class="options">
            <For each=move || values.get() key=Clone::clone let:value>
                <Row wizard options step name value/>
            </For>
        </ul>
    }
}

#[component]
fn Row(
    wizard: Memo<Wizard>,
    options: Memo<BTreeMap<String, OptionView>>,
    step: Step,
    name: &'static str,
    value: String,
) -> impl IntoView {
    let key = value.clone();
    let option = Memo::new(move |_| options.with(|options| options.get(&key).cloned()).unwrap_or_default());
    let is_refused = Memo::new(move |_| option.with(|option| option.refused.is_some()));
    let own = value.clone();
    let is_chosen = Memo::new(move |_| wizard.with(|wizard| chosen(wizard, step) == own) && !is_refused.get());
    let replace = replace_address();
    let picked = value.clone();
    let pick = move |_| replace(&wizard.with_untracked(|wizard| wizard.choose(step, picked.clone())));
    view! {
        <li class="option">
            <label>
                <input
                    type="radio"
                    name=name
                    value=value
                    required
                    checked=move || is_chosen.get()
                    disabled=move || is_refused.get()
                    on:change=pick
                />
                <span class="option-words">
                    <span class="option-name">{move || option.with(|option| option.name.clone())}</span>
                    {move || option.with(|o| o.mark.clone()).map(|mark| view! { " "<span class="option-mark">{mark}</span> })}
                    " "
                    <span class="option-details">{move || option.with(details)}</span>
                </span>
            </label>
        </li>
    }
}

fn chosen(wizard: &Wizard, step: Step) -> &str {
    match step {
        Step::Position => &wizard.posting,
        Step::Stage => &wizard.stage,
        Step::Assessment => &wizard.assessment,
        Step::Done => &wizard.attachment,
    }
}

fn details(option: &OptionView) -> String {
    option.refused.iter().chain(&option.details).map(String::as_str).collect::<Vec<_>>().join(" · ")
}
