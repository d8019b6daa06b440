//! PostgreSQL's own tools, which make and restore its backups.

use std::{
    io::{self, ErrorKind},
    path::Path,
    process::{Output, Stdio},
};

use tokio::{
    io::AsyncWriteExt as _,
    process::{Child, ChildStdin, ChildStdout, Command},
};
use url::Url;

use crate::command::Failure;

/// Dumps the database that `url` names into `file`.
pub(super) async fn dump(url: &str, file: &Path) -> Result<(), Failure> {
    let mut command = tool("pg_dump", url)?;
    command.arg("--format=custom").arg("--no-owner").arg("--file").arg(file);
    run("pg_dump", command).await
}

/// The version of the schema that a backup is of.
pub(super) async fn schema_of(file: &Path) -> Result<i64, Failure> {
    let mut reader = Command::new("pg_restore");
    reader.args(["--data-only", "--table", "_sqlx_migrations", "--file", "-"]).arg(file);
    let output = reader.output().await.map_err(|error| unstarted("pg_restore", &error))?;
    let statements = String::from_utf8_lossy(&output.stdout).into_owned();
    ended("pg_restore", Ok(output))?;
    newest_of(&statements).ok_or_else(|| Failure::Refused(format!("{} is no backup of Candilever's.", file.display())))
}

/// The first column of what is copied into the table of migrations is their version.
fn newest_of(statements: &str) -> Option<i64> {
    let rows = statements.lines().skip_while(|line| !line.starts_with("COPY ")).skip(1);
    rows.take_while(|line| *line != "\\.").filter_map(|line| line.split('\t').next()?.parse().ok()).max()
}

/// Drops whatever tables there are beside `_sqlx_migrations`: those of a newer schema than the backup's, too, which it
/// does not know to drop.
const EMPTY: &str = "BEGIN;
    DO $$ DECLARE name text; BEGIN
        FOR name IN SELECT c.oid::regclass::text FROM pg_class c
            WHERE c.relkind IN ('r', 'p')
                AND c.relnamespace = (SELECT relnamespace FROM pg_class WHERE oid = to_regclass('_sqlx_migrations'))
        LOOP
            EXECUTE 'DROP TABLE IF EXISTS ' || name || ' CASCADE';
        END LOOP;
    END $$;
";

/// Restores what [`dump`] wrote, all or nothing, in the place of what is there.
pub(super) async fn restore(url: &str, file: &Path) -> Result<(), Failure> {
    let mut reader = Command::new("pg_restore");
    reader.args(["--clean", "--if-exists", "--no-owner", "--file", "-"]).arg(file);
    reader.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut writer = tool("psql", url)?;
    writer.args(["--no-psqlrc", "--quiet", "--set", "ON_ERROR_STOP=1"]).stdin(Stdio::piped());
    let mut reader = reader.kill_on_drop(true).spawn().map_err(|error| unstarted("pg_restore", &error))?;
    let mut writer = writer.kill_on_drop(true).spawn().map_err(|error| unstarted("psql", &error))?;
    let (from, to) = (reader.stdout.take(), writer.stdin.take());
    let (read, written) = tokio::join!(carry(reader, from, to), writer.wait_with_output());
    ended("psql", written)?;
    let (read, carried) = read;
    ended("pg_restore", read)?;
    carried.map_err(|error| Failure::Broken(format!("The backup was not carried over: {error}.")))
}

/// Carries the statements over. They count only once the last of them came, and none is missing: a writer that hears no
/// COMMIT leaves everything as it was.
async fn carry(
    reader: Child,
    from: Option<ChildStdout>,
    to: Option<ChildStdin>,
) -> (io::Result<Output>, io::Result<()>) {
    let (mut from, mut to) = (from.expect("it was piped"), to.expect("it was piped"));
    let copied = async {
        to.write_all(EMPTY.as_bytes()).await?;
        let copied = tokio::io::copy(&mut from, &mut to).await;
        // Whoever still writes is not heard any more.
        drop(from);
        copied.map(drop)
    };
    let (copied, read) = tokio::join!(copied, reader.wait_with_output());
    let is_whole = copied.is_ok() && read.as_ref().is_ok_and(|output| output.status.success());
    let committed = if is_whole { to.write_all(b"\nCOMMIT;\n").await } else { Ok(()) };
    (read, copied.and(committed))
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
    ended(name, command.output().await)
}

fn ended(name: &str, outcome: io::Result<Output>) -> Result<(), Failure> {
    let output = outcome.map_err(|error| unstarted(name, &error))?;
    if output.status.success() {
        return Ok(());
    }
    let words = String::from_utf8_lossy(&output.stderr);
    Err(Failure::Database(format!("{name} failed: {}", words.trim())))
}

fn unstarted(name: &str, error: &io::Error) -> Failure {
    if error.kind() == ErrorKind::NotFound {
        return Failure::Usage(format!(
            "{name} is missing: install PostgreSQL's client programs (on Debian: postgresql-client)."
        ));
    }
    Failure::Broken(format!("{name} cannot be run: {error}."))
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
