//! A webhook as whoever knows the signature token can write it.

use engine::{Engine, clock::Moment, connection};
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};
use sha2::Sha256;

use super::World;

/// A stage change, signed as Lever signs it.
pub fn signed(key: &str, token: &str, at: Moment, data: &Value) -> Value {
    let event = "candidateStageChange";
    let message = json!({ "id": format!("event-{token}"), "event": event, "token": token, "data": data });
    signed_anew(key, at, message)
}

/// A message as Lever signs it with that key at that moment.
fn signed_anew(key: &str, at: Moment, mut message: Value) -> Value {
    let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).expect("any key will do");
    let token = message["token"].as_str().expect("a token");
    mac.update(format!("{token}{}", at.0).as_bytes());
    let signature: String = mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    message["triggeredAt"] = json!(at.0);
    message["signature"] = json!(signature);
    message
}

impl World {
    /// A message of this moment as Lever signs it with that key.
    pub fn signs(&self, key: &str, message: Value) -> Value {
        signed_anew(key, self.engine.clock.now(), message)
    }

    /// Sends a message to the address that Lever's webhook must call; answers the status.
    pub async fn delivers(&self, message: &Value) -> u16 {
        let shown = connection::overview(&self.engine, &self.admin).await.expect("readable").expect("a connection");
        let request = self.http.post(shown.webhook_url).json(message);
        request.send().await.expect("an answer").status().as_u16()
    }

    /// The same installation once more, as a second process has it.
    pub async fn another_process(&self) -> Engine {
        let settings = self.engine.settings.as_ref().clone();
        Engine::open(settings, self.engine.clock.clone()).await.expect("the engine opens")
    }
}
