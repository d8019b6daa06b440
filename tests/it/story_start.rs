//! Somebody starts it for the first time, and somebody starts it wrongly.

use std::{os::unix::fs::PermissionsExt as _, time::Instant};

use reqwest::StatusCode;

use crate::{
    browser::{Browser, Form},
    program::{Folder, PASSWORD},
};

#[tokio::test]
async fn the_first_start_makes_a_private_database_and_key_and_prints_a_link() {
    let folder = Folder::new();
    let mut program = folder.serve().await;
    assert!(program.before.iter().any(|line| line.starts_with("Made the key file")), "{:?}", program.before);
    for name in ["candilever.db", "candilever.db.key", "candilever.db-wal"] {
        let mode = folder.path().join(name).metadata().expect(name).permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
    let link = program.line().await.expect("a link");
    assert!(link.contains(&format!("{}/set-up/", program.url)), "{link}");
}

#[tokio::test]
async fn the_set_up_link_works_once() {
    let folder = Folder::new();
    let mut program = folder.serve().await;
    let line = program.line().await.expect("a link");
    let path = line.split(program.url.as_str()).nth(1).expect("an address").to_owned();
    let mut browser = Browser::default();
    let page = browser.get(&program, &path).await.text().await.expect("text");
    let form = Form::first(&page);
    let fields = form.fields.iter().map(|field| match (field.kind.as_str(), field.name.as_str()) {
        ("email", name) => (name.to_owned(), "nora@halden.example".to_owned()),
        ("password", name) => (name.to_owned(), PASSWORD.to_owned()),
        ("hidden", name) => (name.to_owned(), field.value.clone()),
        (_, name) => (name.to_owned(), "Halden Instruments".to_owned()),
    });
    let answer = browser.submit(&program, &form.action, fields.collect()).await;
    assert_eq!(answer.status(), StatusCode::FOUND);
    assert_eq!(browser.get(&program, "/").await.status(), StatusCode::OK, "the first person is signed in");

    let again = Browser::default().get(&program, &path).await.text().await.expect("text");
    assert!(!again.contains("type=\"password\""), "a used link shows no form");
    program.signal("TERM").await;
    program.ended().await;
    let mut second = folder.serve().await;
    second.signal("TERM").await;
    assert_eq!(second.line().await, None, "with somebody there, no link is printed");
}

#[tokio::test]
async fn a_second_server_on_the_same_database_is_refused() {
    let folder = Folder::new();
    let _first = folder.serve().await;
    let second = folder.run(&["serve"]).await;
    assert_eq!(second.status.code(), Some(3));
    let complaint = String::from_utf8_lossy(&second.stderr);
    assert!(complaint.contains("Another candilever serves the database"), "{complaint}");
    let beside = folder.add_user("nora@halden.example", "Super Admin").await;
    assert!(beside.status.success(), "other commands work beside it: {}", String::from_utf8_lossy(&beside.stderr));
}

#[tokio::test]
async fn people_are_added_before_the_first_start() {
    let folder = Folder::new();
    let added = folder.add_user("nora@halden.example", "Super Admin").await;
    assert!(added.status.success(), "{}", String::from_utf8_lossy(&added.stderr));
    let twice = folder.add_user("nora@halden.example", "Super Admin").await;
    assert_eq!(twice.status.code(), Some(4));
    let program = folder.serve().await;
    let mut browser = Browser::signed_in(&program, "nora@halden.example").await;
    assert_eq!(browser.get(&program, "/").await.status(), StatusCode::OK);
}

#[tokio::test]
async fn wrong_settings_are_refused_at_once_in_one_sentence_without_secrets() {
    let secret = "c2VjcmV0LXZhbHVl";
    let cases: [(&[(&str, &str)], &str); 21] = [
        (&[("LISTEN", "everywhere")], "CANDILEVER_LISTEN"),
        (&[("LISTEN", "192.0.2.1:80")], "CANDILEVER_LISTEN"),
        (&[("LISTEN", "0.0.0.0:0")], "CANDILEVER_PUBLIC_URL"),
        (&[("PUBLIC_URL", "http://candilever.example.com")], "CANDILEVER_PUBLIC_URL"),
        (&[("PUBLIC_URL", "https://candilever.example.com/path")], "CANDILEVER_PUBLIC_URL"),
        (&[("DATABASE_URL", "mysql://a:c2VjcmV0LXZhbHVl@b/c")], "CANDILEVER_DATABASE_URL"),
        (&[("DATABASE_URL", "sqlite:///no/such/folder/a.db")], "/no/such/folder"),
        (&[("DATABASE_URL", "postgres://a:c2VjcmV0LXZhbHVl@127.0.0.1:1/c")], "CANDILEVER_MASTER_KEY"),
        (&[("MASTER_KEY", secret)], "CANDILEVER_MASTER_KEY"),
        (&[("LEVER_CLIENT_SECRET", secret)], "CANDILEVER_LEVER_CLIENT_ID"),
        (&[("LEVER_ENVIRONMENT", "custom")], "CANDILEVER_LEVER_AUTH_URL"),
        (&[("LEVER_API_URL", "https://api.lever.co")], "CANDILEVER_LEVER_API_URL"),
        (&[("LEVER_CALLS_PER_SECOND", "0")], "CANDILEVER_LEVER_CALLS_PER_SECOND"),
        (&[("LEVER_CALLS_PER_SECOND", "11")], "CANDILEVER_LEVER_CALLS_PER_SECOND"),
        (&[("PROVIDER_HOSTS", "https://canditech.example/api")], "CANDILEVER_PROVIDER_HOSTS"),
        (&[("WEBHOOK_HOSTS", "https://systems.example/")], "CANDILEVER_WEBHOOK_HOSTS"),
        (&[("SMTP_URL", "smtps://u:c2VjcmV0LXZhbHVl@mail.example")], "CANDILEVER_MAIL_FROM"),
        (
            &[("SMTP_URL", "https://u:c2VjcmV0LXZhbHVl@mail.example"), ("MAIL_FROM", "a@b.example")],
            "CANDILEVER_SMTP_URL",
        ),
        (&[("DIGEST_HOUR", "24")], "CANDILEVER_DIGEST_HOUR"),
        (&[("LATE_AT_ONCE", "-1")], "CANDILEVER_LATE_AT_ONCE"),
        (&[("TRUSTED_PROXIES", "the proxy")], "CANDILEVER_TRUSTED_PROXIES"),
    ];
    for (settings, named) in cases {
        let folder = Folder::new();
        let mut command = folder.command(&["serve"]);
        command.envs(settings.iter().map(|(name, value)| (format!("CANDILEVER_{name}"), *value)));
        let began = Instant::now();
        let output = command.output().await.expect("it runs");
        assert!(began.elapsed().as_secs() < 2, "{settings:?}");
        assert!(matches!(output.status.code(), Some(2 | 3)), "{settings:?}: {:?}", output.status);
        let complaint = String::from_utf8_lossy(&output.stderr);
        assert!(complaint.contains(named), "{settings:?}: {complaint}");
        assert_eq!(complaint.trim().lines().count(), 1, "{complaint}");
        assert!(!complaint.contains(secret), "{complaint}");
    }
}

#[tokio::test]
async fn help_lists_every_setting_and_shows_no_secret() {
    let folder = Folder::new();
    let mut command = folder.command(&["--help"]);
    command.env("CANDILEVER_MASTER_KEY", "hunter2").env("CANDILEVER_LEVER_CLIENT_SECRET", "hunter3");
    let output = command.output().await.expect("it runs");
    let help = String::from_utf8_lossy(&output.stdout);
    for setting in [
        "LISTEN",
        "PUBLIC_URL",
        "DATABASE_URL",
        "MASTER_KEY",
        "LEVER_ENVIRONMENT",
        "LEVER_CLIENT_ID",
        "LEVER_CLIENT_SECRET",
        "LEVER_AUTH_URL",
        "LEVER_API_URL",
        "LEVER_AUDIENCE",
        "LEVER_CALLS_PER_SECOND",
        "PROVIDER_HOSTS",
        "SMTP_URL",
        "SMTP_URL_FILE",
        "MAIL_FROM",
        "LATE_AT_ONCE",
        "DIGEST_HOUR",
        "PROXY",
        "PUBLIC_LISTEN",
        "METRICS_LISTEN",
        "SIGN_IN_PROVIDERS",
        "SECURITY_CONTACT",
        "MASTER_KEY_FILE",
        "LEVER_CLIENT_SECRET_FILE",
        "WEBHOOK_HOSTS",
        "CATCH_UP_SECONDS",
        "TRUSTED_PROXIES",
        "LOG",
        "LOG_FORMAT",
    ] {
        assert!(help.contains(&format!("CANDILEVER_{setting}")), "{setting} in {help}");
    }
    assert!(!help.contains("hunter"), "{help}");
}
