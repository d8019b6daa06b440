//! What people and scripts read: results on the standard output, complaints on the standard error.
//! A closed pipe is no reason to fall over.

use std::io::Write as _;

/// Says a line on the standard output, at once.
pub fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    // Nobody reads any more: there is nobody left to tell.
    let _closed = writeln!(out, "{line}").and_then(|()| out.flush());
}

/// Says what went wrong on the standard error.
pub fn complain(line: &str) {
    let _closed = writeln!(std::io::stderr().lock(), "candilever: {line}");
}
