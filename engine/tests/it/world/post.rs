//! The mail server, and what it has.

use engine::{
    Engine,
    settings::{Encryption, MailSettings, Settings},
};
use serde_json::Value;

use super::World;

impl World {
    /// From now on we have a way out for mail, and hosts that an organization's webhook may name.
    pub async fn mailing(mut self, webhook_hosts: &[String]) -> Self {
        let smtp = self.sandbox.smtp_address();
        let mail = MailSettings {
            host: smtp.ip().to_string(),
            port: smtp.port(),
            encryption: Encryption::None,
            credentials: None,
            from: "Candilever <candilever@halden.example>".into(),
        };
        let settings = Settings {
            mail: Some(mail),
            webhook_hosts: webhook_hosts.to_vec(),
            ..Settings::clone(&self.engine.settings)
        };
        let opened = Engine::open(settings, self.engine.clock.clone()).await.expect("the engine opens");
        // Whoever calls us is heard by the one from before: all else is in common.
        let Engine { mailer, http, settings, .. } = opened;
        self.engine = Engine { mailer, http, settings, ..self.engine.clone() };
        self
    }

    /// What came for an address, oldest first.
    pub async fn mails(&self, recipient: &str) -> Vec<Value> {
        let url = format!("{}/sandbox/mails?recipient={recipient}", self.sandbox.post_url());
        self.get(&url).await["data"].as_array().expect("a list").clone()
    }

    /// All that came for an address, as subject and text.
    pub async fn read_mails(&self, recipient: &str) -> Vec<(String, String)> {
        let text = |mail: &Value, part: &str| mail[part].as_str().unwrap_or_default().to_owned();
        self.mails(recipient).await.iter().map(|mail| (text(mail, "subject"), text(mail, "text"))).collect()
    }

    pub async fn fault_at_the_mail_server(&self, fault: Value) {
        self.post(&format!("{}/sandbox/faults", self.sandbox.post_url()), fault).await;
    }

    /// Lets the mail server take mail of whoever says this alone.
    pub async fn mail_server_asks_for(&self, login: Value) {
        self.post(&format!("{}/sandbox/login", self.sandbox.post_url()), login).await;
    }

    /// Lets it take everybody's.
    pub async fn mail_server_asks_nobody(&self) {
        let url = format!("{}/sandbox/login", self.sandbox.post_url());
        self.http.delete(url).send().await.expect("the stand-in answers");
    }
}
