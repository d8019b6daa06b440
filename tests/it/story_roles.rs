//! Who may ask what: every page, server function and route, asked in each of the four roles in two organizations,
//! by somebody without access any more and by a stranger. What each is told stands in `story_roles/table.txt`;
//! a route that is new or that answers a role otherwise fails the test.
//!
//! Everything is asked with ids that are nobody's: what is found with right ones is `story_confidential`'s.

use std::{collections::BTreeSet, fmt::Write as _};

use reqwest::{Response, StatusCode, header};

use crate::{
    browser::Browser,
    nobody,
    program::{Folder, PASSWORD, Program},
    story_confidential::walk::{Ask, Hidden},
};

const TABLE: &str = include_str!("story_roles/table.txt");
const ROLES: [(&str, &str); 4] =
    [("sara", "Super Admin"), ("adam", "Admin"), ("tim", "Team Member"), ("lisa", "Limited Team Member")];
const ORGANIZATIONS: [&str; 2] = ["Halden Instruments", "Another Company"];

/// What somebody is told, as far as it hangs on who they are.
fn word(answer: &Response) -> &'static str {
    let to = answer.headers().get(header::LOCATION).map(|to| to.to_str().expect("text")).unwrap_or_default();
    match answer.status() {
        StatusCode::UNAUTHORIZED => "sign-in",
        _ if to.starts_with("/sign-in?next=") || to == "/sign-in" => "sign-in",
        StatusCode::FORBIDDEN => "no",
        StatusCode::NOT_FOUND => "nothing",
        status if status.is_success() || status.is_redirection() => "yes",
        status if status == StatusCode::INTERNAL_SERVER_ERROR => "broken",
        // Heard, and refused for what was asked.
        _ => "heard",
    }
}

async fn told(browser: &mut Browser, program: &Program, ask: &Ask) -> &'static str {
    let answer = match &ask.arguments {
        None => browser.get(program, &ask.path).await,
        Some(arguments) => browser.call(program, &ask.path, arguments).await,
    };
    word(&answer)
}

/// What one person is told at each route, in the order of the routes.
async fn column(browser: &mut Browser, program: &Program, hidden: &Hidden, routes: &[String]) -> Vec<String> {
    let mut words = Vec::new();
    for route in routes {
        let mut told_here = BTreeSet::new();
        for ask in hidden.of(route) {
            told_here.insert(told(browser, program, &ask).await);
        }
        words.push(told_here.into_iter().collect::<Vec<_>>().join("/"));
    }
    words
}

async fn person(program: &Program, email: &str) -> Browser {
    let mut browser = Browser::default();
    browser.sign_in(program, email, PASSWORD, None).await;
    browser
}

#[tokio::test]
async fn every_route_tells_every_role_of_every_organization_what_the_table_says() {
    let folder = Folder::new();
    let email = |name: &str, number: usize| format!("{name}@company{number}.example");
    for (number, organization) in ORGANIZATIONS.iter().enumerate() {
        for (name, role) in ROLES {
            folder.add_user_to(organization, &email(name, number), role).await;
        }
        folder.add_user_to(organization, &email("gone", number), "Super Admin").await;
    }
    let settings = [("CANDILEVER_LEVER_CLIENT_ID", "id"), ("CANDILEVER_LEVER_CLIENT_SECRET", "secret")];
    let program = folder.serve_with(&settings).await;
    let hidden = nobody::hidden();
    // Signing out last, and the stream, which does not end, apart.
    let mut routes: Vec<_> = hidden.routes().into_iter().filter(|route| !hidden.of(route).is_empty()).collect();
    routes.sort_by_key(|route| (route == "/api/sign_out", route.clone()));
    let mut columns = Vec::new();
    for number in 0..ORGANIZATIONS.len() {
        for (name, _) in ROLES {
            let mut browser = Browser::signed_in(&program, &email(name, number)).await;
            columns.push(column(&mut browser, &program, &hidden, &routes).await);
        }
    }
    let mut gone = person(&program, &email("gone", 0)).await;
    sqlx::query("DELETE FROM memberships WHERE user_id IN (SELECT id FROM users WHERE email LIKE 'gone@%')")
        .execute(&mut nobody::open(&folder).await)
        .await
        .expect("removed");
    columns.push(column(&mut gone, &program, &hidden, &routes).await);
    columns.push(column(&mut Browser::default(), &program, &hidden, &routes).await);

    let here = &columns[..ROLES.len()];
    let there = &columns[ROLES.len()..2 * ROLES.len()];
    let mut table = String::new();
    for (at, route) in routes.iter().enumerate() {
        for (role, (one, other)) in ROLES.iter().zip(here.iter().zip(there)) {
            assert_eq!(one[at], other[at], "{route} tells {} of two organizations otherwise", role.1);
        }
        let words = here.iter().chain(&columns[2 * ROLES.len()..]).map(|column| format!("{:12}", column[at]));
        let line = format!("{route:48}{}", words.collect::<String>());
        writeln!(table, "{}", line.trim_end()).expect("written");
    }
    let cases = routes.len() * columns.len();
    println!(
        "{} routes × ({} roles × {} organizations + 2): {cases} cases",
        routes.len(),
        ROLES.len(),
        ORGANIZATIONS.len()
    );
    let expected: String =
        TABLE.lines().filter(|line| !line.starts_with('#')).map(|line| format!("{line}\n")).collect();
    assert_eq!(table, expected, "story_roles/table.txt says otherwise:\n{table}");
}

/// The streams of changes, which do not end: for who is signed in.
#[tokio::test]
async fn the_stream_opens_for_who_is_signed_in() {
    let folder = Folder::new();
    for (name, role) in ROLES {
        folder.add_user(&format!("{name}@halden.example"), role).await;
    }
    let program = folder.serve().await;
    for (name, role) in ROLES {
        let mut browser = Browser::signed_in(&program, &format!("{name}@halden.example")).await;
        assert_eq!(browser.get(&program, "/live").await.status(), StatusCode::OK, "{role}");
    }
    assert_eq!(Browser::default().get(&program, "/live").await.status(), StatusCode::UNAUTHORIZED);
}
