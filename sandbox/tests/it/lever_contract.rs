//! The stand-in beside what is recorded of Lever: it answers, refuses, takes and sends the same names with the same
//! kinds of values.

use std::collections::BTreeSet;

use reqwest::{Method, StatusCode};
use sandbox::Seed;
use serde_json::{Value, json};

use crate::fixture;
use crate::lever::{CALLBACK, Lever, Tokens, query};
use crate::receiver::Receiver;
use crate::shape::differences;

/// Which recorded ones were met.
#[derive(Default)]
struct Met(BTreeSet<String>);

impl Met {
    /// Compares an answer with the recorded one; `but` is what is known to be otherwise.
    fn compare(&mut self, file: &str, (status, answer): (StatusCode, Value), but: &[&str]) -> Value {
        assert_eq!(status, expected_status(file), "{file}: {answer}");
        assert_eq!(differences(&fixture::json(file), &answer), but, "{file}: {answer:#}");
        assert!(self.0.insert(file.to_owned()), "{file} twice");
        answer
    }

    /// The same to the letter.
    fn equal(&mut self, file: &str, (status, answer): (StatusCode, Value)) {
        assert_eq!((status, &answer), (expected_status(file), &fixture::json(file)), "{file}");
        assert!(self.0.insert(file.to_owned()), "{file} twice");
    }

    /// All that are recorded were met, but these.
    fn all_of(&self, is: &[&str], but: &[&str]) {
        let there = is.iter().flat_map(|is| fixture::all(is)).map(|(file, _)| file);
        let met = self.0.iter().cloned().chain(but.iter().map(|file| (*file).to_owned()));
        assert_eq!(there.collect::<BTreeSet<_>>(), met.collect());
    }
}

/// The status that the manifest names.
fn expected_status(file: &str) -> StatusCode {
    let kinds = ["answer", "refusal", "token answer", "token refusal"].into_iter().flat_map(fixture::all);
    let (_, kind) = kinds.into_iter().find(|(known, _)| known == file).expect("an answer");
    let is_status = |word: &&str| word.len() == 3 && word.bytes().all(|byte| byte.is_ascii_digit());
    kind.split(' ').find(is_status).expect("a status").parse().expect("a status")
}

/// What a test of one account goes by.
struct Account {
    lever: Lever,
    token: String,
    met: Met,
}

impl Account {
    async fn open() -> Self {
        let lever = Lever::start(Seed::Company).await;
        let token = lever.connect().await.access;
        Self { lever, token, met: Met::default() }
    }

    async fn call(&self, method: Method, path: &str, body: Value) -> (StatusCode, Value) {
        self.lever.call(&self.token, method, path, Some(body).filter(|body| !body.is_null())).await
    }

    async fn get(&mut self, file: &str, path: &str, but: &[&str]) -> Value {
        let answer = self.call(Method::GET, path, Value::Null).await;
        self.met.compare(file, answer, but)
    }

    async fn write(&mut self, file: &str, method: Method, path: &str, body: Value, but: &[&str]) -> Value {
        let answer = self.call(method, path, body).await;
        self.met.compare(file, answer, but)
    }

    /// The opportunity of somebody who was there at the start.
    async fn opportunity(&self, name: &str) -> String {
        let state = self.lever.state().await;
        let all = state["opportunities"].as_array().expect("a list");
        all.iter().find(|one| one["name"] == name).expect("somebody")["id"].as_str().expect("an id").to_owned()
    }
}

fn id(answer: &Value) -> &str {
    answer["data"]["id"].as_str().expect("an id")
}

fn first(answer: &Value) -> &str {
    answer["data"][0]["id"].as_str().expect("an id")
}

/// A recorded request with what this Lever gave in place of what is recorded.
fn with(file: &str, own: &[(&str, &str)]) -> Value {
    let mut body = fixture::json(file);
    for (name, value) in own {
        assert!(body.get(name).is_some(), "{file} has no {name}");
        body[name] = json!(value);
    }
    body
}

#[tokio::test]
async fn what_is_asked_for_is_answered_as_recorded() {
    let mut account = Account::open().await;
    directories(&mut account).await;
    candidates(&mut account).await;
    lists(&mut account).await;
    notes(&mut account).await;
    webhooks(&mut account).await;
    // Nobody adds candidates through the API here.
    account.met.all_of(&["answer"], &["opportunity_created.json"]);
}

async fn directories(account: &mut Account) {
    let users = account.get("users.json", "/v1/users", &[]).await;
    account.get("users_with_deactivated.json", "/v1/users?includeDeactivated=true", &[]).await;
    account.get("user.json", &format!("/v1/users/{}", first(&users)), &[]).await;
    let stages = account.get("stages.json", "/v1/stages", &[]).await;
    account.get("stage.json", &format!("/v1/stages/{}", first(&stages)), &[]).await;
    account.get("disposition_stages.json", "/v1/disposition_stages", &[]).await;
    account.get("archive_reasons.json", "/v1/archive_reasons", &[]).await;
    account.get("tags.json", "/v1/tags", &[]).await;
    // Postings have no tags of their own here.
    let untagged = ["nothing in .data[].tags"];
    let postings = account.get("postings.json", "/v1/postings", &untagged).await;
    account.get("posting.json", &format!("/v1/postings/{}", first(&postings)), &["nothing in .data.tags"]).await;

    // What the product asks for no access to.
    let scope = "offline_access postings:read:admin confidential:access:admin sources:read:admin";
    let lever = &account.lever;
    let back = lever.decide(&lever.authorize(&[("scope", Some(scope))]), "Nora Lindqvist", "accept").await;
    let insider = Tokens::read(&lever.redeem(&back).await.1).access;
    let all = lever.call(&insider, Method::GET, "/v1/postings?confidentiality=all", None).await;
    let all = account.met.compare("postings_confidential_all.json", all, &untagged);
    let sources = lever.call(&insider, Method::GET, "/v1/sources", None).await;
    account.met.compare("sources.json", sources, &[]);
    let number = |list: &Value| list["data"].as_array().map_or(0, Vec::len);
    assert_eq!(number(&all) - number(&postings), 1, "the confidential one is more");
}

async fn candidates(account: &mut Account) {
    let farid = format!("/v1/opportunities/{}", account.opportunity("Farid Haddad").await);
    let link = json!({ "links": ["https://example.com/people/farid"] });
    account.write("opportunity_addlinks_response.json", Method::POST, &format!("{farid}/addLinks"), link, &[]).await;
    let tag = json!({ "tags": ["takehome: sent"] });
    account.write("opportunity_addtags_response.json", Method::POST, &format!("{farid}/addTags"), tag, &[]).await;
    let found = account.get("opportunity.json", &farid, &[]).await;
    let expanded = format!("{farid}?expand=applications&expand=stage&expand=owner&expand=contact");
    // What an expanded contact has is inferred from the contact itself, which has this.
    account.get("opportunity_expanded.json", &expanded, &["with .data.contact.dataProtection"]).await;
    let application = found["data"]["applications"][0].as_str().expect("an application");
    account.get("application.json", &format!("{farid}/applications/{application}"), &[]).await;
    let contact = found["data"]["contact"].as_str().expect("a contact");
    account.get("contact.json", &format!("/v1/contacts/{contact}"), &[]).await;

    let (stage, archived) = (format!("{farid}/stage"), format!("{farid}/archived"));
    let offer = json!({ "stage": "offer" });
    account.write("opportunity_stage_response.json", Method::PUT, &stage, offer, &[]).await;
    let reasons = account.call(Method::GET, "/v1/archive_reasons?type=non-hired", Value::Null).await.1;
    let reason = json!({ "reason": first(&reasons) });
    account.write("opportunity_archived_response.json", Method::PUT, &archived, reason, &[]).await;
    account.get("opportunity_archived.json", &farid, &[]).await;
    let none = json!({ "reason": null });
    account.write("opportunity_unarchived_response.json", Method::PUT, &archived, none, &[]).await;

    let olivia = format!("/v1/opportunities/{}", account.opportunity("").await);
    account.get("opportunity_anonymized.json", &olivia, &[]).await;
}

async fn lists(account: &mut Account) {
    let greta = account.opportunity("Greta Sommer").await;
    account.lever.admin("/sandbox/delete", json!({ "opportunity": greta })).await;
    account.get("opportunities_deleted.json", "/v1/opportunities/deleted", &[]).await;

    // The newest of the leads comes first; who brought her in is not known.
    let lead = json!({
        "name": "Ivy Castell", "email": "ivy@mail.example", "stage": "lead-new", "owner": "Tomas Rivera",
        "followers": ["Tomas Rivera"],
    });
    let lead = account.lever.admin("/sandbox/candidates", lead).await;
    let tags = format!("/v1/opportunities/{}/addTags", lead["opportunity"].as_str().expect("an id"));
    assert_eq!(account.call(Method::POST, &tags, json!({ "tags": ["takehome"] })).await.0, StatusCode::OK);
    let nobody = ["without .data[].stageChanges[].userId"];
    let page = account.get("opportunities_page1.json", "/v1/opportunities?limit=20", &nobody).await;
    let next = page["next"].as_str().expect("a token");
    let query = url::form_urlencoded::Serializer::new(String::new()).append_pair("offset", next).finish();
    // Whoever comes first on the second one has no telephone and no link.
    let bare = ["nothing in .data[].links", "nothing in .data[].phones"];
    account.get("opportunities_page2.json", &format!("/v1/opportunities?limit=20&{query}"), &bare).await;
}

async fn notes(account: &mut Account) {
    let notes = format!("/v1/opportunities/{}/notes", account.opportunity("Hugo Lambert").await);
    let body = fixture::json("note_create_request.json");
    let made = account.write("note_created.json", Method::POST, &notes, body.clone(), &[]).await;
    let fields = &made["data"]["fields"];
    assert_eq!((&fields[0]["value"], &made["data"]["secret"]), (&body["value"], &body["secret"]));
    let one = format!("{notes}/{}", id(&made));
    account.get("note.json", &one, &[]).await;
    account.get("notes.json", &notes, &[]).await;
    let corrected = json!({ "value": "Result corrected: 84 / 100." });
    account.write("note_updated.json", Method::PUT, &one, corrected, &[]).await;
    let answer = format!("{notes}?note_id={}", id(&made));
    assert_eq!(account.call(Method::POST, &answer, json!({ "value": "Thanks!" })).await.0, StatusCode::CREATED);
    // Where comments stand is inferred; the stand-in has them where the recorded one has.
    let read = account.get("note_with_thread.json", &one, &[]).await;
    let values: Vec<_> = read["data"]["fields"].as_array().expect("fields").iter().map(|one| &one["value"]).collect();
    assert_eq!(values, ["Result corrected: 84 / 100.", "Thanks!"]);
}

async fn webhooks(account: &mut Account) {
    let receiver = Receiver::start().await;
    let body = with("webhook_create_request.json", &[("url", &receiver.url)]);
    let made = account.write("webhook_created.json", Method::POST, "/v1/webhooks", body.clone(), &[]).await;
    let token = made["data"]["configuration"]["signatureToken"].as_str().expect("a token");
    assert!(token.len() == 48 && token.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')), "{token}");
    assert_eq!(made["data"]["configuration"]["conditions"], body["configuration"]["conditions"]);
    account.get("webhooks_list.json", "/v1/webhooks", &[]).await;

    let mut update = fixture::json("webhooks_update_request.json");
    (update["data"][0]["id"], update["data"][0]["url"]) = (json!(id(&made)), json!(format!("{}?new", receiver.url)));
    let (status, answer) = account.call(Method::PUT, "/v1/webhooks", update.clone()).await;
    // What Lever answers to it is recorded nowhere.
    assert_eq!((status, &answer["data"][0]["url"]), (StatusCode::OK, &update["data"][0]["url"]));
    assert_eq!(receiver.wait(2).await.len(), 2, "it is verified when it is made, and when it is changed");
}

#[tokio::test]
async fn tokens_are_taken_and_given_as_recorded() {
    let (lever, mut met) = (Lever::start(Seed::Company).await, Met::default());
    let back = lever.decide(&lever.authorize(&[]), "Nora Lindqvist", "accept").await;
    let code = query(&back, "code").expect("a code");
    let ours = [("client_id", "candilever-demo"), ("client_secret", "candilever-demo-secret")];
    let by_code =
        with("token_request_code.json", &[&ours[..], &[("code", &code), ("redirect_uri", CALLBACK)]].concat());
    let given = met.compare("token_response.json", lever.exchange(&by_code).await, &[]);
    let refresh = given["refresh_token"].as_str().expect("a token");
    let by_refresh = with("token_request_refresh.json", &[&ours[..], &[("refresh_token", refresh)]].concat());
    let renewed = met.compare("token_refresh_response.json", lever.exchange(&by_refresh).await, &[]);
    assert_ne!(renewed["refresh_token"], given["refresh_token"]);
    assert_eq!((&given["scope"], &given["expires_in"]), (&renewed["scope"], &json!(3600)));

    met.equal("error_token_invalid_grant.json", lever.exchange(&by_refresh).await);
    let wrong = with("token_request_refresh.json", &[("client_id", "candilever-demo")]);
    met.equal("error_token_invalid_client.json", lever.exchange(&wrong).await);
    met.all_of(&["token answer", "token refusal"], &[]);
}

#[tokio::test]
async fn what_is_refused_is_refused_in_the_recorded_words() {
    let mut account = Account::open().await;
    for (file, path) in [
        ("error_400.json", "/v1/opportunities?email=nobody"),
        ("error_400_invalid_offset.json", "/v1/opportunities?offset=%255B1%255D"),
        ("error_403.json", "/v1/postings?confidentiality=all"),
        ("error_404.json", "/v1/stages/4041851e-7f02-432a-8ff1-8bafc929d10e"),
        ("error_404_path.json", "/v1/nothing-here"),
    ] {
        let answer = account.call(Method::GET, path, Value::Null).await;
        account.met.equal(file, answer);
    }
    let nobody = account.lever.call("nobody's", Method::GET, "/v1/stages", None).await;
    account.met.equal("error_401.json", nobody);
    let elsewhere = Lever::start(Seed::Empty).await.connect().await.access;
    let foreign = account.lever.call(&elsewhere, Method::GET, "/v1/stages", None).await;
    account.met.equal("error_403_wrong_environment.json", foreign);
    let ask = || account.lever.ask(Method::GET, "/v1/stages").bearer_auth(&account.token).send();
    let answers = futures::future::join_all((0..40).map(|_| ask())).await;
    let busy = answers.into_iter().flatten().find(|answer| answer.status() == StatusCode::TOO_MANY_REQUESTS);
    let busy = busy.expect("more than a burst");
    account.met.equal("error_429.json", (busy.status(), busy.json().await.expect("JSON")));
    // The other spelling is of a resource that is not here; a server in trouble is one by a fault alone.
    account.met.all_of(&["refusal"], &["error_404_alt_code.json", "error_500.json", "error_503.json"]);
}

#[tokio::test]
async fn what_happens_is_told_as_recorded() {
    let (account, receiver) = (Account::open().await, Receiver::start().await);
    let ping = fixture::json("webhook_verify.json");
    let events = fixture::json("webhook_keys.json");
    let events: Vec<&String> = events["keys"].as_object().expect("events").keys().collect();
    for event in &events {
        let mut body = with("webhook_create_request.json", &[("url", &receiver.url), ("event", event)]);
        let conditional = ["applicationCreated", "candidateArchiveChange", "candidateHired", "candidateStageChange"];
        if !conditional.contains(&event.as_str()) {
            body["configuration"].as_object_mut().expect("an object").remove("conditions");
        }
        let (status, answer) = account.call(Method::POST, "/v1/webhooks", body).await;
        assert_eq!(status, StatusCode::CREATED, "{event}: {answer}");
    }
    let pings = receiver.wait(events.len()).await;
    assert!(pings.iter().all(|told| differences(&ping, told).is_empty() && told["data"] == json!({})), "{pings:#?}");

    let ada = account.lever.candidate("Ada Byron").await;
    let does = async |path: &str, more: Value| {
        let mut body = more;
        body["opportunity"] = json!(ada);
        account.lever.admin(&format!("/sandbox/{path}"), body).await;
    };
    does("move", json!({ "stage": "offer" })).await;
    does("archive", json!({})).await;
    does("unarchive", json!({})).await;
    does("archive", json!({ "reason": "Hired" })).await;
    does("email", json!({ "emails": ["ada@byron.example"] })).await;
    does("delete", json!({})).await;
    receiver.wait(events.len() + 9).await;
    account.lever.admin("/sandbox/webhooks/mode", json!({ "without_id": true })).await;
    let ben = account.lever.candidate("Ben Byron").await;
    account.lever.admin("/sandbox/move", json!({ "opportunity": ben, "stage": "offer" })).await;
    let told = receiver.wait(events.len() + 12).await;

    // Nobody is interviewed here.
    let never = ["webhook_interview_created.json", "webhook_interview_updated.json", "webhook_interview_deleted.json"];
    for (file, _) in fixture::all("delivery") {
        let recorded = fixture::json(&file);
        let alike = |other: &&Value| {
            let is_null = |message: &Value| message["data"]["toArchived"].is_null();
            other["event"] == recorded["event"]
                && other.get("id").is_some() == recorded.get("id").is_some()
                && (other["data"] == json!({})) == (recorded["data"] == json!({}))
                && is_null(other) == is_null(&recorded)
        };
        let found = told.iter().find(alike);
        assert_eq!(found.is_none(), never.contains(&file.as_str()), "{file}");
        let differs = found.map(|found| differences(&recorded, found)).unwrap_or_default();
        assert_eq!(differs, [""; 0], "{file}");
    }
}
