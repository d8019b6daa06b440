//! The Greenhouse Assessment Partner protocol (developers.greenhouse.io/assessment.html), with us in the
//! place of Greenhouse: three calls, HTTP Basic with the key as the user name, JSON.
//!
//! A send cannot be recognised or looked up, no verdict and no deadline are part of it, and a finished
//! test is told by an empty PATCH to the address that came with its send.

mod wire;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use reqwest::{Method, RequestBuilder};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{json, value::RawValue};
use subtle::ConstantTimeEq;

use super::{
    Account, Assessment, Callback, Capabilities, InviteRequest, ProviderError, Report,
    exchange::{self, Answer, as_unknown, may_show, split_name},
    part,
};
use crate::id::ProviderInviteId;
use wire::{SentWire, StatusWire, TestWire};

/// A longer key does not fit the header that the protocol describes.
const LONGEST_KEY: usize = 170;
const LONGEST_HEADER: usize = 1024;
/// Sets its ids apart from another protocol's, so that no invite is asked for where it was not sent.
const MARK: &str = "greenhouse-partner:";

pub(super) const CAPABILITIES: Capabilities = Capabilities {
    callback: Callback::PerInvite,
    fetch: true,
    find_by_reference: false,
    idempotency: false,
    verdict_read: false,
    verdict_write: false,
    deadline: false,
    resend: false,
    cancel: false,
    extend: false,
    retake: false,
    erase: false,
};

/// Whether it can be the user name of HTTP Basic here.
pub(super) fn key_fits(key: &str) -> bool {
    key.len() <= LONGEST_KEY && !key.contains(':')
}

/// Whether an id is one of this protocol's.
pub(super) fn is_ours(invite: &ProviderInviteId) -> bool {
    invite.as_str().starts_with(MARK)
}

fn marked(id: &str) -> ProviderInviteId {
    ProviderInviteId(format!("{MARK}{id}"))
}

pub(super) async fn assessments(account: &Account) -> Result<Vec<Assessment>, ProviderError> {
    let answer = call(account, Method::GET, "list_tests", |request| request).await?;
    let tests: Vec<Box<RawValue>> = answer.read()?;
    let read = |test: &str| serde_json::from_str::<TestWire>(test).ok()?.assessment();
    Ok(part::once(tests.iter().filter_map(|test| read(test.get())).collect()))
}

pub(super) async fn invite(account: &Account, request: &InviteRequest) -> Result<Report, ProviderError> {
    let (first, last) = split_name(&request.candidate_name);
    let body = json!({
        "partner_test_id": request.assessment.as_str(),
        "candidate": {
            "first_name": first,
            "last_name": last,
            "preferred_name": null,
            "resume_url": null,
            "phone_number": null,
            "email": request.candidate_email,
            "greenhouse_profile_url": request.profile_url.as_deref().unwrap_or(&request.callback_url),
        },
        "sent_by": null,
        "url": request.callback_url,
    });
    let answer = call(account, Method::POST, "send_test", |builder| builder.json(&body)).await?;
    let sent: SentWire = answer.read().map_err(as_unknown)?;
    let id = sent.id().ok_or_else(|| ProviderError::Temporary("a sent test without its id".into()))?;
    Ok(Report { provider_invite: Some(marked(&id)), ..Report::default() })
}

pub(super) async fn fetch(account: &Account, invite: &ProviderInviteId) -> Result<Report, ProviderError> {
    let id = invite.as_str().strip_prefix(MARK).ok_or(ProviderError::NotFound)?;
    let query = [("partner_interview_id", id)];
    let status: StatusWire =
        call(account, Method::GET, "test_status", |request| request.query(&query)).await?.read()?;
    let report = status.report(|address| may_show(account, address));
    report.ok_or_else(|| ProviderError::BadAnswer("at partner_status".into()))
}

/// Whether a callback carries the account's own key, as the protocol has it.
pub(super) fn callback_is_genuine(keys: &[SecretString], authorization: &str) -> bool {
    let Some(given) = basic_user(authorization) else { return false };
    keys.iter().any(|key| bool::from(key.expose_secret().as_bytes().ct_eq(&given)))
}

/// The user name of HTTP Basic with an empty password.
fn basic_user(header: &str) -> Option<Vec<u8>> {
    let (scheme, credentials) = header.split_once(' ').filter(|_| header.len() <= LONGEST_HEADER)?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let mut decoded = STANDARD.decode(credentials.trim()).ok()?;
    (decoded.pop() == Some(b':') && !decoded.is_empty()).then_some(decoded)
}

async fn call(
    account: &Account,
    method: Method,
    what: &str,
    shape: impl FnOnce(RequestBuilder) -> RequestBuilder,
) -> Result<Answer, ProviderError> {
    let shape = |request: RequestBuilder| shape(request.basic_auth(account.key.expose_secret(), Some("")));
    exchange::call(account, method, &[what], shape, refusal).await
}

/// The protocol gives refusals no body: the status is all there is.
fn refusal(status: u16, _: &[u8]) -> ProviderError {
    match status {
        401 => ProviderError::Credentials,
        402 => ProviderError::Quota,
        403 => ProviderError::Forbidden,
        404 => ProviderError::NotFound,
        405 | 501 => ProviderError::Unsupported,
        408 | 425 | 500.. => ProviderError::Temporary(format!("status {status}")),
        300..=399 => ProviderError::BadAnswer(format!("a redirect, status {status}")),
        _ => ProviderError::Refused(format!("status {status}")),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn genuine(header: &str) -> bool {
        callback_is_genuine(&[SecretString::from("ctk_1"), SecretString::from("ctk_2")], header)
    }

    fn header(credentials: &str) -> String {
        format!("Basic {}", STANDARD.encode(credentials))
    }

    #[test]
    fn only_the_key_with_an_empty_password_is_genuine() {
        assert!(genuine(&header("ctk_1:")) && genuine(&header("ctk_2:")));
        assert!(genuine(&format!("bAsIc  {}", STANDARD.encode("ctk_1:"))));
        for forged in ["", ":", "ctk_1", "ctk_1:x", "ctk_1::", "ctk_:", "ctk_12:", "ctk_3:", ":ctk_1", "CTK_1:"] {
            assert!(!genuine(&header(forged)), "{forged}");
        }
        for other in ["", "Basic", "Basic ", "Basic !!!", "Bearer ctk_1", "Bearer Y3RrXzE6"] {
            assert!(!genuine(other), "{other}");
        }
        assert!(!callback_is_genuine(&[], &header("ctk_1:")));
    }

    #[test]
    fn a_key_must_fit_the_header() {
        assert!(key_fits(&"k".repeat(170)));
        assert!(!key_fits(&"k".repeat(171)));
        assert!(!key_fits("one:two"));
    }

    #[test]
    fn each_status_has_its_class() {
        for (status, expected) in [
            (401, "the provider does not accept the key"),
            (403, "the provider forbids it"),
            (404, "the provider does not have it"),
            (409, "refused: status 409"),
            (422, "refused: status 422"),
            (405, "the provider cannot do that"),
            (503, "the provider did not answer properly: status 503"),
            (307, "an unexpected answer from the provider: a redirect, status 307"),
        ] {
            assert_eq!(refusal(status, br#"{"message":"ada@example.test"}"#).to_string(), expected, "{status}");
        }
    }

    #[test]
    fn ids_of_other_protocols_are_not_ours() {
        assert!(is_ours(&marked("98765")));
        assert!(!is_ours(&"98765".into()) && !is_ours(&"pi_greenhouse-partner:1".into()));
    }

    proptest! {
        #[test]
        fn no_header_but_the_keys_is_genuine(credentials in ".{0,40}", scheme in "[A-Za-z]{0,8}") {
            let says_key = scheme.eq_ignore_ascii_case("basic") && ["ctk_1:", "ctk_2:"].contains(&&*credentials);
            prop_assert_eq!(genuine(&format!("{scheme} {}", STANDARD.encode(&credentials))), says_key);
            prop_assert!(!genuine(&credentials));
        }
    }
}
