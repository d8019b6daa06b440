//! What a server of a released schema left behind when it died, from `tests/corpus`: put into a database of
//! that schema, beside stand-ins that know everybody it knows.
//!
//! A name in double brackets stands for what is another one each time: an id at the stand-ins, an address, a
//! moment (as the distance to the server's end), and bytes, which the two databases write differently.

use std::{
    collections::HashMap,
    fs,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use serde_json::{Value, json};
use sqlx::{AnyConnection, AssertSqlSafe, Connection as _, migrate::Migrator};

use crate::{
    halden::{Halden, STAGE},
    program::Folder,
};

/// How long no server ran: whatever was to be tried again is due, and nothing was tried for a day.
const AWAY: Duration = Duration::from_secs(7 * 3_600);

/// What stands for each name now.
pub type Names = HashMap<String, String>;

/// One file.
pub struct Corpus {
    pub schema: i64,
    checksum: String,
    outside: Value,
    /// What is to become of everybody.
    pub expected: Vec<Value>,
    rows: String,
}

/// All of them, one for each release.
pub fn all() -> Vec<Corpus> {
    let mut files: Vec<PathBuf> = files(Path::new("tests/corpus"));
    files.sort();
    files.iter().map(|file| Corpus::parse(&fs::read_to_string(file).expect("readable"))).collect()
}

fn files(folder: &Path) -> Vec<PathBuf> {
    fs::read_dir(folder).expect("a folder").map(|file| file.expect("a file").path()).collect()
}

impl Corpus {
    fn parse(text: &str) -> Self {
        let after = |mark: &'static str| text.lines().filter_map(move |line| line.strip_prefix(mark));
        let json = |text: &str| -> Value { serde_json::from_str(text).expect("JSON") };
        let schema = after("-- schema: ").next().expect("its schema");
        let (schema, checksum) = schema.split_once(' ').expect("a version and a checksum");
        let outside = json(after("-- outside: ").next().expect("what stands outside"));
        let rows = text.find("INSERT INTO").map_or("", |start| &text[start..]);
        Self {
            schema: schema.parse().expect("a number"),
            checksum: checksum.to_owned(),
            outside,
            expected: after("-- expected: ").map(json).collect(),
            rows: rows.to_owned(),
        }
    }

    /// Sets everything up: the outside as it was, and a database of that schema with all its rows.
    pub async fn set_up(&self, halden: &Halden) -> Names {
        let mut names = Names::from([
            ("⟦candilever⟧".to_owned(), halden.url()),
            ("⟦lever⟧".to_owned(), halden.sandbox.lever_url()),
            ("⟦canditech⟧".to_owned(), halden.sandbox.canditech_url()),
            ("⟦stage⟧".to_owned(), halden.id_in_lever("stages", "text", STAGE).await),
        ]);
        for opportunity in self.outside["opportunities"].as_array().expect("a list") {
            applies(halden, opportunity, &mut names).await;
        }
        for invite in self.outside["invites"].as_array().expect("a list") {
            was_invited(halden, invite, &mut names).await;
        }
        self.fill(&halden.folder, &names).await;
        names
    }

    async fn fill(&self, folder: &Folder, names: &Names) {
        sqlx::any::install_default_drivers();
        let url = folder.database_url();
        let is_embedded = url.starts_with("sqlite:");
        let url = if is_embedded { format!("{url}?mode=rwc") } else { url };
        let mut database = AnyConnection::connect(&url).await.expect("it opens");
        let checksum = migrate(&mut database, self.schema).await;
        assert_eq!(
            checksum, self.checksum,
            "migration {} was changed after its release: change it back and add another one (before the first \
             release, make the corpus anew)",
            self.schema
        );
        let rows = filled(&self.rows, |name| {
            bytes(name, is_embedded).or_else(|| moment(name)).unwrap_or_else(|| now(names, &format!("⟦{name}⟧")))
        });
        sqlx::raw_sql(AssertSqlSafe(rows)).execute(&mut database).await.expect("the rows");
        database.close().await.expect("it closes");
    }
}

/// Makes a schema by the migrations that there were then; answers the last one's checksum.
pub async fn migrate(database: &mut AnyConnection, schema: i64) -> String {
    let then = tempfile::tempdir().expect("a folder");
    for file in files(Path::new("migrations")) {
        let name = file.file_name().expect("a name").to_str().expect("text");
        let version: i64 = name.split('_').next().and_then(|number| number.parse().ok()).expect("a number");
        if version <= schema {
            fs::copy(&file, then.path().join(name)).expect("copied");
        }
    }
    let migrator = Migrator::new(then.path()).await.expect("migrations");
    let last = migrator.iter().last().expect("one at least");
    migrator.run(database).await.expect("it migrates");
    last.checksum.iter().map(|byte| format!("{byte:02x}")).collect()
}

async fn applies(halden: &Halden, one: &Value, names: &mut Names) {
    let body = json!({ "name": one["name"], "email": one["email"], "posting": one["posting"], "stage": STAGE });
    let made = halden.lever("/sandbox/candidates", body).await;
    keep(names, &one["id"], &made["opportunity"]);
    keep(names, &one["contact"], &made["contact"]);
    for note in one["notes"].as_array().expect("a list") {
        let text = filled(note["text"].as_str().expect("text"), |name| now(names, &format!("⟦{name}⟧")));
        let body = json!({ "opportunity": made["opportunity"], "text": text });
        keep(names, &note["id"], &halden.lever("/sandbox/notes", body).await["note"]);
    }
}

async fn was_invited(halden: &Halden, one: &Value, names: &mut Names) {
    let asked = filled(&one["asked"].to_string(), |name| now(names, &format!("⟦{name}⟧")));
    let mut asked: Value = serde_json::from_str(&asked).expect("JSON");
    let mut path = "/invites".to_owned();
    if let Some(before) = one["retake_of"].as_str() {
        asked = json!({ "metadata": asked["metadata"] });
        path = format!("/invites/{}/retake", now(names, before));
    }
    let made = ask(halden, &path, &asked).await;
    let id = &made["invite_id"];
    keep(names, &one["id"], id);
    let acts: &[(&str, Value)] = match one["status"].as_str().expect("a status") {
        "sent" => &[],
        "started" => &[("start", Value::Null)],
        "completed" => &[("start", Value::Null), ("complete", one["score"].clone())],
        "expired" => &[("expire", Value::Null)],
        "declined" => &[("decline", Value::Null)],
        "cancelled" => {
            ask(halden, &format!("/invites/{}/cancel", id.as_str().expect("an id")), &json!({})).await;
            &[]
        }
        other => panic!("not in a corpus so far: {other}"),
    };
    for (act, score) in acts {
        let url = format!("{}/sandbox/{act}", halden.sandbox.canditech_url());
        halden.post(&url, json!({ "invite": id, "score": score })).await;
    }
}

async fn ask(halden: &Halden, path: &str, body: &Value) -> Value {
    let request = halden.http.post(format!("{}{path}", halden.canditech_api())).bearer_auth("ctk_demo_org_key");
    let answer = request.json(body).send().await.expect("Canditech answers");
    assert!(answer.status().is_success(), "{path}: {}", answer.status());
    answer.json().await.expect("JSON")
}

fn keep(names: &mut Names, name: &Value, value: &Value) {
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    names.insert(text(name), text(value));
}

fn now(names: &Names, name: &str) -> String {
    names.get(name).unwrap_or_else(|| panic!("nothing is called {name}")).clone()
}

/// The text with what stands for each name in it.
fn filled(text: &str, mut value: impl FnMut(&str) -> String) -> String {
    let mut parts = text.split('⟦');
    let mut whole = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (name, rest) = part.split_once('⟧').expect("a bracket that closes");
        whole.push_str(&value(name));
        whole.push_str(rest);
    }
    whole
}

fn bytes(name: &str, is_embedded: bool) -> Option<String> {
    let bytes = name.strip_prefix("bytes ")?;
    Some(if is_embedded { format!("X'{bytes}'") } else { format!("'\\x{bytes}'") })
}

fn moment(name: &str) -> Option<String> {
    let (unit, distance) = name.split_once(' ')?;
    let factor = match unit {
        "ms" => 1,
        "us" => 1_000,
        _ => return None,
    };
    #[expect(clippy::disallowed_methods, reason = "the program that is tested goes by the wall's clock")]
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).expect("after 1970");
    let end = i64::try_from((now - AWAY).as_millis()).expect("not so far away");
    Some((end * factor + distance.parse::<i64>().ok()?).to_string())
}
