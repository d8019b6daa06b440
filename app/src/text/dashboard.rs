//! The words of the dashboard.

pub const TITLE: &str = "Dashboard";
pub const SET_UP: &str = "Set up Candilever";
pub const SET_UP_LEAD: &str = "Once, step by step. Candidates are invited by themselves from then on.";
pub const SET_UP_OTHERS: &str =
    "Your organization is not set up yet. A Super Admin does that; candidates appear here from then on.";
pub const OPEN_STEP: &str = "Open";
pub const NEEDS_YOU: &str = "Needs you";
pub const NOTHING: &str = "Nothing needs you now";
pub const NOTHING_MEANS: &str = "Invites that wait or fail, and results without a verdict, appear here.";
pub const LOOK: &str = "See what to do";
pub const DECIDE: &str = "Give a verdict";
pub const SINCE: &str = "since";
pub const ALL_ATTENTION: &str = "All that need attention";
pub const ALL_AWAITING: &str = "All that await a verdict";
pub const FUNNEL: &str = "Last 30 days";
pub const INVITED: &str = "Invited";
pub const STARTED: &str = "Started";
pub const COMPLETED: &str = "Completed";
pub const PASSED: &str = "Passed";
