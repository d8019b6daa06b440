//! The words of one invite's page.

use crate::ui::Verdict;

pub const TITLE: &str = "Candidate";
pub const BACK: &str = "Candidates";
pub const BACK_LABEL: &str = "Back";
pub const OPEN_IN_LEVER: &str = "Open in Lever";
pub const OPEN_REPORT: &str = "Open the report";
pub const STATUS: &str = "Status";
pub const SCORE: &str = "Score";
pub const STAGE: &str = "Stage";
pub const SENT: &str = "Sent";
pub const STARTED: &str = "Started";
pub const COMPLETED: &str = "Completed";
pub const EXPIRES: &str = "Expires";
pub const VERDICT: &str = "Verdict";
pub const NO_VERDICT_YET: &str = "A verdict can be given once the assessment is completed.";
pub const COMMENT: &str = "Comment (optional)";
pub const WITHDRAW: &str = "Withdraw verdict";
pub const EARLIER: &str = "Earlier verdicts";
pub const BY: &str = "by";
pub const HERE: &str = "in Candilever";
pub const AT_PROVIDER: &str = "in Canditech";
pub const RESULT: &str = "Result";
pub const NO_RESULT_YET: &str = "The result appears here when the assessment is completed.";
pub const NO_SECTIONS: &str = "Canditech reports no sections for this assessment.";
pub const PENDING: &str = "pending";
pub const INTEGRITY: &str = "Integrity signals";
pub const INTEGRITY_MEANS: &str = "What Canditech noticed while the test was taken. It proves nothing by itself.";
pub const TIMELINE: &str = "Timeline";
pub const WHY: &str = "Why";
pub const NOTE: &str = "Note in Lever";
pub const WRITTEN: &str = "Written";
pub const IN_STEP: &str = "In step";
pub const UPDATING: &str = "Updating";
pub const NOT_IN_STEP: &str = "Not in step";
pub const CHANGED: &str = "Changed in Lever";
pub const CHANGED_MEANS: &str = "Somebody edited or deleted the note in Lever. What they wrote stays: the next change brings only our own lines up to date, or writes a new note that replaces this one.";
pub const NO_ANSWER: &str = "Lever does not answer";
pub const NO_ANSWER_MEANS: &str = "The note cannot be read now. What is to be written waits, and is written by itself.";
pub const ERASED: &str = "Erased";
pub const ERASED_MEANS: &str = "The candidate was erased here: nothing more is written.";
pub const NO_NOTE: &str = "There is no note yet; it is written when the invite is sent.";
pub const OTHERS: &str = "Other assessments of this person";

/// A round after the first.
#[must_use]
pub fn round(number: i64) -> String {
    format!("round {number}")
}

/// What somebody did.
#[must_use]
pub fn act(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Passed => "Thumbs up",
        Verdict::Failed => "Thumbs down",
        Verdict::NotGiven => "Verdict withdrawn",
    }
}

/// For a candidate who asks what is held.
pub const EXPORT: &str = "Export all that is held about this candidate";
pub const HELD: &str = "Personal data";
pub const ERASE: &str = "Erase this candidate";
pub const ERASE_TITLE: &str = "Erase this candidate?";
pub const ERASE_FOLLOWS: &str = "Name, e-mail address, links and comments go from here at once, from all invites of this person. Our notes in Lever are deleted, and Canditech is asked to forget them. What is not sent yet is not sent. Scores and verdicts stay here without a name. It cannot be taken back.";
pub const ERASE_IN_LEVER: &str = "Lever keeps its own record: anonymise the candidate there too.";
pub const KEEP: &str = "Keep this candidate";
