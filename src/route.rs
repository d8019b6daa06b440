//! The routes that are no pages, one file each.

pub mod answer;
pub mod callback;
pub mod connect;
#[cfg(feature = "sandbox")]
pub mod demo;
pub mod health;
pub mod live;
pub mod report;
pub mod webhook;
