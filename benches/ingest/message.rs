//! Messages as Lever sends them, each with a token, a candidate and a signature of its own.

use std::fmt::Write as _;

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

/// A message's size.
pub fn size() -> usize {
    body("key", 0, 1_790_000_000_000).len()
}

/// The `number`th message, signed with `key`.
pub fn body(key: &str, number: u64, at: i64) -> String {
    let token = format!("{number:048x}");
    let signature = sign(key, &token, at);
    format!(
        r#"{{"id":"{number:08x}-4b5c-4d6e-8f70-a1b2c3d4e5f6","triggeredAt":{at},"event":"candidateStageChange","signature":"{signature}","token":"{token}","data":{{"candidateId":"{number:08x}-1c2d-4e3f-9a4b-5c6d7e8f9a0b","contactId":"{number:08x}-2c2d-4e3f-9a4b-5c6d7e8f9a0b","opportunityId":"{number:08x}-3c2d-4e3f-9a4b-5c6d7e8f9a0b","fromStageId":"00922a60-7c15-422b-b086-f62000824fd7","toStageId":"f37d1918-63e7-4850-9a72-7d3fae1c6507","applicationId":"{number:08x}-5c2d-4e3f-9a4b-5c6d7e8f9a0b"}}}}"#
    )
}

fn sign(key: &str, token: &str, at: i64) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).expect("any key will do");
    mac.update(token.as_bytes());
    mac.update(at.to_string().as_bytes());
    mac.finalize().into_bytes().iter().fold(String::with_capacity(64), |mut hex, byte| {
        write!(hex, "{byte:02x}").expect("text takes text");
        hex
    })
}
