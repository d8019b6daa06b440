//! A list to choose one thing from.

use leptos::prelude::*;

/// One option.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Choice {
    pub value: String,
    pub label: String,
}

impl Choice {
    /// An option with its form value and its words.
    pub fn new(value: impl Into<String>, label: impl Into<String>) -> Self {
        Self { value: value.into(), label: label.into() }
    }
}

/// A labelled native select.
#[component]
pub fn Select(
    /// The visible label, which is also its accessible name.
    #[prop(into)]
    label: String,
    /// The form field; also its id.
    #[prop(into)]
    name: String,
    /// What there is to choose.
    choices: Vec<Choice>,
    /// The value that is chosen at first.
    #[prop(optional, into)]
    selected: String,
    /// What helps to choose.
    #[prop(optional, into)]
    hint: Option<String>,
) -> impl IntoView {
    let hint_id = format!("{name}-hint");
    let described = hint.is_some().then(|| hint_id.clone());
    let options = choices
        .into_iter()
        .map(move |choice| {
            let is_selected = choice.value == selected;
            view! { <option value=choice.value selected=is_selected>{choice.label}</option> }
        })
        .collect_view();
    view! {
        <div class="field">
            <label for=name.clone()>{label}</label>
            <select id=name.clone() name=name aria-describedby=described>{options}</select>
            {hint.map(|hint| view! { <p class="field-hint" id=hint_id>{hint}</p> })}
        </div>
    }
}
