//! Files of the site: what is public and nothing beside it, however it is asked for.

use reqwest::StatusCode;

use crate::{program::Folder, wire::Wire};

/// Ways to write one step up, and a slash.
const UP: [&str; 10] =
    ["..", "%2e%2e", "%2E.", ".%2e", "%252e%252e", "..%00", "..;", "....", "%c0%ae%c0%ae", "%uff0e%uff0e"];
const SLASHES: [&str; 6] = ["/", "%2f", "%5c", "\\", "%252f", "//"];
/// What somebody would like to read.
const WISHED: [&str; 5] = ["Cargo.toml", "etc/passwd", "candilever.db", "candilever.db.key", "src/main.rs"];
/// What is inside those files, and of no page.
const INSIDE: [&str; 6] = ["[package]", "root:x:", "SQLite format", "fn main", "[workspace]", "nobody:"];

#[tokio::test]
async fn no_way_leads_out_of_the_site() {
    let folder = Folder::new();
    folder.add_user("nora@halden.example", "Super Admin").await;
    let program = folder.serve().await;
    let host = program.url.trim_start_matches("http://");
    let mut asked = 0;
    for up in UP {
        for slash in SLASHES {
            for wished in WISHED {
                for from in ["/", "/pkg/"] {
                    let way = format!("{from}{}{wished}", format!("{up}{slash}").repeat(6));
                    let mut wire = Wire::open(&program).await;
                    wire.say(format!("GET {way} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n").as_bytes())
                        .await;
                    let told = wire.all().await;
                    let status = told.split(' ').nth(1).unwrap_or_default();
                    assert!(["400", "404"].contains(&status), "{way}: {status}");
                    assert!(INSIDE.iter().all(|inside| !told.contains(inside)), "{way}: {told}");
                    asked += 1;
                }
            }
        }
    }
    println!("{asked} ways out, none of which leads out");
}

#[tokio::test]
async fn there_are_no_lists_dotfiles_maps_or_sources() {
    let program = Folder::new().serve().await;
    for path in [
        "/pkg",
        "/pkg/",
        "/pkg/none/",
        "/pkg/none",
        "/pkg/build.json",
        "/build.json",
        "/.env",
        "/.git/HEAD",
        "/.gitignore",
        "/.well-known/",
        "/pkg/.hidden",
        "/pkg/none/app.js.map",
        "/app.wasm.map",
        "/pkg/none/app_bg.wasm.br",
        "/favicon.ico.gz",
        "/main.css",
        "/Cargo.lock",
        "/candilever.db",
        "/candilever.db-wal",
        "/candilever.db.key",
    ] {
        let answer = program.get(path).send().await.expect("an answer");
        assert_eq!(answer.status(), StatusCode::NOT_FOUND, "{path}");
    }
}

/// Whom to tell of a weakness, where somebody is named.
#[tokio::test]
async fn a_finder_of_weaknesses_learns_whom_to_tell() {
    let path = "/.well-known/security.txt";
    let nobody = Folder::new().serve().await;
    assert_eq!(nobody.get(path).send().await.expect("an answer").status(), StatusCode::NOT_FOUND);
    let named = [("CANDILEVER_SECURITY_CONTACT", "mailto:security@halden.example")];
    let program = Folder::new().serve_with(&named).await;
    let answer = program.get(path).send().await.expect("an answer");
    assert_eq!(answer.headers()["content-type"], "text/plain; charset=utf-8");
    let text = answer.text().await.expect("text");
    assert!(text.starts_with("Contact: mailto:security@halden.example\nExpires: 20"), "{text}");
    assert!(text.contains(&format!("Canonical: {}{path}\n", program.url)), "{text}");
    for wrong in ["security@halden.example", "http://halden.example", "javascript:alert(1)", "call us"] {
        let folder = Folder::new();
        let mut command = folder.command(&["serve"]);
        let output = command.env("CANDILEVER_SECURITY_CONTACT", wrong).output().await.expect("it runs");
        assert_eq!(output.status.code(), Some(2), "{wrong}");
    }
}
