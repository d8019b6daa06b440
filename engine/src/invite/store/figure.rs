//! The dashboard's figures and the filter's positions, over what a person may see.
//!
//! Every text takes $1 organization, $2 the person's id in Lever, and $3 the moment from which it counts.

use super::{
    list,
    visible::{associated, but_not_of_postings, of_opportunities, of_postings, person},
};
use crate::{
    access::{Member, Scope},
    clock::Moment,
    db::Db,
    fault::StoreError,
    id::PostingId,
    invite::{Filter, Funnel},
};

macro_rules! counted {
    ($source:expr) => {
        concat!(
            "SELECT COUNT(i.sent_at), COUNT(COALESCE(i.started_at, i.completed_at)), COUNT(i.completed_at),
                 COUNT(CASE WHEN i.verdict = 'passed' THEN 1 END),
                 COUNT(CASE WHEN i.state = 'completed' AND i.verdict = 'n/a' THEN 1 END)
             FROM ",
            $source
        )
    };
}

// The index by creation has all that is counted.
const OF_ALL: &str = counted!("invites i WHERE i.organization_id = $1 AND i.created_at >= $3");
const OF_OPEN: &str = counted!(concat!(
    "invites i WHERE i.organization_id = $1 AND i.created_at >= $3 AND (i.confidential = 0 OR ",
    associated!(),
    ")"
));
// Nothing changes before it is made: only what changed since is read. The signs keep SQLite from walking all
// that was made since, for each association anew.
const OF_ASSOCIATED: &str = counted!(concat!(
    "(SELECT i.sent_at, i.started_at, i.completed_at, i.verdict, i.state FROM ",
    of_postings!(),
    " AND i.changed_at >= $3 AND +i.created_at >= $3
     UNION ALL
     SELECT i.sent_at, i.started_at, i.completed_at, i.verdict, i.state FROM ",
    of_opportunities!(),
    " AND +i.created_at >= $3",
    but_not_of_postings!(),
    ") i"
));

/// Counts the funnel of the invites made since `since`.
pub(crate) async fn funnel(db: &Db, member: &Member, since: Moment) -> Result<Funnel, StoreError> {
    let text = match member.scope() {
        Scope::All => OF_ALL,
        Scope::Open => OF_OPEN,
        Scope::Associated => OF_ASSOCIATED,
    };
    let (invited, started, completed, passed, awaiting_verdict): (i64, i64, i64, i64, i64) = sqlx::query_as(text)
        .bind(member.organization.as_str())
        .bind(person(member))
        .bind(since.0)
        .fetch_one(db.read())
        .await?;
    let attention = Filter { needs_attention: true, ..Filter::default() };
    let (counted, more) = list::count(db, member, &attention, None).await?;
    Ok(Funnel { invited, started, completed, passed, awaiting_verdict, needs_attention: counted + i64::from(more) })
}

// From one position straight to the next, instead of through all their invites.
macro_rules! one_by_one {
    () => {
        "WITH RECURSIVE p (id) AS (
             SELECT MIN(i.posting_id) FROM invites i WHERE i.organization_id = $1
             UNION ALL
             SELECT (SELECT MIN(i.posting_id) FROM invites i WHERE i.organization_id = $1 AND i.posting_id > p.id)
             FROM p WHERE p.id IS NOT NULL)"
    };
}

macro_rules! titled {
    () => {
        " SELECT p.id, COALESCE((
             SELECT i.posting_title FROM invites i
             WHERE i.organization_id = $1 AND i.posting_id = p.id AND i.posting_title IS NOT NULL
             ORDER BY i.posting_id DESC, i.changed_at DESC, i.id DESC LIMIT 1), p.id) AS title
         FROM p
         WHERE p.id IS NOT NULL"
    };
}

macro_rules! by_title {
    () => {
        " ORDER BY title, p.id LIMIT 500"
    };
}

const ALL_POSITIONS: &str = concat!(one_by_one!(), titled!(), by_title!());
const OPEN_POSITIONS: &str = concat!(
    one_by_one!(),
    titled!(),
    " AND EXISTS (
         SELECT 1 FROM invites i
         WHERE i.organization_id = $1 AND i.posting_id = p.id AND (i.confidential = 0 OR ",
    associated!(),
    "))",
    by_title!()
);
// That none is NULL must not be asked of the index: it would be walked whole for each association.
const ASSOCIATED_POSITIONS: &str = concat!(
    "WITH p AS (
         SELECT a.subject_id AS id FROM associations a
         WHERE a.organization_id = $1 AND a.lever_user_id = $2 AND a.subject_kind = 'posting'
             AND EXISTS (SELECT 1 FROM invites i WHERE i.organization_id = $1 AND i.posting_id = a.subject_id)
         UNION
         SELECT i.posting_id || '' FROM ",
    of_opportunities!(),
    ")",
    titled!(),
    by_title!()
);

/// The positions with invites this person may see.
pub(crate) async fn positions(db: &Db, member: &Member) -> Result<Vec<(PostingId, String)>, StoreError> {
    let text = match member.scope() {
        Scope::All => ALL_POSITIONS,
        Scope::Open => OPEN_POSITIONS,
        Scope::Associated => ASSOCIATED_POSITIONS,
    };
    let found =
        sqlx::query_as(text).bind(member.organization.as_str()).bind(person(member)).fetch_all(db.read()).await?;
    Ok(found)
}

#[cfg(test)]
mod tests {
    use sqlx::{Arguments as _, any::AnyArguments};

    use super::{list::plan, *};

    async fn steps(db: &Db, text: &str) -> Vec<String> {
        let mut bound = AnyArguments::default();
        for text in ["org_1", "u1"] {
            bound.add(text).expect("binds");
        }
        bound.add(0_i64).expect("binds");
        plan::steps(db, text, bound).await
    }

    #[tokio::test]
    async fn figures_of_what_a_person_is_associated_with_are_read_along_that() {
        let (db, _folder) = plan::database().await;
        for text in [OF_ASSOCIATED, ASSOCIATED_POSITIONS] {
            let steps = steps(&db, text).await;
            let of_invites: Vec<_> = steps.iter().filter(|step| step.starts_with("SEARCH i ")).collect();
            let along = ["(organization_id=? AND opportunity_id=?)", "(organization_id=? AND posting_id=?"];
            assert!(of_invites.len() >= 2, "{steps:#?}");
            assert!(of_invites.iter().all(|step| along.iter().any(|walk| step.contains(walk))), "{steps:#?}");
        }
        let steps = steps(&db, ASSOCIATED_POSITIONS).await;
        let sorts = steps.iter().filter(|step| step.contains("TEMP B-TREE FOR ORDER BY")).count();
        assert!(sorts <= 1, "only the few titles are sorted: {steps:#?}");
    }
}
