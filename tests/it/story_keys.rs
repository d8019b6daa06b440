//! Rotating the data keys, as whoever runs the installation does it.

use std::{
    path::{Path, PathBuf},
    process::Output,
};

use base64::{Engine as _, engine::general_purpose::STANDARD};

use crate::halden::{Halden, until};

fn said(output: &Output) -> Vec<String> {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect()
}

async fn invited(halden: &Halden, name: &str, count: usize) {
    let email = format!("{}@mail.example", name.to_lowercase());
    let opportunity = halden.applies(&format!("{name} Example"), &email).await;
    halden.moves(&opportunity).await;
    until("the invite is sent", async || halden.sent().await.len() == count).await;
    until("the note is written", async || halden.notes(&opportunity).await.len() == 1).await;
}

#[tokio::test]
async fn keys_are_rotated_beside_a_server_that_runs_and_without_one() {
    let mut halden = Halden::new().await;
    let program = halden.start().await;
    halden.set_up(&program).await;
    invited(&halden, "Ada", 1).await;
    let beside = said(&halden.run(&["keys", "rotate"]).await);
    assert_eq!(beside[0], "Data key 2 is made.");
    assert!(beside[1].starts_with("Waiting 45 seconds"), "{beside:?}");
    assert!(beside[2].starts_with("Secrets sealed with it: "), "{beside:?}");
    // Token, signature token and the provider's key: the server opens all of them.
    invited(&halden, "Bo", 2).await;
    halden.stop(program).await;
    let alone = said(&halden.run(&["keys", "rotate"]).await);
    assert_eq!((alone[0].as_str(), alone.len()), ("Data key 3 is made.", 2), "nobody is waited for");
    let _program = halden.start().await;
    invited(&halden, "Cy", 3).await;
}

/// The key file beside the database.
fn key_file(halden: &Halden) -> PathBuf {
    let entries = std::fs::read_dir(halden.folder.path()).expect("a folder");
    let mut keys =
        entries.map(|entry| entry.expect("an entry").path()).filter(|path| path.extension() == Some("key".as_ref()));
    keys.next().expect("a key file")
}

fn read(file: &Path) -> String {
    std::fs::read_to_string(file).expect("readable")
}

#[tokio::test]
async fn the_master_key_is_changed_beside_a_server_that_runs_and_the_old_one_opens_nothing() {
    let mut halden = Halden::new().await;
    let program = halden.start().await;
    halden.set_up(&program).await;
    invited(&halden, "Ada", 1).await;
    let key_file = key_file(&halden);
    let old = read(&key_file);
    let told = said(&halden.run(&["keys", "rewrap"]).await);
    assert!(told[0].starts_with("The key file has a new master key."), "{told:?}");
    let new = read(&key_file);
    assert_ne!(old, new);
    // The server that runs knows the data keys, which are the same.
    invited(&halden, "Bo", 2).await;
    halden.stop(program).await;

    std::fs::write(&key_file, &old).expect("written");
    let refused = halden.run(&["doctor"]).await;
    let why = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(!refused.status.success() && why.contains("the master key is not the one"), "{why}");

    // Interrupted after the database knew the new key, and before the file had it.
    let next = key_file.with_extension("key.next");
    std::fs::write(&next, &new).expect("written");
    let refused = halden.run(&["doctor"]).await;
    let why = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(why.contains("A change of the master key was interrupted: `candilever keys rewrap` ends it."), "{why}");
    said(&halden.run(&["keys", "rewrap"]).await);
    assert_eq!((read(&key_file), next.exists()), (new.clone(), false));

    // Interrupted before the database knew it.
    let third = STANDARD.encode([3; 32]);
    std::fs::write(&next, &third).expect("written");
    said(&halden.run(&["keys", "rewrap"]).await);
    assert_eq!(read(&key_file).trim(), third);
    let _program = halden.start().await;
    invited(&halden, "Cy", 3).await;
}

#[tokio::test]
async fn a_master_key_of_the_environment_is_changed_to_another() {
    let mut halden = Halden::new().await;
    let one = halden.folder.path().join("one");
    std::fs::rename(key_file(&halden), &one).expect("moved");
    let other = halden.folder.path().join("other");
    std::fs::write(&other, STANDARD.encode([2; 32])).expect("written");
    let other = other.display().to_string();
    halden.set("CANDILEVER_MASTER_KEY_FILE", &one.display().to_string());
    let program = halden.start().await;
    halden.set_up(&program).await;
    halden.stop(program).await;
    let refused = halden.run(&["keys", "rewrap"]).await;
    assert!(String::from_utf8_lossy(&refused.stderr).contains("CANDILEVER_NEW_MASTER_KEY_FILE: it is missing"));
    let told = said(&halden.run(&["keys", "rewrap", "--new-master-key-file", &other]).await);
    assert!(told[0].starts_with("Data keys wrapped with the new master key: 1."), "{told:?}");
    let refused = halden.run(&["doctor"]).await;
    assert!(String::from_utf8_lossy(&refused.stderr).contains("the master key is not the one"), "the old one");
    halden.set("CANDILEVER_MASTER_KEY_FILE", &other);
    let _program = halden.start().await;
    invited(&halden, "Ada", 1).await;
}
