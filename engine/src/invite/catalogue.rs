//! What a new copy of a catalogue means for invites, in the transaction that writes it. Whom an invite may be
//! shown to follows its position in Lever: a candidate is confidential through a confidential posting, and one
//! that Lever no longer shows may be. What an unsent one is called follows the provider's name for it.

use super::{
    change::{self, News},
    entity::Invite,
    store::catalogue as store,
};
use crate::{
    clock::Moment,
    db::Tx,
    fault::StoreError,
    id::{OrganizationId, PostingId, ProviderAccountId},
    job::{self, Work},
};

/// Lets the invites follow the postings as they were written at `now`. Those of one that is confidential, or
/// just vanished, are confidential at once; those of one that is open (again) cease to be when Lever shows
/// the candidate, for whom it is asked.
pub(crate) async fn follow_postings(
    tx: &mut Tx,
    organization: &OrganizationId,
    opened: &[PostingId],
    now: Moment,
) -> Result<(), StoreError> {
    store::hide_by_posting(tx, organization, now).await?;
    for posting in opened {
        for opportunity in store::hidden_opportunities(tx, organization, posting).await? {
            job::enqueue(tx, organization, &Work::Reconcile { opportunity }, now, None).await?;
        }
    }
    Ok(())
}

/// Gives the unsent invites the names that the provider's assessments have by now. What was sent was sent
/// under its name.
pub(crate) async fn follow_assessments(
    tx: &mut Tx,
    organization: &OrganizationId,
    account: &ProviderAccountId,
    now: Moment,
) -> Result<News, StoreError> {
    Ok(store::rename_unsent(tx, organization, account, now).await?.into())
}

/// Lever does not show the candidate: gone and confidential are answered alike. Whether that is news.
pub(super) async fn hide(tx: &mut Tx, invite: &mut Invite, now: Moment) -> Result<bool, StoreError> {
    if invite.confidential {
        return Ok(false);
    }
    invite.confidential = true;
    change::keep(tx, invite, &[], now).await.map(|()| true)
}
