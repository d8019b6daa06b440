//! The routes that are no pages, one file each.

pub mod answer;
pub mod audit;
pub mod callback;
pub mod connect;
pub mod contact;
#[cfg(feature = "sandbox")]
pub mod demo;
pub mod export;
pub mod health;
pub mod live;
pub mod oidc;
pub mod report;
pub mod webhook;
