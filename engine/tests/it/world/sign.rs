//! A webhook as whoever knows the signature token can write it.

use engine::{Engine, clock::Moment};
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};
use sha2::Sha256;

use super::World;

/// A stage change, signed as Lever signs it.
pub fn signed(key: &str, token: &str, at: Moment, data: &Value) -> Value {
    let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).expect("any key will do");
    mac.update(format!("{token}{}", at.0).as_bytes());
    let signature: String = mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    json!({
        "id": format!("event-{token}"),
        "event": "candidateStageChange",
        "triggeredAt": at.0,
        "token": token,
        "signature": signature,
        "data": data,
    })
}

impl World {
    /// The same installation once more, as a second process has it.
    pub async fn another_process(&self) -> Engine {
        let settings = self.engine.settings.as_ref().clone();
        Engine::open(settings, self.engine.clock.clone()).await.expect("the engine opens")
    }
}
