//! Each step judged by the facts: what proves it, what is missing, and when a proof is too old.

use std::time::Duration;

use super::{
    Step, StepKind, StepState,
    store::{Connected, Facts},
};
use crate::{clock::Moment, connection::HookFound};
use StepState::{Attention, Done, Open};

/// A proof that is older turns amber by itself.
pub(super) const OLD: Duration = Duration::from_hours(30 * 24);
/// So long before the consent's year ends people are warned.
pub(super) const WARN_BEFORE_END: Duration = Duration::from_hours(30 * 24);
pub(super) const CONSENT_LASTS: Duration = Duration::from_hours(365 * 24);

/// A step before it knows which one it is.
type Judged = (StepState, String, Option<Moment>);

fn judged(state: StepState, proof: impl Into<String>, at: Option<Moment>) -> Judged {
    (state, proof.into(), at)
}

pub(super) fn steps(facts: &Facts, now: Moment) -> Vec<Step> {
    let connection = facts.connection.as_ref();
    let step = |kind, (state, proof, at): Judged| Step { kind, state, proof, at };
    vec![
        step(StepKind::Connected, connected(connection, now)),
        step(StepKind::WebhookCreated, webhook_created(connection)),
        step(StepKind::Verified, verified(connection, now)),
        step(StepKind::StageChangesArrive, stage_changes_arrive(connection, now)),
        step(StepKind::Stage, stage(facts)),
        step(StepKind::Provider, provider(facts)),
        step(StepKind::FirstAttachment, first_attachment(facts)),
        step(StepKind::FirstInvite, first_invite(facts)),
    ]
}

fn connected(connection: Option<&Connected>, now: Moment) -> Judged {
    let Some(connection) = connection else { return judged(Open, "Not connected to Lever yet.", None) };
    if connection.state != "connected" {
        let reason = connection.state_reason.as_deref().unwrap_or("Lever is disconnected.");
        return judged(Attention, reason, Some(connection.state_at()));
    }
    if let Some(since) = connection.down_since.map(Moment) {
        let proof = "Lever does not answer. It is asked again every half minute; then work goes on by itself.";
        return judged(Attention, proof, Some(since));
    }
    let at = connection.connected_at();
    let ends = at.after(CONSENT_LASTS);
    if ends.before(WARN_BEFORE_END) <= now {
        return judged(Attention, format!("The consent ends on {}: connect again before.", day(ends)), Some(at));
    }
    let account = connection.account_name.as_deref().unwrap_or("Lever");
    judged(Done, format!("Connected to {account} by {}.", connection.connected_by), Some(at))
}

/// The day of a moment, as it is written everywhere: 2026-01-15.
pub(super) fn day(moment: Moment) -> String {
    moment.rfc3339().chars().take(10).collect()
}

/// A moment to the minute, in UTC: 2026-01-15 14:05 UTC.
pub(super) fn minute(moment: Moment) -> String {
    let text = moment.rfc3339().replace('T', " ");
    format!("{} UTC", text.chars().take(16).collect::<String>())
}

fn webhook_created(connection: Option<&Connected>) -> Judged {
    let made = connection.and_then(|connection| Some((connection, connection.webhook_made_at()?)));
    let Some((connection, at)) = made else {
        return judged(Open, "We hold no signature token of a webhook yet.", None);
    };
    if let Some((found, seen)) = connection.out_of_order() {
        return judged(Attention, out_of_order(found), Some(seen));
    }
    let proof = match (connection.webhooks_by_api, connection.webhooks_by_hand) {
        (0, _) => "Made by hand in Lever; its signature token is stored.",
        (_, 0) => "Made through Lever's API; its signature token is stored.",
        _ => "Made through Lever's API, and by hand as well; their signature tokens are stored.",
    };
    judged(Done, proof, Some(at))
}

/// What a look at Lever's list of webhooks found wrong, and what that means.
pub(super) fn out_of_order(found: HookFound) -> &'static str {
    match found {
        HookFound::Missing => "The webhook that was made here is no longer in Lever's list. Create it again below.",
        HookFound::Elsewhere => "The webhook in Lever calls another address than ours. Create it again below.",
        HookFound::Narrowed => {
            "The webhook in Lever tells of another event or of some candidates only. Create it again below."
        }
        HookFound::InOrder | HookFound::ByHand | HookFound::Forbidden => "The webhook is in order.",
    }
}

fn verified(connection: Option<&Connected>, now: Moment) -> Judged {
    let nothing = || judged(Open, "No signed ping of Lever's has come yet.", None);
    let Some(connection) = connection else { return nothing() };
    let proved = connection.verified_at();
    let unconfirmed = connection.last_ping_at().filter(|_| connection.last_ping_verified == 0);
    match (proved, unconfirmed) {
        (proved, Some(ping)) if proved.is_none_or(|proved| ping > proved) => {
            let proof = "A ping was received, not verified: no signature token that we hold confirms it.";
            judged(Attention, proof, Some(ping))
        }
        (Some(at), _) if now.since(at) > OLD => {
            judged(Attention, "Verified, but the last signed message is more than 30 days old.", Some(at))
        }
        (Some(at), _) => judged(Done, "Verified by a signed message of Lever's.", Some(at)),
        (None, _) => nothing(),
    }
}

fn stage_changes_arrive(connection: Option<&Connected>, now: Moment) -> Judged {
    if let Some(at) = connection.and_then(Connected::gap_at) {
        let proof = format!("A move on {} was found by asking; no webhook told of it.", minute(at));
        return judged(Attention, proof, Some(at));
    }
    match connection.and_then(Connected::last_event_at) {
        None => judged(Open, "No stage change has come yet: only a real one proves that the webhook is on.", None),
        Some(at) if now.since(at) > OLD => {
            judged(Attention, "No stage change has come for more than 30 days.", Some(at))
        }
        Some(at) => judged(Done, "The last stage change came in.", Some(at)),
    }
}

fn stage(facts: &Facts) -> Judged {
    match (&facts.attached_stage, &facts.named_stage) {
        (Some(name), _) => judged(Done, format!("“{name}” is attached."), None),
        (None, Some(name)) => judged(Done, format!("“{name}” is in Lever's pipeline."), None),
        (None, None) if facts.gone_stages > 0 => {
            judged(Attention, "The attached stage is no longer in Lever's pipeline: nothing can be sent.", None)
        }
        (None, None) => judged(Open, "No stage to send from yet.", None),
    }
}

fn provider(facts: &Facts) -> Judged {
    let Some(account) = &facts.provider else { return judged(Open, "No key of Canditech's yet.", None) };
    let at = account.checked_at.map(Moment);
    let reason = account.state_reason.clone();
    match account.state.as_str() {
        "ok" => {
            let whose = account.account_name.as_deref().map(|name| format!(" of {name}")).unwrap_or_default();
            judged(Done, format!("The key{whose} is accepted."), at)
        }
        "untested" => judged(Open, "The key was not tested yet.", None),
        _ => judged(Attention, reason.unwrap_or_else(|| "The last test failed.".into()), at),
    }
}

fn first_attachment(facts: &Facts) -> Judged {
    let at = facts.first_attached_at.map(Moment);
    match (facts.active_attachments, facts.paused_attachments) {
        (0, 0) => judged(Open, "No assessment is attached to a stage yet.", None),
        (0, _) => judged(Attention, "Every attachment is paused: nothing is sent.", at),
        (1, _) => judged(Done, "One attachment is active.", at),
        (active, _) => judged(Done, format!("{active} attachments are active."), at),
    }
}

fn first_invite(facts: &Facts) -> Judged {
    match facts.first_sent_at.map(Moment) {
        Some(at) => judged(Done, "The first assessment went out.", Some(at)),
        None => judged(Open, "No assessment has gone out yet.", None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checklist::store::Provider;

    const NOW: Moment = Moment(1_790_000_000_000);

    fn ago(days: u64) -> i64 {
        NOW.before(Duration::from_hours(days * 24)).0
    }

    fn connection() -> Connected {
        Connected {
            state: "connected".into(),
            state_reason: None,
            state_at: ago(40),
            account_name: Some("halden.example".into()),
            down_since: None,
            connected_by: "Nora Lindqvist".into(),
            connected_at: ago(40),
            last_ping_at: Some(ago(39)),
            last_ping_verified: 1,
            last_event_at: Some(ago(1)),
            gap_at: None,
            hooks_found: None,
            hooks_looked_at: None,
            webhooks_by_api: 1,
            webhooks_by_hand: 0,
            webhook_made_at: Some(ago(40)),
            verified_at: Some(ago(1)),
        }
    }

    fn facts() -> Facts {
        Facts {
            connection: Some(connection()),
            provider: Some(Provider {
                state: "ok".into(),
                state_reason: None,
                account_name: Some("Halden".into()),
                checked_at: Some(ago(0)),
            }),
            attached_stage: Some("Anything at all".into()),
            named_stage: None,
            gone_stages: 0,
            active_attachments: 1,
            paused_attachments: 0,
            first_attached_at: Some(ago(30)),
            first_sent_at: Some(ago(29)),
        }
    }

    fn state_of(facts: &Facts, kind: StepKind) -> StepState {
        let found = steps(facts, NOW).into_iter().find(|step| step.kind == kind);
        found.expect("every step is there").state
    }

    #[test]
    fn a_new_organization_has_everything_before_it() {
        assert!(steps(&Facts::default(), NOW).iter().all(|step| step.state == Open && step.at.is_none()));
    }

    #[test]
    fn a_working_one_is_done_with_proofs() {
        let steps = steps(&facts(), NOW);
        assert!(steps.iter().all(|step| step.state == Done), "{steps:?}");
        assert_eq!(steps[0].proof, "Connected to halden.example by Nora Lindqvist.");
    }

    #[test]
    fn a_renamed_stage_breaks_nothing_and_a_removed_one_is_told() {
        let named = Facts { attached_stage: None, named_stage: Some("CANDITECH stage".into()), ..facts() };
        assert_eq!(state_of(&named, StepKind::Stage), Done);
        let gone = Facts { attached_stage: None, gone_stages: 1, ..facts() };
        assert_eq!(state_of(&gone, StepKind::Stage), Attention);
    }

    #[test]
    fn verified_and_arriving_are_two_facts() {
        let only_verified = Connected { last_event_at: None, verified_at: Some(ago(2)), ..connection() };
        let facts = Facts { connection: Some(only_verified), ..facts() };
        assert_eq!(state_of(&facts, StepKind::Verified), Done);
        assert_eq!(state_of(&facts, StepKind::StageChangesArrive), Open);
    }

    #[test]
    fn a_gap_stands_until_an_event_comes() {
        let with = |gap_at, last_event_at| Facts {
            connection: Some(Connected { gap_at, last_event_at, ..connection() }),
            ..facts()
        };
        assert_eq!(state_of(&with(Some(ago(1)), Some(ago(2))), StepKind::StageChangesArrive), Attention);
        assert_eq!(state_of(&with(Some(ago(1)), None), StepKind::StageChangesArrive), Attention);
        assert_eq!(state_of(&with(Some(ago(2)), Some(ago(1))), StepKind::StageChangesArrive), Done);
        let steps = steps(&with(Some(NOW.0), None), NOW);
        assert_eq!(steps[3].proof, "A move on 2026-09-21 14:13 UTC was found by asking; no webhook told of it.");
    }

    #[test]
    fn a_webhook_that_lever_lists_no_more_is_no_webhook() {
        for (found, state) in [("missing", Attention), ("narrowed", Attention), ("by_hand", Done), ("forbidden", Done)]
        {
            let seen = Connected { hooks_found: Some(found.into()), hooks_looked_at: Some(ago(0)), ..connection() };
            assert_eq!(
                state_of(&Facts { connection: Some(seen), ..facts() }, StepKind::WebhookCreated),
                state,
                "{found}"
            );
        }
    }

    #[test]
    fn an_unconfirmed_ping_reads_received_not_verified() {
        for verified_at in [None, Some(ago(3))] {
            let ping = Connected { last_ping_at: Some(ago(0)), last_ping_verified: 0, verified_at, ..connection() };
            let facts = Facts { connection: Some(ping), ..facts() };
            let steps = steps(&facts, NOW);
            assert_eq!(steps[2].state, Attention);
            assert!(steps[2].proof.contains("received, not verified"), "{}", steps[2].proof);
        }
    }

    #[test]
    fn proofs_grow_old_by_themselves() {
        let quiet = Connected { last_event_at: Some(ago(31)), verified_at: Some(ago(31)), ..connection() };
        let facts = Facts { connection: Some(quiet), ..facts() };
        assert_eq!(state_of(&facts, StepKind::Verified), Attention);
        assert_eq!(state_of(&facts, StepKind::StageChangesArrive), Attention);
    }

    #[test]
    fn an_outage_of_lever_is_told_with_its_beginning() {
        let down = Connected { down_since: Some(ago(0)), ..connection() };
        let steps = steps(&Facts { connection: Some(down), ..facts() }, NOW);
        assert_eq!((steps[0].state, steps[0].at), (Attention, Some(Moment(ago(0)))));
        assert!(steps[0].proof.starts_with("Lever does not answer."), "{}", steps[0].proof);
    }

    #[test]
    fn the_end_of_the_consent_is_told_before_it_comes() {
        let ending = Connected { connected_at: ago(340), ..connection() };
        let facts = Facts { connection: Some(ending), ..facts() };
        let steps = steps(&facts, NOW);
        assert_eq!(steps[0].state, Attention);
        assert!(steps[0].proof.starts_with("The consent ends on 20"), "{}", steps[0].proof);
    }
}
