//! What people do in Lever and at Canditech, and what stands there.

use engine::settings::USUAL_CALLS_PER_SECOND;
use serde_json::{Value, json};
use sqlx::AssertSqlSafe;

use super::{Sender, World, text};

impl World {
    /// Posts to the stand-in Lever.
    pub async fn lever(&self, path: &str, body: Value) -> Value {
        self.post(&format!("{}{path}", self.sandbox.lever_url()), body).await
    }

    /// Posts to the stand-in Canditech.
    pub async fn canditech(&self, path: &str, body: Value) -> Value {
        self.post(&format!("{}{path}", self.sandbox.canditech_url()), body).await
    }

    pub(super) async fn post(&self, url: &str, body: Value) -> Value {
        let answer = self.http.post(url).json(&body).send().await.expect("the stand-in answers");
        let status = answer.status();
        let shown: Value = answer.json().await.unwrap_or_default();
        assert!(status.is_success(), "{url} {body}: {status} {shown}");
        shown
    }

    pub(super) async fn get(&self, url: &str) -> Value {
        self.http.get(url).send().await.expect("the stand-in answers").json().await.expect("JSON")
    }

    pub async fn lever_state(&self) -> Value {
        self.get(&format!("{}/sandbox/state", self.sandbox.lever_url())).await
    }

    pub async fn canditech_state(&self) -> Value {
        self.get(&format!("{}/sandbox/state", self.sandbox.canditech_url())).await
    }

    /// The stand-in Canditech's address.
    pub fn canditech_url(&self) -> String {
        self.sandbox.canditech_url()
    }

    /// The requests of one method that reached Lever's API below a path.
    pub async fn asked_of_lever(&self, method: &str, prefix: &str) -> usize {
        let url = format!("{}/sandbox/ledger?method={method}&path_prefix={prefix}", self.sandbox.lever_url());
        self.get(&url).await["data"].as_array().map_or(0, Vec::len)
    }

    /// What was asked of Lever below a path, in order.
    pub async fn lever_ledger(&self, prefix: &str) -> Vec<Value> {
        let url = format!("{}/sandbox/ledger?path_prefix={prefix}", self.sandbox.lever_url());
        self.get(&url).await["data"].as_array().expect("a list").clone()
    }

    /// The same at Canditech.
    pub async fn asked_of_canditech(&self, method: &str, prefix: &str) -> usize {
        let url = format!("{}/sandbox/ledger?method={method}&path_prefix={prefix}", self.sandbox.canditech_url());
        self.get(&url).await["data"].as_array().map_or(0, Vec::len)
    }

    /// Somebody invites a candidate at Canditech, without us; answers the invite's id there.
    pub async fn invites_elsewhere(&self, email: &str, assessment: &str) -> String {
        let body = json!({ "assessment_id": assessment, "candidate": { "first_name": "Grace", "email": email } });
        let request = self.http.post(format!("{}/api/invites", self.sandbox.canditech_url())).json(&body);
        let answer = request.bearer_auth("ctk_demo_org_key").send().await.expect("an answer");
        let made: Value = answer.json().await.expect("JSON");
        text(&made["invite_id"])
    }

    /// The id of whom or what the account has under that name.
    async fn named(&self, list: &str, field: &str, name: &str) -> String {
        let state = self.lever_state().await;
        let all = state[list].as_array().expect("a list");
        let found = all.iter().find(|one| one[field] == name).unwrap_or_else(|| panic!("no {name} in {list}"));
        text(&found["id"])
    }

    pub async fn user(&self, name: &str) -> String {
        self.named("users", "name", name).await
    }

    pub async fn posting(&self, title: &str) -> String {
        self.named("postings", "text", title).await
    }

    /// Somebody applies to the posting; answers the opportunity.
    pub async fn applies(&self, name: &str, email: Option<&str>, posting: Option<&str>) -> String {
        let made = self.lever("/sandbox/candidates", json!({ "name": name, "email": email, "posting": posting })).await;
        text(&made["opportunity"])
    }

    /// Moves a candidate without waiting for what Lever tells of it.
    pub async fn moves(&self, opportunity: &str, stage: &str) {
        self.lever("/sandbox/move", json!({ "opportunity": opportunity, "stage": stage })).await;
    }

    /// Moves a candidate to the attached stage, and waits for the webhook.
    pub async fn moves_to_stage(&self, opportunity: &str) {
        self.moves(opportunity, &self.stage).await;
        self.hear(Sender::Lever).await;
    }

    /// The texts of an opportunity's notes that are not deleted.
    pub async fn notes(&self, opportunity: &str) -> Vec<String> {
        let state = self.lever_state().await;
        let all = state["opportunities"].as_array().expect("a list");
        let found = all.iter().find(|one| one["id"] == opportunity).expect("the opportunity");
        let notes = found["notes"].as_array().expect("notes");
        let standing = notes.iter().filter(|note| note["deletedAt"].is_null());
        standing.map(|note| text(&note["fields"][0]["value"])).collect()
    }

    /// Whether the opportunity has exactly one note, and it has all these lines.
    pub async fn note_says(&self, opportunity: &str, lines: &[&str]) -> bool {
        let notes = self.notes(opportunity).await;
        notes.len() == 1 && lines.iter().all(|line| notes[0].lines().any(|other| other == *line))
    }

    /// The invites that the provider has.
    pub async fn sent(&self) -> Vec<Value> {
        self.canditech_state().await["invites"].as_array().expect("a list").clone()
    }

    /// The candidate with that address submits, with a score.
    pub async fn submits(&self, email: &str, score: Option<u32>) {
        self.canditech("/sandbox/start", json!({ "invite": email })).await;
        self.canditech("/sandbox/complete", json!({ "invite": email, "score": score })).await;
    }

    /// Neither we nor the stand-in Lever count calls.
    /// Our share of Lever's rate as it usually is.
    pub async fn at_the_usual_rate(&self) {
        let statement = format!("UPDATE lever_accounts SET rate_per_second = {USUAL_CALLS_PER_SECOND}, rate_tat = 0");
        self.rate(statement).await;
    }

    /// Forgets what a 429 did to our rate, which goes by the wall clock.
    pub async fn rest(&self) {
        self.rate("UPDATE lever_accounts SET rate_tat = 0, rate_slow_until = 0".to_owned()).await;
    }

    async fn rate(&self, statement: String) {
        let mut tx = self.engine.db.write().await.expect("a transaction");
        sqlx::query(AssertSqlSafe(statement)).execute(&mut *tx).await.expect("one row");
        tx.commit().await.expect("stored");
    }

    /// The invites that the candidate with that address got.
    pub async fn sent_to(&self, email: &str) -> usize {
        self.sent().await.iter().filter(|invite| invite["candidate"]["email"] == email).count()
    }

    pub async fn fault_at_lever(&self, fault: Value) {
        self.lever("/sandbox/faults", fault).await;
    }

    pub async fn fault_at_canditech(&self, fault: Value) {
        self.canditech("/sandbox/faults", fault).await;
    }

    pub async fn forget_faults_at_lever(&self) {
        self.forget_faults(&self.sandbox.lever_url()).await;
    }

    pub async fn forget_faults_at_canditech(&self) {
        self.forget_faults(&self.sandbox.canditech_url()).await;
    }

    async fn forget_faults(&self, stand_in: &str) {
        let url = format!("{stand_in}/sandbox/faults");
        self.http.delete(url).send().await.expect("the stand-in answers");
    }
}
