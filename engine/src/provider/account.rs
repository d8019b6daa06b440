//! The organization's account: saved, tested, and its list of assessments kept in step.

use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::{
    Account, AccountOverview, AccountState, Assessment, OtherProtocol, Protocol, ProviderError, signature, store,
    switch,
};
use crate::{
    Engine,
    access::{Member, Permission},
    attachment,
    audit::{self, Action, Deed, Facts},
    fault::{FlowError, Refusal, StoreError},
    id::{OrganizationId, ProviderAccountId},
    invite::{self, News},
    job::{self, WaitsFor},
    live::Change,
};

const LONGEST_KEY: usize = 500;

/// The organization's account; `None` before there is one.
///
/// # Errors
/// Forbidden unless the role manages attachments.
pub async fn account(engine: &Engine, member: &Member) -> Result<Option<AccountOverview>, FlowError> {
    member.require(Permission::ManageAttachments)?;
    let mut overview = store::overview(engine, &member.organization).await?;
    if !member.may(Permission::ManageConnection)
        && let Some(overview) = &mut overview
    {
        overview.callback_secret = None;
    }
    Ok(overview)
}

/// The assessments of our copy, active ones first.
///
/// # Errors
/// Forbidden unless the role manages attachments.
pub async fn assessments(engine: &Engine, member: &Member) -> Result<Vec<Assessment>, FlowError> {
    member.require(Permission::ManageAttachments)?;
    Ok(store::assessments(&engine.db, &member.organization).await?)
}

/// Stores the account and tests it: credentials, permission to send, list of assessments. The account
/// is kept whatever the test says; an absent key keeps the one that is stored.
///
/// # Errors
/// Refused for a base URL that may not be named or an empty key; also for an absent key at another
/// address or for another protocol than the stored key was entered for. Another protocol is refused while
/// a send is under way, and unless it is confirmed while invites are.
pub async fn save_and_test(
    engine: &Engine,
    member: &Member,
    protocol: Protocol,
    base_url: &str,
    key: Option<SecretString>,
    other: OtherProtocol,
) -> Result<AccountOverview, FlowError> {
    member.require(Permission::ManageConnection)?;
    let base_url = acceptable_address(engine, base_url)?;
    let key = key.as_ref().map(|key| acceptable_key(protocol, key)).transpose()?;
    let id = save(engine, member, protocol, &base_url, key.as_ref(), other).await?;
    let tested = check(engine, &Account::open(engine, &id).await?).await;
    if let Err(error @ ProviderError::Store(_)) = tested {
        return Err(error.into());
    }
    account(engine, member).await?.ok_or(FlowError::NotFound)
}

fn acceptable_address(engine: &Engine, text: &str) -> Result<Url, FlowError> {
    let url = Url::parse(text.trim()).ok().filter(|url| url.query().is_none() && url.fragment().is_none());
    url.filter(|url| engine.http.may_reach(url)).ok_or(FlowError::Refused(Refusal::BaseUrl))
}

fn acceptable_key(protocol: Protocol, key: &SecretString) -> Result<SecretString, FlowError> {
    let text = key.expose_secret().trim();
    let fits = (1..=LONGEST_KEY).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_graphic())
        && protocol.key_fits(text);
    if fits { Ok(SecretString::from(text)) } else { Err(FlowError::Refused(Refusal::Key)) }
}

/// The end of the key, for a person to know it by; too short a key shows nothing of itself.
fn hint(key: &SecretString) -> String {
    let key = key.expose_secret();
    if key.len() < 12 { String::new() } else { key[key.len() - 4..].to_owned() }
}

async fn save(
    engine: &Engine,
    member: &Member,
    protocol: Protocol,
    base_url: &Url,
    key: Option<&SecretString>,
    other: OtherProtocol,
) -> Result<ProviderAccountId, FlowError> {
    let known = store::saved(&engine.db, &member.organization).await?;
    let hint = key.map(hint).unwrap_or_default();
    let before = known.as_ref().map(|(_, protocol, url)| place(protocol, url)).unwrap_or_default();
    let mut after = place(protocol.slug(), base_url.as_str());
    after.extend(key.map(|_| ("key", "entered".to_owned())));
    let entered = store::Entered { protocol, base_url: base_url.as_str(), key, key_hint: &hint };
    let mut tx = engine.db.write().await?;
    let id = match (known, key) {
        (Some((id, saved_protocol, saved_url)), key) => {
            let switches = saved_protocol != protocol.slug();
            // A stored key is not sent to a place it was not entered for.
            let same_place = Url::parse(&saved_url).is_ok_and(|saved| saved.origin() == base_url.origin());
            if key.is_none() && (switches || !same_place) {
                return Err(FlowError::Refused(Refusal::Key));
            }
            if switches {
                switch::allow(&mut tx, &member.organization, &id, protocol, other).await?;
            }
            store::change(engine, &mut tx, &id, &entered).await?;
            id
        }
        (None, Some(key)) => {
            let secret = signature::new_secret();
            store::insert(engine, &mut tx, &member.organization, &entered, key, &secret).await?
        }
        (None, None) => return Err(FlowError::Refused(Refusal::Key)),
    };
    let deed = Deed { action: Action::ProviderSaved, subject: id.as_str(), before, after };
    audit::record(&mut tx, member, &deed, engine.clock.now()).await?;
    tx.commit().await.map_err(StoreError::from)?;
    Ok(id)
}

/// Where an account is, for the audit log.
fn place(protocol: &str, base_url: &str) -> Facts {
    vec![("protocol", protocol.to_owned()), ("base_url", base_url.to_owned())]
}

/// The organization's account, if it has one.
pub(crate) async fn of_organization(
    engine: &Engine,
    organization: &OrganizationId,
) -> Result<Option<ProviderAccountId>, StoreError> {
    Ok(store::saved(&engine.db, organization).await?.map(|(id, _, _)| id))
}

/// Reads the list of assessments into our copy; those that vanished are marked, never deleted, and a new name
/// is the name of what is attached and of what is still to be sent. It
/// tests the account as well: one that works again goes on by itself.
///
/// # Errors
/// See [`ProviderError`].
pub async fn sync(engine: &Engine, account: &ProviderAccountId) -> Result<(), ProviderError> {
    check(engine, &Account::open(engine, account).await?).await
}

/// Asks the provider whether it still takes the key; where its answer is news, the account is tested.
///
/// # Errors
/// See [`ProviderError`].
pub(crate) async fn check_account(engine: &Engine, organization: &OrganizationId) -> Result<(), ProviderError> {
    let Some(known) = store::overview(engine, organization).await? else { return Ok(()) };
    let account = Account::open(engine, &known.id).await?;
    let (state, _) = verdict(&account.list().await.map(drop), None);
    let is_known = state == known.state || (state == AccountState::Ok && known.state == AccountState::CannotSend);
    if is_known { Ok(()) } else { check(engine, &account).await }
}

/// Tests the account, stores what came out, and wakes what waited for a working one.
async fn check(engine: &Engine, account: &Account) -> Result<(), ProviderError> {
    let described = account.describe().await;
    let listed = if described.is_ok() { Some(account.list().await) } else { None };
    let (outcome, described, assessments) = match (described, listed) {
        (Err(error), _) => (Err(error), None, None),
        (Ok(described), Some(Err(error))) => (Err(error), Some(described), None),
        (Ok(described), Some(Ok(assessments))) => (Ok(()), Some(described), Some(assessments)),
        (Ok(described), None) => (Ok(()), Some(described), None),
    };
    let may_send = described.as_ref().and_then(|described| described.may_send);
    let (state, reason) = verdict(&outcome, may_send);
    let name = described.and_then(|described| described.name);
    let now = engine.clock.now();
    let mut tx = engine.db.write().await?;
    store::set_state(&mut tx, account, state, reason, name.as_deref(), now).await?;
    let mut news = News::default();
    if let Some(assessments) = assessments {
        store::replace_assessments(engine, &mut tx, account, &assessments, now).await?;
        attachment::store::follow_assessments(&mut tx, &account.organization, &account.id).await?;
        news = invite::catalogue::follow_assessments(&mut tx, &account.organization, &account.id, now).await?;
    }
    if state == AccountState::Ok {
        job::wake(&mut tx, &account.organization, WaitsFor::Provider, now).await?;
    }
    tx.commit().await.map_err(StoreError::from)?;
    if state == AccountState::Ok {
        job::wake_who_came_between(engine, &account.organization, WaitsFor::Provider).await?;
    }
    engine.live.tell(&account.organization, Change::SetUp);
    news.tell(engine, &account.organization);
    outcome
}

/// The state that a test leaves the account in, and why, in words.
fn verdict(outcome: &Result<(), ProviderError>, may_send: Option<bool>) -> (AccountState, Option<&'static str>) {
    match outcome {
        Ok(()) if may_send == Some(false) => (
            AccountState::CannotSend,
            Some("This key can list assessments but not send them. Use a key that may invite candidates."),
        ),
        Ok(()) => (AccountState::Ok, None),
        Err(ProviderError::Credentials) => (AccountState::Refused, Some(super::calls::KEY_REFUSED)),
        Err(ProviderError::Forbidden) => {
            (AccountState::Refused, Some("This key may not even list assessments. Use one with more rights."))
        }
        Err(ProviderError::NotFound | ProviderError::Unsupported) => {
            (AccountState::Unreachable, Some("Nothing at this address speaks this protocol. Check the base URL."))
        }
        Err(ProviderError::RateLimited { .. }) => {
            (AccountState::Unreachable, Some("The provider asked us to slow down. It is tried again by itself."))
        }
        Err(ProviderError::BadAnswer(_)) => {
            (AccountState::Unreachable, Some("The answer is not what this protocol says. Check the base URL."))
        }
        Err(ProviderError::Refused(_)) => {
            (AccountState::Unreachable, Some("The provider refused the request. Check base URL and protocol."))
        }
        Err(_) => (AccountState::Unreachable, Some("The provider did not answer. It is tried again by itself.")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_shows_its_end_only_when_it_is_long() {
        assert_eq!(hint(&SecretString::from("ctk_demo_org_key")), "_key");
        assert_eq!(hint(&SecretString::from("short")), "");
    }

    #[test]
    fn a_key_is_plain_text_in_one_piece() {
        assert_eq!(
            acceptable_key(Protocol::Canditech, &SecretString::from(" ctk_1 ")).expect("a key").expose_secret(),
            "ctk_1"
        );
        for key in ["", "  ", "two words", "line\nbreak", "schlüssel", &"x".repeat(501)] {
            assert!(acceptable_key(Protocol::Canditech, &SecretString::from(key)).is_err(), "{key:?}");
        }
    }

    #[test]
    fn listing_alone_is_not_enough() {
        assert_eq!(verdict(&Ok(()), Some(false)).0, AccountState::CannotSend);
        assert_eq!(verdict(&Ok(()), Some(true)).0, AccountState::Ok);
        assert_eq!(verdict(&Ok(()), None).0, AccountState::Ok);
        assert_eq!(verdict(&Err(ProviderError::Credentials), None).0, AccountState::Refused);
        assert_eq!(verdict(&Err(ProviderError::Temporary(String::new())), Some(true)).0, AccountState::Unreachable);
    }
}
