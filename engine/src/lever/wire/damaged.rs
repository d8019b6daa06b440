//! Lever's answers as they never should be: bytes that were damaged on their way, and values that mean nothing in the
//! place of any. Whatever is read of them can be stored and shown.

use std::sync::LazyLock;

use proptest::{collection::vec, prelude::*, sample::Index};
use serde_json::Value;

use super::*;
use crate::{
    lever::{call::read, fixture},
    strange::{any_json, replace},
};

static ANSWERS: LazyLock<Vec<String>> = LazyLock::new(|| {
    let all = ["answer", "token answer", "refusal", "token refusal"].into_iter().flat_map(fixture::all);
    all.map(|(file, _)| fixture::text(&file)).collect()
});

fn is_storable(name: &str) -> bool {
    name.chars().count() <= LONGEST_NAME && !name.contains(|c: char| c.is_control())
}

/// Reads an answer as each of those that it could be taken for.
fn read_as_all(body: &[u8]) -> Result<(), TestCaseError> {
    let opportunities = read::<Page<OpportunityWire>>(body).map(|page| page.data).unwrap_or_default();
    let one = read::<One<OpportunityWire>>(body).ok().map(|one| one.data);
    for wire in opportunities.into_iter().chain(one) {
        let opportunity = Opportunity::from(wire);
        prop_assert!(is_storable(&opportunity.name), "{opportunity:?}");
        prop_assert!(opportunity.emails.iter().all(|email| !email.trim().is_empty()), "{opportunity:?}");
        prop_assert!(opportunity.url.is_none_or(|url| !url.contains(char::is_control)));
    }
    let postings = read::<Page<PostingWire>>(body).map(|page| page.data).unwrap_or_default();
    for wire in postings {
        let associated = wire.associations().len();
        let posting = PostingChoice::from(wire);
        prop_assert!(is_storable(&posting.title), "{posting:?} {associated}");
    }
    let notes = read::<Page<NoteWire>>(body).map(|page| page.data).unwrap_or_default();
    let one = read::<One<NoteWire>>(body).ok().map(|one| one.data);
    let _read: Vec<Note> = notes.into_iter().chain(one).map(Note::from).collect();
    let stages = read::<Page<StageWire>>(body).map(|page| page.data).unwrap_or_default();
    let _read: Vec<StageChoice> = stages.into_iter().map(StageChoice::from).collect();
    let _read = (read::<Page<UserWire>>(body).is_ok(), read::<Page<WebhookWire>>(body).is_ok());
    let _read = (read::<One<WebhookWire>>(body).is_ok(), read::<Page<DeletedWire>>(body).is_ok());
    Ok(())
}

proptest! {
    #[test]
    fn nothing_panics_on_damaged_answers(
        which in any::<Index>(),
        damages in vec((any::<Index>(), 0_usize..20, vec(any::<u8>(), 0..5)), 1..4),
    ) {
        let mut body = which.get::<String>(&ANSWERS).clone().into_bytes();
        for (place, cut, inserted) in damages {
            let at = place.index(body.len() + 1);
            let end = (at + cut).min(body.len());
            body.splice(at..end, inserted);
        }
        read_as_all(&body)?;
    }

    #[test]
    fn nothing_panics_on_answers_that_say_something_else(
        which in any::<Index>(),
        others in vec((any::<Index>(), any_json()), 1..4),
    ) {
        let mut answer: Value = serde_json::from_str(which.get::<String>(&ANSWERS)).expect("a fixture is JSON");
        for (place, by) in others {
            replace(&mut answer, place, by);
        }
        read_as_all(answer.to_string().as_bytes())?;
    }
}
