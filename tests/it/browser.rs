//! A browser without scripts: it keeps cookies, fills forms and says where it comes from.

use reqwest::{Response, StatusCode, header};
use tokio::{io::AsyncWriteExt as _, net::TcpStream};

use crate::program::{PASSWORD, Program};

/// One person's browser.
#[derive(Default)]
pub struct Browser {
    cookie: Option<String>,
}

impl Browser {
    /// A browser in which this person signed in.
    pub async fn signed_in(program: &Program, email: &str) -> Self {
        let mut browser = Self::default();
        let answer = browser.sign_in(program, email, PASSWORD, None).await;
        assert_eq!(answer.status(), StatusCode::FOUND, "the form is answered with a redirect");
        assert!(browser.cookie.is_some(), "there is a session");
        browser
    }

    /// Fills the sign-in form, reached with `next` where there is one.
    pub async fn sign_in(&mut self, program: &Program, email: &str, password: &str, next: Option<&str>) -> Response {
        let query: String = next.map(|next| format!("?next={}", encoded(next))).unwrap_or_default();
        let page = self.get(program, &format!("/sign-in{query}")).await.text().await.expect("text");
        let form = Form::first(&page);
        let fields = form.fields.iter().map(|field| match field.kind.as_str() {
            "email" => (field.name.clone(), email.to_owned()),
            "password" => (field.name.clone(), password.to_owned()),
            _ => (field.name.clone(), field.value.clone()),
        });
        self.submit(program, &form.action, fields.collect()).await
    }

    /// Opens a page.
    pub async fn get(&mut self, program: &Program, path: &str) -> Response {
        let mut request = program.get(path).header(header::ACCEPT, "text/html");
        if let Some(cookie) = &self.cookie {
            request = request.header(header::COOKIE, cookie);
        }
        let answer = request.send().await.expect("an answer");
        self.keep_cookie(&answer);
        answer
    }

    /// Posts a form.
    pub async fn submit(&mut self, program: &Program, action: &str, fields: Vec<(String, String)>) -> Response {
        let mut request = program.post(action).header(header::ACCEPT, "text/html");
        request = request.header(header::REFERER, format!("{}/sign-in", program.url)).form(&fields);
        if let Some(cookie) = &self.cookie {
            request = request.header(header::COOKIE, cookie);
        }
        let answer = request.send().await.expect("an answer");
        self.keep_cookie(&answer);
        answer
    }

    /// Calls a server function as a script of ours does.
    pub async fn call(&mut self, program: &Program, function: &str, arguments: &[(String, String)]) -> Response {
        let mut request = program.post(function).header(header::ACCEPT, "application/json").form(arguments);
        if let Some(cookie) = &self.cookie {
            request = request.header(header::COOKIE, cookie);
        }
        let answer = request.send().await.expect("an answer");
        self.keep_cookie(&answer);
        answer
    }

    /// Posts a form and does not read the answer; dropping the connection is leaving.
    pub async fn begin(&self, program: &Program, action: &str, fields: &[(&str, &str)]) -> TcpStream {
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let host = program.url.trim_start_matches("http://");
        let request = format!(
            "POST {action} HTTP/1.1\r\nhost: {host}\r\norigin: {}\r\ncookie: {}\r\naccept: text/html\r\n\
             content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n{body}",
            program.url,
            self.cookie(),
            body.len(),
        );
        let mut connection = TcpStream::connect(host).await.expect("a connection");
        connection.write_all(request.as_bytes()).await.expect("written");
        connection
    }

    /// The session's cookie, as the browser sends it.
    pub fn cookie(&self) -> &str {
        self.cookie.as_deref().expect("there is a session")
    }

    fn keep_cookie(&mut self, answer: &Response) {
        for cookie in answer.headers().get_all(header::SET_COOKIE) {
            let cookie = cookie.to_str().expect("text").split(';').next().expect("a first part");
            self.cookie = Some(cookie.to_owned());
        }
    }
}

/// A form as it stands in a page.
pub struct Form {
    pub action: String,
    pub fields: Vec<Field>,
}

/// One input.
pub struct Field {
    pub kind: String,
    pub name: String,
    pub value: String,
}

impl Form {
    /// The page's first form that posts.
    pub fn first(page: &str) -> Self {
        Self::find(page, |form| attribute(form, "method").eq_ignore_ascii_case("post"))
    }

    /// The page's form that goes to `action`.
    pub fn to(page: &str, action: &str) -> Self {
        Self::find(page, |form| attribute(form, "action") == action)
    }

    fn find(page: &str, wanted: impl Fn(&str) -> bool) -> Self {
        let form = page.split("<form").skip(1).find(|form| wanted(form));
        let form = form.unwrap_or_else(|| panic!("a form in {page}"));
        let form = form.split("</form>").next().expect("a first part");
        let field = |input: &str| Field {
            kind: attribute(input, "type"),
            name: attribute(input, "name"),
            value: attribute(input, "value"),
        };
        let fields = form.split("<input").skip(1).map(field).filter(|field| !field.name.is_empty());
        Self { action: attribute(form, "action"), fields: fields.collect() }
    }
}

/// The value of the page's input with that id.
pub fn value_of(page: &str, id: &str) -> String {
    let input = page.split("<input").skip(1).find(|input| attribute(input, "id") == id);
    attribute(input.unwrap_or_else(|| panic!("an input {id}")), "value")
}

/// The value of an attribute in the tag that `text` begins with.
fn attribute(text: &str, name: &str) -> String {
    let tag = text.split('>').next().unwrap_or_default();
    let value = tag.split(&format!(" {name}=\"")).nth(1).and_then(|rest| rest.split('"').next());
    value.unwrap_or_default().replace("&amp;", "&").replace("&quot;", "\"")
}

/// Text as it stands in a query.
pub fn encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}
