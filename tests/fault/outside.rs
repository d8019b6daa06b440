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
