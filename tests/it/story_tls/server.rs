//! A server for one connection, which tells how it ended.

use std::{
    io::{Error, Read as _, Write as _},
    net::{TcpListener, TcpStream},
    sync::{Arc, mpsc},
    thread,
};

use rustls::{AlertDescription, ServerConfig, ServerConnection, Stream, SupportedProtocolVersion, crypto::ring};

use super::authority::Identity;
use crate::program::PATIENCE;

/// How the connection ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    Answered,
    /// The client would not go on, and said why.
    Refused(AlertDescription),
    Other(String),
}

pub struct Server {
    pub port: u16,
    ended: mpsc::Receiver<Outcome>,
}

impl Server {
    /// Serves one request with that certificate.
    pub fn start(identity: &Identity, versions: &[&'static SupportedProtocolVersion]) -> Self {
        let builder = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()));
        let builder = builder.with_protocol_versions(versions).expect("versions").with_no_client_auth();
        let config = builder.with_single_cert(vec![identity.certificate.clone()], identity.key.clone_key());
        let config = Arc::new(config.expect("a certificate and its key"));
        Self::serve(move |stream| serve_one(&config, stream).unwrap_or_else(|error| judged(&error)))
    }

    /// Answers a greeting in an older version, whatever was offered.
    pub fn start_old(version: [u8; 2]) -> Self {
        Self::serve(move |stream| greet(stream, version).unwrap_or_else(|error| judged(&error)))
    }

    pub fn outcome(&self) -> Outcome {
        self.ended.recv_timeout(PATIENCE).expect("somebody called")
    }

    fn serve(handle: impl FnOnce(TcpStream) -> Outcome + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("an address");
        let port = listener.local_addr().expect("an address").port();
        let (tell, ended) = mpsc::channel();
        thread::spawn(move || {
            let (stream, _) = listener.accept().expect("a connection");
            stream.set_read_timeout(Some(PATIENCE)).expect("set");
            // Nobody hears it where the test has failed already.
            let _heard = tell.send(handle(stream));
        });
        Self { port, ended }
    }
}

fn serve_one(config: &Arc<ServerConfig>, mut stream: TcpStream) -> Result<Outcome, Error> {
    let mut session = ServerConnection::new(Arc::clone(config)).map_err(Error::other)?;
    let mut tls = Stream::new(&mut session, &mut stream);
    let mut asked = [0; 4096];
    if tls.read(&mut asked)? == 0 {
        return Ok(Outcome::Other("nothing was asked".into()));
    }
    tls.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok")?;
    session.send_close_notify();
    session.write_tls(&mut stream)?;
    Ok(Outcome::Answered)
}

fn judged(error: &Error) -> Outcome {
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
    match inner {
        Some(rustls::Error::AlertReceived(alert)) => Outcome::Refused(*alert),
        _ => Outcome::Other(error.to_string()),
    }
}

/// Reads the greeting, and chooses an older version with a cipher of its time.
fn greet(mut stream: TcpStream, version: [u8; 2]) -> Result<Outcome, Error> {
    let mut head = [0; 5];
    stream.read_exact(&mut head)?;
    let mut greeting = vec![0; usize::from(u16::from_be_bytes([head[3], head[4]]))];
    stream.read_exact(&mut greeting)?;
    let mut choice = version.to_vec();
    choice.extend([7; 32]);
    // No session, TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA, no compression, no extensions.
    choice.extend([0, 0xc0, 0x09, 0]);
    let length = u8::try_from(choice.len()).expect("short");
    let message = [&[2, 0, 0, length][..], &choice].concat();
    stream.write_all(&[&[22, version[0], version[1], 0, length + 4][..], &message].concat())?;
    let mut alert = [0; 7];
    stream.read_exact(&mut alert)?;
    Ok(match alert {
        [21, _, _, 0, 2, 2, why] => Outcome::Refused(why.into()),
        other => Outcome::Other(format!("{other:?}")),
    })
}
