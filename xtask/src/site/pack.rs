//! The hash that names a build, and the pre-compressed copies beside its files.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Context, Result, anyhow};
use flate2::write::GzEncoder;
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

/// Writes a `.br` and a `.gz` beside every file that gets smaller by it.
pub fn compress_all(folder: &Path) -> Result<((), String)> {
    let files = plain_files(folder)?;
    let next = AtomicUsize::new(0);
    let worker = || -> Result<()> {
        while let Some(path) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
            compress(path).with_context(|| format!("cannot compress {}", path.display()))?;
        }
        Ok(())
    };
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    std::thread::scope(|scope| {
        let running: Vec<_> = (0..threads).map(|_| scope.spawn(worker)).collect();
        running.into_iter().try_for_each(|thread| thread.join().map_err(|_| anyhow!("a worker panicked"))?)
    })?;
    Ok(((), format!("{} files", files.len())))
}

/// Writes the compressed copies of one file.
pub fn compress(path: &Path) -> Result<()> {
    let bytes = fs::read(path)?;
    for (extension, packed) in [("br", brotli(&bytes)?), ("gz", gzip(&bytes)?)] {
        if packed.len() < bytes.len() {
            fs::write(copy_of(path, extension), packed)?;
        }
    }
    Ok(())
}

fn brotli(bytes: &[u8]) -> Result<Vec<u8>> {
    let params = brotli::enc::BrotliEncoderParams { quality: 11, lgwin: 22, ..Default::default() };
    let mut packed = Vec::new();
    brotli::BrotliCompress(&mut &*bytes, &mut packed, &params)?;
    Ok(packed)
}

fn gzip(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?)
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
    fn compressed_copies_unpack_to_the_original_and_do_not_change_the_hash() {
        let text = b"the same words again and again, ".repeat(50);
        let folder = folder_with(&[("app.js", &text), ("tiny.js", b"x")]);
        let before = content_hash(folder.path()).unwrap();
        compress_all(folder.path()).unwrap();
        assert_eq!(content_hash(folder.path()).unwrap(), before);
        let packed = fs::read(folder.path().join("app.js.br")).unwrap();
        let mut unpacked = Vec::new();
        brotli::BrotliDecompress(&mut packed.as_slice(), &mut unpacked).unwrap();
        assert_eq!(unpacked, text);
        assert!(folder.path().join("app.js.gz").exists());
        assert!(!folder.path().join("tiny.js.br").exists(), "a copy that saves nothing is not written");
    }
}
