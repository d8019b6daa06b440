//! Which crates are compiled into what: bans, duplicates, and the direction of the arrows.
//!
//! Read from `cargo tree`, which resolves features as the build does, for the server and for the browser.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result};
use toml::Table;

use super::Finding;
use super::policy::Policy;
use crate::workspace::{Workspace, output};

/// A crate that is compiled, with its licence as written by its authors.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Krate {
    pub name: String,
    pub version: String,
    pub licence: String,
}

/// The graphs that the rules speak of.
pub struct Crates {
    server: BTreeSet<Krate>,
    browser: BTreeSet<Krate>,
    engine: BTreeSet<Krate>,
    sandbox: BTreeSet<Krate>,
    /// Cargo.lock, parsed.
    pub lock: Table,
}

/// What a part may not depend on: the part, the crate (or a family, with `*`), and the way out.
const ARROWS: [(&str, &str, &str); 9] = [
    ("engine", "axum", "routes belong in src"),
    ("engine", "leptos*", "pages belong in app"),
    ("engine", "sandbox", "the stand-ins are for tests and the demo"),
    ("sandbox", "engine", "it stands for the outside world and must be able to disagree with us"),
    ("app in the browser", "engine", "put what needs it behind the feature `ssr`"),
    ("app in the browser", "sqlx*", "put what needs it behind the feature `ssr`"),
    ("app in the browser", "tokio", "put what needs it behind the feature `ssr`"),
    ("app in the browser", "reqwest", "call a server function instead"),
    ("app in the browser", "axum", "put what needs it behind the feature `ssr`"),
];

impl Crates {
    /// Asks cargo for all graphs.
    pub fn read(workspace: &Workspace) -> Result<Self> {
        let browser = ["--no-default-features", "--features", "hydrate", "--target", "wasm32-unknown-unknown"];
        let lock = std::fs::read_to_string(workspace.root.join("Cargo.lock")).context("cannot read Cargo.lock")?;
        Ok(Self {
            server: tree(workspace, "candilever", "normal,build", &[])?,
            browser: tree(workspace, "app", "normal,build", &browser)?,
            engine: tree(workspace, "engine", "normal", &[])?,
            sandbox: tree(workspace, "sandbox", "normal", &[])?,
            lock: lock.parse().context("cannot parse Cargo.lock")?,
        })
    }

    /// Everything that is compiled for the product, on the server and in the browser.
    pub fn all(&self) -> BTreeSet<Krate> {
        self.server.union(&self.browser).cloned().collect()
    }

    /// The SHA-256 of each crate that comes from a registry, by name and version.
    pub fn checksums(&self) -> BTreeMap<(String, String), String> {
        let sums = locked(&self.lock).filter(|(.., sum)| !sum.is_empty());
        sums.map(|(name, version, _, sum)| ((name.to_owned(), version.to_owned()), sum.to_owned())).collect()
    }

    /// Finds dependencies that point the wrong way.
    pub fn arrows(&self) -> Vec<Finding> {
        let parts = [("engine", &self.engine), ("sandbox", &self.sandbox), ("app in the browser", &self.browser)];
        parts.iter().flat_map(|(part, crates)| arrows(part, crates)).collect()
    }
}

fn arrows(part: &str, crates: &BTreeSet<Krate>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (_, pattern, way_out) in ARROWS.iter().filter(|(from, ..)| *from == part) {
        for krate in crates.iter().filter(|krate| fits(pattern, &krate.name)) {
            findings.push(format!("{part} depends on {}: {way_out}.", krate.name));
        }
    }
    findings
}

fn fits(pattern: &str, name: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(start) => name.starts_with(start),
        None => name == pattern,
    }
}

fn tree(workspace: &Workspace, package: &str, edges: &str, more: &[&str]) -> Result<BTreeSet<Krate>> {
    let mut cargo = workspace.cargo();
    cargo.args(["tree", "--offline", "--locked", "--package", package, "--edges", edges]);
    cargo.args(["--prefix", "none", "--format", "{p}|{l}"]).args(more);
    let text = output(&mut cargo).with_context(|| format!("cannot read the dependencies of {package}"))?;
    Ok(text.lines().filter_map(parse_line).collect())
}

/// Reads `name v1.2.3 (where)|licence (*)`.
fn parse_line(line: &str) -> Option<Krate> {
    let (package, licence) = line.split_once('|')?;
    let mut words = package.split_whitespace();
    let name = words.next()?.to_owned();
    let version = words.next()?.strip_prefix('v')?.to_owned();
    let licence = licence.trim_end_matches("(*)").trim().to_owned();
    Some(Krate { name, version, licence })
}

/// Finds crates that `deny.toml` bans.
pub fn banned(crates: &BTreeSet<Krate>, policy: &Policy) -> Vec<Finding> {
    let reason = |krate: &Krate| policy.banned.get(&krate.name).map(|reason| (krate.name.clone(), reason));
    let found = crates.iter().filter_map(reason);
    found
        .map(|(name, reason)| format!("{name} is banned ({reason}): `cargo tree -i {name}` shows who brings it."))
        .collect()
}

/// Finds second versions of a crate that nobody explained, and explanations that nothing needs.
pub fn duplicates(crates: &BTreeSet<Krate>, policy: &Policy) -> Vec<Finding> {
    let mut versions: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for krate in crates {
        versions.entry(&krate.name).or_default().insert(&krate.version);
    }
    let explained = |name: &str, version: &str| policy.duplicates.keys().any(|entry| covers(entry, name, version));
    let mut findings = Vec::new();
    for (name, all) in versions.iter().filter(|(_, all)| all.len() > 1) {
        // One version stays; every other one needs its reason.
        if all.iter().filter(|version| !explained(name, version)).count() > 1 {
            let list = all.iter().copied().collect::<Vec<_>>().join(" and ");
            findings.push(format!(
                "{name} is compiled as {list}: agree on one version, or say in deny.toml [bans] skip who needs the other."
            ));
        }
    }
    for entry in policy.duplicates.keys() {
        let mut several = versions.iter().filter(|(_, all)| all.len() > 1);
        if !several.any(|(name, all)| all.iter().any(|version| covers(entry, name, version))) {
            findings.push(format!("{entry} is no duplicate any more: take it out of deny.toml [bans] skip."));
        }
    }
    findings
}

/// Whether an entry such as `rand@0.8` speaks of this version.
fn covers(entry: &str, name: &str, version: &str) -> bool {
    let Some((of, start)) = entry.split_once('@') else { return false };
    let rest = version.strip_prefix(start);
    of == name && rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// Name, version, source and checksum of each; what a crate of ours does not have is empty.
fn locked(lock: &Table) -> impl Iterator<Item = (&str, &str, &str, &str)> {
    let packages = lock.get("package").and_then(toml::Value::as_array).into_iter().flatten();
    packages.map(|package| {
        let text = |key: &str| package.get(key).and_then(toml::Value::as_str).unwrap_or_default();
        (text("name"), text("version"), text("source"), text("checksum"))
    })
}

/// Finds crates that come from somewhere other than the one registry.
pub fn foreign_sources(lock: &Table) -> Vec<Finding> {
    let registries: BTreeSet<&str> =
        locked(lock).map(|(_, _, source, _)| source).filter(|source| source.starts_with("registry+")).collect();
    let mut findings: Vec<Finding> = locked(lock)
        .filter(|(_, _, source, _)| !source.is_empty() && !source.starts_with("registry+"))
        .map(|(name, version, ..)| {
            format!("{name} {version} does not come from the registry: use a published version.")
        })
        .collect();
    if registries.len() > 1 {
        findings.push("Cargo.lock names more than one registry: use the default one only.".to_owned());
    }
    findings
}

/// Finds a version of the binding step that differs from that of the crate it binds.
pub fn wasm_bindgen(lock: &Table) -> Vec<Finding> {
    let versions = |wanted: &str| -> BTreeSet<&str> {
        locked(lock).filter(|(name, ..)| *name == wanted).map(|(_, version, ..)| version).collect()
    };
    let (library, tool) = (versions("wasm-bindgen"), versions("wasm-bindgen-cli-support"));
    if library.len() == 1 && library == tool {
        return Vec::new();
    }
    vec![format!(
        "wasm-bindgen {library:?} and wasm-bindgen-cli-support {tool:?} must be one version: set both with `cargo update --precise`."
    )]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn crates(list: &[(&str, &str)]) -> BTreeSet<Krate> {
        let krate = |(name, version): &(&str, &str)| Krate {
            name: (*name).to_owned(),
            version: (*version).to_owned(),
            licence: "MIT".to_owned(),
        };
        list.iter().map(krate).collect()
    }

    fn policy(banned: &[&str], duplicates: &[&str]) -> Policy {
        let explain = |names: &[&str]| names.iter().map(|name| ((*name).to_owned(), "why".to_owned())).collect();
        Policy { licences: Vec::new(), banned: explain(banned), duplicates: explain(duplicates) }
    }

    #[test]
    fn a_line_of_the_tree_is_read_with_and_without_its_marks() {
        let expected = Krate { name: "serde".into(), version: "1.0.1".into(), licence: "MIT OR Apache-2.0".into() };
        assert_eq!(parse_line("serde v1.0.1|MIT OR Apache-2.0 (*)"), Some(expected.clone()));
        assert_eq!(parse_line("serde v1.0.1 (proc-macro)|MIT OR Apache-2.0"), Some(expected));
        assert_eq!(parse_line(""), None);
    }

    #[test]
    fn an_arrow_that_points_back_is_found() {
        let found = arrows("engine", &crates(&[("serde", "1.0.0"), ("axum", "0.8.0"), ("leptos_router", "0.8.0")]));
        assert_eq!(found.len(), 2);
        assert!(found[0].contains("axum") && found[1].contains("leptos_router"), "{found:?}");
        assert!(arrows("sandbox", &crates(&[("axum", "0.8.0")])).is_empty());
    }

    #[test]
    fn a_banned_crate_is_found_with_its_reason() {
        let found = banned(&crates(&[("openssl", "0.10.0"), ("ring", "0.17.0")]), &policy(&["openssl"], &[]));
        assert_eq!(found.len(), 1);
        assert!(found[0].contains("openssl is banned (why)"), "{found:?}");
    }

    #[test]
    fn all_versions_but_one_need_a_reason() {
        let three = crates(&[("rand", "0.8.0"), ("rand", "0.9.0"), ("rand", "0.10.0"), ("serde", "1.0.0")]);
        assert_eq!(duplicates(&three, &policy(&[], &["rand@0.8.0"])).len(), 1);
        assert!(duplicates(&three, &policy(&[], &["rand@0.8.0", "rand@0.9.0"])).is_empty());
    }

    #[test]
    fn a_reason_covers_the_patches_of_its_version_and_no_more() {
        assert!(covers("rand@0.8", "rand", "0.8.8") && covers("rand@0.8.8", "rand", "0.8.8"));
        assert!(!covers("rand@0.8", "rand", "0.80.0") && !covers("rand@0.8", "rand_core", "0.8.8"));
    }

    #[test]
    fn a_reason_that_nothing_needs_is_found() {
        let found = duplicates(&crates(&[("rand", "0.9.0")]), &policy(&[], &["rand@0.8.0"]));
        assert!(found[0].contains("no duplicate any more"), "{found:?}");
    }

    fn lock(packages: &[(&str, &str, &str)]) -> Table {
        let entry = |(name, version, source): &(&str, &str, &str)| {
            format!("[[package]]\nname = \"{name}\"\nversion = \"{version}\"\nsource = \"{source}\"\n")
        };
        packages.iter().map(entry).collect::<String>().parse().unwrap()
    }

    #[test]
    fn a_crate_from_a_repository_is_found() {
        let found = foreign_sources(&lock(&[("a", "1.0.0", "registry+x"), ("b", "1.0.0", "git+x")]));
        assert_eq!(found.len(), 1);
        assert!(found[0].starts_with("b 1.0.0"), "{found:?}");
    }

    #[test]
    fn the_binding_step_must_have_the_version_of_the_crate() {
        let both = |tool| lock(&[("wasm-bindgen", "0.2.1", "r"), ("wasm-bindgen-cli-support", tool, "r")]);
        assert!(wasm_bindgen(&both("0.2.1")).is_empty());
        assert_eq!(wasm_bindgen(&both("0.2.2")).len(), 1);
    }
}
