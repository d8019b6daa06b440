//! Gaps in what Lever tells us: moves that only our own question found, and what Lever's list says of our
//! webhook. Looking never makes or changes a webhook: a person does, by the button.

use std::time::Duration;

use super::{
    flow::covers,
    store::{gap as stored, webhook as hooks},
    webhook::{EVENT, SCOPE, our_url},
};
use crate::{
    Engine,
    access::{Member, Permission},
    clock::Moment,
    db::{Db, Tx},
    fault::{FlowError, StoreError},
    id::OrganizationId,
    lever::{Api, LeverError, RemoteWebhook},
    live::Change,
};

/// Lever's origins of candidates; a webhook that leaves one out tells of fewer moves.
const ORIGINS: [&str; 6] = ["applied", "sourced", "referred", "university", "agency", "internal"];

/// What a look at Lever's list of webhooks found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HookFound {
    InOrder,
    /// The one that we made is there no more.
    Missing,
    /// It calls another address than ours.
    Elsewhere,
    /// It tells of another event, or of some candidates only.
    Narrowed,
    /// Made by hand: Lever's list shows those to nobody.
    ByHand,
    /// The consent does not allow to look.
    Forbidden,
}

impl HookFound {
    const ALL: [Self; 6] =
        [Self::InOrder, Self::Missing, Self::Elsewhere, Self::Narrowed, Self::ByHand, Self::Forbidden];

    pub(super) fn slug(self) -> &'static str {
        match self {
            Self::InOrder => "in_order",
            Self::Missing => "missing",
            Self::Elsewhere => "elsewhere",
            Self::Narrowed => "narrowed",
            Self::ByHand => "by_hand",
            Self::Forbidden => "forbidden",
        }
    }

    pub(crate) fn parse(slug: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|found| found.slug() == slug)
    }

    /// Whether somebody must make the webhook anew.
    #[must_use]
    pub fn is_out_of_order(self) -> bool {
        match self {
            Self::Missing | Self::Elsewhere | Self::Narrowed => true,
            Self::InOrder | Self::ByHand | Self::Forbidden => false,
        }
    }
}

/// Whether a webhook in Lever tells us all that we need.
pub(super) fn is_right(hook: &RemoteWebhook, url: &str) -> bool {
    let tells = |origin: &str| hook.origins.as_ref().is_none_or(|all| all.iter().any(|one| one == origin));
    hook.url == url && hook.event == EVENT && ORIGINS.iter().all(|origin| tells(origin))
}

/// Since when a webhook should have told of every move; `None` while there is none.
pub(crate) async fn telling_since(db: &Db, organization: &OrganizationId) -> Result<Option<Moment>, StoreError> {
    stored::telling_since(db, organization).await
}

/// Records that no webhook told of a move at that moment. It is over as soon as an event arrives.
pub(crate) async fn record_gap(tx: &mut Tx, organization: &OrganizationId, at: Moment) -> Result<(), StoreError> {
    stored::record(tx, organization, at).await
}

/// Looks at Lever's list of webhooks with about each poll, however many stages are polled, and at once after a gap;
/// at most one call.
///
/// # Errors
/// See [`LeverError`].
pub(crate) async fn look_when_due(engine: &Engine, organization: &OrganizationId) -> Result<(), LeverError> {
    let Some(standing) = stored::standing(&engine.db, organization).await? else { return Ok(()) };
    // What the consent does not allow stays so until another one is given.
    let may_look = standing.found() != Some(HookFound::Forbidden);
    if may_look && standing.is_due(engine.clock.now(), engine.settings.catch_up) {
        look(engine, organization).await?;
    }
    Ok(())
}

/// Asks Lever whether it still lets us in and, where we made a webhook, has it; pages hear of what is news.
///
/// # Errors
/// See [`LeverError`].
pub(crate) async fn check(engine: &Engine, organization: &OrganizationId) -> Result<(), LeverError> {
    let Some(standing) = stored::standing(&engine.db, organization).await? else { return Ok(()) };
    let has_one = !hooks::active(engine, organization).await?.is_empty();
    let found = if has_one { find(engine, organization).await } else { Ok(HookFound::ByHand) };
    match found {
        // Nothing was asked: the list does not show those, or is not ours to read.
        Ok(HookFound::ByHand | HookFound::Forbidden) => match Api::new(engine, organization).answers().await {
            Ok(_) | Err(LeverError::Forbidden) => Ok(()),
            Err(error) => Err(error),
        },
        Ok(found) if standing.found() != Some(found) => look(engine, organization).await.map(drop),
        Ok(_) | Err(LeverError::Forbidden) => Ok(()),
        Err(error) => Err(error),
    }
}

impl stored::Standing {
    fn is_due(&self, now: Moment, poll: Duration) -> bool {
        let Some(looked) = self.hooks_looked_at else { return true };
        let gap = self.gap_at.filter(|at| self.last_event_at.is_none_or(|event| event <= *at));
        gap.is_some_and(|at| looked < at) || now.since(Moment(looked)) > poll / 2
    }
}

/// Looks at Lever's list of webhooks now.
///
/// # Errors
/// Forbidden unless the role manages attachments; Lever's, or not connected.
pub async fn look_at_webhooks(engine: &Engine, member: &Member) -> Result<HookFound, FlowError> {
    member.require(Permission::ManageAttachments)?;
    match look(engine, &member.organization).await {
        Err(LeverError::NotConnected) => Err(FlowError::NotConnected),
        looked => Ok(looked?),
    }
}

async fn look(engine: &Engine, organization: &OrganizationId) -> Result<HookFound, LeverError> {
    let found = match find(engine, organization).await {
        Err(LeverError::Forbidden) => HookFound::Forbidden,
        found => found?,
    };
    stored::keep(&engine.db, organization, found, engine.clock.now()).await?;
    engine.live.tell(organization, Change::SetUp);
    Ok(found)
}

async fn find(engine: &Engine, organization: &OrganizationId) -> Result<HookFound, LeverError> {
    let url = our_url(engine, organization).await?.ok_or(LeverError::NotConnected)?;
    let held = hooks::made_by_api(engine, organization).await?;
    let has_by_hand = hooks::active(engine, organization).await?.iter().any(|row| !row.made_by_api);
    if held.is_empty() && has_by_hand {
        return Ok(HookFound::ByHand);
    }
    if !covers(&stored::scopes(&engine.db, organization).await?, SCOPE) {
        return Ok(HookFound::Forbidden);
    }
    let listed = Api::new(engine, organization).webhooks().await?;
    let found = judge(&listed, &held, &url);
    // One made by hand may do its work; whether it does, events prove.
    Ok(if found == HookFound::Missing && has_by_hand { HookFound::ByHand } else { found })
}

fn judge(listed: &[RemoteWebhook], held: &[String], url: &str) -> HookFound {
    let mut ours = listed.iter().filter(|hook| held.contains(&hook.id)).peekable();
    if ours.peek().is_none() {
        return HookFound::Missing;
    }
    let ours: Vec<_> = ours.collect();
    match ours.iter().find(|hook| hook.url == url) {
        _ if ours.iter().any(|hook| is_right(hook, url)) => HookFound::InOrder,
        Some(_) => HookFound::Narrowed,
        None => HookFound::Elsewhere,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const URL: &str = "https://candilever.example/webhooks/lever/e";

    fn hook(id: &str) -> RemoteWebhook {
        RemoteWebhook {
            id: id.into(),
            event: EVENT.into(),
            url: URL.into(),
            signature_token: None,
            origins: Some(ORIGINS.map(str::to_owned).to_vec()),
        }
    }

    fn judged(listed: &[RemoteWebhook]) -> HookFound {
        judge(listed, &["ours".to_owned()], URL)
    }

    #[test]
    fn the_list_is_judged_by_what_we_need() {
        assert_eq!(judged(&[]), HookFound::Missing);
        assert_eq!(judged(&[hook("another")]), HookFound::Missing);
        assert_eq!(judged(&[hook("another"), hook("ours")]), HookFound::InOrder);
        assert_eq!(judged(&[RemoteWebhook { origins: None, ..hook("ours") }]), HookFound::InOrder);
        assert_eq!(
            judged(&[RemoteWebhook { url: "https://else.example/".into(), ..hook("ours") }]),
            HookFound::Elsewhere
        );
        assert_eq!(judged(&[RemoteWebhook { event: "candidateHired".into(), ..hook("ours") }]), HookFound::Narrowed);
        let few = Some(vec!["applied".to_owned()]);
        assert_eq!(judged(&[RemoteWebhook { origins: few, ..hook("ours") }]), HookFound::Narrowed);
    }

    #[test]
    fn a_look_is_due_with_each_poll_and_after_each_gap() {
        let (now, poll) = (Moment(1_790_000_000_000), Duration::from_mins(10));
        let ago = |minutes| Some(now.before(Duration::from_mins(minutes)).0);
        let standing = |looked, gap_at, last_event_at| stored::Standing {
            hooks_looked_at: looked,
            hooks_found: None,
            gap_at,
            last_event_at,
        };
        assert!(standing(None, None, None).is_due(now, poll));
        assert!(!standing(ago(5), None, None).is_due(now, poll), "another stage was polled");
        assert!(standing(ago(9), None, None).is_due(now, poll));
        assert!(standing(ago(3), ago(2), ago(5)).is_due(now, poll), "a gap since the last look");
        assert!(!standing(ago(3), ago(2), ago(1)).is_due(now, poll), "an event came since");
        assert!(!standing(ago(1), ago(2), None).is_due(now, poll), "looked since");
    }
}
