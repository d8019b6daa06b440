//! The wizard's server functions.

use leptos::prelude::*;

use super::{query::Wizard, view::StepView};
use crate::problem::Problem;
#[cfg(feature = "ssr")]
use crate::server;

/// The step that the address asks for, or the one that is needed first.
#[server(endpoint = "attach_step")]
pub async fn attach_step(#[server(default)] wizard: Wizard) -> Result<StepView, Problem> {
    let member = server::member().await?;
    super::assemble::step_view(&server::engine(), &member, &wizard).await
}

/// The last Next: attaches, and goes to what comes next; a choice that cannot be goes to its step.
#[server(endpoint = "attach")]
pub async fn attach(
    posting: String,
    stage: String,
    #[server(default)] assessment: String,
    #[server(default)] valid_days: String,
) -> Result<(), Problem> {
    let member = server::member().await?;
    let wizard = Wizard { posting, stage, assessment, valid_days, ..Wizard::default() };
    let next = super::assemble::attach(&server::engine(), &member, wizard).await?;
    server::go_to(&next.href());
    Ok(())
}
