//! A Lever for a test: the stand-in, an app that was given access, and calls of the API.

use reqwest::{Client, Method, RequestBuilder, StatusCode, redirect::Policy};
use sandbox::{Config, Sandbox, Seed};
use serde_json::{Value, json};
use url::Url;

pub const CALLBACK: &str = "http://127.0.0.1:9/oauth/lever/callback";
pub const SCOPES: &str = "offline_access opportunities:write:admin notes:write:admin stages:read:admin \
    tags:read:admin webhooks:write:admin contact:read:admin users:read:admin postings:read:admin \
    archive_reasons:read:admin applications:read:admin";

pub struct Lever {
    pub sandbox: Sandbox,
    pub http: Client,
    pub url: String,
}

/// What the token endpoint gave.
#[derive(Debug, Clone)]
pub struct Tokens {
    pub access: String,
    pub refresh: String,
    pub scope: String,
}

impl Tokens {
    pub fn read(answer: &Value) -> Self {
        let text = |name: &str| answer[name].as_str().unwrap_or_default().to_owned();
        Self { access: text("access_token"), refresh: text("refresh_token"), scope: text("scope") }
    }
}

impl Lever {
    pub async fn start(seed: Seed) -> Self {
        let sandbox = sandbox::start(Config { seed, ..Config::local() }).await.expect("free ports");
        // The stand-in has installed a TLS provider by now.
        #[expect(clippy::disallowed_methods, reason = "a browser of our own, without the engine")]
        let http = Client::builder().redirect(Policy::none()).no_proxy().build().unwrap();
        Self { url: sandbox.lever_url(), sandbox, http }
    }

    pub fn ask(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, format!("{}{path}", self.url))
    }

    /// The address of the consent page.
    pub fn authorize(&self, changes: &[(&str, Option<&str>)]) -> String {
        let audience = format!("{}/v1/", self.url);
        let mut query = vec![
            ("client_id", Some("candilever-demo")),
            ("redirect_uri", Some(CALLBACK)),
            ("response_type", Some("code")),
            ("state", Some("s-1")),
            ("scope", Some(SCOPES)),
            ("audience", Some(&audience)),
        ];
        query.retain(|(name, _)| !changes.iter().any(|(changed, _)| changed == name));
        query.extend(changes);
        let query = query.into_iter().filter_map(|(name, value)| Some((name, value?)));
        let mut url = Url::parse(&format!("{}/authorize", self.url)).unwrap();
        url.query_pairs_mut().extend_pairs(query);
        url.into()
    }

    /// Presses a button of the consent page as this person; answers where the browser is sent.
    pub async fn decide(&self, address: &str, person: &str, decision: &str) -> Url {
        let cookie = self.log_in(person).await;
        let url = Url::parse(address).unwrap();
        let mut fields: Vec<(String, String)> = url.query_pairs().into_owned().collect();
        fields.push(("decision".to_owned(), decision.to_owned()));
        let answer = self.ask(Method::POST, "/authorize").header("cookie", cookie).form(&fields).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::SEE_OTHER);
        Url::parse(answer.headers()["location"].to_str().unwrap()).unwrap()
    }

    /// The cookie of whoever this is.
    pub async fn log_in(&self, person: &str) -> String {
        let state = self.state().await;
        let user = state["users"].as_array().unwrap().iter().find(|user| user["name"] == person);
        let id = user.expect("a seeded person")["id"].as_str().unwrap().to_owned();
        let answer = self.ask(Method::POST, "/login").form(&[("user", id)]).send().await.unwrap();
        let cookie = answer.headers()["set-cookie"].to_str().unwrap();
        cookie.split(';').next().unwrap().to_owned()
    }

    pub async fn exchange(&self, fields: &Value) -> (StatusCode, Value) {
        let mut body = json!({ "client_id": "candilever-demo", "client_secret": "candilever-demo-secret" });
        for (name, value) in fields.as_object().unwrap() {
            body[name] = value.clone();
        }
        let answer = self.ask(Method::POST, "/oauth/token").json(&body).send().await.unwrap();
        (answer.status(), answer.json().await.unwrap())
    }

    pub async fn refresh(&self, token: &str) -> (StatusCode, Value) {
        self.exchange(&json!({ "grant_type": "refresh_token", "refresh_token": token })).await
    }

    /// Nora accepts; the code becomes tokens.
    pub async fn connect(&self) -> Tokens {
        let back = self.decide(&self.authorize(&[]), "Nora Lindqvist", "accept").await;
        let (status, answer) = self.redeem(&back).await;
        assert_eq!(status, StatusCode::OK, "{answer}");
        Tokens::read(&answer)
    }

    pub async fn redeem(&self, back: &Url) -> (StatusCode, Value) {
        let code = query(back, "code").expect("a code");
        let fields = json!({ "grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK });
        self.exchange(&fields).await
    }

    /// A call of the API, however full the bucket is.
    pub async fn call(&self, token: &str, method: Method, path: &str, body: Option<Value>) -> (StatusCode, Value) {
        self.admin("/sandbox/rate/refill", json!({})).await;
        let mut request = self.ask(method, path).bearer_auth(token);
        if let Some(body) = body {
            request = request.json(&body);
        }
        let answer = request.send().await.unwrap();
        let status = answer.status();
        (status, serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap_or(Value::Null))
    }

    pub async fn get(&self, token: &str, path: &str) -> Value {
        let (status, answer) = self.call(token, Method::GET, path, None).await;
        assert_eq!(status, StatusCode::OK, "{path}: {answer}");
        answer
    }

    /// What a test does through `/sandbox`.
    pub async fn admin(&self, path: &str, body: Value) -> Value {
        let answer = self.ask(Method::POST, path).json(&body).send().await.unwrap();
        let status = answer.status();
        let answer: Value = answer.json().await.unwrap();
        assert!(status.is_success(), "{path}: {answer}");
        answer
    }

    pub async fn state(&self) -> Value {
        self.ask(Method::GET, "/sandbox/state").send().await.unwrap().json().await.unwrap()
    }

    /// Adds a candidate; answers the opportunity.
    pub async fn candidate(&self, name: &str) -> String {
        let email = format!("{}@mail.example", name.to_lowercase().replace(' ', "."));
        let body = json!({ "name": name, "email": email, "posting": "Python Developer" });
        self.admin("/sandbox/candidates", body).await["opportunity"].as_str().unwrap().to_owned()
    }
}

pub fn query(url: &Url, name: &str) -> Option<String> {
    url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}
