//! The stand-ins from outside, over HTTP.

#![expect(clippy::unwrap_used, reason = "a test that finds nothing ends there")]

mod canditech_api;
mod canditech_callback;
mod canditech_partner;
mod canditech_stage;
mod canditech_test;
#[path = "../../../engine/tests/fixtures/lever.rs"]
mod fixture;
mod lever;
mod lever_api;
mod lever_contract;
mod lever_oauth;
mod lever_page;
mod lever_webhook;
mod post;
mod post_fault;
mod post_page;
mod post_stage;
mod receiver;
#[path = "../../../engine/tests/fixtures/shape.rs"]
mod shape;
