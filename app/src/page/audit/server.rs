//! The audit log, as its page asks for it.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::{problem::Problem, route};
#[cfg(feature = "ssr")]
use crate::{server, text};

/// How many entries a page shows.
#[cfg(feature = "ssr")]
const SHOWN: i64 = 50;

/// What the address asks for; empty for no wish.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    pub area: String,
    /// Whose deeds.
    pub by: String,
    /// The entry after which the page begins.
    pub before: String,
    /// Whether the chain is to be checked.
    pub check: bool,
}

impl Asked {
    /// The same list from the newest on.
    #[must_use]
    pub fn newest(&self) -> Self {
        Self { area: self.area.clone(), by: self.by.clone(), ..Self::default() }
    }

    /// Its address.
    #[must_use]
    pub fn address(&self) -> String {
        let part = |name: &str, value: &str| (!value.is_empty()).then(|| format!("{name}={}", route::encode(value)));
        let check = if self.check { "1" } else { "" };
        let parts =
            [part("area", &self.area), part("by", &self.by), part("before", &self.before), part("check", check)];
        let query: Vec<_> = parts.into_iter().flatten().collect();
        if query.is_empty() { route::AUDIT.to_owned() } else { format!("{}?{}", route::AUDIT, query.join("&")) }
    }
}

/// The page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditView {
    pub entries: Vec<EntryView>,
    /// The id after which the older ones begin; `None` at the end.
    pub older: Option<String>,
    /// The areas to choose from, with their words.
    pub areas: Vec<(String, String)>,
    /// Whose deeds there are to choose from.
    pub people: Vec<(String, String)>,
    /// What the check of the chain found, where it was asked for: whether it is whole, and in words.
    pub check: Option<(bool, String)>,
}

/// One entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntryView {
    pub id: String,
    pub at: i64,
    pub who: String,
    pub from: Option<String>,
    pub what: String,
    /// Where to look at what it was done to, if it has a page.
    pub link: Option<String>,
    pub subject: String,
    pub changes: Vec<String>,
    /// Its place in the chain; `None` for some seconds.
    pub number: Option<i64>,
}

/// The page.
#[server(endpoint = "audit_page")]
pub async fn audit_page(asked: Asked) -> Result<AuditView, Problem> {
    let (member, engine) = (server::member().await?, server::engine());
    let before = (!asked.before.is_empty()).then(|| asked.before.as_str().into());
    let filter = assemble::filter(&asked.area, &asked.by);
    let mut entries = engine::audit::page(&engine, &member, &filter, before.as_ref(), SHOWN + 1).await?;
    let has_more = entries.len() > usize::try_from(SHOWN).unwrap_or(usize::MAX);
    if has_more {
        entries.pop();
    }
    let check = match asked.check {
        true => Some(assemble::check(&engine::audit::verify(&engine, &member).await?)),
        false => None,
    };
    let people = engine::access::team(&engine, &member).await?;
    Ok(AuditView {
        older: entries.last().filter(|_| has_more).map(|entry| entry.id.to_string()),
        entries: entries.into_iter().map(assemble::entry).collect(),
        areas: engine::audit::Area::ALL
            .map(|area| (area.slug().to_owned(), text::audit::area(area.slug()).to_owned()))
            .into(),
        people: people.into_iter().map(|row| (row.user.to_string(), row.name)).collect(),
        check,
    })
}

#[cfg(feature = "ssr")]
mod assemble {
    use std::collections::BTreeMap;

    use engine::audit::{Area, By, Entry, Fault, Filter, Verified};
    use serde_json::Value;

    use super::EntryView;
    use crate::{route, text};

    pub fn filter(area: &str, by: &str) -> Filter {
        Filter { area: Area::parse(area), by: (!by.is_empty()).then(|| by.into()) }
    }

    pub fn check(verified: &Verified) -> (bool, String) {
        match verified.fault {
            None if verified.entries == 0 => (true, "Nothing is sealed yet.".to_owned()),
            None => (true, format!("{} entries, up to the hash {}", verified.entries, verified.head)),
            Some((number, fault)) => (false, format!("At entry {number}: {}", fault_words(fault))),
        }
    }

    fn fault_words(fault: Fault) -> &'static str {
        match fault {
            Fault::Gap => "its place in the chain is empty.",
            Fault::Gone => "the entry is gone.",
            Fault::Changed => "the entry is not the one that was sealed.",
            Fault::CutOff => "the end of the chain was cut off.",
        }
    }

    pub fn entry(entry: Entry) -> EntryView {
        let is_self = is_of_self(&entry);
        EntryView {
            who: who(&entry),
            what: text::audit::action(what(&entry)).to_owned(),
            link: link(&entry.subject),
            changes: changes(entry.before.as_deref(), entry.after.as_deref()),
            number: entry.sealed.map(|(number, _)| number),
            id: entry.id.to_string(),
            at: entry.at.0,
            from: entry.from,
            subject: entry.subject_name.filter(|_| !is_self).or_else(|| shown(&entry.subject)).unwrap_or_default(),
        }
    }

    /// Whoever adds themselves joined by an invitation.
    fn what(entry: &Entry) -> &str {
        if entry.action == "user_added" && is_of_self(entry) { "joined" } else { &entry.action }
    }

    fn is_of_self(entry: &Entry) -> bool {
        matches!(&entry.by, By::Person(user) if user.as_str() == entry.subject)
    }

    /// The id, where it tells something: not of a person, who is named, nor of the organization, which is this one.
    fn shown(subject: &str) -> Option<String> {
        (!subject.starts_with("usr_") && !subject.starts_with("org_")).then(|| subject.to_owned())
    }

    fn who(entry: &Entry) -> String {
        match &entry.by {
            By::Person(user) => entry.by_name.clone().unwrap_or_else(|| user.to_string()),
            By::Terminal => "Somebody at the server".to_owned(),
            By::Lever => "Lever".to_owned(),
            By::Provider => "Somebody at the provider".to_owned(),
        }
    }

    fn link(subject: &str) -> Option<String> {
        let kind = subject.split('_').next().unwrap_or_default();
        match kind {
            "inv" => Some(route::candidate(subject)),
            "att" => Some(route::attachment(subject)),
            "dlv" => Some(format!("{}?message={}", route::ACTIVITY, route::encode(subject))),
            _ => None,
        }
    }

    /// "state: active → paused"; a fact that stayed as it was only where nothing else is said.
    fn changes(before: Option<&str>, after: Option<&str>) -> Vec<String> {
        let read = |text: Option<&str>| text.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
        let (before, after): (BTreeMap<String, Value>, BTreeMap<String, Value>) = (read(before), read(after));
        let word = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let names: std::collections::BTreeSet<&String> = before.keys().chain(after.keys()).collect();
        let say = |name: &String| match (before.get(name), after.get(name)) {
            (Some(was), Some(is)) if was == is => None,
            (Some(was), Some(is)) => Some(format!("{name}: {} → {}", word(was), word(is))),
            (Some(was), None) => Some(format!("{name}: {} → nothing", word(was))),
            (None, Some(is)) => Some(format!("{name}: {}", word(is))),
            (None, None) => None,
        };
        names.into_iter().filter_map(say).collect()
    }

    #[cfg(test)]
    mod tests {
        use super::changes;

        #[test]
        fn only_what_changed_is_said() {
            let said = changes(Some(r#"{"a":"1","b":"2","c":"3"}"#), Some(r#"{"a":"1","b":"x","d":"4"}"#));
            assert_eq!(said, ["b: 2 → x", "c: 3 → nothing", "d: 4"]);
            assert!(changes(None, None).is_empty());
            assert!(changes(Some("nonsense"), None).is_empty());
        }
    }
}
