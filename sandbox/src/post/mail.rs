//! A mail that came, and what a reader of it sees.

use mail_parser::{Header, MessageParser};
use serde::{Serialize, Serializer};

/// What the sender told the server, outside of the message.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Envelope {
    /// Who signed in.
    pub(super) user: Option<String>,
    pub(super) from: String,
    pub(super) recipients: Vec<String>,
}

/// One mail, with its headers and its text decoded.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Mail {
    /// Counts from 1, in the order in which they came.
    pub(super) number: u64,
    pub(super) at: i64,
    #[serde(flatten)]
    pub(super) envelope: Envelope,
    pub(super) subject: String,
    headers: Vec<Field>,
    /// Its text, or that of its HTML where it has no other.
    pub(super) text: String,
    html: Option<String>,
    #[serde(serialize_with = "as_text")]
    pub(super) raw: Vec<u8>,
}

/// One line of the message's head.
#[derive(Debug, Clone, Serialize)]
struct Field {
    name: String,
    value: String,
}

impl Mail {
    /// Decodes a message; what cannot be decoded is shown as it is.
    pub(super) fn read(envelope: Envelope, raw: Vec<u8>, at: i64) -> Self {
        let parser = MessageParser::new().default_header_text().with_mime_headers();
        let mail = Self {
            number: 0,
            at,
            envelope,
            subject: String::new(),
            headers: Vec::new(),
            text: String::new(),
            html: None,
            raw: Vec::new(),
        };
        let Some(message) = parser.parse(&raw) else {
            return Self { text: String::from_utf8_lossy(&raw).into_owned(), raw, ..mail };
        };
        let headers = message.headers().iter().map(|header| Field::read(header, &raw)).collect();
        let html = message.html_part(0).filter(|part| part.is_text_html()).and_then(|part| part.text_contents());
        let mail = Self {
            subject: message.subject().unwrap_or_default().to_owned(),
            headers,
            text: message.body_text(0).unwrap_or_default().into_owned(),
            html: html.map(str::to_owned),
            ..mail
        };
        Self { raw, ..mail }
    }

    pub(super) fn is_to(&self, address: &str) -> bool {
        self.envelope.recipients.iter().any(|recipient| recipient.eq_ignore_ascii_case(address))
    }
}

impl Field {
    fn read(header: &Header<'_>, raw: &[u8]) -> Self {
        let (from, to) = (header.offset_start as usize, header.offset_end as usize);
        let written = || String::from_utf8_lossy(raw.get(from..to).unwrap_or_default()).trim().to_owned();
        let value = header.value().as_text().map_or_else(written, str::to_owned);
        Self { name: header.name().to_owned(), value }
    }
}

fn as_text<S: Serializer>(raw: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&String::from_utf8_lossy(raw))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(raw: &[u8]) -> Mail {
        let envelope = Envelope { user: None, from: String::new(), recipients: Vec::new() };
        Mail::read(envelope, raw.to_vec(), 0)
    }

    #[test]
    fn words_in_the_head_and_quoted_text_are_decoded() {
        let mail = read(
            b"From: =?utf-8?q?J=C3=BCrgen?= <j@b.example>\r\nSubject: =?utf-8?B?R3LDvMOfZQ==?= from\r\n here\r\n\
            Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n\
            A li=\r\nne =E2=82=AC 3=3D3\r\n",
        );
        assert_eq!(mail.subject, "Gr\u{fc}\u{df}e from here");
        assert_eq!(mail.text, "A line \u{20ac} 3=3\r\n");
        assert_eq!(mail.html, None);
        let fields: Vec<_> = mail.headers.iter().map(|field| (field.name.as_str(), field.value.as_str())).collect();
        assert_eq!(fields[0], ("From", "J\u{fc}rgen <j@b.example>"));
        assert_eq!(fields[2], ("Content-Type", "text/plain; charset=utf-8"));
    }

    #[test]
    fn of_two_forms_each_is_found() {
        let mail = read(
            b"Subject: Two\r\nMIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary=x\r\n\r\n--x\r\n\
            Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\nSGVsbG8=\r\n--x\r\n\
            Content-Type: text/html; charset=utf-8\r\n\r\n<p>Hello</p>\r\n--x--\r\n",
        );
        assert_eq!(mail.text, "Hello");
        assert_eq!(mail.html.as_deref().map(str::trim), Some("<p>Hello</p>"));
    }

    /// What messages are made of, in no order.
    fn piece() -> impl Strategy<Value = Vec<u8>> {
        let known = prop::sample::select(vec![
            "\r\n",
            "\r\n\r\n",
            "Subject: ",
            "From: a <a@b.example>\r\n",
            "=?utf-8?q?=C3?= =?utf-8?b?w?=",
            "Content-Type: multipart/mixed; boundary=x\r\n",
            "Content-Type: text/html; charset=utf-16\r\n",
            "Content-Type: message/rfc822\r\n",
            "Content-Transfer-Encoding: base64\r\n",
            "Content-Transfer-Encoding: quoted-printable\r\n",
            "=C3=",
            "--x\r\n",
            "--x--",
            "<a href=",
        ]);
        prop_oneof![4 => known.prop_map(Vec::from), 1 => prop::collection::vec(any::<u8>(), 0..60)]
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(pieces in prop::collection::vec(piece(), 0..30)) {
            let raw = pieces.concat();
            prop_assert_eq!(&read(&raw).raw, &raw);
        }
    }
}
