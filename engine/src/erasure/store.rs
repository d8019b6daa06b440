//! The SQL of receipts, and of the addresses that a provider is to forget.

use secrecy::SecretString;
use sqlx::{FromRow, Row as _, any::AnyRow};

use super::{Cause, NoteFate, ProviderFate, Receipt};
use crate::{
    Engine,
    clock::Moment,
    db::{Db, Tx, fold},
    fault::StoreError,
    id::{InviteId, OrganizationId},
    invite::{self, Invite, parsed},
    vault::SealedColumn,
};

fn place(invite: &str) -> String {
    format!("erasures|{invite}|address")
}

/// All that is sealed here.
pub(crate) const SEALED: [SealedColumn; 1] = [SealedColumn {
    all: "SELECT invite_id, address FROM erasures WHERE address IS NOT NULL",
    replace: "UPDATE erasures SET address = $1 WHERE invite_id = $2 AND address = $3",
    place,
}];

impl<'r> FromRow<'r, AnyRow> for Receipt {
    fn from_row(row: &'r AnyRow) -> Result<Self, sqlx::Error> {
        let moment = |column: &str| row.try_get::<Option<i64>, _>(column).map(|at| at.map(Moment));
        Ok(Self {
            opportunity: row.try_get("opportunity_id")?,
            cause: parsed(row, "cause", Cause::parse)?,
            found_at: Moment(row.try_get("found_at")?),
            erased_at: Moment(row.try_get("erased_at")?),
            note: parsed(row, "note", NoteFate::parse)?,
            note_at: moment("note_at")?,
            provider: parsed(row, "provider", ProviderFate::parse)?,
            asked_at: moment("provider_asked_at")?,
            provider_at: moment("provider_at")?,
            provider_invite: row.try_get("provider_invite_id")?,
        })
    }
}

/// Writes a receipt, with the address under seal until the provider was asked.
pub(super) async fn insert(
    engine: &Engine,
    tx: &mut Tx,
    invite: &Invite,
    receipt: &Receipt,
    address: Option<&str>,
) -> Result<(), StoreError> {
    let sealed = address.map(|address| engine.vault.seal(&place(invite.id.as_str()), &SecretString::from(address)));
    sqlx::query(
        "INSERT INTO erasures (
             invite_id, organization_id, opportunity_id, cause, found_at, erased_at, note, note_at, provider, provider_at,
             address)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
         ON CONFLICT (invite_id) DO NOTHING",
    )
    .bind(invite.id.as_str())
    .bind(invite.organization.as_str())
    .bind(receipt.opportunity.as_str())
    .bind(receipt.cause.slug())
    .bind(receipt.found_at.0)
    .bind(receipt.erased_at.0)
    .bind(receipt.note.slug())
    .bind(receipt.note_at.map(|at| at.0))
    .bind(receipt.provider.slug())
    .bind(receipt.provider_at.map(|at| at.0))
    .bind(sealed)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

pub(crate) async fn receipt(
    db: &Db,
    organization: &OrganizationId,
    invite: &InviteId,
) -> Result<Option<Receipt>, StoreError> {
    let found = sqlx::query_as(
        "SELECT e.opportunity_id, e.cause, e.found_at, e.erased_at, e.note, e.note_at, e.provider, e.provider_asked_at,
                e.provider_at, i.provider_invite_id
         FROM erasures e JOIN invites i ON i.id = e.invite_id
         WHERE e.organization_id = $1 AND e.invite_id = $2",
    )
    .bind(organization.as_str())
    .bind(invite.as_str())
    .fetch_optional(db.read())
    .await?;
    Ok(found)
}

/// Says that the note may be gone from now on; whether it might have been before.
pub(crate) async fn begin_note(tx: &mut Tx, invite: &InviteId, now: Moment) -> Result<bool, StoreError> {
    let begun = sqlx::query("UPDATE erasures SET note_begun_at = $2 WHERE invite_id = $1 AND note_begun_at IS NULL")
        .bind(invite.as_str())
        .bind(now.0)
        .execute(&mut **tx)
        .await?;
    Ok(begun.rows_affected() == 0)
}

/// Whether an earlier run may have taken the note away.
pub(crate) async fn is_note_begun(db: &Db, invite: &InviteId) -> Result<bool, StoreError> {
    let begun: Option<i64> = sqlx::query_scalar("SELECT note_begun_at FROM erasures WHERE invite_id = $1")
        .bind(invite.as_str())
        .fetch_one(db.read())
        .await?;
    Ok(begun.is_some())
}

/// What was left is to be taken away after all; whether it had been left.
pub(super) async fn reopen_note(tx: &mut Tx, invite: &InviteId) -> Result<bool, StoreError> {
    let reopened =
        sqlx::query("UPDATE erasures SET note = 'open', note_at = NULL WHERE invite_id = $1 AND note = 'left'")
            .bind(invite.as_str())
            .execute(&mut **tx)
            .await?;
    Ok(reopened.rows_affected() == 1)
}

/// Settles the note.
pub(crate) async fn settle_note(tx: &mut Tx, invite: &InviteId, fate: NoteFate, now: Moment) -> Result<(), StoreError> {
    sqlx::query("UPDATE erasures SET note = $2, note_at = $3 WHERE invite_id = $1 AND note = 'open'")
        .bind(invite.as_str())
        .bind(fate.slug())
        .bind(now.0)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// The address that is to be forgotten.
pub(super) async fn address(engine: &Engine, invite: &InviteId) -> Result<Option<SecretString>, StoreError> {
    let sealed: Option<Vec<u8>> = sqlx::query_scalar("SELECT address FROM erasures WHERE invite_id = $1")
        .bind(invite.as_str())
        .fetch_one(engine.db.read())
        .await?;
    sealed.map(|sealed| engine.vault.open_sealed(&place(invite.as_str()), &sealed)).transpose()
}

/// Says that the provider is asked from now on.
pub(super) async fn begin_asking(tx: &mut Tx, invite: &InviteId, now: Moment) -> Result<(), StoreError> {
    sqlx::query("UPDATE erasures SET provider_asked_at = $2 WHERE invite_id = $1 AND provider_asked_at IS NULL")
        .bind(invite.as_str())
        .bind(now.0)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Settles the provider's copy; the address goes.
pub(super) async fn settle_provider(
    tx: &mut Tx,
    invite: &InviteId,
    fate: ProviderFate,
    now: Moment,
) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE erasures SET provider = $2, provider_at = $3, address = NULL
         WHERE invite_id = $1 AND provider = 'open'",
    )
    .bind(invite.as_str())
    .bind(fate.slug())
    .bind(now.0)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Whether somebody in the organization who is not erased has this address.
pub(super) async fn is_in_use(db: &Db, organization: &OrganizationId, address: &str) -> Result<bool, StoreError> {
    // Everybody's words stand in an index; what they have in common is compared in full.
    let Some((from, to)) = invite::range_of(address) else { return Ok(false) };
    let others: Vec<String> = sqlx::query_scalar(
        "SELECT i.candidate_email
         FROM invite_words w JOIN invites i ON i.id = w.invite_id
         WHERE w.organization_id = $1 AND w.beginning >= $2 AND w.beginning < $3 AND i.candidate_email IS NOT NULL",
    )
    .bind(organization.as_str())
    .bind(from)
    .bind(to)
    .fetch_all(db.read())
    .await?;
    Ok(others.iter().any(|other| fold(other) == fold(address)))
}
