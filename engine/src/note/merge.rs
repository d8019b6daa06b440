//! What somebody wrote into our note stays: our lines are replaced where they stand, theirs are left as
//! they are. Pure; where our own lines were altered there is nothing to replace, and it says so.

/// The two texts say the same, whatever Lever makes of line ends and blank lines.
pub(super) fn same(one: &str, other: &str) -> bool {
    lines(one).eq(lines(other))
}

fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines().map(str::trim).filter(|line| !line.is_empty())
}

/// What a line is about: "Score" of "Score: 87/100", and the line itself where it names nothing.
fn kind(line: &str) -> &str {
    line.split_once(": ").map_or(line, |(kind, _)| kind)
}

/// `desired` with what somebody added to `written` to make it `standing`; `None` where our lines do not
/// stand there as we wrote them.
fn merged(standing: &str, written: &str, desired: &str) -> Option<String> {
    let mut ours = lines(written).peekable();
    let mut theirs: Vec<(Option<&str>, &str)> = Vec::new();
    let mut after = None;
    for line in standing.lines() {
        if ours.next_if_eq(&line.trim()).is_some() {
            after = Some(kind(line.trim()));
        } else {
            theirs.push((after, line));
        }
    }
    ours.peek().is_none().then(|| put_together(&theirs, written, desired))
}

/// Whether our lines stand in the note as we wrote them, whatever else is in it.
pub(super) fn stands(standing: &str, ours: &str) -> bool {
    merged(standing, ours, ours).is_some()
}

/// Their lines after those of ours that they followed, or after the last one before it that is still there.
fn put_together(theirs: &[(Option<&str>, &str)], written: &str, desired: &str) -> String {
    let kept: Vec<&str> = lines(desired).map(kind).collect();
    let anchor = |after: Option<&str>| {
        let until = lines(written).map(kind).position(|one| Some(one) == after).map_or(0, |place| place + 1);
        lines(written).map(kind).take(until).filter(|one| kept.contains(one)).last()
    };
    let mut text: Vec<&str> =
        theirs.iter().filter(|(after, _)| anchor(*after).is_none()).map(|(_, line)| *line).collect();
    for line in lines(desired) {
        text.push(line);
        text.extend(theirs.iter().filter(|(after, _)| anchor(*after) == Some(kind(line))).map(|(_, line)| *line));
    }
    text.join("\n")
}

/// What a note in Lever holds, beside what it should say.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// It says what it should, whatever else is in it.
    Said,
    /// Nothing but what we wrote.
    OursAlone,
    /// What we wrote and what somebody added: with ours as they should be.
    OursWithin(String),
    /// Our lines are not there as we wrote them.
    Theirs,
}

/// Tells what is in a note. `written` are the texts that we may have written last, and `whole` is how Lever
/// wrote down the last of them.
pub(super) fn found(standing: &str, written: &[&str], whole: Option<&str>, desired: &str) -> Found {
    if stands(standing, desired) {
        return Found::Said;
    }
    if written.iter().any(|text| same(standing, text)) {
        return Found::OursAlone;
    }
    match written.iter().find_map(|text| merged(standing, text, desired)) {
        Some(text) => Found::OursWithin(text),
        None if whole.is_some_and(|text| same(standing, text)) => Found::OursAlone,
        None => Found::Theirs,
    }
}

/// The same where it is not known what we wrote: what reads like our lines is taken for them.
pub(super) fn guessed(standing: &str, desired: &str) -> Found {
    merged(standing, &ours_in(standing, desired), desired).map_or(Found::Theirs, Found::OursWithin)
}

/// Which of a note's lines are surely ours, where it is not known what we wrote: those that are about what
/// our lines are about.
pub(super) fn ours_in(standing: &str, desired: &str) -> String {
    const ABOUT: [&str; 3] = ["Status", "Score", "Verdict"];
    let (mut seen, mut ours) = (Vec::new(), Vec::new());
    for line in lines(standing) {
        let about = kind(line);
        let known = ABOUT.contains(&about) || lines(desired).any(|one| one == line);
        if known && !seen.contains(&about) {
            ours.push(line);
        }
        seen.push(about);
    }
    ours.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    const WRITTEN: &str = "Python\nStatus: Sent\nScore: pending\nVerdict: n/a\nCandilever inv_1";
    const DESIRED: &str =
        "Python\nStatus: Completed\nScore: 87/100\nVerdict: n/a\nhttps://c.example/r/t\nCandilever inv_1";

    #[test]
    fn whitespace_is_no_edit() {
        assert!(same("a\r\nb\n\n", "a\n b"));
        assert!(!same("a\nb", "a\nc"));
    }

    #[test]
    fn what_stands_before_between_and_after_our_lines_stays_there() {
        let standing = "Call her first!\n\nPython\nStatus: Sent\nScore: pending\n(ask Tomas)\nVerdict: n/a\nCandilever inv_1\n\nBye\nNora";
        let expected = "Call her first!\n\nPython\nStatus: Completed\nScore: 87/100\n(ask Tomas)\nVerdict: n/a\n\
             https://c.example/r/t\nCandilever inv_1\n\nBye\nNora";
        assert_eq!(merged(standing, WRITTEN, DESIRED).as_deref(), Some(expected));
    }

    #[test]
    fn a_line_that_is_there_no_more_leaves_what_followed_it_where_it_was() {
        let standing = WRITTEN.replace("Verdict: n/a", "Verdict: n/a\nI disagree");
        let short = "Python\nStatus: Cancelled\nCandilever inv_1";
        let expected = "Python\nStatus: Cancelled\nI disagree\nCandilever inv_1";
        assert_eq!(merged(&standing, WRITTEN, short).as_deref(), Some(expected));
    }

    #[test]
    fn where_our_lines_were_altered_nothing_is_replaced() {
        assert_eq!(merged(&WRITTEN.replace("pending", "very good"), WRITTEN, DESIRED), None);
        assert_eq!(merged("Something else", WRITTEN, DESIRED), None);
        assert_eq!(merged(&WRITTEN.replace("Status: Sent\n", ""), WRITTEN, DESIRED), None);
    }

    #[test]
    fn merging_twice_changes_nothing_more() {
        let standing = format!("{WRITTEN}\nBye");
        let once = merged(&standing, WRITTEN, DESIRED).expect("mergeable");
        assert_eq!(merged(&once, DESIRED, DESIRED), Some(once));
    }

    #[test]
    fn our_lines_are_told_from_theirs_without_knowing_what_was_written() {
        let standing = format!("Hello\n{WRITTEN}\nStatus: I like her");
        assert_eq!(ours_in(&standing, DESIRED), WRITTEN);
    }
}
