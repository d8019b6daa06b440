//! Who stands in an attachment's stage already: shown with a preview, invited only when chosen.

use super::{
    Standing,
    decision::{self, Answer, Attachment, Start},
    store,
};
use crate::{
    Engine,
    access::{Member, Permission},
    audit::{self, Action, Deed},
    fault::{FlowError, StoreError},
    id::{AttachmentId, OpportunityId},
    invite::{self, WaitingFor},
    lever::{Api, LeverError, Opportunity},
};

pub(super) async fn standing(engine: &Engine, member: &Member, id: &AttachmentId) -> Result<Vec<Standing>, FlowError> {
    let (attachment, all) = find(engine, member, id).await?;
    let mut standing = Vec::new();
    for opportunity in there(engine, member, &attachment).await? {
        let why_not = why_not(engine, member, &attachment, &all, &opportunity).await?;
        standing.push(Standing {
            why_not: why_not.map(str::to_owned),
            opportunity: opportunity.id,
            name: opportunity.name,
            entered_at: opportunity.entered_stage_at,
        });
    }
    Ok(standing)
}

async fn find(engine: &Engine, member: &Member, id: &AttachmentId) -> Result<(Attachment, Vec<Attachment>), FlowError> {
    member.require(Permission::ManageAttachments)?;
    let found = store::get(&engine.db, &member.organization, id).await?.ok_or(FlowError::NotFound)?;
    let all = store::on_stage(engine.db.read(), &member.organization, &found.stage).await?;
    let attachment = all.iter().find(|it| it.id == *id).cloned().ok_or(FlowError::NotFound)?;
    Ok((attachment, all))
}

async fn there(engine: &Engine, member: &Member, attachment: &Attachment) -> Result<Vec<Opportunity>, FlowError> {
    let api = Api::new(engine, &member.organization);
    let read = api.opportunities_in(&attachment.stage, attachment.posting.as_ref(), None).await;
    read.map_err(|error| match error {
        LeverError::NotConnected => FlowError::NotConnected,
        error => error.into(),
    })
}

async fn why_not(
    engine: &Engine,
    member: &Member,
    attachment: &Attachment,
    all: &[Attachment],
    opportunity: &Opportunity,
) -> Result<Option<&'static str>, StoreError> {
    let had = invite::given(&engine.db, &member.organization, &opportunity.id, opportunity.entered_stage_at).await?;
    let decided = decision::decide(opportunity, all, &had, Some(&attachment.id));
    let answer = decided.into_iter().find(|(it, _)| it.id == attachment.id).map(|(_, answer)| answer);
    Ok(match answer {
        Some(Answer::Match(Start::Now)) | None => None,
        Some(Answer::Match(Start::Waits(what))) => Some(waits(what)),
        Some(Answer::No(reason)) => Some(reason.words()),
    })
}

fn waits(what: WaitingFor) -> &'static str {
    match what {
        WaitingFor::Email | WaitingFor::OtherEmail => "has no e-mail address in Lever: it would wait for one",
        WaitingFor::Posting => "has no position in Lever: it would wait for one",
        WaitingFor::Paused => "the attachment is paused: it would wait",
        WaitingFor::Lever | WaitingFor::Provider | WaitingFor::Approval => "it would wait",
    }
}

pub(super) async fn invite_standing(
    engine: &Engine,
    member: &Member,
    id: &AttachmentId,
    chosen: &[OpportunityId],
) -> Result<usize, FlowError> {
    let (attachment, _) = find(engine, member, id).await?;
    let read_at = engine.clock.now();
    // Before anybody is invited: a server that dies in the middle leaves the word of who wanted it.
    let after = vec![("candidates", chosen.len().to_string())];
    let deed = Deed { after, ..Deed::plain(Action::StandingInvited, id.as_str()) };
    let mut tx = engine.db.write().await?;
    audit::record(&mut tx, member, &deed, read_at).await?;
    tx.commit().await?;
    let mut due = 0;
    for opportunity in there(engine, member, &attachment).await? {
        if chosen.contains(&opportunity.id) {
            let acted =
                invite::reconcile::act_on(engine, &member.organization, &opportunity, read_at, Some(id)).await?;
            due += acted.due;
        }
    }
    Ok(due)
}
