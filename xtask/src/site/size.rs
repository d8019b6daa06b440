//! The table of sizes: what a browser fetches, raw and compressed.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use super::content;
use crate::step::kilobytes;

/// What the first page may weigh, compressed: WASM, JavaScript and CSS together.
const BUDGET: usize = 250_000;
/// What every page fetches; the other files are fetched by the page that needs them.
const FIRST: [&str; 3] = ["app.js", "app_bg.wasm", "main.css"];

/// Whether what every page fetches is within its budget.
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

/// Prints the sizes of the current build in a site folder, and what every page fetches against its budget.
pub fn print(site: &Path) -> Result<Budget> {
    let hash = super::publish::current(site)
        .with_context(|| format!("{} holds no build; run cargo xtask build --release", site.display()))?;
    let rows = rows(&site.join("pkg").join(&hash))?;
    println!("\n{:<44}{:>14}{:>14}", format!("build {hash}"), "raw", "brotli");
    for row in &rows {
        println!("{:<44}{:>14}{:>14}", shorten(&row.name), kilobytes(row.raw), text(row.brotli));
    }
    let raw = rows.iter().map(|row| row.raw).sum();
    println!("{:<44}{:>14}{:>14}", "all", kilobytes(raw), text(brotli_sum(rows.iter())));
    let Some(first) = brotli_sum(rows.iter().filter(|row| FIRST.contains(&row.name.as_str()))) else {
        println!("A debug build is not compressed: its sizes say nothing about a release.");
        return Ok(Budget::Kept);
    };
    println!("every page: {} of a budget of {}", kilobytes(first), kilobytes(BUDGET));
    if first <= BUDGET {
        return Ok(Budget::Kept);
    }
    println!("That is over the budget: move code behind a lazy page.");
    Ok(Budget::Exceeded)
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

/// The sum as sent; a small file without a compressed copy counts as it is. `None` for a debug build.
fn brotli_sum<'a>(rows: impl Iterator<Item = &'a Row> + Clone) -> Option<usize> {
    rows.clone().any(|row| row.brotli.is_some()).then(|| rows.map(|row| row.brotli.unwrap_or(row.raw)).sum())
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
    fn a_file_without_a_compressed_copy_counts_raw_unless_nothing_was_compressed() {
        let row = |raw, brotli| Row { name: String::new(), raw, brotli };
        assert_eq!(brotli_sum([row(10, Some(4)), row(3, None)].iter()), Some(7));
        assert_eq!(brotli_sum([row(10, None)].iter()), None);
    }

    #[test]
    fn long_names_keep_both_ends() {
        let name = format!("split_{}_end.wasm", "x".repeat(80));
        let short = shorten(&name);
        assert_eq!(short.chars().count(), 42);
        assert!(short.starts_with("split_") && short.ends_with("_end.wasm"));
    }
}
