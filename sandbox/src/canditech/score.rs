//! Score arithmetic of the stand-in: whole percents, rounded half up.
//!
//! A section scores the share of its right answers; the total is the mean of the sections by
//! weight. Questions without a key (free text) carry no points.

/// How one section went: its weight, its right answers, and how many it asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Tally {
    pub weight: u32,
    pub right: u32,
    pub asked: u32,
}

/// The share of right answers in percent; a section that asks nothing with a key has no score.
pub(crate) fn percent(right: u32, asked: u32) -> Option<u32> {
    (asked > 0).then(|| divide_half_up(u128::from(right.min(asked)) * 100, u128::from(asked)))
}

/// The mean of the sections by weight, exact until it is rounded once at the end.
pub(crate) fn total(tallies: &[Tally]) -> Option<u32> {
    let (mut numerator, mut denominator, mut weights) = (0_u128, 1_u128, 0_u128);
    for tally in tallies.iter().filter(|tally| tally.asked > 0) {
        let (right, asked) = (u128::from(tally.right.min(tally.asked)), u128::from(tally.asked));
        let weight = u128::from(tally.weight);
        numerator = numerator * asked + right * weight * denominator;
        denominator *= asked;
        weights += weight;
    }
    (weights > 0).then(|| divide_half_up(numerator * 100, denominator * weights))
}

/// The mean by weight of percents that are already known.
pub(crate) fn weighted(percents: &[(u32, u32)]) -> Option<u32> {
    let weights: u128 = percents.iter().map(|(weight, _)| u128::from(*weight)).sum();
    let sum: u128 = percents.iter().map(|(weight, value)| u128::from(*weight) * u128::from(*value)).sum();
    (weights > 0).then(|| divide_half_up(sum, weights))
}

fn divide_half_up(numerator: u128, denominator: u128) -> u32 {
    u32::try_from((2 * numerator + denominator) / (2 * denominator)).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tally(weight: u32, right: u32, asked: u32) -> Tally {
        Tally { weight, right, asked }
    }

    #[test]
    fn a_section_is_the_share_of_right_answers_rounded_half_up() {
        assert_eq!(percent(0, 3), Some(0));
        assert_eq!(percent(1, 3), Some(33));
        assert_eq!(percent(2, 3), Some(67));
        assert_eq!(percent(1, 8), Some(13));
        assert_eq!(percent(3, 3), Some(100));
    }

    #[test]
    fn a_section_that_asks_nothing_has_no_score() {
        assert_eq!(percent(0, 0), None);
        assert_eq!(total(&[tally(2, 0, 0)]), None);
        assert_eq!(total(&[]), None);
    }

    #[test]
    fn more_right_answers_than_questions_is_still_a_hundred() {
        assert_eq!(percent(5, 3), Some(100));
        assert_eq!(total(&[tally(1, 5, 3)]), Some(100));
    }

    #[test]
    fn the_total_weighs_its_sections() {
        assert_eq!(total(&[tally(1, 4, 4), tally(1, 0, 4)]), Some(50));
        assert_eq!(total(&[tally(3, 4, 4), tally(1, 0, 4)]), Some(75));
        assert_eq!(total(&[tally(40, 3, 3), tally(35, 2, 3), tally(25, 0, 0)]), Some(84));
    }

    #[test]
    fn the_total_is_rounded_once_not_section_by_section() {
        // One of eight is 12.5: the section alone shows 13, yet with a zero beside it the total is 6.25.
        assert_eq!(total(&[tally(1, 2, 3), tally(1, 1, 3)]), Some(50));
        assert_eq!(total(&[tally(1, 1, 8), tally(1, 0, 8)]), Some(6));
        assert_eq!(total(&[tally(1, 1, 8), tally(1, 1, 8)]), Some(13));
    }

    #[test]
    fn known_percents_are_weighted_too() {
        assert_eq!(weighted(&[(1, 80), (1, 81)]), Some(81));
        assert_eq!(weighted(&[(40, 90), (60, 85)]), Some(87));
        assert_eq!(weighted(&[]), None);
    }
}
