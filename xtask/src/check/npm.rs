//! Rules on what comes from npm, which is for the tests alone: locked to the byte, and none of its scripts runs.

use std::fs;

use anyhow::{Context, Result};
use serde_json::Value;

use super::{Finding, source::names};
use crate::workspace::Workspace;

/// The folders whose packages are installed.
const FOLDERS: [&str; 2] = ["end2end", "end2end/node"];
/// Where npm is called from.
const CALLERS: [&str; 2] = ["script", ".ci"];

/// The lock files, npm's settings, and the scripts that call it.
pub struct Npm {
    /// Names with their texts.
    locks: Vec<(String, String)>,
    settings: String,
    scripts: Vec<(String, String)>,
}

impl Npm {
    /// Reads them.
    pub fn read(workspace: &Workspace) -> Result<Self> {
        let read = |name: String| {
            let path = workspace.root.join(&name);
            let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
            Ok::<_, anyhow::Error>((name, text))
        };
        let locks = FOLDERS.map(|folder| read(format!("{folder}/package-lock.json")));
        let mut scripts = Vec::new();
        for folder in CALLERS {
            for name in names(&workspace.root.join(folder))? {
                scripts.push(read(format!("{folder}/{name}"))?);
            }
        }
        Ok(Self {
            locks: locks.into_iter().collect::<Result<_>>()?,
            settings: read("end2end/.npmrc".into())?.1,
            scripts,
        })
    }

    /// Finds packages that are not locked, and ways to install something else or to run what a package brings.
    pub fn check(&self) -> Vec<Finding> {
        let unlocked = self.locks.iter().flat_map(|(name, text)| unlocked(name, text));
        let careless = self.scripts.iter().flat_map(|(name, text)| careless(name, text));
        let is_set = self.settings.lines().any(|line| line.replace(' ', "") == "ignore-scripts=true");
        let unset = (!is_set).then(|| "end2end/.npmrc must say ignore-scripts=true.".to_owned());
        unlocked.chain(careless).chain(unset).collect()
    }
}

/// Packages without a digest, or from elsewhere than a registry.
fn unlocked(name: &str, text: &str) -> Vec<Finding> {
    let Ok(lock) = serde_json::from_str::<Value>(text) else { return vec![format!("{name} is no JSON.")] };
    let Some(packages) = lock["packages"].as_object() else { return vec![format!("{name} locks nothing.")] };
    let installed = packages.iter().filter(|(path, _)| !path.is_empty());
    let is_locked = |package: &Value| {
        let digest = package["integrity"].as_str().is_some_and(|digest| digest.starts_with("sha512-"));
        digest && package["resolved"].is_null() && package["link"].is_null()
    };
    installed
        .filter(|(_, package)| !is_locked(package))
        .map(|(path, _)| format!("{name}: {path} must come from a registry, with its digest."))
        .collect()
}

/// Calls of npm that install what no lock names, or let packages run their scripts.
fn careless(name: &str, text: &str) -> Vec<Finding> {
    let calls = text.lines().map(str::trim).filter(|line| !line.starts_with('#'));
    calls
        .filter(|line| {
            let installs = ["npm install", "npm i ", "npm add", "npx --yes", "npx -y"];
            installs.iter().any(|way| line.contains(way))
                || (line.contains("npm ci ") && !line.contains("--ignore-scripts"))
        })
        .map(|line| format!("{name}: `{line}` must be `npm ci --ignore-scripts`."))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_without_its_digest_is_found() {
        let lock = |package: &str| format!(r#"{{ "packages": {{ "": {{}}, "node_modules/a": {package} }} }}"#);
        assert!(unlocked("lock", &lock(r#"{ "version": "1.0.0", "integrity": "sha512-AAAA" }"#)).is_empty());
        for package in [
            r#"{ "version": "1.0.0" }"#,
            r#"{ "version": "1.0.0", "integrity": "sha1-AAAA" }"#,
            r#"{ "version": "1.0.0", "integrity": "sha512-AAAA", "resolved": "git+ssh://somewhere/a.git" }"#,
            r#"{ "link": true, "integrity": "sha512-AAAA" }"#,
        ] {
            assert_eq!(unlocked("lock", &lock(package)).len(), 1, "{package}");
        }
        assert_eq!(unlocked("lock", "{}").len(), 1);
    }

    #[test]
    fn a_call_that_runs_scripts_or_knows_no_lock_is_found() {
        for line in
            ["npm ci", "npm ci --silent --prefix x", "npm install --ignore-scripts x@1", "npx --yes x", "sudo npm i x"]
        {
            let line = format!("  {line} # why");
            assert_eq!(careless("script/a", &line).len(), 1, "{line}");
        }
        let careful =
            "# npm install\nnpm ci --silent --ignore-scripts --prefix end2end\nnpx --no-install playwright test\n";
        assert_eq!(careless("script/a", careful), Vec::<Finding>::new());
    }
}
