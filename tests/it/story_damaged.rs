//! The embedded database's file is damaged, is none, or cannot be written: the program says so and does not
//! start, and what it does start on is whole.

use std::{
    fs::{self, OpenOptions, Permissions},
    io::{Seek as _, SeekFrom, Write as _},
    os::unix::fs::PermissionsExt as _,
    path::PathBuf,
    process::Output,
};

use sqlx::Executor as _;
use tokio::{process::Command, time::timeout};

use crate::{
    nobody,
    program::{Folder, PATIENCE},
};

const PAGE: u64 = 4096;

/// A database with everything in it that a start brings, and people.
async fn used() -> (Folder, PathBuf) {
    let folder = Folder::new();
    let added = folder.add_user("nora@halden.example", "Super Admin").await;
    assert!(added.status.success(), "{added:?}");
    let file = folder.path().join("candilever.db");
    (folder, file)
}

/// The start's complaint, in one sentence; nothing where it starts.
async fn complaint(command: &mut Command) -> Option<String> {
    let mut child = command.spawn().expect("it runs");
    let mut lines = tokio::io::AsyncBufReadExt::lines(tokio::io::BufReader::new(child.stdout.take().expect("a pipe")));
    while let Some(line) = timeout(PATIENCE, lines.next_line()).await.expect("it starts or ends").expect("text") {
        if line.starts_with("Listening on ") {
            child.kill().await.expect("ended");
            return None;
        }
    }
    let output: Output = child.wait_with_output().await.expect("it ended");
    assert_eq!(output.status.code(), Some(3), "{output:?}");
    let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    assert_eq!(said.lines().count(), 1, "{said}");
    Some(said)
}

async fn starts(folder: &Folder) -> Option<String> {
    complaint(&mut folder.command(&["serve"])).await
}

#[tokio::test]
async fn a_damaged_file_is_refused_wherever_the_damage_is() {
    let (whole, file) = used().await;
    // Damage to a page that is free is none.
    nobody::open(&whole).await.execute("VACUUM").await.expect("every page is in use");
    let size = fs::metadata(&file).expect("a file").len();
    assert!(size > 40 * PAGE, "{size}");
    let mut refused = 0;
    for n in 0..20 {
        let folder = Folder::new();
        let copy = folder.path().join("candilever.db");
        fs::copy(&file, &copy).expect("copied");
        fs::copy(file.with_extension("db.key"), copy.with_extension("db.key")).expect("copied");
        let mut damaged = OpenOptions::new().write(true).open(&copy).expect("opened");
        let page = n * (size / PAGE) / 20;
        damaged.seek(SeekFrom::Start(page * PAGE)).expect("there");
        damaged.write_all(&vec![0xa5; usize::try_from(PAGE).expect("small")]).expect("written");
        drop(damaged);
        match starts(&folder).await {
            Some(said) => {
                assert!(said.contains("damaged") && said.contains("restore"), "page {page}: {said}");
                refused += 1;
            }
            None => panic!("it started on a database with a damaged page {page}"),
        }
    }
    assert_eq!(refused, 20);
    assert_eq!(starts(&whole).await, None, "the whole one starts");
}

#[tokio::test]
async fn a_file_that_was_cut_off_or_is_something_else_is_refused() {
    for keep in [1_u64, 100, PAGE, PAGE * 10, PAGE * 10 + 7] {
        let (folder, file) = used().await;
        OpenOptions::new().write(true).open(&file).expect("opened").set_len(keep).expect("cut");
        let said = starts(&folder).await.unwrap_or_else(|| panic!("it started on {keep} bytes"));
        assert!(said.contains("damaged"), "{keep}: {said}");
    }
    let (folder, file) = used().await;
    fs::write(&file, "a letter to somebody, and not a database\n".repeat(200)).expect("written");
    let said = starts(&folder).await.expect("it is refused");
    assert!(said.contains("no database"), "{said}");
}

/// The start as somebody to whom the rights of files apply, even if the tests are root's.
fn as_anybody(folder: &Folder) -> Command {
    let program = folder.command(&["serve"]);
    let mut command = Command::new("setpriv");
    command.args(["--bounding-set=-dac_override,-dac_read_search"]).arg(program.as_std().get_program()).arg("serve");
    command.env_clear().env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
    command.envs(program.as_std().get_envs().filter_map(|(name, value)| Some((name, value?))));
    command.current_dir(folder.path()).stdin(std::process::Stdio::null());
    command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped()).kill_on_drop(true);
    command
}

#[tokio::test]
async fn a_file_or_folder_that_may_not_be_written_is_refused() {
    for (mode_of_file, mode_of_folder) in [(0o400, 0o700), (0o000, 0o700), (0o600, 0o500)] {
        let (folder, file) = used().await;
        for made in ["candilever.db.lock", "candilever.db-wal", "candilever.db-shm"] {
            // Whoever was here before may have left it.
            drop(fs::remove_file(folder.path().join(made)));
        }
        fs::set_permissions(&file, Permissions::from_mode(mode_of_file)).expect("set");
        fs::set_permissions(folder.path(), Permissions::from_mode(mode_of_folder)).expect("set");
        let said = complaint(&mut as_anybody(&folder)).await;
        fs::set_permissions(folder.path(), Permissions::from_mode(0o700)).expect("set");
        let said = said.unwrap_or_else(|| panic!("it started: {mode_of_file:o} {mode_of_folder:o}"));
        assert!(said.contains("cannot be opened") && said.contains("candilever.db"), "{said}");
    }
}
