//! The pages: one folder each, components beside the server functions they call.

pub mod account;
pub mod activity;
pub mod attach;
pub mod attachments;
pub mod audit;
pub mod candidate;
pub mod candidates;
pub mod canditech;
pub mod dashboard;
pub mod forgotten;
pub mod integrations;
pub mod invitation;
pub mod lever;
pub mod look_up;
pub mod not_found;
pub mod notifications;
pub mod set_up;
pub mod sign_in;
pub mod sign_in_code;
pub mod team;
