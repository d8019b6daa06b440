//! A candidate takes the test and a recruiter judges it, on the pages of the stand-in Canditech.

use std::time::Duration;

use reqwest::Method;
use serde_json::json;

use crate::canditech_stage::{Stage, id, test_path};

/// Grammar all right, Vocabulary two of four, Reading one of three: (100 + 50 + 33.3) / 3.
const ANSWERS: &[(&str, &str)] = &[
    ("grammar-1", "2"),
    ("grammar-2", "0"),
    ("grammar-3", "3"),
    ("grammar-4", "1"),
    ("vocabulary-1", "1"),
    ("vocabulary-2", "3"),
    ("vocabulary-3", "1"),
    ("reading-1", "1"),
    ("reading-2", "3"),
    ("tab_switches", "2"),
];

#[tokio::test]
async fn a_test_taken_gives_its_score_its_report_and_its_verdict() {
    let stage = Stage::new().await;
    let invite = stage.send("inv_1").await;
    let test = test_path(&invite);

    let (_, mail) = stage.page("/outbox/1").await;
    assert!(mail.contains("ada@example.test") && mail.contains(invite["candidate_url"].as_str().unwrap()));
    let (_, introduction) = stage.page(&test).await;
    for words in ["English, 20 min", "20 minutes", "Grammar, 4 questions", "Start assessment"] {
        assert!(introduction.contains(words), "{words} is missing");
    }

    assert_eq!(stage.submit(&format!("{test}/start"), &[]).await.0, 303);
    let (_, paper) = stage.page(&test).await;
    assert!(paper.contains("Submit assessment") && paper.contains("She ___ here since 2019."));
    assert_eq!(stage.submit(&format!("{test}/submit"), ANSWERS).await.0, 303);
    assert!(stage.page(&test).await.1.contains("Thank you"));
    let (status, again) = stage.submit(&format!("{test}/submit"), &[]).await;
    assert_eq!(status, 409);
    assert!(again.contains("You have handed this in already"));

    let (_, result) = stage.get(&format!("/invites/{}", id(&invite))).await;
    assert_eq!(result["score"], json!({ "value": 61, "max": 100 }));
    let sections: Vec<_> = result["sections"].as_array().unwrap().iter().map(|one| &one["score"]["value"]).collect();
    assert_eq!(sections, [&json!(100), &json!(50), &json!(33)]);
    assert_eq!(result["integrity"][0]["note"], "Left the page 2 times.");

    let report = format!("/report/{}", id(&invite));
    assert_eq!(result["report_url"], stage.url(&report));
    let (_, page) = stage.page(&report).await;
    for words in ["Ada Example: English, 20 min", "61 / 100", "Thumbs up", "Thumbs down", "Clear verdict"] {
        assert!(page.contains(words), "{words} is missing");
    }
    stage.submit(&format!("{report}/verdict"), &[("reviewer", "Lucy Hart"), ("verdict", "passed")]).await;
    let received = stage.receiver.wait_for(4).await;
    let last = received[3].json();
    assert_eq!(
        (last["type"].as_str(), last["data"]["verdict"].as_str()),
        (Some("assessment.verdict_changed"), Some("passed"))
    );
    assert_eq!(last["data"]["verdict_by"], "Lucy Hart");
    assert!(last["data"]["verdict_at"].is_string());
    stage.stop().await;
}

#[tokio::test]
async fn a_test_that_is_over_says_so_kindly() {
    let stage = Stage::new().await;
    let (expired, cancelled, declined) = (stage.send("1").await, stage.send("2").await, stage.send("3").await);
    stage.post(&format!("/invites/{}/cancel", id(&cancelled)), json!(null)).await;
    stage.submit(&format!("{}/decline", test_path(&declined)), &[]).await;
    stage.advance(Duration::from_secs(8 * 24 * 60 * 60)).await;

    assert!(stage.page(&test_path(&expired)).await.1.contains("This link has expired"));
    assert!(stage.page(&test_path(&cancelled)).await.1.contains("This assessment was cancelled"));
    assert!(stage.page(&test_path(&declined)).await.1.contains("You declined this assessment"));
    let (status, page) = stage.submit(&format!("{}/start", test_path(&expired)), &[]).await;
    assert_eq!(status, 409);
    assert!(page.contains("This link has expired"));
    assert_eq!(stage.page("/test/unknown").await.0, 404);
}

#[tokio::test]
async fn whoever_has_started_may_use_the_whole_time() {
    let stage = Stage::new().await;
    let invite = stage.send("inv_1").await;
    stage.advance(Duration::from_secs(7 * 24 * 60 * 60 - 60)).await;
    stage.submit(&format!("{}/start", test_path(&invite)), &[]).await;
    stage.advance(Duration::from_secs(10 * 60)).await;
    assert!(stage.page(&test_path(&invite)).await.1.contains("Submit assessment"));
    stage.advance(Duration::from_secs(15 * 60)).await;
    assert!(stage.page(&test_path(&invite)).await.1.contains("This link has expired"));
}

#[tokio::test]
async fn every_page_opens_and_escapes_what_callers_wrote() {
    let stage = Stage::new().await;
    let mut order = stage.order("inv_1");
    order["candidate"]["first_name"] = json!("<script>alert(1)</script>");
    order["message"] = json!("<b>bold</b>");
    let (_, invite) = stage.post("/invites", order).await;
    let report = format!("/report/{}", id(&invite));
    let pages = ["/", "/assessments", "/outbox", "/outbox/1", &report, "/settings/callbacks", "/settings/api-keys"];
    for path in pages {
        let (status, page) = stage.page(path).await;
        assert_eq!(status, 200, "{path}");
        assert!(page.contains("Stand-in for Canditech"), "{path}");
        assert!(!page.contains("<script>alert") && !page.contains("<b>bold"), "{path}");
    }
    for path in ["/nothing", "/report/nothing", "/outbox/0", "/outbox/99"] {
        assert_eq!(stage.page(path).await.0, 404, "{path}");
    }
}

#[tokio::test]
async fn a_generated_key_works_until_it_is_revoked() {
    let stage = Stage::new().await;
    stage.submit("/settings/api-keys", &[]).await;
    let (_, page) = stage.page("/settings/api-keys").await;
    let start = page.rfind("<code>ctk_").unwrap() + "<code>".len();
    let key = page[start..].split('<').next().unwrap().to_owned();
    let account = || stage.request(Method::GET, "/api/account").bearer_auth(&key).send();
    assert_eq!(account().await.unwrap().status(), 200);

    let start = page.rfind("/settings/api-keys/key_").unwrap();
    let revoke = page[start..].split('"').next().unwrap();
    assert_eq!(stage.submit(revoke, &[]).await.0, 303);
    assert_eq!(account().await.unwrap().status(), 401);
}
