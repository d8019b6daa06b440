//! The Lever page's server functions.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
use super::view::NotesView;
use super::view::{LeverView, ReturnDetail};
#[cfg(feature = "ssr")]
use crate::problem::Refused;
use crate::problem::{Problem, RowProblem};
#[cfg(feature = "ssr")]
use crate::{page::integrations::go_on_from_plain_form, route, server};

/// Whether another Lever account than before is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Account {
    #[default]
    Same,
    Other,
}

/// What a button of a row makes of its attachment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Switch {
    Active,
    Paused,
}

/// The page.
#[server(endpoint = "lever_page")]
pub async fn lever_page() -> Result<LeverView, Problem> {
    let member = server::member().await?;
    super::assemble::lever_view(&server::engine(), &member).await
}

/// What Lever said when the return did not connect, told once.
#[server(endpoint = "lever_return")]
pub async fn lever_return() -> Result<Option<ReturnDetail>, Problem> {
    server::member().await?;
    server::take_input(super::RETURN).await
}

/// Goes to Lever's consent page.
#[server(endpoint = "connect_lever")]
pub async fn connect_lever(#[server(default)] account: Account) -> Result<(), Problem> {
    let member = server::member().await?;
    let session = server::session()?.id().map(|id| id.to_string()).unwrap_or_default();
    let consent = engine::connection::begin(&server::engine(), &member, &session, account.into()).await?;
    server::go_to(consent.as_str());
    Ok(())
}

/// Makes the webhook by Lever's API.
#[server(endpoint = "create_webhook")]
pub async fn create_webhook() -> Result<(), Problem> {
    let member = server::member().await?;
    engine::connection::create_webhook(&server::engine(), &member).await?;
    go_on_from_plain_form(&format!("{}?done=webhook#webhook", route::LEVER));
    Ok(())
}

/// Looks at Lever's list of webhooks.
#[server(endpoint = "look_at_webhooks")]
pub async fn look_at_webhooks() -> Result<(), Problem> {
    let member = server::member().await?;
    engine::connection::look_at_webhooks(&server::engine(), &member).await?;
    go_on_from_plain_form(&format!("{}?done=looked#webhook", route::LEVER));
    Ok(())
}

/// Takes the signature token of a webhook made by hand.
#[server(endpoint = "save_signature_token")]
pub async fn save_signature_token(token: String) -> Result<(), Problem> {
    let member = server::member().await?;
    engine::connection::paste_signature_token(&server::engine(), &member, token.trim()).await?;
    go_on_from_plain_form(&format!("{}?done=token#webhook", route::LEVER));
    Ok(())
}

/// Forgets the signature token of a webhook made by hand.
#[server(endpoint = "forget_signature_token")]
pub async fn forget_signature_token(webhook: String) -> Result<(), Problem> {
    let member = server::member().await?;
    engine::connection::forget_signature_token(&server::engine(), &member, &webhook.into()).await?;
    go_on_from_plain_form(&format!("{}?done=forgotten#webhook", route::LEVER));
    Ok(())
}

/// Reads users, positions and stages from Lever anew.
#[server(endpoint = "sync_lever")]
pub async fn sync_lever() -> Result<(), Problem> {
    let member = server::member().await?;
    engine::connection::sync_now(&server::engine(), &member).await?;
    go_on_from_plain_form(&format!("{}?done=synced#connection", route::LEVER));
    Ok(())
}

/// Chooses how many of the calls a second that Lever allows are ours.
#[server(endpoint = "choose_share")]
pub async fn choose_share(calls_per_second: u32) -> Result<(), Problem> {
    let member = server::member().await?;
    let share = engine::lever::Share::new(calls_per_second);
    let share = share.ok_or_else(|| server::told(Problem::Refused(Refused::Form)))?;
    engine::lever::choose_share(&server::engine(), &member, share).await?;
    go_on_from_plain_form(&format!("{}#connection", route::LEVER));
    Ok(())
}

/// Ends the connection; work waits.
#[server(endpoint = "disconnect_lever")]
pub async fn disconnect_lever() -> Result<(), Problem> {
    let member = server::member().await?;
    engine::connection::disconnect(&server::engine(), &member).await?;
    server::go_to(route::LEVER);
    Ok(())
}

/// Chooses which notes Lever gets: from when on, and whether of what could not be sent (a ticked box is sent,
/// an empty one is not).
#[server(endpoint = "choose_notes")]
pub async fn choose_notes(only_completed: bool, #[server(default)] unsent: bool) -> Result<(), Problem> {
    let member = server::member().await?;
    let choice = NotesView { only_completed, unsent }.into();
    engine::note::choose(&server::engine(), &member, choice).await?;
    go_on_from_plain_form(&format!("{}#notes", route::LEVER));
    Ok(())
}

/// Chooses for how many months candidates are kept; 0 until Lever erases them.
#[server(endpoint = "choose_retention")]
pub async fn choose_retention(months: u32) -> Result<(), Problem> {
    let member = server::member().await?;
    let chosen = match months {
        0 => None,
        months => {
            Some(engine::erasure::Months::new(months).ok_or_else(|| server::told(Problem::Refused(Refused::Form)))?)
        }
    };
    engine::erasure::keep_for(&server::engine(), &member, chosen).await?;
    go_on_from_plain_form(&format!("{}#retention", route::LEVER));
    Ok(())
}

/// Pauses or resumes an attachment.
#[server(endpoint = "switch_attachment")]
pub async fn switch_attachment(id: String, state: Switch, version: i64) -> Result<(), RowProblem> {
    let member = server::member().await.map_err(RowProblem::of(&id))?;
    let attachment = id.as_str().into();
    engine::attachment::set_state(&server::engine(), &member, &attachment, state.into(), version)
        .await
        .map_err(RowProblem::of(&id))
}

#[cfg(feature = "ssr")]
impl From<Account> for engine::connection::OtherAccount {
    fn from(account: Account) -> Self {
        match account {
            Account::Same => Self::Ask,
            Account::Other => Self::Confirmed,
        }
    }
}

#[cfg(feature = "ssr")]
impl From<Switch> for engine::attachment::AttachmentState {
    fn from(switch: Switch) -> Self {
        match switch {
            Switch::Active => Self::Active,
            Switch::Paused => Self::Paused,
        }
    }
}
