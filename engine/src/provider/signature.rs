//! The signature of a provider's callback: Standard Webhooks (standardwebhooks.com), symmetric part.
//!
//! Signed are id, timestamp and the raw body. The check comes before any parsing of the body.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;

use super::CallbackHeaders;
use crate::{clock::Moment, random};

const PREFIX: &str = "whsec_";
const TOLERANCE_SECONDS: i64 = 300;
const MOST_ENTRIES: usize = 10;
const LONGEST_ID: usize = 256;

/// A new secret to hand to a provider, or to an organization's own systems.
pub(crate) fn new_secret() -> SecretString {
    SecretString::from(format!("{PREFIX}{}", STANDARD.encode(random::bytes::<32>())))
}

/// Whether a callback is genuine: signature over id, timestamp and body under one of `secrets`, within five minutes of `now`.
#[must_use]
pub(super) fn callback_is_genuine(
    secrets: &[SecretString],
    headers: &CallbackHeaders,
    body: &[u8],
    now: Moment,
) -> bool {
    if !id_is_plain(&headers.id) || !is_recent(&headers.timestamp, now) {
        return false;
    }
    let claimed: Vec<Vec<u8>> = entries(&headers.signature).take(MOST_ENTRIES).collect();
    secrets.iter().filter_map(signer).any(|signer| {
        let mac = signer.chain_update(&headers.id).chain_update(".").chain_update(&headers.timestamp);
        let mac = mac.chain_update(".").chain_update(body);
        claimed.iter().any(|claim| mac.clone().verify_slice(claim).is_ok())
    })
}

/// The signature to send with a message of our own, under a secret that [`new_secret`] made.
#[must_use]
pub(crate) fn sign(secret: &SecretString, id: &str, timestamp: i64, body: &[u8]) -> Option<String> {
    let mac = signer(secret)?.chain_update(format!("{id}.{timestamp}.")).chain_update(body);
    Some(format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes())))
}

/// A dot in the id would make it ambiguous where the id ends and the timestamp begins.
fn id_is_plain(id: &str) -> bool {
    (1..=LONGEST_ID).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_graphic() && b != b'.')
}

fn is_recent(timestamp: &str, now: Moment) -> bool {
    if !(1..=12).contains(&timestamp.len()) || !timestamp.bytes().all(|b| b.is_ascii_digit()) {
        return false;
    }
    timestamp.parse::<i64>().is_ok_and(|at| (now.0.div_euclid(1000) - at).abs() <= TOLERANCE_SECONDS)
}

/// The `v1` entries, decoded; those of other versions are skipped, as the specification says.
fn entries(header: &str) -> impl Iterator<Item = Vec<u8>> {
    header
        .split(' ')
        .filter_map(|entry| entry.strip_prefix("v1,"))
        .map(|text| STANDARD.decode(text).unwrap_or_default())
}

fn signer(secret: &SecretString) -> Option<Hmac<Sha256>> {
    let text = secret.expose_secret();
    let key = STANDARD.decode(text.strip_prefix(PREFIX).unwrap_or(text)).ok()?;
    (24..=64).contains(&key.len()).then(|| Hmac::new_from_slice(&key).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const A: &str = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
    const B: &str = "whsec_Ju267U1YOvZ/0QHj8cmxDbuU4/OVZtHeGBcjVV4DR3o=";
    const V1_BODY: &str = r#"{"type":"assessment.completed","timestamp":"2026-01-15T10:00:00Z","data":{"invite_id":"inv_0001","status":"completed","score":{"value":81,"max":100}}}"#;
    const V1_SIGNATURE: &str = "v1,+J9/3nw9ySlrf2m7aUKlWFA6/yYPmLdIsZ82zjKK/xs=";
    const V1_AT: i64 = 1_768_471_200;

    fn headers(id: &str, timestamp: &str, signature: &str) -> CallbackHeaders {
        CallbackHeaders {
            id: id.into(),
            timestamp: timestamp.into(),
            signature: signature.into(),
            ..CallbackHeaders::default()
        }
    }

    fn judge(secrets: &[&str], headers: &CallbackHeaders, body: &str, now: i64) -> bool {
        let secrets: Vec<SecretString> = secrets.iter().map(|s| SecretString::from(*s)).collect();
        callback_is_genuine(&secrets, headers, body.as_bytes(), Moment(now * 1000))
    }

    fn v1(signature: &str) -> CallbackHeaders {
        headers("msg_0001_completed", "1768471200", signature)
    }

    #[test]
    fn the_worked_vectors_verify() {
        let v3 = r#"{"type":"assessment.verdict_changed","timestamp":"2026-01-15T10:05:00Z","data":{"invite_id":"inv_0002","verdict":"passed","reviewer":"Zoë Müller"}}"#;
        let v4 = "{\"type\":\"assessment.started\",\"timestamp\":\"2026-01-15T09:00:00Z\",\"data\":{\"invite_id\":\"inv_0003\",\"status\":\"started\"}}\n";
        let table = [
            (A, "msg_0001_completed", "1768471200", V1_BODY, V1_SIGNATURE),
            (A, "evt-empty", "1768471201", "{}", "v1,KE4a/4HR7jo8SYHPzbI7WW9D3r3DLpq0Oq7WaV+R2fo="),
            (A, "evt_utf8_0002", "1768471500", v3, "v1,Egfsog9s7+zc1pTPu5rq7UHkLh/Mp0e/HUsNK6PLbz8="),
            (B, "evt_rotated_0003", "1768467600", v4, "v1,lGmL3mkt2VlHjL4mJT3NJ9yJz1MMxq2AyiHn68a3dVo="),
        ];
        for (secret, id, at, body, signature) in table {
            let now = at.parse().expect("a number");
            assert!(judge(&[secret], &headers(id, at, signature), body, now), "{id}");
            assert!(judge(&[B, A], &headers(id, at, signature), body, now), "{id} while both are active");
            let other = if secret == A { B } else { A };
            assert!(!judge(&[other], &headers(id, at, signature), body, now), "{id} under the other secret");
            assert_eq!(sign(&SecretString::from(secret), id, now, body.as_bytes()).as_deref(), Some(signature), "{id}");
        }
    }

    #[test]
    fn the_reference_vector_of_the_specification_verifies() {
        let headers =
            headers("msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
        assert!(judge(&["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"], &headers, r#"{"test": 2432232314}"#, 1_614_265_330));
    }

    #[test]
    fn what_was_altered_is_refused() {
        assert!(!judge(&[A], &v1(V1_SIGNATURE), &V1_BODY.replace("81", "82"), V1_AT), "body");
        assert!(!judge(&[A], &headers("msg_0001_completed", "1768471201", V1_SIGNATURE), V1_BODY, V1_AT), "timestamp");
        assert!(!judge(&[A], &headers("msg_0002_completed", "1768471200", V1_SIGNATURE), V1_BODY, V1_AT), "id");
        assert!(!judge(&[], &v1(V1_SIGNATURE), V1_BODY, V1_AT), "no secret");
    }

    #[test]
    fn five_minutes_either_way_are_the_limit() {
        for (now, expected) in [(300, true), (301, false), (-300, true), (-301, false)] {
            assert_eq!(judge(&[A], &v1(V1_SIGNATURE), V1_BODY, V1_AT + now), expected, "{now} s");
        }
    }

    #[test]
    fn only_entries_of_version_one_count() {
        let body = V1_SIGNATURE.trim_start_matches("v1,");
        assert!(judge(&[A], &v1(&format!("v1,AAAA {V1_SIGNATURE}")), V1_BODY, V1_AT), "the second entry matches");
        assert!(judge(&[A], &v1(&format!("v1a,AAAA v9,x {V1_SIGNATURE}")), V1_BODY, V1_AT), "unknown versions skip");
        assert!(!judge(&[A], &v1(&format!("v2,{body}")), V1_BODY, V1_AT), "another version");
        assert!(!judge(&[A], &v1(V1_SIGNATURE.trim_end_matches('=')), V1_BODY, V1_AT), "no padding");
        assert!(!judge(&[A], &v1(body), V1_BODY, V1_AT), "no version");
        assert!(!judge(&[A], &v1(""), V1_BODY, V1_AT), "no signature");
        let late = format!("{}{V1_SIGNATURE}", "v1,AAAA ".repeat(10));
        assert!(!judge(&[A], &v1(&late), V1_BODY, V1_AT), "the eleventh entry is not looked at");
    }

    #[test]
    fn malformed_headers_are_refused() {
        for (id, at) in [
            ("", "1768471200"),
            ("msg.0001", "1768471200"),
            ("msg 1", "1768471200"),
            ("msg_1", ""),
            ("msg_1", "+1768471200"),
            ("msg_1", "1768471200.0"),
            ("msg_1", "1768471200000"),
        ] {
            assert!(!judge(&[A], &headers(id, at, V1_SIGNATURE), V1_BODY, V1_AT), "{id:?} {at:?}");
        }
        assert!(!judge(&[A], &headers(&"m".repeat(257), "1768471200", V1_SIGNATURE), V1_BODY, V1_AT));
    }

    #[test]
    fn a_weak_secret_confirms_nothing() {
        let short = format!("whsec_{}", STANDARD.encode([7; 23]));
        assert!(signer(&SecretString::from(short)).is_none());
        assert!(signer(&SecretString::from("whsec_")).is_none());
        assert!(signer(&SecretString::from("not base64!")).is_none());
        assert!(signer(&new_secret()).is_some());
    }

    proptest! {
        #[test]
        fn nothing_panics(id in ".*", timestamp in ".*", signature in ".*", secret in ".*", body in proptest::collection::vec(any::<u8>(), 0..64), now in any::<i64>()) {
            let _judged = callback_is_genuine(&[SecretString::from(secret)], &headers(&id, &timestamp, &signature), &body, Moment(now));
        }

        #[test]
        fn a_flipped_bit_never_verifies(body in proptest::collection::vec(any::<u8>(), 1..200), at in 0..1_200_usize) {
            let mac = signer(&SecretString::from(A)).expect("a good secret").chain_update("evt.1768471200.".as_bytes()).chain_update(&body);
            let signature = format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()));
            let good = headers("evt", "1768471200", &signature);
            let secrets = [SecretString::from(A)];
            prop_assert!(callback_is_genuine(&secrets, &good, &body, Moment(V1_AT * 1000)));
            let mut altered = body.clone();
            let bit = at % (body.len() * 8);
            altered[bit / 8] ^= 1 << (bit % 8);
            prop_assert!(!callback_is_genuine(&secrets, &good, &altered, Moment(V1_AT * 1000)));
            let mut other = good.signature.clone().into_bytes();
            let place = 3 + at % (other.len() - 3);
            other[place] = if other[place] == b'A' { b'B' } else { b'A' };
            let other = headers("evt", "1768471200", &String::from_utf8_lossy(&other));
            prop_assert!(!callback_is_genuine(&secrets, &other, &body, Moment(V1_AT * 1000)));
        }
    }
}
