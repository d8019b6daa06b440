//! Every address of the interface: the table of pages, and the functions that write links to them.

use leptos::prelude::*;
use leptos_router::{
    Lazy, SsrMode, WildcardSegment,
    components::{ParentRoute, Route, Routes},
    path,
};

use crate::{
    frame::Frame,
    page::not_found::NotFound,
    split::{
        Account, Activity, Attach, Attachment, Audit, Candidate, Candidates, Canditech, Dashboard, Forgotten,
        Integrations, Invitation, Lever, LookUp, NewPassword, Notifications, SetUp, SignIn, SignInCode, Team,
    },
};

pub const DASHBOARD: &str = "/";
pub const CANDIDATES: &str = "/candidates";
pub const LOOK_UP: &str = "/candidates/look-up";
pub const ACTIVITY: &str = "/activity";
pub const SETTINGS: &str = "/settings/integrations";
pub const LEVER: &str = "/settings/integrations/lever";
pub const ATTACH: &str = "/settings/integrations/lever/attach";
pub const CANDITECH: &str = "/settings/integrations/canditech";
pub const TEAM: &str = "/settings/team";
pub const AUDIT: &str = "/settings/audit";
/// Where the audit log is exported from; no page.
pub const AUDIT_EXPORT: &str = "/audit/export";
/// Where all that is held about a candidate is exported from; no page.
pub const EXPORT: &str = "/candidates/export";
pub const NOTIFICATIONS: &str = "/settings/notifications";
pub const ACCOUNT: &str = "/account";
pub const SIGN_IN: &str = "/sign-in";
/// For who knows their password no more.
pub const FORGOTTEN: &str = "/forgotten";

/// The page of one invite.
#[must_use]
pub fn candidate(invite: &str) -> String {
    format!("{CANDIDATES}/{invite}")
}

/// The page that looks somebody up in Lever.
#[must_use]
pub fn look_up(text: &str) -> String {
    if text.is_empty() { LOOK_UP.to_owned() } else { format!("{LOOK_UP}?q={}", encode(text)) }
}

/// The page of one attachment.
#[must_use]
pub fn attachment(id: &str) -> String {
    format!("{LEVER}/attachments/{id}")
}

/// The page that a one-time set-up link opens.
#[must_use]
pub fn set_up(token: &str) -> String {
    format!("/set-up/{}", encode(token))
}

/// The page that an invitation opens.
#[must_use]
pub fn invitation(token: &str) -> String {
    format!("/invitation/{}", encode(token))
}

/// The page that a link for another password opens.
#[must_use]
pub fn new_password(token: &str) -> String {
    format!("/new-password/{}", encode(token))
}

/// The part of the team's page that is about one person.
#[must_use]
pub fn person(user: &str) -> String {
    format!("{TEAM}?person={}#person", encode(user))
}

/// The sign-in page, which leads on to `next`.
#[must_use]
pub fn sign_in(next: &str) -> String {
    format!("{SIGN_IN}?next={}", encode(next))
}

/// The page that asks for the second factor's code, which leads on to `next`.
#[must_use]
pub fn sign_in_code(next: &str) -> String {
    format!("{SIGN_IN}/code?next={}", encode(next))
}

/// Where to go after signing in: `next` when it is a path of ours, the dashboard otherwise. Anything
/// a browser could read as another origin (`//host`, `/\host`, control characters) is not ours.
#[must_use]
pub fn safe_next(next: &str) -> &str {
    let ours = next.starts_with('/')
        && !next.starts_with("//")
        && !next.contains('\\')
        && !next.chars().any(char::is_control)
        && !next.starts_with(SIGN_IN)
        && !next.starts_with("/api/");
    if ours { next } else { DASHBOARD }
}

/// Text as a part of a query.
#[must_use]
pub fn encode(text: &str) -> String {
    text.bytes().fold(String::new(), |mut encoded, byte| {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' | b'/' => encoded.push(byte.into()),
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
        encoded
    })
}

/// The pages by address. All are complete without JavaScript, so all wait for their data.
#[component]
pub fn Pages() -> impl IntoView {
    view! {
        <Routes fallback=NotFound>
            <Route path=path!("/sign-in/code") view={Lazy::<SignInCode>::new()} ssr=SsrMode::Async/>
            <Route path=path!("/sign-in") view={Lazy::<SignIn>::new()} ssr=SsrMode::Async/>
            <Route path=path!("/set-up/:token") view={Lazy::<SetUp>::new()} ssr=SsrMode::Async/>
            <Route path=path!("/invitation/:token") view={Lazy::<Invitation>::new()} ssr=SsrMode::Async/>
            <Route path=path!("/forgotten") view={Lazy::<Forgotten>::new()} ssr=SsrMode::Async/>
            <Route path=path!("/new-password/:token") view={Lazy::<NewPassword>::new()} ssr=SsrMode::Async/>
            <ParentRoute path=path!("") view=Frame ssr=SsrMode::Async>
                <Route path=path!("") view={Lazy::<Dashboard>::new()} ssr=SsrMode::Async/>
                <Route path=path!("candidates") view={Lazy::<Candidates>::new()} ssr=SsrMode::Async/>
                <Route path=path!("candidates/look-up") view={Lazy::<LookUp>::new()} ssr=SsrMode::Async/>
                <Route path=path!("candidates/:invite") view={Lazy::<Candidate>::new()} ssr=SsrMode::Async/>
                <Route path=path!("account") view={Lazy::<Account>::new()} ssr=SsrMode::Async/>
                <Route path=path!("activity") view={Lazy::<Activity>::new()} ssr=SsrMode::Async/>
                <Route path=path!("settings/team") view={Lazy::<Team>::new()} ssr=SsrMode::Async/>
                <Route path=path!("settings/audit") view={Lazy::<Audit>::new()} ssr=SsrMode::Async/>
                <Route path=path!("settings/notifications") view={Lazy::<Notifications>::new()} ssr=SsrMode::Async/>
                <Route path=path!("settings/integrations") view={Lazy::<Integrations>::new()} ssr=SsrMode::Async/>
                <Route path=path!("settings/integrations/lever") view={Lazy::<Lever>::new()} ssr=SsrMode::Async/>
                <Route
                    path=path!("settings/integrations/canditech")
                    view={Lazy::<Canditech>::new()}
                    ssr=SsrMode::Async
                />
                <Route
                    path=path!("settings/integrations/lever/attach")
                    view={Lazy::<Attach>::new()}
                    ssr=SsrMode::Async
                />
                <Route
                    path=path!("settings/integrations/lever/attachments/:id")
                    view={Lazy::<Attachment>::new()}
                    ssr=SsrMode::Async
                />
            </ParentRoute>
            <Route path=WildcardSegment("any") view=NotFound ssr=SsrMode::Async/>
        </Routes>
    }
}

#[cfg(test)]
mod tests {
    use super::safe_next;

    #[test]
    fn only_paths_of_ours_are_followed_after_signing_in() {
        for ours in ["/", "/candidates?state=completed", "/r/abc", "/settings/integrations/lever"] {
            assert_eq!(safe_next(ours), ours);
        }
        let foreign = ["", "candidates", "//evil.example", "/\\evil.example", "https://evil.example", "/\t/evil"];
        for foreign in foreign.into_iter().chain(["/sign-in?next=/", "/api/sign_out", "/a\r\nSet-Cookie: x"]) {
            assert_eq!(safe_next(foreign), "/", "{foreign:?}");
        }
        // Whatever is written where: no way that a browser could read as one out of here is followed.
        for scheme in ["", "/", "http:", "https:", "HTTPS:", "javascript:", "data:", "//", "\\", " "] {
            for slashes in ["//", "///", "/\\", "\\\\", "\\/", "/\t/"] {
                let way = format!("{scheme}{slashes}evil.example/%2f..");
                assert_eq!(safe_next(&way), "/", "{way:?}");
            }
        }
        // An encoded sign is a part of our own path: no browser decodes it on its way.
        for encoded in ["/%2fevil.example", "/%5cevil.example", "/%09/evil.example", "/%2e%2e//evil.example"] {
            assert_eq!(safe_next(encoded), encoded);
        }
    }
}
