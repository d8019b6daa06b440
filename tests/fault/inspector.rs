//! What else must hold when all is quiet again, however it came about: nothing of one company's is in the other's
//! hands, nothing stands still unseen, nobody called without end, no secret lies about, and each deed is on record once.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    fmt,
    path::PathBuf,
    process::Stdio,
};

use serde_json::Value;
use tokio::{io::AsyncWriteExt as _, process::Command};

use crate::{
    browser::value_of,
    halden::{CANDITECH_PAGE, Halden},
    people::People,
    postgres,
    program::Program,
    simulation::Town,
    store,
};

/// Pages on which another company's people would show, whatever is asked for.
const PAGES: [&str; 8] = [
    "/",
    "/candidates",
    "/candidates?q=Candidate",
    "/activity",
    "/settings/audit",
    "/settings/team",
    "/settings/integrations/lever",
    CANDITECH_PAGE,
];
/// Most calls to Lever about one candidate: three moves that are told three times each, seven notes, and each of them
/// tried again where one call in twenty fails and servers are killed.
const CALLS: usize = 40;
/// Secrets that the stand-ins were given.
const GIVEN: [&str; 2] = ["ctk_demo_org_key", "candilever-demo-secret"];

/// What was looked at, and what is wrong, each in a sentence.
#[derive(Debug, Default)]
pub struct Inspection {
    pub findings: Vec<String>,
    calls: usize,
    most_calls: usize,
    pages: usize,
    candidates: usize,
    secrets: usize,
    files: usize,
}

impl fmt::Display for Inspection {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { findings, calls, most_calls, pages, candidates, secrets, files } = self;
        write!(
            out,
            "looked at {calls} calls, at most {most_calls} of them about one candidate, {pages} pages, the records of \
             {candidates} candidates, and for {secrets} secrets in {files} files: {} findings",
            findings.len()
        )
    }
}

impl Inspection {
    fn expect(&mut self, holds: bool, otherwise: impl FnOnce() -> String) {
        if !holds {
            self.findings.push(otherwise());
        }
    }
}

/// Looks at everything that can be seen from outside.
pub async fn inspect(town: &mut Town, crowds: &[People]) -> Inspection {
    let mut inspection = Inspection::default();
    let mut secrets: HashSet<String> = GIVEN.map(str::to_owned).into();
    secrets.extend(town.address.tokens());
    let Town { companies, fleet, .. } = town;
    for number in 0..companies.len() {
        let other = Other { mark: crowds[1 - number].mark, canditech: companies[1 - number].canditech_api() };
        let company = &mut companies[number];
        company.sign_in(fleet.public()).await;
        let outside = Outside { lever: company.lever_state().await, sent: company.sent().await };
        inspection.calls_of(company, &outside).await;
        inspection.elsewhere(&outside, &other);
        inspection.pages_of(company, fleet.public(), &other).await;
        inspection.records_of(company, &outside.sent, fleet.public(), &other).await;
        secrets.extend(secrets_of(company, &outside, fleet.public()).await);
    }
    inspection.standstill(&companies[0]).await;
    let names: Vec<String> = crowds.iter().map(|people| format!(" {}", people.mark)).collect();
    let addresses = crowds.iter().map(|people| format!("@{}.example", people.mark));
    inspection.files(&companies[0], &secrets, &names.into_iter().chain(addresses).collect::<Vec<_>>()).await;
    inspection
}

/// A company's Lever, and the invites at its Canditech.
struct Outside {
    lever: Value,
    sent: Vec<Value>,
}

impl Outside {
    fn opportunities(&self) -> &Vec<Value> {
        self.lever["opportunities"].as_array().expect("a list")
    }
}

/// How the other company would be known.
struct Other {
    mark: &'static str,
    canditech: String,
}

impl Other {
    fn is_in(&self, text: &str) -> bool {
        text.contains(self.mark) || text.contains(&self.canditech)
    }
}

async fn secrets_of(company: &mut Halden, outside: &Outside, program: &Program) -> Vec<String> {
    let page = text(company, program, CANDITECH_PAGE).await;
    let hooks = outside.lever["webhooks"].as_array().expect("a list").iter();
    let tokens = hooks.filter_map(|hook| hook["signature_token"].as_str().map(str::to_owned));
    let secrets: Vec<String> = tokens.chain([value_of(&page, "callback-secret")]).collect();
    assert!(secrets.len() > 1 && secrets.iter().all(|secret| secret.len() > 15), "{} secrets", secrets.len());
    secrets
}

async fn text(company: &mut Halden, program: &Program, path: &str) -> String {
    company.nora.get(program, path).await.text().await.expect("text")
}

/// What the calls below `list` were about, each.
fn subjects<'ledger>(ledger: &'ledger [Value], list: &str) -> Vec<&'ledger str> {
    let below = ledger.iter().filter_map(|call| call["path"].as_str()?.strip_prefix(list));
    below.filter_map(|path| path.split('/').next()).filter(|id| !id.is_empty()).collect()
}

impl Inspection {
    /// Whose business the calls with a company's own token and key were, and how many there were.
    async fn calls_of(&mut self, company: &Halden, outside: &Outside) {
        let [lever, canditech] = company.ledgers().await;
        let opportunities: HashSet<&str> =
            outside.opportunities().iter().filter_map(|one| one["id"].as_str()).collect();
        let invites: HashSet<&str> = outside.sent.iter().filter_map(|one| one["invite_id"].as_str()).collect();
        let (lever_about, canditech_about) =
            (subjects(&lever, "/v1/opportunities/"), subjects(&canditech, "/api/invites/"));
        let mut about: HashMap<&str, usize> = HashMap::new();
        for id in &lever_about {
            *about.entry(id).or_default() += 1;
            self.expect(opportunities.contains(id), || format!("a call about {id}, who is not in this account"));
        }
        for id in &canditech_about {
            self.expect(invites.contains(id), || format!("a call about {id}, which is not of this account"));
        }
        let most = about.values().max().copied().unwrap_or_default();
        self.expect(most <= CALLS, || format!("{most} calls to Lever about one candidate"));
        let refused = lever.iter().filter(|call| call["status"] == 429 && call["note"].is_null()).count();
        self.expect(refused == 0, || format!("Lever refused {refused} calls as more than its rate"));
        self.calls += lever.len() + canditech.len();
        self.most_calls = self.most_calls.max(most);
        self.expect(!lever_about.is_empty() && !canditech_about.is_empty(), || "nobody was called".into());
    }

    /// What reached a company's Lever and Canditech is its own.
    fn elsewhere(&mut self, outside: &Outside, other: &Other) {
        for opportunity in outside.opportunities() {
            let is_foreign = other.is_in(&opportunity.to_string());
            self.expect(!is_foreign, || format!("of the {} in a Lever that is not theirs: {opportunity}", other.mark));
        }
        for invite in &outside.sent {
            let is_foreign = other.is_in(&invite.to_string());
            self.expect(!is_foreign, || format!("of the {} at a Canditech that is not theirs: {invite}", other.mark));
        }
    }

    /// What its Super Admin, who sees most, is shown.
    async fn pages_of(&mut self, company: &mut Halden, program: &Program, other: &Other) {
        for page in PAGES {
            let answer = company.nora.get(program, page).await;
            self.expect(answer.status().is_success(), || format!("{page} is answered {}", answer.status()));
            let shown = answer.text().await.expect("text");
            self.expect(!other.is_in(&shown), || format!("{page} shows the {}", other.mark));
            self.pages += 1;
        }
        let sought = text(company, program, &format!("/candidates?q={}", other.mark)).await;
        self.expect(!sought.contains("Candidate 0"), || format!("{} are found by the other company", other.mark));
    }

    /// The Candidates tab to its end, all that is held about each of them, and the audit log.
    async fn records_of(&mut self, company: &mut Halden, sent: &[Value], program: &Program, other: &Other) {
        let sent: HashMap<&str, &Value> = sent.iter().map(|one| (address(one), one)).collect();
        let rows = rows(company, program).await;
        let mut with_invite = 0;
        for row in &rows {
            self.expect(!other.is_in(&row.to_string()), || format!("a row of the {}", other.mark));
            let id = [("invite".to_owned(), row["id"].as_str().expect("an id").to_owned())];
            let answer = company.nora.call(program, "/candidates/export", &id).await;
            let file = answer.text().await.expect("text");
            self.expect(!other.is_in(&file), || format!("{} in what is held about {}", other.mark, row["candidate"]));
            let held: Value = serde_json::from_str(&file).unwrap_or_else(|_| panic!("an export, not {file}"));
            let email = held["held"]["invites"][0]["candidate_email"].as_str().unwrap_or_default();
            let recorded = |kind: &str| {
                let timeline = held["held"]["timeline"].as_array().expect("a list");
                timeline.iter().filter(|entry| entry["kind"] == kind).count()
            };
            let invite = sent.get(email).copied();
            with_invite += usize::from(invite.is_some());
            let (mailed, judged) = (usize::from(invite.is_some()), invite.map_or(0, verdicts));
            let (told_sent, told_judged) = (recorded("sent"), recorded("verdict"));
            self.expect((told_sent, told_judged) == (mailed, judged), || {
                format!("{email}: {mailed} sent and {judged} verdicts, on record {told_sent} and {told_judged}")
            });
        }
        self.expect(with_invite == sent.len(), || format!("{} of {} are in the list", with_invite, sent.len()));
        self.candidates += rows.len();
        let log = company.nora.call(program, "/audit/export", &[]).await.text().await.expect("text");
        self.expect(!other.is_in(&log), || format!("{} in an audit log", other.mark));
        let mut deeds: BTreeMap<String, usize> = BTreeMap::new();
        for line in log.lines() {
            let entry: Value = serde_json::from_str(line).expect("a line of JSON");
            *deeds.entry(entry["action"].as_str().expect("a word").to_owned()).or_default() += 1;
        }
        for (deed, times) in
            [("lever_connected", 1), ("provider_saved", 1), ("attached", 1), ("candidate_exported", rows.len())]
        {
            let told = deeds.get(deed).copied().unwrap_or_default();
            self.expect(told == times, || format!("{deed} was done {times} times and is on record {told} times"));
        }
    }

    /// Whether something stands still, or will for days, without a word; and whether the audit logs are whole.
    async fn standstill(&mut self, company: &Halden) {
        let doctor = company.run(&["doctor"]).await;
        let said = String::from_utf8_lossy(&doctor.stdout).into_owned();
        let wrong = said.lines().filter(|line| line.starts_with("wrong") || line.contains("Jobs that"));
        self.findings.extend(wrong.map(str::to_owned));
        self.expect(doctor.status.success(), || format!("doctor says: {said}"));
        self.expect(said.matches("the audit log is whole").count() == 2, || format!("the audit logs: {said}"));
        let orphans = store::orphans(&company.folder.database_url()).await;
        self.expect(orphans.is_empty(), || format!("work that nobody will do for more than a day: {orphans:?}"));
    }

    /// No secret in the servers' logs, their database or a backup, and no candidate in the logs.
    async fn files(&mut self, company: &Halden, secrets: &HashSet<String>, people: &[String]) {
        let everything = company.folder.path().join("everything");
        match &company.folder.1 {
            Some(database) => {
                let rows: Vec<String> = postgres::everything(database).await.into_iter().map(|(_, row)| row).collect();
                std::fs::write(&everything, rows.join("\n")).expect("written");
            }
            None => {
                let backup = company.run(&["backup", "everything"]).await;
                assert!(backup.status.success(), "{}", String::from_utf8_lossy(&backup.stderr));
            }
        }
        let mut files: Vec<PathBuf> = Vec::new();
        for entry in std::fs::read_dir(company.folder.path()).expect("a folder") {
            files.push(entry.expect("an entry").path());
        }
        files.retain(|file| file.is_file() && file.extension().is_none_or(|extension| extension != "key"));
        let logs: Vec<PathBuf> =
            files.iter().filter(|file| file.extension().is_some_and(|is| is == "log")).cloned().collect();
        let secrets: Vec<String> = secrets.iter().flat_map(|secret| [secret.clone(), postgres::hex(secret)]).collect();
        for found in found_in(&files, &secrets).await.into_iter().chain(found_in(&logs, people).await) {
            self.findings.push(found);
        }
        let known = found_in(&[everything], people).await;
        self.expect(!known.is_empty(), || "the candidates are stored, and this search does not find them".into());
        self.expect(!logs.is_empty(), || "no server left a log".into());
        (self.secrets, self.files) = (secrets.len() / 2, files.len());
    }
}

fn address(invite: &Value) -> &str {
    invite["candidate"]["email"].as_str().expect("an address")
}

fn verdicts(invite: &Value) -> usize {
    invite["verdicts"].as_array().map_or(0, Vec::len)
}

/// The whole list, page by page.
async fn rows(company: &mut Halden, program: &Program) -> Vec<Value> {
    let (mut rows, mut after) = (Vec::new(), Vec::new());
    loop {
        let page = company.nora.call(program, "/api/list_candidates", &after).await;
        let page: Value = page.json().await.expect("a page of the list");
        rows.extend(page["rows"].as_array().expect("rows").iter().cloned());
        let Some(next) = page["next"].as_str() else { return rows };
        after = vec![("filter[after]".to_owned(), next.to_owned())];
    }
}

/// Which of the texts are in which of the files.
async fn found_in(files: &[PathBuf], texts: &[String]) -> Vec<String> {
    let mut grep = Command::new("grep");
    grep.args(["--text", "--with-filename", "--only-matching", "--max-count=3", "--fixed-strings", "--file=-", "--"]);
    let mut grep = grep.args(files).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("grep");
    grep.stdin.take().expect("a pipe").write_all(texts.join("\n").as_bytes()).await.expect("written");
    let answer = grep.wait_with_output().await.expect("it ends");
    assert!(matches!(answer.status.code(), Some(0 | 1)), "grep looked through all of them");
    String::from_utf8_lossy(&answer.stdout).lines().map(str::to_owned).collect()
}
