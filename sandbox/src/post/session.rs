//! A conversation with one sender.

#[cfg(test)]
mod tests;

use std::io;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};

use super::command::{self, Characters, Command, Greeting, Mechanism};
use super::fault::{Kind, Step};
use super::incoming::{Incoming, Line};
use super::mail::Envelope;
use super::reply::Reply;
use super::wire::{Next, Wire};
use super::{LONGEST_MESSAGE, Login, Post};

/// RFC 5321 asks for room for a hundred.
const MOST_RECIPIENTS: usize = 100;

const HELLO: Reply = Reply::new(220, "post.example ESMTP, a stand-in that keeps everything and sends nothing on");
const OK: Reply = Reply::new(250, "2.0.0 OK");
const BYE: Reply = Reply::new(221, "2.0.0 Bye");
const PERHAPS: Reply = Reply::new(252, "2.5.0 Send it and see");
const START: Reply = Reply::new(354, "Go on; a line with a dot alone ends it");
const SIGNED_IN: Reply = Reply::new(235, "2.7.0 Signed in");
const TOO_MANY: Reply = Reply::new(452, "4.5.3 Too many recipients");
const LONG_LINE: Reply = Reply::new(500, "5.5.2 The line is too long");
const NO_BASE64: Reply = Reply::new(501, "5.5.2 That is not what AUTH expects, in base64");
const OUT_OF_TURN: Reply = Reply::new(503, "5.5.1 That command has no place here");
const NO_RECIPIENT: Reply = Reply::new(554, "5.5.1 There is no recipient");
const SIGN_IN_FIRST: Reply = Reply::new(530, "5.7.0 Sign in first");
const WRONG_LOGIN: Reply = Reply::new(535, "5.7.8 User or password is wrong");
const NO_UNICODE: Reply = Reply::new(553, "5.6.7 Such an address needs SMTPUTF8");

#[derive(Debug)]
struct Session<S> {
    post: Arc<Post>,
    wire: Wire<S>,
    greeting: Option<Greeting>,
    user: Option<String>,
    /// What `MAIL FROM` opened and the message closes.
    open: Option<(Envelope, Characters)>,
}

/// Talks until the caller goes, or has to.
pub(super) async fn run(post: Arc<Post>, stream: impl AsyncRead + AsyncWrite + Unpin) -> io::Result<()> {
    let mut session = Session { post, wire: Wire::new(stream), greeting: None, user: None, open: None };
    let mut next = session.step(Step::Connect, None, |_| HELLO).await?;
    while next.is_continue() {
        let Some(line) = session.wire.line().await? else { return Ok(()) };
        next = session.obey(&line).await?;
    }
    session.wire.close().await
}

impl<S: AsyncRead + AsyncWrite + Unpin> Session<S> {
    async fn obey(&mut self, line: &Line) -> Next {
        if line.is_cut {
            return self.wire.say(&LONG_LINE).await;
        }
        match command::parse(line.bytes.trim_ascii_end()) {
            Ok(Command::Hello(greeting)) => self.step(Step::Hello, None, |it| it.hello(greeting)).await,
            Ok(Command::Auth { mechanism, initial }) => self.auth(mechanism, initial).await,
            Ok(Command::Mail { from, characters }) => {
                self.step(Step::Mail, None, |it| it.begin(from, characters)).await
            }
            Ok(Command::Recipient(to)) => self.step(Step::Recipient, Some(to), |it| it.add(to)).await,
            Ok(Command::Data) => self.data().await,
            Ok(Command::Reset) => {
                self.open = None;
                self.wire.say(&OK).await
            }
            Ok(Command::Nothing) => self.wire.say(&OK).await,
            Ok(Command::Verify) => self.wire.say(&PERHAPS).await,
            Ok(Command::Quit) => self.wire.say(&BYE).await,
            Err(refusal) => self.wire.say(&refusal).await,
        }
    }

    /// Does something and answers, unless a fault has it otherwise.
    async fn step(&mut self, step: Step, to: Option<&str>, effect: impl FnOnce(&mut Self) -> Reply) -> Next {
        let recipients = match (to, &self.open) {
            (Some(to), _) => vec![to.to_owned()],
            (None, Some((envelope, _))) => envelope.recipients.clone(),
            (None, None) => Vec::new(),
        };
        match self.post.faults.strike(|which| which.matches(step, &recipients)) {
            None => {
                let reply = effect(self);
                self.wire.say(&reply).await
            }
            Some(Kind::Answer { code, text }) => {
                self.wire.say(&Reply::written(code, text.unwrap_or_else(|| "Refused on demand".to_owned()))).await
            }
            Some(Kind::Delay { ms }) => {
                tokio::time::sleep(Duration::from_millis(ms)).await;
                let reply = effect(self);
                self.wire.say(&reply).await
            }
            Some(Kind::DelayAfter { ms }) => {
                let reply = effect(self);
                tokio::time::sleep(Duration::from_millis(ms)).await;
                self.wire.say(&reply).await
            }
            Some(Kind::Drip { ms }) => {
                let reply = effect(self);
                self.wire.drip(&reply, Duration::from_millis(ms)).await
            }
            Some(Kind::DropBefore) => Ok(ControlFlow::Break(())),
            Some(Kind::DropAfter) => {
                effect(self);
                Ok(ControlFlow::Break(()))
            }
        }
    }

    fn hello(&mut self, greeting: Greeting) -> Reply {
        (self.greeting, self.open) = (Some(greeting), None);
        match greeting {
            Greeting::Plain => Reply::new(250, "post.example"),
            Greeting::Extended => Reply::written(
                250,
                format!(
                    "post.example\nSIZE {LONGEST_MESSAGE}\n8BITMIME\nSMTPUTF8\nENHANCEDSTATUSCODES\nAUTH PLAIN LOGIN"
                ),
            ),
        }
    }

    fn begin(&mut self, from: &str, characters: Characters) -> Reply {
        if self.greeting.is_none() || self.open.is_some() {
            return OUT_OF_TURN;
        }
        if self.user.is_none() && self.post.kept().login.is_some() {
            return SIGN_IN_FIRST;
        }
        if !fits(from, characters) {
            return NO_UNICODE;
        }
        let envelope = Envelope { user: self.user.clone(), from: from.to_owned(), recipients: Vec::new() };
        self.open = Some((envelope, characters));
        OK
    }

    fn add(&mut self, to: &str) -> Reply {
        let Some((envelope, characters)) = &mut self.open else { return OUT_OF_TURN };
        if !fits(to, *characters) {
            return NO_UNICODE;
        }
        if envelope.recipients.len() == MOST_RECIPIENTS {
            return TOO_MANY;
        }
        envelope.recipients.push(to.to_owned());
        OK
    }

    async fn data(&mut self) -> Next {
        let mut is_open = false;
        let begin = |it: &mut Self| {
            let refusal = match &it.open {
                None => Some(OUT_OF_TURN),
                Some((envelope, _)) => envelope.recipients.is_empty().then_some(NO_RECIPIENT),
            };
            is_open = refusal.is_none();
            refusal.unwrap_or(START)
        };
        let next = self.step(Step::Data, None, begin).await?;
        if next.is_break() || !is_open {
            return Ok(next);
        }
        let mut incoming = Incoming::default();
        loop {
            if incoming.take(&self.wire.next_line().await?).is_break() {
                break;
            }
        }
        let message = incoming.finish();
        let next = self.step(Step::Message, None, |it| it.keep(message)).await;
        self.open = None;
        next
    }

    fn keep(&mut self, message: Result<Vec<u8>, Reply>) -> Reply {
        match (message, self.open.take()) {
            (Ok(raw), Some((envelope, _))) => {
                Reply::written(250, format!("2.0.0 Kept as number {}", self.post.keep(envelope, raw)))
            }
            (Ok(_), None) => OUT_OF_TURN,
            (Err(refusal), _) => refusal,
        }
    }

    async fn auth(&mut self, mechanism: Mechanism, initial: Option<&str>) -> Next {
        if self.greeting.is_none() || self.open.is_some() || self.user.is_some() {
            return self.wire.say(&OUT_OF_TURN).await;
        }
        let given = self.wire.login(mechanism, initial).await?;
        match given {
            Some(login) => self.step(Step::Auth, None, |it| it.sign_in(login)).await,
            None => self.wire.say(&NO_BASE64).await,
        }
    }

    fn sign_in(&mut self, given: Login) -> Reply {
        if self.post.kept().login.as_ref().is_some_and(|login| *login != given) {
            return WRONG_LOGIN;
        }
        self.user = Some(given.user);
        SIGNED_IN
    }
}

fn fits(address: &str, characters: Characters) -> bool {
    characters == Characters::Unicode || address.is_ascii()
}
