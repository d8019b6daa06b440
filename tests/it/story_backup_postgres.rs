//! Backups on PostgreSQL, made while two servers work and webhooks arrive, and put back elsewhere.

use std::{collections::BTreeSet, path::PathBuf, process::Output};

use serde_json::{Value, json};
use sqlx::{AnyConnection, Connection as _};
use tokio::process::Command;

use crate::{
    corpus,
    halden::{A_SLOW_RATE, Halden, STAGE, WITHOUT_A_RATE, until},
    postgres,
    program::{MASTER_KEY, Program},
};

const BATCH: usize = 12;
const BACKUPS: usize = 4;
const LEVER_PAGE: &str = "/settings/integrations/lever";

/// A backup, and whom it must know: whose webhook was answered 2xx before it was begun.
struct Backup {
    file: PathBuf,
    answered: BTreeSet<String>,
}

/// Candidates apply and are moved at once.
async fn some_move(halden: &Halden, batch: usize) {
    let prefix = format!("Candidate {batch}");
    let made = json!({ "n": BATCH, "posting": "Python Developer", "prefix": prefix });
    let made = halden.lever("/sandbox/candidates/bulk", made).await;
    halden.lever("/sandbox/bulk-move", json!({ "opportunities": made["opportunities"], "stage": STAGE })).await;
}

async fn answered(halden: &Halden) -> BTreeSet<String> {
    let state = halden.lever_state().await;
    let all = state["deliveries"].as_array().expect("a list");
    let taken = all.iter().filter(|one| one["event"] == "candidateStageChange" && one["state"] == "delivered");
    taken.filter_map(|one| one["data"]["opportunityId"].as_str()).map(str::to_owned).collect()
}

/// One backup after another, each while the next candidates are moved.
async fn backups(halden: &Halden) -> Vec<Backup> {
    let mut all = Vec::new();
    for n in 0..BACKUPS {
        let file = halden.folder.path().join(format!("{n}.backup"));
        let name = file.to_str().expect("a plain name").to_owned();
        let answered = answered(halden).await;
        let arguments = ["backup", name.as_str()];
        let (made, ()) = tokio::join!(halden.run(&arguments), some_move(halden, n + 1));
        assert!(made.status.success(), "{}", complaint(&made));
        all.push(Backup { file, answered });
    }
    all
}

/// Puts a backup back in a database that has nothing in it.
async fn put_back(halden: &mut Halden, server: &str, backup: &Backup) {
    halden.folder = postgres::empty(server).await;
    let restored = halden.run(&["restore", backup.file.to_str().expect("a plain name")]).await;
    assert!(restored.status.success(), "{}", complaint(&restored));
}

/// Nothing that was answered is missing, and nothing is there by halves.
async fn is_whole(halden: &Halden, backup: &Backup) {
    sqlx::any::install_default_drivers();
    let mut database = AnyConnection::connect(&halden.folder.database_url()).await.expect("it opens");
    let known: Vec<String> = sqlx::query_scalar("SELECT subject_id FROM deliveries WHERE source = 'lever'")
        .fetch_all(&mut database)
        .await
        .expect("messages");
    let known: BTreeSet<String> = known.into_iter().collect();
    assert!(backup.answered.is_subset(&known), "answered and not there: {:?}", backup.answered.difference(&known));
    for without_its_work in [
        "SELECT COUNT(*) FROM deliveries d WHERE d.handled_at IS NULL AND d.source = 'lever' AND NOT EXISTS (
            SELECT 1 FROM jobs j WHERE j.finished_at IS NULL
                AND j.dedup_key = d.organization_id || ':reconcile:' || d.subject_id)",
        "SELECT COUNT(*) FROM invites i WHERE i.state = 'queued' AND NOT EXISTS (
            SELECT 1 FROM jobs j WHERE j.finished_at IS NULL AND j.dedup_key = i.organization_id || ':send:' || i.id)",
        "SELECT COUNT(*) FROM invites i WHERE NOT EXISTS (SELECT 1 FROM timeline t WHERE t.invite_id = i.id)",
    ] {
        let halves: i64 = sqlx::query_scalar(without_its_work).fetch_one(&mut database).await.expect("a count");
        assert_eq!(halves, 0, "{without_its_work}");
    }
    database.close().await.expect("it closes");
}

/// How much the servers still have to do now.
async fn work(halden: &Halden) -> i64 {
    let mut database = AnyConnection::connect(&halden.folder.database_url()).await.expect("it opens");
    let open = "SELECT COUNT(*) FROM jobs WHERE state = 'open' AND kind IN ('reconcile', 'send', 'write_note')
        AND (lease_token IS NOT NULL OR due_at < CAST(EXTRACT(EPOCH FROM now()) * 1000 AS BIGINT))";
    let open = sqlx::query_scalar(open).fetch_one(&mut database).await.expect("a count");
    database.close().await.expect("it closes");
    open
}

/// Whom the attachment's page offers to a person.
async fn offered(halden: &mut Halden, program: &Program) -> BTreeSet<String> {
    let page = halden.nora.get(program, LEVER_PAGE).await.text().await.expect("text");
    let attachment =
        page.split("/attachments/").nth(1).expect("an attachment").split(['"', '?', '/']).next().expect("an id");
    let path = format!("{LEVER_PAGE}/attachments/{attachment}?standing=1");
    let page = halden.nora.get(program, &path).await.text().await.expect("text");
    let boxes = page.split("<input").skip(1).filter_map(|input| input.split('>').next());
    let free = boxes.filter(|input| input.contains("name=\"chosen\"") && !input.contains("disabled"));
    free.filter_map(|input| input.split("value=\"").nth(1)?.split('"').next()).map(str::to_owned).collect()
}

/// Who was invited, by opportunity.
async fn invited(halden: &Halden) -> Vec<String> {
    let state = halden.lever_state().await;
    let by_email = |email: &Value| {
        let all = state["opportunities"].as_array().expect("a list");
        let found = all.iter().find(|one| one["emails"][0] == *email).expect("somebody who applied");
        found["id"].as_str().expect("an id").to_owned()
    };
    halden.sent().await.iter().map(|invite| by_email(&invite["candidate"]["email"])).collect()
}

#[tokio::test]
async fn backups_made_under_load_are_whole_elsewhere_and_none_sends_again_what_was_sent() {
    let Some(server) = postgres::server() else { return };
    let folder = postgres::empty(&server).await;
    folder.migrate().await;
    // Whose files stay when the database is another one.
    let mut halden = Halden::at(folder.clone(), &[]).await;
    let (first, second) = {
        let first = halden.start().await;
        let second = halden.start_beside(&first).await;
        (first, second)
    };
    halden.set_up(&first).await;
    halden.at_rate(A_SLOW_RATE).await;
    some_move(&halden, 0).await;
    until("the sends have begun", async || halden.sent().await.len() > 3).await;
    let backups = backups(&halden).await;
    // The first of them knows of few of these.
    let sent = halden.sent().await.len();
    until("more are sent than any backup knows", async || halden.sent().await.len() > sent + 3).await;
    halden.stop(second).await;
    halden.stop(first).await;
    assert!(halden.sent().await.len() < BATCH * (BACKUPS + 1), "it is in the middle of the work");

    for backup in backups.iter().rev() {
        put_back(&mut halden, &server, backup).await;
        is_whole(&halden, backup).await;
    }
    // The oldest is put back last: what happened since, it knows nothing of.
    halden.at_rate(WITHOUT_A_RATE).await;
    let program = halden.start().await;
    halden.sign_in(&program).await;
    let resumed = halden.run(&["resume"]).await;
    assert!(resumed.status.success(), "{}", complaint(&resumed));
    let last = halden.applies("Last Example", "last@mail.example").await;
    halden.moves(&last).await;
    until("the work goes on", async || !halden.notes(&last).await.is_empty()).await;
    until("all of it is done", async || work(&halden).await == 0).await;
    let invited = invited(&halden).await;
    let once: BTreeSet<String> = invited.iter().cloned().collect();
    assert_eq!(invited.len(), once.len(), "nobody was invited twice");
    let offered = offered(&mut halden, &program).await;
    let left_out: Vec<_> =
        answered(&halden).await.into_iter().filter(|id| !once.contains(id) && !offered.contains(id)).collect();
    assert!(left_out.is_empty(), "neither invited nor offered: {left_out:?}");
}

#[tokio::test]
async fn a_backup_from_before_an_upgrade_takes_the_place_of_the_database_after_it() {
    let Some(server) = postgres::server() else { return };
    for corpus in &corpus::all() {
        let halden = Halden::with(postgres::empty(&server).await, &[("CANDILEVER_MASTER_KEY", MASTER_KEY)]).await;
        let _names = corpus.set_up(&halden).await;
        let backup = halden.folder.path().join("before.backup");
        let backup = backup.to_str().expect("a plain name");
        let before = invites(&halden).await;
        for command in [vec!["backup", backup], vec!["migrate"]] {
            let done = halden.run(&command).await;
            assert!(done.status.success(), "{command:?} of schema {}: {}", corpus.schema, complaint(&done));
        }
        let refused = halden.run(&["restore", backup]).await;
        assert!(!refused.status.success(), "nothing is replaced unasked");
        let damaged = halden.folder.path().join("damaged.backup");
        let whole = std::fs::read(backup).expect("readable");
        std::fs::write(&damaged, &whole[..whole.len() * 3 / 4]).expect("written");
        let refused = halden.run(&["restore", "--replace", damaged.to_str().expect("a plain name")]).await;
        assert!(!refused.status.success(), "half a backup is none");
        assert_eq!(count(&halden, "SELECT COUNT(*) FROM pauses").await, 0, "and what was there stays");

        let restored = halden.run(&["restore", "--replace", backup]).await;
        assert!(restored.status.success(), "of schema {}: {}", corpus.schema, complaint(&restored));
        assert_eq!(invites(&halden).await, before);
        assert_eq!(count(&halden, "SELECT COUNT(*) FROM pauses").await, 1);
        let checked = halden.run(&["migrate"]).await;
        assert!(checked.status.success(), "{}", complaint(&checked));
    }
}

#[tokio::test]
async fn a_backup_that_is_newer_than_the_program_takes_nobodys_place() {
    let Some(server) = postgres::server() else { return };
    let halden = Halden::with(postgres::empty(&server).await, &[("CANDILEVER_MASTER_KEY", MASTER_KEY)]).await;
    let _names = corpus::all()[0].set_up(&halden).await;
    assert!(halden.run(&["migrate"]).await.status.success());
    let newer = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
                 SELECT 9000, description, success, checksum, execution_time FROM _sqlx_migrations WHERE version = 1";
    let older = "DELETE FROM _sqlx_migrations WHERE version = 9000";
    let file = halden.folder.path().join("newer.backup");
    let file = file.to_str().expect("a plain name");
    let mut database = AnyConnection::connect(&halden.folder.database_url()).await.expect("it opens");
    // As a newer program would have backed it up.
    let url = halden.folder.database_url();
    sqlx::query(newer).execute(&mut database).await.expect("written");
    let dumped = Command::new("pg_dump").args(["--format", "custom", "--file", file, &url]).output().await;
    assert!(dumped.expect("it runs").status.success());
    sqlx::query(older).execute(&mut database).await.expect("written");
    let marker = "UPDATE organizations SET name = 'Still here'";
    sqlx::query(marker).execute(&mut database).await.expect("written");
    database.close().await.expect("it closes");

    let refused = halden.run(&["restore", "--replace", file]).await;
    assert!(!refused.status.success() && complaint(&refused).contains("newer"), "{}", complaint(&refused));
    let here = "SELECT COUNT(*) FROM organizations WHERE name = 'Still here'";
    assert!(count(&halden, here).await > 0, "what was there stays");
}

async fn invites(halden: &Halden) -> i64 {
    count(halden, "SELECT COUNT(*) FROM invites").await
}

async fn count(halden: &Halden, statement: &'static str) -> i64 {
    let mut database = AnyConnection::connect(&halden.folder.database_url()).await.expect("it opens");
    let count = sqlx::query_scalar(statement).fetch_one(&mut database).await.expect("a count");
    database.close().await.expect("it closes");
    count
}

fn complaint(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}
