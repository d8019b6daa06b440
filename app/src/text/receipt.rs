//! The words of an erasure's receipt.

use crate::page::candidate::receipt::{Cause, NoteFate, ProviderFate};

pub const TITLE: &str = "Receipt of the erasure";
pub const OPPORTUNITY: &str = "Opportunity in Lever";
pub const FOUND: &str = "Found";
pub const ERASED: &str = "Erased here";
pub const NOTE: &str = "Our note in Lever";
pub const PROVIDER: &str = "At Canditech";
pub const ASKED: &str = "Asked";

/// Why they were erased.
#[must_use]
pub fn cause(cause: Cause) -> &'static str {
    match cause {
        Cause::Anonymised => "The candidate was anonymised in Lever. What named them is gone here.",
        Cause::Deleted => "The candidate was deleted in Lever. What named them is gone here.",
        Cause::Retention => "The time for which candidates are kept is over. What named them is gone here.",
        Cause::Request => "A Super Admin had the candidate erased. What named them is gone here.",
    }
}

/// What became of the note.
#[must_use]
pub fn note(fate: NoteFate) -> &'static str {
    match fate {
        NoteFate::Open => "To be deleted",
        NoteFate::Deleted => "Deleted",
        NoteFate::Emptied => "Emptied",
        NoteFate::NotThere => "There was none",
        NoteFate::Refused => "Still there",
        NoteFate::Left => "Stays",
    }
}

/// What that means, where it does not speak for itself.
#[must_use]
pub fn next_in_lever(fate: NoteFate) -> Option<&'static str> {
    match fate {
        NoteFate::Open => Some("It goes as soon as Lever answers and is connected."),
        NoteFate::Emptied => Some("Lever did not let us delete it. It says nothing any more."),
        NoteFate::Refused => Some("Lever lets us neither delete nor change it. Delete it in Lever by hand."),
        NoteFate::Left => Some("Only the time here is over: the note is Lever\u{2019}s record."),
        NoteFate::Deleted | NoteFate::NotThere => None,
    }
}

/// What became of the provider's copy.
#[must_use]
pub fn provider(fate: ProviderFate) -> &'static str {
    match fate {
        ProviderFate::Open => "Deletion to be asked for",
        ProviderFate::Accepted => "Deletion asked for and accepted",
        ProviderFate::NeverSent => "Nothing was sent there",
        ProviderFate::NotOffered => "Not asked",
        ProviderFate::Refused => "Deletion refused",
        ProviderFate::Shared => "Not asked: the address is another candidate\u{2019}s too",
    }
}

/// What is still to come, or to be done by hand.
#[must_use]
pub fn next_at_provider(fate: ProviderFate, invite: Option<&str>) -> Option<String> {
    let by_hand = |why: &str| {
        let name = match invite {
            Some(id) => format!("name the assessment\u{2019}s id, {id}"),
            None => "name this page\u{2019}s address".to_owned(),
        };
        Some(format!("{why} Write to support@canditech.io, ask for the candidate\u{2019}s deletion and {name}."))
    };
    match fate {
        ProviderFate::Open => Some(
            "It is asked as soon as it answers and its key is accepted. Until then the address is kept under seal."
                .to_owned(),
        ),
        ProviderFate::NotOffered => by_hand("The protocol it was sent over has no call for it."),
        ProviderFate::Refused => by_hand("Canditech did not take the request."),
        ProviderFate::Shared => {
            Some("Canditech deletes by address. It is asked when the other candidate is erased here.".to_owned())
        }
        ProviderFate::Accepted | ProviderFate::NeverSent => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_must_ask_by_hand_is_told_whom_and_what_to_name() {
        for fate in [ProviderFate::NotOffered, ProviderFate::Refused] {
            let words = next_at_provider(fate, Some("pi_77")).expect("words");
            assert!(words.contains("support@canditech.io") && words.contains("pi_77"), "{words}");
        }
        assert_eq!(next_at_provider(ProviderFate::Accepted, Some("pi_77")), None);
    }
}
