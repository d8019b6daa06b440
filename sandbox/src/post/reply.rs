//! What the mail server says: a code and words.

use std::borrow::Cow;

/// One answer; words of several lines are sent as such.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Reply {
    pub(super) code: u16,
    words: Cow<'static, str>,
}

impl Reply {
    pub(super) const fn new(code: u16, words: &'static str) -> Self {
        Self { code, words: Cow::Borrowed(words) }
    }

    pub(super) fn written(code: u16, words: String) -> Self {
        Self { code, words: Cow::Owned(words) }
    }

    /// Whether the connection closes after it.
    pub(super) fn is_last(&self) -> bool {
        matches!(self.code, 221 | 421)
    }

    /// As it goes over the wire.
    pub(super) fn wire(&self) -> String {
        let lines: Vec<&str> = self.words.split('\n').map(str::trim_end).collect();
        let last = lines.len() - 1;
        let line = |(at, words): (usize, &&str)| {
            let sign = if at == last { ' ' } else { '-' };
            format!("{}{sign}{words}\r\n", self.code)
        };
        lines.iter().enumerate().map(line).collect()
    }
}
