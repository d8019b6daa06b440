//! Candidates of a confidential position, page by page: whoever may not see them finds neither them nor a
//! trace of them in anything the program answers, and an id that was guessed right is answered as one that
//! was not.

mod hole;
pub mod walk;

use reqwest::{Response, StatusCode, header};
use serde_json::{Value, json};

use self::walk::{Ask, Hidden, only_reads};
use crate::{
    browser::Browser,
    halden::{Halden, until},
    program::Program,
};

const POSITION: &str = "Chief Security Architect";
const FAMILY: &str = "Quillfeather";
/// Who may see none of it: two of the company's own, and all of another's.
const PEOPLE: [&str; 6] = [
    "jonas@halden.example",
    "ken@halden.example",
    "eve@another.example",
    "abe@another.example",
    "mia@another.example",
    "leo@another.example",
];
const ZELDA: &str = "zelda@secret.example";

/// What came back of one request, as text: status, where it leads, and the body.
async fn answered(browser: &mut Browser, program: &Program, ask: &Ask) -> String {
    let answer = match &ask.arguments {
        None => browser.get(program, &ask.path).await,
        Some(arguments) => browser.call(program, &ask.path, arguments).await,
    };
    as_text(answer).await
}

async fn as_text(answer: Response) -> String {
    let status = answer.status();
    assert!(status != StatusCode::INTERNAL_SERVER_ERROR, "{}", answer.url());
    let to = answer.headers().get(header::LOCATION).map(|to| to.to_str().expect("text").to_owned());
    let text = format!("{status} {}\n{}", to.unwrap_or_default(), answer.text().await.expect("text"));
    // As in an address, so in words.
    let signs = [("%2520", " "), ("%2D", "-"), ("%2E", "."), ("%5F", "_"), ("%20", " "), ("%40", "@")];
    signs.iter().fold(text, |text, (code, sign)| text.replace(code, sign))
}

/// What must not be found: the texts and ids that only somebody who may see the candidates can know, then those
/// of them that no page shows to anybody.
struct Secrets(Vec<String>, Vec<String>);

impl Secrets {
    /// Those of them that stand in an answer and not in the question.
    fn in_answer(&self, ask: &Ask, answer: &str) -> Vec<&str> {
        let found = self.0.iter().filter(|secret| answer.contains(secret.as_str()) && !ask.names(secret));
        found.map(String::as_str).collect()
    }

    /// The same question with ids and names that are nobody's.
    fn guessed(&self, text: &str) -> String {
        self.0.iter().fold(text.to_owned(), |text, secret| text.replace(secret, &another(secret)))
    }

    fn guessed_ask(&self, ask: &Ask) -> Ask {
        let of = |(name, value): &(String, String)| (name.clone(), self.guessed(value));
        let arguments = ask.arguments.as_ref().map(|all| all.iter().map(of).collect());
        Ask { path: self.guessed(&ask.path), arguments }
    }

    /// An answer without what was asked, and without what is new in each answer.
    fn blank(&self, answer: &str) -> String {
        let nonce = answer.split("nonce=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap_or("no nonce");
        let known = |text: String, secret: &String| text.replace(secret, "…").replace(&another(secret), "…");
        let blank = self.0.iter().fold(answer.replace(nonce, "…"), known);
        // Which scripts are fetched ahead, and in what order a page's data came, is nobody's doing.
        let after = |link: &'_ str| link.split_once('>').map_or_else(String::new, |(_, rest)| rest.to_owned());
        let mut parts = blank.split("<link ");
        let first = parts.next().unwrap_or_default().to_owned();
        let blank = parts.fold(first, |text, part| text + &after(part)).replace("<!>", "");
        let pieces = blank.replace("</script>", "\n").replace("<script nonce=\"…\">", "\n");
        let pieces = pieces.replace("__RESOLVED_RESOURCES[", "\n[");
        let mut pieces: Vec<_> = pieces.lines().filter(|piece| !piece.is_empty()).collect();
        pieces.sort_unstable();
        pieces.join("\n")
    }
}

/// A text of the same shape that is nobody's.
fn another(secret: &str) -> String {
    let turned = |c: char| match c {
        '0'..='8' | 'b'..='e' | 'A'..='Y' => char::from_u32(u32::from(c) + 1).unwrap_or(c),
        _ => c,
    };
    let prefix = secret.split_once('_').filter(|(prefix, _)| prefix.len() == 3).map_or(0, |(prefix, _)| prefix.len());
    let (prefix, rest) = secret.split_at(prefix);
    let changed: String = rest.chars().map(turned).collect();
    assert_ne!(rest, changed, "{secret}");
    format!("{prefix}{changed}")
}

async fn json_of(nora: &mut Browser, program: &Program, function: &str, arguments: &[(&str, &str)]) -> Value {
    let arguments: Vec<_> = arguments.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    nora.call(program, function, &arguments).await.json().await.expect("JSON")
}

#[track_caller]
fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("text, not {value}")).to_owned()
}

/// Three candidates of a position that turns confidential once their tests are out: one judged, whose note
/// Lever no longer takes, one awaiting a verdict, and one who waits for an e-mail address. And Ada, whom
/// everybody may see.
async fn company(program: &Program, halden: &mut Halden) -> (Hidden, Secrets) {
    halden.set_up(program).await;
    halden.attach(program, POSITION).await;
    let ada = halden.applies("Ada Berg", "ada@mail.example").await;
    let mut opportunities = Vec::new();
    let people = [("Zelda", Some(ZELDA)), ("Xenia", Some("xenia@secret.example")), ("Yorick", None)];
    for (first, email) in people {
        let followers = if first == "Zelda" { vec!["Priya Raman"] } else { Vec::new() };
        let body = json!({ "name": format!("{first} {FAMILY}"), "email": email, "posting": POSITION,
            "followers": followers });
        opportunities.push(text(&halden.lever("/sandbox/candidates", body).await["opportunity"]));
    }
    for opportunity in opportunities.iter().chain([&ada]) {
        halden.moves(opportunity).await;
    }
    until("the tests go out", async || halden.sent().await.len() == 3).await;
    for email in [ZELDA, "xenia@secret.example"] {
        halden.submits(email, 87).await;
    }
    let noted = async |opportunity: &String| {
        halden.notes(opportunity).await.iter().any(|note| note.contains("Status: Completed"))
    };
    until("the results are noted", async || noted(&opportunities[0]).await && noted(&opportunities[1]).await).await;
    hide(program, halden).await;
    known(program, halden, &opportunities).await
}

/// The position becomes confidential in Lever, which we hear at the next sync; then Zelda is judged, and Lever
/// refuses the note.
async fn hide(program: &Program, halden: &mut Halden) {
    let change = json!({ "posting": POSITION, "confidentiality": "confidential" });
    halden.lever("/sandbox/postings/change", change).await;
    json_of(&mut halden.nora, program, "/api/sync_lever", &[]).await;
    let list = json_of(&mut halden.nora, program, "/api/list_candidates", &[("filter[name]", "zelda")]).await;
    let zelda = &list["rows"][0];
    let (id, version) = (text(&zelda["id"]), zelda["version"].to_string());
    let verdict =
        [("invite", id.as_str()), ("version", &version), ("verdict", "passed"), ("comment", "The Quillfeather way")];
    let given = json_of(&mut halden.nora, program, "/api/give_verdict", &verdict).await;
    assert_eq!(given["verdict"], "passed", "{given}");
    let mut nora = Browser::signed_in(program, "nora@halden.example").await;
    let mut refused = async || {
        let page = json_of(&mut nora, program, "/api/read_dashboard", &[]).await;
        page["troubles"].as_array().is_some_and(|all| all.iter().any(|one| one["Note"]["invite"] == *id))
    };
    let give_up = tokio::time::Instant::now() + crate::program::PATIENCE;
    while !refused().await {
        assert!(tokio::time::Instant::now() < give_up, "the note's refusal is told");
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
}

/// What Nora knows of them.
async fn known(program: &Program, halden: &mut Halden, opportunities: &[String]) -> (Hidden, Secrets) {
    let list = json_of(&mut halden.nora, program, "/api/list_candidates", &[("filter[name]", FAMILY)]).await;
    let mut rows = list["rows"].as_array().expect("rows").clone();
    // Their ids are as old as each other: Zelda, who is judged already, comes first here.
    rows.sort_by_key(|row| std::cmp::Reverse(text(&row["candidate"])));
    let invites: Vec<_> = rows.iter().map(|row| text(&row["id"])).collect();
    assert_eq!(invites.len(), 3, "{list}");
    let mut reports = Vec::new();
    for invite in &invites {
        let view = json_of(&mut halden.nora, program, "/api/read_candidate", &[("invite", invite)]).await;
        reports.extend(view["report_link"].as_str().and_then(|link| link.rsplit('/').next()).map(str::to_owned));
    }
    assert!(reports.len() >= 2, "two reports");
    let lever_page = json_of(&mut halden.nora, program, "/api/lever_page", &[]).await;
    let lines = lever_page["attachments"].as_array().expect("attachments");
    let attachment = lines.iter().find(|line| line["position"] == POSITION).expect("the attachment");
    let no_filter = [("asked[show]", "all"), ("asked[before]", ""), ("asked[message]", "")];
    let activity = json_of(&mut halden.nora, program, "/api/activity_page", &no_filter).await;
    let messages = activity["messages"].as_array().expect("messages").iter().map(|one| text(&one["id"])).collect();
    let state = halden.lever_state().await;
    let all = state["opportunities"].as_array().expect("a list");
    let zelda = all.iter().find(|one| one["id"] == opportunities[0]).expect("Zelda");
    let hidden = Hidden {
        name: format!("Zelda {FAMILY}"),
        email: ZELDA.to_owned(),
        position: POSITION.to_owned(),
        posting: halden.id_in_lever("postings", "text", POSITION).await,
        stage: halden.id_in_lever("stages", "text", crate::halden::STAGE).await,
        invites,
        opportunity: opportunities[0].clone(),
        contact: text(&zelda["contact"]),
        attachment: text(&attachment["id"]),
        messages,
        reports,
    };
    let mut secrets = vec![FAMILY.to_owned(), "secret.example".to_owned(), POSITION.to_owned()];
    secrets.extend([&hidden.posting, &hidden.attachment].map(Clone::clone));
    secrets.extend(hidden.invites.iter().chain(&hidden.messages).chain(&hidden.reports).cloned());
    let mut never_shown = vec![hidden.contact.clone()];
    never_shown.extend(opportunities.iter().cloned());
    let is_theirs = |invite: &&Value| invite["candidate"]["email"].as_str().is_some_and(|it| it.contains("secret"));
    never_shown.extend(halden.sent().await.iter().filter(is_theirs).map(|invite| text(&invite["invite_id"])));
    never_shown.extend(zelda["notes"].as_array().expect("notes").iter().map(|note| text(&note["id"])));
    secrets.extend(never_shown.iter().cloned());
    (hidden, Secrets(secrets, never_shown))
}

/// Where two texts part, with a little of both.
fn difference(one: &str, other: &str) -> Option<(String, String)> {
    let parts = one.chars().zip(other.chars()).take_while(|(a, b)| a == b).count();
    let from = |text: &str| text.chars().skip(parts.saturating_sub(60)).take(160).collect::<String>();
    (one != other).then(|| (from(one), from(other)))
}

/// Asks everything as somebody who must find nothing; answers how many answers there were, or the first one
/// that tells something.
async fn finds_nothing(
    browser: &mut Browser,
    program: &Program,
    (hidden, secrets): &(Hidden, Secrets),
) -> Result<usize, String> {
    let mut answers = 0;
    for ask in hidden.asks() {
        let answer = answered(browser, program, &ask).await;
        let leaks = secrets.in_answer(&ask, &answer);
        if let Some(leak) = leaks.first() {
            let around = difference(&answer, &answer.replacen(leak, "…", 1));
            return Err(format!("{ask:?} tells {leaks:?}: {around:?}"));
        }
        answers += 1;
        let guess = secrets.guessed_ask(&ask);
        if guess != ask {
            let guessed = answered(browser, program, &guess).await;
            let mut differ = difference(&secrets.blank(&answer), &secrets.blank(&guessed));
            if differ.is_some() {
                // The audit log may have been sealed between the two: what tells somebody apart tells it again.
                let answer = answered(browser, program, &ask).await;
                let guessed = answered(browser, program, &guess).await;
                differ = difference(&secrets.blank(&answer), &secrets.blank(&guessed));
            }
            if let Some(differ) = differ {
                return Err(format!("{ask:?}, right and wrong: {differ:?}"));
            }
            answers += 1;
        }
    }
    Ok(answers)
}

/// The same walk as somebody who sees everything: where each secret stands.
async fn finds(
    browser: &mut Browser,
    program: &Program,
    (hidden, secrets): &(Hidden, Secrets),
) -> Vec<(Ask, Vec<String>)> {
    let mut found = Vec::new();
    let may_be_asked = |ask: &Ask| ask.arguments.is_none() || only_reads(&ask.path);
    for ask in hidden.asks().into_iter().filter(may_be_asked) {
        let answer = answered(browser, program, &ask).await;
        let seen = secrets.in_answer(&ask, &answer).into_iter().map(str::to_owned).collect();
        found.push((ask, seen));
    }
    found
}

/// How many this person is told of: the list, the filter's positions, the dashboard's figures.
async fn counts(browser: &mut Browser, program: &Program) -> [i64; 5] {
    let list = json_of(browser, program, "/api/list_candidates", &[]).await;
    let positions = json_of(browser, program, "/api/list_positions", &[]).await;
    let dashboard = json_of(browser, program, "/api/read_dashboard", &[]).await;
    let number = |value: &Value| value.as_i64().unwrap_or_else(|| panic!("a number, not {value}"));
    [
        number(&list["count"]),
        i64::try_from(positions.as_array().expect("a list").len()).expect("few"),
        number(&dashboard["attention"]["count"]),
        number(&dashboard["awaiting"]["count"]),
        number(&dashboard["funnel"]["invited"]),
    ]
}

/// Listens until the word of the set-up, which everybody of the organization gets.
async fn heard(mut stream: Response) -> String {
    let mut heard = String::new();
    while !heard.contains("event: setup") {
        let part = tokio::time::timeout(crate::program::PATIENCE, stream.chunk()).await.expect("it is told");
        heard += &String::from_utf8_lossy(&part.expect("readable").expect("it goes on"));
    }
    heard
}

#[tokio::test]
async fn whoever_may_not_see_confidential_candidates_finds_no_trace_of_them_anywhere() {
    let mut halden = Halden::new().await;
    halden.lever("/sandbox/postings", json!({ "text": POSITION })).await;
    let folder = halden.folder.clone();
    for (email, role) in [("jonas", "Team Member"), ("priya", "Team Member"), ("ken", "Limited Team Member")] {
        folder.add_user(&format!("{email}@halden.example"), role).await;
    }
    folder.add_user("lucy@halden.example", "Team Member").await;
    let another = ["Super Admin", "Admin", "Team Member", "Limited Team Member"];
    for (name, role) in ["eve", "abe", "mia", "leo"].into_iter().zip(another) {
        folder.add_user_to("Another Company", &format!("{name}@another.example"), role).await;
    }
    let program = halden.start().await;
    let lucy = Browser::signed_in(&program, "lucy@halden.example").await;
    let known = company(&program, &mut halden).await;
    let (hidden, secrets) = &known;
    let never_shown = &secrets.1;

    let mut people = Vec::new();
    for email in PEOPLE {
        people.push((email, Browser::signed_in(&program, email).await));
    }
    // What Jonas and Ken may know of at all: Ada, and nobody.
    assert_eq!(counts(&mut people[0].1, &program).await, [1, 1, 0, 0, 1]);
    assert_eq!(counts(&mut people[1].1, &program).await, [0, 0, 0, 0, 0]);
    assert_eq!(counts(&mut halden.nora, &program).await, [4, 2, 1, 1, 3]);

    let mut streams = Vec::new();
    for (_, browser) in &mut people[..2] {
        streams.push(browser.get(&program, "/live").await);
    }
    let all_seen = halden.nora.get(&program, "/live").await;
    let verdict = [("invite", hidden.invites[0].as_str()), ("version", "99"), ("verdict", "failed")];
    let refused = json_of(&mut halden.nora, &program, "/api/give_verdict", &verdict).await;
    assert_eq!(refused["problem"], "Conflict", "{refused}");
    let view = json_of(&mut halden.nora, &program, "/api/read_candidate", &[("invite", &hidden.invites[0])]).await;
    let version = view["row"]["version"].to_string();
    let verdict = [("invite", hidden.invites[0].as_str()), ("version", &version), ("verdict", "failed")];
    json_of(&mut halden.nora, &program, "/api/give_verdict", &verdict).await;
    json_of(&mut halden.nora, &program, "/api/sync_lever", &[]).await;
    assert!(heard(all_seen).await.contains(&hidden.invites[0]), "who may see it is told of it");
    for stream in streams {
        let heard = heard(stream).await;
        assert!(secrets.0.iter().all(|secret| !heard.contains(secret)), "{heard}");
    }

    // Lever gives interviewers no access, which we heard since Lucy signed in.
    people.push(("an interviewer", lucy));
    people.push(("a stranger", Browser::default()));
    let routes = hidden.routes().len();
    let mut all = 0;
    for (who, browser) in &mut people {
        let answers = finds_nothing(browser, &program, &known).await;
        let answers = answers.unwrap_or_else(|found| panic!("{who} asked, and {found}"));
        assert!(answers >= 100, "{who}: {answers}");
        all += answers;
    }
    println!(
        "{routes} routes × {} who may see nothing of them: {} cases, {all} answers",
        people.len(),
        routes * people.len()
    );

    let found = finds(&mut halden.nora, &program, &known).await;
    for secret in &secrets.0 {
        let is_found = found.iter().any(|(_, seen)| seen.contains(secret));
        assert!(is_found || never_shown.contains(secret), "the walk can find {secret}");
    }
    for page in ["/", "/candidates", "/candidates?attention=1", "/api/read_dashboard", "/api/list_candidates"] {
        let named = found.iter().any(|(ask, seen)| ask.path == page && seen.iter().any(|one| one == FAMILY));
        assert!(named, "{page} names them to who may see them");
    }
    // What was tried in vain changed nothing, and whoever follows a candidate in Lever sees that one.
    assert_eq!(counts(&mut halden.nora, &program).await, [4, 2, 1, 1, 3]);
    let mut priya = Browser::signed_in(&program, "priya@halden.example").await;
    assert_eq!(counts(&mut priya, &program).await, [2, 2, 0, 0, 2]);
}
