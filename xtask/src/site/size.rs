//! The table of sizes: what a browser fetches, raw and compressed.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use super::content;
use crate::step::kilobytes;

/// What the first page may weigh: its WASM, compressed.
const BUDGET: usize = 250_000;
/// The group of pages that holds the first page a person opens, which is sign-in.
const FIRST_PAGE: &str = "door";
const MAIN: &str = "app_bg";

/// Whether the first page is within its budget.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Budget {
    Kept,
    Exceeded,
}

struct Row {
    name: String,
    raw: usize,
    brotli: Option<usize>,
}

impl Row {
    /// A small file without a compressed copy goes as it is.
    fn sent(&self) -> usize {
        self.brotli.unwrap_or(self.raw)
    }
}

/// Prints the sizes of the current build in a site folder, and the first page's against its budget.
pub fn print(site: &Path) -> Result<Budget> {
    let hash = super::publish::current(site)
        .with_context(|| format!("{} holds no build; run cargo xtask build --release", site.display()))?;
    let folder = site.join("pkg").join(&hash);
    let rows = rows(&folder)?;
    println!("\n{:<44}{:>14}{:>14}", format!("build {hash}"), "raw", "brotli");
    for row in &rows {
        println!("{:<44}{:>14}{:>14}", shorten(&row.name), kilobytes(row.raw), text(row.brotli));
    }
    let raw = rows.iter().map(|row| row.raw).sum();
    println!("{:<44}{:>14}{:>14}", "all, as sent", kilobytes(raw), kilobytes(rows.iter().map(Row::sent).sum()));
    if rows.iter().all(|row| row.brotli.is_none()) {
        println!("A debug build is not compressed: its sizes say nothing about a release.");
        return Ok(Budget::Kept);
    }
    let loads = loads(&rows, &super::wasm::chunks(&folder)?);
    println!("\nWASM that the first page of each group fetches");
    for (group, bytes) in &loads {
        println!("{group:<44}{:>28}", kilobytes(*bytes));
    }
    let first = loads.get(FIRST_PAGE).with_context(|| format!("no group of pages is called {FIRST_PAGE}"))?;
    println!("the first page: {} of a budget of {}", kilobytes(*first), kilobytes(BUDGET));
    if *first <= BUDGET {
        return Ok(Budget::Kept);
    }
    println!("That is over the budget: move code to the pages that need it.");
    Ok(Budget::Exceeded)
}

/// The WASM, as sent, behind the first page of each group: the main module and the group's chunks.
fn loads(rows: &[Row], chunks: &BTreeMap<String, Vec<String>>) -> BTreeMap<String, usize> {
    let sent = |module: &str| {
        rows.iter().filter(|row| row.name.strip_suffix(".wasm") == Some(module)).map(Row::sent).sum::<usize>()
    };
    let load = |chunks: &Vec<String>| sent(MAIN) + chunks.iter().map(|chunk| sent(chunk)).sum::<usize>();
    chunks.iter().map(|(route, chunks)| (group(route).to_owned(), load(chunks))).collect()
}

/// The group's name in a split point's: `open_door_5150` is `door`.
fn group(route: &str) -> &str {
    let name = route.strip_prefix("open_").unwrap_or(route);
    name.rsplit_once('_').map_or(name, |(name, _)| name)
}

fn rows(folder: &Path) -> Result<Vec<Row>> {
    let mut rows = Vec::new();
    for path in content::plain_files(folder)? {
        rows.push(Row {
            name: path.strip_prefix(folder)?.to_string_lossy().into_owned(),
            raw: size_of(&path)?,
            brotli: size_of(&content::copy_of(&path, "br")).ok(),
        });
    }
    rows.sort_by_key(|row| std::cmp::Reverse(row.raw));
    Ok(rows)
}

fn size_of(path: &Path) -> Result<usize> {
    Ok(usize::try_from(fs::metadata(path)?.len())?)
}

fn text(bytes: Option<usize>) -> String {
    bytes.map_or_else(|| "–".to_owned(), kilobytes)
}

/// Chunk names are long Rust paths; both ends tell more than the middle.
fn shorten(name: &str) -> String {
    const WIDTH: usize = 42;
    let letters: Vec<char> = name.chars().collect();
    if letters.len() <= WIDTH {
        return name.to_owned();
    }
    let (start, end) = (&letters[..WIDTH / 2], &letters[letters.len() - (WIDTH / 2 - 1)..]);
    start.iter().chain(&['…']).chain(end).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_loads_the_main_module_and_its_own_chunks() {
        let row = |name: &str, raw, brotli| Row { name: name.to_owned(), raw, brotli };
        let rows = [
            row("app_bg.wasm", 100, Some(40)),
            row("chunk_1.wasm", 10, Some(4)),
            row("chunk_2.wasm", 3, None),
            row("app.js", 7, Some(2)),
        ];
        let of = |chunks: &[&str]| chunks.iter().map(|chunk| (*chunk).to_owned()).collect::<Vec<_>>();
        let chunks =
            [("open_door_77".to_owned(), of(&["chunk_1"])), ("open_set_up_77".to_owned(), of(&["chunk_1", "chunk_2"]))];
        let loads = loads(&rows, &chunks.into());
        assert_eq!(loads.into_iter().collect::<Vec<_>>(), [("door".to_owned(), 44), ("set_up".to_owned(), 47)]);
    }

    #[test]
    fn long_names_keep_both_ends() {
        let name = format!("split_{}_end.wasm", "x".repeat(80));
        let short = shorten(&name);
        assert_eq!(short.chars().count(), 42);
        assert!(short.starts_with("split_") && short.ends_with("_end.wasm"));
    }
}
