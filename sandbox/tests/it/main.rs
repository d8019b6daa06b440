//! The stand-ins from outside, over HTTP.

mod canditech_api;
mod canditech_callback;
mod canditech_partner;
mod canditech_stage;
mod canditech_test;
mod lever;
mod lever_api;
mod lever_oauth;
mod lever_page;
mod lever_webhook;
mod receiver;
