//! Webhooks that are genuine as far as the program can tell.

use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};
use sha2::Sha256;
use sqlx::{AnyConnection, Connection as _};

use crate::{
    halden::Halden,
    program::{Folder, Program},
};

/// What HMAC makes of a text.
pub fn mac(key: &[u8], signed: &[u8]) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("any key will do");
    mac.update(signed);
    mac.finalize().into_bytes().to_vec()
}

/// A signature as Lever writes it.
pub fn lever_signature(key: &str, token: &str, at: &str) -> String {
    mac(key.as_bytes(), format!("{token}{at}").as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A company whose Lever's signature token the test knows.
pub struct Lever {
    pub halden: Halden,
    pub program: Program,
    pub path: String,
}

impl Lever {
    const TOKEN: &str = "what this Lever signs its webhooks with";

    pub async fn new() -> Self {
        Self::at(Folder::new(), &[]).await
    }

    /// The same with a database and settings of its own.
    pub async fn at(folder: Folder, own: &[(&str, &str)]) -> Self {
        let mut halden = Halden::at(folder, own).await;
        let program = halden.start().await;
        halden.set_up(&program).await;
        let token = [("token", Self::TOKEN)];
        halden.nora.press(&program, "/settings/integrations/lever", "/api/save_signature_token", &token).await;
        let mut lever = Self { halden, program, path: String::new() };
        lever.path = format!("/webhooks/lever/{}", lever.read("SELECT endpoint FROM connections").await);
        lever
    }

    /// One value of the database.
    pub async fn read(&self, query: &'static str) -> String {
        let mut connection = self.database().await;
        sqlx::query_scalar(query).fetch_one(&mut connection).await.expect("one row")
    }

    async fn database(&self) -> AnyConnection {
        sqlx::any::install_default_drivers();
        AnyConnection::connect(&self.halden.folder.database_url()).await.expect("the database opens")
    }

    /// A webhook that tells of a move; each token is another one.
    pub fn webhook(&self, token: &str, opportunity: &str) -> Value {
        let at = engine::clock::Clock::System.now().0;
        json!({
            "event": "candidateStageChange",
            "triggeredAt": at,
            "token": token,
            "signature": lever_signature(Self::TOKEN, token, &at.to_string()),
            "data": { "opportunityId": opportunity, "toStageId": token },
        })
    }

    /// A request with that body, which says that it is so long.
    pub fn request(&self, body: &str, length: usize) -> String {
        format!("POST {} HTTP/1.1\r\nhost: x\r\ncontent-length: {length}\r\n\r\n{body}", self.path)
    }

    /// The bodies that are kept.
    pub async fn kept(&self) -> Vec<String> {
        let bodies = sqlx::query_scalar("SELECT body FROM deliveries WHERE source = 'lever'");
        let mut bodies: Vec<String> = bodies.fetch_all(&mut self.database().await).await.expect("bodies");
        bodies.sort();
        bodies
    }
}
