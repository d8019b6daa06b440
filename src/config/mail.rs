//! The settings of the way out for mail.

use std::borrow::Cow;

use engine::{
    notice,
    settings::{Encryption, MailSettings},
};
use percent_encoding::percent_decode_str;
use secrecy::{ExposeSecret as _, SecretString};
use url::{Host, Url};

use super::check::wrong;
use crate::command::Failure;

/// Both of them, or none.
pub(super) fn check(url: Option<&SecretString>, from: Option<&str>) -> Result<Option<MailSettings>, Failure> {
    match (url, from) {
        (None, None) => Ok(None),
        (Some(_), None) => Err(wrong("MAIL_FROM", "it is missing while SMTP_URL is set: say whom mail is from")),
        (None, Some(_)) => Err(wrong("SMTP_URL", "it is missing while MAIL_FROM is set: say which server takes mail")),
        (Some(_), Some(from)) if !notice::is_sender(from) => Err(wrong(
            "MAIL_FROM",
            "it is no address: write it like candilever@example.com or Candilever <candilever@example.com>",
        )),
        (Some(url), Some(from)) => server(url, from).map(Some),
    }
}

fn server(url: &SecretString, from: &str) -> Result<MailSettings, Failure> {
    let shape = "it is no address of a mail server: write it like smtps://USER:PASSWORD@smtp.example.com";
    let url = Url::parse(url.expose_secret()).map_err(|_| wrong("SMTP_URL", shape))?;
    let rest = (url.path(), url.query(), url.fragment());
    let host = url.host_str().filter(|host| !host.is_empty() && matches!(rest, ("" | "/", None, None)));
    let host = host.ok_or_else(|| wrong("SMTP_URL", shape))?;
    let (encryption, usual_port) = match url.scheme() {
        "smtps" => (Encryption::Tls, 465),
        "smtp" if is_this_machine(host) => (Encryption::None, 25),
        "smtp" => (Encryption::StartTls, 587),
        _ => return Err(wrong("SMTP_URL", shape)),
    };
    let plain = |text: &str| percent_decode_str(text).decode_utf8().map(Cow::into_owned).ok();
    let unreadable = || wrong("SMTP_URL", "its user or password is not UTF-8 once decoded");
    let credentials = match url.password() {
        Some(password) => {
            let (user, password) = plain(url.username()).zip(plain(password)).ok_or_else(unreadable)?;
            Some((user, SecretString::from(password)))
        }
        None if url.username().is_empty() => None,
        None => return Err(wrong("SMTP_URL", "it has a user without a password: write smtps://USER:PASSWORD@HOST")),
    };
    let port = url.port().unwrap_or(usual_port);
    let host = host.trim_matches(['[', ']']).to_owned();
    Ok(MailSettings { host, port, encryption, credentials, from: from.to_owned() })
}

/// Addresses of other schemes than the web's are not taken apart by `Url`.
fn is_this_machine(host: &str) -> bool {
    match Host::parse(host) {
        Ok(Host::Domain(name)) => name == "localhost",
        Ok(Host::Ipv4(address)) => address.is_loopback(),
        Ok(Host::Ipv6(address)) => address.is_loopback(),
        Err(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(url: &str) -> Result<MailSettings, Failure> {
        let url = SecretString::from(url);
        check(Some(&url), Some("candilever@halden.example")).map(|mail| mail.expect("both are set"))
    }

    #[test]
    fn a_mail_server_is_reached_encrypted_but_on_this_machine() {
        for (url, host, port, encryption) in [
            ("smtps://u:p@smtp.halden.example", "smtp.halden.example", 465, Encryption::Tls),
            ("smtp://u:p@smtp.halden.example", "smtp.halden.example", 587, Encryption::StartTls),
            ("smtp://smtp.halden.example:2525/", "smtp.halden.example", 2525, Encryption::StartTls),
            ("smtp://127.0.0.1:1025", "127.0.0.1", 1025, Encryption::None),
            ("smtp://localhost", "localhost", 25, Encryption::None),
            ("smtp://[::1]:1025", "::1", 1025, Encryption::None),
            ("smtp://10.0.0.7", "10.0.0.7", 587, Encryption::StartTls),
        ] {
            let mail = checked(url).unwrap_or_else(|_| panic!("{url}"));
            assert_eq!((mail.host.as_str(), mail.port, mail.encryption), (host, port, encryption), "{url}");
        }
    }

    #[test]
    fn credentials_are_decoded() {
        let (user, password) =
            checked("smtps://nora%40halden.example:p%3A%2Fw@h.example").expect("fine").credentials.expect("some");
        assert_eq!((user.as_str(), password.expose_secret()), ("nora@halden.example", "p:/w"));
        assert!(checked("smtps://h.example").expect("fine").credentials.is_none());
    }

    #[test]
    fn what_is_wrong_is_said_without_the_secret() {
        for url in [
            "",
            "smtp.halden.example",
            "https://u:hidden@h.example",
            "smtps://u:hidden@h.example/path",
            "smtps://hidden@h.example",
            "smtps://",
        ] {
            let Err(Failure::Usage(text)) = checked(url) else { panic!("{url} was taken") };
            assert!(text.starts_with("CANDILEVER_SMTP_URL: ") && !text.contains("hidden"), "{text}");
        }
        let url = SecretString::from("smtps://h.example");
        for (url, from, setting) in [
            (Some(&url), None, "MAIL_FROM"),
            (None, Some("candilever@halden.example"), "SMTP_URL"),
            (Some(&url), Some("nobody"), "MAIL_FROM"),
        ] {
            let Err(Failure::Usage(text)) = check(url, from) else { panic!("{setting}") };
            assert!(text.starts_with(&format!("CANDILEVER_{setting}: ")), "{text}");
        }
        assert!(check(None, None).expect("nothing is fine").is_none());
    }
}
