//! A sender's connection.

use std::time::Instant;

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use crate::server::Server;

pub struct Line {
    stream: TcpStream,
    path: String,
}

impl Line {
    pub async fn open(server: &Server) -> Self {
        let stream = TcpStream::connect(server.address).await.expect("connected");
        stream.set_nodelay(true).expect("small packets at once");
        Self { stream, path: server.path.clone() }
    }

    /// Sends what is to be refused; answers how long that took, in nanoseconds.
    pub async fn post(&mut self, body: &str) -> u64 {
        let (path, length) = (&self.path, body.len());
        let request = format!("POST {path} HTTP/1.1\r\nhost: bench\r\ncontent-length: {length}\r\n\r\n{body}");
        let mut answer = Vec::with_capacity(512);
        let began = Instant::now();
        self.stream.write_all(request.as_bytes()).await.expect("sent");
        while !answer.ends_with(b"\r\n\r\n") {
            assert!(self.stream.read_buf(&mut answer).await.expect("an answer") > 0, "the server goes on serving");
        }
        let took = began.elapsed();
        let answer = String::from_utf8_lossy(&answer);
        assert!(answer.starts_with("HTTP/1.1 401 "), "what is forged is refused, not told {answer}");
        u64::try_from(took.as_nanos()).expect("a short time")
    }
}
