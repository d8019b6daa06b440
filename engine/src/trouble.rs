//! What stands in an organization's way as a whole: the connection, the provider's account, attachments
//! that can send nothing, work that was given up. For those who may mend it; others see it on each invite.

use crate::{
    Engine,
    access::{Member, Permission},
    attachment::{self, AttachmentState, NotOffered},
    connection::{self, ConnectionState},
    fault::FlowError,
    id::{AttachmentId, InviteId, JobId},
    job,
    provider::{self, AccountState},
};

/// So much unfinished work is looked through.
const LOOKED_THROUGH: i64 = 100;

/// One thing that stands in the way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trouble {
    /// There was a connection, and it works no more.
    Lever { state: ConnectionState, reason: Option<String> },
    /// The provider's account cannot send.
    Provider { state: AccountState, reason: Option<String> },
    /// An attachment that can send nothing.
    Attachment { id: AttachmentId, assessment: String, stage: String, gone: Gone },
    /// Work that was given up, and that a person may have done again.
    Work { id: JobId, kind: String, error: Option<String>, invite: Option<InviteId> },
}

/// What is not there (any more).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gone {
    Stage,
    Assessment(NotOffered),
}

/// What stands in the way, the widest first; nothing for those who may not mend it.
///
/// # Errors
/// When the database fails.
pub async fn standing(engine: &Engine, member: &Member) -> Result<Vec<Trouble>, FlowError> {
    if !member.may(Permission::ManageAttachments) {
        return Ok(Vec::new());
    }
    let mut all = Vec::new();
    all.extend(of_lever(engine, member).await?);
    all.extend(of_provider(engine, member).await?);
    all.extend(of_attachments(engine, member).await?);
    all.extend(of_work(engine, member).await?);
    Ok(all)
}

async fn of_lever(engine: &Engine, member: &Member) -> Result<Option<Trouble>, FlowError> {
    let overview = connection::overview(engine, member).await?;
    let broken = overview.filter(|overview| overview.state != ConnectionState::Connected);
    Ok(broken.map(|overview| Trouble::Lever { state: overview.state, reason: overview.state_reason }))
}

async fn of_provider(engine: &Engine, member: &Member) -> Result<Option<Trouble>, FlowError> {
    let account = provider::account(engine, member).await?;
    Ok(account.and_then(|account| match account.state {
        AccountState::CannotSend | AccountState::Refused | AccountState::Unreachable => {
            Some(Trouble::Provider { state: account.state, reason: account.state_reason })
        }
        AccountState::Ok | AccountState::Untested => None,
    }))
}

async fn of_attachments(engine: &Engine, member: &Member) -> Result<Vec<Trouble>, FlowError> {
    let all = attachment::list(engine, member).await?;
    let active = all.into_iter().filter(|row| row.state == AttachmentState::Active);
    let stuck = active.filter_map(|row| {
        let gone = if row.stage_gone { Gone::Stage } else { Gone::Assessment(row.not_offered?) };
        Some(Trouble::Attachment { id: row.id, assessment: row.assessment_name, stage: row.stage_name, gone })
    });
    Ok(stuck.collect())
}

/// A send that was given up is its invite's to mend.
async fn of_work(engine: &Engine, member: &Member) -> Result<Vec<Trouble>, FlowError> {
    let work = job::unfinished(engine, member, LOOKED_THROUGH).await?;
    let dead = work.into_iter().filter(|row| row.state == "dead" && row.kind != "send");
    let trouble =
        |row: job::JobRow| Trouble::Work { id: row.id, kind: row.kind, error: row.last_error, invite: row.invite };
    Ok(dead.map(trouble).collect())
}
