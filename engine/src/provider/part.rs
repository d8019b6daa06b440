//! Parts of a provider's answer, each read by itself: one that makes no sense is missing, not fatal.

use std::collections::BTreeSet;

use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use super::Assessment;
use crate::{clock::Moment, plain::is_plain};

pub(super) const LONGEST_NAME: usize = 200;
pub(super) const LONGEST_TEXT: usize = 500;
const MOST_PARTS: usize = 100;

/// A part of an answer that may be anything.
pub(super) type Part = Option<Box<RawValue>>;

pub(super) fn part<T: DeserializeOwned>(raw: &Part) -> Option<T> {
    serde_json::from_str(raw.as_ref()?.get()).ok()
}

/// Text, or a number that stands for one; as it can be stored and shown, and cut to a length.
pub(super) fn text(raw: &Part, longest: usize) -> Option<String> {
    let text = part::<String>(raw).or_else(|| part::<i64>(raw).map(|number| number.to_string()))?;
    let text: String = text.chars().filter(|c| is_plain(*c)).take(longest).collect();
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

pub(super) fn moment(raw: &Part) -> Option<Moment> {
    Moment::parse_rfc3339(&part::<String>(raw)?)
}

pub(super) fn list<T: DeserializeOwned>(raw: &Part) -> Vec<T> {
    let items = part::<Vec<Box<RawValue>>>(raw).unwrap_or_default();
    items.iter().take(MOST_PARTS).filter_map(|item| serde_json::from_str(item.get()).ok()).collect()
}

/// The first of each id.
pub(super) fn once(assessments: Vec<Assessment>) -> Vec<Assessment> {
    let mut seen = BTreeSet::new();
    assessments.into_iter().filter(|assessment| seen.insert(assessment.id.clone())).collect()
}
