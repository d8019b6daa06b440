//! What `deny.toml` allows, so that this check and cargo-deny read one list.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result, bail};
use toml::{Table, Value};

/// The lists of `deny.toml`.
#[derive(Debug)]
pub struct Policy {
    /// Licences that may be used, by SPDX name.
    pub licences: Vec<String>,
    /// Crates that must not be used, each with the reason.
    pub banned: BTreeMap<String, String>,
    /// Duplicate versions that are accepted, as `name@version`, each with the reason.
    pub duplicates: BTreeMap<String, String>,
}

impl Policy {
    /// Reads the lists from a file.
    pub fn read(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
        Self::parse(&text).with_context(|| format!("in {}", path.display()))
    }

    fn parse(text: &str) -> Result<Self> {
        let table: Table = text.parse()?;
        let list = |section: &str, key: &str| -> Result<&Vec<Value>> {
            let value = table.get(section).and_then(|section| section.get(key));
            value.and_then(Value::as_array).with_context(|| format!("[{section}] has no list `{key}`"))
        };
        let licences = list("licenses", "allow")?.iter().filter_map(Value::as_str).map(str::to_owned).collect();
        let banned = reasons(list("bans", "deny")?)?;
        let duplicates = reasons(list("bans", "skip")?)?;
        Ok(Self { licences, banned, duplicates })
    }
}

fn reasons(entries: &[Value]) -> Result<BTreeMap<String, String>> {
    entries.iter().map(reason).collect()
}

fn reason(entry: &Value) -> Result<(String, String)> {
    let text = |key: &str| entry.get(key).and_then(Value::as_str).map(str::to_owned);
    match (text("crate"), text("reason")) {
        (Some(name), Some(reason)) if !reason.is_empty() => Ok((name, reason)),
        _ => bail!("the entry {entry} needs a `crate` and a `reason`"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = r#"
        [licenses]
        allow = ["MIT"]
        [bans]
        deny = [{ crate = "openssl", reason = "rustls is used" }]
        skip = [{ crate = "rand@0.8.8", reason = "oauth2" }]
    "#;

    #[test]
    fn the_three_lists_are_read() {
        let policy = Policy::parse(TEXT).unwrap();
        assert_eq!(policy.licences, ["MIT"]);
        assert_eq!(policy.banned["openssl"], "rustls is used");
        assert_eq!(policy.duplicates["rand@0.8.8"], "oauth2");
    }

    #[test]
    fn an_exception_without_a_reason_is_refused() {
        let error = Policy::parse(&TEXT.replace(", reason = \"oauth2\"", "")).unwrap_err().to_string();
        assert!(error.contains("reason"), "{error}");
    }
}
