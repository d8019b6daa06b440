//! Lever's webhook signature: two fields of the body, signed with the webhook's own token.
//!
//! Only `token` and `triggeredAt` are covered. `data` is not: whoever saw one delivery can send it
//! again with other data inside, so a genuine signature proves that Lever spoke, never what it said.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// Longer decimal texts are no unix milliseconds.
const LONGEST_TIME: usize = 16;

/// Whether `signature` is the lower-case hex HMAC-SHA256 of token + triggeredAt under `key`, in constant time.
///
/// `triggered_at` must be plain decimal digits without a leading zero: token and time are signed
/// without a separator, and a digit must not be movable from one into the other unnoticed.
#[must_use]
pub fn signature_is_genuine(key: &str, token: &str, triggered_at: &str, signature: &str) -> bool {
    let Some(claimed) = lower_hex(signature) else { return false };
    if key.is_empty() || token.is_empty() || !is_plain_decimal(triggered_at) {
        return false;
    }
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key.as_bytes()) else { return false };
    mac.update(token.as_bytes());
    mac.update(triggered_at.as_bytes());
    mac.verify_slice(&claimed).is_ok()
}

fn is_plain_decimal(text: &str) -> bool {
    (1..=LONGEST_TIME).contains(&text.len()) && !text.starts_with('0') && text.bytes().all(|b| b.is_ascii_digit())
}

/// Reads exactly 64 lower-case hex digits.
fn lower_hex(text: &str) -> Option<[u8; 32]> {
    let digits: &[u8; 64] = text.as_bytes().try_into().ok()?;
    let mut out = [0; 32];
    for (byte, pair) in out.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = nibble(pair[0])? << 4 | nibble(pair[1])?;
    }
    Some(out)
}

fn nibble(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;
    use crate::lever::fixture;

    /// `triggeredAt` as text, whether it came as a number or as a string.
    fn time(value: &Value) -> String {
        value.as_str().map_or_else(|| value.to_string(), str::to_owned)
    }

    fn text<'a>(value: &'a Value, field: &str) -> &'a str {
        value[field].as_str().expect("a text field")
    }

    fn sign(key: &str, token: &str, at: &str) -> String {
        let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).expect("any key will do");
        mac.update(format!("{token}{at}").as_bytes());
        mac.finalize().into_bytes().iter().map(|b| format!("{b:02x}")).collect()
    }

    #[test]
    fn every_vector_is_judged_as_it_says() {
        let fixture = fixture::json("signature_vectors.json");
        let vectors = fixture["vectors"].as_array().expect("a list");
        assert_eq!(vectors.len(), 13);
        for vector in vectors {
            let genuine = signature_is_genuine(
                text(vector, "signatureToken"),
                text(vector, "token"),
                &time(&vector["triggeredAt"]),
                text(vector, "signature"),
            );
            assert_eq!(Some(genuine), vector["valid"].as_bool(), "{}", text(vector, "name"));
            let message = format!("{}{}", text(vector, "token"), time(&vector["triggeredAt"]));
            assert_eq!(text(vector, "message"), message, "what is signed is these two");
        }
    }

    #[test]
    fn every_delivery_is_genuine_by_the_key_of_its_event_and_by_no_other() {
        let keys = fixture::json("webhook_keys.json");
        let keys = keys["keys"].as_object().expect("keys");
        assert_eq!(keys.len(), 10, "one for each event that there is");
        for (file, _) in fixture::all("delivery") {
            let delivery = fixture::json(&file);
            let at = time(&delivery["triggeredAt"]);
            for (event, key) in keys {
                let key = key.as_str().expect("a key");
                let genuine = signature_is_genuine(key, text(&delivery, "token"), &at, text(&delivery, "signature"));
                assert_eq!(genuine, delivery["event"] == event.as_str(), "{file} by the key of {event}");
            }
        }
    }

    #[test]
    fn a_signature_says_nothing_about_the_data() {
        let fixture = fixture::json("signature_vectors.json");
        let key = text(&fixture["vectors"][0], "signatureToken");
        for body in ["original", "tampered"] {
            let body = &fixture["tamper_case"][body];
            let at = time(&body["triggeredAt"]);
            assert!(signature_is_genuine(key, text(body, "token"), &at, text(body, "signature")));
        }
    }

    #[test]
    fn a_digit_cannot_move_from_the_token_into_the_time() {
        let signature = sign("key", "token0", "1790000000000");
        assert!(signature_is_genuine("key", "token0", "1790000000000", &signature));
        assert!(!signature_is_genuine("key", "token", "01790000000000", &signature));
        assert!(!signature_is_genuine("key", "token01790000000000", "", &signature));
        assert!(!signature_is_genuine("key", "", "1790000000000", &sign("key", "", "1790000000000")));
    }

    #[test]
    fn an_empty_key_confirms_nothing() {
        assert!(!signature_is_genuine("", "token", "1", &sign("", "token", "1")));
    }

    proptest! {
        #[test]
        fn nothing_panics(key in ".*", token in ".*", at in ".*", signature in ".*") {
            let _judged = signature_is_genuine(&key, &token, &at, &signature);
        }

        #[test]
        fn a_flipped_bit_never_verifies(key in "[a-f0-9]{48}", token in "[a-zA-Z0-9]{48}", at in 1..i64::MAX / 1000, bit in 0..512_usize) {
            let at = at.to_string();
            let good = sign(&key, &token, &at);
            prop_assert!(signature_is_genuine(&key, &token, &at, &good));
            let mut bytes = good.into_bytes();
            bytes[bit / 8] ^= 1 << (bit % 8);
            let flipped = String::from_utf8_lossy(&bytes).into_owned();
            prop_assert!(!signature_is_genuine(&key, &token, &at, &flipped));
        }

        #[test]
        fn another_token_time_or_key_never_verifies(key in "[a-f0-9]{48}", token in "[a-z]{48}", at in 1_i64..1 << 50, by in 1_i64..1000) {
            let signature = sign(&key, &token, &at.to_string());
            prop_assert!(!signature_is_genuine(&key, &token, &(at + by).to_string(), &signature));
            prop_assert!(!signature_is_genuine(&key, &token.to_uppercase(), &at.to_string(), &signature));
            let longer = format!("{key}0");
            prop_assert!(!signature_is_genuine(&longer, &token, &at.to_string(), &signature));
        }
    }
}
