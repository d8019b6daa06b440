//! What a person does to an invite: each verb has one effect, whatever happens on the way, and what cannot
//! be done is said.

mod at_provider;
mod refused;
mod round;
pub mod stage;
mod trouble;
