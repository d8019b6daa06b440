//! Reading and writing through the API, as the contract records it.

use std::collections::BTreeSet;

use reqwest::{Method, StatusCode};
use sandbox::Seed;
use serde_json::{Value, json};

use crate::lever::{Lever, Tokens, query};

fn ids(list: &Value) -> Vec<String> {
    list["data"].as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect()
}

/// An address with its parameters encoded, the already encoded offset once more.
fn with(path: &str, parameters: &[(&str, &str)]) -> String {
    let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(parameters).finish();
    format!("{path}?{query}")
}

#[tokio::test]
async fn two_hundred_and_fifty_opportunities_come_in_pages_each_once() {
    let lever = Lever::start(Seed::Empty).await;
    let tokens = lever.connect().await;
    for stage in ["lead-new", "applicant-new", "On-site interview", "offer", "Recruiter screen"] {
        lever.admin("/sandbox/candidates/bulk", json!({ "n": 50, "stage": stage })).await;
    }
    let (mut seen, mut stages, mut offset) = (BTreeSet::new(), Vec::new(), None::<String>);
    loop {
        let mut parameters = vec![("limit", "30")];
        parameters.extend(offset.as_deref().map(|offset| ("offset", offset)));
        let page = lever.get(&tokens.access, &with("/v1/opportunities", &parameters)).await;
        for item in page["data"].as_array().unwrap() {
            assert!(seen.insert(item["id"].as_str().unwrap().to_owned()), "seen twice");
            stages.push(item["stage"].as_str().unwrap().to_owned());
        }
        if page["hasNext"] == false {
            assert!(page.get("next").is_none());
            break;
        }
        let next = page["next"].as_str().unwrap();
        assert!(next.starts_with("%5B"), "a percent-encoded array: {next}");
        offset = Some(next.to_owned());
    }
    assert_eq!(seen.len(), 250);
    stages.dedup();
    assert_eq!((stages[0].as_str(), stages[1].as_str(), stages[4].as_str()), ("lead-new", "applicant-new", "offer"));
}

#[tokio::test]
async fn foreign_offsets_and_wrong_parameters_are_refused() {
    let lever = Lever::start(Seed::Company).await;
    let tokens = lever.connect().await;
    let page = lever.get(&tokens.access, "/v1/opportunities?limit=2").await;
    let next = page["next"].as_str().unwrap();
    let refused = [
        with("/v1/users", &[("offset", next)]),
        with("/v1/opportunities", &[("offset", next), ("archived", "true")]),
        with("/v1/opportunities", &[("offset", "%5B1%2C2%5D")]),
        "/v1/opportunities?limit=0".to_owned(),
        "/v1/opportunities?limit=101".to_owned(),
        "/v1/opportunities?email=nobody".to_owned(),
        "/v1/opportunities?updated_at_start=yesterday".to_owned(),
    ];
    for path in refused {
        let (status, answer) = lever.call(&tokens.access, Method::GET, &path, None).await;
        assert_eq!((status, &answer["code"]), (StatusCode::BAD_REQUEST, &json!("BadRequestError")), "{path}");
        assert_eq!(answer.as_object().unwrap().len(), 2);
    }
}

#[tokio::test]
async fn filters_narrow_the_list() {
    let lever = Lever::start(Seed::Company).await;
    let tokens = lever.connect().await;
    let everyone = ids(&lever.get(&tokens.access, "/v1/opportunities").await).len();
    let archived = ids(&lever.get(&tokens.access, "/v1/opportunities?archived=true").await).len();
    let open = ids(&lever.get(&tokens.access, "/v1/opportunities?archived=false").await).len();
    assert_eq!((everyone, archived), (40, 3), "two are confidential");
    assert_eq!(open + archived, everyone);
    let one = lever.get(&tokens.access, "/v1/opportunities?email=AMARA.okafor@mail.example").await;
    assert_eq!(one["data"][0]["name"], "Amara Okafor");
    let posting = lever.get(&tokens.access, "/v1/postings").await["data"][0]["id"].as_str().unwrap().to_owned();
    let two =
        lever.get(&tokens.access, &format!("/v1/opportunities?posting_id={posting}&stage_id=applicant-new")).await;
    assert_eq!(ids(&two).len(), 2);
    let tagged = lever.get(&tokens.access, "/v1/opportunities?tag=Python%20Developer").await;
    assert_eq!(ids(&tagged).len(), 7);

    let before = lever.state().await["now_ms"].as_i64().unwrap() + 1;
    lever.sandbox.clock().advance(1_000);
    let moved = ids(&two)[0].clone();
    lever.admin("/sandbox/move", json!({ "opportunity": moved, "stage": "Offer" })).await;
    for range in ["advanced_at_start", "updated_at_start"] {
        let recent = lever.get(&tokens.access, &format!("/v1/opportunities?{range}={before}")).await;
        assert_eq!(ids(&recent), [moved.as_str()]);
    }
}

#[tokio::test]
async fn include_narrows_and_expand_widens() {
    let lever = Lever::start(Seed::Empty).await;
    let tokens = lever.connect().await;
    let id = lever.candidate("Ada Byron").await;
    let narrow = lever.get(&tokens.access, &format!("/v1/opportunities/{id}?include=id&include=emails")).await;
    assert_eq!(narrow["data"].as_object().unwrap().len(), 2);
    let path = format!("/v1/opportunities/{id}?expand=applications&expand=stage&expand=contact");
    let wide = &lever.get(&tokens.access, &path).await["data"];
    assert_eq!(wide["stage"]["text"], "New applicant");
    assert_eq!(wide["contact"]["emails"][0], "ada.byron@mail.example");
    assert_eq!(wide["applications"][0]["candidateId"], id.as_str());
    let posting = lever
        .get(&tokens.access, &format!("/v1/postings/{}", wide["applications"][0]["posting"].as_str().unwrap()))
        .await;
    assert_eq!(posting["data"]["text"], "Python Developer");
}

#[tokio::test]
async fn scopes_are_enforced_and_unknown_things_are_named() {
    let lever = Lever::start(Seed::Company).await;
    let address = lever.authorize(&[("scope", Some("offline_access stages:read:admin notes:read:admin"))]);
    let back = lever.decide(&address, "Nora Lindqvist", "accept").await;
    let tokens = Tokens::read(&lever.redeem(&back).await.1);
    lever.get(&tokens.access, "/v1/stages").await;
    for path in ["/v1/opportunities", "/v1/users", "/v1/postings", "/v1/webhooks", "/v1/tags"] {
        let (status, answer) = lever.call(&tokens.access, Method::GET, path, None).await;
        assert_eq!((status, &answer["code"]), (StatusCode::FORBIDDEN, &json!("ForbiddenError")), "{path}");
    }
    let note = Some(json!({ "value": "x" }));
    let (status, _) = lever.call(&tokens.access, Method::POST, "/v1/opportunities/x/notes", note).await;
    assert_eq!(status, StatusCode::FORBIDDEN, "reading does not include writing");

    let (status, answer) = lever.call(&tokens.access, Method::GET, "/v1/stages/nowhere", None).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    assert_eq!(answer, json!({ "code": "ResourceNotFound", "message": "stages nowhere was not found" }));
    let (status, answer) = lever.call(&tokens.access, Method::GET, "/v1/nothing-here", None).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    assert_eq!(answer["message"], "/v1/nothing-here does not exist");
    let none = lever.ask(Method::GET, "/v1/stages").send().await.unwrap();
    assert_eq!(none.status(), StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn denied_scopes_are_missing_from_the_grant() {
    let lever = Lever::start(Seed::Company).await;
    lever.admin("/sandbox/scopes", json!({ "deny": ["webhooks:write:admin"] })).await;
    let tokens = lever.connect().await;
    assert!(!tokens.scope.contains("webhooks") && tokens.scope.contains("notes:write:admin"));
}

#[tokio::test]
async fn twenty_calls_burst_and_the_next_is_refused_without_a_hint() {
    let lever = Lever::start(Seed::Company).await;
    let tokens = lever.connect().await;
    let calls = (0..40).map(|_| lever.ask(Method::GET, "/v1/stages").bearer_auth(&tokens.access).send());
    let answers = futures::future::join_all(calls).await;
    let refused: Vec<_> =
        answers.iter().flatten().filter(|answer| answer.status() == StatusCode::TOO_MANY_REQUESTS).collect();
    let granted = answers.iter().flatten().filter(|answer| answer.status() == StatusCode::OK).count();
    assert!(granted >= 20 && !refused.is_empty(), "{granted} granted, {} refused", refused.len());
    assert!(refused.iter().all(|answer| answer.headers().get("retry-after").is_none()));
}

#[tokio::test]
async fn the_same_note_twice_makes_two_notes() {
    let lever = Lever::start(Seed::Empty).await;
    let tokens = lever.connect().await;
    let path = format!("/v1/opportunities/{}/notes", lever.candidate("Ada Byron").await);
    let mut made = Vec::new();
    for _ in 0..2 {
        let body = Some(json!({ "value": "Status: Sent", "notifyFollowers": false }));
        let (status, answer) = lever.call(&tokens.access, Method::POST, &path, body).await;
        assert_eq!(status, StatusCode::CREATED);
        assert_eq!(answer["data"]["noteId"], answer["data"]["id"]);
        made.push(answer["data"]["id"].as_str().unwrap().to_owned());
    }
    let list = lever.get(&tokens.access, &path).await;
    assert_eq!(list["data"].as_array().unwrap().len(), 2);
    assert_eq!(list["data"][0]["fields"][0]["value"], "Status: Sent");

    let one = format!("{path}/{}", made[0]);
    let update = Some(json!({ "value": "Status: Completed" }));
    let (status, answer) = lever.call(&tokens.access, Method::PUT, &one, update).await;
    assert_eq!((status, &answer["data"]["fields"][0]["value"]), (StatusCode::OK, &json!("Status: Completed")));
    assert_eq!(lever.call(&tokens.access, Method::DELETE, &one, None).await.0, StatusCode::NO_CONTENT);
    assert_eq!(lever.call(&tokens.access, Method::GET, &one, None).await.0, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_note_of_a_person_is_not_for_apps_to_change() {
    let lever = Lever::start(Seed::Empty).await;
    let tokens = lever.connect().await;
    let id = lever.candidate("Ada Byron").await;
    let form = [("value", "Call her back.")];
    lever.ask(Method::POST, &format!("/candidates/{id}/notes")).form(&form).send().await.unwrap();
    let path = format!("/v1/opportunities/{id}/notes");
    let note = ids(&lever.get(&tokens.access, &path).await).remove(0);
    let body = Some(json!({ "value": "mine" }));
    let (status, _) = lever.call(&tokens.access, Method::PUT, &format!("{path}/{note}"), body).await;
    assert_eq!(status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn write_answers_leave_the_contact_out() {
    let lever = Lever::start(Seed::Empty).await;
    let tokens = lever.connect().await;
    let base = format!("/v1/opportunities/{}", lever.candidate("Ada Byron").await);
    let writes = [
        (Method::POST, "addTags", json!({ "tags": ["invited"] })),
        (Method::PUT, "stage", json!({ "stage": "offer" })),
        (Method::PUT, "archived", json!({ "reason": reason(&lever, &tokens).await })),
        (Method::PUT, "archived", json!({ "reason": null })),
        (Method::POST, "removeTags", json!({ "tags": ["invited"] })),
    ];
    for (method, what, body) in writes {
        let (status, answer) = lever.call(&tokens.access, method, &format!("{base}/{what}"), Some(body)).await;
        assert_eq!(status, StatusCode::OK, "{what}: {answer}");
        assert_eq!((&answer["data"]["name"], &answer["data"]["emails"]), (&json!(""), &json!([])));
        assert!(answer["data"].get("opportunityLocation").is_none());
    }
    let links = Some(json!({ "links": ["https://example.com/a"] }));
    let (_, answer) = lever.call(&tokens.access, Method::POST, &format!("{base}/addLinks"), links).await;
    assert_eq!(
        (&answer["data"]["name"], &answer["data"]["links"][0]),
        (&json!("Ada Byron"), &json!("https://example.com/a"))
    );
    let read = &lever.get(&tokens.access, &base).await["data"];
    assert_eq!((&read["stage"], &read["archived"]), (&json!("offer"), &Value::Null));
    assert_eq!(read["stageChanges"].as_array().unwrap().len(), 2);
}

async fn reason(lever: &Lever, tokens: &Tokens) -> String {
    ids(&lever.get(&tokens.access, "/v1/archive_reasons?type=non-hired").await).remove(0)
}

#[tokio::test]
async fn confidential_things_need_their_own_scope() {
    let lever = Lever::start(Seed::Company).await;
    let tokens = lever.connect().await;
    let (status, _) = lever.call(&tokens.access, Method::GET, "/v1/postings?confidentiality=all", None).await;
    assert_eq!(status, StatusCode::FORBIDDEN);
    let scope = "offline_access postings:read:admin opportunities:read:admin confidential:access:admin";
    let back = lever.decide(&lever.authorize(&[("scope", Some(scope))]), "Nora Lindqvist", "accept").await;
    assert_eq!(query(&back, "error"), None);
    let insider = Tokens::read(&lever.redeem(&back).await.1);
    let secret = lever.get(&insider.access, "/v1/postings?confidentiality=confidential").await;
    assert_eq!(secret["data"][0]["text"], "Head of Finance");
    let path = format!("/v1/postings/{}", secret["data"][0]["id"].as_str().unwrap());
    assert_eq!(lever.call(&tokens.access, Method::GET, &path, None).await.0, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn renaming_a_posting_renames_the_tag_and_deleting_leaves_a_trace() {
    let lever = Lever::start(Seed::Empty).await;
    let tokens = lever.connect().await;
    let id = lever.candidate("Ada Byron").await;
    let rename = json!({ "posting": "Python Developer", "text": "Rust Developer" });
    lever.admin("/sandbox/postings/change", rename).await;
    let read = lever.get(&tokens.access, &format!("/v1/opportunities/{id}")).await;
    assert_eq!(read["data"]["tags"][0], "Rust Developer");
    lever.admin("/sandbox/delete", json!({ "opportunity": id })).await;
    let (status, _) = lever.call(&tokens.access, Method::GET, &format!("/v1/opportunities/{id}"), None).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    assert_eq!(ids(&lever.get(&tokens.access, "/v1/opportunities/deleted").await), [id]);
}

#[tokio::test]
async fn an_api_key_opens_what_it_was_made_for() {
    let lever = Lever::start(Seed::Company).await;
    let made = lever.admin("/sandbox/api-key", json!({ "scopes": ["stages:read:admin"] })).await;
    let key = made["key"].as_str().unwrap();
    let ask = |path: &str| lever.ask(Method::GET, path).basic_auth(key, Some("")).send();
    assert_eq!(ask("/v1/stages").await.unwrap().status(), StatusCode::OK);
    assert_eq!(ask("/v1/users").await.unwrap().status(), StatusCode::FORBIDDEN);
}
