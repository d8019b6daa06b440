//! Organizations: who owns every other row.

mod store;

pub(crate) use store::{all, by_name, hold, named};
