//! The words on the screen, in one place: plain verbs, no blame. Errors say what happened, what it
//! means, and what to do.

pub mod account;
pub mod attach;
pub mod audit;
pub mod candidate;
pub mod candidates;
pub mod dashboard;
pub mod decision;
pub mod forgotten;
pub mod integrations;
pub mod invitation;
pub mod look_up;
pub mod notifications;
mod problem;
pub mod receipt;
pub mod second_factor;
pub mod set_up;
pub mod sign_in;
pub mod team;
pub mod verb;

pub use problem::{ProblemWords, problem};

/// The title of the browser's tab.
#[must_use]
#[expect(clippy::needless_pass_by_value, reason = "the formatter's type")]
pub fn title(page: String) -> String {
    let title = if page.is_empty() { "Candilever".to_owned() } else { format!("{page} · Candilever") };
    // `leptos_meta` writes it into the server's HTML as it is, and a title may be somebody's name; a browser that
    // sets it takes it for text.
    if cfg!(feature = "ssr") { title.replace('&', "&amp;").replace('<', "&lt;") } else { title }
}

/// "1 invite", "4 invites".
#[must_use]
pub fn count(number: i64, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

/// A candidate's name, or the word for one whose name is not there.
#[must_use]
pub fn candidate_name(name: &str) -> String {
    if name.trim().is_empty() { "Name removed".to_owned() } else { name.to_owned() }
}

/// A new password that cannot be chosen.
pub const PASSWORD_UNFIT: &str = "The password is too short or too easy to guess: use at least 12 characters, such as a few words that have nothing to do with each other.";

/// The link for somebody whose session ended while a page was open.
pub const SIGN_IN_BESIDE: &str = "Sign in (opens a new tab)";

/// The page for an address that leads nowhere.
pub mod not_found {
    pub const TITLE: &str = "Page not found";
    pub const BODY: &str = "There is no page at this address. A link may be old or mistyped.";
    pub const HOME: &str = "Open the dashboard";
}

/// The frame around the pages.
pub mod frame {
    pub const SKIP: &str = "Skip to content";
    pub const PLACES: &str = "Main";
    pub const DASHBOARD: &str = "Dashboard";
    pub const CANDIDATES: &str = "Candidates";
    pub const ACTIVITY: &str = "Activity";
    pub const SETTINGS: &str = "Settings";
    pub const LAST_EVENT: &str = "Last event";
    pub const SEE_WHY: &str = "See why, and what to do";
    pub const UPDATED: &str = "Candilever was updated.";
    pub const RELOAD: &str = "Load this page anew";
    pub const SEARCH: &str = "Search candidates";
    pub const ACCOUNT: &str = "Your account";
    pub const SIGN_OUT: &str = "Sign out";
}

#[cfg(test)]
mod tests {
    use super::title;

    #[test]
    fn a_name_in_the_title_closes_no_title() {
        assert_eq!(title("Ada </title><meta> & Co".into()), "Ada &lt;/title>&lt;meta> &amp; Co · Candilever");
        assert_eq!(title(String::new()), "Candilever");
    }
}
