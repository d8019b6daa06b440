//! The API of the stand-in Canditech, as Candilever calls it.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use crate::canditech_stage::{LIST_ONLY_KEY, ORGANIZATION_KEY, Stage, id};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

async fn code(request: reqwest::RequestBuilder) -> (u16, Value) {
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    (status, response.json::<Value>().await.unwrap()["error"].clone())
}

#[tokio::test]
async fn a_key_is_asked_for_and_taken_as_bearer_or_as_user_name() {
    let stage = Stage::new().await;
    let get = |path| stage.request(Method::GET, path);

    let (status, error) = code(get("/api/account")).await;
    assert_eq!((status, error["code"].as_str()), (401, Some("unauthorized")));
    let (status, _) = code(get("/api/account").bearer_auth("ctk_wrong")).await;
    assert_eq!(status, 401);
    let basic = get("/api/account").basic_auth(ORGANIZATION_KEY, Some("")).send().await.unwrap();
    assert_eq!(basic.status(), 200);

    let (_, account) = stage.get("/account").await;
    assert_eq!(account["name"], "Halden Instruments");
    assert_eq!(account["permissions"], json!(["list", "invite"]));
}

#[tokio::test]
async fn a_list_only_key_lists_and_does_not_send() {
    let stage = Stage::new().await;
    let list = stage.request(Method::GET, "/api/assessments").bearer_auth(LIST_ONLY_KEY).send().await.unwrap();
    assert_eq!(list.status(), 200);

    let send = stage.request(Method::POST, "/api/invites").bearer_auth(LIST_ONLY_KEY).json(&stage.order("inv_1"));
    let (status, error) = code(send).await;
    assert_eq!((status, error["code"].as_str()), (403, Some("forbidden")));
}

#[tokio::test]
async fn assessments_are_listed_page_by_page_with_their_state() {
    let stage = Stage::new().await;
    let (_, first) = stage.get("/assessments").await;
    let states: Vec<_> = first["data"].as_array().unwrap().iter().map(|one| one["status"].as_str().unwrap()).collect();
    assert_eq!(states, ["active", "active", "active", "active", "active", "active", "archived", "draft"]);
    assert_eq!(first["data"][0]["name"], "Python, 60 min");
    assert_eq!(first["data"][0]["sections"][2], json!({ "id": "sql", "name": "SQL" }));
    assert_eq!(first["next"], Value::Null);

    stage.admin("assessments/as_english/copy", json!({ "times": 60 })).await;
    let (_, first) = stage.get("/assessments").await;
    assert_eq!(first["data"].as_array().unwrap().len(), 50);
    let (_, second) = stage.get(&format!("/assessments?cursor={}", first["next"].as_str().unwrap())).await;
    assert_eq!(second["data"].as_array().unwrap().len(), 18);
    assert_eq!(second["next"], Value::Null);
    assert_eq!(stage.get("/assessments?cursor=nonsense").await.0, 400);
}

#[tokio::test]
async fn the_same_key_sends_once() {
    let stage = Stage::new().await;
    let send = |body: Value| {
        let request = stage.request(Method::POST, "/api/invites").bearer_auth(ORGANIZATION_KEY);
        request.header("Idempotency-Key", "inv_1").json(&body).send()
    };
    let first = send(stage.order("inv_1")).await.unwrap();
    assert_eq!(first.status(), 201);
    let first: Value = first.json().await.unwrap();
    assert_eq!(first["duplicate"], false);
    assert_eq!(first["metadata"]["invite_id"], "inv_1");

    let again = send(stage.order("inv_1")).await.unwrap();
    assert_eq!(again.status(), 200);
    let again: Value = again.json().await.unwrap();
    assert_eq!((&again["invite_id"], &again["duplicate"]), (&first["invite_id"], &json!(true)));

    let other = send(stage.order("inv_2")).await.unwrap();
    assert_eq!(other.status(), 422);

    let (_, found) = stage.get("/invites?reference=inv_1").await;
    assert_eq!(found["data"].as_array().unwrap().len(), 1);
    let (_, found) = stage.get("/invites?reference=inv_2").await;
    assert_eq!(found["data"], json!([]));
}

#[tokio::test]
async fn what_cannot_be_sent_is_refused_with_the_field() {
    let stage = Stage::new().await;
    let cases = [
        ("/assessment_id", json!("as_nothing"), 404, "assessment_not_found", "assessment_id"),
        ("/assessment_id", json!("as_product"), 422, "assessment_not_published", "assessment_id"),
        ("/assessment_id", json!("as_excel"), 422, "assessment_not_published", "assessment_id"),
        ("/candidate/email", json!("ada"), 422, "invalid_candidate", "candidate.email"),
        ("/candidate/email", json!(""), 422, "invalid_candidate", "candidate.email"),
        ("/valid_days", json!(0), 422, "invalid", "valid_days"),
        ("/callback_url", json!("ftp://example.test"), 422, "invalid", "callback_url"),
    ];
    for (pointer, value, status, code, field) in cases {
        let mut order = stage.order("inv_1");
        *order.pointer_mut(pointer).unwrap() = value.clone();
        let (got, answer) = stage.post("/invites", order).await;
        let error = &answer["error"];
        let expected = (status, Some(code), Some(field));
        assert_eq!((got, error["code"].as_str(), error["field"].as_str()), expected, "{pointer} {value}");
    }
    let request = stage.request(Method::POST, "/api/invites").bearer_auth(ORGANIZATION_KEY).body("{");
    assert_eq!(code(request).await.0, 400);
    assert_eq!(stage.get("/invites/pi_nothing").await.0, 404);

    stage.admin("assessments/as_english/archive", json!({})).await;
    assert_eq!(stage.post("/invites", stage.order("inv_1")).await.0, 422);
}

#[tokio::test]
async fn an_invite_is_cancelled_until_it_has_started() {
    let stage = Stage::new().await;
    let (open, begun) = (stage.send("inv_1").await, stage.send("inv_2").await);
    let cancel = |invite: &Value| format!("/invites/{}/cancel", id(invite));

    let (status, cancelled) = stage.post(&cancel(&open), Value::Null).await;
    assert_eq!((status, cancelled["status"].as_str()), (200, Some("cancelled")));
    let (status, again) = stage.post(&cancel(&open), json!({ "reason": "moved on" })).await;
    assert_eq!((status, &again["revision"]), (200, &cancelled["revision"]));

    stage.admin("start", json!({ "invite": "inv_2" })).await;
    let (status, refused) = stage.post(&cancel(&begun), Value::Null).await;
    assert_eq!((status, refused["error"]["code"].as_str()), (409, Some("too_late")));
}

#[tokio::test]
async fn an_invite_expires_and_opens_again_when_extended() {
    let stage = Stage::new().await;
    let invite = stage.send("inv_1").await;
    let path = format!("/invites/{}", id(&invite));
    stage.advance(6 * DAY).await;
    assert_eq!(stage.get(&path).await.1["status"], "sent");
    stage.advance(2 * DAY).await;
    assert_eq!(stage.get(&path).await.1["status"], "expired");
    assert_eq!(stage.post(&format!("{path}/resend"), Value::Null).await.0, 409);

    let past = json!({ "expires_at": "2020-01-01T00:00:00Z" });
    assert_eq!(stage.post(&format!("{path}/extend"), past).await.0, 422);
    let later = json!({ "expires_at": "2099-01-01T00:00:00Z" });
    let (status, extended) = stage.post(&format!("{path}/extend"), later).await;
    assert_eq!((status, extended["status"].as_str()), (200, Some("sent")));
    assert_eq!(extended["expires_at"], "2099-01-01T00:00:00Z");
}

#[tokio::test]
async fn resending_mails_the_same_link_and_a_retake_makes_a_new_one() {
    let stage = Stage::new().await;
    let invite = stage.send("inv_1").await;
    let path = format!("/invites/{}", id(&invite));
    assert_eq!(stage.post(&format!("{path}/resend"), Value::Null).await.0, 200);
    let state: Value = stage.request(Method::GET, "/sandbox/state").send().await.unwrap().json().await.unwrap();
    let mails = state["invites"][0]["mails"].as_array().unwrap();
    assert_eq!(mails.len(), 2);
    assert_eq!((&mails[0]["link"], &mails[1]["link"]), (&invite["candidate_url"], &invite["candidate_url"]));
    assert_eq!(mails[0]["to"], "ada@example.test");

    assert_eq!(stage.post(&format!("{path}/retake"), Value::Null).await.0, 409);
    stage.admin("complete", json!({ "invite": "inv_1", "score": 40 })).await;
    let (status, second) = stage.post(&format!("{path}/retake"), json!({ "metadata": { "invite_id": "inv_2" } })).await;
    assert_eq!(status, 200);
    assert_eq!((&second["retake_of"], &second["attempt"]), (&invite["invite_id"], &json!(2)));
    assert_ne!(second["candidate_url"], invite["candidate_url"]);
    assert_eq!(second["metadata"]["invite_id"], "inv_2");
}

#[tokio::test]
async fn resending_and_a_retake_happen_once_for_each_key() {
    let stage = Stage::new().await;
    let invite = stage.send("inv_1").await;
    let post = async |verb: &str, key: &str, body: Value| {
        let path = format!("/api/invites/{}/{verb}", id(&invite));
        let request = stage.request(Method::POST, &path).bearer_auth(ORGANIZATION_KEY);
        code(request.header("idempotency-key", key).json(&body)).await
    };
    let mails = async || {
        let answer = stage.request(Method::GET, "/sandbox/outbox").send().await.unwrap();
        answer.json::<Value>().await.unwrap()["data"].as_array().unwrap().len()
    };
    for (key, expected) in [("k1", 2), ("k1", 2), ("k2", 3)] {
        assert_eq!((post("resend", key, json!({})).await.0, mails().await), (200, expected), "{key}");
    }
    stage.admin("complete", json!({ "invite": "inv_1", "score": 40 })).await;
    assert_eq!((post("resend", "k2", json!({})).await.0, mails().await), (200, 3), "as it was answered before");
    assert_eq!(post("retake", "k3", json!({ "valid_days": 0 })).await.0, 422);
    let order = json!({ "metadata": { "invite_id": "inv_2" }, "valid_days": 3 });
    for _ in 0..2 {
        assert_eq!((post("retake", "k3", order.clone()).await.0, mails().await), (200, 4));
    }
}

#[tokio::test]
async fn a_result_may_come_without_its_score_and_get_it_later() {
    let stage = Stage::new().await;
    let path = format!("/invites/{}", id(&stage.send("inv_1").await));
    stage.admin("complete", json!({ "invite": "inv_1" })).await;
    let (_, pending) = stage.get(&path).await;
    assert_eq!((pending["status"].as_str(), &pending["score"]), (Some("completed"), &Value::Null));
    assert_eq!(pending["report_url"], stage.url(&format!("/report/{}", pending["invite_id"].as_str().unwrap())));

    let sections = json!([{ "name": "Grammar", "score": 80 }, { "name": "Reading", "score": 91 }]);
    stage.admin("rescore", json!({ "invite": "inv_1", "sections": sections })).await;
    let (_, scored) = stage.get(&path).await;
    assert_eq!(scored["score"], json!({ "value": 86, "max": 100 }));
    assert_eq!(scored["sections"][1]["score"]["value"], 91);
}

#[tokio::test]
async fn a_verdict_is_written_and_an_older_one_overwrites_nothing() {
    let stage = Stage::new().await;
    let path = format!("/invites/{}", id(&stage.send("inv_1").await));
    let verdict = |verdict, at| json!({ "verdict": verdict, "by": "Jonas Weber", "at": at });
    let write = format!("{path}/verdict");
    assert_eq!(stage.post(&write, verdict("passed", "2026-01-02T10:00:00Z")).await.0, 409);

    stage.admin("complete", json!({ "invite": "inv_1", "score": 87 })).await;
    let (status, written) = stage.post(&write, verdict("passed", "2026-01-02T10:00:00Z")).await;
    assert_eq!((status, written["verdict"].as_str()), (200, Some("passed")));
    assert_eq!(
        (&written["verdict_by"], &written["verdict_at"]),
        (&json!("Jonas Weber"), &json!("2026-01-02T10:00:00Z"))
    );
    let (_, older) = stage.post(&write, verdict("failed", "2026-01-01T10:00:00Z")).await;
    assert_eq!(older["verdict"], "passed");
    let (_, withdrawn) = stage.post(&write, verdict("n/a", "2026-01-03T10:00:00Z")).await;
    assert_eq!(withdrawn["verdict"], "n/a");
    assert_eq!(stage.post(&write, json!({ "verdict": "maybe" })).await.0, 422);
}

#[tokio::test]
async fn an_erased_candidate_is_gone_from_invites_and_mails() {
    let stage = Stage::new().await;
    stage.send("inv_1").await;
    let (status, _) = stage.api(Method::DELETE, "/candidates?email=ADA@example.test", Value::Null).await;
    assert_eq!(status, 202);
    let state = stage.request(Method::GET, "/sandbox/state").send().await.unwrap().text().await.unwrap();
    assert!(!state.contains("ada@example.test") && !state.contains("Ada"), "{state}");
    assert_eq!(stage.get("/invites?reference=inv_1").await.1["data"][0]["status"], "cancelled");
    assert_eq!(stage.api(Method::DELETE, "/candidates", Value::Null).await.0, 400);
    stage.stop().await;
}
