//! A person at Lever's own pages: the consent page, and the webhook settings.

use engine::{
    access::Member,
    connection::{self, ConnectError, OtherAccount, Return},
};
use url::Url;

use crate::world::World;

pub const SESSION: &str = "a web session";
pub const NORA: &str = "Nora Lindqvist";

/// A person's browser, logged in at Lever.
pub struct Person {
    http: reqwest::Client,
    cookie: String,
    lever: Url,
}

impl Person {
    pub async fn at_lever(world: &World, name: &str) -> Self {
        #[expect(clippy::disallowed_methods, reason = "a person's browser, not the product's client")]
        let http = reqwest::Client::builder();
        Self {
            http: http.redirect(reqwest::redirect::Policy::none()).no_proxy().build().expect("a client"),
            cookie: format!("standin_lever={}", world.user(name).await),
            lever: world.engine.settings.lever.auth_url.clone(),
        }
    }

    /// Presses Accept or Deny on the consent page.
    pub async fn decides(&self, ask: &Url, decision: &str) -> Return {
        let mut form: Vec<(String, String)> = ask.query_pairs().into_owned().collect();
        form.push(("decision".into(), decision.into()));
        let back = self.posts("authorize", &form).await;
        let back = Url::parse(&back).expect("an address");
        let one = |name: &str| back.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned());
        Return {
            state: one("state").unwrap_or_default(),
            code: one("code"),
            error: one("error"),
            error_description: one("error_description"),
            iss: one("iss"),
        }
    }

    /// Posts a form; answers where Lever leads to then.
    pub async fn posts(&self, path: &str, form: &[(String, String)]) -> String {
        let page = self.lever.join(path).expect("an address");
        let answer = self.http.post(page).header("cookie", &self.cookie).form(form).send().await.expect("an answer");
        let to = answer.headers().get("location").expect("a way on");
        to.to_str().expect("an address").to_owned()
    }

    pub async fn reads(&self, path: &str) -> String {
        let page = self.lever.join(path).expect("an address");
        let answer = self.http.get(page).header("cookie", &self.cookie).send().await.expect("an answer");
        answer.text().await.expect("a page")
    }
}

/// Goes to Lever's consent page as `who` and comes back.
pub async fn return_of(world: &World, member: &Member, who: &str, decision: &str) -> Return {
    world.tick();
    let ask = connection::begin(&world.engine, member, SESSION, OtherAccount::Ask).await.expect("begins");
    Person::at_lever(world, who).await.decides(&ask, decision).await
}

/// Completes with what a return brought.
pub async fn complete(world: &World, returned: &Return) -> Result<String, ConnectError> {
    connection::complete(&world.engine, &world.admin, SESSION, returned).await
}
