//! One call to Lever: its address, its token, its turn, and what the status means.
//!
//! A 401 renews the token once and repeats the call once: it was not carried out. Nothing else is
//! repeated here; whoever asked knows whether repeating is harmless.

use std::{collections::HashSet, time::Duration};

use reqwest::{Method, header};
use secrecy::{ExposeSecret, SecretString};
use serde::de::DeserializeOwned;
use serde_json::Value;
use url::Url;

use super::{
    Api, LeverError,
    outage::{self, Sign},
    rate, wire,
};
use crate::{
    Engine,
    clock::Moment,
    connection,
    http::{self, Unreadable},
};

/// Lever names no wait at a 429; if it ever does, not longer than this.
const LONGEST_WAIT: Duration = Duration::from_hours(1);
/// A server that slept over its call looks again at what became of it meanwhile.
const AFTER_A_SLEEP: Duration = Duration::from_secs(1);
/// An account's data centre may answer elsewhere under the same roof.
const MOST_REDIRECTS: usize = 2;

/// A call, before it has a token.
#[derive(Debug)]
pub(super) struct Call {
    method: Method,
    path: Vec<String>,
    query: Vec<(&'static str, String)>,
    body: Option<Value>,
    /// Later it is not made any more.
    begun_by: Option<Moment>,
}

impl Call {
    pub fn new(method: Method, path: &[&str]) -> Self {
        let path = path.iter().map(|part| (*part).to_owned()).collect();
        Self { method, path, query: Vec::new(), body: None, begun_by: None }
    }

    pub fn get(path: &[&str]) -> Self {
        Self::new(Method::GET, path)
    }

    pub fn query(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.query.push((name, value.into()));
        self
    }

    pub fn body(self, body: Value) -> Self {
        Self { body: Some(body), ..self }
    }

    pub fn begun_by(self, moment: Moment) -> Self {
        Self { begun_by: Some(moment), ..self }
    }

    pub fn page(&self, offset: Option<&str>) -> Self {
        let page = Self { query: self.query.clone(), path: self.path.clone(), ..Self::get(&[]) };
        match offset {
            Some(offset) => page.query("offset", offset),
            None => page,
        }
    }

    /// `None` when a part of the path could lead elsewhere: ids are whatever the outside says.
    fn address(&self, base: &Url) -> Option<Url> {
        if self.path.iter().any(|part| matches!(part.as_str(), "" | "." | "..")) {
            return None;
        }
        let mut url = base.clone();
        url.path_segments_mut().ok()?.pop_if_empty().extend(&self.path);
        if !self.query.is_empty() {
            url.query_pairs_mut().extend_pairs(&self.query);
        }
        Some(url)
    }
}

/// An answer as it came.
#[derive(Debug)]
pub(super) struct Raw {
    status: u16,
    body: Vec<u8>,
    retry_after: Option<Duration>,
    /// When it was asked: what it says is not older.
    pub asked_at: Moment,
    /// When it was given, by Lever's clock.
    pub dated: Option<Moment>,
}

impl Raw {
    /// The body, if Lever did what was asked.
    pub fn accepted(self) -> Result<Vec<u8>, LeverError> {
        match self.status {
            200..=299 => Ok(self.body),
            401 => Err(LeverError::NotConnected),
            403 => Err(LeverError::Forbidden),
            404 => Err(LeverError::NotFound),
            429 => Err(LeverError::RateLimited { retry_after: Some(self.retry_after.unwrap_or(rate::BREATHER)) }),
            status @ (408 | 500..) => Err(LeverError::Temporary(format!("status {status}"))),
            status => Err(LeverError::Refused { status }),
        }
    }

    /// Whether whoever answered is in trouble: a failure of theirs, or a page for people in an answer's place.
    pub fn is_trouble(&self) -> bool {
        matches!(self.status, 408 | 500..) || (self.status < 300 && self.body.trim_ascii_start().starts_with(b"<"))
    }

    /// Lever does not have the object of that id, in its own words: of a path it says so otherwise, and whoever
    /// stands in its way says it otherwise too.
    pub fn says_not_found(&self, resource: &str, id: &str) -> bool {
        #[derive(serde::Deserialize)]
        struct Fault {
            code: String,
            message: String,
        }
        let fault = || serde_json::from_slice::<Fault>(&self.body).ok();
        let is_of = |fault: Fault| {
            fault.code.contains("NotFound") && fault.message.split_whitespace().take(2).eq([resource, id])
        };
        self.status == 404 && fault().is_some_and(is_of)
    }

    /// The paging token is stale or was made for another list.
    pub fn is_invalid_offset(&self) -> bool {
        self.status == 400 && String::from_utf8_lossy(&self.body).contains("Invalid offset token")
    }
}

/// Reads a body; a page for people, an empty or a cut off one is a failure of Lever's, not an answer.
pub(super) fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, LeverError> {
    http::read_json(body).map_err(|fault| match fault {
        Unreadable::NotJson => LeverError::Temporary("the answer is no JSON".into()),
        Unreadable::Shape(place) => LeverError::BadAnswer(format!("at {place}")),
    })
}

/// Sends a call with a token.
pub(super) async fn send(engine: &Engine, token: &SecretString, call: &Call) -> Result<Raw, LeverError> {
    let base = &engine.settings.lever.api_url;
    let mut url = call.address(base).ok_or(LeverError::NotFound)?;
    let asked_at = engine.clock.now();
    if call.begun_by.is_some_and(|latest| asked_at > latest) {
        return Err(LeverError::Busy { wait: AFTER_A_SLEEP });
    }
    for _ in 0..MOST_REDIRECTS {
        let answer = send_to(engine, token, call, url.clone()).await?;
        match moved(&answer, &url, base) {
            Some(elsewhere) => url = elsewhere,
            None => return finish(engine, answer, asked_at).await,
        }
    }
    finish(engine, send_to(engine, token, call, url).await?, asked_at).await
}

async fn send_to(
    engine: &Engine,
    token: &SecretString,
    call: &Call,
    url: Url,
) -> Result<reqwest::Response, LeverError> {
    let mut request = engine.http.inner().request(call.method.clone(), url).bearer_auth(token.expose_secret());
    if let Some(body) = &call.body {
        request = request.json(body);
    }
    let answer = request.send().await;
    engine.counts.call("lever", answer.as_ref().ok().map(|answer| answer.status().as_u16()));
    answer.map_err(|error| LeverError::Temporary(http::failure(&error).into()))
}

/// Where Lever says it moved to, if our token may be shown there.
fn moved(answer: &reqwest::Response, from: &Url, base: &Url) -> Option<Url> {
    if !matches!(answer.status().as_u16(), 301 | 302 | 307 | 308) {
        return None;
    }
    within(from, answer.headers().get(header::LOCATION)?.to_str().ok()?, base)
}

/// The place that `location` names, if it is under the same roof.
fn within(from: &Url, location: &str, base: &Url) -> Option<Url> {
    let to = from.join(location).ok()?;
    let is_levers =
        |url: &Url| url.scheme() == "https" && url.host_str().is_some_and(|host| host.ends_with(".lever.co"));
    (to.origin() == base.origin() || (is_levers(base) && is_levers(&to))).then_some(to)
}

async fn finish(engine: &Engine, answer: reqwest::Response, asked_at: Moment) -> Result<Raw, LeverError> {
    let status = answer.status().as_u16();
    let retry_after = http::retry_after(&answer, LONGEST_WAIT);
    let dated = http::dated(&answer);
    if let Some(dated) = dated.filter(|_| answer.status().is_success()) {
        engine.levers_clock.note(dated, (asked_at, engine.clock.now()));
    }
    let body = http::body(answer).await.ok_or_else(|| LeverError::Temporary("the answer broke off".into()))?;
    Ok(Raw { status, body, retry_after, asked_at, dated })
}

impl Api {
    /// Sends a call as the organization is connected.
    pub(super) async fn perform(&self, call: &Call) -> Result<Raw, LeverError> {
        let (raw, token) = self.in_turn(call, None).await?;
        if raw.status != 401 {
            return Ok(raw);
        }
        let (raw, renewed) = self.in_turn(call, Some(&token)).await?;
        if raw.status == 401 {
            connection::not_accepted(&self.engine, &self.organization, &renewed).await?;
            return Err(LeverError::NotConnected);
        }
        Ok(raw)
    }

    /// Sends a call when its turn comes; after an outage the first one asks beforehand whether it is over.
    async fn in_turn(&self, call: &Call, refused: Option<&SecretString>) -> Result<(Raw, SecretString), LeverError> {
        let mut turn = rate::take_turn(&self.engine, &self.organization).await?;
        if turn.is_probe {
            self.probe().await?;
            turn = rate::take_turn(&self.engine, &self.organization).await?;
        }
        let outcome = self.exchange(call, refused).await;
        if let Err(error) = outage::note(&self.engine, &self.organization, turn, outage::sign(&outcome)).await {
            // The answer counts all the same.
            tracing::warn!(organization = %self.organization, %error, "whether Lever answers was not noted");
        }
        let (raw, token) = outcome?;
        if raw.status == 429 {
            rate::slow_down(&self.engine, &self.organization, raw.retry_after).await?;
        }
        Ok((raw, token))
    }

    async fn exchange(&self, call: &Call, refused: Option<&SecretString>) -> Result<(Raw, SecretString), LeverError> {
        let token = connection::access_token(&self.engine, &self.organization, refused).await?;
        let raw = send(&self.engine, &token, call).await?;
        Ok((raw, token))
    }

    /// Asks for little where most calls go.
    async fn probe(&self) -> Result<(), LeverError> {
        let outcome = self.exchange(&Call::get(&["opportunities"]).query("limit", "1"), None).await;
        if outage::sign(&outcome) == Sign::Well {
            return Ok(outage::is_over(&self.engine, &self.organization).await?);
        }
        let wait = outage::goes_on(&self.engine, &self.organization).await?;
        match outcome {
            Err(error @ LeverError::NotConnected) => Err(error),
            _ => Err(LeverError::Down { wait }),
        }
    }

    /// Reads one object.
    pub(super) async fn one<T: DeserializeOwned>(&self, call: &Call) -> Result<T, LeverError> {
        let body = self.perform(call).await?.accepted()?;
        Ok(read::<wire::One<T>>(&body)?.data)
    }

    /// Reads a whole list, page by page; an item may come twice when the list moves meanwhile.
    pub(super) async fn all<T: DeserializeOwned>(&self, call: &Call) -> Result<Vec<T>, LeverError> {
        const MOST_PAGES: usize = 1000;
        let (mut items, mut offset, mut restarted) = (Vec::new(), None::<String>, false);
        let mut seen = HashSet::new();
        for _ in 0..MOST_PAGES {
            let raw = self.perform(&call.page(offset.as_deref())).await?;
            if raw.is_invalid_offset() && !restarted {
                (items, offset, restarted) = (Vec::new(), None, true);
                seen.clear();
                continue;
            }
            let page: wire::Page<T> = read(&raw.accepted()?)?;
            items.extend(page.data);
            match page.next {
                Some(next) if page.has_next && seen.insert(next.clone()) => offset = Some(next),
                Some(_) if page.has_next => return Err(LeverError::BadAnswer("a list that goes round".into())),
                None if page.has_next => return Err(LeverError::BadAnswer("a next page without its offset".into())),
                _ => return Ok(items),
            }
        }
        Err(LeverError::BadAnswer("a list without an end".into()))
    }

    /// As [`Api::all`], with the confidential ones where we are let: without the grant Lever may refuse.
    pub(super) async fn all_confidential_too<T: DeserializeOwned>(
        &self,
        path: &[&str],
        query: &[(&'static str, String)],
    ) -> Result<Vec<T>, LeverError> {
        let call = || query.iter().fold(Call::get(path), |call, (name, value)| call.query(name, value.clone()));
        match self.all(&call().query("confidentiality", "all")).await {
            Err(LeverError::Forbidden) => self.all(&call()).await,
            read => read,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lever::fixture;

    fn raw(status: u16, body: &str) -> Raw {
        Raw { status, body: body.into(), retry_after: None, asked_at: Moment(0), dated: None }
    }

    #[test]
    fn a_token_goes_along_to_levers_own_hosts_alone() {
        let url = |text: &str| Url::parse(text).expect("an address");
        let moved = |location: &str, base: &str| within(&url(&format!("{base}/v1/users")), location, &url(base));
        let lever = "https://api.lever.co";
        for to in ["https://api.eu.lever.co/v1/users", "/v1/users?limit=1", "https://api.lever.co/v2/users"] {
            assert!(moved(to, lever).is_some(), "{to}");
        }
        for to in [
            "http://api.eu.lever.co/v1/users",
            "http://api.lever.co/v1/users",
            "https://evil.example/v1/users",
            "//evil.example/v1/users",
            "https://evil-lever.co/",
            "https://lever.co.evil.example/",
            "https://api.lever.co@evil.example/",
            "https://lever.co/",
            "javascript:alert(1)",
            "https://",
        ] {
            assert_eq!(moved(to, lever), None, "{to}");
        }
        let elsewhere = "https://lever.halden.example";
        assert!(moved("/v1/other", elsewhere).is_some());
        for to in
            ["https://api.lever.co/v1/users", "https://lever.halden.example:8443/", "http://lever.halden.example/"]
        {
            assert_eq!(moved(to, elsewhere), None, "{to}: another origin is not ours to show a token");
        }
    }

    #[test]
    fn the_status_alone_decides() {
        assert!(raw(200, "").accepted().is_ok());
        assert!(raw(204, "").accepted().is_ok());
        let error = |status| raw(status, "<html>").accepted().expect_err("an error");
        assert!(matches!(error(401), LeverError::NotConnected));
        assert!(matches!(error(403), LeverError::Forbidden));
        assert!(matches!(error(404), LeverError::NotFound));
        assert!(matches!(error(429), LeverError::RateLimited { retry_after: Some(wait) } if wait.as_secs() == 2));
        for status in [400, 405, 409, 422, 301, 304] {
            assert!(matches!(error(status), LeverError::Refused { status: told } if told == status), "{status}");
        }
        for status in [500, 502, 503, 408, 599] {
            assert!(matches!(error(status), LeverError::Temporary(_)), "{status}");
        }
    }

    #[test]
    fn trouble_is_told_from_refusals() {
        for (status, body) in [(500, ""), (503, "{}"), (408, ""), (200, "<!doctype html>"), (200, "\n <html>")] {
            assert!(raw(status, body).is_trouble(), "{status} {body}");
        }
        for (status, body) in [(200, "{}"), (204, ""), (404, "<html>"), (401, ""), (429, "<html>"), (400, "{}")] {
            assert!(!raw(status, body).is_trouble(), "{status} {body}");
        }
    }

    #[test]
    fn every_refusal_that_lever_is_known_for_is_what_its_status_says() {
        // What it is, and whether it tells of trouble, of a stale paging token, of a stage that is not there.
        let told = |(file, kind): (String, String)| {
            let answer = || raw(kind.parse().expect("a status"), &fixture::text(&file));
            let stage = answer().says_not_found("stages", "4041851e-7f02-432a-8ff1-8bafc929d10e");
            let error = answer().accepted().expect_err(&file);
            let says = [answer().is_trouble(), answer().is_invalid_offset(), stage];
            (file, format!("{error:?}"), says)
        };
        let told: Vec<_> = fixture::all("refusal").into_iter().map(told).collect();
        let expected = [
            ("error_400.json", "Refused { status: 400 }", [false, false, false]),
            ("error_400_invalid_offset.json", "Refused { status: 400 }", [false, true, false]),
            ("error_401.json", "NotConnected", [false, false, false]),
            ("error_403.json", "Forbidden", [false, false, false]),
            ("error_403_wrong_environment.json", "Forbidden", [false, false, false]),
            ("error_404.json", "NotFound", [false, false, true]),
            ("error_404_path.json", "NotFound", [false, false, false]),
            ("error_404_alt_code.json", "NotFound", [false, false, false]),
            ("error_429.json", "RateLimited { retry_after: Some(2s) }", [false, false, false]),
            ("error_500.json", "Temporary(\"status 500\")", [true, false, false]),
            ("error_503.json", "Temporary(\"status 503\")", [true, false, false]),
        ];
        assert_eq!(told, expected.map(|(file, error, says)| (file.to_owned(), error.to_owned(), says)));
    }

    #[test]
    fn only_levers_own_word_says_that_an_object_is_not_there() {
        let id = "4041851e-7f02-432a-8ff1-8bafc929d10e";
        let says = |status, body: &str| raw(status, body).says_not_found("opportunities", id);
        let told = |code: &str, message: &str| serde_json::json!({ "code": code, "message": message }).to_string();
        let not_found = format!("opportunities {id} was not found");
        assert!(says(404, &told("ResourceNotFound", &not_found)));
        assert!(says(404, &told("NotFoundError", &not_found)));
        assert!(!says(403, &told("ResourceNotFound", &not_found)), "the status counts");
        assert!(!says(404, &told("ForbiddenError", &not_found)));
        for message in [
            format!("/v1/opportunities/{id} does not exist"),
            "opportunities 00000000-0000-0000-0000-000000000000 was not found".into(),
            format!("stages {id} was not found"),
            "That requisition field doesn't exist on your account".into(),
            String::new(),
        ] {
            assert!(!says(404, &told("ResourceNotFound", &message)), "{message}");
        }
        for body in ["", "<html>404</html>", "[]", "{}", r#"{"code":404,"message":null}"#] {
            assert!(!says(404, body), "{body}");
        }
    }

    #[test]
    fn garbage_with_a_good_status_is_no_answer() {
        for body in ["", "<html><body>maintenance</body></html>", "{\"data\":[{\"id\":"] {
            assert!(matches!(read::<wire::Page<Value>>(body.as_bytes()), Err(LeverError::Temporary(_))), "{body}");
        }
        let wrong = read::<wire::Page<Value>>(br#"{"data":{"email":"someone@example.com"}}"#);
        assert!(matches!(wrong, Err(LeverError::BadAnswer(place)) if !place.contains("someone")));
    }

    #[test]
    fn an_id_from_outside_stays_one_part_of_the_path() {
        let base = Url::parse("https://api.lever.co/v1").expect("an address");
        let address = |id: &str| Call::get(&["opportunities", id]).address(&base).map(String::from);
        assert_eq!(
            address("a/../../x?y=1#z"),
            Some("https://api.lever.co/v1/opportunities/a%2F..%2F..%2Fx%3Fy=1%23z".into())
        );
        assert_eq!(address(".."), None);
        assert_eq!(address(""), None);
        let paged = Call::get(&["users"]).query("limit", "100").page(Some("%5B1%2C2%5D"));
        assert_eq!(
            paged.address(&base).map(String::from),
            Some("https://api.lever.co/v1/users?limit=100&offset=%255B1%252C2%255D".into())
        );
    }
}
