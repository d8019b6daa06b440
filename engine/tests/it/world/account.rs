//! Two companies, each with a Lever account of its own at the address that both share.

use engine::access::Member;
use serde_json::{Value, json};

use super::{STAGE, World};

impl World {
    /// A second company with a Lever account of its own, at the same address as the first one's.
    pub async fn with_another_company() -> (Self, Member) {
        let world = Self::start(super::Accounts::Two, super::database::Database::new().await).await;
        let url = format!("{}/sandbox/account", world.other().lever_url());
        world.post(&url, json!({ "domain": "other.example" })).await;
        world.at_other("/sandbox/stages", json!({ "text": STAGE })).await;
        world.connect().await;
        let boss =
            super::add_user(&world.engine, "Other Company", "boss@other.example", engine::access::Role::SuperAdmin)
                .await;
        world.connect_at(&boss, &world.other().lever_url()).await;
        (world, boss)
    }

    fn other(&self) -> &sandbox::Sandbox {
        self.another.as_ref().expect("two accounts")
    }

    /// Posts to the other company's Lever.
    pub async fn at_other(&self, path: &str, body: Value) -> Value {
        self.post(&format!("{}{path}", self.other().lever_url()), body).await
    }

    /// How the other company's Lever answered what was asked of it below a path, in order.
    pub async fn asked_of_other(&self, prefix: &str) -> Vec<u64> {
        let url = format!("{}/sandbox/ledger?path_prefix={prefix}", self.other().lever_url());
        let ledger = self.get(&url).await;
        let entries = ledger["data"].as_array().expect("a list");
        entries.iter().map(|entry| entry["status"].as_u64().expect("a status")).collect()
    }

    pub async fn forget_faults_at_other(&self) {
        let url = format!("{}/sandbox/faults", self.other().lever_url());
        self.http.delete(url).send().await.expect("the stand-in answers");
    }
}
