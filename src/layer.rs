//! What every request passes on its way: who asks, from where, and what the answer must carry.

pub mod client;
pub mod csrf;
pub mod fields;
pub mod framing;
pub mod gate;
pub mod headers;
pub mod host;
pub mod session;
pub mod throttle;
pub mod to_the_end;
pub mod trace;
