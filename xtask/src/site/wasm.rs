//! The browser's half of `app`: compiled, split along its lazy routes, bound to JavaScript, stripped.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, bail};
use wasm_bindgen_cli_support::Bindgen;

use super::Mode;
use crate::step::kilobytes;
use crate::workspace::{Workspace, succeed};

const TARGET: &str = "wasm32-unknown-unknown";

/// The name that the interface's hydration script looks for.
const LINK_FILE: &str = "./__wasm_split.______________________.js";
/// Which chunks a lazy route needs; the server turns it into preload links.
const MANIFEST_FILE: &str = "__wasm_split_manifest.json";

/// Compiles `app` for the browser and returns the module's path.
pub fn compile(workspace: &Workspace, mode: Mode) -> Result<(PathBuf, String)> {
    let mut cargo = workspace.cargo();
    cargo.args(["rustc", "--package", "app", "--lib", "--target", TARGET]);
    cargo.args(["--no-default-features", "--features", "hydrate"]);
    let folder = match mode {
        // The server's own profile, so that the macros of both halves are compiled once; without the
        // debug information, which the split step would only have to carry, and optimised a little: every
        // browser compiles all of it once more.
        Mode::Debug => {
            cargo.args(["--config", "profile.dev.debug=false", "--config", "profile.dev.opt-level=1"]);
            "debug"
        }
        Mode::Release => {
            cargo.args(["--profile", "wasm-release"]);
            "wasm-release"
        }
    };
    // The split step needs relocations; asked of the last crate only, the dependencies stay as they are.
    cargo.args(["--", "-Clink-args=--emit-relocs"]);
    succeed(&mut cargo).context(
        "app does not compile for the browser; if the message says that `core` or `std` is missing, \
         run script/bootstrap demo",
    )?;
    let module = workspace.target.join(TARGET).join(folder).join("app.wasm");
    let bytes = fs::metadata(&module).with_context(|| format!("{} was not made", module.display()))?.len();
    Ok((module, kilobytes(bytes as usize)))
}

/// Splits and binds a compiled module into `out`.
pub fn bind(module: &Path, out: &Path) -> Result<((), String)> {
    let bytes = fs::read(module).with_context(|| format!("cannot read {}", module.display()))?;
    let main = out.join("main.wasm");
    let chunks = split(&bytes, &main, out)?;
    bindgen(&main, out).context("wasm-bindgen refused the module")?;
    fs::remove_file(&main)?;
    strip_folder(out)?;
    Ok(((), format!("{chunks} chunks beside the main module")))
}

fn split(bytes: &[u8], main: &Path, out: &Path) -> Result<usize> {
    let mut options = wasm_split_cli_support::Options::new(bytes);
    options.output_dir = out;
    options.main_out_path = main;
    options.main_module = "./app.js";
    options.link_name = LINK_FILE;
    let done = wasm_split_cli_support::transform(options).map_err(|error| anyhow!("cannot split: {error:#}"))?;
    // Sorted, so that one source gives one content hash.
    let manifest: Chunks = done.prefetch_map.into_iter().collect();
    fs::write(out.join(MANIFEST_FILE), serde_json::to_string(&manifest)?)?;
    Ok(done.split_modules.len())
}

/// The modules that each split point fetches beside the main one, by name.
type Chunks = BTreeMap<String, Vec<String>>;

/// Reads what [`bind`] wrote about the chunks into `out`.
pub fn chunks(out: &Path) -> Result<Chunks> {
    let manifest = out.join(MANIFEST_FILE);
    let text = fs::read(&manifest).with_context(|| format!("cannot read {}", manifest.display()))?;
    Ok(serde_json::from_slice(&text)?)
}

fn bindgen(main: &Path, out: &Path) -> Result<()> {
    Bindgen::new()
        .input_path(main)
        .web(true)?
        .typescript(false)
        .out_name("app")
        .keep_lld_exports(true)
        .demangle(false)
        .generate(out)
}

/// Drops the custom sections of every module in a folder: each chunk carries all names otherwise.
fn strip_folder(folder: &Path) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "wasm") {
            let stripped = strip(&fs::read(&path)?).with_context(|| format!("in {}", path.display()))?;
            fs::write(&path, stripped)?;
        }
    }
    Ok(())
}

/// Removes the custom sections (id 0) of a WASM module and leaves all else as it is.
fn strip(module: &[u8]) -> Result<Vec<u8>> {
    const HEADER: usize = 8;
    if module.len() < HEADER || &module[..4] != b"\0asm" {
        bail!("this is not a WASM module");
    }
    let mut kept = module[..HEADER].to_vec();
    let mut at = HEADER;
    while at < module.len() {
        let (length, after) = leb128(module, at + 1)?;
        let end = after.checked_add(length).filter(|end| *end <= module.len()).context("a section is cut off")?;
        if module[at] != 0 {
            kept.extend_from_slice(&module[at..end]);
        }
        at = end;
    }
    Ok(kept)
}

/// Reads an unsigned LEB128 number; returns it with the position after it.
fn leb128(bytes: &[u8], start: usize) -> Result<(usize, usize)> {
    let mut value = 0u64;
    for (index, shift) in (0..5).map(|index| (index, index * 7)) {
        let byte = *bytes.get(start + index).context("a section's length is cut off")?;
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Ok((usize::try_from(value)?, start + index + 1));
        }
    }
    bail!("a section's length is longer than five bytes")
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: [u8; 8] = *b"\0asm\x01\0\0\0";

    fn module(sections: &[&[u8]]) -> Vec<u8> {
        sections.iter().fold(HEADER.to_vec(), |all, section| [all.as_slice(), section].concat())
    }

    #[test]
    fn custom_sections_go_and_the_others_stay() {
        let code: &[u8] = &[10, 2, 7, 7];
        let name: &[u8] = &[0, 3, 1, b'n', 9];
        assert_eq!(strip(&module(&[name, code, name])).unwrap(), module(&[code]));
    }

    #[test]
    fn a_length_of_several_bytes_is_read() {
        let long = [vec![0, 0xac, 0x02], vec![1; 300]].concat();
        assert_eq!(strip(&module(&[&long])).unwrap(), module(&[]));
    }

    #[test]
    fn what_is_cut_off_or_no_module_is_refused() {
        assert!(strip(b"<html>").is_err());
        assert!(strip(&module(&[&[10, 5, 1]])).is_err());
        assert!(strip(&module(&[&[10, 0x80]])).is_err());
    }
}
