//! The question bank: real questions for every section of every assessment.

mod business;
mod data;
mod english;
mod javascript;
mod python;
mod support;

pub(crate) use business::{EXCEL, PRODUCT, SALES};
pub(crate) use data::DATA;
pub(crate) use english::ENGLISH;
pub(crate) use javascript::JAVASCRIPT;
pub(crate) use python::PYTHON;
pub(crate) use support::SUPPORT;

/// A part of an assessment with a score of its own.
#[derive(Debug)]
pub(crate) struct Section {
    pub id: &'static str,
    pub name: &'static str,
    /// How much it counts in the total, beside the other sections' weights.
    pub weight: u32,
    pub questions: &'static [Question],
}

/// What the candidate is asked.
#[derive(Debug)]
pub(crate) struct Question {
    pub text: &'static str,
    pub answer: Answer,
}

/// How it is answered.
#[derive(Debug)]
pub(crate) enum Answer {
    /// One of these; `right` is the index of the key.
    Choice { options: [&'static str; 4], right: usize },
    /// In words; a person reads it, no key scores it.
    Written,
}

const fn choice(text: &'static str, options: [&'static str; 4], right: usize) -> Question {
    Question { text, answer: Answer::Choice { options, right } }
}

const fn written(text: &'static str) -> Question {
    Question { text, answer: Answer::Written }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    const ALL: [&[Section]; 8] = [PYTHON, DATA, SUPPORT, ENGLISH, JAVASCRIPT, SALES, EXCEL, PRODUCT];

    fn choices() -> impl Iterator<Item = (&'static str, &'static [&'static str; 4], usize)> {
        ALL.iter().flat_map(|sections| sections.iter()).flat_map(|section| section.questions).filter_map(|question| {
            match &question.answer {
                Answer::Choice { options, right } => Some((question.text, options, *right)),
                Answer::Written => None,
            }
        })
    }

    #[test]
    fn every_section_has_three_questions_with_a_key() {
        for section in ALL.iter().flat_map(|sections| sections.iter()) {
            let keyed = section.questions.iter().filter(|question| matches!(question.answer, Answer::Choice { .. }));
            assert!(keyed.count() >= 3, "{} asks too little", section.name);
            assert!(section.weight > 0, "{} counts for nothing", section.name);
        }
    }

    #[test]
    fn every_key_is_among_four_different_options() {
        for (text, options, right) in choices() {
            assert!(right < options.len(), "{text}");
            assert_eq!(options.iter().collect::<HashSet<_>>().len(), 4, "{text}");
        }
    }

    #[test]
    fn the_key_is_not_always_in_the_same_place() {
        let mut places = [0; 4];
        for (_, _, right) in choices() {
            places[right] += 1;
        }
        assert!(places.iter().all(|count| *count * 8 > places.iter().sum::<i32>()), "{places:?}");
    }

    #[test]
    fn ids_are_unique_within_an_assessment_and_no_question_is_asked_twice() {
        for sections in ALL {
            let ids: HashSet<&str> = sections.iter().map(|section| section.id).collect();
            assert_eq!(ids.len(), sections.len());
        }
        let texts: Vec<&str> = choices().map(|(text, _, _)| text).collect();
        assert_eq!(texts.iter().collect::<HashSet<_>>().len(), texts.len());
    }
}
