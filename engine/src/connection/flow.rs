//! Connecting and disconnecting: the way to Lever's consent page, back, and what follows.

use std::time::Duration;

use secrecy::SecretString;
use url::Url;

use super::{
    CONSENT_OPTIONAL, ConnectError, OtherAccount, Return, SCOPES,
    oauth::{self, Grant},
    store::consent::{self, Before, Consented},
    webhook,
};
use crate::{
    Engine,
    access::{Member, Permission},
    audit::{self, Action, Deed},
    fault::FlowError,
    job::{self, WaitsFor, Work},
    lever::{self, Identity, LeverError},
    live::Change,
    note, pause, random,
};

/// Between leaving for the consent page and coming back.
const FLOW_LASTS: Duration = Duration::from_mins(10);
const LONGEST_DESCRIPTION: usize = 300;
const CODE_SPENT: &str = "Lever did not accept this consent: it took too long, or was used before.";

impl From<oauth::Trouble> for LeverError {
    fn from(trouble: oauth::Trouble) -> Self {
        match trouble {
            oauth::Trouble::InvalidGrant => Self::NotConnected,
            oauth::Trouble::Registration(_) => Self::Refused { status: 401 },
            oauth::Trouble::Unknown(_) => Self::Temporary(trouble.to_string()),
        }
    }
}

/// Where to send the browser to ask for consent. `session` binds the return to this web session.
/// `other_account` says that another Lever account than before is wanted.
///
/// # Errors
/// Forbidden unless the role manages the connection; `Paused` while the installation is.
pub async fn begin(
    engine: &Engine,
    member: &Member,
    session: &str,
    other_account: OtherAccount,
) -> Result<Url, FlowError> {
    member.require(Permission::ManageConnection)?;
    if pause::standing(&engine.db).await?.is_some() {
        return Err(LeverError::Paused.into());
    }
    let state = random::token();
    let (url, verifier) = oauth::consent(&engine.settings, &state).map_err(LeverError::from)?;
    let flow = consent::NewFlow {
        state_hash: &random::digest(&state),
        session_hash: &random::digest(session),
        verifier: &verifier,
        other_account,
    };
    consent::insert_flow(engine, member, &flow).await?;
    Ok(url)
}

/// Completes the connection on the return; answers the account's name. Wakes work that waited,
/// syncs the catalogue, and makes the webhook by API where the scope allows.
///
/// The name is the super admins' most frequent e-mail domain: Lever tells an account's name nowhere.
///
/// # Errors
/// See [`ConnectError`]; nothing is stored then.
pub async fn complete(
    engine: &Engine,
    member: &Member,
    session: &str,
    returned: &Return,
) -> Result<String, ConnectError> {
    member.require(Permission::ManageConnection)?;
    let begun_after = engine.clock.now().before(FLOW_LASTS);
    let (state, session) = (random::digest(&returned.state), random::digest(session));
    let flow = consent::use_flow(engine, member, &state, &session, begun_after).await?;
    let (verifier, other_account) = flow.ok_or(ConnectError::State)?;
    if returned.iss.as_deref().is_some_and(|issuer| !is_ours(engine, issuer)) {
        return Err(ConnectError::State);
    }
    let grant = exchange(engine, returned, &verifier).await?;
    let scopes = granted_scopes(&grant)?;
    let refresh = grant.refresh.as_ref().ok_or_else(|| ConnectError::MissingScopes(vec!["offline_access".into()]))?;
    let before = consent::before(engine, &member.organization).await?;
    let account = recognise(engine, member, &grant, before.as_ref()).await?;
    if account.differs && other_account == OtherAccount::Ask {
        let before = before.and_then(|before| before.account_name).unwrap_or_default();
        return Err(ConnectError::OtherAccount { before, now: account.name });
    }
    let consented = Consented {
        grant: &grant,
        refresh,
        scopes: &scopes,
        account_id: account.id.as_deref(),
        account_name: &account.name,
        by: member,
    };
    store_connection(engine, &consented, account.differs).await?;
    follow_up(engine, member, &scopes).await;
    Ok(account.name)
}

/// Whether an answer's issuer is the authorisation server that was asked.
fn is_ours(engine: &Engine, issuer: &str) -> bool {
    Url::parse(issuer).is_ok_and(|issuer| issuer.origin() == engine.settings.lever.auth_url.origin())
}

async fn exchange(engine: &Engine, returned: &Return, verifier: &SecretString) -> Result<Grant, ConnectError> {
    if let Some(error) = &returned.error {
        let description = returned.error_description.as_deref().unwrap_or(error);
        return Err(ConnectError::Denied { description: plain(description) });
    }
    let code = returned.code.as_deref().filter(|code| !code.is_empty()).ok_or(ConnectError::State)?;
    oauth::exchange(engine, code, verifier).await.map_err(|trouble| match trouble {
        oauth::Trouble::InvalidGrant => ConnectError::Denied { description: CODE_SPENT.into() },
        other => LeverError::from(other).into(),
    })
}

fn plain(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(LONGEST_DESCRIPTION).collect()
}

/// The scopes of the grant, unless one is missing that we cannot do without.
fn granted_scopes(grant: &Grant) -> Result<Vec<String>, ConnectError> {
    // A server that does not say grants what was asked (RFC 6749, 5.1).
    let granted = grant.scopes.clone().unwrap_or_else(|| SCOPES.iter().map(|(scope, _)| (*scope).to_owned()).collect());
    let needed = SCOPES.iter().map(|(scope, _)| *scope).filter(|scope| !CONSENT_OPTIONAL.contains(scope));
    let missing: Vec<String> = needed.filter(|scope| !covers(&granted, scope)).map(str::to_owned).collect();
    if missing.is_empty() { Ok(granted) } else { Err(ConnectError::MissingScopes(missing)) }
}

/// Whether the scope is granted, itself or within its write scope.
pub(super) fn covers(granted: &[String], scope: &str) -> bool {
    let write = scope.replace(":read:", ":write:");
    granted.iter().any(|one| one == scope || *one == write)
}

/// The account behind a grant, beside the one that was connected before.
struct Account {
    id: Option<String>,
    name: String,
    differs: bool,
}

async fn recognise(
    engine: &Engine,
    member: &Member,
    grant: &Grant,
    before: Option<&Before>,
) -> Result<Account, ConnectError> {
    let id = lever::account_of(&grant.access);
    let identity = lever::identify(engine, &grant.access).await;
    let known_id = before.and_then(|before| before.account_id.clone());
    let differs = match (&id, &known_id, before, &identity) {
        (Some(now), Some(then), _, _) => now != then,
        (_, _, None, _) => false,
        // Without the claim on both sides, an account is recognised by its people.
        (_, _, Some(_), Ok(identity)) => {
            consent::knows_any_user(engine, &member.organization, &identity.users).await? == Some(false)
        }
        (_, _, Some(_), Err(_)) => return Err(identity.map(|_| ()).expect_err("just matched").into()),
    };
    let name = identity.ok().and_then(|identity: Identity| identity.domain);
    let same_before = before.filter(|_| !differs).and_then(|before| before.account_name.clone());
    let name = name.or(same_before).unwrap_or_else(|| member.organization_name.clone());
    Ok(Account { id: id.or(known_id.filter(|_| !differs)), name, differs })
}

async fn store_connection(engine: &Engine, consented: &Consented<'_>, differs: bool) -> Result<(), ConnectError> {
    let (organization, now) = (&consented.by.organization, engine.clock.now());
    let mut tx = engine.db.write().await?;
    consent::connect(engine, &mut tx, consented, now).await?;
    if differs {
        consent::forget_account(&mut tx, organization, now).await?;
    }
    job::wake(&mut tx, organization, WaitsFor::Lever, now).await?;
    note::try_all_again(&mut tx, organization, now).await?;
    let account = consented.account_id.unwrap_or("unknown").to_owned();
    let after = vec![("account", account), ("scopes", consented.scopes.join(" "))];
    let deed = Deed { after, ..Deed::plain(Action::LeverConnected, organization.as_str()) };
    audit::record(&mut tx, consented.by, &deed, now).await?;
    tx.commit().await.map_err(crate::fault::StoreError::from)?;
    tracing::info!(organization = %organization, "connected to Lever");
    engine.live.tell(organization, Change::SetUp);
    job::wake_who_came_between(engine, organization, WaitsFor::Lever).await?;
    Ok(())
}

/// What makes the connection useful at once. None of it undoes the connection when it fails: the
/// sync is repeated in the background, the webhook waits for a person.
async fn follow_up(engine: &Engine, member: &Member, scopes: &[String]) {
    if let Err(error) = lever::sync(engine, &member.organization).await {
        tracing::warn!(organization = %member.organization, %error, "the first sync failed");
        if let Err(error) = sync_later(engine, member).await {
            tracing::warn!(organization = %member.organization, %error, "the sync could not be put off");
        }
    }
    if covers(scopes, webhook::SCOPE)
        && let Err(error) = webhook::ensure(engine, &member.organization, &member.user).await
    {
        tracing::warn!(organization = %member.organization, %error, "the webhook could not be made by API");
    }
    engine.live.tell(&member.organization, Change::SetUp);
}

async fn sync_later(engine: &Engine, member: &Member) -> Result<(), crate::fault::StoreError> {
    let due = engine.clock.now().after(Duration::from_mins(1));
    let mut tx = engine.db.write().await?;
    job::enqueue(&mut tx, &member.organization, &Work::SyncLever, due, None).await?;
    tx.commit().await?;
    Ok(())
}

/// Deletes our webhooks in Lever while the tokens work, then forgets the tokens. Work waits.
///
/// # Errors
/// Forbidden unless the role manages the connection.
pub async fn disconnect(engine: &Engine, member: &Member) -> Result<(), FlowError> {
    member.require(Permission::ManageConnection)?;
    let organization = &member.organization;
    if consent::before(engine, organization).await?.is_none() {
        return Err(FlowError::NotConnected);
    }
    // Where Lever cannot be reached they stay there, and what they send is refused here.
    if let Err(error) = webhook::delete_ours(engine, organization).await {
        tracing::warn!(organization = %organization, %error, "the webhooks stay in Lever");
    }
    let reason = format!("{} disconnected it here.", member.name);
    let now = engine.clock.now();
    let mut tx = engine.db.write().await?;
    consent::disconnect(&mut tx, organization, &reason, now).await?;
    audit::record(&mut tx, member, &Deed::plain(Action::LeverDisconnected, organization.as_str()), now).await?;
    tx.commit().await?;
    tracing::info!(organization = %organization, "disconnected from Lever");
    engine.live.tell(organization, Change::SetUp);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grant(scopes: Option<&[&str]>) -> Grant {
        Grant {
            access: SecretString::from("a"),
            refresh: None,
            expires_at: crate::clock::Moment(0),
            scopes: scopes.map(|scopes| scopes.iter().map(|scope| (*scope).to_owned()).collect()),
        }
    }

    const ENOUGH: [&str; 7] = [
        "offline_access",
        "opportunities:write:admin",
        "applications:read:admin",
        "notes:write:admin",
        "stages:read:admin",
        "postings:write:admin",
        "users:read:admin",
    ];

    #[test]
    fn a_write_scope_includes_reading_and_webhooks_can_be_made_by_hand() {
        assert!(granted_scopes(&grant(Some(&ENOUGH))).is_ok());
        assert!(granted_scopes(&grant(None)).is_ok());
    }

    #[test]
    fn what_is_missing_is_named() {
        let missing = |scopes: &[&str]| match granted_scopes(&grant(Some(scopes))) {
            Err(ConnectError::MissingScopes(missing)) => missing,
            other => panic!("{other:?}"),
        };
        assert_eq!(missing(&["offline_access"]).len(), 6);
        assert_eq!(missing(&ENOUGH[1..]), ["offline_access"]);
        let read_only_notes = ENOUGH.map(|scope| if scope == "notes:write:admin" { "notes:read:admin" } else { scope });
        assert_eq!(missing(&read_only_notes), ["notes:write:admin"]);
    }

    #[test]
    fn a_description_from_outside_is_cut_to_plain_text() {
        assert_eq!(plain("no\r\nthanks\0"), "nothanks");
        assert_eq!(plain(&"x".repeat(1000)).len(), LONGEST_DESCRIPTION);
    }
}
