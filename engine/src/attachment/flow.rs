//! What people do with attachments: attach, pause, resume, remove, edit. None of it invites anybody by
//! itself; entries during a pause go on at its end.

use super::{AttachmentState, NewAttachment, Warning, decision::Attachment, store};
use crate::{
    Engine,
    access::{Member, Permission},
    audit::{self, Action, Deed, Facts},
    clock::Moment,
    db::Tx,
    fault::{FlowError, Refusal},
    id::{AssessmentId, AttachmentId, PostingId},
    invite,
    job::{self, Work},
    lever::{self, Api, LeverError},
    live::Change,
    provider::{self, AccountState, Assessment, AssessmentState},
};

pub(super) async fn warnings(engine: &Engine, member: &Member, new: &NewAttachment) -> Result<Vec<Warning>, FlowError> {
    member.require(Permission::ManageAttachments)?;
    let mut warnings = Vec::new();
    if let Some(id) = &new.posting
        && let Some(posting) = lever::posting(engine, &member.organization, id).await?
        && posting.state != "published"
        && posting.state != "internal"
    {
        warnings.push(Warning::PostingNotOpen { state: posting.state });
    }
    let on_stage = store::on_stage(engine.db.read(), &member.organization, &new.stage).await?;
    let (same, others): (Vec<_>, Vec<_>) =
        on_stage.iter().filter(|it| it.posting == new.posting).partition(|it| it.assessment == new.assessment);
    if !same.is_empty() {
        warnings.push(Warning::AlreadyAttached);
    }
    if !others.is_empty() {
        let assessments = others.iter().map(|it| it.assessment_name.clone()).collect();
        warnings.push(Warning::AlsoAttached { assessments });
    }
    if new.posting.is_some()
        && let Some(any) = on_stage.iter().find(|it| it.posting.is_none())
    {
        warnings.push(Warning::ReplacesAnyPosition { assessment: any.assessment_name.clone() });
    }
    if let Some(account) = provider::account(engine, member).await?
        && account.state == AccountState::CannotSend
    {
        warnings.push(Warning::ProviderCannotSend);
    }
    Ok(warnings)
}

pub(super) async fn attach(engine: &Engine, member: &Member, new: NewAttachment) -> Result<AttachmentId, FlowError> {
    member.require(Permission::ManageAttachments)?;
    let account = provider::account(engine, member).await?.ok_or(FlowError::Refused(Refusal::NoProvider))?;
    let assessment = offered(engine, member, &new.assessment).await?;
    exists_in_lever(engine, member, &new).await?;
    let now = engine.clock.now();
    let attachment = Attachment {
        id: AttachmentId::new(),
        posting: new.posting,
        stage: new.stage,
        account: account.id,
        assessment: assessment.id,
        assessment_name: assessment.name,
        state: AttachmentState::Active,
        active_from: engine.levers_clock.at(now),
        valid_days: new.valid_days,
    };
    let mut tx = engine.db.write().await?;
    add(engine, &mut tx, member, &attachment, now).await?;
    let deed = Deed { after: facts(&attachment), ..Deed::plain(Action::Attached, attachment.id.as_str()) };
    audit::record(&mut tx, member, &deed, now).await?;
    tx.commit().await?;
    tell(engine, member);
    Ok(attachment.id)
}

/// The assessment, if it can be sent.
async fn offered(engine: &Engine, member: &Member, id: &AssessmentId) -> Result<Assessment, FlowError> {
    let all = provider::assessments(engine, member).await?;
    let found = all.into_iter().find(|it| it.id == *id && it.state == AssessmentState::Active);
    found.ok_or(FlowError::Refused(Refusal::AssessmentGone))
}

/// Reads position and stage from Lever again: our copy may be old.
async fn exists_in_lever(engine: &Engine, member: &Member, new: &NewAttachment) -> Result<(), FlowError> {
    let api = Api::new(engine, &member.organization);
    if let Some(posting) = &new.posting {
        exists(api.posting(posting).await, Refusal::PostingGone)?;
    }
    exists(api.stage(&new.stage).await, Refusal::StageGone)
}

fn exists<T>(read: Result<Option<T>, LeverError>, gone: Refusal) -> Result<(), FlowError> {
    match read {
        Ok(Some(_)) => Ok(()),
        Ok(None) | Err(LeverError::NotFound | LeverError::Forbidden) => Err(FlowError::Refused(gone)),
        Err(LeverError::NotConnected) => Err(FlowError::NotConnected),
        Err(error) => Err(error.into()),
    }
}

async fn add(
    engine: &Engine,
    tx: &mut Tx,
    member: &Member,
    attachment: &Attachment,
    now: Moment,
) -> Result<(), FlowError> {
    if !store::insert(tx, &member.organization, attachment, &member.name, now).await? {
        return Err(FlowError::Refused(Refusal::AlreadyAttached));
    }
    store::bookmark(tx, &member.organization, &attachment.stage, engine.levers_clock.at(now)).await?;
    let poll = Work::CatchUp { stage: attachment.stage.clone() };
    job::enqueue(tx, &member.organization, &poll, now.after(engine.settings.catch_up), None).await?;
    Ok(())
}

/// What an attachment is, for the audit log.
fn facts(attachment: &Attachment) -> Facts {
    let mut facts = vec![
        ("posting", attachment.posting.as_ref().map_or("any", PostingId::as_str).to_owned()),
        ("stage", attachment.stage.to_string()),
        ("assessment", attachment.assessment.to_string()),
        ("state", attachment.state.slug().to_owned()),
    ];
    facts.extend(attachment.valid_days.map(|days| ("valid_days", days.to_string())));
    facts
}

async fn changed(
    tx: &mut Tx,
    member: &Member,
    attachment: &Attachment,
    before: Facts,
    now: Moment,
) -> Result<(), FlowError> {
    let (subject, after) = (attachment.id.as_str(), facts(attachment));
    Ok(audit::record(tx, member, &Deed { action: Action::AttachmentChanged, subject, before, after }, now).await?)
}

fn tell(engine: &Engine, member: &Member) {
    engine.live.tell(&member.organization, Change::SetUp);
    engine.wake.notify_one();
}

async fn find(engine: &Engine, member: &Member, id: &AttachmentId) -> Result<Attachment, FlowError> {
    member.require(Permission::ManageAttachments)?;
    let found = store::get(&engine.db, &member.organization, id).await?;
    found.filter(|it| it.state != AttachmentState::Removed).ok_or(FlowError::NotFound)
}

pub(super) async fn set_state(
    engine: &Engine,
    member: &Member,
    id: &AttachmentId,
    state: AttachmentState,
    version: i64,
) -> Result<(), FlowError> {
    let mut attachment = find(engine, member, id).await?;
    let before = facts(&attachment);
    let now = engine.clock.now();
    // Who entered during the pause goes on at its end, heard of by then or not.
    let resumes = attachment.state == AttachmentState::Paused && state == AttachmentState::Active;
    attachment.state = state;
    let mut tx = engine.db.write().await?;
    if !store::update(&mut tx, &member.organization, &attachment, version, now).await? {
        return Err(FlowError::Conflict);
    }
    let news = invite::follow_attachment(&mut tx, &member.organization, &attachment.id, state, now).await?;
    if resumes {
        let poll = Work::CatchUp { stage: attachment.stage.clone() };
        job::enqueue(&mut tx, &member.organization, &poll, now.after(engine.settings.catch_up), None).await?;
    }
    changed(&mut tx, member, &attachment, before, now).await?;
    tx.commit().await?;
    news.tell(engine, &member.organization);
    tell(engine, member);
    Ok(())
}

pub(super) async fn edit(
    engine: &Engine,
    member: &Member,
    id: &AttachmentId,
    assessment: AssessmentId,
    valid_days: Option<i64>,
    version: i64,
) -> Result<AttachmentId, FlowError> {
    let mut old = find(engine, member, id).await?;
    let now = engine.clock.now();
    let before = facts(&old);
    if old.assessment == assessment {
        old.valid_days = valid_days;
        let mut tx = engine.db.write().await?;
        if !store::update(&mut tx, &member.organization, &old, version, now).await? {
            return Err(FlowError::Conflict);
        }
        changed(&mut tx, member, &old, before, now).await?;
        tx.commit().await?;
        tell(engine, member);
        return Ok(old.id);
    }
    let assessment = offered(engine, member, &assessment).await?;
    let new = Attachment {
        id: AttachmentId::new(),
        assessment: assessment.id,
        assessment_name: assessment.name,
        active_from: engine.levers_clock.at(now),
        valid_days,
        ..old.clone()
    };
    old.state = AttachmentState::Removed;
    let mut tx = engine.db.write().await?;
    if !store::update(&mut tx, &member.organization, &old, version, now).await? {
        return Err(FlowError::Conflict);
    }
    add(engine, &mut tx, member, &new, now).await?;
    // Future entries only: what is on its way keeps its assessment, under the attachment that holds now.
    invite::hand_over(&mut tx, &member.organization, &old.id, &new.id).await?;
    let mut after = facts(&new);
    after.push(("attachment", new.id.to_string()));
    let deed = Deed { action: Action::AttachmentReplaced, subject: old.id.as_str(), before, after };
    audit::record(&mut tx, member, &deed, now).await?;
    tx.commit().await?;
    tell(engine, member);
    Ok(new.id)
}
