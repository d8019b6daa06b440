//! The state of both sides, in words.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::problem::Problem;
#[cfg(feature = "ssr")]
use crate::server;

/// Both tiles.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TilesView {
    pub lever: TileView,
    pub canditech: TileView,
}

/// Whether a side works.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Well {
    Yes,
    NotYet,
    No,
}

/// One tile.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TileView {
    pub well: Well,
    pub state: String,
    pub at: Option<i64>,
    pub detail: String,
}

/// The state of both sides.
#[server(endpoint = "integrations_page")]
pub async fn integrations_page() -> Result<TilesView, Problem> {
    let member = server::member().await?;
    let engine = server::engine();
    let overview = engine::connection::overview(&engine, &member).await?;
    let account = engine::provider::account(&engine, &member).await?;
    Ok(TilesView { lever: tile::lever(overview), canditech: tile::canditech(account) })
}

#[cfg(feature = "ssr")]
mod tile {
    use engine::{
        connection::{ConnectionState, Overview},
        provider::{AccountOverview, AccountState},
    };

    use super::{TileView, Well};
    use crate::text::count;

    pub(super) fn lever(overview: Option<Overview>) -> TileView {
        let Some(overview) = overview else {
            return not_yet("Not connected", "A Super Admin in Lever connects it, once.");
        };
        let (well, state) = match overview.state {
            ConnectionState::Connected => (Well::Yes, "Connected"),
            ConnectionState::Revoked => (Well::No, "Access was revoked"),
            ConnectionState::Disconnected => (Well::No, "Disconnected"),
        };
        let account = overview.account_name.map(|name| format!("{name}. ")).unwrap_or_default();
        let event =
            if overview.last_event_at.is_some() { "Stage changes arrive." } else { "No stage change has come yet." };
        let at = overview.last_event_at.map(|at| at.0);
        TileView { well, state: state.to_owned(), at, detail: format!("{account}{event}") }
    }

    pub(super) fn canditech(account: Option<AccountOverview>) -> TileView {
        let Some(account) = account else {
            return not_yet("Not set up", "It needs an organization-level key of Canditech.");
        };
        let (well, state) = match account.state {
            AccountState::Ok => (Well::Yes, "The key works"),
            AccountState::CannotSend => (Well::No, "The key may not send"),
            AccountState::Refused => (Well::No, "The key is not accepted"),
            AccountState::Unreachable => (Well::No, "Canditech does not answer"),
            AccountState::Untested => (Well::NotYet, "Not tested yet"),
        };
        let detail = format!("{} offered.", count(account.assessments, "assessment", "assessments"));
        TileView { well, state: state.to_owned(), at: account.checked_at.map(|at| at.0), detail }
    }

    fn not_yet(state: &str, detail: &str) -> TileView {
        TileView { well: Well::NotYet, state: state.to_owned(), at: None, detail: detail.to_owned() }
    }
}
