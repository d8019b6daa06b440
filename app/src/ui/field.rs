//! A text field with its label, its hint, and what is wrong with it.

use leptos::prelude::*;

/// One labelled input. It is uncontrolled: what a person typed before hydration stays.
#[component]
pub fn Field(
    /// The visible label, which is also its accessible name.
    #[prop(into)]
    label: String,
    /// The form field; also its id.
    #[prop(into)]
    name: String,
    /// The input's type: text, email, password, url, number, search.
    #[prop(default = "text")]
    kind: &'static str,
    /// What it holds at first.
    #[prop(optional, into)]
    value: String,
    /// What helps to fill it in.
    #[prop(optional, into)]
    hint: Option<String>,
    /// What is wrong with it; empty when nothing is.
    #[prop(optional, into)]
    error: Signal<String>,
    /// The browser's autocomplete token.
    #[prop(optional, into)]
    autocomplete: Option<String>,
    /// Whether the form needs it.
    #[prop(optional)]
    required: bool,
    /// The shortest accepted text.
    #[prop(optional, into)]
    minlength: Option<u32>,
) -> impl IntoView {
    let hint_id = format!("{name}-hint");
    let error_id = format!("{name}-error");
    let described = {
        let hint_id = hint.is_some().then(|| hint_id.clone());
        let error_id = error_id.clone();
        move || match (&hint_id, error.try_with(String::is_empty).unwrap_or(true)) {
            (None, true) => None,
            (Some(hint), true) => Some(hint.clone()),
            (None, false) => Some(error_id.clone()),
            (Some(hint), false) => Some(format!("{error_id} {hint}")),
        }
    };
    view! {
        <div class="field">
            <label for=name.clone()>{label}</label>
            <input
                id=name.clone()
                name=name
                type=kind
                value=value
                autocomplete=autocomplete
                required=required
                minlength=minlength.map(|length| length.to_string())
                aria-invalid=move || error.try_with(|error| !error.is_empty()).unwrap_or(false).then_some("true")
                aria-describedby=described
            />
            <p class="field-error" id=error_id hidden=move || error.try_with(String::is_empty).unwrap_or(true)>
                {move || error.try_get()}
            </p>
            {hint.map(|hint| view! { <p class="field-hint" id=hint_id>{hint}</p> })}
        </div>
    }
}
