//! What a session is: an id of our own that cannot be guessed, another one at each change of what it may do, and an
//! end that counts at once on every server.

use std::collections::BTreeSet;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use reqwest::{Method, StatusCode, header};
use sqlx::{AnyConnection, Connection as _};

use crate::{
    browser::{Browser, Form},
    postgres,
    program::{Folder, PASSWORD, Program},
};

const NORA: &str = "nora@halden.example";

/// What a statement answers with, one number.
async fn ask(folder: &Folder, statement: &'static str) -> i64 {
    sqlx::any::install_default_drivers();
    let mut database = AnyConnection::connect(&folder.database_url()).await.expect("it opens");
    let answer = sqlx::query_scalar(statement).fetch_one(&mut database).await.expect("a number");
    database.close().await.expect("it closes");
    answer
}

async fn status(program: &Program, cookie: &str, host: &str) -> StatusCode {
    let asked = program.request(Method::POST, "/api/read_frame").header(header::COOKIE, cookie);
    let asked = asked.header(header::HOST, host).header("origin", format!("http://{host}"));
    asked.header(header::ACCEPT, "application/json").send().await.expect("an answer").status()
}

fn id(cookie: &str) -> Vec<u8> {
    let value = cookie.split_once('=').expect("a name and a value").1;
    URL_SAFE_NO_PAD.decode(value).unwrap_or_else(|error| panic!("{value}: {error}"))
}

#[tokio::test]
async fn an_id_has_128_bits_none_comes_twice_and_one_from_outside_is_never_used() {
    let folder = Folder::new();
    folder.add_user(NORA, "Super Admin").await;
    let program = folder.serve().await;
    let mut ids = BTreeSet::new();
    let mut ones = 0;
    for _ in 0..40 {
        let nora = Browser::signed_in(&program, NORA).await;
        let id = id(nora.cookie());
        assert_eq!(id.len(), 16, "128 bits");
        ones += id.iter().map(|byte| byte.count_ones()).sum::<u32>();
        assert!(ids.insert(id), "twice");
    }
    // Of 5,120 tossed coins some half are heads.
    assert!((2_350..2_770).contains(&ones), "{ones}");
    for given in ["AAAAAAAAAAAAAAAAAAAAAA", "x", "", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"] {
        let cookie = format!("candilever={given}");
        let form = [("email", NORA), ("password", PASSWORD)];
        let asked = program.post("/api/sign_in").header(header::COOKIE, &cookie).header(header::ACCEPT, "text/html");
        let answer = asked.form(&form).send().await.expect("an answer");
        let set = answer.headers()[header::SET_COOKIE].to_str().expect("text");
        let own = set.split(';').next().expect("a first part");
        assert!(own != cookie && id(own).len() == 16, "{own}");
        let host = program.url.trim_start_matches("http://");
        assert_eq!(status(&program, &cookie, host).await, StatusCode::UNAUTHORIZED, "{cookie}");
        assert_eq!(status(&program, own, host).await, StatusCode::OK);
    }
}

#[tokio::test]
async fn another_organization_and_an_accepted_invitation_bring_another_id() {
    let folder = Folder::new();
    folder.add_user(NORA, "Super Admin").await;
    folder.add_user_to("Another Company", "eve@another.example", "Super Admin").await;
    let program = folder.serve().await;
    let host = program.url.trim_start_matches("http://").to_owned();
    // Eve invites Nora, who joins with the password that she has.
    let mut eve = Browser::signed_in(&program, "eve@another.example").await;
    let invited =
        eve.press(&program, "/settings/team", "/api/invite_person", &[("email", NORA), ("role", "admin")]).await;
    assert!(invited.status().is_redirection());
    let team = eve.get(&program, "/settings/team").await.text().await.expect("text");
    let link = team.split("/invitation/").nth(1).and_then(|rest| rest.split(['"', '<']).next()).expect("a link");
    let path = format!("/invitation/{link}");
    let mut nora = Browser::signed_in(&program, NORA).await;
    let before = nora.cookie().to_owned();
    let page = nora.get(&program, &path).await.text().await.expect("text");
    let form = Form::to(&page, "/api/accept_invitation");
    let fields = form.fields.iter().map(|field| match field.kind.as_str() {
        "password" => (field.name.clone(), PASSWORD.to_owned()),
        "hidden" => (field.name.clone(), field.value.clone()),
        _ => (field.name.clone(), "Nora".to_owned()),
    });
    nora.submit(&program, "/api/accept_invitation", fields.collect()).await;
    let joined = nora.cookie().to_owned();
    assert_ne!(before, joined, "joining brings another id");
    assert_eq!(status(&program, &before, &host).await, StatusCode::UNAUTHORIZED, "the old one is worthless");
    assert_eq!(status(&program, &joined, &host).await, StatusCode::OK);

    let account = nora.get(&program, "/account").await.text().await.expect("text");
    let form = Form::to(&account, "/api/switch_organization");
    let fields = form.fields.into_iter().map(|field| (field.name, field.value)).collect();
    nora.submit(&program, "/api/switch_organization", fields).await;
    let switched = nora.cookie().to_owned();
    assert_ne!(joined, switched, "another organization brings another id");
    assert_eq!(status(&program, &joined, &host).await, StatusCode::UNAUTHORIZED, "the old one is worthless");
    assert_eq!(status(&program, &switched, &host).await, StatusCode::OK);
}

/// A program with two organizations, and Nora signed in who belongs to both; with the form that leads her from
/// the second, in which she is, to the first.
async fn in_two(folder: &Folder) -> (Program, Browser, Vec<(String, String)>) {
    folder.add_user(NORA, "Super Admin").await;
    folder.add_user_to("Another Company", "eve@another.example", "Super Admin").await;
    let program = folder.serve().await;
    let mut eve = Browser::signed_in(&program, "eve@another.example").await;
    eve.press(&program, "/settings/team", "/api/invite_person", &[("email", NORA), ("role", "super_admin")]).await;
    let team = eve.get(&program, "/settings/team").await.text().await.expect("text");
    let link = team.split("/invitation/").nth(1).and_then(|rest| rest.split(['"', '<']).next()).expect("a link");
    let mut nora = Browser::signed_in(&program, NORA).await;
    let fields = [("token", link), ("name", "Nora"), ("password", PASSWORD)];
    let fields = fields.map(|(name, value)| (name.to_owned(), value.to_owned()));
    nora.submit(&program, "/api/accept_invitation", fields.into()).await;
    let account = nora.get(&program, "/account").await.text().await.expect("text");
    let form = Form::to(&account, "/api/switch_organization");
    let other = form.fields.into_iter().map(|field| (field.name, field.value)).collect();
    (program, nora, other)
}

#[tokio::test]
async fn one_session_becomes_no_more_than_one_by_whoever_goes_on_many_times_at_once() {
    let folder = Folder::new();
    let (program, nora, other) = in_two(&folder).await;
    let host = program.url.trim_start_matches("http://").to_owned();
    let before = nora.cookie().to_owned();
    let switch = async || {
        let asked = program.post("/api/switch_organization").header(header::COOKIE, &before);
        asked.header(header::ACCEPT, "application/json").form(&other).send().await.expect("an answer")
    };
    let answers = futures::future::join_all((0..6).map(|_| switch())).await;
    let mut ids = BTreeSet::from([before.clone()]);
    for answer in &answers {
        let set = answer.headers().get(header::SET_COOKIE).map(|cookie| cookie.to_str().expect("text"));
        ids.extend(set.and_then(|cookie| cookie.split(';').next()).map(str::to_owned));
    }
    let mut living = Vec::new();
    for id in ids {
        if status(&program, &id, &host).await == StatusCode::OK {
            living.push(id);
        }
    }
    assert_eq!(living.len(), 1, "{answers:#?}");
    assert_ne!(living[0], before);

    // Whoever is there already stays where they are, under the id that they have.
    let asked = program.post("/api/switch_organization").header(header::COOKIE, &living[0]);
    let again = asked.header(header::ACCEPT, "application/json").form(&other).send().await.expect("an answer");
    assert!(!again.status().is_client_error() && !again.status().is_server_error(), "{}", again.status());
    assert!(
        again
            .headers()
            .get(header::SET_COOKIE)
            .is_none_or(|cookie| { cookie.to_str().expect("text").starts_with(&living[0]) })
    );
    assert_eq!(status(&program, &living[0], &host).await, StatusCode::OK);
}

#[tokio::test]
async fn whoever_loses_an_organization_changes_nothing_in_another_from_its_pages() {
    let folder = Folder::new();
    let (program, mut nora, _) = in_two(&folder).await;
    let months = async || ask(&folder, "SELECT COUNT(*) FROM organizations WHERE retention_months IS NOT NULL").await;
    let chosen = [("months".to_owned(), "12".to_owned())];
    let lost = "DELETE FROM memberships WHERE user_id = (SELECT id FROM users WHERE email = 'nora@halden.example')
                AND organization_id = (SELECT id FROM organizations WHERE name = 'Another Company') RETURNING 1";
    assert_eq!(ask(&folder, lost).await, 1);
    for _ in 0..2 {
        let refused = nora.call(&program, "/api/choose_retention", &chosen).await;
        assert_eq!(refused.status(), StatusCode::CONFLICT);
    }
    assert_eq!(months().await, 0);
    // Her next page is of the organization that she still has, and so is what she does there.
    let page = nora.get(&program, "/settings/integrations/lever").await;
    assert_eq!(page.status(), StatusCode::OK);
    let done = nora.call(&program, "/api/choose_retention", &chosen).await;
    assert_eq!(done.status(), StatusCode::OK);
    assert_eq!(months().await, 1);
}

#[tokio::test]
async fn signing_out_counts_at_once_on_every_server() {
    let Some(folder) = postgres::folder().await else { return };
    folder.add_user(NORA, "Super Admin").await;
    let first = folder.serve().await;
    let second = folder.serve_with(&[("CANDILEVER_PUBLIC_URL", first.url.as_str())]).await;
    let host = first.url.trim_start_matches("http://").to_owned();
    let mut nora = Browser::signed_in(&first, NORA).await;
    let other = Browser::signed_in(&first, NORA).await;
    let cookie = nora.cookie().to_owned();
    for program in [&first, &second] {
        assert_eq!(status(program, &cookie, &host).await, StatusCode::OK);
    }
    // Everywhere else first, then here.
    nora.call(&first, "/api/end_other_sessions", &[]).await;
    for program in [&second, &first] {
        assert_eq!(status(program, other.cookie(), &host).await, StatusCode::UNAUTHORIZED, "everywhere");
        assert_eq!(status(program, &cookie, &host).await, StatusCode::OK, "but here");
    }
    nora.press(&first, "/", "/api/sign_out", &[]).await;
    for program in [&second, &first] {
        assert_eq!(status(program, &cookie, &host).await, StatusCode::UNAUTHORIZED);
    }
}
