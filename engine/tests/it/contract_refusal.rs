//! Each way in which Lever is known to say no: how many calls it costs, and what it means to us.

use std::time::Duration;

use engine::{
    connection::{self, ConnectionState},
    lever::Api,
};
use serde_json::json;

use crate::{
    connect_person::{NORA, complete, return_of},
    fixture,
    world::World,
};

/// Refuses what is asked below a path, so many times, with that status in the words of a recorded answer.
async fn refuses(world: &World, path: &str, file: &str, code: u16, times: u32) {
    let kind = json!({ "status": { "code": code, "body": fixture::text(file) } });
    world.fault_at_lever(json!({ "path_prefix": path, "kind": kind, "times": times })).await;
}

async fn state(world: &World) -> (ConnectionState, Option<String>) {
    let shown = connection::overview(&world.engine, &world.admin).await.expect("readable").expect("a connection");
    (shown.state, shown.state_reason)
}

/// Asks for somebody's notes; tells what came of it, how often Lever was asked, and how often for a token.
async fn notes(world: &World, opportunity: &str) -> (String, usize, usize) {
    let asked = async || {
        let path = format!("/v1/opportunities/{opportunity}/notes");
        (world.asked_of_lever("GET", &path).await, world.asked_of_lever("POST", "/oauth/token").await)
    };
    let before = asked().await;
    let read = Api::new(&world.engine, &world.admin.organization).notes(&opportunity.into()).await;
    let after = asked().await;
    (format!("{:?}", read.map(|notes| notes.len())), after.0 - before.0, after.1 - before.1)
}

#[tokio::test]
async fn each_refusal_costs_its_calls_and_no_more_and_the_next_question_is_answered() {
    let world = World::connected().await;
    let ada = world.applies("Ada Example", Some("ada@mail.example"), None).await;
    let path = format!("/v1/opportunities/{ada}/notes");
    let expected = [
        ("error_400.json", "Err(Refused { status: 400 })", 1, 0),
        // The list is begun anew, once; the token is renewed, once.
        ("error_400_invalid_offset.json", "Ok(0)", 2, 0),
        ("error_401.json", "Ok(0)", 2, 1),
        ("error_403.json", "Err(Forbidden)", 1, 0),
        ("error_403_wrong_environment.json", "Err(Forbidden)", 1, 0),
        ("error_404.json", "Err(NotFound)", 1, 0),
        ("error_404_path.json", "Err(NotFound)", 1, 0),
        ("error_404_alt_code.json", "Err(NotFound)", 1, 0),
        ("error_429.json", "Err(RateLimited { retry_after: Some(2s) })", 1, 0),
        ("error_500.json", "Err(Temporary(\"status 500\"))", 1, 0),
        ("error_503.json", "Err(Temporary(\"status 503\"))", 1, 0),
    ];
    let mut met = Vec::new();
    for (file, kind) in fixture::all("refusal") {
        refuses(&world, &path, &file, kind.parse().expect("a status"), 1).await;
        let (read, calls, renewals) = notes(&world, &ada).await;
        met.push((file, read, calls, renewals));
        world.rest().await;
        assert_eq!(notes(&world, &ada).await, ("Ok(0)".to_owned(), 1, 0));
        assert_eq!(state(&world).await.0, ConnectionState::Connected);
    }
    assert_eq!(met, expected.map(|(file, read, calls, renewals)| (file.to_owned(), read.to_owned(), calls, renewals)));
}

#[tokio::test]
async fn a_fresh_token_that_is_refused_as_well_ends_the_connection() {
    let world = World::connected().await;
    refuses(&world, "/v1/opportunities", "error_401.json", 401, 2).await;
    assert_eq!(notes(&world, "ada").await, ("Err(NotConnected)".to_owned(), 2, 1));
    let reason = "Lever does not accept our access although it was just renewed.";
    assert_eq!(state(&world).await, (ConnectionState::Revoked, Some(reason.to_owned())));
    assert_eq!(notes(&world, "ada").await, ("Err(NotConnected)".to_owned(), 0, 0));
}

#[tokio::test]
async fn a_token_that_is_refused_is_our_customers_word_or_our_own_mistake() {
    let ended = "Lever no longer accepts our authorisation: it was revoked there, or it ended.";
    let spent = "Denied { description: \"Lever did not accept this consent: it took too long, or was used before.\" }";
    let ours = "Temporary(\"the sign-in server refused our registration: access_denied\")";
    let (revoked, kept) = ((ConnectionState::Revoked, Some(ended.to_owned())), (ConnectionState::Connected, None));
    // What the next call comes to, and what a consent comes to.
    let expected: [(&str, &[u16], &str, &str); 2] = [
        ("error_token_invalid_grant.json", &[400, 401, 403], "NotConnected", spent),
        ("error_token_invalid_client.json", &[401], ours, "Flow(Lever(Refused { status: 401 }))"),
    ];
    let there: Vec<String> = fixture::all("token refusal").into_iter().map(|(file, _)| file).collect();
    assert_eq!(there, expected.map(|(file, ..)| file));
    for (file, codes, call, consent) in expected {
        for code in codes {
            let world = World::connected().await;
            world.advance(Duration::from_secs(3_601));
            refuses(&world, "/oauth/token", file, *code, 1).await;
            assert_eq!(notes(&world, "ada").await, (format!("Err({call})"), 0, 1), "{file} {code}");
            let stands = if consent == spent { &revoked } else { &kept };
            assert_eq!(state(&world).await, *stands, "{file} {code}");

            let returned = return_of(&world, &world.admin, NORA, "accept").await;
            refuses(&world, "/oauth/token", file, *code, 1).await;
            let refused = complete(&world, &returned).await.expect_err("no tokens, no connection");
            assert_eq!(format!("{refused:?}"), consent, "{file} {code}");
        }
    }
}
