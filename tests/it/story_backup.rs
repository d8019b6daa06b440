//! Backup, restore and doctor, as whoever runs the installation uses them.

use std::{path::Path, process::Output};

use serde_json::json;

use crate::halden::{A_SLOW_RATE, Halden, STAGE, WITHOUT_A_RATE, until};

#[tokio::test]
async fn a_backup_made_under_way_is_put_back_and_nobody_is_invited_twice() {
    let mut halden = Halden::new().await;
    let program = halden.start().await;
    halden.set_up(&program).await;
    let ada = halden.applies("Ada Berg", "ada@mail.example").await;
    halden.moves(&ada).await;
    until("the first is sent", async || halden.sent().await.len() == 1).await;

    let file = halden.folder.path().join("monday.backup");
    let backup = halden.run(&["backup", name(&file)]).await;
    assert!(backup.status.success(), "{}", complaint(&backup));
    let again = halden.run(&["backup", name(&file)]).await;
    assert_eq!(again.status.code(), Some(2), "a backup is never written over");

    let bo = halden.applies("Bo Lund", "bo@mail.example").await;
    halden.moves(&bo).await;
    until("the second is sent", async || halden.sent().await.len() == 2).await;

    let beside = halden.run(&["restore", name(&file), "--replace"]).await;
    assert_eq!(beside.status.code(), Some(3), "not beside a running server");
    halden.stop(program).await;
    let taken = halden.run(&["restore", name(&file)]).await;
    assert_eq!(taken.status.code(), Some(4), "not over a database unless told to");
    let restored = halden.run(&["restore", name(&file), "--replace"]).await;
    assert!(restored.status.success(), "{}", complaint(&restored));

    let program = halden.start().await;
    halden.sign_in(&program).await;
    let list = halden.nora.get(&program, "/candidates").await.text().await.expect("text");
    assert!(list.contains("Ada Berg") && !list.contains("Bo Lund"), "as on Monday");
    assert!(list.contains("A backup was put back, and the installation is paused since"), "{list}");
    halden.submits("ada@mail.example", 87).await;
    let found = halden.run(&["doctor"]).await;
    assert!(said(&found).contains("look   A backup was put back, and it is paused since"), "{}", said(&found));
    assert!(!halden.notes(&ada).await.iter().any(|note| note.contains("Score: 87/100")), "nothing is noted");
    resumes(&halden, "Resumed: ").await;
    resumes(&halden, "It was not paused: ").await;
    let told = async || halden.notes(&ada).await.iter().any(|note| note.contains("Score: 87/100"));
    until("the first one's result comes", told).await;
    assert_eq!(halden.sent().await.len(), 2, "nobody was invited twice");
}

#[tokio::test]
async fn backups_made_one_after_another_under_load_are_whole_and_any_of_them_can_be_put_back() {
    let mut halden = Halden::new().await;
    let program = halden.start().await;
    halden.set_up(&program).await;
    halden.at_rate(A_SLOW_RATE).await;
    let made = halden.lever("/sandbox/candidates/bulk", json!({ "n": 60, "posting": "Python Developer" })).await;
    let everybody = json!({ "opportunities": made["opportunities"], "stage": STAGE });
    halden.lever("/sandbox/bulk-move", everybody).await;
    let mut files = Vec::new();
    for n in 0..6 {
        let file = halden.folder.path().join(format!("{n}.backup"));
        // It is checked for being whole before it gets its name.
        let backup = halden.run(&["backup", name(&file)]).await;
        assert!(backup.status.success(), "{}", complaint(&backup));
        files.push(file);
    }
    until("some are sent", async || halden.sent().await.len() > 3).await;
    assert!(halden.sent().await.len() < 60, "it is in the middle of the work");
    halden.stop(program).await;

    let restored = halden.run(&["restore", name(&files[3]), "--replace"]).await;
    assert!(restored.status.success(), "{}", complaint(&restored));
    halden.at_rate(WITHOUT_A_RATE).await;
    let _again = halden.start().await;
    resumes(&halden, "Resumed: ").await;
    // Whoever comes after it gets a turn when all that was restored has had one.
    let last = halden.applies("Last Example", "last@mail.example").await;
    halden.moves(&last).await;
    until("the work goes on", async || !halden.notes(&last).await.is_empty()).await;
    let mut invited: Vec<String> = halden.sent().await.iter().map(|invite| invite["candidate"].to_string()).collect();
    let all = invited.len();
    invited.sort();
    invited.dedup();
    assert_eq!(invited.len(), all, "nobody was invited twice");
}

#[tokio::test]
async fn a_restore_of_something_else_leaves_everything_as_it_was() {
    let halden = Halden::new().await;
    let program = halden.start().await;
    halden.stop(program).await;
    let file = halden.folder.path().join("no.backup");
    std::fs::write(&file, "something else").expect("written");
    let refused = halden.run(&["restore", name(&file), "--replace"]).await;
    assert_eq!(refused.status.code(), Some(4), "{}", complaint(&refused));
    let mut halden = halden;
    let program = halden.start().await;
    halden.sign_in(&program).await;
    let names = std::fs::read_dir(halden.folder.path()).expect("a folder").map(|entry| entry.expect("one").file_name());
    assert!(names.into_iter().all(|name| !name.to_string_lossy().contains("restoring")), "nothing is left behind");
}

#[tokio::test]
async fn the_doctor_says_what_is_well_and_what_is_not() {
    let mut halden = Halden::new().await;
    let nothing = halden.run(&["doctor"]).await;
    assert_eq!(nothing.status.code(), Some(0), "nothing is wrong, all is to be done: {}", said(&nothing));
    let program = halden.start().await;
    halden.set_up(&program).await;
    let well = halden.run(&["doctor"]).await;
    assert!(well.status.success(), "{}", said(&well));
    for line in ["ok     The master key opens the stored secrets.", "ok     Lever answers now."] {
        assert!(said(&well).lines().any(|other| other == line), "{line}: {}", said(&well));
    }
    halden.revoke_access().await;
    let ill = halden.run(&["doctor"]).await;
    assert_eq!(ill.status.code(), Some(1));
    assert!(said(&ill).lines().any(|line| line.starts_with("wrong  ")), "{}", said(&ill));
}

async fn resumes(halden: &Halden, answer: &str) {
    let resumed = halden.run(&["resume"]).await;
    assert!(resumed.status.success() && said(&resumed).starts_with(answer), "{}", said(&resumed));
}

fn name(file: &Path) -> &str {
    file.to_str().expect("a plain name")
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn complaint(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[tokio::test]
async fn whoever_runs_it_may_pause_it_beside_running_servers() {
    let mut halden = Halden::new().await;
    let program = halden.start().await;
    halden.set_up(&program).await;
    for answer in ["Paused. ", "It was paused already. "] {
        let paused = halden.run(&["pause"]).await;
        assert!(paused.status.success() && said(&paused).starts_with(answer), "{}", said(&paused));
    }
    let ada = halden.applies("Ada Berg", "ada@mail.example").await;
    halden.moves(&ada).await;
    let page = halden.nora.get(&program, "/candidates").await.text().await.expect("text");
    assert!(page.contains("The installation is paused since") && page.contains("candilever resume"), "{page}");
    assert_eq!(halden.sent().await.len(), 0);
    // A server that starts is paused as those that run are.
    halden.stop(program).await;
    let _again = halden.start().await;
    resumes(&halden, "Resumed: ").await;
    until("what came in goes out", async || halden.sent().await.len() == 1).await;
}
