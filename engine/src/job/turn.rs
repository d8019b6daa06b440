//! Whose turn it is: within a class organizations take turns, and neither one organization, nor one
//! class, nor one slow account can hold all the room there is.

use std::collections::HashMap;

use super::{store, store::Claimed};
use crate::{clock::Moment, db::Db, fault::StoreError, id::OrganizationId};

/// How many jobs run at once.
pub(super) const AT_ONCE: usize = 32;
/// How many of a class may be one organization's. At Lever they must be enough to use the rate up while
/// answers take most of a second; a provider that is slow keeps none of them.
const EACH: [usize; 3] = [6, 8, 3];
/// How many may be of one class; any two leave room for the third.
const OF_A_CLASS: [usize; 3] = [16, 12, 8];
/// The class whose work is all done at Lever.
const AT_LEVER: usize = 1;

/// What one organization may claim of one class.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Share {
    pub priority: i64,
    pub organization: OrganizationId,
    pub most: i64,
}

/// Where the turns stand.
#[derive(Debug, Default)]
pub(super) struct Turns {
    /// The organization that was served last, a class each.
    last: [String; 3],
    /// Until when an account's share of Lever's rate is used up.
    resting: HashMap<OrganizationId, Moment>,
}

/// How much of a class is taken.
#[derive(Debug, Default)]
struct Taken {
    in_all: usize,
    by: HashMap<OrganizationId, usize>,
}

impl Taken {
    fn of(&self, organization: &OrganizationId) -> usize {
        self.by.get(organization).copied().unwrap_or(0)
    }

    fn add(&mut self, organization: &OrganizationId) {
        self.in_all += 1;
        *self.by.entry(organization.clone()).or_default() += 1;
    }
}

impl Turns {
    /// Lever has no more time for this organization until then.
    pub fn rest(&mut self, organization: &OrganizationId, until: Moment) {
        self.resting.insert(organization.clone(), until);
    }

    /// Divides the room that `running` leaves, the more urgent classes first.
    pub async fn shares<'a>(
        &mut self,
        db: &Db,
        running: impl Iterator<Item = &'a Claimed>,
        now: Moment,
    ) -> Result<Vec<Share>, StoreError> {
        self.resting.retain(|_, until| *until > now);
        let all = store::claim::all_in_turn(db, now, AT_ONCE).await?;
        let mut taken = count(running);
        let mut shares = Vec::new();
        for (class, priority) in store::PRIORITIES.into_iter().enumerate() {
            let in_all: usize = taken.iter().map(|taken| taken.in_all).sum();
            let room = OF_A_CLASS[class].saturating_sub(taken[class].in_all).min(AT_ONCE.saturating_sub(in_all));
            if room == 0 {
                continue;
            }
            let mut next = match &all {
                Some(all) => after(all, priority, &self.last[class]),
                None => self.next(db, class, now).await?,
            };
            next.retain(|one| class != AT_LEVER || !self.resting.contains_key(one));
            let last = &mut self.last[class];
            for (organization, most) in deal(&next, room, EACH[class], &mut taken[class], last) {
                shares.push(Share { priority, organization, most: i64::try_from(most).unwrap_or(0) });
            }
        }
        Ok(shares)
    }

    /// The organizations with due work in the order of their turns: enough of them even where some are
    /// busy or rest.
    async fn next(&self, db: &Db, class: usize, now: Moment) -> Result<Vec<OrganizationId>, StoreError> {
        let (priority, last) = (store::PRIORITIES[class], &self.last[class]);
        let enough = AT_ONCE + self.resting.len();
        let mut next = store::claim::in_turn(db, priority, last, now, enough).await?;
        if next.len() < enough && !last.is_empty() {
            let from_the_start = store::claim::in_turn(db, priority, "", now, enough - next.len()).await?;
            next.extend(from_the_start.into_iter().take_while(|one| one.0 <= *last));
        }
        Ok(next)
    }
}

/// Those of one class, from the first after `last` on and round to it.
fn after(all: &[(i64, OrganizationId)], priority: i64, last: &str) -> Vec<OrganizationId> {
    let mut next: Vec<OrganizationId> =
        all.iter().filter(|(class, _)| *class == priority).map(|(_, one)| one.clone()).collect();
    next.sort_by(|a, b| a.0.cmp(&b.0));
    let turned = next.partition_point(|one| one.0.as_str() <= last);
    next.rotate_left(turned);
    next
}

fn count<'a>(running: impl Iterator<Item = &'a Claimed>) -> [Taken; 3] {
    let mut taken: [Taken; 3] = Default::default();
    for job in running {
        if let Some(class) = store::PRIORITIES.iter().position(|priority| *priority == job.priority) {
            taken[class].add(&job.organization);
        }
    }
    taken
}

/// Deals `room` places out one by one, to nobody more than `each`; answers who got how many, in the order
/// of their turns, and notes in `last` who got the last place.
fn deal(
    next: &[OrganizationId],
    mut room: usize,
    each: usize,
    taken: &mut Taken,
    last: &mut String,
) -> Vec<(OrganizationId, usize)> {
    let mut dealt: Vec<(OrganizationId, usize)> = Vec::new();
    for _ in 0..each {
        for organization in next {
            if room == 0 || taken.of(organization) >= each {
                continue;
            }
            room -= 1;
            taken.add(organization);
            last.clone_from(&organization.0);
            match dealt.iter_mut().find(|(one, _)| one == organization) {
                Some((_, places)) => *places += 1,
                None => dealt.push((organization.clone(), 1)),
            }
        }
    }
    dealt
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(names: &[&str]) -> Vec<OrganizationId> {
        names.iter().map(|name| OrganizationId::from(*name)).collect()
    }

    fn dealt(next: &[&str], room: usize, taken: &mut Taken) -> Vec<(String, usize)> {
        deal(&names(next), room, 4, taken, &mut String::new())
            .into_iter()
            .map(|(one, places)| (one.0, places))
            .collect()
    }

    #[test]
    fn the_turns_of_a_class_go_round_from_whoever_comes_after_the_last() {
        let all: Vec<(i64, OrganizationId)> =
            [(5, "c"), (1, "b"), (5, "a"), (5, "b")].map(|(class, one)| (class, one.into())).into();
        assert_eq!(after(&all, 5, "b"), names(&["c", "a", "b"]));
        assert_eq!(after(&all, 5, "c"), names(&["a", "b", "c"]));
        assert_eq!(after(&all, 5, ""), names(&["a", "b", "c"]));
        assert!(after(&all, 9, "b").is_empty());
    }

    #[test]
    fn everybody_gets_a_place_before_anybody_gets_two() {
        let four_of_them = dealt(&["a", "b", "c"], 4, &mut Taken::default());
        assert_eq!(four_of_them, [("a".to_owned(), 2), ("b".to_owned(), 1), ("c".to_owned(), 1)]);
        let two_of_them = dealt(&["a", "b", "c"], 2, &mut Taken::default());
        assert_eq!(two_of_them, [("a".to_owned(), 1), ("b".to_owned(), 1)]);
    }

    #[test]
    fn the_next_turn_is_after_whoever_got_the_last_place() {
        let mut last = String::new();
        deal(&names(&["a", "b", "c"]), 4, 4, &mut Taken::default(), &mut last);
        assert_eq!(last, "a", "who got two");
    }

    #[test]
    fn nobody_gets_more_than_their_part_however_much_room_there_is() {
        let mut taken = Taken { in_all: 3, by: HashMap::from([("a".into(), 3)]) };
        assert_eq!(dealt(&["a", "b"], 13, &mut taken), [("a".to_owned(), 1), ("b".to_owned(), 4)]);
        assert_eq!(taken.in_all, 3 + 1 + 4);
        assert!(dealt(&["a", "b"], 8, &mut taken).is_empty());
    }

    #[test]
    fn two_full_classes_leave_room_for_the_third() {
        for left_out in OF_A_CLASS {
            assert!(OF_A_CLASS.iter().sum::<usize>() - left_out < AT_ONCE);
        }
        assert!(EACH.iter().zip(OF_A_CLASS).all(|(each, all)| *each < all), "one leaves room for another");
    }
}
