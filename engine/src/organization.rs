//! Organizations: who owns every other row.

mod store;

pub(crate) use store::{all, all_in, by_name, hold, named};
