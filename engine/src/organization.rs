//! Organizations: who owns every other row, and how one leaves an installation.

mod remove;
mod store;

pub use remove::{Held, Removed, held, remove};
pub(crate) use store::{all, all_ever, all_in, by_name, hold, named};
