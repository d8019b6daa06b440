//! Which pages come to the browser together. Each group is one split point: one for every page would
//! cut what pages share into a chunk for every combination of them, dozens of requests a page.

use leptos::prelude::*;
use leptos_router::LazyRoute;

use crate::page::{
    activity::ActivityPage, attach::AttachPage, attachments::AttachmentPage, candidate::CandidatePage,
    candidates::CandidatesPage, canditech::CanditechPage, dashboard::DashboardPage, integrations::IntegrationsPage,
    lever::LeverPage, set_up::SetUpPage, sign_in::SignInPage, team::TeamPage,
};

/// A page in two halves, so that its data is asked for while its view is still on the way.
pub trait Page: Send + Sync + 'static {
    /// Begins to load the data; this half is always there.
    fn data() -> Self;

    /// The view; this half comes with the page's group.
    fn view(this: Self) -> AnyView;
}

/// Pages that are loaded together when the first of them is opened.
macro_rules! together {
    ($Group:ident $open:ident $fetch:ident: $($Name:ident($Page:ident))*) => {
        enum $Group {
            $($Name($Page),)*
        }

        #[lazy]
        fn $open(page: $Group) -> AnyView {
            match page {
                $($Group::$Name(page) => Page::view(page),)*
            }
        }

        $(impl LazyRoute for $Page {
            fn data() -> Self {
                Page::data()
            }

            async fn view(this: Self) -> AnyView {
                $open($Group::$Name(this)).await
            }

            async fn preload() {
                #[cfg(target_arch = "wasm32")]
                $fetch().await;
            }
        })*
    };
}

/// Pages that are there from the start.
macro_rules! at_once {
    ($($Page:ident)*) => {
        $(impl LazyRoute for $Page {
            fn data() -> Self {
                Page::data()
            }

            async fn view(this: Self) -> AnyView {
                Page::view(this)
            }
        })*
    };
}

at_once! { SignInPage SetUpPage DashboardPage }
together! {
    Candidates open_candidates __preload_open_candidates:
    List(CandidatesPage) One(CandidatePage)
}
together! {
    Records open_records __preload_open_records:
    Activity(ActivityPage) Team(TeamPage)
}
together! {
    Settings open_settings __preload_open_settings:
    Integrations(IntegrationsPage) Lever(LeverPage) Canditech(CanditechPage) Attach(AttachPage)
    Attachment(AttachmentPage)
}
