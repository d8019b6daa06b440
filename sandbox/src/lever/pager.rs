//! Lists in pages: `limit`, and an opaque `offset` that names the first item of the next page.
//!
//! A token is good for the list that gave it and for a day, as nobody should keep one.

use std::collections::{BTreeMap, VecDeque};

use serde_json::{Value, json};

use super::model::Millis;
use super::refusal::Refusal;
use super::session::Params;

const DAY: Millis = 24 * 60 * 60 * 1_000;
/// More than any client follows at once.
const REMEMBERED: usize = 20_000;

/// A part of what a list is ordered by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Part {
    /// Half ranks exist: twice the stage's rank.
    Rank(i32),
    /// Newest first.
    Newest(std::cmp::Reverse<Millis>),
    Text(String),
}

impl Part {
    pub(super) fn newest(at: Millis) -> Self {
        Self::Newest(std::cmp::Reverse(at))
    }

    fn json(&self) -> Value {
        match self {
            Self::Rank(doubled) if doubled % 2 == 0 => json!(doubled / 2),
            Self::Rank(doubled) => json!(f64::from(*doubled) / 2.0),
            Self::Newest(at) => json!(at.0),
            Self::Text(text) => json!(text),
        }
    }
}

#[derive(Debug)]
struct Cursor {
    list: String,
    key: Vec<Part>,
    given_at: Millis,
}

/// The tokens given out.
#[derive(Debug, Default)]
pub(super) struct Cursors {
    known: BTreeMap<String, Cursor>,
    oldest_first: VecDeque<String>,
}

impl Cursors {
    fn give(&mut self, list: &str, key: Vec<Part>, now: Millis) -> String {
        let parts: Vec<Value> = key.iter().map(Part::json).collect();
        let text = json!(parts).to_string();
        let token: String = url::form_urlencoded::byte_serialize(text.as_bytes()).collect();
        if self.known.insert(token.clone(), Cursor { list: list.to_owned(), key, given_at: now }).is_none() {
            self.oldest_first.push_back(token.clone());
        }
        if self.oldest_first.len() > REMEMBERED
            && let Some(forgotten) = self.oldest_first.pop_front()
        {
            self.known.remove(&forgotten);
        }
        token
    }

    fn find(&self, token: &str, list: &str, now: Millis) -> Result<Vec<Part>, Refusal> {
        let cursor = self.known.get(token).filter(|cursor| cursor.list == list && now - cursor.given_at < DAY);
        cursor.map(|cursor| cursor.key.clone()).ok_or_else(|| Refusal::bad_request("Invalid offset token"))
    }
}

/// One page of something: its place in the order, and how it is shown.
pub(super) struct Listing<T> {
    /// Path and filters, so that a token of another list is refused.
    list: String,
    items: Vec<(Vec<Part>, T)>,
}

impl<T> Listing<T> {
    /// Puts the items in order.
    pub(super) fn new(path: &str, params: &Params, mut items: Vec<(Vec<Part>, T)>) -> Self {
        items.sort_by(|one, other| one.0.cmp(&other.0));
        Self { list: format!("{path}?{}", params.filters()), items }
    }

    /// Cuts out the page that was asked for; gives what shows it and the rest of the envelope.
    pub(super) fn page(self, params: &Params, cursors: &mut Cursors, now: Millis) -> Result<(Vec<T>, Value), Refusal> {
        let limit = limit(params)?;
        let from = match params.one("offset") {
            Some(token) => {
                let key = cursors.find(token, &self.list, now)?;
                self.items.partition_point(|(place, _)| *place < key)
            }
            None => 0,
        };
        let envelope = match self.items.get(from + limit) {
            Some((next, _)) => json!({ "hasNext": true, "next": cursors.give(&self.list, next.clone(), now) }),
            None => json!({ "hasNext": false }),
        };
        Ok((self.items.into_iter().skip(from).take(limit).map(|(_, item)| item).collect(), envelope))
    }
}

fn limit(params: &Params) -> Result<usize, Refusal> {
    let Some(asked) = params.one("limit") else { return Ok(100) };
    let limit = asked.parse().ok().filter(|limit| (1..=100).contains(limit));
    limit.ok_or_else(|| Refusal::bad_request("limit must be a number from 1 to 100"))
}
