//! Writes a `.br` and a `.gz` beside every file of a folder that gets smaller by it.
//!
//! A program of its own, because it has to be optimised: at the highest level an unoptimised compressor
//! takes minutes. `cargo xtask build --release` calls it; nothing else pays for compiling it.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Context, Result, anyhow};
use flate2::write::GzEncoder;

fn main() -> ExitCode {
    let Some(folder) = std::env::args_os().nth(1) else {
        eprintln!("precompress: name the folder whose files are to be compressed");
        return ExitCode::FAILURE;
    };
    match compress_all(Path::new(&folder)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("precompress: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn compress_all(folder: &Path) -> Result<()> {
    let files = files(folder)?;
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
    })
}

/// The files of a folder and of its sub-folders, without copies that are there already.
fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(files(&path)?);
        } else if !path.extension().is_some_and(|extension| extension == "br" || extension == "gz") {
            found.push(path);
        }
    }
    Ok(found)
}

fn compress(path: &Path) -> Result<()> {
    let bytes = fs::read(path)?;
    for (ending, packed) in [(".br", brotli(&bytes)?), (".gz", gzip(&bytes)?)] {
        if packed.len() < bytes.len() {
            let mut name = path.as_os_str().to_owned();
            name.push(ending);
            fs::write(name, packed)?;
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
    use std::io::Read;

    #[test]
    fn copies_unpack_to_the_original_and_are_written_only_if_they_save_something() {
        let text = b"the same words again and again, ".repeat(50);
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        fs::create_dir(path("pkg")).unwrap();
        fs::write(path("pkg/app.js"), &text).unwrap();
        fs::write(path("tiny.js"), b"x").unwrap();
        compress_all(folder.path()).unwrap();
        let mut unpacked = Vec::new();
        brotli::BrotliDecompress(&mut fs::read(path("pkg/app.js.br")).unwrap().as_slice(), &mut unpacked).unwrap();
        assert_eq!(unpacked, text);
        unpacked.clear();
        let gz = fs::read(path("pkg/app.js.gz")).unwrap();
        flate2::read::GzDecoder::new(gz.as_slice()).read_to_end(&mut unpacked).unwrap();
        assert_eq!(unpacked, text);
        assert!(!path("tiny.js.br").exists());
    }

    #[test]
    fn a_second_run_compresses_no_copies() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("a.css"), "body{margin:0}".repeat(20)).unwrap();
        compress_all(folder.path()).unwrap();
        compress_all(folder.path()).unwrap();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 3);
    }
}
