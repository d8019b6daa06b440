//! The consent at Lever and the account at Canditech, as a person sets them up.

use engine::{
    access::Member,
    connection::{self, OtherAccount, Return},
    fault::FlowError,
    provider::{self, AccountOverview, OtherProtocol, Protocol},
};
use serde_json::json;
use url::Url;

use super::World;

const SESSION: &str = "the test's web session";
const NORA: &str = "Nora Lindqvist";

impl World {
    /// Connects to Lever as Nora, through the consent page.
    pub async fn connect(&self) {
        self.connect_for(&self.admin).await;
    }

    /// Connects somebody's organization to Lever.
    pub async fn connect_for(&self, member: &Member) {
        self.connect_at(member, &self.sandbox.lever_url()).await;
    }

    /// The same at the stand-in with that address.
    pub async fn connect_at(&self, member: &Member, lever_url: &str) {
        self.consents(member, OtherAccount::Ask, (NORA, lever_url)).await;
    }

    /// The same as somebody else in Lever than Nora.
    pub async fn connect_as(&self, member: &Member, name: &str) {
        self.consents(member, OtherAccount::Ask, (name, &self.sandbox.lever_url())).await;
    }

    /// Connects to another Lever account than before, which the person confirms.
    pub async fn connect_other_account(&self) {
        self.consents(&self.admin, OtherAccount::Confirmed, (NORA, &self.sandbox.lever_url())).await;
    }

    async fn consents(&self, member: &Member, other: OtherAccount, at: (&str, &str)) {
        self.tick();
        let ask = connection::begin(&self.engine, member, SESSION, other).await.expect("begins");
        let returned = self.consent(&ask, at).await;
        connection::complete(&self.engine, member, SESSION, &returned).await.expect("connects");
    }

    async fn consent(&self, ask: &Url, (name, lever_url): (&str, &str)) -> Return {
        let person = self.user(name).await;
        // The stand-in's own address is its audience, whatever it is behind.
        let others = ask.query_pairs().into_owned().filter(|(name, _)| name != "audience");
        let mut form: Vec<(String, String)> = others.collect();
        form.push(("audience".into(), format!("{lever_url}/v1/")));
        form.push(("decision".into(), "accept".into()));
        let page = format!("{lever_url}{}", ask.path());
        let request = self.http.post(page).header("cookie", format!("standin_lever={person}")).form(&form);
        let answer = request.send().await.expect("the consent page answers");
        let back = answer.headers().get("location").expect("the way back").to_str().expect("an address");
        let back = Url::parse(back).expect("an address");
        let one = |name: &str| back.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned());
        Return {
            state: one("state").unwrap_or_default(),
            code: one("code"),
            error: one("error"),
            error_description: one("error_description"),
            iss: one("iss"),
        }
    }

    /// Sets up the account at the provider, and tells it where and how to call back where it must be told.
    pub async fn connect_provider(&self, protocol: Protocol) {
        self.speak(protocol, OtherProtocol::Ask).await.expect("an account");
        let account = self.account().await;
        if account.callback_secret.is_some() {
            self.hand_over(&account).await;
        }
    }

    /// Tells the provider where to call back and with which secret, as the page showed them.
    pub async fn hand_over(&self, account: &AccountOverview) {
        let told = json!({ "secret": account.callback_secret, "callback_url": account.callback_url });
        self.canditech("/sandbox/secret", told).await;
    }

    /// Saves the account with the right address and key for a protocol.
    pub async fn speak(&self, protocol: Protocol, other: OtherProtocol) -> Result<AccountOverview, FlowError> {
        let place = match protocol {
            Protocol::Canditech => "api",
            Protocol::GreenhousePartner => "greenhouse",
        };
        self.speak_at(protocol, &format!("{}/{place}", self.sandbox.canditech_url()), other).await
    }

    /// The same at any address.
    pub async fn speak_at(
        &self,
        protocol: Protocol,
        base: &str,
        other: OtherProtocol,
    ) -> Result<AccountOverview, FlowError> {
        self.tick();
        let key = Some("ctk_demo_org_key".to_owned().into());
        provider::save_and_test(&self.engine, &self.admin, protocol, base, key, other).await
    }

    /// The account as the page shows it.
    pub async fn account(&self) -> AccountOverview {
        provider::account(&self.engine, &self.admin).await.expect("readable").expect("an account")
    }

    /// A Super Admin revokes our access in Lever.
    pub async fn revoke_in_lever(&self) {
        self.lever("/sandbox/revoke", json!({})).await;
    }
}
