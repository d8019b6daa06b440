//! The SQL of callback secrets: what proves a callback, and how that is changed.

use secrecy::SecretString;

use super::{
    super::{Callback, CallbackAccount, Protocol},
    inconsistent, place,
};
use crate::{
    Engine,
    clock::Moment,
    db::Tx,
    fault::StoreError,
    id::{OrganizationId, ProviderAccountId},
};

#[derive(sqlx::FromRow)]
struct CallbackRow {
    id: ProviderAccountId,
    organization_id: OrganizationId,
    provider: String,
    callback_secret: Vec<u8>,
    former_callback_secret: Option<Vec<u8>>,
    former_callback_until: Option<i64>,
    api_key: Vec<u8>,
}

/// The account of that address, with what proves its callbacks now.
pub(in crate::provider) async fn by_endpoint(
    engine: &Engine,
    endpoint: &str,
) -> Result<Option<CallbackAccount>, StoreError> {
    let row: Option<CallbackRow> = sqlx::query_as(
        "SELECT id, organization_id, provider, callback_secret, former_callback_secret, former_callback_until, api_key
         FROM provider_accounts
         WHERE endpoint = $1",
    )
    .bind(endpoint)
    .fetch_optional(engine.db.read())
    .await?;
    let Some(row) = row else { return Ok(None) };
    let protocol = Protocol::parse(&row.provider).ok_or_else(|| inconsistent("provider", &row.id))?;
    let opened = |column, sealed: &[u8]| engine.vault.open_sealed(&place(row.id.as_str(), column), sealed);
    let secrets = match protocol.capabilities().callback {
        Callback::Signed => {
            let counts = row.former_callback_until.is_some_and(|until| Moment(until) > engine.clock.now());
            let former = row.former_callback_secret.as_ref().filter(|_| counts);
            let former = former.map(|sealed| opened("former_callback_secret", sealed)).transpose()?;
            [opened("callback_secret", &row.callback_secret)?].into_iter().chain(former).collect()
        }
        Callback::PerInvite => vec![opened("api_key", &row.api_key)?],
    };
    Ok(Some(CallbackAccount { id: row.id, organization: row.organization_id, protocol, secrets }))
}

/// An account's secrets, as they are before the change.
pub(in crate::provider) struct Known {
    pub account: ProviderAccountId,
    present: SecretString,
    pub former_until: Option<Moment>,
}

pub(in crate::provider) async fn of(
    engine: &Engine,
    tx: &mut Tx,
    organization: &OrganizationId,
) -> Result<Option<Known>, StoreError> {
    let row: Option<(ProviderAccountId, Vec<u8>, Option<i64>)> = sqlx::query_as(
        "SELECT id, callback_secret, former_callback_until FROM provider_accounts WHERE organization_id = $1",
    )
    .bind(organization.as_str())
    .fetch_optional(&mut **tx)
    .await?;
    let Some((account, sealed, until)) = row else { return Ok(None) };
    let present = engine.vault.open_sealed(&place(account.as_str(), "callback_secret"), &sealed)?;
    Ok(Some(Known { account, present, former_until: until.map(Moment) }))
}

pub(in crate::provider) async fn replace(
    engine: &Engine,
    tx: &mut Tx,
    known: &Known,
    new: &SecretString,
    former_until: Moment,
) -> Result<(), StoreError> {
    let id = known.account.as_str();
    sqlx::query(
        "UPDATE provider_accounts
         SET callback_secret = $2, former_callback_secret = $3, former_callback_until = $4
         WHERE id = $1",
    )
    .bind(id)
    .bind(engine.vault.seal(&place(id, "callback_secret"), new))
    .bind(engine.vault.seal(&place(id, "former_callback_secret"), &known.present))
    .bind(former_until.0)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Answers whose it was; nothing where none counted.
pub(in crate::provider) async fn end_former(
    tx: &mut Tx,
    organization: &OrganizationId,
    now: Moment,
) -> Result<Option<ProviderAccountId>, StoreError> {
    let ended = sqlx::query_scalar(
        "UPDATE provider_accounts
         SET former_callback_secret = NULL, former_callback_until = NULL
         WHERE organization_id = $1 AND former_callback_until > $2
         RETURNING id",
    )
    .bind(organization.as_str())
    .bind(now.0)
    .fetch_optional(&mut **tx)
    .await?;
    Ok(ended)
}

/// Deletes former ones that count no more, in the caller's transaction.
pub(crate) async fn forget_former(tx: &mut Tx, now: Moment) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE provider_accounts
         SET former_callback_secret = NULL, former_callback_until = NULL
         WHERE former_callback_until <= $1",
    )
    .bind(now.0)
    .execute(&mut **tx)
    .await?;
    Ok(())
}
