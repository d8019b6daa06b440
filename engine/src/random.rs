//! Unguessable text, from the operating system.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

/// `N` random bytes.
///
/// # Panics
/// When the operating system gives no randomness: nothing safe can be done then.
#[must_use]
pub fn bytes<const N: usize>() -> [u8; N] {
    let mut out = [0; N];
    getrandom::fill(&mut out).expect("the operating system gives randomness");
    out
}

/// 192 bits of randomness as URL-safe text.
#[must_use]
pub fn token() -> String {
    URL_SAFE_NO_PAD.encode(bytes::<24>())
}

/// SHA-256 of `text` as URL-safe text: what is stored of a token that only its holder knows.
#[must_use]
pub fn digest(text: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(text.as_bytes()))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::token;

    #[test]
    fn tokens_have_192_bits_and_none_comes_twice() {
        let tokens: BTreeSet<String> = (0..10_000).map(|_| token()).collect();
        assert_eq!(tokens.len(), 10_000);
        assert!(tokens.iter().all(|token| token.len() == 32), "six bits a sign");
    }
}
