//! The SQL of provider accounts and of our copy of their assessments.

pub(super) mod secret;

use secrecy::SecretString;
use serde_json::json;

use super::{
    Account, AccountOverview, AccountState, Assessment, AssessmentState, Callback, Protocol, ProviderError, switch,
};
use crate::{
    Engine,
    clock::Moment,
    db::{Db, Tx, unfolding},
    fault::StoreError,
    id::{AssessmentId, OrganizationId, ProviderAccountId},
    random,
    vault::SealedColumn,
};

fn inconsistent(column: &'static str, id: &ProviderAccountId) -> StoreError {
    StoreError::Inconsistent { table: "provider_accounts", column, id: id.to_string() }
}

fn place(id: &str, column: &str) -> String {
    format!("provider_accounts|{id}|{column}")
}

/// All that is sealed here.
pub(crate) const SEALED: [SealedColumn; 3] = [
    SealedColumn {
        all: "SELECT id, api_key FROM provider_accounts",
        replace: "UPDATE provider_accounts SET api_key = $1 WHERE id = $2 AND api_key = $3",
        place: |id| place(id, "api_key"),
    },
    SealedColumn {
        all: "SELECT id, callback_secret FROM provider_accounts",
        replace: "UPDATE provider_accounts SET callback_secret = $1 WHERE id = $2 AND callback_secret = $3",
        place: |id| place(id, "callback_secret"),
    },
    SealedColumn {
        all: "SELECT id, former_callback_secret FROM provider_accounts WHERE former_callback_secret IS NOT NULL",
        replace: "UPDATE provider_accounts SET former_callback_secret = $1 WHERE id = $2 AND former_callback_secret = $3",
        place: |id| place(id, "former_callback_secret"),
    },
];

impl AccountState {
    const ALL: [Self; 5] = [Self::Ok, Self::CannotSend, Self::Refused, Self::Unreachable, Self::Untested];

    fn slug(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::CannotSend => "cannot_send",
            Self::Refused => "refused",
            Self::Unreachable => "unreachable",
            Self::Untested => "untested",
        }
    }
}

impl AssessmentState {
    const ALL: [Self; 3] = [Self::Active, Self::Draft, Self::Archived];

    fn slug(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Draft => "draft",
            Self::Archived => "archived",
        }
    }
}

#[derive(sqlx::FromRow)]
struct AccountRow {
    id: ProviderAccountId,
    organization_id: OrganizationId,
    provider: String,
    base_url: String,
    api_key: Vec<u8>,
    endpoint: String,
}

pub(super) async fn open(engine: &Engine, id: &ProviderAccountId) -> Result<Account, ProviderError> {
    let row: Option<AccountRow> = sqlx::query_as(
        "SELECT id, organization_id, provider, base_url, api_key, endpoint FROM provider_accounts WHERE id = $1",
    )
    .bind(id.as_str())
    .fetch_optional(engine.db.read())
    .await
    .map_err(StoreError::from)?;
    let row = row.ok_or(ProviderError::NoAccount)?;
    Ok(Account {
        protocol: Protocol::parse(&row.provider).ok_or_else(|| inconsistent("provider", id))?,
        base_url: row.base_url.parse().map_err(|_| inconsistent("base_url", id))?,
        key: engine.vault.open_sealed(&place(id.as_str(), "api_key"), &row.api_key)?,
        sealed_key: row.api_key,
        engine: engine.clone(),
        endpoint: row.endpoint,
        organization: row.organization_id,
        id: row.id,
    })
}

/// Notes that something came which the account's secret does not confirm.
pub(crate) async fn note_refused(tx: &mut Tx, account: &ProviderAccountId, now: Moment) -> Result<(), StoreError> {
    sqlx::query("UPDATE provider_accounts SET last_refused_at = $2 WHERE id = $1")
        .bind(account.as_str())
        .bind(now.0)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// The organization's account: its id, and the protocol and the address it was saved with.
pub(super) async fn saved(
    db: &Db,
    organization: &OrganizationId,
) -> Result<Option<(ProviderAccountId, String, String)>, StoreError> {
    let found = sqlx::query_as("SELECT id, provider, base_url FROM provider_accounts WHERE organization_id = $1")
        .bind(organization.as_str())
        .fetch_optional(db.read())
        .await?;
    Ok(found)
}

/// What a person entered.
pub(super) struct Entered<'a> {
    pub protocol: Protocol,
    pub base_url: &'a str,
    /// `None` keeps the key that is stored.
    pub key: Option<&'a SecretString>,
    pub key_hint: &'a str,
}

/// Makes the account, with an address and a secret for its callbacks.
pub(super) async fn insert(
    engine: &Engine,
    tx: &mut Tx,
    organization: &OrganizationId,
    entered: &Entered<'_>,
    key: &SecretString,
    callback_secret: &SecretString,
) -> Result<ProviderAccountId, StoreError> {
    let id = ProviderAccountId::new();
    sqlx::query(
        "INSERT INTO provider_accounts
             (id, organization_id, provider, base_url, api_key, key_hint, endpoint, callback_secret, state, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'untested', $9)",
    )
    .bind(id.as_str())
    .bind(organization.as_str())
    .bind(entered.protocol.slug())
    .bind(entered.base_url)
    .bind(engine.vault.seal(&place(id.as_str(), "api_key"), key))
    .bind(entered.key_hint)
    .bind(random::token())
    .bind(engine.vault.seal(&place(id.as_str(), "callback_secret"), callback_secret))
    .bind(engine.clock.now().0)
    .execute(&mut **tx)
    .await?;
    Ok(id)
}

/// Changes the account; what was tested before holds no longer.
pub(super) async fn change(
    engine: &Engine,
    tx: &mut Tx,
    id: &ProviderAccountId,
    entered: &Entered<'_>,
) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE provider_accounts
         SET provider = $2, base_url = $3, state = 'untested', state_reason = NULL, checked_at = NULL
         WHERE id = $1",
    )
    .bind(id.as_str())
    .bind(entered.protocol.slug())
    .bind(entered.base_url)
    .execute(&mut **tx)
    .await?;
    let Some(key) = entered.key else { return Ok(()) };
    sqlx::query("UPDATE provider_accounts SET api_key = $2, key_hint = $3 WHERE id = $1")
        .bind(id.as_str())
        .bind(engine.vault.seal(&place(id.as_str(), "api_key"), key))
        .bind(entered.key_hint)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Stores how a call or a test went; without a name the one that is known stays. Nothing where another key or
/// address was saved meanwhile: what is learned of the old one says nothing of the new.
pub(super) async fn set_state(
    tx: &mut Tx,
    account: &Account,
    state: AccountState,
    reason: Option<&str>,
    name: Option<&str>,
    now: Moment,
) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE provider_accounts
         SET state = $2, state_reason = $3, account_name = COALESCE($4, account_name), checked_at = $5
         WHERE id = $1 AND provider = $6 AND base_url = $7 AND api_key = $8",
    )
    .bind(account.id.as_str())
    .bind(state.slug())
    .bind(reason)
    .bind(name)
    .bind(now.0)
    .bind(account.protocol.slug())
    .bind(account.base_url.as_str())
    .bind(account.sealed_key.as_slice())
    .execute(&mut **tx)
    .await?;
    Ok(())
}

#[derive(sqlx::FromRow)]
struct OverviewRow {
    id: ProviderAccountId,
    provider: String,
    base_url: String,
    key_hint: String,
    account_name: Option<String>,
    endpoint: String,
    callback_secret: Vec<u8>,
    former_callback_until: Option<i64>,
    state: String,
    state_reason: Option<String>,
    checked_at: Option<i64>,
    last_callback_at: Option<i64>,
    assessments: i64,
}

pub(super) async fn overview(
    engine: &Engine,
    organization: &OrganizationId,
) -> Result<Option<AccountOverview>, StoreError> {
    let row: Option<OverviewRow> = sqlx::query_as(
        "SELECT p.id, p.provider, p.base_url, p.key_hint, p.account_name, p.endpoint, p.callback_secret,
                p.former_callback_until, p.state, p.state_reason, p.checked_at, p.last_callback_at,
                (SELECT COUNT(*) FROM assessments a WHERE a.provider_account_id = p.id AND a.gone_at IS NULL)
                    AS assessments
         FROM provider_accounts p
         WHERE p.organization_id = $1",
    )
    .bind(organization.as_str())
    .fetch_optional(engine.db.read())
    .await?;
    let Some(row) = row else { return Ok(None) };
    let mut overview = row.overview(engine)?;
    overview.elsewhere = switch::elsewhere(&engine.db, organization, &overview.id, overview.protocol).await?;
    Ok(Some(overview))
}

impl OverviewRow {
    fn overview(self, engine: &Engine) -> Result<AccountOverview, StoreError> {
        use secrecy::ExposeSecret as _;
        let protocol = Protocol::parse(&self.provider).ok_or_else(|| inconsistent("provider", &self.id))?;
        let state = AccountState::ALL.into_iter().find(|state| state.slug() == self.state);
        let secret = engine.vault.open_sealed(&place(self.id.as_str(), "callback_secret"), &self.callback_secret)?;
        let handed_over = protocol.capabilities().callback == Callback::Signed;
        Ok(AccountOverview {
            protocol,
            state: state.ok_or_else(|| inconsistent("state", &self.id))?,
            callback_url: super::callback_url(engine, protocol, &self.endpoint),
            callback_secret: handed_over.then(|| secret.expose_secret().to_owned()),
            former_callback_until: self.former_callback_until.map(Moment).filter(|until| *until > engine.clock.now()),
            capabilities: protocol.capabilities(),
            base_url: self.base_url,
            key_hint: self.key_hint,
            account_name: self.account_name,
            state_reason: self.state_reason,
            checked_at: self.checked_at.map(Moment),
            last_callback_at: self.last_callback_at.map(Moment),
            assessments: self.assessments,
            elsewhere: 0,
            id: self.id,
        })
    }
}

/// Makes our copy of the account's assessments this list; those that vanished are marked.
pub(super) async fn replace_assessments(
    engine: &Engine,
    tx: &mut Tx,
    account: &Account,
    assessments: &[Assessment],
    now: Moment,
) -> Result<(), StoreError> {
    let row = |a: &Assessment| {
        let sections = json!(a.sections).to_string();
        json!([a.id.as_str(), a.name, a.state.slug(), a.description, a.language, a.duration_minutes, sections])
    };
    let rows = json!(assessments.iter().map(row).collect::<Vec<_>>()).to_string();
    let upsert = unfolding!(
        engine.db,
        "INSERT INTO assessments
             (organization_id, provider_account_id, id, name, state, description, language, duration_minutes,
              sections, seen_at, gone_at)
         SELECT $2, $3, j.value->>0, j.value->>1, j.value->>2, j.value->>3, j.value->>4,
                CAST(j.value->>5 AS BIGINT), j.value->>6, $4, NULL",
        "WHERE true
         ON CONFLICT (provider_account_id, id) DO UPDATE
         SET name = excluded.name, state = excluded.state, description = excluded.description,
             language = excluded.language, duration_minutes = excluded.duration_minutes,
             sections = excluded.sections, seen_at = excluded.seen_at, gone_at = NULL"
    );
    sqlx::query(upsert)
        .bind(&rows)
        .bind(account.organization.as_str())
        .bind(account.id.as_str())
        .bind(now.0)
        .execute(&mut **tx)
        .await?;
    let gone = unfolding!(
        engine.db,
        "UPDATE assessments SET gone_at = $3
         WHERE provider_account_id = $2 AND gone_at IS NULL AND id NOT IN (SELECT j.value->>0",
        ")"
    );
    sqlx::query(gone).bind(&rows).bind(account.id.as_str()).bind(now.0).execute(&mut **tx).await?;
    sqlx::query("UPDATE provider_accounts SET synced_at = $2 WHERE id = $1")
        .bind(account.id.as_str())
        .bind(now.0)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

#[derive(sqlx::FromRow)]
struct AssessmentRow {
    id: AssessmentId,
    name: String,
    state: String,
    description: Option<String>,
    language: Option<String>,
    duration_minutes: Option<i64>,
    sections: String,
}

impl AssessmentRow {
    fn assessment(self) -> Result<Assessment, StoreError> {
        let wrong = |column| StoreError::Inconsistent { table: "assessments", column, id: self.id.to_string() };
        let state = AssessmentState::ALL.into_iter().find(|state| state.slug() == self.state);
        Ok(Assessment {
            state: state.ok_or_else(|| wrong("state"))?,
            sections: serde_json::from_str(&self.sections).map_err(|_| wrong("sections"))?,
            name: self.name,
            description: self.description,
            language: self.language,
            duration_minutes: self.duration_minutes,
            id: self.id,
        })
    }
}

pub(super) async fn assessments(db: &Db, organization: &OrganizationId) -> Result<Vec<Assessment>, StoreError> {
    let rows: Vec<AssessmentRow> = sqlx::query_as(
        "SELECT id, name, state, description, language, duration_minutes, sections
         FROM assessments
         WHERE organization_id = $1 AND gone_at IS NULL
         ORDER BY CASE state WHEN 'active' THEN 0 WHEN 'draft' THEN 1 ELSE 2 END, name, id",
    )
    .bind(organization.as_str())
    .fetch_all(db.read())
    .await?;
    rows.into_iter().map(AssessmentRow::assessment).collect()
}
