//! Address and key. The key is never echoed; an empty one keeps the key that is stored.

use leptos::{form::ActionForm, prelude::*};
use leptos_router::hooks::use_query_map;

use super::server::{CanditechView, ProtocolName, SaveCanditech, Saved};
use crate::{
    page::integrations::{Failure, problem_of},
    problem::{Problem, Refused},
    text,
    ui::{Button, ButtonKind, Choice, Field, Select},
};

/// The form.
#[component]
pub fn AccountForm(view: Memo<CanditechView>, save: ServerAction<SaveCanditech>) -> impl IntoView {
    let query = use_query_map();
    let refused = Memo::new(move |_| match save.value().get() {
        Some(Ok(saved)) => refused_by(saved),
        Some(Err(_)) => None,
        None => query.with(|query| refused_field(&query.get("problem").unwrap_or_default())),
    });
    let problem = Signal::derive(move || problem_of(save).get().or(refused.get().map(Problem::Refused)));
    let wrong = move |field: Refused| {
        Signal::derive(move || match refused.get() {
            Some(refused) if refused == field => text::problem(Problem::Refused(refused)).what.to_owned(),
            Some(_) | None => String::new(),
        })
    };
    let url = view.with_untracked(|view| {
        let stored = view.account.as_ref().map(|account| account.base_url.clone());
        view.typed.as_ref().map(|typed| typed.base_url.clone()).or(stored).unwrap_or_default()
    });
    let protocol = view.with_untracked(|view| {
        let stored = view.account.as_ref().map(|account| account.protocol);
        view.typed.as_ref().map(|typed| typed.protocol).or(stored).unwrap_or_default()
    });
    let choices = ProtocolName::ALL.map(|name| Choice::new(name.code(), name.words())).to_vec();
    let asks = Memo::new(move |_| refused.get() == Some(Refused::InvitesUnderWay));
    let has_key = Memo::new(move |_| view.with(|view| view.account.is_some()));
    clear_key_after_saving(save);
    view! {
        <ActionForm action=save attr:class="form">
            <Failure problem/>
            <Select label="Protocol" name="protocol" choices selected=protocol.code() hint=PROTOCOL_HINT/>
            {move || asks.get().then(|| view! { <Confirm/> })}
            <Field
                label="Base URL"
                name="base_url"
                kind="url"
                value=url
                required=true
                autocomplete="off"
                hint="As Canditech named it to you, starting with https://"
                error=wrong(Refused::BaseUrl)
            />
            {move || view! { <KeyField has_key=has_key.get() error=wrong(Refused::Key)/> }}
            <Button kind=ButtonKind::Primary pending=save.pending()>"Save and test"</Button>
        </ActionForm>
    }
}

const PROTOCOL_HINT: &str = "Another protocol needs its own base URL and its key entered anew.";

/// The word that a switch needs while invites are under way.
#[component]
fn Confirm() -> impl IntoView {
    view! {
        <label class="choice">
            <input type="checkbox" name="switch" value="true"/>
            <span>"Switch although invites are under way: their results wait until I switch back"</span>
        </label>
    }
}

#[component]
fn KeyField(has_key: bool, error: Signal<String>) -> impl IntoView {
    let hint = if has_key { "Leave it empty to keep the stored key." } else { "Of the organization, not of a person." };
    view! {
        <Field label="API key" name="api_key" kind="password" required=!has_key autocomplete="off" hint error/>
    }
}

/// Which field the answer says was refused.
fn refused_by(saved: Saved) -> Option<Refused> {
    match saved {
        Saved::Tested => None,
        Saved::AddressRefused => Some(Refused::BaseUrl),
        Saved::KeyRefused => Some(Refused::Key),
        Saved::InvitesUnderWay => Some(Refused::InvitesUnderWay),
        Saved::SendUnderWay => Some(Refused::SendUnderWay),
    }
}

/// Which field the address says was refused.
fn refused_field(code: &str) -> Option<Refused> {
    match code {
        "address" => Some(Refused::BaseUrl),
        "key" => Some(Refused::Key),
        "invites" => Some(Refused::InvitesUnderWay),
        "send" => Some(Refused::SendUnderWay),
        _ => None,
    }
}

/// A key that was stored does not stay in the page.
fn clear_key_after_saving(save: ServerAction<SaveCanditech>) {
    #[cfg(feature = "hydrate")]
    Effect::new(move || {
        use wasm_bindgen::JsCast as _;
        if !save.value().with(|value| matches!(value, Some(Ok(Saved::Tested)))) {
            return;
        }
        let field = document().get_element_by_id("api_key");
        if let Some(input) = field.and_then(|field| field.dyn_into::<web_sys::HtmlInputElement>().ok()) {
            input.set_value("");
        }
    });
    #[cfg(not(feature = "hydrate"))]
    let _: ServerAction<SaveCanditech> = save;
}
