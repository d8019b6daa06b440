//! The audit log's SQL.

use std::net::IpAddr;

use sqlx::{Any, Transaction};

use super::{By, Deed, Entry, Facts, Filter, action::Area, chain};
use crate::{
    clock::Moment,
    db::{Db, Flavour, Tx},
    fault::StoreError,
    id::{AuditId, OrganizationId},
};

/// An entry as it is stored and sealed.
#[derive(Debug, Clone, sqlx::FromRow)]
pub(super) struct Stored {
    pub id: String,
    pub organization_id: String,
    pub at: i64,
    pub by_kind: String,
    pub by_user: Option<String>,
    pub from_address: Option<String>,
    pub area: String,
    pub action: String,
    pub subject: String,
    pub before: Option<String>,
    pub after: Option<String>,
}

const SQLITE_GUARD: &str = "
    CREATE TRIGGER IF NOT EXISTS audit_entries_stay BEFORE DELETE ON audit_entries
    BEGIN SELECT RAISE(ABORT, 'the audit log only grows'); END;
    CREATE TRIGGER IF NOT EXISTS audit_entries_stay_so BEFORE UPDATE ON audit_entries
    BEGIN SELECT RAISE(ABORT, 'the audit log only grows'); END;
    CREATE TRIGGER IF NOT EXISTS audit_seals_stay BEFORE DELETE ON audit_seals
    BEGIN SELECT RAISE(ABORT, 'the audit log only grows'); END;
    CREATE TRIGGER IF NOT EXISTS audit_seals_stay_so BEFORE UPDATE ON audit_seals
    BEGIN SELECT RAISE(ABORT, 'the audit log only grows'); END;";
// Made once: to make it anew at each start would wait for everybody who writes.
const POSTGRES_GUARD: &str = "
    -- Of several servers that start at once one makes them.
    SELECT pg_advisory_xact_lock(6171747);
    DO $$ BEGIN
        IF NOT EXISTS (SELECT 1 FROM pg_trigger WHERE tgname = 'audit_seals_stay' AND tgrelid = 'audit_seals'::regclass) THEN
            CREATE OR REPLACE FUNCTION audit_only_grows() RETURNS trigger LANGUAGE plpgsql AS $body$
            BEGIN RAISE EXCEPTION 'the audit log only grows'; END $body$;
            CREATE OR REPLACE TRIGGER audit_entries_stay BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entries
            FOR EACH STATEMENT EXECUTE FUNCTION audit_only_grows();
            CREATE OR REPLACE TRIGGER audit_seals_stay BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_seals
            FOR EACH STATEMENT EXECUTE FUNCTION audit_only_grows();
        END IF;
    END $$;";

/// Has the database itself refuse that an entry or a seal is changed or deleted. Safe to repeat; part of the
/// migration, in which only what both databases understand can be said.
///
/// # Errors
/// When the database fails.
pub(crate) async fn guard(tx: &mut Transaction<'_, Any>, flavour: Flavour) -> Result<(), StoreError> {
    let guard = match flavour {
        Flavour::Sqlite => SQLITE_GUARD,
        Flavour::Postgres => POSTGRES_GUARD,
    };
    sqlx::raw_sql(guard).execute(&mut **tx).await?;
    Ok(())
}

fn json(facts: &Facts) -> Option<String> {
    let object: serde_json::Map<_, _> =
        facts.iter().map(|(name, value)| ((*name).to_owned(), value.as_str().into())).collect();
    (!object.is_empty()).then(|| serde_json::Value::Object(object).to_string())
}

impl By {
    fn parts(&self) -> (&'static str, Option<&str>) {
        match self {
            Self::Person(user) => ("person", Some(user.as_str())),
            Self::Terminal => ("terminal", None),
            Self::Lever => ("lever", None),
            Self::Provider => ("provider", None),
        }
    }
}

pub(super) async fn insert(
    tx: &mut Tx,
    organization: &OrganizationId,
    (by, from): (&By, Option<IpAddr>),
    deed: &Deed<'_>,
    now: Moment,
) -> Result<(), StoreError> {
    let id = AuditId::new();
    let (by_kind, by_user) = by.parts();
    sqlx::query(
        "INSERT INTO audit_entries (
             id, organization_id, at, by_kind, by_user, from_address, area, action, subject, before, after)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
    )
    .bind(id.as_str())
    .bind(organization.as_str())
    .bind(now.0)
    .bind(by_kind)
    .bind(by_user)
    .bind(from.map(|address| address.to_string()))
    .bind(deed.action.area().slug())
    .bind(deed.action.slug())
    .bind(deed.subject)
    .bind(json(&deed.before))
    .bind(json(&deed.after))
    .execute(&mut **tx)
    .await?;
    sqlx::query("INSERT INTO audit_unsealed (entry_id, organization_id) VALUES ($1, $2)")
        .bind(id.as_str())
        .bind(organization.as_str())
        .execute(&mut **tx)
        .await?;
    Ok(())
}

pub(super) async fn unsealed_organizations(db: &Db) -> Result<Vec<OrganizationId>, StoreError> {
    let all = sqlx::query_scalar("SELECT DISTINCT organization_id FROM audit_unsealed ORDER BY organization_id");
    Ok(all.fetch_all(db.read()).await?)
}

/// The chain's end, held until the transaction is over.
pub(super) async fn hold_chain(tx: &mut Tx, organization: &OrganizationId) -> Result<(i64, String), StoreError> {
    let end = sqlx::query_as(
        // The update changes nothing: it is the lock.
        "INSERT INTO audit_chains (organization_id, number, hash) VALUES ($1, 0, $2)
         ON CONFLICT (organization_id) DO UPDATE SET number = audit_chains.number
         RETURNING number, hash",
    )
    .bind(organization.as_str())
    .bind(chain::BEGINNING)
    .fetch_one(&mut **tx)
    .await?;
    Ok(end)
}

pub(super) async fn unsealed(tx: &mut Tx, organization: &OrganizationId, most: i64) -> Result<Vec<Stored>, StoreError> {
    let entries = sqlx::query_as(
        "SELECT e.id, e.organization_id, e.at, e.by_kind, e.by_user, e.from_address, e.area, e.action, e.subject,
                e.before, e.after
         FROM audit_unsealed u JOIN audit_entries e ON e.id = u.entry_id
         WHERE u.organization_id = $1
         ORDER BY u.entry_id
         LIMIT $2",
    )
    .bind(organization.as_str())
    .bind(most)
    .fetch_all(&mut **tx)
    .await?;
    Ok(entries)
}

pub(super) async fn insert_seal(tx: &mut Tx, entry: &Stored, number: i64, hash: &str) -> Result<(), StoreError> {
    sqlx::query("INSERT INTO audit_seals (organization_id, number, entry_id, hash) VALUES ($1, $2, $3, $4)")
        .bind(entry.organization_id.as_str())
        .bind(number)
        .bind(entry.id.as_str())
        .bind(hash)
        .execute(&mut **tx)
        .await?;
    sqlx::query("DELETE FROM audit_unsealed WHERE entry_id = $1").bind(entry.id.as_str()).execute(&mut **tx).await?;
    Ok(())
}

pub(super) async fn end_chain(
    tx: &mut Tx,
    organization: &OrganizationId,
    number: i64,
    hash: &str,
) -> Result<(), StoreError> {
    sqlx::query("UPDATE audit_chains SET number = $2, hash = $3 WHERE organization_id = $1")
        .bind(organization.as_str())
        .bind(number)
        .bind(hash)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// The chain's end as it was left; the beginning where nothing was sealed yet.
pub(super) async fn chain_end(db: &Db, organization: &OrganizationId) -> Result<(i64, String), StoreError> {
    let end = sqlx::query_as("SELECT number, hash FROM audit_chains WHERE organization_id = $1")
        .bind(organization.as_str())
        .fetch_optional(db.read())
        .await?;
    Ok(end.unwrap_or((0, chain::BEGINNING.to_owned())))
}

/// A link of the chain: its number and hash, and its entry, unless that is gone.
#[derive(Debug, sqlx::FromRow)]
pub(super) struct Link {
    pub number: i64,
    pub hash: String,
    entry_id: String,
    at: Option<i64>,
    by_kind: Option<String>,
    by_user: Option<String>,
    from_address: Option<String>,
    area: Option<String>,
    action: Option<String>,
    subject: Option<String>,
    before: Option<String>,
    after: Option<String>,
}

impl Link {
    pub(super) fn entry(self, organization: &OrganizationId) -> Option<Stored> {
        Some(Stored {
            id: self.entry_id,
            organization_id: organization.to_string(),
            at: self.at?,
            by_kind: self.by_kind?,
            by_user: self.by_user,
            from_address: self.from_address,
            area: self.area?,
            action: self.action?,
            subject: self.subject?,
            before: self.before,
            after: self.after,
        })
    }
}

/// The next links after a number.
pub(super) async fn links(
    db: &Db,
    organization: &OrganizationId,
    after: i64,
    most: i64,
) -> Result<Vec<Link>, StoreError> {
    let links = sqlx::query_as(
        "SELECT s.number, s.hash, s.entry_id, e.at, e.by_kind, e.by_user, e.from_address, e.area, e.action, e.subject,
                e.before, e.after
         FROM audit_seals s LEFT JOIN audit_entries e ON e.id = s.entry_id AND e.organization_id = s.organization_id
         WHERE s.organization_id = $1 AND s.number > $2
         ORDER BY s.number
         LIMIT $3",
    )
    .bind(organization.as_str())
    .bind(after)
    .bind(most)
    .fetch_all(db.read())
    .await?;
    Ok(links)
}

#[derive(Debug, sqlx::FromRow)]
struct Row {
    id: String,
    at: i64,
    by_kind: String,
    by_user: Option<String>,
    by_name: Option<String>,
    from_address: Option<String>,
    area: String,
    action: String,
    subject: String,
    subject_name: Option<String>,
    before: Option<String>,
    after: Option<String>,
    number: Option<i64>,
    hash: Option<String>,
}

impl Row {
    fn entry(self) -> Result<Entry, StoreError> {
        let inconsistent = |column| StoreError::Inconsistent { table: "audit_entries", column, id: self.id.clone() };
        let by = match (self.by_kind.as_str(), self.by_user) {
            ("person", Some(user)) => By::Person(user.into()),
            ("terminal", None) => By::Terminal,
            ("lever", None) => By::Lever,
            ("provider", None) => By::Provider,
            _ => return Err(inconsistent("by_kind")),
        };
        Ok(Entry {
            at: Moment(self.at),
            by,
            by_name: self.by_name,
            from: self.from_address,
            area: Area::parse(&self.area).ok_or_else(|| inconsistent("area"))?,
            id: self.id.into(),
            action: self.action,
            subject: self.subject,
            subject_name: self.subject_name,
            before: self.before,
            after: self.after,
            sealed: self.number.zip(self.hash),
        })
    }
}

/// One text for each kind of list: an optional condition would go along the wrong index.
macro_rules! listing {
    ($filter:literal, $page:literal, $order:literal) => {
        concat!(
            "SELECT e.id, e.at, e.by_kind, e.by_user, u.name AS by_name, e.from_address, e.area, e.action, e.subject,
                    p.name AS subject_name, e.before, e.after, s.number, s.hash
             FROM audit_entries e
             LEFT JOIN users u ON u.id = e.by_user
             LEFT JOIN users p ON p.id = e.subject
             LEFT JOIN audit_seals s ON s.entry_id = e.id
             WHERE e.organization_id = $1 AND e.id ",
            $page,
            " $2 ",
            $filter,
            " ORDER BY e.id ",
            $order,
            " LIMIT $3"
        )
    };
}

/// The two directions of reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum From<'a> {
    /// The newest first, from before this one on.
    Before(&'a str),
    /// The oldest first, from after this one on.
    After(&'a str),
}

fn text(filter: &Filter, from: From<'_>) -> &'static str {
    match (filter.area, &filter.by, from) {
        (None, None, From::Before(_)) => listing!("", "<", "DESC"),
        (None, None, From::After(_)) => listing!("", ">", "ASC"),
        (Some(_), None, From::Before(_)) => listing!("AND e.area = $4", "<", "DESC"),
        (Some(_), None, From::After(_)) => listing!("AND e.area = $4", ">", "ASC"),
        (None, Some(_), From::Before(_)) => listing!("AND e.by_user = $4", "<", "DESC"),
        (None, Some(_), From::After(_)) => listing!("AND e.by_user = $4", ">", "ASC"),
        (Some(_), Some(_), From::Before(_)) => listing!("AND e.area = $4 AND e.by_user = $5", "<", "DESC"),
        (Some(_), Some(_), From::After(_)) => listing!("AND e.area = $4 AND e.by_user = $5", ">", "ASC"),
    }
}

pub(super) async fn entries(
    db: &Db,
    organization: &OrganizationId,
    filter: &Filter,
    from: From<'_>,
    most: i64,
) -> Result<Vec<Entry>, StoreError> {
    let (From::Before(key) | From::After(key)) = from;
    let mut query = sqlx::query_as(text(filter, from)).bind(organization.as_str()).bind(key).bind(most);
    // In the order of the text: the area, then the person, each where it is asked for.
    if let Some(area) = filter.area {
        query = query.bind(area.slug());
    }
    if let Some(user) = &filter.by {
        query = query.bind(user.as_str());
    }
    let rows: Vec<Row> = query.fetch_all(db.read()).await?;
    rows.into_iter().map(Row::entry).collect()
}
