//! Rules on the text of the sources: SQL, HTML, length, the numbers of the migrations.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use super::Finding;
use crate::workspace::Workspace;

const MAX_LINES: usize = 400;
/// Files that may be longer, each with the reason.
const LONG_FILES: [(&str, &str); 0] = [];
/// Files that may hand SQL that was put together to the database, each with the reason.
const MADE_SQL: [(&str, &str); 2] = [
    (
        "engine/src/delivery/batch/sqlite.rs",
        "the same literal row of placeholders, once for each message of a batch: every value is bound",
    ),
    (
        "engine/src/invite/store/list.rs",
        "joins literal clauses: an optional one in a single text keeps both databases from their indexes",
    ),
];

/// Folders that hold nothing written by hand.
const SKIPPED: [&str; 5] = ["target", "node_modules", "test-results", "playwright-report", "data"];
/// Kinds of files whose length is limited.
const WRITTEN: [&str; 6] = ["rs", "css", "ts", "js", "sh", "py"];

/// A file with its path inside the workspace.
struct Source {
    name: String,
    text: String,
}

/// The text files of the workspace.
pub struct Sources {
    files: Vec<Source>,
    migrations: Vec<String>,
}

impl Sources {
    /// Reads every file that a rule speaks of.
    pub fn read(workspace: &Workspace) -> Result<Self> {
        let mut files = Vec::new();
        collect(workspace, &workspace.root, &mut files)?;
        files.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(Self { files, migrations: names(&workspace.root.join("migrations"))? })
    }

    /// Finds SQL that is put together from pieces, or that asks for columns it does not name.
    pub fn sql(&self) -> Vec<Finding> {
        let files = self.files.iter().filter(|file| file.name.starts_with("engine/src/"));
        files.flat_map(sql_findings).collect()
    }

    /// Finds markup that is handed to the browser unescaped.
    pub fn raw_html(&self) -> Vec<Finding> {
        let files = self.files.iter().filter(|file| file.name.starts_with("app/src/"));
        files.flat_map(raw_html_findings).collect()
    }

    /// Finds secrets that are compared in a time that tells where they differ.
    pub fn compared_secrets(&self) -> Vec<Finding> {
        let product = |file: &&Source| file.name.starts_with("engine/src/") || file.name.starts_with("src/");
        self.files.iter().filter(product).flat_map(compared_secret_findings).collect()
    }

    /// Finds files that are too long to be read at one go.
    pub fn long_files(&self) -> Vec<Finding> {
        self.files.iter().filter(|file| !is_test(&file.name)).filter_map(long_file).collect()
    }

    /// Finds gaps and repetitions in the numbers of the migrations.
    pub fn migrations(&self) -> Vec<Finding> {
        let misnamed = self
            .migrations
            .iter()
            .filter(|name| number(name).is_none())
            .map(|name| format!("migrations/{name} must be named NNNN_what_changes.sql."));
        let numbered = self.migrations.iter().filter(|name| number(name).is_some());
        let misplaced =
            numbered.enumerate().filter(|(index, name)| number(name) != Some(index + 1)).map(|(index, name)| {
                format!("migrations/{name} must carry the number {:04}: they count up by one.", index + 1)
            });
        misnamed.chain(misplaced.take(1)).collect()
    }
}

fn collect(workspace: &Workspace, folder: &Path, files: &mut Vec<Source>) -> Result<()> {
    for entry in fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let entry = entry?;
        let (path, name) = (entry.path(), entry.file_name().to_string_lossy().into_owned());
        if entry.file_type()?.is_dir() {
            if !name.starts_with('.') && !SKIPPED.contains(&name.as_str()) {
                collect(workspace, &path, files)?;
            }
        } else if is_written(workspace, &path) {
            let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
            files.push(Source { name: workspace.name_of(&path), text });
        }
    }
    Ok(())
}

/// Scripts carry no extension; all else is known by it.
fn is_written(workspace: &Workspace, path: &Path) -> bool {
    match path.extension().and_then(|extension| extension.to_str()) {
        Some(extension) => WRITTEN.contains(&extension),
        None => workspace.name_of(path).starts_with("script/"),
    }
}

/// What is in a folder, in order; nothing where there is none.
pub fn names(folder: &Path) -> Result<Vec<String>> {
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let mut names = Vec::new();
    for entry in fs::read_dir(folder)? {
        names.push(entry?.file_name().to_string_lossy().into_owned());
    }
    names.sort();
    Ok(names)
}

fn number(migration: &str) -> Option<usize> {
    let (digits, rest) = migration.split_at_checked(4)?;
    let named = rest.strip_prefix('_')?.strip_suffix(".sql")?;
    (!named.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())).then(|| digits.parse().ok())?
}

fn is_test(name: &str) -> bool {
    name.split('/').any(|part| matches!(part, "tests" | "tests.rs" | "end2end"))
}

/// The part of a Rust file before its tests; other files as they are.
fn product(file: &Source) -> &str {
    let end = if file.name.ends_with(".rs") { file.text.find("\n#[cfg(test)]\nmod tests {") } else { None };
    &file.text[..end.unwrap_or(file.text.len())]
}

fn long_file(file: &Source) -> Option<Finding> {
    let lines = product(file).lines().count();
    let excused = LONG_FILES.iter().any(|(name, _)| *name == file.name);
    (lines > MAX_LINES && !excused).then(|| {
        format!("{} has {lines} lines without its tests: split it by what it does ({MAX_LINES} at most).", file.name)
    })
}

fn sql_findings(file: &Source) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (line, text) in code_lines(product(file)) {
        let upper = text.to_ascii_uppercase();
        if upper.split_whitespace().collect::<Vec<_>>().join(" ").contains("SELECT *") {
            findings.push(format!("{}:{line} selects *: name the columns.", file.name));
        }
        if text.contains("AssertSqlSafe") && !MADE_SQL.iter().any(|(name, _)| *name == file.name) {
            findings.push(format!("{}:{line} vouches for SQL that is not literal: write the query out.", file.name));
        }
    }
    for (line, literal) in format_literals(product(file)) {
        if is_sql(literal) {
            findings.push(format!("{}:{line} formats SQL: write it literally and bind its values.", file.name));
        }
    }
    findings
}

fn raw_html_findings(file: &Source) -> Vec<Finding> {
    let found = code_lines(&file.text).filter(|(_, text)| text.contains("inner_html"));
    found
        .map(|(line, _)| format!("{}:{line} sets inner_html: build the elements with view! instead.", file.name))
        .collect()
}

fn compared_secret_findings(file: &Source) -> Vec<Finding> {
    let compares = |text: &str| text.contains("expose_secret()") && (text.contains(" == ") || text.contains(" != "));
    let found = code_lines(product(file)).filter(|(_, text)| compares(text));
    found.map(|(line, _)| format!("{}:{line} compares a secret: use vault::is_same.", file.name)).collect()
}

/// The lines that are not comments, numbered from one.
fn code_lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let numbered = text.lines().enumerate().map(|(index, line)| (index + 1, line));
    numbered.filter(|(_, line)| !line.trim_start().starts_with("//"))
}

/// The first string literal of every `format!`, with its line.
fn format_literals(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.match_indices("format!(").filter_map(|(at, call)| {
        let rest = text[at + call.len()..].trim_start();
        let opened = rest.trim_start_matches(['r', '#']).strip_prefix('"')?;
        let literal = &opened[..opened.find('"')?];
        Some((text[..at].lines().count().max(1), literal))
    })
}

fn is_sql(literal: &str) -> bool {
    let words: Vec<&str> = literal.split_whitespace().collect();
    let has = |pair: [&str; 2]| words.windows(2).any(|two| two == pair);
    let starts = |word: &str| words.first() == Some(&word);
    let has_word = |word: &str| words.contains(&word);
    (starts("SELECT") && has_word("FROM"))
        || (starts("UPDATE") && has_word("SET"))
        || has(["INSERT", "INTO"])
        || has(["DELETE", "FROM"])
        || has(["ORDER", "BY"])
        || starts("WHERE")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(name: &str, text: &str) -> Source {
        Source { name: name.to_owned(), text: text.to_owned() }
    }

    fn sql(text: &str) -> Vec<Finding> {
        sql_findings(&source("engine/src/store.rs", text))
    }

    #[test]
    fn columns_must_be_named() {
        assert_eq!(sql("query(\"select  * FROM invite\")").len(), 1);
        assert!(sql("query(\"SELECT COUNT(*) FROM invite\")").is_empty());
        assert!(sql("// never SELECT * here").is_empty());
    }

    #[test]
    fn secrets_are_not_compared_as_texts_are() {
        let found = |text: &str| compared_secret_findings(&source("engine/src/token.rs", text)).len();
        assert_eq!(found("if a.expose_secret() == b {}\nlet x = b != key.expose_secret();"), 2);
        assert_eq!(found("is_same(a, b)\n// a.expose_secret() == b\nlet a = b.expose_secret().len();"), 0);
    }

    #[test]
    fn sql_is_never_formatted() {
        assert_eq!(
            sql("let a = 1;\nquery(&format!(\n  \"SELECT id FROM {table}\"))"),
            ["engine/src/store.rs:2 formats SQL: write it literally and bind its values."]
        );
        assert_eq!(sql("format!(r#\"DELETE FROM {t}\"#)").len(), 1);
        assert!(sql("format!(\"Select a stage from {list}\")").is_empty());
        assert_eq!(sql("query(AssertSqlSafe(text))").len(), 1);
    }

    #[test]
    fn the_rules_for_the_product_do_not_bind_its_tests() {
        assert!(sql("fn a() {}\n#[cfg(test)]\nmod tests {\n  const Q: &str = \"SELECT * FROM x\";\n}").is_empty());
    }

    #[test]
    fn raw_html_is_found() {
        let found = raw_html_findings(&source("app/src/page.rs", "view! { <p inner_html=note/> }"));
        assert_eq!(found.len(), 1);
    }

    #[test]
    fn only_the_product_part_of_a_file_counts_for_its_length() {
        let code = "x\n".repeat(MAX_LINES);
        let with_tests = format!("{code}#[cfg(test)]\nmod tests {{\n{code}}}\n");
        assert!(long_file(&source("src/a.rs", &with_tests)).is_none());
        assert!(long_file(&source("src/a.rs", &format!("{code}x\n"))).is_some());
        assert!(is_test("engine/tests/it/story.rs") && is_test("engine/src/invite/tests.rs"));
        assert!(!is_test("engine/src/invite.rs"));
    }

    #[test]
    fn migrations_count_up_by_one() {
        let findings = |names: &[&str]| {
            let migrations = names.iter().map(|name| (*name).to_owned()).collect();
            Sources { files: Vec::new(), migrations }.migrations()
        };
        assert!(findings(&["0001_initial.sql", "0002_note.sql"]).is_empty());
        assert!(findings(&["0001_initial.sql", "0003_note.sql"])[0].contains("0002"));
        assert!(findings(&["0001_a.sql", "0001_b.sql"])[0].contains("0001_b.sql"));
        assert!(findings(&["1_initial.sql"])[0].contains("NNNN"));
    }
}
