//! Standard Webhooks signatures as the sender makes them: HMAC-SHA256 over `id.timestamp.body`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// A callback secret: the bytes behind `whsec_`.
#[derive(Clone)]
pub(crate) struct Secret {
    text: String,
    key: Vec<u8>,
}

impl Secret {
    /// Reads `whsec_` + base64 of 24 to 64 bytes.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let text = text.trim();
        let encoded = text.strip_prefix("whsec_").ok_or("The secret must begin with whsec_.")?;
        let key = STANDARD.decode(encoded).map_err(|_| "What follows whsec_ must be base64.")?;
        if !(24..=64).contains(&key.len()) {
            return Err("The secret must hold 24 to 64 bytes.");
        }
        Ok(Self { text: text.to_owned(), key })
    }

    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The value of `webhook-signature` for one attempt.
    pub fn sign(&self, id: &str, timestamp: i64, body: &[u8]) -> String {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.key).expect("HMAC takes a key of any length");
        mac.update(format!("{id}.{timestamp}.").as_bytes());
        mac.update(body);
        format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: &str = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
    const B: &str = "whsec_Ju267U1YOvZ/0QHj8cmxDbuU4/OVZtHeGBcjVV4DR3o=";

    fn sign(secret: &str, id: &str, timestamp: i64, body: &str) -> String {
        Secret::parse(secret).unwrap().sign(id, timestamp, body.as_bytes())
    }

    #[test]
    fn the_worked_vectors_are_met() {
        let plain = r#"{"type":"assessment.completed","timestamp":"2026-01-15T10:00:00Z","data":{"invite_id":"inv_0001","status":"completed","score":{"value":81,"max":100}}}"#;
        let v1 = "v1,+J9/3nw9ySlrf2m7aUKlWFA6/yYPmLdIsZ82zjKK/xs=";
        assert_eq!(sign(A, "msg_0001_completed", 1_768_471_200, plain), v1);

        let v2 = "v1,KE4a/4HR7jo8SYHPzbI7WW9D3r3DLpq0Oq7WaV+R2fo=";
        assert_eq!(sign(A, "evt-empty", 1_768_471_201, "{}"), v2);

        let utf8 = r#"{"type":"assessment.verdict_changed","timestamp":"2026-01-15T10:05:00Z","data":{"invite_id":"inv_0002","verdict":"passed","reviewer":"Zoë Müller"}}"#;
        let v3 = "v1,Egfsog9s7+zc1pTPu5rq7UHkLh/Mp0e/HUsNK6PLbz8=";
        assert_eq!(sign(A, "evt_utf8_0002", 1_768_471_500, utf8), v3);

        let line = "{\"type\":\"assessment.started\",\"timestamp\":\"2026-01-15T09:00:00Z\",\"data\":{\"invite_id\":\"inv_0003\",\"status\":\"started\"}}\n";
        let v4 = "v1,lGmL3mkt2VlHjL4mJT3NJ9yJz1MMxq2AyiHn68a3dVo=";
        let old = "v1,tm1kP1EmCW4393oREicTeMSRs/nYZCGLSjehGYOIbAc=";
        assert_eq!(sign(B, "evt_rotated_0003", 1_768_467_600, line), v4);
        assert_eq!(sign(A, "evt_rotated_0003", 1_768_467_600, line), old);
    }

    #[test]
    fn the_reference_vector_of_the_specification_is_met() {
        let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
        let signature = sign(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, r#"{"test": 2432232314}"#);
        assert_eq!(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn a_secret_that_cannot_be_one_is_refused() {
        for text in ["", "AAECAwQF", "whsec_", "whsec_AAEC", "whsec_not base64"] {
            assert!(Secret::parse(text).is_err(), "{text:?} was taken");
        }
    }
}
