//! What needs a person, each with what mends it, as far as that person may do it.

use super::{Decision, Filter, InviteState, Need, Page, Remedy, entity::Invite, entity::WaitingFor, store, view};
use crate::{
    Engine,
    access::{Member, Permission},
    attachment::{self, AttachmentRow, AttachmentState},
    fault::FlowError,
    id::AttachmentId,
};

pub(super) async fn needs(engine: &Engine, member: &Member, most: usize) -> Result<(Vec<Need>, Page), FlowError> {
    let page = view::page(engine, member, &Filter { needs_attention: true, ..Filter::default() }).await?;
    let mut needs = Vec::new();
    for row in page.rows.iter().take(most) {
        let invite = store::get(&engine.db, &member.organization, &row.id).await?;
        let remedies = match invite {
            Some(invite) => remedies(&invite, member, attachment(engine, member, &invite).await?.as_ref()),
            None => Vec::new(),
        };
        needs.push(Need { row: row.clone(), remedies });
    }
    Ok((needs, page))
}

/// The attachment it came of, for those who may change it.
async fn attachment(engine: &Engine, member: &Member, invite: &Invite) -> Result<Option<AttachmentRow>, FlowError> {
    if !member.may(Permission::ManageAttachments) {
        return Ok(None);
    }
    match attachment::get(engine, member, &invite.attachment).await {
        Ok(row) => Ok(Some(row)),
        Err(FlowError::NotFound) => Ok(None),
        Err(error) => Err(error),
    }
}

fn remedies(invite: &Invite, member: &Member, attachment: Option<&AttachmentRow>) -> Vec<Remedy> {
    let may_decide = member.may(Permission::ManageAttachments);
    let mut remedies = Vec::new();
    match invite.state {
        InviteState::Waiting => {
            remedies.extend(of_waiting(invite, member, attachment));
            if may_decide && invite.waiting_for == Some(WaitingFor::Approval) {
                remedies.push(Remedy::Decide(Decision::Send));
            }
            if may_decide {
                remedies.push(Remedy::Decide(Decision::Drop));
            }
        }
        // What failed at the provider after it was sent is no longer ours to send.
        InviteState::Failed if invite.sent_at.is_none() && invite.provider_invite.is_none() && may_decide => {
            let gone = attachment.filter(|it| it.not_offered.is_some());
            remedies.extend(gone.map(|it| Remedy::ChangeAttachment(it.id.clone())));
            remedies.push(Remedy::Decide(Decision::Send));
        }
        InviteState::Unclear if may_decide => {
            remedies.extend([Decision::WasSent, Decision::Send, Decision::Drop].map(Remedy::Decide));
        }
        InviteState::Failed
        | InviteState::Unclear
        | InviteState::Queued
        | InviteState::Sent
        | InviteState::Started
        | InviteState::Completed
        | InviteState::Expired
        | InviteState::Declined
        | InviteState::Cancelled => {}
    }
    remedies
}

fn of_waiting(invite: &Invite, member: &Member, attachment: Option<&AttachmentRow>) -> Option<Remedy> {
    let may_connect = member.may(Permission::ManageConnection);
    match invite.waiting_for? {
        WaitingFor::Email | WaitingFor::OtherEmail | WaitingFor::Posting => {
            invite.lever_url.clone().map(Remedy::OpenInLever)
        }
        WaitingFor::Lever => may_connect.then_some(Remedy::Connect),
        WaitingFor::Provider => may_connect.then_some(Remedy::Provider),
        WaitingFor::Paused => attachment.map(|it| Remedy::Resume(it.id.clone())),
        WaitingFor::Approval => None,
    }
}

pub(super) async fn resume(engine: &Engine, member: &Member, id: &AttachmentId) -> Result<(), FlowError> {
    let row = attachment::get(engine, member, id).await?;
    if row.state != AttachmentState::Paused {
        return Err(FlowError::Conflict);
    }
    attachment::set_state(engine, member, id, AttachmentState::Active, row.version).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{access::Role, clock::Moment, id::UserId, invite::sample};

    fn member(role: Role) -> Member {
        Member {
            organization: "org_1".into(),
            organization_name: "Halden Instruments".into(),
            user: UserId::new(),
            name: "Nora".into(),
            email: "nora@halden.example".into(),
            role,
            lever_user: None,
            from: None,
        }
    }

    fn waiting(what: WaitingFor) -> Invite {
        let lever_url = Some("https://hire.lever.co/candidates/o1".into());
        Invite { state: InviteState::Waiting, waiting_for: Some(what), lever_url, ..sample() }
    }

    fn of(invite: &Invite, role: Role) -> Vec<Remedy> {
        remedies(invite, &member(role), None)
    }

    #[test]
    fn each_trouble_has_what_mends_it_first() {
        let first = |what| of(&waiting(what), Role::SuperAdmin).remove(0);
        let profile = Remedy::OpenInLever("https://hire.lever.co/candidates/o1".into());
        for what in [WaitingFor::Email, WaitingFor::OtherEmail, WaitingFor::Posting] {
            assert_eq!(first(what), profile);
        }
        assert_eq!(first(WaitingFor::Lever), Remedy::Connect);
        assert_eq!(first(WaitingFor::Provider), Remedy::Provider);
        assert_eq!(first(WaitingFor::Approval), Remedy::Decide(Decision::Send));
        let unclear = Invite { state: InviteState::Unclear, ..sample() };
        assert_eq!(of(&unclear, Role::Admin), [Decision::WasSent, Decision::Send, Decision::Drop].map(Remedy::Decide));
        let failed = Invite { state: InviteState::Failed, ..sample() };
        assert_eq!(of(&failed, Role::Admin), [Remedy::Decide(Decision::Send)]);
        let sent = Invite { sent_at: Some(Moment(1)), ..failed };
        assert_eq!(of(&sent, Role::SuperAdmin), []);
    }

    #[test]
    fn nobody_is_offered_what_their_role_does_not_allow() {
        let drop = [Remedy::Decide(Decision::Drop)];
        assert_eq!(of(&waiting(WaitingFor::Lever), Role::Admin), drop);
        assert_eq!(of(&waiting(WaitingFor::Provider), Role::Admin), drop);
        for what in [WaitingFor::Lever, WaitingFor::Provider, WaitingFor::Paused, WaitingFor::Approval] {
            assert_eq!(of(&waiting(what), Role::TeamMember), []);
        }
        assert_eq!(of(&waiting(WaitingFor::Email), Role::LimitedTeamMember).len(), 1);
        assert_eq!(of(&Invite { state: InviteState::Failed, ..sample() }, Role::TeamMember), []);
        assert_eq!(of(&Invite { state: InviteState::Unclear, ..sample() }, Role::TeamMember), []);
    }
}
