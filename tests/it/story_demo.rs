//! Somebody tries it: one command, four links, nothing left behind.

use std::process::Stdio;

use reqwest::StatusCode;
use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    process::{Child, Command},
    time::timeout,
};

use crate::program::{Folder, PATIENCE, client};

/// The stand-ins' usual ports have room for one.
const ON_FREE_PORTS: [&str; 8] = ["--lever-port", "0", "--canditech-port", "0", "--post-port", "0", "--smtp-port", "0"];

/// A running demo or sandbox, and what it printed until `last`.
async fn start(folder: &Folder, arguments: &[&str], last: &str) -> (Child, Vec<String>) {
    let mut command = folder.command(arguments);
    let mut child = command.env("TMPDIR", folder.path()).stderr(Stdio::inherit()).spawn().expect("it runs");
    let mut lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
    let mut printed = Vec::new();
    while printed.last().is_none_or(|line: &String| !line.starts_with(last)) {
        let line = timeout(PATIENCE, lines.next_line()).await.expect("it starts").expect("text");
        printed.push(line.expect("it prints all of it"));
    }
    (child, printed)
}

/// The first address that a line with these words shows.
fn link(printed: &[String], words: &str) -> String {
    let line = printed.iter().find(|line| line.contains(words)).unwrap_or_else(|| panic!("{words} in {printed:#?}"));
    line[line.find("http://").expect("an address")..].to_owned()
}

async fn interrupt(child: &mut Child) {
    let id = child.id().expect("it runs").to_string();
    assert!(Command::new("kill").args(["-INT", &id]).status().await.expect("kill runs").success());
    let status = timeout(PATIENCE, child.wait()).await.expect("it ends").expect("it ran");
    assert!(status.success(), "{status}");
}

#[tokio::test]
async fn the_demo_signs_in_by_a_link_has_all_stand_ins_and_leaves_nothing() {
    let folder = Folder::new();
    let (mut first, printed) = start(&folder, &["demo"], "Ctrl-C").await;
    // Its ports are taken now: another one finds others.
    let (mut second, others) = start(&folder, &["demo"], "Ctrl-C").await;
    let enter = link(&printed, "signed in as Nora");
    assert_ne!(enter.split("/demo/").next(), link(&others, "signed in as Nora").split("/demo/").next());
    let client = client();
    let entered = client.get(&enter).send().await.expect("an answer");
    assert_eq!(entered.status(), StatusCode::SEE_OTHER);
    assert_eq!(entered.headers()["location"], "/");
    let cookie = entered.headers()["set-cookie"].to_str().expect("text").split(';').next().expect("a part").to_owned();
    let home = enter.split("/demo/").next().expect("an origin").to_owned();
    let page = client.get(format!("{home}/settings/team")).header("cookie", cookie).send().await.expect("an answer");
    let page = page.text().await.expect("text");
    for name in ["Nora Lindqvist", "Tomas Rivera", "Priya Raman", "Aisha Bello"] {
        assert!(page.contains(name), "{name}");
    }
    for stand_in in ["Lever, a stand-in", "Canditech, a stand-in", "a stand-in for a mail server"] {
        let answer = client.get(link(&printed, stand_in)).send().await.expect("an answer");
        assert!(!answer.status().is_client_error() && !answer.status().is_server_error(), "{stand_in}");
    }
    let wrong = client.get(format!("{home}/demo/guess")).send().await.expect("an answer");
    assert_eq!(wrong.status(), StatusCode::NOT_FOUND);
    interrupt(&mut first).await;
    interrupt(&mut second).await;
    let left: Vec<_> = folder.path().read_dir().expect("a folder").collect();
    assert!(left.is_empty(), "{left:?}");
}

#[tokio::test]
async fn the_demo_s_link_exists_in_the_demo_only() {
    let program = Folder::new().serve().await;
    let answer = program.get("/demo/guess").send().await.expect("an answer");
    assert_eq!(answer.status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_kept_demo_is_found_again_with_its_people() {
    let folder = Folder::new();
    let kept = folder.path().join("kept").display().to_string();
    let mut arguments = vec!["demo", "--data", kept.as_str(), "--port", "0"];
    arguments.extend(ON_FREE_PORTS);
    let mut passwords = Vec::new();
    for _ in 0..2 {
        let (mut demo, printed) = start(&folder, &arguments, "Ctrl-C").await;
        passwords.push(printed.into_iter().find(|line| line.contains("password")));
        interrupt(&mut demo).await;
    }
    assert_eq!(passwords[0], passwords[1]);
}

#[tokio::test]
async fn the_stand_ins_run_alone_and_say_how_to_use_them() {
    let folder = Folder::new();
    let arguments = [["sandbox"].as_slice(), &ON_FREE_PORTS].concat();
    let (mut stand_ins, printed) = start(&folder, &arguments, "API key").await;
    assert!(printed.iter().any(|line| line.contains("smtp://127.0.0.1:")), "{printed:#?}");
    for setting in ["LEVER_CLIENT_ID", "LEVER_CLIENT_SECRET", "LEVER_AUTH_URL", "LEVER_API_URL", "LEVER_AUDIENCE"] {
        let export = format!("export CANDILEVER_{setting}=");
        assert!(printed.iter().any(|line| line.starts_with(&export)), "{setting} in {printed:#?}");
    }
    interrupt(&mut stand_ins).await;
}
