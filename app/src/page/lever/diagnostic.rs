//! Whom to ask, and what to send them: facts without names, addresses or secrets.

use leptos::prelude::*;
use leptos_router::location::Url;

use super::view::LeverView;
use crate::page::integrations::CopyButton;

/// Whom the article names for help.
const SUPPORT: &str = "support@canditech.io";

/// The help section.
#[component]
pub fn Help(view: Memo<LeverView>) -> impl IntoView {
    let text = Signal::derive(move || view.with(|view| view.diagnostic.clone()));
    let letter = move || {
        let (subject, body) = (Url::escape("Candilever and Lever"), text.with(|text| Url::escape(text)));
        format!("mailto:{SUPPORT}?subject={subject}&body={body}")
    };
    view! {
        <section class="panel" aria-labelledby="help-title">
            <h2 id="help-title">"Something wrong?"</h2>
            <p>
                "Write to " <a href=letter rel="external">{SUPPORT}</a>
                " and add the text below. It holds states, times and counts; no names, addresses or keys."
            </p>
            <details>
                <summary>"Diagnostic text"</summary>
                <pre class="diagnostic">{move || text.get()}</pre>
                <CopyButton label="Copy diagnostic text" text/>
            </details>
        </section>
    }
}
