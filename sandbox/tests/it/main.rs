//! The stand-ins from outside, over HTTP.

mod canditech_api;
mod canditech_callback;
mod canditech_stage;
mod canditech_test;
