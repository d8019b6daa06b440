//! An organization leaves, as whoever runs the installation has it done, beside the running program.

use std::process::Output;

use reqwest::{StatusCode, header};

use crate::{
    browser::Browser,
    halden::{Halden, NORA, until},
    program::PASSWORD,
};

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn complaint(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[tokio::test]
async fn an_organization_is_listed_asked_about_and_removed_while_the_other_works_on() {
    let mut halden = Halden::new().await;
    let added = halden.folder.add_user_to("Other Company", "boss@other.example", "Super Admin").await;
    assert!(added.status.success(), "{}", complaint(&added));
    let program = halden.start().await;
    halden.set_up(&program).await;
    let ada = halden.applies("Ada Berg", "ada@mail.example").await;
    halden.moves(&ada).await;
    until("it is sent", async || halden.sent().await.len() == 1).await;
    let mut boss = Browser::signed_in(&program, "boss@other.example").await;

    let list = said(&halden.run(&["organization", "list"]).await);
    let lines: Vec<&str> = list.lines().collect();
    assert!(lines[0].starts_with("Halden Instruments\t1 person, 1 invite, "), "{list}");
    assert_eq!(lines[1], "Other Company\t1 person, 0 invites, 0 messages");
    let asked = halden.run(&["organization", "remove", "--name", "halden instruments"]).await;
    assert_eq!(asked.status.code(), Some(4));
    assert!(complaint(&asked).contains("Halden Instruments: 1 person, 1 invite, "), "{}", complaint(&asked));
    let unknown = halden.run(&["organization", "remove", "--name", "Nobody", "--yes"]).await;
    assert_eq!(unknown.status.code(), Some(4));
    assert!(complaint(&unknown).contains("No organization is called Nobody"), "{}", complaint(&unknown));
    assert_eq!(halden.nora.get(&program, "/candidates").await.status(), StatusCode::OK, "nothing was removed");

    let removed = halden.run(&["organization", "remove", "--name", "Halden Instruments", "--yes"]).await;
    assert!(removed.status.success(), "{}", complaint(&removed));
    assert!(said(&removed).contains("Removed Halden Instruments"), "{}", said(&removed));
    let answer = halden.nora.get(&program, "/candidates").await;
    assert!(answer.headers()[header::LOCATION].to_str().expect("text").starts_with("/sign-in"), "her session ended");
    let again = Browser::default().sign_in(&program, NORA, PASSWORD, None).await;
    assert!(again.headers()[header::LOCATION].to_str().expect("text").contains("refused=wrong"), "nobody knows her");
    halden.moves(&ada).await;
    assert_eq!(boss.get(&program, "/candidates").await.status(), StatusCode::OK);
    let list = said(&halden.run(&["organization", "list"]).await);
    assert_eq!(list, "Other Company\t1 person, 0 invites, 0 messages\n");
    let doctor = halden.run(&["doctor"]).await;
    assert!(!said(&doctor).contains("Halden"), "{}", said(&doctor));
    assert_eq!(halden.sent().await.len(), 1, "what is at Canditech is theirs");
}
