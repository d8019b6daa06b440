//! What candidates are searched by: the beginnings of the words of their name and e-mail address.
//!
//! A text is folded and taken apart at whatever is no letter or digit. From each word on, the rest of the text
//! is one beginning, so that both `chen` and `maya chen` are found at the start of one.

use crate::db::fold;

/// Most letters of a beginning that are kept and compared.
const LONGEST: usize = 64;
/// Most words of a name, and of an address, that beginnings are made of.
const MOST_WORDS: usize = 8;
/// Most beginnings of one candidate.
pub(super) const MOST_BEGINNINGS: usize = 2 * MOST_WORDS;
/// Most terms of one search; the longest count.
pub(super) const MOST_TERMS: usize = 4;
/// After whatever begins with the same letters.
const LAST: char = '\u{10FFFF}';

/// Where a candidate's name and e-mail address begin to be read, in order.
#[must_use]
pub fn beginnings(name: &str, email: Option<&str>) -> Vec<String> {
    let mut all = from_each_word(name);
    all.extend(email.map(from_each_word).unwrap_or_default());
    all.sort_unstable();
    // What another one begins with is found by that one; sorted, it stands right before it.
    let is_found = |one: &String, next: Option<&String>| next.is_some_and(|next| next.starts_with(one.as_str()));
    let kept = all.iter().enumerate().filter(|(at, one)| !is_found(one, all.get(at + 1)));
    kept.map(|(_, one)| one.clone()).collect()
}

/// From where to where a text is found by its first word on; `None` for a text without one.
pub(crate) fn range_of(text: &str) -> Option<(String, String)> {
    let from = from_each_word(text).into_iter().next()?;
    let to = format!("{from}{LAST}");
    Some((from, to))
}

fn from_each_word(text: &str) -> Vec<String> {
    let words = words(text);
    (0..words.len().min(MOST_WORDS)).map(|first| shortened(&words[first..].join(" "))).collect()
}

fn words(text: &str) -> Vec<String> {
    fold(text).split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty()).map(Into::into).collect()
}

fn shortened(text: &str) -> String {
    text.chars().take(LONGEST).collect::<String>().trim_end().to_owned()
}

/// What was typed, as ranges of beginnings that must all be met.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Terms(Vec<String>);

impl Terms {
    /// Reads what was typed; `None` when it was nothing.
    pub(super) fn read(text: &str) -> Option<Self> {
        if text.trim().is_empty() {
            return None;
        }
        let typed = text.split_whitespace().map(|term| shortened(&words(term).join(" ")));
        let mut terms: Vec<String> = typed.filter(|term| !term.is_empty()).collect();
        // The longest first: it tends to be the rarest, and the search walks along it.
        terms.sort_by(|a, b| b.chars().count().cmp(&a.chars().count()).then_with(|| a.cmp(b)));
        terms.dedup();
        terms.truncate(MOST_TERMS);
        Some(Self(terms))
    }

    /// From where to where each term reaches, the one to walk along first. Nothing when only signs were typed:
    /// no candidate is found by those.
    pub(super) fn ranges(&self) -> Vec<(String, String)> {
        self.0.iter().map(|term| (term.clone(), format!("{term}{LAST}"))).collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn finds(name: &str, email: Option<&str>, typed: &str) -> bool {
        let all = beginnings(name, email);
        let ranges = Terms::read(typed).expect("something was typed").ranges();
        !ranges.is_empty() && ranges.iter().all(|(from, to)| all.iter().any(|one| one >= from && one < to))
    }

    #[test]
    fn an_address_of_the_names_words_adds_only_its_host() {
        let all = beginnings("Maya Chen", Some("maya.chen@mail.example"));
        assert_eq!(all, ["chen mail example", "example", "mail example", "maya chen mail example"]);
        assert_eq!(beginnings("", None), Vec::<String>::new());
    }

    #[test]
    fn terms_may_stand_in_any_order_and_hold_signs() {
        let finds = |typed| finds("Jean-Luc O'Neil", Some("jl.oneil+jobs@mail.example"), typed);
        let found = ["jean", "LUC", "neil jean", "o'n", "jean-lu", "jl.on", "oneil+jobs@mail.ex", "jobs", "exam"];
        assert_eq!(found.into_iter().filter(|typed| !finds(typed)).collect::<Vec<_>>(), Vec::<&str>::new());
        let missed = ["ean", "jean paul", "luc jean-paul", "neill", "%", "- '", "ail.example"];
        assert_eq!(missed.into_iter().filter(|typed| finds(typed)).collect::<Vec<_>>(), Vec::<&str>::new());
    }

    #[test]
    fn nothing_typed_is_no_search() {
        assert_eq!(Terms::read(" \t"), None);
        assert_eq!(Terms::read("..").map(|terms| terms.ranges()), Some(Vec::new()));
    }

    proptest! {
        #[test]
        fn whoever_types_the_beginning_of_a_word_finds_it(
            name in "\\PC{0,60}",
            email in proptest::option::of("[a-zA-Z0-9._+-]{1,20}@[a-z]{1,10}\\.[a-z]{2,3}"),
            word in any::<proptest::sample::Index>(),
            letters in 1_usize..80,
        ) {
            let mut known = words(&name);
            known.truncate(MOST_WORDS);
            known.extend(words(email.as_deref().unwrap_or_default()).into_iter().take(MOST_WORDS));
            prop_assume!(!known.is_empty());
            let typed: String = word.get(&known).chars().take(letters).collect();
            // Folding what is folded changes a few letters of a few scripts once more.
            prop_assume!(words(&typed) == [typed.clone()]);
            prop_assert!(finds(&name, email.as_deref(), &typed));
        }

        #[test]
        fn beginnings_are_few_short_clean_and_none_begins_another(name in "\\PC{0,400}", email in "\\PC{0,400}") {
            let all = beginnings(&name, Some(&email));
            prop_assert!(all.len() <= MOST_BEGINNINGS);
            for (at, one) in all.iter().enumerate() {
                prop_assert!(!one.is_empty() && one.chars().count() <= LONGEST);
                prop_assert!(one.chars().all(|letter| letter.is_alphanumeric() || letter == ' '));
                prop_assert!(all.iter().enumerate().all(|(other, text)| at == other || !text.starts_with(one.as_str())));
            }
        }
    }
}
