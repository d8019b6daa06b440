//! Puts a finished build where the server finds it.
//!
//! A debug server may be running on the folder: the new build is complete before `build.json` names it,
//! and the one before it stays until the next.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use super::{Mode, content};

/// Moves what was staged into the site, `pkg` under the hash of its contents, and names the build.
pub fn publish(stage: &Path, site: &Path, mode: Mode) -> Result<((), String)> {
    let before = current(site);
    let hash = content::content_hash(&stage.join("pkg"))?;
    let builds = site.join("pkg");
    fs::create_dir_all(&builds).with_context(|| format!("cannot make {}", builds.display()))?;
    let folder = builds.join(&hash);
    // The same hash may be there from a debug build, without the compressed copies that a release needs.
    if folder.exists() && mode == Mode::Release {
        fs::remove_dir_all(&folder)?;
    }
    if !folder.exists() {
        fs::rename(stage.join("pkg"), &folder)
            .with_context(|| format!("cannot move the build to {}", folder.display()))?;
    }
    replace_public(&stage.join("public"), site)?;
    name_build(site, &hash)?;
    let keep = match mode {
        Mode::Debug => before,
        // A release embeds the folder: nothing but the build itself may be in it.
        Mode::Release => None,
    };
    prune(&builds, &hash, keep.as_deref())?;
    Ok(((), folder.display().to_string()))
}

/// Copies the public files to where they are staged.
pub fn copy_public(public: &Path, stage: &Path) -> Result<((), String)> {
    fs::create_dir_all(stage)?;
    let files = if public.is_dir() { content::files(public)? } else { Vec::new() };
    for file in &files {
        let target = stage.join(file.strip_prefix(public)?);
        fs::create_dir_all(target.parent().context("a public file has a folder")?)?;
        fs::copy(file, &target).with_context(|| format!("cannot copy {}", file.display()))?;
    }
    Ok(((), format!("{} files", files.len())))
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
fn replace_public(staged: &Path, site: &Path) -> Result<()> {
    for entry in fs::read_dir(site)? {
        let path = entry?.path();
        match path.file_name().and_then(|name| name.to_str()) {
            Some("pkg" | "build.json") => {}
            _ if path.is_dir() => fs::remove_dir_all(&path)?,
            _ => fs::remove_file(&path)?,
        }
    }
    for entry in fs::read_dir(staged)? {
        let entry = entry?;
        fs::rename(entry.path(), site.join(entry.file_name()))?;
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
    use std::collections::BTreeSet;

    struct Site(tempfile::TempDir);

    impl Site {
        fn new() -> Self {
            let site = Self(tempfile::tempdir().unwrap());
            fs::create_dir(site.0.path().join("public")).unwrap();
            fs::write(site.0.path().join("public/robots.txt"), "User-agent: *\nDisallow: /\n").unwrap();
            site
        }

        /// Publishes a build whose script is this text; returns its hash.
        fn publish(&self, script: &str, mode: Mode) -> String {
            let stage = self.0.path().join("stage");
            fs::create_dir_all(stage.join("pkg")).unwrap();
            fs::write(stage.join("pkg/app.js"), script).unwrap();
            copy_public(&self.0.path().join("public"), &stage.join("public")).unwrap();
            publish(&stage, &self.path(""), mode).unwrap();
            fs::remove_dir_all(&stage).unwrap();
            current(&self.path("")).unwrap()
        }

        fn path(&self, name: &str) -> std::path::PathBuf {
            self.0.path().join("site").join(name)
        }

        fn builds(&self) -> BTreeSet<String> {
            let entries = fs::read_dir(self.path("pkg")).unwrap();
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
        }
    }

    #[test]
    fn the_build_is_named_and_the_public_files_are_at_the_root() {
        let site = Site::new();
        let hash = site.publish("one", Mode::Debug);
        assert_eq!(fs::read_to_string(site.path(&format!("pkg/{hash}/app.js"))).unwrap(), "one");
        assert!(site.path("robots.txt").exists());
    }

    #[test]
    fn a_debug_build_keeps_the_one_before_and_a_release_keeps_none() {
        let site = Site::new();
        let hashes = ["one", "two", "three"].map(|script| site.publish(script, Mode::Debug));
        assert_eq!(site.builds(), BTreeSet::from([hashes[1].clone(), hashes[2].clone()]));
        let release = site.publish("four", Mode::Release);
        assert_eq!(site.builds(), BTreeSet::from([release]));
    }

    #[test]
    fn the_same_build_can_be_published_again() {
        let site = Site::new();
        let first = site.publish("one", Mode::Debug);
        for mode in [Mode::Debug, Mode::Release] {
            assert_eq!(site.publish("one", mode), first);
            assert_eq!(site.builds(), BTreeSet::from([first.clone()]));
        }
    }

    #[test]
    fn a_public_file_that_is_gone_leaves_the_site() {
        let site = Site::new();
        site.publish("one", Mode::Debug);
        fs::remove_file(site.0.path().join("public/robots.txt")).unwrap();
        site.publish("one", Mode::Debug);
        assert!(!site.path("robots.txt").exists());
    }
}
