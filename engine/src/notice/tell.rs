//! The run that tells, and what may not be told any more.

use super::{Channel, Kind, New, Stored, digest, mail::Mail, outage::Known, store, tell, text, webhook};
use crate::{
    Engine,
    access::{self, Member, Permission, Way},
    clock::Moment,
    db::Tx,
    fault::{FlowError, StoreError},
    id::{InviteId, NoticeId, OrganizationId},
    invite::{self, InviteState},
    job::{Outcome, Run},
    verdict::Verdict,
};

/// Tells a notice, if it is still to be told.
pub(crate) async fn notify(engine: &Engine, organization: &OrganizationId, id: &NoticeId) -> Run {
    let Some(notice) = store::get(&engine.db, organization, id).await? else { return Ok(Outcome::Done) };
    if notice.told_at.is_some() {
        return Ok(Outcome::Done);
    }
    let told = match notice.channel {
        Channel::Mail => by_mail(engine, organization, &notice).await?,
        Channel::Webhook => webhook::deliver(engine, organization, &notice).await?,
    };
    if told {
        let mut tx = engine.db.write().await?;
        store::told(&mut tx, id, engine.clock.now()).await?;
        tx.commit().await?;
    }
    Ok(Outcome::Done)
}

async fn by_mail(engine: &Engine, organization: &OrganizationId, notice: &Stored) -> Result<bool, Outcome> {
    let Some(mailer) = &engine.mailer else { return Err(Outcome::Dead("no mail server is set up any more".into())) };
    let letter = letter(engine, organization, notice).await.map_err(|error| Outcome::retry(error.to_string()))?;
    let Some((to, mail)) = letter else { return Ok(false) };
    mailer.send(&notice.id, &to, &mail, engine.clock.now()).await.map_err(|error| {
        if error.is_for_now() { Outcome::retry(error.to_string()) } else { Outcome::Dead(error.to_string()) }
    })?;
    Ok(true)
}

/// The mail and whom it is for; `None` when there is nothing to tell any more, or nobody who may hear it.
async fn letter(
    engine: &Engine,
    organization: &OrganizationId,
    notice: &Stored,
) -> Result<Option<(String, Mail)>, FlowError> {
    match notice.kind {
        Kind::Invitation => {
            let open = access::open_invitation(engine, organization, &notice.about).await?;
            return Ok(open.map(|(invitation, name)| (invitation.email.clone(), text::invitation(&invitation, &name))));
        }
        Kind::PasswordReset => {
            let open = access::reset::open(engine, &notice.about).await?;
            return Ok(open.map(|(email, link)| (email.clone(), text::password_reset(&email, &link))));
        }
        Kind::Broken | Kind::Restored | Kind::Digest | Kind::Completed => {}
    }
    let Some(user) = &notice.user else { return Ok(None) };
    let member = access::member_in(engine, user, Some(organization), Way::Vouched).await?;
    let Some(member) = member.filter(|member| member.organization == *organization) else { return Ok(None) };
    let mail = to_member(engine, &member, notice).await?;
    Ok(mail.map(|mail| (member.email, mail)))
}

async fn to_member(engine: &Engine, member: &Member, notice: &Stored) -> Result<Option<Mail>, FlowError> {
    match notice.kind {
        Kind::Broken | Kind::Restored => {
            let may_mend = member.may(Permission::ManageConnection);
            let known = store::known_outage(&engine.db, &notice.about).await?;
            let Some(outage) = known.filter(|known| may_mend && known.organization == member.organization) else {
                return Ok(None);
            };
            if !is_news(engine, notice, &outage).await? {
                return Ok(None);
            }
            Ok(Some(text::outage(engine, member, notice.kind, &outage).await?))
        }
        Kind::Digest => {
            let wants = store::choices(&engine.db, member).await?.digest;
            let digest = if wants { digest::of(engine, member).await? } else { None };
            Ok(digest.map(|digest| text::digest(engine, member, &digest)))
        }
        Kind::Completed => {
            if !store::choices(&engine.db, member).await?.verdicts {
                return Ok(None);
            }
            match invite::detail(engine, member, &notice.about.as_str().into()).await {
                Ok(detail) if detail.row.state == InviteState::Completed && detail.row.verdict == Verdict::NotGiven => {
                    Ok(Some(text::completed(engine, member, &detail.row)))
                }
                Ok(_) | Err(FlowError::NotFound) => Ok(None),
                Err(error) => Err(error),
            }
        }
        Kind::Invitation | Kind::PasswordReset => Ok(None),
    }
}

/// That something broke is told while it lasts, and its end to whoever heard of it.
pub(super) async fn is_news(engine: &Engine, notice: &Stored, outage: &Known) -> Result<bool, StoreError> {
    match (notice.kind, outage.ended_at) {
        (Kind::Broken, ended_at) => Ok(ended_at.is_none()),
        (_, Some(_)) => store::was_told_broken(&engine.db, &outage.organization, notice).await,
        (_, None) => Ok(false),
    }
}

/// Has it told that a candidate completed: to owners who asked for it, and to the organization's systems.
pub(crate) async fn completed(
    engine: &Engine,
    tx: &mut Tx,
    organization: &OrganizationId,
    invite: &InviteId,
    now: Moment,
) -> Result<(), StoreError> {
    let (kind, about) = (Kind::Completed, invite.as_str());
    let by_webhook = New { channel: Channel::Webhook, kind, user: None, about, time: "" };
    tell(engine, tx, organization, &by_webhook, now).await?;
    if engine.mailer.is_none() {
        return Ok(());
    }
    for user in store::owners(tx, organization, invite).await? {
        let by_mail = New { channel: Channel::Mail, kind, user: Some(&user), about, time: "" };
        tell(engine, tx, organization, &by_mail, now).await?;
    }
    Ok(())
}
