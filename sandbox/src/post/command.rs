//! Reads a command line: the verb, its address and its parameters.

use super::LONGEST_MESSAGE;
use super::reply::Reply;

/// What the caller wants.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Command<'a> {
    Hello(Greeting),
    Auth { mechanism: Mechanism, initial: Option<&'a str> },
    Mail { from: &'a str, characters: Characters },
    Recipient(&'a str),
    Data,
    Reset,
    Nothing,
    Verify,
    Quit,
}

/// `HELO` or `EHLO`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Greeting {
    Plain,
    Extended,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mechanism {
    Plain,
    Login,
}

/// What an address of this mail may be written in: `SMTPUTF8` (RFC 6531) has to be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Characters {
    Ascii,
    Unicode,
}

const UNKNOWN: Reply = Reply::new(500, "5.5.2 There is no such command");
const NO_TEXT: Reply = Reply::new(500, "5.5.2 A command is a line of text");
const WRONG_ARGUMENT: Reply = Reply::new(501, "5.5.4 The command's argument is wrong");
const WRONG_PARAMETER: Reply = Reply::new(555, "5.5.4 There is no such parameter");
const WRONG_ADDRESS: Reply = Reply::new(501, "5.1.3 That is no address");
const NO_MECHANISM: Reply = Reply::new(504, "5.5.4 AUTH is PLAIN or LOGIN");
const NO_TLS: Reply = Reply::new(502, "5.5.1 There is no TLS on this machine's own network");
pub(super) const TOO_BIG: Reply = Reply::new(552, "5.3.4 The message is too big");

/// Reads a line without its end.
pub(super) fn parse(line: &[u8]) -> Result<Command<'_>, Reply> {
    let line = std::str::from_utf8(line).ok().filter(|line| !line.contains(char::is_control)).ok_or(NO_TEXT)?;
    let (verb, rest) = line.split_once(' ').unwrap_or((line, ""));
    let rest = rest.trim();
    match verb.to_ascii_uppercase().as_str() {
        "HELO" => hello(Greeting::Plain, rest),
        "EHLO" => hello(Greeting::Extended, rest),
        "AUTH" => auth(rest),
        "MAIL" => mail(after("FROM:", rest)?),
        "RCPT" => recipient(after("TO:", rest)?),
        "DATA" => alone(Command::Data, rest),
        "RSET" => alone(Command::Reset, rest),
        "QUIT" => alone(Command::Quit, rest),
        "NOOP" => Ok(Command::Nothing),
        "VRFY" => Ok(Command::Verify),
        "STARTTLS" => Err(NO_TLS),
        _ => Err(UNKNOWN),
    }
}

fn hello(greeting: Greeting, name: &str) -> Result<Command<'_>, Reply> {
    if name.is_empty() { Err(WRONG_ARGUMENT) } else { Ok(Command::Hello(greeting)) }
}

fn alone<'a>(command: Command<'a>, rest: &str) -> Result<Command<'a>, Reply> {
    if rest.is_empty() { Ok(command) } else { Err(WRONG_ARGUMENT) }
}

fn auth(rest: &str) -> Result<Command<'_>, Reply> {
    let (name, initial) = rest.split_once(' ').map_or((rest, None), |(name, initial)| (name, Some(initial.trim())));
    let mechanism = match name.to_ascii_uppercase().as_str() {
        "PLAIN" => Mechanism::Plain,
        "LOGIN" => Mechanism::Login,
        _ => return Err(NO_MECHANISM),
    };
    Ok(Command::Auth { mechanism, initial })
}

fn mail(rest: &str) -> Result<Command<'_>, Reply> {
    let (from, parameters) = path(rest)?;
    let mut characters = Characters::Ascii;
    for parameter in parameters.split_whitespace() {
        let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
        match (name.to_ascii_uppercase().as_str(), value.to_ascii_uppercase().as_str()) {
            ("SMTPUTF8", "") => characters = Characters::Unicode,
            ("BODY", "7BIT" | "8BITMIME") => {}
            ("SIZE", size) if size.parse::<usize>().map_err(|_| WRONG_ARGUMENT)? > LONGEST_MESSAGE => {
                return Err(TOO_BIG);
            }
            ("SIZE" | "AUTH", _) => {}
            _ => return Err(WRONG_PARAMETER),
        }
    }
    // A notice that a mail failed comes from nobody.
    if from.is_empty() || is_mailbox(from) { Ok(Command::Mail { from, characters }) } else { Err(WRONG_ADDRESS) }
}

fn recipient(rest: &str) -> Result<Command<'_>, Reply> {
    let (to, parameters) = path(rest)?;
    if !parameters.is_empty() {
        return Err(WRONG_PARAMETER);
    }
    if is_mailbox(to) { Ok(Command::Recipient(to)) } else { Err(WRONG_ADDRESS) }
}

fn after<'a>(keyword: &str, rest: &'a str) -> Result<&'a str, Reply> {
    let (head, tail) = rest.split_at_checked(keyword.len()).ok_or(WRONG_ARGUMENT)?;
    if head.eq_ignore_ascii_case(keyword) { Ok(tail.trim_start()) } else { Err(WRONG_ARGUMENT) }
}

/// The address between `<` and `>`, and what follows; a quoted `>` ends nothing.
fn path(rest: &str) -> Result<(&str, &str), Reply> {
    let inner = rest.strip_prefix('<').ok_or(WRONG_ADDRESS)?;
    let (mut quoted, mut escaped) = (false, false);
    let is_end = |sign: char| {
        let ends = sign == '>' && !quoted;
        quoted ^= sign == '"' && !escaped;
        escaped = sign == '\\' && quoted && !escaped;
        ends
    };
    let end = inner.find(is_end).ok_or(WRONG_ADDRESS)?;
    let (address, rest) = (&inner[..end], &inner[end + 1..]);
    if rest.is_empty() || rest.starts_with(' ') { Ok((address, rest.trim())) } else { Err(WRONG_ADDRESS) }
}

fn is_mailbox(address: &str) -> bool {
    let Some((name, host)) = address.rsplit_once('@') else { return false };
    let is_quoted = name.len() > 2 && name.starts_with('"') && name.ends_with('"');
    let is_plain = !name.is_empty() && !name.contains([' ', '"', '<', '>', '@', ',', ';', ':', '\\', '(', ')']);
    (is_quoted || is_plain) && !host.is_empty() && !host.contains([' ', '"', '<', '>', ',', ';', '\\', '(', ')'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_read_in_any_case() {
        let mail = |from, characters| Ok(Command::Mail { from, characters });
        assert_eq!(parse(b"ehlo there"), Ok(Command::Hello(Greeting::Extended)));
        assert_eq!(parse(b"HELO there"), Ok(Command::Hello(Greeting::Plain)));
        assert_eq!(parse(b"Mail From:<a@b.example> size=100 BODY=8BITMIME"), mail("a@b.example", Characters::Ascii));
        assert_eq!(parse(b"MAIL FROM: <>"), mail("", Characters::Ascii));
        assert_eq!(
            parse("MAIL FROM:<jürgen@b.example> SMTPUTF8".as_bytes()),
            mail("jürgen@b.example", Characters::Unicode)
        );
        assert_eq!(parse(b"RCPT TO:<\"a > \\\" b\"@c.example>"), Ok(Command::Recipient("\"a > \\\" b\"@c.example")));
        let login = Command::Auth { mechanism: Mechanism::Login, initial: None };
        assert_eq!(parse(b"AUTH login"), Ok(login));
        let plain = Command::Auth { mechanism: Mechanism::Plain, initial: Some("AGEAYg==") };
        assert_eq!(parse(b"AUTH PLAIN AGEAYg=="), Ok(plain));
    }

    #[test]
    fn what_is_wrong_is_told_apart() {
        let code = |line: &str| parse(line.as_bytes()).expect_err(line).code;
        for line in ["", "HELP", "mail", "FROM:<a@b>", "NOOP\u{7}"] {
            assert!([500, 501].contains(&code(line)), "{line}");
        }
        for line in ["RCPT TO:<>", "RCPT TO:<a>", "RCPT TO:a@b", "RCPT TO:<a@b", "RCPT TO:<a b@c>", "RCPT TO:<a@b>x"] {
            assert_eq!(code(line), 501, "{line}");
        }
        assert_eq!(code("EHLO"), 501);
        assert_eq!(code("DATA now"), 501);
        assert_eq!(code("RCPT TO:<a@b> NOTIFY=NEVER"), 555);
        assert_eq!(code("MAIL FROM:<a@b> SIZE=99999999999"), 552);
        assert_eq!(code("AUTH CRAM-MD5"), 504);
        assert_eq!(code("STARTTLS"), 502);
        assert_eq!(parse(b"\xff\xfe").expect_err("no text").code, 500);
    }
}
