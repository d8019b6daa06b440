//! An engine that has nobody to talk to: only its database is at work.

use std::time::Duration;

use engine::{
    Engine,
    clock::Clock,
    settings::{LeverSettings, Settings, USUAL_CALLS_PER_SECOND},
    vault::MasterKey,
};

/// The same for every server of a database; it protects nothing.
const KEY: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";

/// Opens it on the database at this address, by the wall clock.
pub async fn engine(url: &str) -> Engine {
    let address = |text: &str| text.parse().expect("an address");
    let settings = Settings {
        database_url: url.to_owned(),
        master_key: MasterKey::parse(KEY).expect("32 bytes"),
        public_url: address("http://127.0.0.1/"),
        lever: LeverSettings {
            auth_url: address("http://localhost/"),
            api_url: address("http://localhost/v1"),
            audience: "http://localhost/v1/".into(),
            client_id: "none".into(),
            client_secret: "none".to_owned().into(),
            calls_per_second: USUAL_CALLS_PER_SECOND,
        },
        provider_hosts: Vec::new(),
        identity_providers: Vec::new(),
        proxy: None,
        catch_up: Duration::from_secs(300),
        mail: None,
        late_at_once: 25,
        digest_hour: 6,
        webhook_hosts: Vec::new(),
    };
    Engine::open(settings, Clock::System).await.expect("the engine opens")
}
