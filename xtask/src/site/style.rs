//! `style/main.css` with all that it imports, as one minified file.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, anyhow};
use lightningcss::bundler::{Bundler, FileProvider};
use lightningcss::printer::PrinterOptions;
use lightningcss::stylesheet::{MinifyOptions, ParserOptions};

use crate::step::kilobytes;
use crate::workspace::Workspace;

/// Bundles the style sheet into `out/main.css`.
pub fn bundle(workspace: &Workspace, out: &Path) -> Result<((), String)> {
    let css = bundled(&workspace.root.join("style/main.css"))?;
    fs::write(out.join("main.css"), &css)?;
    Ok(((), kilobytes(css.len())))
}

fn bundled(entry: &Path) -> Result<String> {
    let files = FileProvider::new();
    let mut sheet = Bundler::new(&files, None, ParserOptions::default())
        .bundle(entry)
        .map_err(|error| anyhow!("{error}"))
        .with_context(|| format!("cannot bundle {}", entry.display()))?;
    sheet.minify(MinifyOptions::default()).map_err(|error| anyhow!("cannot minify the CSS: {error}"))?;
    let printed = sheet
        .to_css(PrinterOptions { minify: true, ..PrinterOptions::default() })
        .map_err(|error| anyhow!("cannot print the CSS: {error}"))?;
    Ok(printed.code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn imports_become_one_sheet_in_their_layers() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("main.css"), "@layer base;\n@import \"base.css\" layer(base);\n").unwrap();
        fs::write(folder.path().join("base.css"), "body {\n  margin: 0px;\n}\n").unwrap();
        assert_eq!(bundled(&folder.path().join("main.css")).unwrap(), "@layer base{body{margin:0}}");
    }

    #[test]
    fn a_missing_import_is_named() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("main.css"), "@import \"gone.css\";").unwrap();
        let error = format!("{:#}", bundled(&folder.path().join("main.css")).unwrap_err());
        assert!(error.contains("main.css"), "{error}");
    }
}
