use proptest::prelude::*;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::*;
use crate::clock::Clock;

/// Says all of this and hangs up; answers what was answered.
fn converse(said: &[u8]) -> Vec<u8> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
    runtime.block_on(async {
        let (mut caller, server) = tokio::io::duplex(64);
        let (mut answers, mut voice) = tokio::io::split(&mut caller);
        let mut heard = Vec::new();
        let speak = async {
            // The server may have closed by then.
            let spoken = voice.write_all(said).await;
            spoken.and(voice.shutdown().await).is_ok()
        };
        let post = Post::new(None, Clock::default());
        let (_, all, _) = tokio::join!(speak, answers.read_to_end(&mut heard), run(post, server));
        all.expect("all of it");
        heard
    })
}

/// What a caller may say, in no order.
fn phrase() -> impl Strategy<Value = Vec<u8>> {
    let known = prop::sample::select(vec![
        "EHLO there\r\n",
        "HELO there\r\n",
        "MAIL FROM:<a@b.example> BODY=8BITMIME SMTPUTF8\r\n",
        "RCPT TO:<\u{fc}@b.example>\r\n",
        "DATA\r\n",
        "Subject: =?utf-8?q?=C3?=\r\n\r\n",
        ".\r\n",
        "..\n",
        "AUTH LOGIN\r\n",
        "AUTH PLAIN AGEAYg==\r\n",
        "AUTH PLAIN\r\n",
        "YQ==\r\n",
        "RSET\r\n",
        "VRFY a\r\n",
    ]);
    prop_oneof![4 => known.prop_map(Vec::from), 1 => prop::collection::vec(any::<u8>(), 0..60)]
}

/// Any of it: from the begin, where a password is waited for, or amid a message that comes to its end.
fn speech() -> impl Strategy<Value = Vec<u8>> {
    let open = prop::sample::select(vec![
        "",
        "EHLO there\r\nAUTH LOGIN\r\nYQ==\r\n",
        "EHLO there\r\nMAIL FROM:<>\r\nRCPT TO:<a@b.example>\r\nDATA\r\n",
    ]);
    let phrases = prop::collection::vec(phrase(), 0..24);
    (open, phrases).prop_map(|(open, said)| [open.as_bytes(), &said.concat(), b"\r\n.\r\nQUIT\r\n"].concat())
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic_or_hang(said in speech()) {
        let heard = String::from_utf8(converse(&said)).expect("text");
        prop_assert!(heard.starts_with("220 "));
        for line in heard.lines() {
            let (code, rest) = line.split_at_checked(3).expect("a code");
            prop_assert!(code.parse::<u16>().is_ok() && rest.starts_with([' ', '-']), "{}", line);
        }
    }
}

#[test]
fn a_line_without_an_end_is_refused_and_the_next_one_heard() {
    let said = [b"EHLO ", vec![b'x'; 40_000].as_slice(), b"\r\nNOOP\r\nQUIT\r\n"].concat();
    let heard = String::from_utf8(converse(&said)).expect("text");
    let codes: Vec<&str> = heard.lines().map(|line| &line[..3]).collect();
    assert_eq!(codes, ["220", "500", "250", "221"]);
}
