//! A small volume of the program's own, which a test fills and empties: a file system in memory that only
//! the program's process has mounted. Where the system lets nobody mount, it says so.

use std::{
    fs::{self, File},
    io::{ErrorKind, Write as _},
    os::fd::AsRawFd as _,
    path::{Path, PathBuf},
};

use tokio::process::Command;

use crate::program::{Folder, Program};

const SIZE: &str = "size=32m";
const FILLER: &str = "filler";

/// The words that start a command with a mount table of its own: root's first, then anybody's.
const WAYS: [&[&str]; 2] = [&["--mount"], &["--user", "--map-root-user", "--mount"]];

/// The volume, which lives as long as this holds its folder open.
pub struct Volume(File);

impl Volume {
    /// The folder as this process reaches it.
    fn path(&self) -> PathBuf {
        PathBuf::from(format!("/proc/self/fd/{}", self.0.as_raw_fd()))
    }

    /// Writes until nothing fits any more.
    pub fn fill(&self) {
        let mut filler = File::create(self.path().join(FILLER)).expect("a file");
        for size in [1 << 16, 1 << 12, 1] {
            let error = loop {
                if let Err(error) = filler.write_all(&vec![0; size]) {
                    break error;
                }
            };
            assert_eq!(error.kind(), ErrorKind::StorageFull, "{error}");
        }
    }

    pub fn make_room(&self) {
        fs::remove_file(self.path().join(FILLER)).expect("removed");
    }

    /// Copies the database out, once nobody writes there any more; answers its address.
    pub fn database(&self, folder: &Folder) -> String {
        for name in ["candilever.db", "candilever.db-wal"] {
            let from = self.path().join(name);
            if from.exists() {
                fs::copy(from, folder.path().join(name)).expect("copied");
            }
        }
        format!("sqlite://{}/candilever.db", folder.path().display())
    }
}

/// A folder whose database is to lie on a volume.
pub fn folder() -> Folder {
    let folder = Folder::new();
    fs::create_dir(place(folder.path())).expect("a folder");
    let url = format!("sqlite://{}/candilever.db", place(folder.path()).display());
    Folder(folder.0, Some(url))
}

fn place(folder: &Path) -> PathBuf {
    folder.join("volume")
}

/// How this user may mount; says so where nobody may.
pub async fn way(folder: &Folder) -> Option<&'static [&'static str]> {
    for way in WAYS {
        let mut command = Command::new("unshare");
        command.args(way).args(["mount", "-t", "tmpfs", "-o", SIZE, "tmpfs"]).arg(place(folder.path()));
        if command.output().await.is_ok_and(|output| output.status.success()) {
            return Some(way);
        }
    }
    // Past the test runner, which keeps what a passing test prints to itself.
    writeln!(std::io::stderr(), "skipped: this user may mount no volume, not even one of its own").expect("written");
    None
}

/// Starts the server with its database's folder on a volume of that size, which has what was in the folder.
pub async fn serve(folder: &Folder, way: &[&str], settings: &[(&str, &str)]) -> (Program, Volume) {
    let mount = format!(
        "cp -a volume aside && mount -t tmpfs -o {SIZE} tmpfs volume && cp -a aside/. volume/ && exec \"$0\" serve"
    );
    let program = folder.command(&["serve"]);
    let mut command = Command::new("unshare");
    command.args(way).args(["sh", "-c", &mount]).arg(program.as_std().get_program());
    let program = folder.listening_in_place_of(&program, command, settings).await;
    let there = format!("/proc/{}/root{}", program.id(), place(folder.path()).display());
    let volume = Volume(File::open(there).expect("the volume"));
    (program, volume)
}
