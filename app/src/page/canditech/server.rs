//! The Canditech page's server functions.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::problem::Problem;
#[cfg(feature = "ssr")]
use crate::{page::integrations::go_on_from_plain_form, route, server};
#[cfg(feature = "ssr")]
use engine::{
    fault::{FlowError, Refusal},
    provider::OtherProtocol,
};

/// The page.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct CanditechView {
    pub may_manage: bool,
    /// The people here who may, by name.
    pub managers: Vec<String>,
    /// `None` before there is one.
    pub account: Option<AccountView>,
    /// What a form that was refused held; never the key.
    pub typed: Option<Typed>,
}

/// What a person typed, without the key.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Typed {
    pub protocol: ProtocolName,
    pub base_url: String,
}

/// What the account's protocol carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "a set of independent abilities")]
pub struct Abilities {
    /// A send whose answer was lost can be looked up, or is recognised when repeated.
    pub recognises: bool,
    pub verdict_read: bool,
    pub verdict_write: bool,
    pub deadline: bool,
    /// It forgets a candidate when it is asked to.
    pub erases: bool,
    pub signed_callbacks: bool,
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
    /// Until when the secret before it counts too.
    pub former_secret_until: Option<i64>,
    pub last_callback_at: Option<i64>,
    pub assessments: i64,
    /// Invites under way that were sent over another protocol.
    pub elsewhere: i64,
    pub can: Abilities,
}

/// The protocols that an account can speak.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProtocolName {
    #[default]
    Canditech,
    GreenhousePartner,
}

impl ProtocolName {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Canditech, Self::GreenhousePartner];

    /// The value in the form.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Canditech => "canditech",
            Self::GreenhousePartner => "greenhouse_partner",
        }
    }

    /// The name for people.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Canditech => "Canditech",
            Self::GreenhousePartner => "Greenhouse partner",
        }
    }
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
        typed: server::take_input(FORM).await?,
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
    /// Another protocol while invites are under way, and nobody confirmed it; nothing was stored.
    InvitesUnderWay,
    /// Another protocol while a send is under way; nothing was stored.
    SendUnderWay,
}

/// Stores the account and tests it; an empty key keeps the one that is stored.
#[server(endpoint = "save_canditech")]
pub async fn save_canditech(
    protocol: ProtocolName,
    base_url: String,
    api_key: String,
    #[server(default)] switch: bool,
) -> Result<Saved, Problem> {
    let member = server::member().await?;
    let key = Some(api_key.trim()).filter(|key| !key.is_empty()).map(secrecy::SecretString::from);
    let other = if switch { OtherProtocol::Confirmed } else { OtherProtocol::Ask };
    let engine = server::engine();
    let tested = engine::provider::save_and_test(&engine, &member, protocol.into(), base_url.trim(), key, other).await;
    let (saved, query) = match tested {
        Ok(_) => (Saved::Tested, ""),
        Err(FlowError::Refused(Refusal::BaseUrl)) => (Saved::AddressRefused, "?problem=address"),
        Err(FlowError::Refused(Refusal::Key)) => (Saved::KeyRefused, "?problem=key"),
        Err(FlowError::Refused(Refusal::InvitesUnderWay)) => (Saved::InvitesUnderWay, "?problem=invites"),
        Err(FlowError::Refused(Refusal::SendUnderWay)) => (Saved::SendUnderWay, "?problem=send"),
        Err(error) => return Err(error.into()),
    };
    keep_typed(saved, Typed { protocol, base_url }).await?;
    go_on_from_plain_form(&format!("{}{query}", route::CANDITECH));
    Ok(saved)
}

/// Makes another callback secret; the one before counts for another day.
#[server(endpoint = "renew_callback_secret")]
pub async fn renew_callback_secret() -> Result<(), Problem> {
    let member = server::member().await?;
    engine::provider::renew_callback_secret(&server::engine(), &member).await?;
    go_on_from_plain_form(&format!("{}#callback", route::CANDITECH));
    Ok(())
}

/// Ends the callback secret before the present one at once.
#[server(endpoint = "end_former_callback_secret")]
pub async fn end_former_callback_secret() -> Result<(), Problem> {
    let member = server::member().await?;
    engine::provider::end_former_callback_secret(&server::engine(), &member).await?;
    go_on_from_plain_form(&format!("{}#callback", route::CANDITECH));
    Ok(())
}

/// Keeps what a refused form held for the page; never the key.
#[cfg(feature = "ssr")]
async fn keep_typed(saved: Saved, typed: Typed) -> Result<(), Problem> {
    match saved {
        Saved::Tested => Ok(()),
        Saved::AddressRefused | Saved::KeyRefused | Saved::InvitesUnderWay | Saved::SendUnderWay => {
            server::keep_input(FORM, &typed).await
        }
    }
}

#[cfg(feature = "ssr")]
const FORM: &str = "canditech";

#[cfg(feature = "ssr")]
impl From<ProtocolName> for engine::provider::Protocol {
    fn from(name: ProtocolName) -> Self {
        match name {
            ProtocolName::Canditech => Self::Canditech,
            ProtocolName::GreenhousePartner => Self::GreenhousePartner,
        }
    }
}

#[cfg(feature = "ssr")]
impl From<engine::provider::Protocol> for ProtocolName {
    fn from(protocol: engine::provider::Protocol) -> Self {
        match protocol {
            engine::provider::Protocol::Canditech => Self::Canditech,
            engine::provider::Protocol::GreenhousePartner => Self::GreenhousePartner,
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
impl From<engine::provider::Capabilities> for Abilities {
    fn from(can: engine::provider::Capabilities) -> Self {
        Self {
            recognises: can.find_by_reference || can.idempotency,
            verdict_read: can.verdict_read,
            verdict_write: can.verdict_write,
            deadline: can.deadline,
            erases: can.erase,
            signed_callbacks: can.callback == engine::provider::Callback::Signed,
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
            former_secret_until: account.former_callback_until.map(|at| at.0),
            last_callback_at: account.last_callback_at.map(|at| at.0),
            assessments: account.assessments,
            elsewhere: account.elsewhere,
            can: account.capabilities.into(),
        }
    }
}
