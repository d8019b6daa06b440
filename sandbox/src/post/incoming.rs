//! A message on its way in, line by line, until a line with a dot alone ends it.

use std::ops::ControlFlow;

use super::LONGEST_MESSAGE;
use super::command::TOO_BIG;
use super::reply::Reply;

/// RFC 5321, 4.5.3.1.6: a thousand with its end.
const LONGEST_LINE: usize = 998;

const LONG_LINE: Reply = Reply::new(554, "5.6.0 A line of the message is longer than 998 bytes");
// What one server takes for the message's end, and the next one does not, smuggles a second message in.
const BARE: Reply = Reply::new(554, "5.6.0 A line of the message ends in something else than CR LF");

/// A line as it was read, with its end.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) bytes: Vec<u8>,
    /// There was more of it than is kept.
    pub(super) is_cut: bool,
}

/// What is there of the message.
#[derive(Debug, Default)]
pub(super) struct Incoming {
    bytes: Vec<u8>,
    /// The last line ended in something else than CR LF: the next one is its continuation.
    is_within_line: bool,
    refusal: Option<Reply>,
}

impl Incoming {
    /// Takes the next line; breaks at the message's end.
    pub(super) fn take(&mut self, line: &Line) -> ControlFlow<()> {
        let begins = !self.is_within_line;
        if begins && !line.is_cut && line.bytes == b".\r\n" {
            return ControlFlow::Break(());
        }
        let words = line.bytes.strip_suffix(b"\r\n");
        self.is_within_line = words.is_none();
        let text = words.unwrap_or(&line.bytes);
        // The sender puts a dot in front of one at a line's begin.
        let text = text.strip_prefix(b".").filter(|_| begins).unwrap_or(text);
        if line.is_cut || text.len() > LONGEST_LINE {
            self.refuse(LONG_LINE);
        } else if words.is_none() || text.contains(&b'\r') {
            self.refuse(BARE);
        } else if self.bytes.len() + text.len() + 2 > LONGEST_MESSAGE {
            self.refuse(TOO_BIG);
        } else {
            self.bytes.extend_from_slice(text);
            self.bytes.extend_from_slice(b"\r\n");
        }
        ControlFlow::Continue(())
    }

    /// The message as its sender wrote it.
    pub(super) fn finish(self) -> Result<Vec<u8>, Reply> {
        self.refusal.map_or(Ok(self.bytes), Err)
    }

    fn refuse(&mut self, why: Reply) {
        self.refusal.get_or_insert(why);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What becomes of this, and how many of its lines belong to the message.
    fn take(text: &str) -> (Result<Vec<u8>, u16>, usize) {
        let mut incoming = Incoming::default();
        let mut lines = text.split_inclusive('\n').map(|line| Line { bytes: line.into(), is_cut: false });
        let taken = lines.by_ref().take_while(|line| incoming.take(line).is_continue()).count();
        (incoming.finish().map_err(|reply| reply.code), taken)
    }

    #[test]
    fn dots_are_unstuffed_at_a_lines_begin_only() {
        let (message, taken) = take("..\r\n...a\r\n.b\r\nc.d\r\n\r\n.\r\nQUIT\r\n");
        assert_eq!(message.expect("a message"), b".\r\n..a\r\nb\r\nc.d\r\n\r\n");
        assert_eq!(taken, 5);
    }

    #[test]
    fn a_dot_after_a_bare_line_feed_ends_nothing() {
        for smuggled in ["a\n.\r\nMAIL\r\n.\r\n", "a\r\n.\nMAIL\r\n.\r\n", "a\r\r\n.\n\r\nMAIL\r\n.\r\n"] {
            let (message, taken) = take(smuggled);
            assert_eq!(message, Err(554), "{smuggled:?}");
            assert_eq!(taken, smuggled.matches('\n').count() - 1, "{smuggled:?}");
        }
    }

    #[test]
    fn what_is_too_long_is_refused_at_the_end() {
        let line = |length: usize| "x".repeat(length) + "\r\n";
        assert!(take(&(line(LONGEST_LINE) + ".\r\n")).0.is_ok());
        assert!(take(&(".".to_owned() + &line(LONGEST_LINE) + ".\r\n")).0.is_ok(), "its dot does not count");
        assert_eq!(take(&(line(LONGEST_LINE + 1) + ".\r\n")), (Err(554), 1));
        let lines = LONGEST_MESSAGE / 500 + 1;
        assert_eq!(take(&(line(498).repeat(lines) + ".\r\n")), (Err(552), lines));
    }
}
