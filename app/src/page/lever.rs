//! The Lever page: connect, the checklist that is also the health page, the webhook, the attachments
//! and the connection. Everything is read anew when the set-up changes anywhere.

mod arrival;
#[cfg(feature = "ssr")]
pub(crate) mod assemble;
pub mod attachments;
mod before;
mod checklist;
mod connection;
mod diagnostic;
mod notes;
mod retention;
pub mod server;
mod share;
pub mod view;
mod webhook;

use leptos::{either::EitherOf4, prelude::*};
use leptos_router::hooks::use_query_map;

use self::{
    arrival::Arrival,
    attachments::Attachments,
    before::{Before, Reconnect},
    checklist::Checklist,
    connection::ConnectionBox,
    diagnostic::Help,
    notes::Notes,
    retention::Retention,
    server::{
        ChooseNotes, ChooseRetention, ChooseShare, ConnectLever, CreateWebhook, DisconnectLever, ForgetSignatureToken,
        LookAtWebhooks, SaveSignatureToken, SyncLever, lever_page,
    },
    view::{LeverView, Link},
    webhook::Webhook,
};
use super::integrations::SettingsTabs;
use crate::{
    live::Live,
    problem::Problem,
    route,
    ui::{ButtonLink, PageHead, ProblemNotice, Ready},
};

/// The form name under which the detail of a failed return is kept for this page.
#[cfg(feature = "ssr")]
const RETURN: &str = "lever_return";

/// Keeps what Lever said for the page that the browser goes on to.
///
/// # Errors
/// When the session cannot be written.
#[cfg(feature = "ssr")]
pub async fn keep_return(
    session: &tower_sessions::Session,
    error: &engine::connection::ConnectError,
) -> Result<(), Problem> {
    crate::server::keep_in(session, RETURN, &arrival::detail_of(error)).await
}

/// The forms of the page: whatever one of them does, the page is read anew.
#[derive(Clone, Copy)]
struct Forms {
    connect: ServerAction<ConnectLever>,
    webhook: ServerAction<CreateWebhook>,
    look: ServerAction<LookAtWebhooks>,
    token: ServerAction<SaveSignatureToken>,
    forget: ServerAction<ForgetSignatureToken>,
    sync: ServerAction<SyncLever>,
    disconnect: ServerAction<DisconnectLever>,
    notes: ServerAction<ChooseNotes>,
    retention: ServerAction<ChooseRetention>,
    share: ServerAction<ChooseShare>,
    /// Counts what the rows' own forms did.
    rows: RwSignal<u32>,
}

impl Forms {
    fn new() -> Self {
        Self {
            connect: ServerAction::new(),
            webhook: ServerAction::new(),
            look: ServerAction::new(),
            token: ServerAction::new(),
            forget: ServerAction::new(),
            sync: ServerAction::new(),
            disconnect: ServerAction::new(),
            notes: ServerAction::new(),
            retention: ServerAction::new(),
            share: ServerAction::new(),
            rows: RwSignal::new(0),
        }
    }

    fn version(self) -> usize {
        let forms = self.webhook.version().get() + self.token.version().get() + self.sync.version().get();
        let boxes = self.look.version().get() + self.disconnect.version().get() + self.notes.version().get();
        let choices = self.share.version().get() + self.retention.version().get() + self.forget.version().get();
        forms + boxes + choices + self.rows.get() as usize
    }
}

/// Which form of the page there is to show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Loading,
    Failed(Problem),
    Before,
    After(Link),
}

fn phase(answer: Option<&Result<LeverView, Problem>>) -> Phase {
    match answer {
        None => Phase::Loading,
        Some(Err(problem)) => Phase::Failed(*problem),
        Some(Ok(view)) => view.connection.as_ref().map_or(Phase::Before, |connection| Phase::After(connection.link)),
    }
}

/// The Lever page.
#[component]
pub fn LeverPage() -> impl IntoView {
    let forms = Forms::new();
    let (set_up, invites) = (expect_context::<Live>().set_up(), expect_context::<Live>().invites());
    let answer = Resource::new(move || (forms.version(), set_up.get(), invites.get()), |_| lever_page());
    view! {
        <PageHead title="Lever" lead="Move a candidate to a stage in Lever, and the right assessment goes out."/>
        <SettingsTabs/>
        <Arrival connect=forms.connect/>
        <Ready answer rows=8>
            <Content answer forms/>
        </Ready>
    }
}

#[component]
fn Content(answer: Resource<Result<LeverView, Problem>>, forms: Forms) -> impl IntoView {
    let phase = Memo::new(move |_| answer.with(|answer| phase(answer.as_ref())));
    let view = Memo::new(move |old: Option<&LeverView>| match answer.get() {
        Some(Ok(view)) => view,
        Some(Err(_)) | None => old.cloned().unwrap_or_default(),
    });
    move || match phase.get() {
        Phase::Loading => EitherOf4::A(()),
        Phase::Failed(problem) => EitherOf4::B(view! { <ProblemNotice problem/> }),
        Phase::Before => EitherOf4::C(view! { <Before view connect=forms.connect/> }),
        Phase::After(link) => EitherOf4::D(view! { <After view link forms/> }),
    }
}

#[component]
fn After(view: Memo<LeverView>, link: Link, forms: Forms) -> impl IntoView {
    let is_connected = link == Link::Connected;
    let facts = Memo::new(move |_| view.with(|view| view.connection.clone()).unwrap_or_default());
    let query = use_query_map();
    let confirms = Memo::new(move |_| query.with(|query| query.get("disconnect").is_some()));
    let forget = Memo::new(move |_| query.with(|query| query.get("forget")).unwrap_or_default());
    view! {
        {(!is_connected).then(|| view! { <Reconnect view facts connect=forms.connect/> })}
        <Checklist view/>
        <section class="panel" aria-labelledby="attachments-title">
            <header class="panel-head">
                <h2 id="attachments-title">"Attachments"</h2>
                <ButtonLink href=route::ATTACH>"Attach Assessment to Stage"</ButtonLink>
            </header>
            <Attachments view changed=forms.rows/>
        </section>
        <Notes view choose=forms.notes/>
        <Retention view choose=forms.retention/>
        <Webhook view facts forms forget/>
        <ConnectionBox view facts forms confirms/>
        <Help view/>
    }
}
