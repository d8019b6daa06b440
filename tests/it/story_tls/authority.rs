//! An authority made for one test, and certificates that it vouches for: as much of X.509 as that takes.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use ring::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _},
};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};

const SEQUENCE: u8 = 0x30;
const SIGNED_BY_ECDSA: &[u8] = &[0x30, 10, 6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2];
const KEY_ON_P256: &[u8] =
    &[0x30, 19, 6, 7, 0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1, 6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7];
const COMMON_NAME: &[u8] = &[6, 3, 0x55, 4, 3];
const ALTERNATIVE_NAME: &[u8] = &[6, 3, 0x55, 0x1d, 17];
const BASIC_CONSTRAINTS: &[u8] = &[6, 3, 0x55, 0x1d, 19];
const TRUE: &[u8] = &[1, 1, 0xff];

/// When a certificate is good.
#[derive(Debug, Clone, Copy)]
pub enum Days {
    Past,
    Now,
    Future,
}

impl Days {
    fn der(self) -> Vec<u8> {
        let (from, to) = match self {
            Self::Past => ("200101000000Z", "210101000000Z"),
            Self::Now => ("200101000000Z", "490101000000Z"),
            Self::Future => ("480101000000Z", "490101000000Z"),
        };
        der(SEQUENCE, &[&der(0x17, &[from.as_bytes()]), &der(0x17, &[to.as_bytes()])])
    }
}

/// A certificate and its key.
pub struct Identity {
    pub certificate: CertificateDer<'static>,
    pub key: PrivateKeyDer<'static>,
}

/// Whoever vouches.
pub struct Authority {
    name: &'static str,
    key: EcdsaKeyPair,
    certificate: Vec<u8>,
}

impl Authority {
    pub fn new(name: &'static str) -> Self {
        let (key, _) = new_key();
        let is_authority = der(SEQUENCE, &[BASIC_CONSTRAINTS, TRUE, &der(4, &[&der(SEQUENCE, &[TRUE])])]);
        let certificate = certificate((name, &key), (name, &key), Days::Now, &is_authority);
        Self { name, key, certificate }
    }

    /// As a file of trusted certificates has it.
    pub fn pem(&self) -> String {
        let text = STANDARD.encode(&self.certificate);
        let lines: Vec<_> = text.as_bytes().chunks(64).map(String::from_utf8_lossy).collect();
        format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", lines.join("\n"))
    }

    /// A certificate for a host.
    pub fn vouch(&self, host: &str, days: Days) -> Identity {
        identity(host, days, Some((self.name, &self.key)))
    }
}

/// A certificate that nobody vouches for but its owner.
pub fn self_signed(host: &str) -> Identity {
    identity(host, Days::Now, None)
}

fn identity(host: &str, days: Days, issuer: Option<(&str, &EcdsaKeyPair)>) -> Identity {
    let (key, stored) = new_key();
    let names = der(SEQUENCE, &[&der(0x82, &[host.as_bytes()])]);
    let names = der(SEQUENCE, &[ALTERNATIVE_NAME, &der(4, &[&names])]);
    let certificate = certificate(issuer.unwrap_or((host, &key)), (host, &key), days, &names);
    Identity { certificate: certificate.into(), key: PrivatePkcs8KeyDer::from(stored).into() }
}

fn new_key() -> (EcdsaKeyPair, Vec<u8>) {
    let (kind, random) = (&ECDSA_P256_SHA256_ASN1_SIGNING, SystemRandom::new());
    let stored = EcdsaKeyPair::generate_pkcs8(kind, &random).expect("a key");
    let key = EcdsaKeyPair::from_pkcs8(kind, stored.as_ref(), &random).expect("the same key");
    (key, stored.as_ref().to_vec())
}

fn certificate(
    (issuer, signer): (&str, &EcdsaKeyPair),
    (subject, owner): (&str, &EcdsaKeyPair),
    days: Days,
    extension: &[u8],
) -> Vec<u8> {
    let version_3 = der(0xa0, &[&[2, 1, 2]]);
    let key = der(SEQUENCE, &[KEY_ON_P256, &der(3, &[&[0], owner.public_key().as_ref()])]);
    let extensions = der(0xa3, &[&der(SEQUENCE, &[extension])]);
    let serial = [2, 1, 7];
    let (issuer, subject) = (name(issuer), name(subject));
    let told: [&[u8]; 8] = [&version_3, &serial, SIGNED_BY_ECDSA, &issuer, &days.der(), &subject, &key, &extensions];
    let told = der(SEQUENCE, &told);
    let signature = signer.sign(&SystemRandom::new(), &told).expect("a signature");
    der(SEQUENCE, &[&told, SIGNED_BY_ECDSA, &der(3, &[&[0], signature.as_ref()])])
}

fn name(text: &str) -> Vec<u8> {
    let common = der(SEQUENCE, &[COMMON_NAME, &der(0x0c, &[text.as_bytes()])]);
    der(SEQUENCE, &[&der(0x31, &[&common])])
}

/// One value: its tag, its length, and its parts.
fn der(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let body = parts.concat();
    let length = u16::try_from(body.len()).expect("short");
    let [high, low] = length.to_be_bytes();
    let head = match length {
        0..=0x7f => vec![tag, low],
        0x80..=0xff => vec![tag, 0x81, low],
        _ => vec![tag, 0x82, high, low],
    };
    [head, body].concat()
}
