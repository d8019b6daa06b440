//! Secrets and people that are known to the test, sought wherever they must not be: pages and answers, the log at
//! its most talkative, the database's files, a backup.

use std::{
    fs,
    io::Write as _,
    path::Path,
    process::{Command, Stdio},
};

use engine::{
    clock::Clock,
    db::Db,
    vault::{MasterKey, Vault},
};
use secrecy::ExposeSecret as _;

use crate::{
    browser::Browser,
    halden::{Halden, until},
    nobody,
    program::{Folder, MASTER_KEY, PASSWORD, Program},
    story_confidential::walk::only_reads,
};

const LEVER_PAGE: &str = "/settings/integrations/lever";
const CANDITECH_PAGE: &str = "/settings/integrations/canditech";
const NORA: &str = "nora@halden.example";
const TOKEN: &str = "what this Lever signs its webhooks with";
const API_KEY: &str = "ctk_demo_org_key";
const CLIENT_SECRET: &str = "candilever-demo-secret";
/// Ada and what is known of her.
const PEOPLE: [&str; 5] = ["ada@secret.example", "Quillfeather", "Nora Lindqvist", NORA, "Priya Raman"];

/// A company in use, whose log is as talkative as it can be.
pub struct Used {
    pub halden: Halden,
    program: Program,
    nora: Browser,
    log: std::path::PathBuf,
    /// What opens doors.
    pub secrets: Vec<(&'static str, String)>,
}

async fn used() -> Used {
    used_in(Folder::new()).await
}

/// The key that the secrets in this folder's database are sealed with.
fn master_key(folder: &Folder) -> String {
    match folder.1 {
        Some(_) => MASTER_KEY.to_owned(),
        None => fs::read_to_string(folder.path().join("candilever.db.key")).expect("the key").trim().to_owned(),
    }
}

pub async fn used_in(folder: Folder) -> Used {
    let log = folder.path().join("log");
    let mut halden = Halden::at(folder, &[("CANDILEVER_LOG", "trace")]).await;
    let program = halden.start_with_log(&log).await;
    halden.set_up(&program).await;
    let ada = halden.applies("Ada Quillfeather", "ada@secret.example").await;
    halden.moves(&ada).await;
    until("the test goes out", async || halden.notes(&ada).await.len() == 1).await;
    halden.submits("ada@secret.example", 87).await;
    until("it is noted", async || halden.notes(&ada).await.iter().any(|note| note.contains("Completed"))).await;
    halden.nora.press(&program, LEVER_PAGE, "/api/save_signature_token", &[("token", TOKEN)]).await;
    let nora = Browser::signed_in(&program, NORA).await;
    let mut secrets = sealed(&halden.folder).await;
    secrets.push(("the master key", master_key(&halden.folder)));
    secrets.push(("the session", nora.cookie().split('=').nth(1).expect("an id").to_owned()));
    for (what, text) in [
        ("the key of Canditech's", API_KEY),
        ("the client's secret", CLIENT_SECRET),
        ("the signature token", TOKEN),
        ("the password", PASSWORD),
    ] {
        secrets.push((what, text.to_owned()));
    }
    Used { halden, program, nora, log, secrets }
}

/// What the database has under seal.
async fn sealed(folder: &Folder) -> Vec<(&'static str, String)> {
    let key = MasterKey::parse(&master_key(folder)).expect("a key");
    let db = Db::open(&folder.database_url()).await.expect("the database opens");
    let vault = Vault::open(&db, &key, Clock::System.now()).await.expect("the vault opens");
    db.close().await;
    let mut database = nobody::open(folder).await;
    let mut all = Vec::new();
    for (what, table, column) in [
        ("the access token", "connections", "access_token"),
        ("the refresh token", "connections", "refresh_token"),
        ("the callback's secret", "provider_accounts", "callback_secret"),
        ("the key of Canditech's, once more", "provider_accounts", "api_key"),
    ] {
        let query = sqlx::AssertSqlSafe(format!("SELECT id, {column} FROM {table}"));
        let (id, value): (String, Vec<u8>) = sqlx::query_as(query).fetch_one(&mut database).await.expect("a row");
        let place = format!("{table}|{id}|{column}");
        let secret = vault.open_sealed(&place, &value).expect("it opens here");
        assert!(vault.open_sealed(&place.replace(table, "elsewhere"), &value).is_err(), "and nowhere else");
        all.push((what, secret.expose_secret().to_owned()));
    }
    all
}

#[tokio::test]
async fn no_secret_is_in_a_page_an_answer_the_log_a_file_or_a_backup() {
    let Used { halden, program, mut nora, log, secrets } = used().await;
    assert!(secrets.len() >= 10 && secrets.iter().all(|(_, secret)| secret.len() >= 16), "{}", secrets.len());

    // The callback's secret is for Super Admins to see, on the one page that hands it over.
    let pages = [CANDITECH_PAGE, "/api/canditech_page"];
    let shown = |what: &str, path: &str| what == "the callback's secret" && pages.contains(&path);
    let mut answers = 0;
    for ask in nobody::hidden().asks().into_iter().filter(|ask| ask.arguments.is_none() || only_reads(&ask.path)) {
        let answer = match &ask.arguments {
            None => nora.get(&program, &ask.path).await,
            Some(arguments) => nora.call(&program, &ask.path, arguments).await,
        };
        let headers = answer.headers().clone();
        let told = format!("{headers:?} {}", answer.text().await.expect("text"));
        for (what, secret) in &secrets {
            let is_own_cookie = *what == "the session" && told.contains("set-cookie");
            assert!(!told.contains(secret) || shown(what, &ask.path) || is_own_cookie, "{what} in {ask:?}");
        }
        answers += 1;
    }
    assert!(answers > 60, "{answers}");

    let backup = halden.run(&["backup", "a.backup"]).await;
    assert!(backup.status.success(), "{}", String::from_utf8_lossy(&backup.stderr));
    halden.stop(program).await;
    let mut files = 0;
    for entry in fs::read_dir(halden.folder.path()).expect("a folder") {
        let path = entry.expect("an entry").path();
        let is_key = path.extension().is_some_and(|extension| extension == "key");
        if is_key || path == log {
            continue;
        }
        let bytes = fs::read(&path).expect("readable");
        for (what, secret) in &secrets {
            assert!(!holds(&bytes, secret), "{what} in {}", path.display());
        }
        files += 1;
    }
    assert!(files >= 3, "{files}");
    let backup = fs::read(halden.folder.path().join("a.backup")).expect("readable");
    assert!(holds(&backup, "Quillfeather"), "candidates are in a backup, as its help says");
    in_log(&log, &secrets);
}

fn holds(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

#[test]
fn no_secret_was_built_into_the_program() {
    let search = |way: &[&str], text: &str| {
        let mut grep = Command::new("grep");
        grep.args(["--quiet", "--text", "--file=-"]).args(way).arg(env!("CARGO_BIN_EXE_candilever"));
        let mut grep = grep.stdin(Stdio::piped()).spawn().expect("grep");
        grep.stdin.take().expect("a pipe").write_all(text.as_bytes()).expect("written");
        match grep.wait().expect("it ends").code() {
            Some(0) => true,
            Some(1) => false,
            other => panic!("grep failed: {other:?}"),
        }
    };
    let found = |text: &str| search(&["--fixed-strings"], text);
    assert!(found("CANDILEVER_LEVER_CLIENT_SECRET"), "what is there is found");
    assert!(!search(&["--null-data", "--perl-regexp"], r"PRIVATE KEY-----\r?\n[A-Za-z0-9+/]{16}"), "a private key");
    // Whatever is secret where it is built or tested.
    let words = ["SECRET", "TOKEN", "PASSWORD", "CREDENTIAL", "_KEY"];
    let secrets = std::env::vars().filter(|(name, value)| {
        let is_text = value.len() >= 12 && !value.contains('/');
        is_text && words.iter().any(|word| name.to_uppercase().contains(word))
    });
    for (name, secret) in secrets {
        assert!(!found(&secret), "the value of {name} is in the program");
    }
}

fn in_log(log: &Path, secrets: &[(&'static str, String)]) {
    let log = fs::read_to_string(log).expect("text");
    assert!(log.lines().count() > 1_000, "it is talkative: {}", log.lines().count());
    for (what, secret) in secrets {
        let line = log.lines().find(|line| line.contains(secret));
        assert_eq!(line, None, "{what} in the log");
    }
}

#[tokio::test]
async fn nobody_is_named_in_the_log_and_no_address_that_opens_a_door() {
    let Used { halden, program, mut nora, log, .. } = used().await;
    nora.get(&program, "/candidates?q=Quillfeather").await;
    nora.get(
        &program,
        "/oauth/lever/callback?code=a-code-of-levers&state=a-state-of-ours&error_description=x%0aERROR%20forged",
    )
    .await;
    nora.get(&program, "/oauth/lever/callback?error=x%0d%0aERROR+forged&state=a-state-of-ours").await;
    Browser::default().sign_in(&program, "x\nERROR forged@mail.example", "a wrong password", None).await;
    let mut database = nobody::open(&halden.folder).await;
    let mut doors = vec!["a-code-of-levers".to_owned(), "a-state-of-ours".to_owned(), "a wrong password".to_owned()];
    for query in ["SELECT endpoint FROM connections", "SELECT endpoint FROM provider_accounts"] {
        doors.push(sqlx::query_scalar(query).fetch_one(&mut database).await.expect("an address"));
    }
    halden.stop(program).await;
    let log = fs::read_to_string(log).expect("text");
    for named in PEOPLE.iter().copied().chain(doors.iter().map(String::as_str)) {
        let line = log.lines().find(|line| line.contains(named));
        assert_eq!(line, None, "{named} in the log");
    }
    assert!(log.lines().all(|line| !line.trim_start().starts_with("ERROR")), "no line is forged");
    assert!(log.contains("/webhooks/lever/{endpoint}"), "the pattern is there in the address's place");
}

#[tokio::test]
async fn what_was_sealed_opens_neither_in_another_row_nor_with_another_key_and_goes_at_disconnect() {
    let Used { mut halden, program, .. } = used().await;
    assert!(halden.nora.call(&program, "/api/disconnect_lever", &[]).await.status().is_success(), "it is disconnected");
    let mut database = nobody::open(&halden.folder).await;
    let left = "SELECT COUNT(*) FROM connections WHERE access_token IS NOT NULL OR refresh_token IS NOT NULL";
    let left: i64 = sqlx::query_scalar(left).fetch_one(&mut database).await.expect("a count");
    assert_eq!(left, 0, "Lever's tokens are gone");
    let tokens: i64 =
        sqlx::query_scalar("SELECT COUNT(*) FROM webhooks").fetch_one(&mut database).await.expect("a count");
    println!("{tokens} signature tokens are left");

    // The callback's secret in the place of the key: same table, same row, another column.
    let swap = "UPDATE provider_accounts SET api_key = callback_secret";
    sqlx::query(swap).execute(&mut database).await.expect("moved");
    let doctor = halden.run(&["doctor"]).await;
    let said = String::from_utf8_lossy(&doctor.stdout).into_owned();
    assert!(!said.contains("The provider answers now"), "{said}");
    assert_eq!(doctor.status.code(), Some(1), "{said}");
    drop(database);
    halden.stop(program).await;

    let other = MasterKey::generate().to_base64();
    fs::write(halden.folder.path().join("candilever.db.key"), other).expect("written");
    let start = halden.run(&["serve"]).await;
    let complaint = String::from_utf8_lossy(&start.stderr).into_owned();
    assert!(!start.status.success(), "it does not start with another key");
    assert!(complaint.contains("ERROR") || complaint.contains("master key"), "{complaint}");
}
