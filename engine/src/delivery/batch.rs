//! The SQL of a batch: deliveries, the jobs they cause and the facts they prove, in one call and one
//! durable commit. A delivery whose token was retired meanwhile is left out, and known ones are skipped.

use std::collections::HashMap;

use serde::Serialize;

use crate::{
    clock::Moment,
    db::{Db, Flavour},
    fault::StoreError,
    id::{DeliveryId, JobId, OrganizationId, ProviderAccountId, WebhookId},
    job::Work,
};

/// What confirmed a message.
#[derive(Debug, Clone)]
pub(super) enum Proof {
    /// A signature token of Lever's, remembered: it must still stand when the message is written.
    Token { webhook: WebhookId, endpoint: String },
    /// The provider account's secret, read for this message.
    Account(ProviderAccountId),
}

/// A message to keep, and what it causes.
#[derive(Debug)]
pub(super) struct NewDelivery {
    pub id: DeliveryId,
    pub organization: OrganizationId,
    pub proof: Proof,
    pub dedup_key: String,
    pub twin_key: Option<String>,
    pub event: String,
    pub subject: Option<String>,
    pub body: String,
    pub received_at: Moment,
    /// Why nothing is done about it, where that is clear at once.
    pub ignored: Option<&'static str>,
    pub work: Vec<Work>,
}

/// What became of a message that was to be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kept {
    /// It is on disk, with its jobs.
    New,
    /// It was there already.
    Known,
    /// What confirmed it stands no more: nothing was stored.
    Unconfirmed,
}

// On SQLite a few statements in one call; each unfolds its list anew, so those after the first get a list
// without the bodies ($3). Only the inbox's writer may call it, because it is never
// dropped half-way: the transaction would stay open.
const KEEP_SQLITE: &str = "BEGIN IMMEDIATE;
    INSERT INTO deliveries (
        id, organization_id, source, dedup_key, twin_key, event, subject_id, body, received_at, handled_at, outcome)
    SELECT j.value->>0, j.value->>1, j.value->>2, j.value->>3, j.value->>4, j.value->>5, j.value->>6, j.value->>7,
           j.value->>8, j.value->>9, j.value->>10
    FROM json_each($1) AS j
    WHERE j.value->>11 IS NULL OR EXISTS (
        SELECT 1 FROM webhooks w JOIN connections c ON c.organization_id = w.organization_id
        WHERE w.id = j.value->>11 AND w.retired_at IS NULL AND c.endpoint = j.value->>12)
    ON CONFLICT DO NOTHING;
    INSERT INTO jobs (
        id, organization_id, kind, payload, dedup_key, priority, due_at, state, delivery_id, created_at, asked)
    SELECT MIN(j.value->>0), MIN(d.organization_id), MIN(j.value->>2), MIN(j.value->>3), j.value->>4,
           MIN(j.value->>5), MIN(d.received_at), 'open', MIN(d.id), MIN(d.received_at), COUNT(*)
    FROM json_each($2) AS j JOIN deliveries d ON d.id = j.value->>1
    WHERE true
    GROUP BY j.value->>4
    ON CONFLICT (dedup_key) WHERE finished_at IS NULL DO UPDATE SET
        asked = jobs.asked + excluded.asked,
        due_at = CASE
            WHEN jobs.state = 'open' AND jobs.lease_token IS NULL AND jobs.due_at > excluded.due_at
            THEN excluded.due_at
            ELSE jobs.due_at
        END;
    UPDATE connections SET last_event_at = f.at
    FROM (SELECT d.organization_id, MAX(d.received_at) AS at
          FROM json_each($3) AS j JOIN deliveries d ON d.id = j.value->>0
          WHERE j.value->>1 IS NOT NULL
          GROUP BY d.organization_id) AS f
    WHERE connections.organization_id = f.organization_id;
    UPDATE webhooks SET verified_at = f.at
    FROM (SELECT j.value->>1 AS webhook, MAX(d.received_at) AS at
          FROM json_each($3) AS j JOIN deliveries d ON d.id = j.value->>0
          WHERE j.value->>1 IS NOT NULL
          GROUP BY j.value->>1) AS f
    WHERE webhooks.id = f.webhook;
    UPDATE provider_accounts SET last_callback_at = f.at
    FROM (SELECT j.value->>3 AS account, MAX(d.received_at) AS at
          FROM json_each($3) AS j JOIN deliveries d ON d.id = j.value->>0
          WHERE j.value->>3 IS NOT NULL
          GROUP BY j.value->>3) AS f
    WHERE provider_accounts.id = f.account;
    SELECT j.value->>0 AS id, CAST(CASE WHEN d.id IS NULL THEN 0 ELSE 1 END AS BIGINT) AS is_new
    FROM json_each($3) AS j LEFT JOIN deliveries d ON d.id = j.value->>0
    WHERE d.id IS NOT NULL OR j.value->>1 IS NULL OR EXISTS (
        SELECT 1 FROM webhooks w JOIN connections c ON c.organization_id = w.organization_id
        WHERE w.id = j.value->>1 AND w.retired_at IS NULL AND c.endpoint = j.value->>2);
    COMMIT";

// `jsonb`, because `json` is parsed again for each part. In the order of their keys, so that two processes that write the same ones do not wait for each other
// in a circle.
const KEEP_POSTGRES: &str = "WITH confirmed AS (
        SELECT j.value->>0 AS id, j.value->>1 AS organization_id, j.value->>2 AS source, j.value->>3 AS dedup_key,
               j.value->>4 AS twin_key, j.value->>5 AS event, j.value->>6 AS subject_id, j.value->>7 AS body,
               CAST(j.value->>8 AS BIGINT) AS received_at, CAST(j.value->>9 AS BIGINT) AS handled_at,
               j.value->>10 AS outcome, j.value->>11 AS webhook, j.value->>13 AS account
        FROM jsonb_array_elements(CAST($1 AS jsonb)) AS j(value)
        WHERE j.value->>11 IS NULL OR EXISTS (
            SELECT 1 FROM webhooks w JOIN connections c ON c.organization_id = w.organization_id
            WHERE w.id = j.value->>11 AND w.retired_at IS NULL AND c.endpoint = j.value->>12)
    ), kept AS (
        INSERT INTO deliveries (
            id, organization_id, source, dedup_key, twin_key, event, subject_id, body, received_at, handled_at, outcome)
        SELECT id, organization_id, source, dedup_key, twin_key, event, subject_id, body, received_at, handled_at, outcome
        FROM confirmed
        ORDER BY dedup_key
        ON CONFLICT DO NOTHING
        RETURNING id
    ), fresh AS (
        SELECT c.id, c.organization_id, c.received_at, c.webhook, c.account
        FROM confirmed c JOIN kept ON kept.id = c.id
    ), asked AS (
        INSERT INTO jobs (
            id, organization_id, kind, payload, dedup_key, priority, due_at, state, delivery_id, created_at, asked)
        SELECT MIN(j.value->>0), MIN(d.organization_id), MIN(j.value->>2), MIN(j.value->>3), j.value->>4,
               MIN(CAST(j.value->>5 AS BIGINT)), MIN(d.received_at), 'open', MIN(d.id), MIN(d.received_at), COUNT(*)
        FROM jsonb_array_elements(CAST($2 AS jsonb)) AS j(value) JOIN fresh d ON d.id = j.value->>1
        GROUP BY j.value->>4
        ORDER BY j.value->>4
        ON CONFLICT (dedup_key) WHERE finished_at IS NULL DO UPDATE SET
            asked = jobs.asked + excluded.asked,
            due_at = CASE
                WHEN jobs.state = 'open' AND jobs.lease_token IS NULL AND jobs.due_at > excluded.due_at
                THEN excluded.due_at
                ELSE jobs.due_at
            END
    ), heard AS (
        UPDATE connections SET last_event_at = f.at
        FROM (SELECT organization_id, MAX(received_at) AS at FROM fresh WHERE webhook IS NOT NULL
              GROUP BY organization_id) AS f
        WHERE connections.organization_id = f.organization_id
    ), verified AS (
        UPDATE webhooks SET verified_at = f.at
        FROM (SELECT webhook, MAX(received_at) AS at FROM fresh GROUP BY webhook) AS f
        WHERE webhooks.id = f.webhook
    ), called AS (
        UPDATE provider_accounts SET last_callback_at = f.at
        FROM (SELECT account, MAX(received_at) AS at FROM fresh GROUP BY account) AS f
        WHERE provider_accounts.id = f.account
    )
    SELECT c.id, CAST(CASE WHEN kept.id IS NULL THEN 0 ELSE 1 END AS BIGINT) AS is_new
    FROM confirmed c LEFT JOIN kept ON kept.id = c.id";

/// A delivery as both texts unfold it: a list, by position.
#[derive(Serialize)]
struct DeliveryRow<'a>(
    &'a str,
    &'a str,
    &'static str,
    &'a str,
    Option<&'a str>,
    &'a str,
    Option<&'a str>,
    &'a str,
    i64,
    Option<i64>,
    Option<&'static str>,
    Option<&'a str>,
    Option<&'a str>,
    Option<&'a str>,
);

impl<'a> From<&'a NewDelivery> for DeliveryRow<'a> {
    fn from(new: &'a NewDelivery) -> Self {
        let (source, webhook, endpoint, account) = match &new.proof {
            Proof::Token { webhook, endpoint } => ("lever", Some(webhook.as_str()), Some(endpoint.as_str()), None),
            Proof::Account(account) => ("provider", None, None, Some(account.as_str())),
        };
        Self(
            new.id.as_str(),
            new.organization.as_str(),
            source,
            &new.dedup_key,
            new.twin_key.as_deref(),
            &new.event,
            new.subject.as_deref(),
            &new.body,
            new.received_at.0,
            new.ignored.map(|_| new.received_at.0),
            new.ignored,
            webhook,
            endpoint,
            account,
        )
    }
}

impl<'a> DeliveryRow<'a> {
    /// Its id and what confirmed it.
    fn proof(&self) -> [Option<&'a str>; 4] {
        [Some(self.0), self.11, self.12, self.13]
    }
}

/// A job as both texts unfold it.
#[derive(Serialize)]
struct JobRow<'a>(JobId, &'a str, &'static str, String, String, i64);

fn jobs(new: &NewDelivery) -> impl Iterator<Item = JobRow<'_>> {
    new.work.iter().map(|work| {
        let payload = serde_json::to_string(work).expect("work is plain data");
        let key = work.dedup_key(&new.organization);
        JobRow(JobId::new(), new.id.as_str(), work.kind(), payload, key, work.priority())
    })
}

fn json(rows: &impl Serialize) -> String {
    serde_json::to_string(rows).expect("rows are plain data")
}

/// Keeps all of them or, on an error, none. Never to be dropped half-way.
pub(super) async fn keep(db: &Db, batch: &[&NewDelivery]) -> Result<HashMap<String, Kept>, StoreError> {
    let deliveries: Vec<DeliveryRow<'_>> = batch.iter().map(|new| DeliveryRow::from(*new)).collect();
    let jobs: Vec<JobRow<'_>> = batch.iter().flat_map(|new| jobs(new)).collect();
    let query = sqlx::query_as(db.pick(KEEP_SQLITE, KEEP_POSTGRES)).bind(json(&deliveries)).bind(json(&jobs));
    let query = match db.flavour() {
        Flavour::Sqlite => query.bind(json(&deliveries.iter().map(DeliveryRow::proof).collect::<Vec<_>>())),
        Flavour::Postgres => query,
    };
    let mut connection = db.writer().await?;
    let answered: Result<Vec<(String, i64)>, sqlx::Error> = query.fetch_all(&mut *connection).await;
    if answered.is_err() && db.flavour() == Flavour::Sqlite {
        // Whatever was open is rolled back with it.
        connection.close_on_drop();
    }
    let kept = |is_new: i64| if is_new == 0 { Kept::Known } else { Kept::New };
    Ok(answered?.into_iter().map(|(id, is_new)| (id, kept(is_new))).collect())
}
