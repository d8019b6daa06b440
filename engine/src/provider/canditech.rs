//! The generic protocol that Canditech is assumed to speak: JSON over HTTPS with a bearer key.
//!
//! Sending carries our invite's id as the idempotency key and as metadata, so that a send whose answer
//! was lost can be looked up by it.

mod wire;

use reqwest::{Method, RequestBuilder};
use secrecy::ExposeSecret;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};

use super::{
    Account, Assessment, Callback, CallbackBody, Capabilities, Described, InviteRequest, ProviderError, Report,
    exchange::{self, Answer, as_unknown, may_show, split_name},
    part,
};
use crate::{
    clock::Moment,
    http::{self, Unreadable},
    id::{InviteId, ProviderInviteId, VerbId},
    verdict::Verdict,
};
use wire::{AccountWire, AssessmentWire, CallbackWire, InviteWire, Page};

const LONGEST_MESSAGE: usize = 300;
const MOST_PAGES: usize = 200;

pub(super) const CAPABILITIES: Capabilities = Capabilities {
    callback: Callback::Signed,
    fetch: true,
    find_by_reference: true,
    idempotency: true,
    verdict_read: true,
    verdict_write: true,
    deadline: true,
    resend: true,
    cancel: true,
    extend: true,
    retake: true,
    erase: true,
};

pub(super) async fn describe(account: &Account) -> Result<Described, ProviderError> {
    match call(account, Method::GET, &["account"], |request| request).await {
        Ok(answer) => {
            let wire: AccountWire = answer.read()?;
            Ok(Described { name: wire.name(), may_send: wire.may_send() })
        }
        // Not every installation tells; the list of assessments tests the key as well.
        Err(ProviderError::NotFound) => Ok(Described::default()),
        Err(error) => Err(error),
    }
}

pub(super) async fn assessments(account: &Account) -> Result<Vec<Assessment>, ProviderError> {
    let pages: Vec<AssessmentWire> = list(account, &["assessments"], &[]).await?;
    Ok(part::once(pages.iter().filter_map(AssessmentWire::assessment).collect()))
}

async fn list<T: DeserializeOwned>(
    account: &Account,
    path: &[&str],
    query: &[(&str, &str)],
) -> Result<Vec<T>, ProviderError> {
    let (mut items, mut cursor) = (Vec::new(), None::<String>);
    for _ in 0..MOST_PAGES {
        let cursor_query = cursor.as_deref().map(|cursor| ("cursor", cursor));
        let answer = call(account, Method::GET, path, |request| request.query(query).query(&cursor_query.as_slice()));
        let page: Page<T> = answer.await?.read()?;
        items.extend(page.data);
        let Some(next) = page.next.filter(|next| !next.is_empty()) else { return Ok(items) };
        cursor = Some(next);
    }
    Err(ProviderError::BadAnswer("a list without an end".into()))
}

pub(super) async fn invite(account: &Account, request: &InviteRequest) -> Result<Report, ProviderError> {
    let key = request.invite.as_str();
    let metadata = json!({ "invite_id": key });
    let Some(earlier) = &request.retake_of else { return send(account, request, &metadata).await };
    let body = json!({ "valid_days": request.valid_days, "metadata": metadata });
    let again = act(account, &["invites", earlier.as_str(), "retake"], key, &body).await;
    let report = again.map_err(|error| match error {
        ProviderError::NotFound => ProviderError::Refused("it no longer has the earlier round".into()),
        other => other,
    })?;
    // Its id is all that tells a new round from the earlier one.
    if report.provider_invite.as_ref() == Some(earlier) {
        return Err(ProviderError::Refused("it answered with the earlier round".into()));
    }
    Ok(report)
}

async fn send(account: &Account, request: &InviteRequest, metadata: &Value) -> Result<Report, ProviderError> {
    let (first, last) = split_name(&request.candidate_name);
    let body = json!({
        "assessment_id": request.assessment.as_str(),
        "candidate": {
            "first_name": first,
            "last_name": last,
            "email": request.candidate_email,
            "profile_url": request.profile_url,
        },
        "callback_url": request.callback_url,
        "valid_days": request.valid_days,
        "message": null,
        "metadata": metadata,
    });
    act(account, &["invites"], request.invite.as_str(), &body).await
}

pub(super) async fn resend(
    account: &Account,
    invite: &ProviderInviteId,
    key: &VerbId,
) -> Result<Report, ProviderError> {
    act_on(account, invite, "resend", key, &json!({})).await
}

pub(super) async fn extend(
    account: &Account,
    invite: &ProviderInviteId,
    key: &VerbId,
    until: Moment,
) -> Result<Report, ProviderError> {
    act_on(account, invite, "extend", key, &json!({ "expires_at": until.rfc3339() })).await
}

pub(super) async fn cancel(
    account: &Account,
    invite: &ProviderInviteId,
    key: &VerbId,
) -> Result<Report, ProviderError> {
    act_on(account, invite, "cancel", key, &json!({})).await
}

async fn act_on(
    account: &Account,
    invite: &ProviderInviteId,
    verb: &str,
    key: &VerbId,
    body: &Value,
) -> Result<Report, ProviderError> {
    let report = act(account, &["invites", invite.as_str(), verb], key.as_str(), body).await?;
    if report.provider_invite.as_ref() == Some(invite) {
        return Ok(report);
    }
    Err(ProviderError::Temporary("another invite than was asked for".into()))
}

/// Changes something there; the answer is the invite as it is then.
async fn act(account: &Account, path: &[&str], key: &str, body: &Value) -> Result<Report, ProviderError> {
    let shape = |builder: RequestBuilder| builder.header("Idempotency-Key", key).json(body);
    let answer = call(account, Method::POST, path, shape).await?;
    let wire: InviteWire = answer.read().map_err(as_unknown)?;
    if wire.provider_invite().is_none() {
        return Err(ProviderError::Temporary("an invite without its id".into()));
    }
    Ok(wire.report(|address| may_show(account, address)))
}

pub(super) async fn find(account: &Account, invite: &InviteId) -> Result<Option<Report>, ProviderError> {
    let found: Vec<InviteWire> = list(account, &["invites"], &[("reference", invite.as_str())]).await?;
    // A provider that does not know the filter lists everybody's: only our own id counts.
    let ours = found.into_iter().find(|wire| wire.reference().as_ref() == Some(invite));
    Ok(ours.map(|wire| wire.report(|address| may_show(account, address))))
}

pub(super) async fn fetch(account: &Account, invite: &ProviderInviteId) -> Result<Report, ProviderError> {
    let wire: InviteWire =
        call(account, Method::GET, &["invites", invite.as_str()], |request| request).await?.read()?;
    match wire.provider_invite() {
        Some(told) if told == *invite => Ok(wire.report(|address| may_show(account, address))),
        _ => Err(ProviderError::BadAnswer("another invite than was asked for".into())),
    }
}

pub(super) async fn set_verdict(
    account: &Account,
    invite: &ProviderInviteId,
    verdict: Verdict,
    by: &str,
    at: Moment,
) -> Result<(), ProviderError> {
    let body = json!({ "verdict": verdict.word(), "by": by, "at": at.rfc3339() });
    let path = ["invites", invite.as_str(), "verdict"];
    let answer = call(account, Method::POST, &path, |request| request.json(&body)).await?;
    if answer.body.is_empty() { Ok(()) } else { answer.read::<serde::de::IgnoredAny>().map(|_| ()) }
}

/// It answers that it took the request; that it is done it tells nobody.
pub(super) async fn erase(account: &Account, address: &str) -> Result<(), ProviderError> {
    let query = [("email", address)];
    let answer = call(account, Method::DELETE, &["candidates"], |request| request.query(&query)).await?;
    if answer.body.is_empty() { Ok(()) } else { answer.read::<serde::de::IgnoredAny>().map(|_| ()) }
}

pub(super) fn parse_callback(body: &[u8]) -> Result<CallbackBody, ProviderError> {
    http::read_json::<CallbackWire>(body).map(CallbackBody::from).map_err(|fault| match fault {
        Unreadable::NotJson => ProviderError::BadAnswer("no JSON".into()),
        Unreadable::Shape(place) => ProviderError::BadAnswer(format!("at {place}")),
    })
}

async fn call(
    account: &Account,
    method: Method,
    path: &[&str],
    shape: impl FnOnce(RequestBuilder) -> RequestBuilder,
) -> Result<Answer, ProviderError> {
    let shape = |request: RequestBuilder| shape(request.bearer_auth(account.key.expose_secret()));
    exchange::call(account, method, path, shape, refusal).await
}

#[derive(Default, Deserialize)]
struct Envelope {
    #[serde(default)]
    error: Fault,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Fault {
    code: Option<String>,
    message: Option<String>,
    field: Option<String>,
}

/// What a refusal means: by its status first, then by its code.
fn refusal(status: u16, body: &[u8]) -> ProviderError {
    let fault = http::read_json::<Envelope>(body).unwrap_or_default().error;
    let code = fault.code.as_deref().unwrap_or_default();
    match (status, code) {
        (401, _) => ProviderError::Credentials,
        (402, _) | (_, "quota" | "quota_exceeded" | "no_invites_left") => ProviderError::Quota,
        (403, _) => ProviderError::Forbidden,
        (404, _) => ProviderError::NotFound,
        (_, "assessment_not_published" | "not_published") => ProviderError::NotPublished,
        (_, "assessment_not_found") => ProviderError::NotFound,
        (_, "invalid_candidate") => ProviderError::InvalidCandidate { field: field(fault.field.as_deref()) },
        (_, "too_late") => ProviderError::TooLate,
        (_, "still_open") => ProviderError::Refused(message(fault.message.as_deref(), status)),
        (409, _) | (_, "idempotency_mismatch" | "duplicate") => ProviderError::Duplicate,
        (405 | 501, _) => ProviderError::Unsupported,
        (408 | 425 | 500.., _) => ProviderError::Temporary(format!("status {status}")),
        (300..=399, _) => ProviderError::BadAnswer(format!("a redirect, status {status}")),
        _ => ProviderError::Refused(message(fault.message.as_deref(), status)),
    }
}

fn field(name: Option<&str>) -> String {
    let name = name.unwrap_or("data").trim_start_matches("candidate.");
    let plain: String = name.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '_').take(40).collect();
    if plain == "email" { "e-mail".to_owned() } else { plain.replace('_', " ") }
}

/// The provider's words without what could be somebody's address.
fn message(words: Option<&str>, status: u16) -> String {
    let Some(words) = words.filter(|words| !words.trim().is_empty()) else { return format!("status {status}") };
    let plain: Vec<&str> = words.split_whitespace().map(|word| if word.contains('@') { "…" } else { word }).collect();
    plain.join(" ").chars().filter(|c| !c.is_control()).take(LONGEST_MESSAGE).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(status: u16, code: &str, field: &str) -> String {
        let body =
            json!({ "error": { "code": code, "message": "No: ada@example.test is\u{7} unknown", "field": field } });
        refusal(status, body.to_string().as_bytes()).to_string()
    }

    #[test]
    fn each_refusal_has_its_class() {
        for (status, code, expected) in [
            (401, "unauthorized", ProviderError::Credentials.to_string()),
            (402, "", ProviderError::Quota.to_string()),
            (422, "no_invites_left", ProviderError::Quota.to_string()),
            (403, "forbidden", ProviderError::Forbidden.to_string()),
            (404, "invite_not_found", ProviderError::NotFound.to_string()),
            (422, "assessment_not_found", ProviderError::NotFound.to_string()),
            (422, "assessment_not_published", ProviderError::NotPublished.to_string()),
            (422, "invalid_candidate", "the provider does not accept the candidate's e-mail".into()),
            (409, "too_late", ProviderError::TooLate.to_string()),
            (409, "still_open", "refused: No: … is unknown".into()),
            (409, "", ProviderError::Duplicate.to_string()),
            (422, "idempotency_mismatch", ProviderError::Duplicate.to_string()),
            (422, "strange", "refused: No: … is unknown".into()),
            (400, "bad_request", "refused: No: … is unknown".into()),
            (503, "", "the provider did not answer properly: status 503".into()),
            (302, "", "an unexpected answer from the provider: a redirect, status 302".into()),
        ] {
            assert_eq!(refused(status, code, "candidate.email"), expected, "{status} {code}");
        }
    }

    #[test]
    fn a_refusal_without_a_body_is_one_too() {
        for body in ["", "<html>", "[]", r#"{"error":null}"#, r#"{"error":"no"}"#] {
            assert_eq!(refusal(422, body.as_bytes()).to_string(), "refused: status 422", "{body}");
        }
    }

    #[test]
    fn a_callback_names_its_invite() {
        let body = r#"{"type":"assessment.completed","timestamp":"2026-01-15T10:00:00Z",
            "data":{"invite_id":"pi_1","metadata":{"invite_id":"inv_1"},"score":{"value":1e999}}}"#;
        let read = parse_callback(body.as_bytes()).expect("a callback");
        assert_eq!(read.event, "assessment.completed");
        assert_eq!((read.invite, read.provider_invite), (Some("inv_1".into()), Some("pi_1".into())));
        for body in ["", "null", "{}", r#"{"data":{}}"#, r#"{"type":5}"#] {
            assert!(matches!(parse_callback(body.as_bytes()), Err(ProviderError::BadAnswer(_))), "{body}");
        }
    }
}
