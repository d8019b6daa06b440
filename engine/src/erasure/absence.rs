//! Who was deleted in Lever: told from who is only hidden, since an erasure cannot be taken back.
//!
//! Lever answers alike for who is gone, for who is confidential without the right to see them, and for another account
//! than before. So nobody is erased on the strength of one answer: it takes an answer that this very opportunity is not
//! there, the same again at least a day later with nothing else in between, and then a proof.

mod store;

use std::time::Duration;

use super::{Cause, erase};
use crate::{
    Engine,
    audit::By,
    clock::Moment,
    db::{Db, Tx},
    fault::StoreError,
    id::{OpportunityId, OrganizationId},
    invite::Invite,
    lever::{Absence, Api, LeverError},
};

pub(crate) use store::forget;

/// Two answers are so far apart at least.
const APART: Duration = Duration::from_hours(24);

/// What follows from the answers so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    /// Nothing that would count towards a deletion.
    Open,
    /// It was not there since then; once more a day after that.
    Since(Moment),
    /// Twice not there: now it has to be proved.
    ToProve(Moment),
}

/// One answer more. `since` is when the first of those in a row came.
fn count(since: Option<Moment>, answer: Absence, at: Moment) -> Standing {
    match (answer, since) {
        (Absence::Unclear, _) => Standing::Open,
        (Absence::NotThere, None) => Standing::Since(at),
        (Absence::NotThere, Some(since)) if at.since(since) >= APART => Standing::ToProve(since),
        (Absence::NotThere, Some(since)) => Standing::Since(since),
    }
}

/// What Lever says that tells a deletion from everything else that looks like it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Evidence {
    /// Whether its list of what was deleted names the opportunity; `None` where there is no such list for us.
    listed: Option<bool>,
    /// The candidate's position is there for us and not confidential: it is the same account, and hides nobody.
    position_is_open: bool,
    /// We may read opportunities at all.
    others_are_read: bool,
    /// No other Lever account was connected since we first knew of the candidate.
    account_is_theirs: bool,
}

/// The list decides where there is one; without it only the position can tell.
fn is_proved(evidence: Evidence) -> bool {
    let tells = evidence.position_is_open && evidence.others_are_read && evidence.account_is_theirs;
    evidence.listed.unwrap_or(tells)
}

/// What is known of whom Lever does not show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Found {
    /// Whether they were deleted is open; to be looked at again then, where that may show it.
    Hidden(Option<Moment>),
    /// They were deleted, as was first seen then.
    Deleted(Moment),
}

/// Counts an answer of Lever's that shows no candidate, and proves a deletion where it is time to.
pub(crate) async fn weigh(
    engine: &Engine,
    organization: &OrganizationId,
    id: &OpportunityId,
    (answer, at): (Absence, Moment),
) -> Result<Found, LeverError> {
    let known = store::since(&engine.db, organization, id).await?;
    match count(known, answer, at) {
        Standing::Open => {
            if known.is_some() {
                store::forget_now(&engine.db, organization, id).await?;
            }
            Ok(Found::Hidden(None))
        }
        Standing::Since(since) => {
            // Of whom nothing is held nothing is to be erased.
            let counts = known.is_some() || store::keep(&engine.db, organization, id, since).await?;
            Ok(Found::Hidden(counts.then(|| since.after(APART))))
        }
        Standing::ToProve(since) if is_proved(gather(engine, organization, id).await?) => Ok(Found::Deleted(since)),
        // Hidden, as it seems: counted from the beginning at the next look.
        Standing::ToProve(_) => {
            store::forget_now(&engine.db, organization, id).await?;
            Ok(Found::Hidden(None))
        }
    }
}

async fn gather(engine: &Engine, organization: &OrganizationId, id: &OpportunityId) -> Result<Evidence, LeverError> {
    let api = Api::new(engine, organization);
    let (first, posting) = store::begun(&engine.db, organization, id).await?;
    let listed = api.is_listed_as_deleted(id, first).await?;
    if listed.is_some() {
        return Ok(Evidence { listed, position_is_open: false, others_are_read: false, account_is_theirs: false });
    }
    let position = match posting {
        Some(posting) => api.posting(&posting).await?,
        // Without a position there is nothing to tell by.
        None => None,
    };
    Ok(Evidence {
        listed,
        position_is_open: position.is_some_and(|position| !position.confidential),
        others_are_read: api.reads_opportunities().await?,
        account_is_theirs: is_the_account_of(&engine.db, organization, first).await?,
    })
}

/// Whether the Lever account that is connected is the one that was then.
pub(crate) async fn is_the_account_of(
    db: &Db,
    organization: &OrganizationId,
    then: Moment,
) -> Result<bool, StoreError> {
    Ok(store::account_since(db, organization).await?.is_none_or(|since| since < then))
}

/// Erases whoever was deleted, in the transaction that holds the invites.
pub(crate) async fn erase_deleted(
    engine: &Engine,
    tx: &mut Tx,
    invite: &mut Invite,
    found_at: Moment,
) -> Result<bool, StoreError> {
    erase(engine, tx, invite, (Cause::Deleted, &By::Lever, None), found_at).await
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const HOUR: i64 = 3_600_000;

    #[test]
    fn two_clear_answers_a_day_apart_are_to_be_proved() {
        let (first, next) = (Moment(0), Moment(24 * HOUR));
        assert_eq!(count(None, Absence::NotThere, first), Standing::Since(first));
        assert_eq!(count(Some(first), Absence::NotThere, Moment(24 * HOUR - 1)), Standing::Since(first));
        assert_eq!(count(Some(first), Absence::NotThere, next), Standing::ToProve(first));
        assert_eq!(count(Some(first), Absence::Unclear, next), Standing::Open);
        assert_eq!(count(Some(next), Absence::NotThere, first), Standing::Since(next), "a clock that was wrong");
    }

    #[test]
    fn the_list_of_the_deleted_decides_and_without_it_the_position() {
        let proved = |listed, [position_is_open, others_are_read, account_is_theirs]: [bool; 3]| {
            is_proved(Evidence { listed, position_is_open, others_are_read, account_is_theirs })
        };
        assert!(proved(Some(true), [false; 3]));
        assert!(!proved(Some(false), [true; 3]), "hidden, or another account's");
        assert!(proved(None, [true; 3]));
        assert!(!proved(None, [false, true, true]), "confidential");
        assert!(!proved(None, [true, false, true]), "a scope that was lost");
        assert!(!proved(None, [true, true, false]), "another account's");
    }

    /// What one look at the candidate may bring.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    enum Look {
        There,
        Told(Absence),
        /// No answer at all.
        Silence,
    }

    fn looks() -> impl Strategy<Value = Vec<(Look, i64)>> {
        let look = prop_oneof![
            1 => Just(Look::There),
            1 => Just(Look::Silence),
            1 => Just(Look::Told(Absence::Unclear)),
            3 => Just(Look::Told(Absence::NotThere)),
        ];
        prop::collection::vec((look, 0..40 * HOUR), 0..30)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(10_000))]

        #[test]
        fn nobody_is_erased_but_after_two_clear_answers_a_day_apart_with_nothing_else_between(all in looks()) {
            let (mut since, mut at) = (None, Moment(0));
            let mut row: Vec<Moment> = Vec::new();
            for (look, pause) in all {
                at = Moment(at.0 + pause);
                match look {
                    Look::There => (since, row) = (None, Vec::new()),
                    Look::Silence => {}
                    Look::Told(answer) => {
                        if answer == Absence::NotThere { row.push(at) } else { row.clear() }
                        let standing = count(since, answer, at);
                        let apart = row.first().is_some_and(|first| at.0 - first.0 >= 24 * HOUR);
                        prop_assert_eq!(matches!(standing, Standing::ToProve(_)), row.len() >= 2 && apart);
                        since = match standing {
                            Standing::Since(first) => Some(first),
                            Standing::Open => None,
                            // Not proved: from the beginning.
                            Standing::ToProve(_) => { row.clear(); None }
                        };
                    }
                }
            }
        }
    }
}
