//! Consent, tokens, rotation, revocation.

use reqwest::{Method, StatusCode};
use sandbox::Seed;
use serde_json::json;

use crate::lever::{CALLBACK, Lever, SCOPES, Tokens, query};

#[tokio::test]
async fn a_super_admin_accepts_and_the_api_opens() {
    let lever = Lever::start(Seed::Company).await;
    let tokens = lever.connect().await;
    assert_eq!(tokens.scope.split(' ').count(), SCOPES.split_whitespace().count());
    let users = lever.get(&tokens.access, "/v1/users").await;
    assert_eq!(users["data"].as_array().unwrap().len(), 8);
    assert_eq!(users["hasNext"], false);
    assert!(users.get("next").is_none());
    let all = lever.get(&tokens.access, "/v1/users?includeDeactivated=true").await;
    assert_eq!(all["data"].as_array().unwrap().len(), 9);
}

#[tokio::test]
async fn the_way_to_consent_leads_over_log_in_and_lists_the_scopes() {
    let lever = Lever::start(Seed::Company).await;
    let address = lever.authorize(&[]);
    let page = lever.http.get(&address).send().await.unwrap().text().await.unwrap();
    assert!(page.contains("Log in as Nora Lindqvist"));
    let cookie = lever.log_in("Nora Lindqvist").await;
    let page = lever.http.get(&address).header("cookie", &cookie).send().await.unwrap().text().await.unwrap();
    assert!(page.contains("Candilever wants to access your Halden Instruments account"));
    assert!(page.contains("notes:write:admin") && page.contains("Accept") && page.contains("Deny"));

    lever.connect().await;
    let again = lever.http.get(&address).header("cookie", &cookie).send().await.unwrap();
    assert_eq!(again.status(), StatusCode::SEE_OTHER, "nobody is asked twice");
    lever.admin("/sandbox/revoke", json!({})).await;
    let after = lever.http.get(&address).header("cookie", &cookie).send().await.unwrap();
    assert_eq!(after.status(), StatusCode::OK, "but after a revocation, they are");
}

#[tokio::test]
async fn deny_and_lesser_roles_come_back_with_an_error() {
    let lever = Lever::start(Seed::Company).await;
    let address = lever.authorize(&[]);
    for (person, decision) in [("Nora Lindqvist", "deny"), ("Tomas Rivera", "accept"), ("Priya Raman", "accept")] {
        let back = lever.decide(&address, person, decision).await;
        assert_eq!(query(&back, "error").as_deref(), Some("access_denied"), "{person}");
        assert!(query(&back, "error_description").is_some());
        assert_eq!(query(&back, "state").as_deref(), Some("s-1"));
        assert_eq!(query(&back, "code"), None);
    }
}

#[tokio::test]
async fn without_the_exact_audience_only_offline_access_is_granted() {
    let lever = Lever::start(Seed::Company).await;
    let no_slash = format!("{}/v1", lever.url);
    for audience in [None, Some(no_slash.as_str())] {
        let address = lever.authorize(&[("audience", audience)]);
        let back = lever.decide(&address, "Nora Lindqvist", "accept").await;
        let tokens = Tokens::read(&lever.redeem(&back).await.1);
        assert_eq!(tokens.scope, "offline_access");
        let (status, _) = lever.call(&tokens.access, Method::GET, "/v1/stages", None).await;
        assert_eq!(status, StatusCode::FORBIDDEN);
    }
}

#[tokio::test]
async fn a_code_is_good_once_and_for_a_minute_and_at_its_own_address() {
    let lever = Lever::start(Seed::Company).await;
    let address = lever.authorize(&[]);
    let back = lever.decide(&address, "Nora Lindqvist", "accept").await;
    assert_eq!(lever.redeem(&back).await.0, StatusCode::OK);
    let (status, answer) = lever.redeem(&back).await;
    assert_eq!((status, &answer["error"]), (StatusCode::FORBIDDEN, &json!("invalid_grant")));

    let late = lever.decide(&address, "Nora Lindqvist", "accept").await;
    lever.sandbox.clock().advance(61_000);
    assert_eq!(lever.redeem(&late).await.0, StatusCode::FORBIDDEN);

    let back = lever.decide(&address, "Nora Lindqvist", "accept").await;
    let elsewhere = json!({
        "grant_type": "authorization_code", "code": query(&back, "code"), "redirect_uri": "http://127.0.0.1:9/other",
    });
    assert_eq!(lever.exchange(&elsewhere).await.0, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_challenge_must_be_answered_by_its_verifier() {
    let lever = Lever::start(Seed::Company).await;
    // The pair of RFC 7636, appendix B.
    let challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
    let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    let address = lever.authorize(&[("code_challenge", Some(challenge)), ("code_challenge_method", Some("S256"))]);
    for (sent, expected) in
        [(Some(verifier), StatusCode::OK), (Some("wrong"), StatusCode::FORBIDDEN), (None, StatusCode::FORBIDDEN)]
    {
        let back = lever.decide(&address, "Nora Lindqvist", "accept").await;
        let mut fields = json!({
            "grant_type": "authorization_code", "code": query(&back, "code"), "redirect_uri": CALLBACK,
        });
        if let Some(sent) = sent {
            fields["code_verifier"] = json!(sent);
        }
        assert_eq!(lever.exchange(&fields).await.0, expected);
    }
}

#[tokio::test]
async fn refreshing_rotates_and_a_reused_token_ends_the_grant() {
    let lever = Lever::start(Seed::Company).await;
    let first = lever.connect().await;
    let (status, answer) = lever.refresh(&first.refresh).await;
    assert_eq!(status, StatusCode::OK);
    let second = Tokens::read(&answer);
    assert_ne!(first.refresh, second.refresh);
    lever.get(&second.access, "/v1/stages").await;

    let (status, answer) = lever.refresh(&first.refresh).await;
    assert_eq!((status, &answer["error"]), (StatusCode::FORBIDDEN, &json!("invalid_grant")));
    assert_eq!(lever.refresh(&second.refresh).await.0, StatusCode::FORBIDDEN);
    let (status, answer) = lever.call(&second.access, Method::GET, "/v1/stages", None).await;
    assert_eq!((status, &answer["code"]), (StatusCode::UNAUTHORIZED, &json!("UnauthorizedError")));
}

#[tokio::test]
async fn the_token_endpoint_takes_forms_and_basic_and_refuses_a_wrong_secret() {
    let lever = Lever::start(Seed::Company).await;
    let tokens = lever.connect().await;
    let form = [("grant_type", "refresh_token"), ("refresh_token", tokens.refresh.as_str())];
    let token =
        |secret: &str| lever.ask(Method::POST, "/oauth/token").basic_auth("candilever-demo", Some(secret)).form(&form);
    assert_eq!(token("wrong").send().await.unwrap().status(), StatusCode::UNAUTHORIZED);
    assert_eq!(token("candilever-demo-secret").send().await.unwrap().status(), StatusCode::OK);
}

#[tokio::test]
async fn revoking_ends_everything_at_once() {
    let lever = Lever::start(Seed::Company).await;
    let tokens = lever.connect().await;
    lever.ask(Method::POST, "/settings/authorized-apps/revoke").send().await.unwrap();
    assert_eq!(lever.call(&tokens.access, Method::GET, "/v1/stages", None).await.0, StatusCode::UNAUTHORIZED);
    let (status, answer) = lever.refresh(&tokens.refresh).await;
    assert_eq!((status, &answer["error"]), (StatusCode::FORBIDDEN, &json!("invalid_grant")));
}

#[tokio::test]
async fn tokens_die_of_age_idleness_and_the_year() {
    const DAY: i64 = 24 * 60 * 60 * 1_000;
    let lever = Lever::start(Seed::Company).await;
    let mut tokens = lever.connect().await;
    lever.sandbox.clock().advance(3_601_000);
    assert_eq!(lever.call(&tokens.access, Method::GET, "/v1/stages", None).await.0, StatusCode::UNAUTHORIZED);
    for _ in 0..4 {
        lever.sandbox.clock().advance(89 * DAY);
        let (status, answer) = lever.refresh(&tokens.refresh).await;
        assert_eq!(status, StatusCode::OK);
        tokens = Tokens::read(&answer);
    }
    lever.sandbox.clock().advance(30 * DAY);
    assert_eq!(lever.refresh(&tokens.refresh).await.0, StatusCode::FORBIDDEN, "the consent's year is over");

    let idle = lever.connect().await;
    lever.sandbox.clock().advance(91 * DAY);
    assert_eq!(lever.refresh(&idle.refresh).await.0, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_foreign_app_or_address_never_gets_a_redirect() {
    let lever = Lever::start(Seed::Company).await;
    let changes = [("client_id", "somebody"), ("redirect_uri", "https://evil.example/cb")];
    for (name, value) in changes {
        let answer = lever.http.get(lever.authorize(&[(name, Some(value))])).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::BAD_REQUEST);
        assert!(answer.headers().get("location").is_none());
    }
}
