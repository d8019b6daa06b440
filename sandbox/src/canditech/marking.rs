//! Marks a submitted test: counts right answers by section, keeps written ones, notes what looked odd.

use std::collections::HashMap;

use super::invite::Marks;
use super::model::{Invite, Millis, SectionScore, Signal, WrittenAnswer};
use super::question::{Answer, Section};
use super::score::{self, Tally};

/// The form's field for tab switches, filled by the page where scripts run.
pub(crate) const TAB_SWITCHES: &str = "tab_switches";
const LONGEST_ANSWER: usize = 4_000;

/// The form's field for one question.
pub(crate) fn field(section: &Section, index: usize) -> String {
    format!("{}-{}", section.id, index + 1)
}

/// What the answers are worth.
pub(crate) fn mark(sections: &[Section], answers: &HashMap<String, String>) -> Marks {
    let tallies: Vec<Tally> = sections.iter().map(|section| tally(section, answers)).collect();
    let scores = sections.iter().zip(&tallies).map(|(section, tally)| SectionScore {
        id: section.id.to_owned(),
        name: section.name.to_owned(),
        weight: section.weight,
        value: score::percent(tally.right, tally.asked),
    });
    Marks {
        score: score::total(&tallies),
        sections: scores.collect(),
        written: sections.iter().flat_map(|section| written(section, answers)).collect(),
        integrity: Vec::new(),
    }
}

fn tally(section: &Section, answers: &HashMap<String, String>) -> Tally {
    let mut tally = Tally { weight: section.weight, right: 0, asked: 0 };
    for (index, question) in section.questions.iter().enumerate() {
        let Answer::Choice { right, .. } = &question.answer else { continue };
        let given = answers.get(&field(section, index)).and_then(|answer| answer.parse::<usize>().ok());
        tally.asked += 1;
        tally.right += u32::from(given == Some(*right));
    }
    tally
}

fn written(section: &Section, answers: &HashMap<String, String>) -> Vec<WrittenAnswer> {
    let questions = section.questions.iter().enumerate();
    let in_words = questions.filter(|(_, question)| matches!(question.answer, Answer::Written));
    let answered = in_words.map(|(index, question)| WrittenAnswer {
        question: question.text.to_owned(),
        answer: answers.get(&field(section, index)).map_or("", String::as_str).chars().take(LONGEST_ANSWER).collect(),
    });
    answered.collect()
}

/// What the proctoring noticed: leaving the page, and a suspicious haste.
pub(crate) fn signals(invite: &Invite, answers: &HashMap<String, String>, now: Millis) -> Vec<Signal> {
    let mut signals = Vec::new();
    let switches = answers.get(TAB_SWITCHES).and_then(|count| count.parse::<u32>().ok()).unwrap_or(0);
    if switches > 0 {
        let severity = if switches > 5 { "medium" } else { "low" };
        let times = if switches == 1 { "time" } else { "times" };
        signals.push(signal("tab_switch", severity, format!("Left the page {switches} {times}.")));
    }
    let minutes = (now - invite.started_at.unwrap_or(now)) / 60_000;
    if minutes * 10 < i64::from(invite.minutes) {
        let note = format!("Handed in after {} of {} minutes.", minutes.max(1), invite.minutes);
        signals.push(signal("pace", "low", note));
    }
    signals
}

fn signal(kind: &str, severity: &str, note: String) -> Signal {
    Signal { kind: kind.to_owned(), severity: severity.to_owned(), note }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::canditech::question::PYTHON;

    fn answers(right: impl Fn(&Section, usize) -> bool) -> HashMap<String, String> {
        let mut answers = HashMap::new();
        for section in PYTHON {
            for (index, question) in section.questions.iter().enumerate() {
                let answer = match &question.answer {
                    Answer::Choice { right: key, .. } if right(section, index) => key.to_string(),
                    Answer::Choice { right: key, .. } => ((key + 1) % 4).to_string(),
                    Answer::Written => String::from("I would look at the log."),
                };
                answers.insert(field(section, index), answer);
            }
        }
        answers
    }

    #[test]
    fn all_right_is_a_hundred_and_all_wrong_is_none() {
        assert_eq!(mark(PYTHON, &answers(|_, _| true)).score, Some(100));
        assert_eq!(mark(PYTHON, &answers(|_, _| false)).score, Some(0));
        assert_eq!(mark(PYTHON, &HashMap::new()).score, Some(0));
    }

    #[test]
    fn sections_count_by_their_weight() {
        let marks = mark(PYTHON, &answers(|section, _| section.id != "sql"));
        assert_eq!(marks.score, Some(75));
        let values: Vec<_> = marks.sections.iter().map(|section| section.value).collect();
        assert_eq!(values, [Some(100), Some(100), Some(0)]);
    }

    #[test]
    fn a_written_answer_is_kept_and_changes_no_score() {
        let marks = mark(PYTHON, &answers(|_, _| true));
        assert_eq!(marks.written.len(), 1);
        assert_eq!(marks.written[0].answer, "I would look at the log.");
    }
}
