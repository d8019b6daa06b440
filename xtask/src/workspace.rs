//! Where the workspace and its target folder are, and how cargo is called in it.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde_json::Value;

/// The workspace this tool belongs to.
pub struct Workspace {
    /// The folder of the workspace's Cargo.toml.
    pub root: PathBuf,
    /// Cargo's target folder, wherever the environment put it.
    pub target: PathBuf,
}

impl Workspace {
    /// Asks cargo for the workspace around the current folder.
    pub fn find() -> Result<Self> {
        let text = output(cargo().args(["metadata", "--no-deps", "--offline", "--format-version", "1"]))?;
        let facts: Value = serde_json::from_str(&text).context("cargo metadata did not print JSON")?;
        let folder = |key: &str| facts[key].as_str().map(PathBuf::from).with_context(|| format!("no {key}"));
        Ok(Self { root: folder("workspace_root")?, target: folder("target_directory")? })
    }

    /// A cargo command that runs in the workspace's root.
    pub fn cargo(&self) -> Command {
        let mut command = cargo();
        command.current_dir(&self.root);
        command
    }

    /// A path inside the workspace as people write it, with forward slashes.
    pub fn name_of(&self, path: &Path) -> String {
        path.strip_prefix(&self.root).unwrap_or(path).to_string_lossy().replace('\\', "/")
    }
}

/// The cargo that runs this tool, so that both halves are built by one compiler.
fn cargo() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    for (name, _) in std::env::vars_os().filter(|(name, _)| is_of_this_package(&name.to_string_lossy())) {
        command.env_remove(name);
    }
    command
}

/// What `cargo run` sets for this tool. Build scripts watch these names (ring's does): handed on, they
/// have crates compiled again that a cargo called by hand has just compiled.
fn is_of_this_package(variable: &str) -> bool {
    variable.starts_with("CARGO_PKG_") || variable.starts_with("CARGO_MANIFEST_")
}

/// Runs a command that talks to the terminal; fails with its name if it fails.
pub fn succeed(command: &mut Command) -> Result<()> {
    let name = name(command);
    let status = command.status().with_context(|| format!("cannot start `{name}`"))?;
    if !status.success() {
        bail!("`{name}` failed: its message is above");
    }
    Ok(())
}

/// Runs a command and returns what it printed.
pub fn output(command: &mut Command) -> Result<String> {
    let name = name(command);
    let done = command.output().with_context(|| format!("cannot start `{name}`"))?;
    if !done.status.success() {
        bail!("`{name}` failed: {}", String::from_utf8_lossy(&done.stderr).trim());
    }
    String::from_utf8(done.stdout).with_context(|| format!("`{name}` printed what is not text"))
}

/// A command as a person would type it.
fn name(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_stem().unwrap_or_default().to_string_lossy();
    let arguments = command.get_args().map(|argument| argument.to_string_lossy());
    std::iter::once(program).chain(arguments).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_speaks_of_this_package_is_kept_from_the_cargo_below() {
        assert!(is_of_this_package("CARGO_PKG_NAME") && is_of_this_package("CARGO_MANIFEST_DIR"));
        assert!(!is_of_this_package("CARGO_TARGET_DIR") && !is_of_this_package("CARGO_HOME"));
    }

    #[test]
    fn a_command_that_fails_is_named_as_one_would_type_it() {
        let error = output(Command::new("/usr/bin/env").args(["sh", "-c", "exit 1"])).unwrap_err().to_string();
        assert!(error.starts_with("`env sh -c exit 1` failed"), "{error}");
    }
}
