//! The files of a build, and the hash that names it.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};

const COMPRESSED: [&str; 2] = ["br", "gz"];

/// The files of a folder and of its sub-folders, sorted by their path.
pub fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(files(&path)?);
        } else {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// The files of a folder without their compressed copies.
pub fn plain_files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = files(folder)?;
    found.retain(|path| !path.extension().is_some_and(|e| COMPRESSED.iter().any(|known| e == *known)));
    Ok(found)
}

/// The path of a file's compressed copy.
pub fn copy_of(path: &Path, extension: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(extension);
    name.into()
}

/// Sixteen hexadecimal digits that change when any name or content changes.
pub fn content_hash(folder: &Path) -> Result<String> {
    let mut hash = Sha256::new();
    for path in plain_files(folder)? {
        let name = path.strip_prefix(folder)?.to_string_lossy().replace('\\', "/");
        let bytes = fs::read(&path)?;
        // Each part is preceded by its length, so that no two folders run together into the same bytes.
        for part in [name.as_bytes(), &bytes] {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part);
        }
    }
    Ok(hash.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder_with(files: &[(&str, &[u8])]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (name, bytes) in files {
            fs::write(folder.path().join(name), bytes).unwrap();
        }
        folder
    }

    #[test]
    fn the_hash_follows_names_and_contents() {
        let hash = |files: &[(&str, &[u8])]| content_hash(folder_with(files).path()).unwrap();
        let first = hash(&[("app.js", b"one"), ("main.css", b"two")]);
        assert_eq!(first.len(), 16);
        assert_eq!(first, hash(&[("main.css", b"two"), ("app.js", b"one")]));
        assert_ne!(first, hash(&[("app.js", b"onet"), ("main.css", b"wo")]));
        assert_ne!(first, hash(&[("app2.js", b"one"), ("main.css", b"two")]));
    }

    #[test]
    fn compressed_copies_do_not_change_the_hash() {
        let before = folder_with(&[("app.js", b"one")]);
        let after = folder_with(&[("app.js", b"one"), ("app.js.br", b"packed"), ("app.js.gz", b"packed")]);
        assert_eq!(content_hash(before.path()).unwrap(), content_hash(after.path()).unwrap());
    }
}
