//! A batch on PostgreSQL: one statement over a list for each column, which is one round trip and one
//! transaction. Several of them run at once, on connections of their own.

use std::{fmt::Display, fmt::Write as _};

use sqlx::AnyConnection;

use super::{FRESH_FOR, NewDelivery, facts, jobs, last_of};
use crate::{fault::StoreError, job::asked_again};

// Rows go in in the order of their keys: two that write the same ones at once must not wait for each other
// in a circle. A candidate's jobs are one row, which a statement may change only once. Whoever was kept before is
// looked up one by one and by the unique key: a join would be planned, while the tables are small, as one that
// reads all of them, and stay so for as long as the connection does.
const KEEP: &str = concat!(
    "WITH standing AS (
        SELECT w.id, c.endpoint
        FROM webhooks w JOIN connections c ON c.organization_id = w.organization_id
        WHERE w.id = ANY(CAST($25 AS TEXT[])) AND w.retired_at IS NULL
    ), confirmed AS (
        SELECT m.id, m.organization_id, m.source, m.dedup_key, m.twin_key, m.event, m.subject_id, m.body,
               m.received_at, m.handled_at, m.outcome, m.webhook, m.account
        FROM unnest(
            CAST($1 AS TEXT[]), CAST($2 AS TEXT[]), CAST($3 AS TEXT[]), CAST($4 AS TEXT[]), CAST($5 AS TEXT[]),
            CAST($6 AS TEXT[]), CAST($7 AS TEXT[]), CAST($8 AS TEXT[]), CAST($9 AS BIGINT[]), CAST($10 AS BIGINT[]),
            CAST($11 AS TEXT[]), CAST($12 AS TEXT[]), CAST($13 AS TEXT[]), CAST($14 AS TEXT[])) AS m(
            id, organization_id, source, dedup_key, twin_key,
            event, subject_id, body, received_at, handled_at,
            outcome, webhook, endpoint, account)
        WHERE m.webhook IS NULL OR EXISTS (
            SELECT 1 FROM standing WHERE standing.id = m.webhook AND standing.endpoint = m.endpoint)
    ), kept AS (
        INSERT INTO deliveries (
            id, organization_id, source, dedup_key, twin_key, event, subject_id, body, received_at, handled_at, outcome)
        SELECT id, organization_id, source, dedup_key, twin_key, event, subject_id, body, received_at, handled_at, outcome
        FROM confirmed
        ORDER BY COALESCE(twin_key, dedup_key), dedup_key
        ON CONFLICT DO NOTHING
        RETURNING id
    ), fresh AS (
        SELECT c.id, c.organization_id, c.received_at, c.webhook, c.account
        FROM confirmed c JOIN kept ON kept.id = c.id
    ), asked AS (
        INSERT INTO jobs (
            id, organization_id, kind, payload, dedup_key, priority, due_at, state, delivery_id, created_at, asked)
        SELECT MIN(j.id), MIN(d.organization_id), MIN(j.kind), MIN(j.payload), j.dedup_key,
               MIN(j.priority), MIN(d.received_at), 'open', MIN(d.id), MIN(d.received_at), COUNT(*)
        FROM unnest(
            CAST($15 AS TEXT[]), CAST($16 AS TEXT[]), CAST($17 AS TEXT[]), CAST($18 AS TEXT[]), CAST($19 AS TEXT[]),
            CAST($20 AS BIGINT[])) AS j(id, delivery_id, kind, payload, dedup_key, priority)
        JOIN fresh d ON d.id = j.delivery_id
        GROUP BY j.dedup_key
        ORDER BY j.dedup_key ",
    asked_again!(),
    "
    ), heard AS (
        UPDATE connections SET last_event_at = $21
        WHERE organization_id = ANY(CAST($24 AS TEXT[]))
            AND (last_event_at IS NULL OR last_event_at NOT BETWEEN $22 AND $23)
            AND EXISTS (
                SELECT 1 FROM fresh WHERE fresh.organization_id = connections.organization_id AND webhook IS NOT NULL)
    ), verified AS (
        UPDATE webhooks SET verified_at = $21
        WHERE id = ANY(CAST($25 AS TEXT[]))
            AND (verified_at IS NULL OR verified_at NOT BETWEEN $22 AND $23)
            AND EXISTS (SELECT 1 FROM fresh WHERE fresh.webhook = webhooks.id)
    ), called AS (
        UPDATE provider_accounts SET last_callback_at = $21
        WHERE id = ANY(CAST($26 AS TEXT[]))
            AND (last_callback_at IS NULL OR last_callback_at NOT BETWEEN $22 AND $23)
            AND EXISTS (SELECT 1 FROM fresh WHERE fresh.account = provider_accounts.id)
    )
    SELECT c.id, CASE
        WHEN kept.id IS NOT NULL THEN 1
        ELSE (SELECT COUNT(*) FROM deliveries d WHERE d.dedup_key = c.dedup_key AND d.id = c.id)
    END AS is_new
    FROM confirmed c LEFT JOIN kept ON kept.id = c.id"
);

/// A list as PostgreSQL writes one.
struct List(String);

impl List {
    fn texts<'a>(texts: impl IntoIterator<Item = Option<&'a str>>) -> String {
        let mut list = Self("{".to_owned());
        for text in texts {
            match text {
                Some(text) => list.quote(text),
                None => list.plain(&"NULL"),
            }
        }
        list.end()
    }

    fn numbers(numbers: impl IntoIterator<Item = Option<i64>>) -> String {
        let mut list = Self("{".to_owned());
        for number in numbers {
            match number {
                Some(number) => list.plain(&number),
                None => list.plain(&"NULL"),
            }
        }
        list.end()
    }

    fn quote(&mut self, text: &str) {
        self.0.reserve(text.len() + text.len() / 8 + 3);
        self.0.push('"');
        let mut from = 0;
        for (at, _) in text.match_indices(['"', '\\']) {
            self.0.push_str(&text[from..at]);
            self.0.push('\\');
            from = at;
        }
        self.0.push_str(&text[from..]);
        self.0.push_str("\",");
    }

    fn plain(&mut self, value: &impl Display) {
        write!(self.0, "{value},").expect("text takes text");
    }

    fn end(mut self) -> String {
        if self.0.ends_with(',') {
            self.0.pop();
        }
        self.0.push('}');
        self.0
    }
}

/// Each that is confirmed, and whether it is new.
pub(super) async fn keep(
    connection: &mut AnyConnection,
    batch: &[&NewDelivery],
) -> Result<Vec<(String, i64)>, StoreError> {
    let (jobs, last) = (jobs(batch), last_of(batch));
    let mut query = sqlx::query_as(KEEP);
    for list in deliveries(batch) {
        query = query.bind(list);
    }
    let of_jobs = [
        List::texts(jobs.iter().map(|job| Some(job.id.as_str()))),
        List::texts(jobs.iter().map(|job| Some(job.delivery.id.as_str()))),
        List::texts(jobs.iter().map(|job| Some(job.kind))),
        List::texts(jobs.iter().map(|job| Some(job.payload.as_str()))),
        List::texts(jobs.iter().map(|job| Some(job.key.as_str()))),
        List::numbers(jobs.iter().map(|job| Some(job.priority))),
    ];
    for list in of_jobs {
        query = query.bind(list);
    }
    query = query.bind(last).bind(last - FRESH_FOR).bind(last + FRESH_FOR);
    for whose in facts(batch) {
        query = query.bind(List::texts(whose.into_iter().map(Some)));
    }
    Ok(query.fetch_all(connection).await?)
}

fn deliveries(batch: &[&NewDelivery]) -> [String; 14] {
    let each = || batch.iter().copied();
    let proven = || each().map(|new| new.proof.proven());
    [
        List::texts(each().map(|new| Some(new.id.as_str()))),
        List::texts(each().map(|new| Some(new.organization.as_str()))),
        List::texts(proven().map(|proven| Some(proven.source))),
        List::texts(each().map(|new| Some(new.dedup_key.as_str()))),
        List::texts(each().map(|new| new.twin_key.as_deref())),
        List::texts(each().map(|new| Some(new.event.as_str()))),
        List::texts(each().map(|new| new.subject.as_deref())),
        List::texts(each().map(|new| Some(new.body.as_str()))),
        List::numbers(each().map(|new| Some(new.received_at.0))),
        List::numbers(each().map(|new| new.ignored.map(|_| new.received_at.0))),
        List::texts(each().map(|new| new.ignored)),
        List::texts(proven().map(|proven| proven.webhook)),
        List::texts(proven().map(|proven| proven.endpoint)),
        List::texts(proven().map(|proven| proven.account)),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_written_so_that_it_is_read_as_it_was() {
        let list = List::texts([Some("a"), None, Some(""), Some("NULL"), Some(r#"{"x":"\"}, "#)]);
        assert_eq!(list, r#"{"a",NULL,"","NULL","{\"x\":\"\\\"}, "}"#);
        assert_eq!(List::texts([]), "{}");
        assert_eq!(List::numbers([Some(1), None, Some(-2)]), "{1,NULL,-2}");
    }
}
