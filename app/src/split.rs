//! Which pages come to the browser together. Each group is one split point: one for every page would
//! cut what pages share into a chunk for every combination of them, dozens of requests a page. A page
//! makes its data inside its view, so that the code of both comes with its group.

use leptos::prelude::*;
use leptos_router::LazyRoute;

use crate::page::{
    account::AccountPage,
    activity::ActivityPage,
    attach::AttachPage,
    attachments::AttachmentPage,
    audit::AuditPage,
    candidate::CandidatePage,
    candidates::CandidatesPage,
    canditech::CanditechPage,
    dashboard::DashboardPage,
    forgotten::{ForgottenPage, NewPasswordPage},
    integrations::IntegrationsPage,
    invitation::InvitationPage,
    lever::LeverPage,
    look_up::LookUpPage,
    notifications::NotificationsPage,
    set_up::SetUpPage,
    sign_in::SignInPage,
    sign_in_code::SignInCodePage,
    team::TeamPage,
};

/// Pages that are loaded together when the first of them is opened.
macro_rules! together {
    ($Group:ident $open:ident $fetch:ident: $($Name:ident($Page:ident))*) => {
        enum $Group {
            $($Name,)*
        }

        #[lazy]
        fn $open(page: $Group) -> AnyView {
            match page {
                $($Group::$Name => view! { <$Page/> }.into_any(),)*
            }
        }

        $(
            #[doc = concat!("The route of [`", stringify!($Page), "`].")]
            pub struct $Name;

            impl LazyRoute for $Name {
                fn data() -> Self {
                    Self
                }

                async fn view(_: Self) -> AnyView {
                    $open($Group::$Name).await
                }

                async fn preload() {
                    #[cfg(target_arch = "wasm32")]
                    $fetch().await;
                }
            }
        )*
    };
}

together! {
    Door open_door __preload_open_door:
    SignIn(SignInPage)
}
together! {
    Person open_person __preload_open_person:
    SetUp(SetUpPage) Invitation(InvitationPage) Account(AccountPage)
    Forgotten(ForgottenPage) NewPassword(NewPasswordPage) SignInCode(SignInCodePage)
}
together! {
    Start open_start __preload_open_start:
    Dashboard(DashboardPage)
}
together! {
    Work open_work __preload_open_work:
    Candidates(CandidatesPage) Candidate(CandidatePage) LookUp(LookUpPage)
}
together! {
    Records open_records __preload_open_records:
    Activity(ActivityPage) Team(TeamPage) Audit(AuditPage) Notifications(NotificationsPage)
}
together! {
    Settings open_settings __preload_open_settings:
    Integrations(IntegrationsPage) Lever(LeverPage) Canditech(CanditechPage) Attach(AttachPage)
    Attachment(AttachmentPage)
}
