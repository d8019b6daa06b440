//! Signing in at the company's own OpenID provider: authorization code with PKCE and nonce (OpenID Connect Core 1.0,
//! RFC 9700). Somebody is known by issuer and subject; the e-mail address, where the provider says that it is theirs,
//! only finds the person the first time.

mod openid;

use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};
use thiserror::Error;
use url::Url;

use self::openid::Claims;
pub use self::openid::Known;
use super::{Admitted, Role, follow_lever, invitation, password, role::RoleSource, session, store, user};
use crate::{
    Engine,
    audit::{self, Action, By, Deed},
    clock::Moment,
    db::{Tx, fold},
    fault::{FlowError, StoreError},
    id::{OrganizationId, UserId},
    live::Change,
    organization, random,
    settings::IdentityProvider,
};

/// Between leaving for the provider and coming back.
const LASTS: Duration = Duration::from_mins(10);
/// A name of a provider's is shown and stored as a person's.
const LONGEST_NAME: usize = 200;

/// Why nobody was signed in.
#[derive(Debug, Error)]
pub enum SignOnError {
    /// The answer belongs to no sign-in that this browser began, or to one that is over.
    #[error("the answer belongs to no sign-in of this browser")]
    State,
    /// The person or the provider said no.
    #[error("the provider refused: {0}")]
    Denied(String),
    /// What the provider sent cannot be trusted.
    #[error("the provider's answer does not hold: {0}")]
    Invalid(String),
    /// The provider did not answer.
    #[error("the provider did not answer properly: {0}")]
    Unreached(String),
    /// The provider does not say which e-mail address is the person's, or that it is.
    #[error("the provider does not vouch for an e-mail address")]
    NoEmail,
    /// The person has no access here.
    #[error("the person has no access")]
    NoAccess,
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<FlowError> for SignOnError {
    fn from(error: FlowError) -> Self {
        match error {
            FlowError::Store(error) => Self::Store(error),
            _ => Self::NoAccess,
        }
    }
}

/// What the browser's session keeps until the person comes back; sealed.
#[derive(Debug, Serialize, Deserialize)]
struct Flow {
    provider: String,
    state: String,
    nonce: String,
    verifier: String,
    begun_at: Moment,
}

/// The provider's answer, as its redirect brings it.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Returned {
    pub state: String,
    pub code: Option<String>,
    pub error: Option<String>,
    /// Who answers (RFC 9207).
    pub iss: Option<String>,
}

/// A provider to choose on the sign-in page: its id in addresses and its name.
#[must_use]
pub fn providers(engine: &Engine) -> Vec<(String, String)> {
    engine.settings.identity_providers.iter().map(|one| (one.id.clone(), one.name.clone())).collect()
}

fn provider<'a>(engine: &'a Engine, id: &str) -> Option<&'a IdentityProvider> {
    engine.settings.identity_providers.iter().find(|one| one.id == id)
}

/// Where to send the browser, and what its session keeps until it comes back; `None` for a provider that is not
/// configured.
///
/// # Errors
/// When the provider does not answer.
pub async fn begin(engine: &Engine, id: &str) -> Result<Option<(Url, String)>, SignOnError> {
    let Some(provider) = provider(engine, id) else { return Ok(None) };
    let metadata = openid::discover(engine, provider).await?;
    let (state, nonce) = (random::token(), random::token());
    let (url, verifier) = openid::leave_for(&metadata, provider, &callback(engine, provider), &state, &nonce)?;
    let provider = provider.id.clone();
    let flow = Flow { provider, state, nonce, verifier, begun_at: engine.clock.now() };
    Ok(Some((url, flow.seal(engine))))
}

/// Signs in whom the provider vouches for: somebody known by issuer and subject, or by an address of theirs, or who
/// was invited.
///
/// # Errors
/// See [`SignOnError`].
pub async fn complete(engine: &Engine, id: &str, kept: &str, returned: &Returned) -> Result<Admitted, SignOnError> {
    let flow = Flow::open(engine, kept).ok_or(SignOnError::State)?;
    let fits = flow.provider == id && flow.state == returned.state && !flow.state.is_empty();
    if !fits || engine.clock.now().since(flow.begun_at) > LASTS {
        return Err(SignOnError::State);
    }
    let provider = provider(engine, id).ok_or(SignOnError::State)?;
    if returned.iss.as_ref().is_some_and(|issuer| *issuer != provider.issuer) {
        return Err(SignOnError::State);
    }
    if let Some(error) = &returned.error {
        return Err(SignOnError::Denied(error.chars().filter(|sign| !sign.is_control()).take(60).collect()));
    }
    let code = returned.code.clone().filter(|code| !code.is_empty()).ok_or(SignOnError::State)?;
    let claims = claims(engine, provider, code, &flow).await?;
    sign_in(engine, provider, &claims).await
}

/// One provider at the address that it is sent back to: no answer of one is taken for another's.
fn callback(engine: &Engine, provider: &IdentityProvider) -> String {
    engine.settings.address(&format!("/oidc/{}/callback", provider.id))
}

/// Exchanges the code, and checks the token that comes for it.
async fn claims(
    engine: &Engine,
    provider: &IdentityProvider,
    code: String,
    flow: &Flow,
) -> Result<Claims, SignOnError> {
    let metadata = openid::discover(engine, provider).await?;
    let redirect = callback(engine, provider);
    let token = openid::exchange(engine, &metadata, provider, (&redirect, &flow.verifier), code).await?;
    let keys = openid::keys(engine, &metadata).await?;
    openid::check(&token, &keys, provider, &flow.nonce)
}

/// Whom the claims name.
struct Named<'a> {
    issuer: &'a str,
    subject: &'a str,
    /// An address that the provider vouches for and may vouch for.
    email: Option<String>,
    name: String,
}

fn named<'a>(provider: &'a IdentityProvider, claims: &'a Claims) -> Named<'a> {
    let email = claims.email.as_ref().map(|email| email.trim().to_owned());
    let vouched = claims.is_email_verified().unwrap_or(provider.vouches_for_email);
    let domain = |email: &String| email.rsplit_once('@').map(|(_, domain)| domain.to_lowercase()).unwrap_or_default();
    let email = email.filter(|email| vouched && user::is_email(email) && provider.domains.contains(&domain(email)));
    let name = claims.name.as_deref().unwrap_or_default().trim();
    let name = name.chars().filter(|sign| !sign.is_control()).take(LONGEST_NAME).collect();
    Named { issuer: &provider.issuer, subject: &claims.sub, email, name }
}

async fn sign_in(engine: &Engine, provider: &IdentityProvider, claims: &Claims) -> Result<Admitted, SignOnError> {
    let (named, now) = (named(provider, claims), engine.clock.now());
    let mut tx = engine.db.write().await?;
    let known = store::identity::find(&mut tx, named.issuer, named.subject).await?;
    let user = match known {
        Some(user) => user,
        None => first_time(&mut tx, provider, &named, now).await?,
    };
    // Who belongs somewhere already opens an invitation's link: nobody draws them elsewhere by inviting them.
    let is_new = store::organizations_of(&mut *tx, &user).await?.is_empty();
    let joined = match &named.email {
        Some(email) if is_new => invitation::accept_all(&mut tx, email, &user, now).await?,
        Some(_) | None => Vec::new(),
    };
    let admitted = store::identity::admit(&mut *tx, user).await?;
    tx.commit().await.map_err(StoreError::from)?;
    for organization in &joined {
        engine.live.tell(organization, Change::SetUp);
    }
    user::refresh_roles(engine, &admitted.user).await?;
    match super::member(engine, &admitted.user).await? {
        Some(_) => Ok(admitted),
        None => Err(SignOnError::NoAccess),
    }
}

/// Somebody whom this provider sends for the first time: found by their address, or let in by an invitation or by
/// Lever's list, and known by issuer and subject from now on.
async fn first_time(
    tx: &mut Tx,
    provider: &IdentityProvider,
    named: &Named<'_>,
    now: Moment,
) -> Result<UserId, SignOnError> {
    let email = named.email.as_ref().ok_or(SignOnError::NoEmail)?;
    let user = match store::identity::user_by_email(tx, &fold(email)).await? {
        // The address is another person's by now, or the provider made a new person of the same one.
        Some(user) if store::identity::has_one(tx, named.issuer, &user).await? => return Err(SignOnError::NoAccess),
        Some(user) => user,
        None => newcomer(tx, provider, named, email, now).await?,
    };
    store::identity::insert(tx, named.issuer, named.subject, &user, now).await?;
    // Whoever made the account may not be whose address it is: what they know opens it no more.
    if !store::identity::is_creator(tx, &user).await? {
        store::identity::set_password(tx, &user, &password::nobodys()).await?;
        session::end_all(tx, &user).await?;
    }
    Ok(user)
}

async fn newcomer(
    tx: &mut Tx,
    provider: &IdentityProvider,
    named: &Named<'_>,
    email: &str,
    now: Moment,
) -> Result<UserId, SignOnError> {
    let invited = !store::invitation::all_for(tx, &fold(email), now).await?.is_empty();
    let by_lever = match &provider.organization {
        Some(name) => in_lever(tx, name, &fold(email)).await?,
        None => None,
    };
    if !invited && by_lever.is_none() {
        return Err(SignOnError::NoAccess);
    }
    let fallback = email.split('@').next().unwrap_or(email);
    let name = if named.name.is_empty() { fallback } else { &named.name };
    let user = user::insert_without_password(tx, email, name, now).await?;
    if let Some(organization) = by_lever {
        // What Lever says goes first, and is read in the same breath.
        let least = Role::LimitedTeamMember;
        store::insert_membership(tx, &organization, &user, least, RoleSource::Invitation, now).await?;
        let deed = Deed::plain(Action::UserAdded, user.as_str());
        audit::record_of(tx, &organization, (&By::Person(user.clone()), None), &deed, now).await?;
        follow_lever(tx, &organization, now).await?;
    }
    Ok(user)
}

/// The organization, where its copy of Lever's list knows the address as somebody's who has a role there.
async fn in_lever(tx: &mut Tx, name: &str, email_fold: &str) -> Result<Option<OrganizationId>, StoreError> {
    let Some(organization) = organization::by_name(&mut **tx, name).await? else { return Ok(None) };
    let role = store::identity::lever_role(tx, &organization, email_fold).await?;
    let mapping = store::custom_role::mapping(&mut **tx, &organization).await?;
    Ok(role.and_then(|role| Role::from_lever(&role, &mapping)).map(|_| organization))
}

const PLACE: &str = "sign_in|session|flow";

impl Flow {
    fn seal(&self, engine: &Engine) -> String {
        let text = serde_json::to_string(self).expect("a flow is plain data");
        URL_SAFE_NO_PAD.encode(engine.vault.seal(PLACE, &SecretString::from(text)))
    }

    fn open(engine: &Engine, kept: &str) -> Option<Self> {
        let sealed = URL_SAFE_NO_PAD.decode(kept).ok()?;
        let text = engine.vault.open_sealed(PLACE, &sealed).ok()?;
        serde_json::from_str(text.expose_secret()).ok()
    }
}
