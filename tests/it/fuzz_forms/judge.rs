//! What may be told, and what was.

use std::collections::BTreeMap;

use app::problem::{Problem, RowProblem};
use reqwest::{StatusCode, Url, header, header::HeaderMap};

use super::question::{Kind, MARKUP, Question};

pub struct Told {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: String,
}

/// Our own sentences, beside the codes of problems; and the word of a function that has nothing to say.
const SENTENCES: [&str; 4] = ["", "null", "Not found.\n", "This body does not say what it is.\n"];

/// How often each kind of question was told which status.
#[derive(Debug, Default)]
pub struct Tally(BTreeMap<(Kind, u16), usize>);

impl Tally {
    pub fn of(&self, kind: Kind) -> usize {
        self.0.iter().filter(|((of, _), _)| *of == kind).map(|(_, count)| count).sum()
    }

    pub fn was_told(&self, kind: Kind, status: u16) -> bool {
        self.0.contains_key(&(kind, status))
    }

    pub fn summary(&self) -> String {
        let each = self.0.iter().map(|((kind, status), count)| format!("{kind:?} {status}: {count}"));
        each.collect::<Vec<_>>().join(", ")
    }

    /// Counts an answer that is as it should be.
    pub fn count(&mut self, url: &str, question: &Question, told: Option<Told>) -> Result<(), String> {
        let Some(told) = told else { return Ok(()) };
        judge(url, question, &told).map_err(|why| format!("{why}: {} {question}: {:.400}", told.status, told.body))?;
        *self.0.entry((question.kind, told.status.as_u16())).or_default() += 1;
        Ok(())
    }
}

fn judge(url: &str, question: &Question, told: &Told) -> Result<(), String> {
    if told.status == StatusCode::INTERNAL_SERVER_ERROR {
        return Err("it broke".into());
    }
    let kind = told.headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let is_page = kind.starts_with("text/html");
    if is_page && told.body.contains(MARKUP) {
        return Err("what was asked became markup".into());
    }
    if !is_page && !told.status.is_success() && !told.status.is_redirection() && !is_of_the_closed_set(&told.body) {
        return Err("a refusal in other words than ours".into());
    }
    if ["panicked", ".rs:", "no such table", "syntax error"].iter().any(|inside| told.body.contains(inside)) {
        return Err("it tells of its inside".into());
    }
    leads_to_us(url, question, told)
}

fn is_of_the_closed_set(body: &str) -> bool {
    SENTENCES.contains(&body)
        || serde_json::from_str::<Problem>(body).is_ok()
        || serde_json::from_str::<RowProblem>(body).is_ok()
}

/// A redirect stays with us, but for the one to Lever's consent page.
fn leads_to_us(url: &str, question: &Question, told: &Told) -> Result<(), String> {
    let Some(to) = told.headers.get(header::LOCATION) else { return Ok(()) };
    let to = to.to_str().map_err(|_| "it leads to no address".to_owned())?;
    let ours = Url::parse(url).map_err(|error| error.to_string())?;
    let there = ours.join(to).map_err(|error| format!("it leads to no address: {error}"))?;
    let is_consent = question.path.starts_with("/api/connect_lever") && there.path() == "/authorize";
    if there.origin() == ours.origin() || is_consent { Ok(()) } else { Err(format!("it leads to {there}")) }
}
