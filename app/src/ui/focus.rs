//! Where the keyboard is. Only in the browser; every key has a visible control beside it.

use leptos::{html::Button, prelude::*};
use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, KeyboardEvent};

/// Whether the key belongs to something that is being written.
#[must_use]
pub fn is_typing(event: &KeyboardEvent) -> bool {
    let element = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
    element.is_some_and(|element| matches!(element.tag_name().as_str(), "INPUT" | "TEXTAREA" | "SELECT"))
}

/// Moves the focus to the first element that matches; says whether there was one.
pub fn focus_first(selector: &str) -> bool {
    let found = document().query_selector(selector).ok().flatten();
    found.and_then(|element| element.dyn_into::<HtmlElement>().ok()).is_some_and(|element| element.focus().is_ok())
}

/// Has the first element of its form that matches take over the focus of a button that goes: the keyboard would
/// begin anew at the top of the page.
pub fn hand_on(from: NodeRef<Button>, selector: &str) {
    let Some(from) = from.try_get_untracked().flatten().filter(|button| button.matches(":focus").unwrap_or(false))
    else {
        return;
    };
    let form = from.closest("form").ok().flatten();
    let heir = form.and_then(|form| form.query_selector(selector).ok().flatten());
    if let Some(heir) = heir.and_then(|heir| heir.dyn_into::<HtmlElement>().ok()) {
        // The only refusal is of an element that has gone, too.
        let _focused = heir.focus();
    }
}
