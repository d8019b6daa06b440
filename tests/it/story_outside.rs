//! What the program opens to the outside, what it asks there, and what it writes down of those it refused.

use std::{collections::BTreeSet, fs, net::TcpListener, time::Duration};

use reqwest::{StatusCode, header};
use serde_json::json;

use crate::{
    browser::Browser,
    halden::Halden,
    nobody,
    program::{Folder, PATIENCE, Program},
};

const NORA: &str = "nora@halden.example";
const LEVER_PAGE: &str = "/settings/integrations/lever";
/// What we ask Lever's consent for. A scope that is added is a decision: here, on our page, and in README.md.
const SCOPES: [&str; 9] = [
    "offline_access",
    "opportunities:read:admin",
    "applications:read:admin",
    "contact:read:admin",
    "notes:write:admin",
    "stages:read:admin",
    "postings:read:admin",
    "users:read:admin",
    "webhooks:write:admin",
];

/// The ports that a process listens on.
fn listens_on(program: &Program) -> BTreeSet<u16> {
    let at = |path: &str| format!("/proc/{}/{path}", program.id());
    let open = fs::read_dir(at("fd")).expect("it runs").filter_map(|one| fs::read_link(one.ok()?.path()).ok());
    let sockets: BTreeSet<String> = open
        .filter_map(|link| Some(link.to_str()?.strip_prefix("socket:[")?.trim_end_matches(']').to_owned()))
        .collect();
    let tables =
        ["net/tcp", "net/tcp6", "net/udp", "net/udp6"].map(|table| fs::read_to_string(at(table)).unwrap_or_default());
    let lines: Vec<_> = tables
        .iter()
        .flat_map(|table| table.lines().skip(1))
        .map(|line| line.split_whitespace().collect::<Vec<_>>())
        .collect();
    // 0A is a listener of TCP's, 07 one of UDP's.
    let listening = lines.iter().filter(|line| sockets.contains(line[9]) && ["0A", "07"].contains(&line[3]));
    listening
        .map(|line| u16::from_str_radix(line[1].rsplit(':').next().expect("a port"), 16).expect("a number"))
        .collect()
}

fn port(url: &str) -> u16 {
    url.rsplit(':').next().and_then(|port| port.parse().ok()).expect("a port")
}

#[tokio::test]
async fn it_listens_where_it_says_and_nowhere_else() {
    let folder = Folder::new();
    let program = folder.serve().await;
    assert_eq!(listens_on(&program), BTreeSet::from([port(&program.url)]));
    let folder = Folder::new();
    let mut program = folder.serve_with(&[("CANDILEVER_PUBLIC_LISTEN", "127.0.0.1:0")]).await;
    let public = program.next_address().await;
    assert_eq!(listens_on(&program), BTreeSet::from([port(&program.url), port(&public)]));
    // What watches it says two words and no more.
    for (path, said) in [("/healthz", "alive\n"), ("/readyz", "ready\n")] {
        assert_eq!(program.get(path).send().await.expect("an answer").text().await.expect("text"), said);
    }
}

#[tokio::test]
async fn no_proxy_of_the_environment_is_used() {
    let folder = Folder::new();
    folder.migrate().await;
    let proxy = TcpListener::bind("127.0.0.1:0").expect("an address");
    proxy.set_nonblocking(true).expect("set");
    let called = TcpListener::bind("127.0.0.1:0").expect("an address");
    called.set_nonblocking(true).expect("set");
    let mut doctor = folder.command(&["doctor"]);
    doctor.env("CANDILEVER_PUBLIC_URL", format!("http://{}", called.local_addr().expect("an address")));
    for name in ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"] {
        doctor.env(name, format!("http://{}", proxy.local_addr().expect("an address")));
    }
    let mut running = doctor.spawn().expect("it runs");
    let give_up = std::time::Instant::now() + PATIENCE;
    while called.accept().is_err() {
        assert!(std::time::Instant::now() < give_up, "it calls directly");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    running.kill().await.expect("ended");
    assert!(proxy.accept().is_err(), "and not by way of the proxy");
}

#[tokio::test]
async fn consent_is_asked_for_what_the_page_and_the_readme_name_and_its_return_tells_nobody() {
    let mut halden = Halden::new().await;
    let program = halden.start().await;
    halden.sign_in(&program).await;
    let page = halden.nora.get(&program, LEVER_PAGE).await.text().await.expect("text");
    let readme = include_str!("../../README.md");
    for scope in SCOPES {
        assert!(page.contains(&format!("<code>{scope}")), "{scope} on our page");
        assert!(readme.contains(&format!("`{scope}`")), "{scope} in README.md");
    }
    let asked = halden.nora.press(&program, LEVER_PAGE, "/api/connect_lever", &[]).await;
    let asked = url::Url::parse(asked.headers()[header::LOCATION].to_str().expect("text")).expect("an address");
    let scopes = asked.query_pairs().find(|(name, _)| name == "scope").expect("scopes").1.into_owned();
    assert_eq!(scopes.split(' ').collect::<BTreeSet<_>>(), BTreeSet::from(SCOPES));

    for query in ["code=a-code&state=a-state", "error=access_denied&state=a-state", "code=%ff&code=b", ""] {
        for path in ["/oauth/lever/callback", "/oidc/none/callback"] {
            let answer = halden.nora.get(&program, &format!("{path}?{query}")).await;
            assert!(answer.status().is_redirection(), "{path}?{query}: {}", answer.status());
            assert_eq!(answer.headers()["referrer-policy"], "no-referrer", "{path}?{query}");
            assert_eq!(answer.headers()["cache-control"], "no-store", "{path}?{query}");
            let to = answer.headers()[header::LOCATION].to_str().expect("text");
            assert!(!to.contains("a-code") && !to.contains("a-state"), "{to}");
            assert!(answer.text().await.expect("text").is_empty(), "no page that a browser would stay at");
        }
    }
}

/// No token travels in an address: what Lever's and Canditech's stand-ins were asked, from the first call to a note.
#[tokio::test]
async fn no_call_has_a_key_in_its_address() {
    let mut halden = Halden::new().await;
    let program = halden.start().await;
    halden.set_up(&program).await;
    let ada = halden.applies("Ada Berg", "ada@mail.example").await;
    halden.moves(&ada).await;
    crate::halden::until("it is noted", async || halden.notes(&ada).await.len() == 1).await;
    for (stand_in, least) in [(halden.sandbox.lever_url(), 8), (halden.sandbox.canditech_url(), 2)] {
        let ledger = halden.read(&format!("{stand_in}/sandbox/ledger")).await;
        let calls = ledger["data"].as_array().expect("a list");
        assert!(calls.len() >= least, "{calls:?}");
        for call in calls {
            let (path, query) = (call["path"].as_str().expect("text"), call["query"].as_str().unwrap_or_default());
            // Consent is asked for in an address, by its nature: it has a challenge, and no key.
            let query = if path == "/authorize" { "" } else { query };
            let address = format!("{path}?{query}");
            let long = address.split(['/', '?', '&', '=']).find(|part| part.len() > 60 || part.contains("ctk_"));
            assert_eq!(long, None, "{call}");
            let spelt = ["access_token", "api_key", "apikey", "secret", "bearer"];
            assert!(spelt.iter().all(|word| !address.to_lowercase().contains(word)), "{call}");
        }
    }
}

#[tokio::test]
async fn whoever_is_refused_is_written_down_without_what_they_sent() {
    let folder = Folder::new();
    folder.add_user(NORA, "Super Admin").await;
    folder.add_user("tim@halden.example", "Team Member").await;
    let log = folder.path().join("log");
    let program = folder.serve_with_log(&[("CANDILEVER_LOG", "info")], &log).await;
    let logged = || fs::read_to_string(&log).expect("the log");
    let since = |before: &str| logged().strip_prefix(before).expect("it grows").to_owned();

    let mut tim = Browser::signed_in(&program, "tim@halden.example").await;
    let before = logged();
    tim.call(&program, "/api/choose_share", &[("calls_per_second".into(), "7".into())]).await;
    let line = since(&before);
    let says_who = |line: &str| line.contains("127.0.0.1") && line.contains("user=\"usr_");
    assert!(line.contains("a role did not allow it") && says_who(&line), "a right: {line}");

    let before = logged();
    let export = tim.call(&program, "/audit/export", &[("area".into(), "a-secret-wish".into())]).await;
    assert_eq!(export.status(), StatusCode::FORBIDDEN);
    let line = since(&before);
    assert!(line.contains("refused") && line.contains("/audit/export") && says_who(&line), "an export: {line}");

    let before = logged();
    let forged = program.request(reqwest::Method::POST, "/api/choose_share").header(header::COOKIE, tim.cookie());
    let forged = forged.header("origin", "https://evil.example").form(&[("calls_per_second", "7")]).send().await;
    assert_eq!(forged.expect("an answer").status(), StatusCode::FORBIDDEN);
    let line = since(&before);
    assert!(
        line.contains("refused") && line.contains("status=403") && line.contains("127.0.0.1"),
        "another site: {line}"
    );

    let before = logged();
    Browser::default().sign_in(&program, NORA, "a-wrong-password", None).await;
    assert!(since(&before).contains("a password was wrong"), "a password");
    let before = logged();
    for _ in 0..12 {
        Browser::default().sign_in(&program, "somebody@halden.example", "a-wrong-password", None).await;
    }
    assert!(since(&before).contains("there were too many"), "too many of them");

    let before = logged();
    let wrong =
        [("present".to_owned(), "a-wrong-password".to_owned()), ("new".to_owned(), "another long password".to_owned())];
    tim.call(&program, "/api/change_password", &wrong).await;
    let line = since(&before);
    assert!(line.contains("the present password was wrong") && line.contains("usr_"), "the present one: {line}");

    let all = logged();
    for secret in
        ["a-secret-wish", "a-wrong-password", "another long password", "evil.example", "somebody@", NORA, "tim@"]
    {
        assert!(!all.contains(secret), "{secret} in {all}");
    }
}

/// What others call their positions, stages and people is text on every page, and in what scripts read.
#[tokio::test]
async fn no_name_of_levers_becomes_markup() {
    const EVIL: &str = "</script></title><fuzz onload=x>\u{2028}\"'`<!--<fuzz >";
    let mut halden = Halden::new().await;
    let program = halden.start().await;
    halden.set_up(&program).await;
    let position = format!("Python {EVIL}");
    halden.lever("/sandbox/postings", json!({ "text": position })).await;
    halden.lever("/sandbox/stages", json!({ "text": format!("Stage {EVIL}") })).await;
    halden.nora.call(&program, "/api/sync_lever", &[]).await;
    halden.attach(&program, &position).await;
    let body = json!({ "name": format!("Ada {EVIL}"), "email": "ada@mail.example", "posting": position });
    let ada = halden.lever("/sandbox/candidates", body).await["opportunity"].as_str().expect("an id").to_owned();
    halden.moves(&ada).await;
    crate::halden::until("it is noted", async || halden.notes(&ada).await.len() == 1).await;
    // Somebody writes into our note, which the candidate's page reads from Lever.
    let written = json!({ "opportunity": ada, "having": "Candilever", "text": format!("Seen by hand {EVIL}") });
    halden.lever("/sandbox/notes/edit", written).await;
    let mut database = nobody::open(&halden.folder).await;
    let mut hidden = nobody::hidden();
    hidden.invites = sqlx::query_scalar("SELECT id FROM invites").fetch_all(&mut database).await.expect("ids");
    hidden.attachment =
        sqlx::query_scalar("SELECT MAX(id) FROM attachments").fetch_one(&mut database).await.expect("an id");
    hidden.posting = halden.id_in_lever("postings", "text", &position).await;
    let page =
        halden.nora.get(&program, &format!("/candidates/{}", hidden.invites[0])).await.text().await.expect("text");
    assert!(page.contains("Seen by hand &lt;/script"), "the note as Lever has it: {page}");
    let (mut pages, mut named) = (0, 0);
    for ask in hidden.asks().into_iter().filter(|ask| ask.arguments.is_none() && ask.path != "/live") {
        let page = halden.nora.get(&program, &ask.path).await.text().await.expect("text");
        assert!(!page.contains("<fuzz"), "{}: {page}", ask.path);
        pages += 1;
        named += usize::from(page.contains("&lt;fuzz"));
        for script in page.split("<script").skip(1).filter_map(|rest| rest.split("</script>").next()) {
            assert!(!script.contains('\u{2028}') && !script.contains("<!--"), "{}: {script}", ask.path);
        }
    }
    assert!(pages > 30 && named > 8, "{named} of {pages} pages name them");
}
