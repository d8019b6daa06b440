//! PostgreSQL's own tools, which make and restore its backups.

use std::{io::ErrorKind, path::Path, process::Stdio};

use tokio::process::Command;
use url::Url;

use crate::command::Failure;

/// Dumps the database that `url` names into `file`.
pub(super) async fn dump(url: &str, file: &Path) -> Result<(), Failure> {
    let mut command = tool("pg_dump", url)?;
    command.arg("--format=custom").arg("--no-owner").arg("--file").arg(file);
    run("pg_dump", command).await
}

/// Restores what [`dump`] wrote, all or nothing, in the place of what is there.
pub(super) async fn restore(url: &str, file: &Path) -> Result<(), Failure> {
    let mut command = tool("pg_restore", url)?;
    command.args(["--clean", "--if-exists", "--no-owner", "--single-transaction", "--exit-on-error"]).arg(file);
    run("pg_restore", command).await
}

/// The tool, told where the database is; the password does not stand on the command line.
fn tool(name: &str, url: &str) -> Result<Command, Failure> {
    let mut url =
        Url::parse(url).map_err(|_| Failure::Usage("CANDILEVER_DATABASE_URL: it is not an address.".into()))?;
    let mut command = Command::new(name);
    if let Some(password) = url.password() {
        command.env("PGPASSWORD", percent_decoded(password));
        url.set_password(None).expect("an address with a password has a host to have it for");
    }
    command.arg("--dbname").arg(url.as_str()).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    Ok(command)
}

fn percent_decoded(text: &str) -> String {
    let whole = format!("p={}", text.replace('+', "%2B"));
    url::form_urlencoded::parse(whole.as_bytes()).next().map(|(_, value)| value.into_owned()).unwrap_or_default()
}

async fn run(name: &str, mut command: Command) -> Result<(), Failure> {
    match command.output().await {
        Ok(output) if output.status.success() => Ok(()),
        Ok(output) => {
            let words = String::from_utf8_lossy(&output.stderr);
            Err(Failure::Database(format!("{name} failed: {}", words.trim())))
        }
        Err(error) if error.kind() == ErrorKind::NotFound => Err(Failure::Usage(format!(
            "{name} is missing: install PostgreSQL's client programs (on Debian: postgresql-client)."
        ))),
        Err(error) => Err(Failure::Broken(format!("{name} cannot be run: {error}."))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_password_stands_in_the_environment_and_not_on_the_command_line() {
        let command = tool("pg_dump", "postgres://me:s%40+crEt@db.example/candilever").expect("an address");
        let command = command.as_std();
        let arguments: Vec<_> = command.get_args().map(|argument| argument.to_string_lossy()).collect();
        assert_eq!(arguments, ["--dbname", "postgres://me@db.example/candilever"]);
        let password = command.get_envs().find(|(name, _)| *name == "PGPASSWORD").and_then(|(_, value)| value);
        assert_eq!(password.expect("set"), "s@+crEt");
    }
}
