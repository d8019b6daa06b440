//! The connection of a conversation: lines in, answers out, and the sign-in between them.

use std::io;
use std::ops::ControlFlow;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tokio::io::{AsyncBufReadExt as _, AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, BufReader};

use super::Login;
use super::command::Mechanism;
use super::incoming::Line;
use super::reply::Reply;

/// RFC 4954: how long the answer to a challenge may be. Nothing else is longer.
const LONGEST_LINE: u64 = 12_288;

/// Whether the conversation goes on.
pub(super) type Next = io::Result<ControlFlow<()>>;

#[derive(Debug)]
pub(super) struct Wire<S>(BufReader<S>);

impl<S: AsyncRead + AsyncWrite + Unpin> Wire<S> {
    pub(super) fn new(stream: S) -> Self {
        Self(BufReader::new(stream))
    }

    /// The next line; nothing once the caller has gone.
    pub(super) async fn line(&mut self) -> io::Result<Option<Line>> {
        let mut line = Line { bytes: Vec::new(), is_cut: false };
        loop {
            if (&mut self.0).take(LONGEST_LINE).read_until(b'\n', &mut line.bytes).await? == 0 {
                return Ok(None);
            }
            if line.bytes.ends_with(b"\n") {
                return Ok(Some(line));
            }
            if line.bytes.len() as u64 >= LONGEST_LINE {
                line = Line { bytes: Vec::new(), is_cut: true };
            }
        }
    }

    /// The next line of what the caller has begun.
    pub(super) async fn next_line(&mut self) -> io::Result<Line> {
        self.line().await?.ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
    }

    pub(super) async fn say(&mut self, reply: &Reply) -> Next {
        self.send(reply.wire().as_bytes()).await?;
        Ok(after(reply))
    }

    /// The same, a byte at a time.
    pub(super) async fn drip(&mut self, reply: &Reply, pause: Duration) -> Next {
        for byte in reply.wire().bytes() {
            tokio::time::sleep(pause).await;
            self.send(&[byte]).await?;
        }
        Ok(after(reply))
    }

    async fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.0.write_all(bytes).await?;
        self.0.flush().await
    }

    pub(super) async fn close(&mut self) -> io::Result<()> {
        self.0.shutdown().await
    }

    /// User and password; nothing if what comes is neither.
    pub(super) async fn login(&mut self, mechanism: Mechanism, initial: Option<&str>) -> io::Result<Option<Login>> {
        match mechanism {
            // RFC 4616: on whose behalf, the user and the password, with a zero between them.
            Mechanism::Plain => {
                let answer = self.challenge("", initial).await?.unwrap_or_default();
                let parts: Vec<&str> = answer.split('\0').collect();
                let [_, user, password] = parts.as_slice() else { return Ok(None) };
                Ok(Some(Login { user: (*user).to_owned(), password: (*password).to_owned() }))
            }
            Mechanism::Login => {
                let Some(user) = self.challenge("Username:", initial).await? else { return Ok(None) };
                let password = self.challenge("Password:", None).await?;
                Ok(password.map(|password| Login { user, password }))
            }
        }
    }

    /// Asks for something, unless it was given without being asked for.
    async fn challenge(&mut self, words: &str, given: Option<&str>) -> io::Result<Option<String>> {
        let answer = match given {
            Some("=") => Vec::new(),
            Some(given) => given.as_bytes().to_vec(),
            None => {
                self.send(Reply::written(334, STANDARD.encode(words)).wire().as_bytes()).await?;
                self.next_line().await?.bytes.trim_ascii_end().to_vec()
            }
        };
        Ok(STANDARD.decode(answer).ok().and_then(|bytes| String::from_utf8(bytes).ok()))
    }
}

fn after(reply: &Reply) -> ControlFlow<()> {
    if reply.is_last() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
}
