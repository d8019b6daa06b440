//! Builds the site: what a browser fetches beside the pages.
//!
//! All files of one build lie in `pkg/<hash of their contents>/` under plain names, because the split
//! chunks import each other by name and may be cached for ever. `build.json` names the current hash.

mod content;
mod publish;
mod size;
mod style;
mod wasm;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use tempfile::TempDir;

use self::size::Budget;
use crate::step::{kilobytes, loud_step, step};
use crate::workspace::{Workspace, succeed};

/// How much time the build takes for how good a result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    Debug,
    Release,
}

/// What a build makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parts {
    SiteOnly,
    SiteAndServer,
}

/// Builds the site and, unless told otherwise, the server.
pub fn build(workspace: &Workspace, mode: Mode, parts: Parts, site: Option<PathBuf>) -> Result<()> {
    let site = site.unwrap_or_else(|| default_site(workspace));
    let stage = stage_beside(&site)?;
    let (pkg, public) = (stage.path().join("pkg"), stage.path().join("public"));
    fs::create_dir(&pkg)?;
    let compiled = loud_step("WASM half compiled", || wasm::compile(workspace, mode))?;
    step("split and bound", || wasm::bind(&compiled, &pkg))?;
    step("CSS bundled", || style::bundle(workspace, &pkg))?;
    step("public files copied", || publish::copy_public(&workspace.root.join("public"), &public))?;
    if mode == Mode::Release {
        loud_step("compressed", || compress(workspace, stage.path()))?;
    }
    step("published", || publish::publish(stage.path(), &site, mode))?;
    if parts == Parts::SiteAndServer {
        loud_step("server compiled", || compile_server(workspace, mode))?;
    }
    if mode == Mode::Release {
        size::print(&site)?;
    }
    Ok(())
}

/// Prints the size table of a site that was built before; fails if it is over its budget.
pub fn print_sizes(workspace: &Workspace, site: Option<PathBuf>) -> Result<()> {
    match size::print(&site.unwrap_or_else(|| default_site(workspace)))? {
        Budget::Kept => Ok(()),
        Budget::Exceeded => bail!("the files of every page weigh more than their budget"),
    }
}

fn compress(workspace: &Workspace, folder: &Path) -> Result<((), String)> {
    let mut cargo = workspace.cargo();
    cargo.args(["run", "--release", "--package", "precompress", "--"]).arg(folder);
    succeed(&mut cargo)?;
    Ok(((), "brotli and gzip".to_owned()))
}

/// The folder that the server embeds; it does not follow the target folder, which may be shared.
fn default_site(workspace: &Workspace) -> PathBuf {
    workspace.root.join("target/site")
}

/// A folder for a new build: beside the site, so that publishing is a rename, and gone when dropped.
fn stage_beside(site: &Path) -> Result<TempDir> {
    let parent = site.parent().context("the site's folder cannot be the root")?;
    fs::create_dir_all(parent).with_context(|| format!("cannot make {}", parent.display()))?;
    tempfile::Builder::new()
        .prefix("site.next-")
        .tempdir_in(parent)
        .with_context(|| format!("cannot make a folder in {}", parent.display()))
}

fn compile_server(workspace: &Workspace, mode: Mode) -> Result<((), String)> {
    let mut cargo = workspace.cargo();
    cargo.args(["build", "--bin", "candilever"]);
    if mode == Mode::Release {
        cargo.arg("--release");
    }
    succeed(&mut cargo)?;
    let profile = if mode == Mode::Release { "release" } else { "debug" };
    let program = workspace.target.join(profile).join(format!("candilever{}", std::env::consts::EXE_SUFFIX));
    let bytes = fs::metadata(&program).with_context(|| format!("{} was not made", program.display()))?.len();
    Ok(((), format!("{} ({})", program.display(), kilobytes(bytes as usize))))
}
