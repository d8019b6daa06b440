//! What only these runs ask of the stand-ins and of a company.

use sandbox::OneAddress;
use serde_json::{Value, json};

use crate::halden::{self, Halden};

impl Halden {
    /// Another company at the same program, with another Nora and stand-ins of its own. From now on the program
    /// reaches both Levers at the one address, and both accounts at Canditech.
    pub async fn with_a_neighbour(&mut self, organization: &str, domain: &str) -> (Self, OneAddress) {
        let sandbox = halden::stand_ins().await;
        let address = sandbox::at_one_address(&[&self.sandbox, &sandbox]).await.expect("an address");
        let hosts = [&self.sandbox, &sandbox].map(|company| company.canditech_url().replace("http://", ""));
        self.set("CANDILEVER_LEVER_AUTH_URL", &address.url());
        self.set("CANDILEVER_LEVER_API_URL", &format!("{}/v1", address.url()));
        self.set("CANDILEVER_PROVIDER_HOSTS", &hosts.join(","));
        let email = format!("nora@{domain}");
        let added = self.folder.add_user_to(organization, &email, "Super Admin").await;
        assert!(added.status.success(), "{}", String::from_utf8_lossy(&added.stderr));
        let neighbour = Self::between(self.folder.clone(), &email, sandbox, self.settings.clone()).await;
        neighbour.lever("/sandbox/account", json!({ "domain": domain })).await;
        (neighbour, address)
    }

    fn both(&self) -> [String; 2] {
        [self.sandbox.lever_url(), self.sandbox.canditech_url()]
    }

    /// Posts to the stand-in Canditech.
    pub async fn canditech(&self, path: &str, body: Value) -> Value {
        self.post(&format!("{}{path}", self.sandbox.canditech_url()), body).await
    }

    /// What Lever and Canditech were asked, and how they answered.
    pub async fn ledgers(&self) -> [Vec<Value>; 2] {
        let mut all = [const { Vec::new() }; 2];
        for (ledger, stand_in) in all.iter_mut().zip(self.both()) {
            let told = self.read(&format!("{stand_in}/sandbox/ledger")).await;
            ledger.clone_from(told["data"].as_array().expect("a list"));
        }
        all
    }

    /// Nothing goes wrong at the stand-ins any more.
    pub async fn forget_faults(&self) {
        for stand_in in self.both() {
            self.http.delete(format!("{stand_in}/sandbox/faults")).send().await.expect("an answer");
        }
    }
}
