//! Puts a finished build where the server finds it.
//!
//! A debug server may be running on the folder: the new build is complete before `build.json` names it,
//! and the one before it stays until the next.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use super::{Mode, pack};
use crate::workspace::Workspace;

/// Moves the staged build to `site/pkg/<hash>`, copies the public files and names the build.
pub fn publish(workspace: &Workspace, stage: &Path, site: &Path, hash: &str, mode: Mode) -> Result<((), String)> {
    let before = current(site);
    let builds = site.join("pkg");
    fs::create_dir_all(&builds).with_context(|| format!("cannot make {}", builds.display()))?;
    let folder = builds.join(hash);
    // The same hash may be there from a debug build, without the compressed copies that a release needs.
    if folder.exists() && mode == Mode::Release {
        fs::remove_dir_all(&folder)?;
    }
    if !folder.exists() {
        fs::rename(stage, &folder).with_context(|| format!("cannot move the build to {}", folder.display()))?;
    }
    copy_public(&workspace.root.join("public"), site, mode)?;
    let keep = match mode {
        Mode::Debug => before,
        // A release embeds the folder: nothing but the build itself may be in it.
        Mode::Release => None,
    };
    name_build(site, hash)?;
    prune(&builds, hash, keep.as_deref())?;
    Ok(((), folder.display().to_string()))
}

/// The hash that `build.json` names, if there is one.
pub fn current(site: &Path) -> Option<String> {
    let text = fs::read_to_string(site.join("build.json")).ok()?;
    let build: serde_json::Value = serde_json::from_str(&text).ok()?;
    build["hash"].as_str().map(str::to_owned)
}

fn name_build(site: &Path, hash: &str) -> Result<()> {
    let next = site.join("build.json.next");
    fs::write(&next, serde_json::json!({ "hash": hash }).to_string())?;
    fs::rename(&next, site.join("build.json")).context("cannot write build.json")
}

/// Replaces everything beside `pkg` and `build.json` by the public files.
fn copy_public(public: &Path, site: &Path, mode: Mode) -> Result<()> {
    for entry in fs::read_dir(site)? {
        let path = entry?.path();
        match path.file_name().and_then(|name| name.to_str()) {
            Some("pkg" | "build.json") => {}
            _ if path.is_dir() => fs::remove_dir_all(&path)?,
            _ => fs::remove_file(&path)?,
        }
    }
    let files = if public.is_dir() { pack::files(public)? } else { Vec::new() };
    for file in files {
        let target = site.join(file.strip_prefix(public)?);
        fs::create_dir_all(target.parent().context("a public file has a folder")?)?;
        fs::copy(&file, &target).with_context(|| format!("cannot copy {}", file.display()))?;
        if mode == Mode::Release {
            pack::compress(&target)?;
        }
    }
    Ok(())
}

fn prune(builds: &Path, hash: &str, keep: Option<&str>) -> Result<()> {
    for entry in fs::read_dir(builds)? {
        let entry = entry?;
        let name = entry.file_name();
        if name != hash && keep.is_none_or(|kept| name != kept) {
            fs::remove_dir_all(entry.path())?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Site {
        folder: tempfile::TempDir,
        workspace: Workspace,
    }

    impl Site {
        fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            let root = folder.path().to_path_buf();
            fs::create_dir(root.join("public")).unwrap();
            fs::write(root.join("public/robots.txt"), "User-agent: *\nDisallow: /\n").unwrap();
            Self { workspace: Workspace { target: root.join("target"), root }, folder }
        }

        fn publish(&self, hash: &str, mode: Mode) {
            let stage = self.folder.path().join("stage");
            fs::create_dir(&stage).unwrap();
            fs::write(stage.join("app.js"), hash).unwrap();
            publish(&self.workspace, &stage, &self.path(""), hash, mode).unwrap();
        }

        fn path(&self, name: &str) -> std::path::PathBuf {
            self.folder.path().join("site").join(name)
        }

        fn builds(&self) -> Vec<String> {
            let mut names: Vec<_> = fs::read_dir(self.path("pkg"))
                .unwrap()
                .map(|entry| entry.unwrap().file_name().into_string().unwrap())
                .collect();
            names.sort();
            names
        }
    }

    #[test]
    fn the_build_is_named_and_the_public_files_are_at_the_root() {
        let site = Site::new();
        site.publish("aaaa", Mode::Debug);
        assert_eq!(fs::read_to_string(site.path("build.json")).unwrap(), r#"{"hash":"aaaa"}"#);
        assert!(site.path("pkg/aaaa/app.js").exists());
        assert!(site.path("robots.txt").exists());
    }

    #[test]
    fn a_debug_build_keeps_the_one_before_and_a_release_keeps_none() {
        let site = Site::new();
        for hash in ["aaaa", "bbbb", "cccc"] {
            site.publish(hash, Mode::Debug);
        }
        assert_eq!(site.builds(), ["bbbb", "cccc"]);
        site.publish("dddd", Mode::Release);
        assert_eq!(site.builds(), ["dddd"]);
    }

    #[test]
    fn a_public_file_that_is_gone_leaves_the_site() {
        let site = Site::new();
        site.publish("aaaa", Mode::Debug);
        fs::remove_file(site.folder.path().join("public/robots.txt")).unwrap();
        site.publish("aaaa", Mode::Debug);
        assert!(!site.path("robots.txt").exists());
    }
}
