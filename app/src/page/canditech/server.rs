//! The Canditech page's server functions.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::problem::Problem;
#[cfg(feature = "ssr")]
use crate::{page::integrations::go_on_from_plain_form, route, server};
#[cfg(feature = "ssr")]
use engine::fault::{FlowError, Refusal};

/// The page.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct CanditechView {
    pub may_manage: bool,
    /// The people here who may, by name.
    pub managers: Vec<String>,
    /// `None` before there is one.
    pub account: Option<AccountView>,
    /// The address of a form that was refused; never the key.
    pub typed_url: Option<String>,
}

/// How the account's last test went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum TestState {
    #[default]
    Untested,
    Ok,
    CannotSend,
    Refused,
    Unreachable,
}

/// The account.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct AccountView {
    pub protocol: ProtocolName,
    pub base_url: String,
    pub key_hint: String,
    pub name: Option<String>,
    pub state: TestState,
    pub reason: Option<String>,
    pub checked_at: Option<i64>,
    pub callback_url: String,
    /// Only for those who manage the connection.
    pub callback_secret: Option<String>,
    pub last_callback_at: Option<i64>,
    pub assessments: i64,
}

/// The protocols that an account can speak.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProtocolName {
    #[default]
    Canditech,
}

/// The page.
#[server(endpoint = "canditech_page")]
pub async fn canditech_page() -> Result<CanditechView, Problem> {
    let member = server::member().await?;
    let engine = server::engine();
    let account = engine::provider::account(&engine, &member).await?;
    Ok(CanditechView {
        may_manage: member.may(engine::access::Permission::ManageConnection),
        managers: crate::page::lever::assemble::managers(&engine, &member).await?,
        account: account.map(AccountView::from),
        typed_url: server::take_input(FORM).await?,
    })
}

/// What came of saving.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Saved {
    /// Stored and tested; the page says how the test went.
    Tested,
    /// The address may not be used; nothing was stored.
    AddressRefused,
    /// The key is none; nothing was stored.
    KeyRefused,
}

/// Stores the account and tests it; an empty key keeps the one that is stored.
#[server(endpoint = "save_canditech")]
pub async fn save_canditech(protocol: ProtocolName, base_url: String, api_key: String) -> Result<Saved, Problem> {
    let member = server::member().await?;
    let key = Some(api_key.trim()).filter(|key| !key.is_empty()).map(secrecy::SecretString::from);
    let tested =
        engine::provider::save_and_test(&server::engine(), &member, protocol.into(), base_url.trim(), key).await;
    let (saved, query) = match tested {
        Ok(_) => (Saved::Tested, ""),
        Err(FlowError::Refused(Refusal::BaseUrl)) => (Saved::AddressRefused, "?problem=address"),
        Err(FlowError::Refused(Refusal::Key)) => (Saved::KeyRefused, "?problem=key"),
        Err(error) => return Err(error.into()),
    };
    keep_typed(saved, &base_url).await?;
    go_on_from_plain_form(&format!("{}{query}", route::CANDITECH));
    Ok(saved)
}

/// Keeps the address of a refused form for the page; never the key.
#[cfg(feature = "ssr")]
async fn keep_typed(saved: Saved, base_url: &str) -> Result<(), Problem> {
    match saved {
        Saved::Tested => Ok(()),
        Saved::AddressRefused | Saved::KeyRefused => server::keep_input(FORM, &base_url).await,
    }
}

#[cfg(feature = "ssr")]
const FORM: &str = "canditech";

#[cfg(feature = "ssr")]
impl From<ProtocolName> for engine::provider::Protocol {
    fn from(name: ProtocolName) -> Self {
        match name {
            ProtocolName::Canditech => Self::Canditech,
        }
    }
}

#[cfg(feature = "ssr")]
impl From<engine::provider::Protocol> for ProtocolName {
    fn from(protocol: engine::provider::Protocol) -> Self {
        match protocol {
            engine::provider::Protocol::Canditech => Self::Canditech,
        }
    }
}

#[cfg(feature = "ssr")]
impl From<engine::provider::AccountState> for TestState {
    fn from(state: engine::provider::AccountState) -> Self {
        use engine::provider::AccountState;
        match state {
            AccountState::Ok => Self::Ok,
            AccountState::CannotSend => Self::CannotSend,
            AccountState::Refused => Self::Refused,
            AccountState::Unreachable => Self::Unreachable,
            AccountState::Untested => Self::Untested,
        }
    }
}

#[cfg(feature = "ssr")]
impl From<engine::provider::AccountOverview> for AccountView {
    fn from(account: engine::provider::AccountOverview) -> Self {
        Self {
            protocol: account.protocol.into(),
            base_url: account.base_url,
            key_hint: account.key_hint,
            name: account.account_name,
            state: account.state.into(),
            reason: account.state_reason,
            checked_at: account.checked_at.map(|at| at.0),
            callback_url: account.callback_url,
            callback_secret: account.callback_secret,
            last_callback_at: account.last_callback_at.map(|at| at.0),
            assessments: account.assessments,
        }
    }
}
