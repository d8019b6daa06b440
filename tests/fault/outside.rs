//! What only these runs ask of the stand-ins.

use serde_json::Value;

use crate::halden::Halden;

impl Halden {
    fn both(&self) -> [String; 2] {
        [self.sandbox.lever_url(), self.sandbox.canditech_url()]
    }

    /// Posts to the stand-in Canditech.
    pub async fn canditech(&self, path: &str, body: Value) -> Value {
        self.post(&format!("{}{path}", self.sandbox.canditech_url()), body).await
    }

    /// What both stand-ins were asked, and how they answered.
    pub async fn ledgers(&self) -> Vec<Value> {
        let mut all = Vec::new();
        for stand_in in self.both() {
            let ledger = self.read(&format!("{stand_in}/sandbox/ledger")).await;
            all.extend(ledger["data"].as_array().expect("a list").clone());
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
