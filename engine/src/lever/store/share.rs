//! The SQL of a Lever account's row: its share of the rate, and whether it answers. Several organizations
//! may be connected to one account, and several processes call it.

use std::num::NonZeroU32;

use super::super::{outage, rate};
use crate::{
    Engine,
    access::Member,
    audit::{self, Action, Deed},
    clock::Moment,
    db::Tx,
    fault::StoreError,
    id::OrganizationId,
};

/// Whether and when to call.
pub(in crate::lever) enum Turn {
    /// Not before `start`, in microseconds of the wall clock.
    At {
        start: i64,
        /// Calls in a row that failed before.
        failures: i64,
        /// Lever does not answer, and this one may find out whether it does again.
        is_probe: bool,
    },
    /// The share is used up until then.
    Far(i64),
    /// Lever does not answer; one asks it again then.
    Down(Moment),
    NoConnection,
}

/// Gives an account its row; what is known of it already stays.
pub(crate) async fn open(tx: &mut Tx, account: &str) -> Result<(), StoreError> {
    sqlx::query("INSERT INTO lever_accounts (id) VALUES ($1) ON CONFLICT (id) DO NOTHING")
        .bind(account)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

// The interval is one call's at the full rate, and twice that right after a 429.
const TAKE: &str = "UPDATE lever_accounts
    SET rate_tat = CASE WHEN rate_tat > $2 THEN rate_tat ELSE $2 END
            + (1000000 + CASE WHEN rate_slow_until > $2 THEN (rate_slow_until - $2) / 60 ELSE 0 END)
                / COALESCE(rate_per_second, $4),
        probe_until = CASE WHEN down_since IS NULL THEN probe_until ELSE $6 END
    WHERE id = (SELECT COALESCE(account_id, id) FROM connections WHERE organization_id = $1 AND state = 'connected')
        AND rate_tat <= $3
        AND (down_since IS NULL OR (probe_at <= $5 AND COALESCE(probe_until, 0) <= $5))
    RETURNING rate_tat - (1000000 + CASE WHEN rate_slow_until > $2 THEN (rate_slow_until - $2) / 60 ELSE 0 END)
            / COALESCE(rate_per_second, $4),
        failures, down_since";

/// Takes the next turn in one statement, unless it is too far ahead or Lever does not answer.
pub(in crate::lever) async fn take_turn(
    engine: &Engine,
    organization: &OrganizationId,
    micros: i64,
) -> Result<Turn, StoreError> {
    let now = engine.clock.now();
    let mut tx = engine.db.write_what_can_be_redone().await?;
    let taken: Option<(i64, i64, Option<i64>)> = sqlx::query_as(TAKE)
        .bind(organization.as_str())
        .bind(micros)
        .bind(micros + rate::BURST_MICROS + rate::LONGEST_WAIT_MICROS)
        .bind(i64::from(engine.settings.lever.calls_per_second.get()))
        .bind(now.0)
        .bind(now.after(outage::PROBE_LASTS).0)
        .fetch_optional(&mut *tx)
        .await?;
    tx.commit().await?;
    match taken {
        Some((start, failures, down)) => Ok(Turn::At { start, failures, is_probe: down.is_some() }),
        None => why_not(engine, organization, now).await,
    }
}

async fn why_not(engine: &Engine, organization: &OrganizationId, now: Moment) -> Result<Turn, StoreError> {
    let row: Option<(i64, Option<i64>, Option<i64>)> = sqlx::query_as(
        "SELECT rate_tat, down_since, probe_at FROM lever_accounts
         WHERE id = (SELECT COALESCE(account_id, id) FROM connections
                     WHERE organization_id = $1 AND state = 'connected')",
    )
    .bind(organization.as_str())
    .fetch_optional(engine.db.read())
    .await?;
    Ok(match row {
        None => Turn::NoConnection,
        Some((ahead, None, _)) => Turn::Far(ahead),
        Some((_, Some(_), probe_at)) => {
            let probe = probe_at.map(Moment).filter(|probe| *probe > now);
            Turn::Down(probe.unwrap_or(now.after(outage::LOOK_AGAIN)))
        }
    })
}

/// Calls a second, where the account's row says how many.
pub(in crate::lever) async fn chosen(
    engine: &Engine,
    organization: &OrganizationId,
) -> Result<Option<i64>, StoreError> {
    let row: Option<(Option<i64>,)> = sqlx::query_as(
        "SELECT rate_per_second FROM lever_accounts
         WHERE id = (SELECT COALESCE(account_id, id) FROM connections WHERE organization_id = $1)",
    )
    .bind(organization.as_str())
    .fetch_optional(engine.db.read())
    .await?;
    Ok(row.and_then(|(chosen,)| chosen))
}

/// Sets them; tells whose account it is.
pub(in crate::lever) async fn choose(
    engine: &Engine,
    member: &Member,
    calls_per_second: NonZeroU32,
) -> Result<Vec<OrganizationId>, StoreError> {
    let organization = &member.organization;
    let before = chosen(engine, organization).await?;
    let mut tx = engine.db.write().await?;
    let chosen = sqlx::query(
        "UPDATE lever_accounts SET rate_per_second = $2
         WHERE id = (SELECT COALESCE(account_id, id) FROM connections WHERE organization_id = $1)",
    )
    .bind(organization.as_str())
    .bind(i64::from(calls_per_second.get()))
    .execute(&mut *tx)
    .await?;
    if chosen.rows_affected() == 0 {
        return Ok(Vec::new());
    }
    let all = of_the_account(&mut tx, organization).await?;
    let fact = |calls: String| vec![("calls_per_second", calls)];
    let deed = Deed {
        action: Action::ShareChosen,
        subject: organization.as_str(),
        before: before.map(|calls| fact(calls.to_string())).unwrap_or_default(),
        after: fact(calls_per_second.to_string()),
    };
    audit::record(&mut tx, member, &deed, engine.clock.now()).await?;
    tx.commit().await?;
    Ok(all)
}

/// No call before `next`, and half the rate at first, which creeps back until `slow_until`.
pub(in crate::lever) async fn slow_down(
    engine: &Engine,
    organization: &OrganizationId,
    next: i64,
    slow_until: i64,
) -> Result<(), StoreError> {
    let mut tx = engine.db.write().await?;
    sqlx::query(
        "UPDATE lever_accounts
         SET rate_tat = CASE WHEN rate_tat > $2 THEN rate_tat ELSE $2 END, rate_slow_until = $3
         WHERE id = (SELECT COALESCE(account_id, id) FROM connections WHERE organization_id = $1)",
    )
    .bind(organization.as_str())
    .bind(next)
    .bind(slow_until)
    .execute(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(())
}

/// Counts a call that failed; answers how many in a row that are. With `too_many` it is down, and asked
/// again at `probe`.
pub(in crate::lever) async fn count_failure(
    engine: &Engine,
    organization: &OrganizationId,
    too_many: i64,
    probe: Moment,
) -> Result<i64, StoreError> {
    let mut tx = engine.db.write().await?;
    let failures: Option<i64> = sqlx::query_scalar(
        "UPDATE lever_accounts
         SET failures = failures + 1,
             down_since = CASE WHEN failures + 1 >= $2 THEN COALESCE(down_since, $3) ELSE down_since END,
             probe_at = CASE WHEN failures + 1 >= $2 THEN COALESCE(probe_at, $4) ELSE probe_at END
         WHERE id = (SELECT COALESCE(account_id, id) FROM connections WHERE organization_id = $1)
         RETURNING failures",
    )
    .bind(organization.as_str())
    .bind(too_many)
    .bind(engine.clock.now().0)
    .bind(probe.0)
    .fetch_optional(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(failures.unwrap_or(0))
}

/// Forgets the failures before a call that was answered.
pub(in crate::lever) async fn forget_failures(
    engine: &Engine,
    organization: &OrganizationId,
) -> Result<(), StoreError> {
    let mut tx = engine.db.write().await?;
    sqlx::query(
        "UPDATE lever_accounts SET failures = 0
         WHERE id = (SELECT COALESCE(account_id, id) FROM connections WHERE organization_id = $1)
             AND down_since IS NULL",
    )
    .bind(organization.as_str())
    .execute(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(())
}

/// The probe failed: the next one is then.
pub(in crate::lever) async fn stay_down(
    engine: &Engine,
    organization: &OrganizationId,
    probe: Moment,
) -> Result<(), StoreError> {
    let mut tx = engine.db.write().await?;
    sqlx::query(
        "UPDATE lever_accounts SET probe_at = $2, probe_until = NULL
         WHERE id = (SELECT COALESCE(account_id, id) FROM connections WHERE organization_id = $1)
             AND down_since IS NOT NULL",
    )
    .bind(organization.as_str())
    .bind(probe.0)
    .execute(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(())
}

/// It answers again; tells whose account it is.
pub(in crate::lever) async fn is_back(
    tx: &mut Tx,
    organization: &OrganizationId,
) -> Result<Vec<OrganizationId>, StoreError> {
    sqlx::query(
        "UPDATE lever_accounts SET failures = 0, down_since = NULL, probe_at = NULL, probe_until = NULL
         WHERE id = (SELECT COALESCE(account_id, id) FROM connections WHERE organization_id = $1)",
    )
    .bind(organization.as_str())
    .execute(&mut **tx)
    .await?;
    of_the_account(tx, organization).await
}

/// All who are connected to the organization's account.
async fn of_the_account(tx: &mut Tx, organization: &OrganizationId) -> Result<Vec<OrganizationId>, StoreError> {
    let all = sqlx::query_scalar(
        "SELECT organization_id FROM connections
         WHERE COALESCE(account_id, id) =
             (SELECT COALESCE(account_id, id) FROM connections WHERE organization_id = $1)",
    )
    .bind(organization.as_str())
    .fetch_all(&mut **tx)
    .await?;
    Ok(all)
}
