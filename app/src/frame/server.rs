//! What the frame shows of the person, the organization and the chain.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::problem::Problem;
#[cfg(feature = "ssr")]
use crate::server;

/// The frame's facts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FrameView {
    pub organization: String,
    pub person: String,
    pub email: String,
    pub role: String,
    /// Whether the audit log is for this person.
    pub may_audit: bool,
    pub chain: ChainView,
}

/// The whole chain in one line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChainView {
    pub well: bool,
    pub sentence: String,
    pub last_event_at: Option<i64>,
    pub stopped: Option<String>,
    /// By whoever runs the installation: no page of ours can mend it.
    pub paused: bool,
}

/// Reads the frame.
#[server(prefix = "/api", endpoint = "read_frame")]
pub async fn read_frame() -> Result<FrameView, Problem> {
    let member = server::member().await?;
    let chain = engine::checklist::chain(&server::engine(), &member).await?;
    Ok(FrameView {
        role: member.role.words().to_owned(),
        may_audit: member.may(engine::access::Permission::ReadAudit),
        organization: member.organization_name,
        person: member.name,
        email: member.email,
        chain: ChainView {
            well: chain.well,
            sentence: chain.sentence,
            last_event_at: chain.last_event_at.map(|at| at.0),
            stopped: chain.stopped,
            paused: chain.paused,
        },
    })
}

/// Signs out; a plain form, so that nothing of the session stays in the page.
#[server(prefix = "/api", endpoint = "sign_out")]
pub async fn sign_out() -> Result<(), Problem> {
    server::end_session().await?;
    server::go_to(crate::route::SIGN_IN);
    Ok(())
}
