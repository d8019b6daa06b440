//! The test of Mann and Whitney: whether one of two groups tends to be larger. It looks at ranks alone, so
//! that the long tail of all timings weighs nothing; Welch's test would compare means, which a handful of
//! interruptions move.

/// How likely so large a difference is where there is none; two-sided, with the normal approximation, which
/// is good from some dozens on, and the correction for values that are equal.
pub fn likelihood(first: &[u64], second: &[u64]) -> f64 {
    let mut all: Vec<(u64, bool)> = first.iter().map(|value| (*value, true)).collect();
    all.extend(second.iter().map(|value| (*value, false)));
    all.sort_unstable();
    let (mut rank_sum, mut ties, mut below) = (0.0, 0.0, 0_usize);
    for equal in all.chunk_by(|one, other| one.0 == other.0) {
        let of_first = equal.iter().filter(|(_, is_first)| *is_first).count();
        // The ranks from `below + 1` on, shared alike.
        let (many, before) = (count(equal.len()), count(below));
        rank_sum += count(of_first) * (before + (many + 1.0) / 2.0);
        ties += many.powi(3) - many;
        below += equal.len();
    }
    let (n, m) = (count(first.len()), count(second.len()));
    let total = n + m;
    let u = rank_sum - n * (n + 1.0) / 2.0;
    let variance = n * m / 12.0 * (total + 1.0 - ties / (total * (total - 1.0)));
    let z = (u - n * m / 2.0) / variance.sqrt();
    beyond(z.abs())
}

fn count(number: usize) -> f64 {
    f64::from(u32::try_from(number).expect("some ten thousand"))
}

/// The share of a normal distribution that is further out than `z`, on either side (Abramowitz and Stegun
/// 7.1.26, good to seven digits).
fn beyond(z: f64) -> f64 {
    let x = z / std::f64::consts::SQRT_2;
    let t = 1.0 / (1.0 + 0.327_591_1 * x);
    let terms = [0.254_829_592, -0.284_496_736, 1.421_413_741, -1.453_152_027, 1.061_405_429];
    let sum = terms.iter().rev().fold(0.0, |sum, term| (sum + term) * t);
    sum * (-x * x).exp()
}
