//! The words of the Candidates tab.

use crate::{
    page::candidates::filter::{Reached, Toggle},
    ui::Verdict,
};

pub const TITLE: &str = "Candidates";
pub const COLUMNS: [&str; 7] = ["Candidate", "Position", "Assessment", "Status", "Score", "Verdict", "Last change"];
pub const SEARCH: &str = "Search by name or e-mail";
pub const STATUS: &str = "Status";
pub const VERDICT: &str = "Verdict";
pub const ANY_VERDICT: &str = "Any verdict";
pub const POSITION: &str = "Position";
pub const ANY_STATUS: &str = "Any status";
pub const ANY_POSITION: &str = "Any position";
pub const FILTER: &str = "Filter";
pub const CHIPS: &str = "Show only";
pub const CLEAR: &str = "Clear filters";
pub const PAGES: &str = "Pages";
pub const NEWEST: &str = "Newest";
/// In a search, whose rows stand in the order of the words found.
pub const FIRST_PAGE: &str = "First page";
pub const OLDER: &str = "Older";
pub const NEXT_PAGE: &str = "Next page";
pub const UNDO: &str = "Undo";
pub const NO_MATCH: &str = "No invite matches these filters";
pub const NONE: &str = "No invites yet";
pub const NONE_MEANS: &str =
    "When a candidate enters a stage that an assessment is attached to, the invite appears here by itself.";
pub const SET_UP: &str = "See what is attached";
pub const KEYS: &str = "Keys: j and k move, Enter opens, u and d give thumbs, / searches.";

/// The words of a chip.
#[must_use]
pub fn toggle(toggle: Toggle) -> &'static str {
    match toggle {
        Toggle::Awaiting => "Awaiting verdict",
        Toggle::Mine => "Mine",
        Toggle::Attention => "Needs attention",
        Toggle::Recent => "Last 30 days",
    }
}

/// The words of a status that an invite has had, whatever it has now.
#[must_use]
pub fn reached(step: Reached) -> &'static str {
    match step {
        Reached::Invited => "Sent at any time",
        Reached::Started => "Started at any time",
        Reached::Completed => "Completed at any time",
    }
}

/// The words of a verdict to filter by.
#[must_use]
pub fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::NotGiven => "No verdict",
        Verdict::Passed => "Passed",
        Verdict::Failed => "Failed",
    }
}

/// "1 invite", "240 invites", "1,000+ invites".
#[must_use]
pub fn count(count: i64, more: bool) -> String {
    let noun = if count == 1 && !more { "invite" } else { "invites" };
    format!("{} {noun}", number(count, more))
}

/// "240", "1,000+".
#[must_use]
pub fn number(count: i64, more: bool) -> String {
    format!("{}{}", thousands(count), if more { "+" } else { "" })
}

/// "3 new".
#[must_use]
pub fn fresh(count: usize) -> String {
    format!("{count} new")
}

fn thousands(number: i64) -> String {
    if number < 1000 { number.to_string() } else { format!("{},{:03}", number / 1000, number % 1000) }
}
