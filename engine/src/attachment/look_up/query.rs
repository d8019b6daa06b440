//! What a person typed or pasted to find somebody: an e-mail address, a link to a profile, or an id. Pure.

use url::Url;

use crate::attachment::decision;

/// Whom to look for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Query {
    Email(String),
    /// An opportunity's id, or a contact's.
    Id(String),
}

/// Longer than any link to a profile.
const LONGEST: usize = 1_000;

/// Reads it; `None` for what names nobody. Lever finds nobody by name.
pub(super) fn parse(text: &str) -> Option<Query> {
    let text = text.trim();
    if text.is_empty() || text.len() > LONGEST {
        return None;
    }
    if text.contains('/') {
        return of_link(text).map(Query::Id);
    }
    if text.contains('@') {
        let has_domain = text.rsplit_once('@').is_some_and(|(_, host)| host.contains('.'));
        return (decision::is_address(text) && has_domain).then(|| Query::Email(text.to_owned()));
    }
    is_id(text).then(|| Query::Id(text.to_owned()))
}

/// The id in a link: whoever pasted it has it from their browser, so its host and its rest are any.
fn of_link(text: &str) -> Option<String> {
    let is_whole = text.starts_with("https://") || text.starts_with("http://");
    let url = if is_whole { Url::parse(text) } else { Url::parse(&format!("https://{text}")) }.ok()?;
    let mut parts = url.path_segments()?.skip_while(|part| !matches!(*part, "candidates" | "opportunities")).skip(1);
    parts.next().filter(|part| is_id(part)).map(str::to_owned)
}

/// Lever's ids are UUIDs, which nothing but habit says.
fn is_id(text: &str) -> bool {
    let fits = (16..=64).contains(&text.len()) && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    fits && text.contains(|c: char| c.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::{Query, parse};

    const ID: &str = "70021da4-e5fd-4b37-81c3-c6e6989ea8b3";

    #[test]
    fn links_as_browsers_have_them_name_their_opportunity() {
        for link in [
            format!("https://hire.lever.co/candidates/{ID}"),
            format!(" https://hire.eu.lever.co/candidates/{ID}?department=x&stage=y#notes "),
            format!("hire.lever.co/candidates/{ID}/"),
            format!("http://localhost:4010/candidates/{ID}/notes"),
            ID.to_owned(),
        ] {
            assert_eq!(parse(&link), Some(Query::Id(ID.to_owned())), "{link}");
        }
    }

    #[test]
    fn an_address_is_one_that_lever_takes() {
        assert_eq!(parse(" ada@mail.example "), Some(Query::Email("ada@mail.example".to_owned())));
        for text in ["ada@mail", "@mail.example", "ada blom@mail.example", "a@b@c.example"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn names_and_other_links_name_nobody() {
        let long = "a1".repeat(40);
        for text in ["", "  ", "Ada Blom", "Wolfeschlegelsteinhausen", "https://example.com/", "/candidates/..", &long]
        {
            assert_eq!(parse(text), None, "{text}");
        }
        assert_eq!(parse("https://hire.lever.co/candidates/"), None);
        assert_eq!(parse(&"x@y.example/".repeat(200)), None);
    }
}
