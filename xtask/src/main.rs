//! The workspace's own tool: builds the site that the server serves, and checks the repository's rules.
//!
//! Called as `cargo xtask …` by people and by the scripts. It installs nothing and needs no network.

mod bill;
mod check;
mod site;
mod step;
mod workspace;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Result, bail};

use crate::site::{Mode, Parts};
use crate::workspace::Workspace;

const HELP: &str = "\
Usage: cargo xtask COMMAND

Commands:
  build [--release] [--site DIR] [--site-only]
            Builds the site (WASM, JavaScript, CSS, public files) and then the server.
            --release    optimised, with pre-compressed files, and a table of sizes at the end
            --site DIR   where the site goes; the server looks in the default, target/site
            --site-only  leaves the server out
  size [--site DIR]
            Prints the sizes of a site that was built before.
  check     Checks licences, banned and duplicate crates, the direction of dependencies, the sources
            and the migrations. Each finding says what to do.
  bill      Prints the bill of materials of the program, as CycloneDX.
  help      Prints this.
";

enum Command {
    Build { mode: Mode, parts: Parts, site: Option<PathBuf> },
    Size { site: Option<PathBuf> },
    Check,
    Bill,
    Help,
}

fn main() -> ExitCode {
    match parse(std::env::args().skip(1)).and_then(run) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> Result<ExitCode> {
    match command {
        Command::Help => print!("{HELP}"),
        Command::Build { mode, parts, site } => site::build(&Workspace::find()?, mode, parts, site)?,
        Command::Size { site } => site::print_sizes(&Workspace::find()?, site)?,
        Command::Bill => bill::print(&Workspace::find()?)?,
        Command::Check => return check::run(&Workspace::find()?),
    }
    Ok(ExitCode::SUCCESS)
}

fn parse(mut args: impl Iterator<Item = String>) -> Result<Command> {
    let Some(name) = args.next() else { return Ok(Command::Help) };
    let flags = Flags::parse(args)?;
    match name.as_str() {
        "build" => Ok(Command::Build { mode: flags.mode, parts: flags.parts, site: flags.site }),
        "size" => Ok(Command::Size { site: flags.site }),
        "check" => Ok(Command::Check),
        "bill" => Ok(Command::Bill),
        "help" | "--help" | "-h" => Ok(Command::Help),
        other => bail!("there is no command `{other}`; `cargo xtask help` lists them"),
    }
}

struct Flags {
    mode: Mode,
    parts: Parts,
    site: Option<PathBuf>,
}

impl Flags {
    fn parse(mut args: impl Iterator<Item = String>) -> Result<Self> {
        let mut flags = Self { mode: Mode::Debug, parts: Parts::SiteAndServer, site: None };
        while let Some(arg) = args.next() {
            match arg.as_str() {
                "--release" => flags.mode = Mode::Release,
                "--site-only" => flags.parts = Parts::SiteOnly,
                "--site" => match args.next() {
                    Some(dir) => flags.site = Some(dir.into()),
                    None => bail!("--site needs the name of a folder"),
                },
                other => bail!("the argument `{other}` is not known; `cargo xtask help` lists them"),
            }
        }
        Ok(flags)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Result<Command> {
        parse(line.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn a_release_build_takes_its_folder_from_the_command_line() {
        let command = parsed("build --release --site /tmp/s --site-only").unwrap();
        let Command::Build { mode, parts, site } = command else { panic!("not a build") };
        assert_eq!((mode, parts), (Mode::Release, Parts::SiteOnly));
        assert_eq!(site, Some("/tmp/s".into()));
    }

    #[test]
    fn what_is_not_known_is_refused_by_name() {
        let error = |line| parsed(line).err().map(|e| e.to_string()).unwrap();
        assert!(error("deploy").contains("`deploy`"));
        assert!(error("build --fast").contains("`--fast`"));
        assert!(error("build --site").contains("--site"));
    }
}
