//! What a person decides about invites that do not go on by themselves: late, failed and unclear ones.

use super::{
    Decision, InviteState, Row,
    change::{self, News},
    entity::{Invite, WaitingFor, entry},
    reconcile::enqueue_send,
    state::Event,
    store::{self, visible},
};
use crate::{
    Engine,
    access::{Member, Permission},
    audit::{self, Action, Deed},
    clock::Moment,
    fault::FlowError,
    id::InviteId,
    provider::Account,
    timeline::Entry,
};

pub(super) async fn awaiting_approval(engine: &Engine, member: &Member) -> Result<Vec<Row>, FlowError> {
    member.require(Permission::ManageAttachments)?;
    Ok(visible::for_approval(&engine.db, member).await?)
}

pub(super) async fn decide(
    engine: &Engine,
    member: &Member,
    invites: &[InviteId],
    decision: Decision,
) -> Result<usize, FlowError> {
    member.require(Permission::ManageAttachments)?;
    let mut done = 0;
    for id in invites {
        done += usize::from(decide_one(engine, member, id, decision).await?);
    }
    Ok(done)
}

async fn decide_one(engine: &Engine, member: &Member, id: &InviteId, decision: Decision) -> Result<bool, FlowError> {
    let Some(seen) = store::get(&engine.db, &member.organization, id).await? else { return Ok(false) };
    let may_repeat = can_recognise_a_repeat(engine, &seen).await;
    let now = engine.clock.now();
    let mut tx = engine.db.write().await?;
    let Some(mut invite) = store::hold(&mut tx, &member.organization, id).await? else { return Ok(false) };
    let before = vec![("state", invite.state.slug().to_owned())];
    let Some(told) = carry_out(&mut invite, decision, may_repeat, &member.name, now) else { return Ok(false) };
    change::keep(&mut tx, &mut invite, &[told], now).await?;
    if invite.state == InviteState::Queued {
        enqueue_send(&mut tx, &invite, now).await?;
    }
    let after = vec![("decision", decision.slug().to_owned()), ("state", invite.state.slug().to_owned())];
    let deed = Deed { action: Action::InviteDecided, subject: id.as_str(), before, after };
    audit::record(&mut tx, member, &deed, now).await?;
    tx.commit().await?;
    let mut news = News::default();
    news.of(&invite);
    news.tell(engine, &member.organization);
    Ok(true)
}

/// Whether the provider itself guards against a second send; otherwise the person's word is all there is.
async fn can_recognise_a_repeat(engine: &Engine, invite: &Invite) -> Repeat {
    let can = Account::open(engine, &invite.account).await.map(|account| account.capabilities());
    if can.is_ok_and(|can| can.find_by_reference || can.idempotency) { Repeat::Recognised } else { Repeat::Blind }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Repeat {
    Recognised,
    Blind,
}

/// Changes the invite as decided; `None` when that no longer fits.
fn carry_out(invite: &mut Invite, decision: Decision, repeat: Repeat, by: &str, now: Moment) -> Option<Entry> {
    if invite.anonymized_at.is_some() {
        return None;
    }
    let fits = match decision {
        Decision::Send => {
            let late = invite.state == InviteState::Waiting && invite.waiting_for == Some(WaitingFor::Approval);
            late || matches!(invite.state, InviteState::Failed | InviteState::Unclear)
        }
        Decision::WasSent => invite.state == InviteState::Unclear,
        Decision::Drop => matches!(invite.state, InviteState::Waiting | InviteState::Unclear),
    };
    // What failed at the provider after it was sent is no longer ours to send.
    if !fits || (invite.state == InviteState::Failed && invite.provider_invite.is_some()) {
        return None;
    }
    let (event, reason, kind, sentence) = match decision {
        Decision::Send => (Event::Go, None, "due", format!("{by} had it sent.")),
        Decision::WasSent => (Event::Sent, None, "sent", format!("{by} says that it was sent.")),
        Decision::Drop => {
            let why = format!("{by} decided not to send it.");
            (Event::Cancelled, Some(why.clone()), "cancelled", why)
        }
    };
    if !invite.take(event, reason) {
        return None;
    }
    if decision == Decision::Send && repeat == Repeat::Blind {
        invite.was_never_sent();
    }
    if decision == Decision::WasSent {
        invite.sent_at = Some(now);
    }
    Some(entry(now, kind, sentence, None))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::invite::sample;

    const NOW: Moment = Moment(9);

    fn in_state(state: InviteState) -> Invite {
        Invite { state, send_intent_at: Some(Moment(1)), ..sample() }
    }

    #[test]
    fn an_unclear_one_is_sent_again_only_on_a_persons_word() {
        let mut invite = in_state(InviteState::Unclear);
        assert!(carry_out(&mut invite, Decision::Send, Repeat::Recognised, "Nora", NOW).is_some());
        assert_eq!((invite.state, invite.send_intent_at), (InviteState::Queued, Some(Moment(1))));
        let mut blind = in_state(InviteState::Unclear);
        assert!(carry_out(&mut blind, Decision::Send, Repeat::Blind, "Nora", NOW).is_some());
        assert_eq!(blind.send_intent_at, None);
        let mut sent = in_state(InviteState::Unclear);
        assert!(carry_out(&mut sent, Decision::WasSent, Repeat::Blind, "Nora", NOW).is_some());
        assert_eq!((sent.state, sent.sent_at), (InviteState::Sent, Some(NOW)));
    }

    #[test]
    fn what_is_under_way_or_over_is_nobodys_to_send_or_drop() {
        for state in [InviteState::Sent, InviteState::Started, InviteState::Completed, InviteState::Queued] {
            for decision in [Decision::Send, Decision::WasSent, Decision::Drop] {
                assert_eq!(carry_out(&mut in_state(state), decision, Repeat::Recognised, "Nora", NOW), None);
            }
        }
        let mut paused = Invite { waiting_for: Some(WaitingFor::Paused), ..in_state(InviteState::Waiting) };
        assert_eq!(carry_out(&mut paused, Decision::Send, Repeat::Recognised, "Nora", NOW), None);
    }
}
