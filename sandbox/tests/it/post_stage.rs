//! What the mail stories stand on: a running mail server, and somebody who calls it.

use reqwest::{Client, Method, RequestBuilder};
use sandbox::{Config, Login, Sandbox, Seed};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;

/// A mail server of its own.
pub struct Post {
    pub sandbox: Sandbox,
    http: Client,
}

impl Post {
    pub async fn start() -> Self {
        Self::with_login(None).await
    }

    pub async fn with_login(smtp_login: Option<Login>) -> Self {
        let config = Config { seed: Seed::Empty, smtp_login, ..Config::local() };
        let sandbox = sandbox::start(config).await.expect("free ports");
        #[expect(clippy::disallowed_methods, reason = "a browser of our own, without the engine")]
        let http = Client::builder().no_proxy().build().unwrap();
        Self { sandbox, http }
    }

    pub fn ask(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, format!("{}{path}", self.sandbox.post_url()))
    }

    pub async fn admin(&self, method: Method, path: &str, body: Value) -> Value {
        let answer = self.ask(method, path).json(&body).send().await.unwrap();
        assert!(answer.status().is_success(), "{path}: {}", answer.status());
        answer.json().await.unwrap()
    }

    pub async fn fault(&self, rule: Value) {
        self.admin(Method::POST, "/sandbox/faults", rule).await;
    }

    /// The mails that came, or those that a query asks for.
    pub async fn mails(&self, query: &str) -> Vec<Value> {
        let answer = self.ask(Method::GET, &format!("/sandbox/mails{query}")).send().await.unwrap();
        answer.json::<Value>().await.unwrap()["data"].as_array().unwrap().clone()
    }

    /// Somebody who was greeted and has said hello.
    pub async fn caller(&self) -> Caller {
        let mut caller = self.stranger().await;
        assert_eq!(code(caller.hear().await), Some(220));
        assert_eq!(code(caller.say("EHLO there.example").await), Some(250));
        caller
    }

    /// Somebody who has not heard a word yet.
    pub async fn stranger(&self) -> Caller {
        Caller(BufReader::new(TcpStream::connect(self.sandbox.smtp_address()).await.unwrap()))
    }
}

/// Somebody who sends mail.
pub struct Caller(BufReader<TcpStream>);

impl Caller {
    /// The whole of the next answer; nothing once the server has closed.
    pub async fn hear(&mut self) -> Option<String> {
        let mut answer = String::new();
        loop {
            let begin = answer.len();
            // A connection that was closed with something unread says so.
            if self.0.read_line(&mut answer).await.unwrap_or(0) == 0 {
                return None;
            }
            if answer[begin..].chars().nth(3) == Some(' ') {
                return Some(answer);
            }
        }
    }

    pub async fn say(&mut self, line: &str) -> Option<String> {
        self.0.write_all(format!("{line}\r\n").as_bytes()).await.unwrap();
        self.hear().await
    }

    /// Says all of these; answers the codes.
    pub async fn codes(&mut self, lines: &[&str]) -> Vec<u16> {
        let mut codes = Vec::new();
        for line in lines {
            codes.push(code(self.say(line).await).unwrap_or(0));
        }
        codes
    }

    /// Up to the message.
    pub async fn begin(&mut self, to: &[&str]) {
        assert_eq!(self.codes(&["MAIL FROM:<from@halden.example> BODY=8BITMIME SMTPUTF8"]).await, [250]);
        for address in to {
            assert_eq!(self.codes(&[&format!("RCPT TO:<{address}>")]).await, [250]);
        }
        assert_eq!(self.codes(&["DATA"]).await, [354]);
    }

    /// A whole mail; answers the last code, if there was one.
    pub async fn send(&mut self, to: &str, message: &str) -> Option<u16> {
        self.begin(&[to]).await;
        code(self.say(&format!("{message}\r\n.")).await)
    }
}

pub fn code(answer: Option<String>) -> Option<u16> {
    answer.map(|answer| answer[..3].parse().unwrap())
}
