//! The repository's own rules, checked offline over Cargo.lock, cargo's graphs and the files.
//!
//! Each finding is one sentence that says what to do. What is allowed is written, with its reason, in
//! `deny.toml` (crates) and in the lists at the top of `source.rs` (files).

pub mod graph;
mod licence;
mod npm;
mod policy;
mod source;

use std::process::ExitCode;
use std::time::Instant;

use anyhow::Result;

use crate::workspace::Workspace;

/// What is wrong and what to do about it, in one sentence.
pub type Finding = String;

/// Runs all checks, prints their findings, and fails if there is one.
pub fn run(workspace: &Workspace) -> Result<ExitCode> {
    let policy = policy::Policy::read(&workspace.root.join("deny.toml"))?;
    let crates = graph::Crates::read(workspace)?;
    let sources = source::Sources::read(workspace)?;
    let npm = npm::Npm::read(workspace)?;
    let mut total = 0;
    total += report("licences", || licence::check(&crates.all(), &policy));
    total += report("banned crates", || graph::banned(&crates.all(), &policy));
    total += report("duplicate crates", || graph::duplicates(&crates.all(), &policy));
    total += report("direction of dependencies", || crates.arrows());
    total += report("sources of crates", || graph::foreign_sources(&crates.lock));
    total += report("one version of wasm-bindgen", || graph::wasm_bindgen(&crates.lock));
    total += report("npm is locked", || npm.check());
    total += report("SQL is literal", || sources.sql());
    total += report("no raw HTML", || sources.raw_html());
    total += report("secrets compared as such", || sources.compared_secrets());
    total += report("short files", || sources.long_files());
    total += report("migrations", || sources.migrations());
    Ok(if total == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn report(name: &str, check: impl FnOnce() -> Vec<Finding>) -> usize {
    let started = Instant::now();
    let findings = check();
    let verdict = if findings.is_empty() { "ok".to_owned() } else { format!("{} to mend", findings.len()) };
    println!("{name:<28}{:>7.1} s  {verdict}", started.elapsed().as_secs_f32());
    for finding in &findings {
        println!("  - {finding}");
    }
    findings.len()
}
