//! A connection on which a test writes what no client would.

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpSocket, TcpStream},
    time::timeout,
};

use crate::program::{PATIENCE, Program};

/// A connection to the program.
pub struct Wire(TcpStream);

impl Wire {
    pub async fn open(program: &Program) -> Self {
        Self(TcpStream::connect(program.url.trim_start_matches("http://")).await.expect("connected"))
    }

    /// The same from another address of this machine's own.
    pub async fn from(address: &str, program: &Program) -> Self {
        let socket = TcpSocket::new_v4().expect("a socket");
        socket.bind(format!("{address}:0").parse().expect("an address")).expect("bound");
        let to = program.url.trim_start_matches("http://").parse().expect("an address");
        Self(socket.connect(to).await.expect("connected"))
    }

    /// Writes; a program that has closed by now is no error, as what it said before is still to be read.
    pub async fn say(&mut self, bytes: &[u8]) {
        let _closed = self.0.write_all(bytes).await;
    }

    /// The first line of what the program says; empty where it closes without a word.
    pub async fn first_line(&mut self) -> String {
        let mut said = Vec::new();
        while !said.contains(&b'\n') && self.hear(&mut said).await {}
        String::from_utf8_lossy(&said).lines().next().unwrap_or_default().to_owned()
    }

    /// The first line of one whole answer, on a connection that goes on.
    pub async fn answer(&mut self) -> String {
        let mut said = Vec::new();
        while !is_whole(&said) && self.hear(&mut said).await {}
        String::from_utf8_lossy(&said).lines().next().unwrap_or_default().to_owned()
    }

    /// Goes away at once, as a process that dies.
    pub fn break_off(self) {
        drop(self.0);
    }

    /// All that the program says until it closes.
    pub async fn all(mut self) -> String {
        let mut said = Vec::new();
        while self.hear(&mut said).await {}
        String::from_utf8_lossy(&said).into_owned()
    }

    /// Whether there is more to hear.
    async fn hear(&mut self, said: &mut Vec<u8>) -> bool {
        let heard = timeout(PATIENCE, self.0.read_buf(said)).await.expect("a word or the end in time");
        heard.is_ok_and(|length| length > 0)
    }

    /// Whether the program has said anything that was not heard.
    pub fn is_silent(&self) -> bool {
        self.0.try_read(&mut [0]).is_err()
    }

    /// Waits as a sender that dawdles does: a byte every other second, until the program has had enough.
    pub async fn dawdle(self) {
        let (mut read, mut write) = self.0.into_split();
        let mut said = Vec::new();
        let mut beat = tokio::time::interval(std::time::Duration::from_secs(2));
        loop {
            tokio::select! {
                _end = read.read_to_end(&mut said) => return,
                _ = beat.tick() => if write.write_all(b"x").await.is_err() { return },
            }
        }
    }
}

/// Whether an answer's head has come, and as much after it as it says.
fn is_whole(said: &[u8]) -> bool {
    let said = String::from_utf8_lossy(said);
    let Some((head, body)) = said.split_once("\r\n\r\n") else { return false };
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    length.and_then(|length| length.parse().ok()).is_none_or(|length: usize| body.len() >= length)
}
