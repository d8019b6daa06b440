//! Ids and links that nobody can guess and that no restart repeats.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// A link's secret part: 192 bits, safe in an address.
pub(crate) fn token() -> String {
    URL_SAFE_NO_PAD.encode(bytes::<24>())
}

/// An id with its prefix, short enough to read aloud.
pub(crate) fn short(prefix: &str) -> String {
    let hex: String = bytes::<6>().iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{prefix}{hex}")
}

/// A fraction between 0 and 1, to spread retries.
pub(crate) fn fraction() -> f64 {
    f64::from(u32::from_be_bytes(bytes::<4>())) / f64::from(u32::MAX)
}

fn bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
    bytes
}
