//! The file of OpenID providers that people may sign in with: a list in JSON.

use std::path::Path;

use engine::settings::IdentityProvider;
use secrecy::SecretString;
use serde::Deserialize;
use url::Url;

use super::check::{is_https_or_loopback, wrong};
use crate::command::Failure;

const SETTING: &str = "SIGN_IN_PROVIDERS";

/// One provider as the file says it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    id: String,
    name: String,
    issuer: String,
    client_id: String,
    /// The secret itself, or the file that it stands in.
    client_secret: Option<String>,
    client_secret_file: Option<String>,
    domains: Vec<String>,
    organization: Option<String>,
    #[serde(default)]
    vouches_for_email: bool,
}

/// Reads the file; each complaint is one sentence without a secret in it.
pub(super) fn read(file: &str) -> Result<Vec<IdentityProvider>, Failure> {
    let text =
        std::fs::read_to_string(file).map_err(|error| wrong(SETTING, &format!("{file} cannot be read: {error}")))?;
    parse(&text, Path::new(file).parent().unwrap_or(Path::new(".")))
}

fn parse(text: &str, beside: &Path) -> Result<Vec<IdentityProvider>, Failure> {
    let entries: Vec<Entry> = serde_json::from_str(text).map_err(|error| {
        // Where, never what: a secret may stand there.
        let place = format!("line {}, column {}", error.line(), error.column());
        let known = "id, name, issuer, client_id, client_secret or client_secret_file, domains, organization, \
                     vouches_for_email";
        wrong(SETTING, &format!("the file is no list of providers ({place}); each has {known}"))
    })?;
    let mut providers: Vec<IdentityProvider> = Vec::new();
    for entry in entries {
        let provider = entry.check(beside)?;
        if providers.iter().any(|other| other.id == provider.id) {
            return Err(wrong(SETTING, &format!("the id {:?} stands there twice", provider.id)));
        }
        providers.push(provider);
    }
    Ok(providers)
}

impl Entry {
    fn check(self, beside: &Path) -> Result<IdentityProvider, Failure> {
        let of = |why: &str| wrong(SETTING, &format!("of the provider {:?}, {why}", self.id));
        let plain = |sign: char| sign.is_ascii_lowercase() || sign.is_ascii_digit() || sign == '-';
        if self.id.is_empty() || self.id.len() > 40 || !self.id.chars().all(plain) {
            return Err(of("the id must be of small letters, digits and hyphens: it stands in addresses"));
        }
        let is_usable = Url::parse(&self.issuer).is_ok_and(|url| is_https_or_loopback(&url));
        if !is_usable {
            return Err(of("the issuer must begin with https://"));
        }
        if self.name.trim().is_empty() || self.client_id.trim().is_empty() {
            return Err(of("name or client_id is missing"));
        }
        let domains: Vec<String> = self.domains.iter().map(|domain| domain.trim().to_lowercase()).collect();
        if domains.is_empty() || domains.iter().any(|domain| domain.is_empty() || domain.contains('@')) {
            return Err(of("domains must name the e-mail domains that it may vouch for, as in [\"example.com\"]"));
        }
        let secret = match (&self.client_secret, &self.client_secret_file) {
            (Some(secret), None) => secret.clone(),
            (None, Some(file)) => std::fs::read_to_string(beside.join(file))
                .map_err(|error| of(&format!("client_secret_file {file} cannot be read: {error}")))?,
            (Some(_), Some(_)) | (None, None) => {
                return Err(of("say client_secret or client_secret_file, one of them"));
            }
        };
        Ok(IdentityProvider {
            client_secret: SecretString::from(secret.trim()),
            id: self.id,
            name: self.name,
            issuer: self.issuer,
            client_id: self.client_id,
            domains,
            organization: self.organization,
            vouches_for_email: self.vouches_for_email,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Result<Vec<IdentityProvider>, String> {
        parse(text, Path::new("/nowhere")).map_err(|failure| failure.to_string())
    }

    const GOOD: &str = r#"{"id":"acme","name":"Acme","issuer":"https://id.acme.example","client_id":"c",
        "client_secret":"hush-hush","domains":["Acme.example"]}"#;

    #[test]
    fn a_list_of_providers_is_read() {
        let providers = parsed(&format!("[{GOOD}]")).expect("good");
        assert_eq!((providers[0].id.as_str(), &providers[0].domains[..]), ("acme", &["acme.example".to_owned()][..]));
        assert!(!providers[0].vouches_for_email);
        assert!(parsed("[]").expect("none").is_empty());
    }

    #[test]
    fn what_is_wrong_is_said_without_the_secret() {
        for (from, to, said) in [
            (r#""id":"acme""#, r#""id":"Acme Corp""#, "small letters"),
            ("https://id.acme.example", "http://id.acme.example", "https://"),
            (r#"["Acme.example"]"#, "[]", "domains"),
            (r#"["Acme.example"]"#, r#"["@acme.example"]"#, "domains"),
            (r#""client_secret":"hush-hush","#, "", "client_secret"),
            (r#""client_secret":"hush-hush""#, r#""client_secret_file":"none""#, "cannot be read"),
            (r#""client_id":"c""#, r#""client_id":" ""#, "client_id is missing"),
            (r#""name":"Acme""#, r#""title":"Acme""#, "is no list of providers"),
        ] {
            let text = format!("[{}]", GOOD.replace(from, to));
            let refused = parsed(&text).expect_err(to);
            assert!(refused.contains(said) && !refused.contains("hush-hush"), "{refused}");
        }
        let twice = parsed(&format!("[{GOOD},{GOOD}]")).expect_err("twice");
        assert!(twice.contains("twice"), "{twice}");
    }
}
