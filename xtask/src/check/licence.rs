//! Licence expressions against the allowed ones.

use std::collections::BTreeSet;

use super::Finding;
use super::graph::Krate;
use super::policy::Policy;

/// Finds the crates whose licence cannot be met with the allowed ones.
pub fn check(crates: &BTreeSet<Krate>, policy: &Policy) -> Vec<Finding> {
    crates.iter().filter_map(|krate| finding(krate, &policy.licences)).collect()
}

fn finding(krate: &Krate, allowed: &[String]) -> Option<Finding> {
    let (name, version, licence) = (&krate.name, &krate.version, &krate.licence);
    if licence.is_empty() {
        return Some(format!("{name} {version} states no licence: replace the crate."));
    }
    (!meets(licence, allowed)).then(|| {
        format!(
            "{name} {version} is under `{licence}`: replace the crate, or allow the licence in deny.toml \
             [licenses] after reading it."
        )
    })
}

/// Whether an SPDX expression can be met with the allowed licences; `/` is the old way to write OR.
fn meets(expression: &str, allowed: &[String]) -> bool {
    let spaced = expression.replace('(', " ( ").replace(')', " ) ").replace('/', " OR ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut parser = Parser { words: &words, allowed };
    parser.any_of() == Some(true) && parser.words.is_empty()
}

/// Answers `None` for what is no expression.
struct Parser<'a> {
    words: &'a [&'a str],
    allowed: &'a [String],
}

impl<'a> Parser<'a> {
    fn any_of(&mut self) -> Option<bool> {
        let mut met = self.all_of()?;
        while self.take("OR") {
            met |= self.all_of()?;
        }
        Some(met)
    }

    fn all_of(&mut self) -> Option<bool> {
        let mut met = self.one()?;
        while self.take("AND") {
            met &= self.one()?;
        }
        Some(met)
    }

    fn one(&mut self) -> Option<bool> {
        if self.take("(") {
            let met = self.any_of()?;
            return self.take(")").then_some(met);
        }
        let name = self.next()?;
        let full = if self.take("WITH") { format!("{name} WITH {}", self.next()?) } else { name.to_owned() };
        Some(self.allowed.contains(&full))
    }

    fn next(&mut self) -> Option<&'a str> {
        let (first, rest) = self.words.split_first()?;
        self.words = rest;
        Some(first)
    }

    fn take(&mut self, word: &str) -> bool {
        let found = self.words.first() == Some(&word);
        if found {
            self.words = &self.words[1..];
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn met(expression: &str) -> bool {
        meets(expression, &["MIT", "ISC", "Apache-2.0 WITH LLVM-exception"].map(str::to_owned))
    }

    #[test]
    fn one_side_of_or_is_enough_and_both_of_and_are_needed() {
        assert!(met("MIT OR GPL-3.0"));
        assert!(met("GPL-3.0/MIT"));
        assert!(met("MIT AND ISC"));
        assert!(!met("MIT AND GPL-3.0"));
        assert!(!met("GPL-3.0"));
    }

    #[test]
    fn parentheses_and_exceptions_count() {
        assert!(met("(GPL-3.0 OR MIT) AND ISC"));
        assert!(!met("(GPL-3.0 OR MIT) AND BSD-3-Clause"));
        assert!(met("Apache-2.0 WITH LLVM-exception OR GPL-2.0"));
        assert!(!met("Apache-2.0"));
    }

    #[test]
    fn what_is_no_expression_is_not_met() {
        for text in ["", "MIT OR", "(MIT", "MIT ISC", "MIT)"] {
            assert!(!met(text), "{text}");
        }
    }

    #[test]
    fn a_crate_without_a_licence_is_found() {
        let krate = Krate { name: "x".into(), version: "1.0.0".into(), licence: String::new() };
        assert!(finding(&krate, &[]).unwrap().contains("no licence"));
    }
}
