//! The way out over TLS: the client that calls Lever, providers and sign-ins takes a certificate that somebody
//! it trusts made out to that host for today, and no other; and nothing older than TLS 1.2. Asked by
//! `candilever doctor`, which looks at the public address with that same client.

mod authority;
mod server;

use rustls::{AlertDescription, version::TLS12};

use self::{
    authority::{Authority, Days},
    server::{Outcome, Server},
};
use crate::program::{Folder, PATIENCE};

/// What the program says of a server at this address, where it trusts this authority.
async fn told(folder: &Folder, authority: &Authority, server: &Server) -> String {
    let trusted = folder.path().join("trusted.pem");
    std::fs::write(&trusted, authority.pem()).expect("written");
    let mut doctor = folder.command(&["doctor"]);
    doctor.env("SSL_CERT_FILE", trusted).env("CANDILEVER_PUBLIC_URL", format!("https://localhost:{}", server.port));
    let output = tokio::time::timeout(PATIENCE, doctor.output()).await.expect("it ends").expect("it runs");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let about = format!("https://localhost:{}/ ", server.port);
    said.lines().find(|line| line.contains(&about)).unwrap_or_else(|| panic!("a word of it: {said}")).to_owned()
}

#[tokio::test]
async fn a_certificate_is_taken_from_whom_we_trust_for_that_host_and_today() {
    let folder = Folder::new();
    folder.migrate().await;
    let (trusted, stranger) = (Authority::new("Trusted"), Authority::new("Stranger"));
    for versions in [rustls::ALL_VERSIONS, &[&TLS12]] {
        let server = Server::start(&trusted.vouch("localhost", Days::Now), versions);
        let line = told(&folder, &trusted, &server).await;
        assert!(line.ends_with("answers."), "{line}");
        assert_eq!(server.outcome(), Outcome::Answered);
    }
    let cases = [
        ("somebody else's word", stranger.vouch("localhost", Days::Now)),
        ("its own word", authority::self_signed("localhost")),
        ("old", trusted.vouch("localhost", Days::Past)),
        ("not good yet", trusted.vouch("localhost", Days::Future)),
        ("another host's", trusted.vouch("evil.example", Days::Now)),
        ("of a name that only begins like ours", trusted.vouch("localhost.evil.example", Days::Now)),
    ];
    for (what, identity) in cases {
        let server = Server::start(&identity, rustls::ALL_VERSIONS);
        let line = told(&folder, &trusted, &server).await;
        assert!(line.contains("does not answer"), "{what}: {line}");
        let Outcome::Refused(alert) = server.outcome() else { panic!("{what}: the client went on") };
        let about_the_certificate = [
            AlertDescription::UnknownCA,
            AlertDescription::BadCertificate,
            AlertDescription::CertificateExpired,
            AlertDescription::CertificateUnknown,
        ];
        assert!(about_the_certificate.contains(&alert), "{what}: {alert:?}");
    }
}

#[tokio::test]
async fn nothing_older_than_tls_1_2_is_spoken() {
    let folder = Folder::new();
    folder.migrate().await;
    let trusted = Authority::new("Trusted");
    // 1.1, 1.0 and SSL 3.
    for version in [[3, 2], [3, 1], [3, 0]] {
        let server = Server::start_old(version);
        let line = told(&folder, &trusted, &server).await;
        assert!(line.contains("does not answer"), "{version:?}: {line}");
        assert_eq!(server.outcome(), Outcome::Refused(AlertDescription::ProtocolVersion), "{version:?}");
    }
}
