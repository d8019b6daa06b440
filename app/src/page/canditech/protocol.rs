//! What the account's protocol can do, what it cannot, and where it comes from.

use leptos::{either::Either, prelude::*};

use super::server::{AccountView, CanditechView, ProtocolName};
use crate::{
    text::{count, integrations::abilities},
    ui::{Notice, Tone},
};

/// The sections on the protocol.
#[component]
pub fn ProtocolFacts(view: Memo<CanditechView>) -> impl IntoView {
    let account = Memo::new(move |_| view.with(|view| view.account.clone()));
    move || {
        let account = account.get();
        let protocol = account.as_ref().map_or(ProtocolName::Canditech, |account| account.protocol);
        view! {
            {account.map(|account| view! { <Abilities account/> })}
            <Origin protocol/>
        }
    }
}

#[component]
fn Abilities(account: AccountView) -> impl IntoView {
    let sentences = abilities(account.can).into_iter().map(|words| view! { <li>{words}</li> }).collect_view();
    view! {
        <section class="panel prose" aria-labelledby="abilities-title">
            <h2 id="abilities-title">{format!("What {} carries", account.protocol.words())}</h2>
            <ul>{sentences}</ul>
        </section>
    }
}

/// Says of invites whose results do not arrive, because they were sent over another protocol.
#[component]
pub fn Elsewhere(
    /// How many.
    invites: i64,
) -> impl IntoView {
    (invites > 0).then(|| {
        let title = format!("{} sent over another protocol", count(invites, "invite under way was", "invites under way were"));
        view! {
            <Notice tone=Tone::Warn title>
                <p>"Results of these do not arrive while this protocol is chosen. Nothing is lost: switch back, and they are asked for again."</p>
            </Notice>
        }
    })
}

#[component]
fn Origin(protocol: ProtocolName) -> impl IntoView {
    match protocol {
        ProtocolName::Canditech => Either::Left(view! {
            <section class="panel prose" aria-labelledby="assumed-title">
                <h2 id="assumed-title">"What is assumed of Canditech"</h2>
                <p>
                    "Canditech publishes no description of an API. Candilever assumes the smallest one that carries the integration: an organization-level key; a list of assessments; an invite that is sent once for each of our ids; a status, a score, a link to the submitted assessment and a verdict that can be read back; and signed callbacks that say when to read. The address has no default: use only what Canditech names to you in writing."
                </p>
            </section>
        }),
        ProtocolName::GreenhousePartner => Either::Right(view! {
            <section class="panel prose" aria-labelledby="assumed-title">
                <h2 id="assumed-title">"Where this protocol comes from"</h2>
                <p>
                    "Greenhouse publishes how it talks to an assessment partner. Candilever talks to the provider in the same way, in the place of Greenhouse. Assumed are the names of the addresses below the base URL: list_tests, send_test and test_status. Whether your provider accepts a caller other than Greenhouse is for the provider to say."
                </p>
            </section>
        }),
    }
}
