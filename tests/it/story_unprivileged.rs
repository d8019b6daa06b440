//! The program as it should run: as somebody of no rights, who can write one folder and nothing else.

use std::{
    fs,
    os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown},
    path::Path,
};

use reqwest::StatusCode;
use tokio::process::Command;

use crate::{browser::Browser, program::Folder, volume};

/// Nobody, as systems number them.
const NOBODY: u32 = 65_534;
/// The system is read-only but for the folder, where the program is found too; then every right is given up.
const ALONE: &str = r#"
    mount --make-rprivate / && mount --bind "$FOLDER" "$FOLDER" && mount --bind "$0" "$FOLDER/program" &&
    mount -o remount,bind,ro / && exec setpriv $AS --no-new-privs --bounding-set=-all --inh-caps=-all "$FOLDER/program" serve
"#;
/// What keeps a program from more than its work, in the unit that we hand out.
const UNIT: &str = include_str!("../../deploy/candilever.service");

fn is_root() -> bool {
    fs::metadata("/proc/self").expect("a process").uid() == 0
}

#[tokio::test]
async fn it_serves_as_nobody_on_a_system_that_it_cannot_write_to() {
    let folder = Folder::new();
    fs::create_dir(folder.path().join("volume")).expect("a folder");
    let Some(way) = volume::way(&folder).await else { return };
    folder.add_user("nora@halden.example", "Super Admin").await;
    fs::write(folder.path().join("program"), "").expect("a place for the program");
    if is_root() {
        for entry in fs::read_dir(folder.path()).expect("a folder") {
            chown(entry.expect("an entry").path(), Some(NOBODY), Some(NOBODY)).expect("theirs");
        }
        chown(folder.path(), Some(NOBODY), Some(NOBODY)).expect("theirs");
    }
    let program = folder.command(&["serve"]);
    let mut command = Command::new("unshare");
    command.args(way).args(["sh", "-c", ALONE]).arg(program.as_std().get_program());
    let here = folder.path().display().to_string();
    // Whoever is nobody already only looks like root within.
    let (who, as_root) = if is_root() { ("--reuid=65534 --regid=65534 --clear-groups", "") } else { ("", "true") };
    let settings = [("FOLDER", here.as_str()), ("AS", who), ("CANDILEVER_AS_ROOT", as_root)];
    let program = folder.listening_in_place_of(&program, command, &settings).await;

    let of = |what: &str| fs::read_to_string(format!("/proc/{}/{what}", program.id())).expect("it runs");
    let status = of("status");
    let line = |name: &str| status.lines().find_map(|line| line.strip_prefix(name)).expect("a line").trim().to_owned();
    assert_eq!((line("CapEff:").as_str(), line("CapBnd:").as_str()), ("0000000000000000", "0000000000000000"));
    assert_eq!(line("NoNewPrivs:"), "1");
    assert_ne!(line("Uid:").split_whitespace().nth(1), Some("0"), "it is not root's");
    let mounts = of("mounts");
    let root = mounts.lines().find(|line| line.split(' ').nth(1) == Some("/")).expect("a root");
    assert!(root.split(' ').nth(3).is_some_and(|how| how.split(',').any(|one| one == "ro")), "{root}");

    let mut nora = Browser::signed_in(&program, "nora@halden.example").await;
    assert_eq!(nora.get(&program, "/candidates").await.status(), StatusCode::OK);
    let saved =
        nora.press(&program, "/settings/team", "/api/invite_person", &[("email", "a@b.example"), ("role", "admin")]);
    assert!(saved.await.status().is_redirection(), "it writes its database");
}

#[tokio::test]
async fn whatever_it_writes_is_its_users_alone_however_loose_the_system_is() {
    let folder = Folder::new();
    let program = folder.command(&["serve"]);
    let mut command = Command::new("sh");
    command.args(["-c", "umask 000; exec \"$0\" serve"]).arg(program.as_std().get_program());
    let mut server = folder.listening_in_place_of(&program, command, &[]).await;
    folder.add_user("nora@halden.example", "Super Admin").await;
    let mut nora = Browser::signed_in(&server, "nora@halden.example").await;
    assert_eq!(nora.get(&server, "/").await.status(), StatusCode::OK);
    let backup = folder.run(&["backup", "a.backup"]).await;
    assert!(backup.status.success(), "{}", String::from_utf8_lossy(&backup.stderr));
    let files = |at: &Path| {
        let all = fs::read_dir(at).expect("a folder").map(|entry| entry.expect("an entry").path());
        all.filter(|path| path.is_file()).collect::<Vec<_>>()
    };
    let made = files(folder.path());
    assert!(made.len() >= 5, "{made:?}");
    for file in &made {
        let mode = file.metadata().expect("a file").permissions().mode();
        assert_eq!(mode & 0o077, 0, "{}: {mode:o}", file.display());
    }
    // One that somebody opened to others is closed at the next start.
    server.signal("TERM").await;
    server.ended().await;
    let database = folder.path().join("candilever.db");
    fs::set_permissions(&database, fs::Permissions::from_mode(0o644)).expect("set");
    let _again = folder.serve().await;
    assert_eq!(database.metadata().expect("a file").permissions().mode() & 0o777, 0o600);
}

#[tokio::test]
async fn root_is_refused_unless_told() {
    let folder = Folder::new();
    let mut command = folder.command(&["serve"]);
    if !is_root() {
        let tells = folder.serve_with(&[("CANDILEVER_AS_ROOT", "")]).await;
        assert!(tells.id() > 0, "somebody else need not be told");
        return;
    }
    for said in ["", "false", "0", "no"] {
        let output = command.env("CANDILEVER_AS_ROOT", said).output().await.expect("it runs");
        let complaint = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{said:?}: {complaint}");
        assert!(complaint.contains("root") && complaint.contains("CANDILEVER_AS_ROOT"), "{complaint}");
        assert_eq!(complaint.trim().lines().count(), 1, "{complaint}");
    }
    assert!(!folder.path().join("candilever.db").exists(), "nothing was made");
}

#[test]
fn the_unit_takes_every_right_away_that_it_can() {
    let lines: Vec<_> = UNIT.lines().collect();
    for line in [
        "User=candilever",
        "UMask=0077",
        "StateDirectoryMode=0700",
        "CapabilityBoundingSet=",
        "NoNewPrivileges=yes",
        "ProtectSystem=strict",
        "ProtectHome=yes",
        "PrivateTmp=yes",
        "PrivateDevices=yes",
        "MemoryDenyWriteExecute=yes",
        "SystemCallArchitectures=native",
        "SystemCallFilter=@system-service",
        "RestrictNamespaces=yes",
    ] {
        assert!(lines.contains(&line), "{line}");
    }
}
