//! The Candidates tab's lists: a page by key, and how many there are. One text is joined for each kind of list
//! from the literal clauses below, because neither database uses an index through `$3 IS NULL OR …`; what is
//! bound is the same for all.
//!
//! $1 organization, $2 the person's id in Lever, $3 posting, $4 state, $5 verdict, $6 made since, $7 and $8 the
//! key, $9 limit, $10… the terms of a search from and to, $18 the key's beginning.

use sqlx::{Arguments as _, AssertSqlSafe, FromRow as _, Row as _, any::AnyArguments};

use super::visible::{associated, but_not_of_postings, of_opportunities, of_postings, person, row_columns};
use crate::{
    access::{Member, Scope},
    clock::Moment,
    db::Db,
    fault::StoreError,
    id::PostingId,
    invite::{
        Filter, InviteState, Reached, Row,
        words::{MOST_TERMS, Terms},
    },
    verdict::Verdict,
};

/// How many are counted before it says "more", and how many of what a search finds, where each is looked up.
const COUNTED: i64 = 1_000;
const COUNTED_OF_FOUND: i64 = 200;
/// After every row.
const FROM_THE_TOP: (i64, &str) = (i64::MAX, "~");

const ROWS: &str = concat!("SELECT ", row_columns!(), ", '' AS beginning FROM ");
const IDS: &str = "SELECT i.id FROM ";

const ALL: &str = "invites i WHERE i.organization_id = $1";
const OPEN: &str = concat!(" AND (i.confidential = 0 OR ", associated!(), ")");
const ASSOCIATED: &str = concat!(" AND ", associated!());
const OF_OPPORTUNITIES: &str = of_opportunities!();
const OF_POSTINGS: &str = of_postings!();
const BUT_NOT_OF_POSTINGS: &str = but_not_of_postings!();
// Of each posting no more than a page is read.
const AS_NEW_AS_A_PAGE: &str = " AND i.changed_at >= COALESCE((SELECT i.changed_at FROM ";
const OF_ONE_POSTING: &str = "invites i WHERE i.organization_id = $1 AND i.posting_id = m.subject_id";
const THE_PAGES_LAST: &str = " ORDER BY i.changed_at DESC, i.id DESC LIMIT 1 OFFSET $9), 0)";

// What it takes to be found is asked as a value and not as EXISTS or a join: PostgreSQL would join all words with
// all invites for the few that make a page.
const ROWS_FOUND_AMONG: &str = concat!("SELECT ", row_columns!(), ", s.beginning AS beginning FROM (");
const FOUND: &str = "SELECT w.beginning, w.invite_id FROM invite_words w
     WHERE w.organization_id = $1 AND (w.beginning, w.invite_id) > ($18, $8) AND w.beginning < $11
         AND (SELECT e.invite_id FROM invite_words e
              WHERE e.invite_id = w.invite_id AND e.beginning >= $10 AND e.beginning < w.beginning
              LIMIT 1) IS NULL";
const FOUND_BY_MORE: [&str; MOST_TERMS - 1] = [
    " AND (SELECT o.invite_id FROM invite_words o
         WHERE o.invite_id = w.invite_id AND o.beginning >= $12 AND o.beginning < $13
         LIMIT 1) IS NOT NULL",
    " AND (SELECT o.invite_id FROM invite_words o
         WHERE o.invite_id = w.invite_id AND o.beginning >= $14 AND o.beginning < $15
         LIMIT 1) IS NOT NULL",
    " AND (SELECT o.invite_id FROM invite_words o
         WHERE o.invite_id = w.invite_id AND o.beginning >= $16 AND o.beginning < $17
         LIMIT 1) IS NOT NULL",
];
const FOUND_INVITE: &str = " AND (SELECT i.id FROM invites i WHERE i.id = w.invite_id AND i.organization_id = $1";
const IS_THERE: &str = ") IS NOT NULL";
const THE_INVITES: &str = ") s CROSS JOIN invites i WHERE i.id = s.invite_id ORDER BY s.beginning, s.invite_id";
const MINE: &str = " AND EXISTS (
         SELECT 1 FROM associations a
         WHERE a.organization_id = $1 AND a.lever_user_id = $2 AND a.subject_kind = 'opportunity'
             AND a.subject_id = i.opportunity_id)";

const AFTER: &str = " AND (i.changed_at, i.id) < ($7, $8)";
// The signs keep both databases from walking all invites in this order until the few are found.
const AFTER_OF_FEW: &str = " AND (+i.changed_at, i.id) < ($7, $8)";
const SORTED: &str = " ORDER BY +i.changed_at DESC, i.id DESC LIMIT $9";
const IN_ORDER: &str = " ORDER BY i.changed_at DESC, i.id DESC LIMIT $9";
const IN_ORDER_OF_WORDS: &str = " ORDER BY w.beginning, w.invite_id LIMIT $9";

/// One list: whose, of what.
pub(super) struct List<'a> {
    member: &'a Member,
    filter: &'a Filter,
    /// From where to where each term of a search reaches; `None` without a search.
    ranges: Option<Vec<(String, String)>>,
    since: Option<Moment>,
}

impl<'a> List<'a> {
    pub(super) fn new(member: &'a Member, filter: &'a Filter, since: Option<Moment>) -> Self {
        let ranges = filter.name.as_deref().and_then(Terms::read).map(|terms| terms.ranges());
        Self { member, filter, ranges, since }
    }

    /// No candidate is found by signs alone.
    fn is_empty(&self) -> bool {
        self.ranges.as_ref().is_some_and(Vec::is_empty)
    }

    /// The filter's clauses, those that an index serves written as the index has them.
    fn conditions(&self) -> String {
        let Filter { state, posting, awaiting_verdict, needs_attention, reached, verdict, .. } = self.filter;
        let clauses = [
            posting.as_ref().map(|_| " AND i.posting_id = $3"),
            state.map(|_| " AND i.state = $4"),
            awaiting_verdict.then_some(" AND i.state = 'completed' AND i.verdict = 'n/a'"),
            needs_attention.then_some(" AND i.state IN ('waiting', 'failed', 'unclear')"),
            reached.map(|step| match step {
                Reached::Invited => " AND i.sent_at IS NOT NULL",
                Reached::Started => " AND COALESCE(i.started_at, i.completed_at) IS NOT NULL",
                Reached::Completed => " AND i.completed_at IS NOT NULL",
            }),
            verdict.map(|verdict| match verdict {
                Verdict::NotGiven => " AND i.verdict = 'n/a'",
                Verdict::Passed | Verdict::Failed => " AND i.verdict = $5 AND i.verdict <> 'n/a'",
            }),
            // Nothing changes before it is made.
            self.since.map(|_| " AND i.created_at >= $6 AND i.changed_at >= $6"),
        ];
        clauses.into_iter().flatten().collect()
    }

    /// The same where the walk is along what a person is associated with: no other index may serve them there,
    /// as SQLite, which does not know how many have a state, would take it, for each association anew.
    fn conditions_of_few(&self) -> String {
        let conditions = self.conditions().replace("i.created_at", "+i.created_at");
        let conditions = conditions.replace("i.changed_at", "+i.changed_at");
        conditions.replace("i.state", "(i.state || '')").replace("i.verdict", "(i.verdict || '')")
    }

    fn conditions_of_opportunities(&self) -> String {
        self.conditions_of_few().replace("i.posting_id", "(i.posting_id || '')")
    }

    /// The text of a page.
    pub(super) fn page(&self) -> String {
        let scope = self.member.scope();
        if self.ranges.is_some() {
            return [ROWS_FOUND_AMONG, &self.found(scope), IN_ORDER_OF_WORDS, THE_INVITES].concat();
        }
        if self.filter.mine {
            // Whoever is associated with an opportunity may see it.
            return [ROWS, OF_OPPORTUNITIES, &self.conditions_of_opportunities(), AFTER_OF_FEW, SORTED].concat();
        }
        match scope {
            Scope::All => [ROWS, ALL, &self.conditions(), AFTER, IN_ORDER].concat(),
            Scope::Open => [ROWS, ALL, OPEN, &self.conditions(), AFTER, IN_ORDER].concat(),
            Scope::Associated => {
                let (few, fewer) = (self.conditions_of_few(), self.conditions_of_opportunities());
                let newest = [AS_NEW_AS_A_PAGE, OF_ONE_POSTING, &few, AFTER, THE_PAGES_LAST].concat();
                let of_postings = [IDS, OF_POSTINGS, &few, AFTER, &newest].concat();
                let of_opportunities = [IDS, OF_OPPORTUNITIES, &fewer, AFTER_OF_FEW, BUT_NOT_OF_POSTINGS].concat();
                let seen = ["(", &of_postings, " UNION ALL ", &of_opportunities, ") s"].concat();
                [ROWS, &seen, " CROSS JOIN invites i WHERE i.id = s.id AND i.organization_id = $1", SORTED].concat()
            }
        }
    }

    /// The text of a count.
    pub(super) fn count(&self) -> String {
        let scope = self.member.scope();
        let matching = if self.ranges.is_some() {
            self.found(scope)
        } else if self.filter.mine {
            [IDS, OF_OPPORTUNITIES, &self.conditions_of_opportunities()].concat()
        } else {
            match scope {
                Scope::All => [IDS, ALL, &self.conditions()].concat(),
                Scope::Open => [IDS, ALL, OPEN, &self.conditions()].concat(),
                Scope::Associated => {
                    let of_postings = [IDS, OF_POSTINGS, &self.conditions_of_few()].concat();
                    let of_opportunities =
                        [IDS, OF_OPPORTUNITIES, &self.conditions_of_opportunities(), BUT_NOT_OF_POSTINGS].concat();
                    [of_postings, of_opportunities].join(" UNION ALL ")
                }
            }
        };
        ["SELECT COUNT(*) FROM (", &matching, " LIMIT $9) AS capped"].concat()
    }

    /// What a search finds, each invite once, by the first of its words that match.
    fn found(&self, scope: Scope) -> String {
        let terms = self.ranges.as_ref().map_or(0, Vec::len);
        let more = FOUND_BY_MORE.iter().take(terms.saturating_sub(1)).copied().collect::<String>();
        let seen = match scope {
            Scope::All => "",
            Scope::Open => OPEN,
            Scope::Associated => ASSOCIATED,
        };
        let mine = if self.filter.mine { MINE } else { "" };
        [FOUND, &more, FOUND_INVITE, seen, mine, &self.conditions(), IS_THERE].concat()
    }

    fn bound(&self, key: &Key<'_>, limit: i64) -> Result<AnyArguments, sqlx::Error> {
        let mut bound = AnyArguments::default();
        let mut text = |value: Option<&str>| bound.add(value.map(str::to_owned)).map_err(sqlx::Error::Encode);
        text(Some(self.member.organization.as_str()))?;
        text(Some(person(self.member)))?;
        text(self.filter.posting.as_ref().map(PostingId::as_str))?;
        text(self.filter.state.map(InviteState::slug))?;
        text(self.filter.verdict.map(Verdict::word))?;
        let since = self.since.map_or(i64::MIN, |since| since.0);
        bound.add(since).map_err(sqlx::Error::Encode)?;
        bound.add(key.changed_at).map_err(sqlx::Error::Encode)?;
        bound.add(key.id.to_owned()).map_err(sqlx::Error::Encode)?;
        bound.add(limit).map_err(sqlx::Error::Encode)?;
        let mut ranges = self.ranges.iter().flatten();
        for _ in 0..MOST_TERMS {
            let (from, to) = ranges.next().cloned().unzip();
            bound.add(from).map_err(sqlx::Error::Encode)?;
            bound.add(to).map_err(sqlx::Error::Encode)?;
        }
        bound.add(key.beginning.to_owned()).map_err(sqlx::Error::Encode)?;
        Ok(bound)
    }

    /// Reads where the page before ended; what is no key starts from the top.
    fn key<'k>(&'k self, after: Option<&'k str>) -> Key<'k> {
        let parts = after.and_then(|after| after.split_once('~'));
        let first = self.ranges.iter().flatten().next().map_or("", |(from, _)| from.as_str());
        if self.ranges.is_some() {
            let (beginning, id) = parts.filter(|(beginning, _)| *beginning >= first).unwrap_or((first, ""));
            return Key { changed_at: 0, id, beginning };
        }
        let read = parts.and_then(|(at, id)| Some((at.parse().ok()?, id)));
        let (changed_at, id) = read.unwrap_or(FROM_THE_TOP);
        Key { changed_at, id, beginning: "" }
    }
}

struct Key<'a> {
    changed_at: i64,
    id: &'a str,
    beginning: &'a str,
}

/// A page of rows after the key, and the key to go on after if there are more than the limit: newest change
/// first, or in the order of the words that a search found.
pub(crate) async fn page(
    db: &Db,
    member: &Member,
    filter: &Filter,
    since: Option<Moment>,
    limit: usize,
) -> Result<(Vec<Row>, Option<String>), StoreError> {
    let list = List::new(member, filter, since);
    if list.is_empty() {
        return Ok((Vec::new(), None));
    }
    let one_more = i64::try_from(limit + 1).unwrap_or(i64::MAX);
    let bound = list.bound(&list.key(filter.after.as_deref()), one_more)?;
    let mut found = sqlx::query_with(AssertSqlSafe(list.page()), bound).fetch_all(db.read()).await?;
    let there_is_more = found.len() > limit;
    found.truncate(limit);
    let rows = found.iter().map(Row::from_row).collect::<Result<Vec<_>, _>>()?;
    let Some((last, row)) = found.last().zip(rows.last()).filter(|_| there_is_more) else { return Ok((rows, None)) };
    let at = if list.ranges.is_some() { last.try_get("beginning")? } else { row.changed_at.0.to_string() };
    let next = format!("{at}~{}", row.id);
    Ok((rows, Some(next)))
}

/// How many match, and whether there are more than were counted.
pub(crate) async fn count(
    db: &Db,
    member: &Member,
    filter: &Filter,
    since: Option<Moment>,
) -> Result<(i64, bool), StoreError> {
    let list = List::new(member, filter, since);
    if list.is_empty() {
        return Ok((0, false));
    }
    let most = if list.ranges.is_some() { COUNTED_OF_FOUND } else { COUNTED };
    let bound = list.bound(&list.key(None), most + 1)?;
    let counted: i64 = sqlx::query_scalar_with(AssertSqlSafe(list.count()), bound).fetch_one(db.read()).await?;
    Ok((counted.min(most), counted > most))
}

/// How SQLite would go about a query: tests hold the lists and figures to their indexes.
#[cfg(test)]
pub(super) mod plan {
    use sqlx::{AssertSqlSafe, Row as _, any::AnyArguments};
    use tempfile::TempDir;

    use crate::db::Db;

    /// An empty database, and the folder it lives in.
    pub(in crate::invite::store) async fn database() -> (Db, TempDir) {
        let folder = tempfile::tempdir().expect("a folder");
        let db = Db::open(&format!("sqlite://{}/plan.db", folder.path().display())).await.expect("opens");
        db.migrate().await.expect("a schema");
        (db, folder)
    }

    /// The plan's steps in words.
    pub(in crate::invite::store) async fn steps(db: &Db, text: &str, bound: AnyArguments) -> Vec<String> {
        let explain = AssertSqlSafe(["EXPLAIN QUERY PLAN ", text].concat());
        let steps = sqlx::query_with(explain, bound).fetch_all(db.read()).await.expect("a plan");
        steps.iter().map(|step| step.get("detail")).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::Role;

    fn filters() -> Vec<(&'static str, Filter)> {
        let all = Filter::default;
        let found = |text: &str| Filter { name: Some(text.to_owned()), ..all() };
        vec![
            ("invites_by_change", all()),
            ("invites_by_change", Filter { days: Some(30), ..all() }),
            ("invites_by_change", Filter { reached: Some(Reached::Started), ..all() }),
            ("invites_by_state", Filter { state: Some(InviteState::Unclear), ..all() }),
            ("invites_by_posting", Filter { posting: Some("p".into()), ..all() }),
            ("invites_awaiting_verdict", Filter { awaiting_verdict: true, ..all() }),
            ("invites_needing_attention", Filter { needs_attention: true, ..all() }),
            ("invites_with_a_verdict", Filter { verdict: Some(Verdict::Failed), ..all() }),
            ("invites_once", Filter { mine: true, ..all() }),
            ("invites_once", Filter { mine: true, state: Some(InviteState::Completed), days: Some(30), ..all() }),
            ("autoindex_invite_words_1", found("ma")),
            ("autoindex_invite_words_1", Filter { mine: true, ..found("maya chen x y") }),
        ]
    }

    fn member(role: Role) -> Member {
        Member {
            organization: "org_1".into(),
            organization_name: "Halden".into(),
            user: "usr_1".into(),
            name: "Nora".into(),
            email: "nora@halden.example".into(),
            role,
            lever_user: Some("u1".into()),
            from: None,
        }
    }

    async fn steps(db: &Db, list: &List<'_>, text: String) -> Vec<String> {
        plan::steps(db, &text, list.bound(&list.key(None), 51).expect("binds")).await
    }

    /// Walks along anything but what the person is associated with.
    fn astray<'a>(steps: impl Iterator<Item = &'a String>) -> Vec<&'a String> {
        let own = ["invites_once", "invites_by_posting", "autoindex_invites_1"];
        steps.filter(|step| step.starts_with("SEARCH i ") && !own.iter().any(|index| step.contains(index))).collect()
    }

    #[tokio::test]
    async fn every_list_is_walked_along_an_index() {
        let (db, _folder) = plan::database().await;
        for role in [Role::SuperAdmin, Role::TeamMember, Role::LimitedTeamMember] {
            let member = member(role);
            for (index, filter) in filters() {
                let list = List::new(&member, &filter, filter.days.map(Moment));
                let (page, count) = (steps(&db, &list, list.page()).await, steps(&db, &list, list.count()).await);
                // The few of a person, and what was found of them.
                let few = ["SCAN m", "SCAN s", "SCAN capped"];
                let steps = page.iter().chain(&count);
                let scans: Vec<_> =
                    steps.filter(|step| step.starts_with("SCAN") && !few.contains(&step.as_str())).collect();
                assert_eq!(scans, Vec::<&String>::new(), "{role:?} {filter:?}");
                let walked = page.iter().any(|step| step.contains(index));
                assert!(walked || role == Role::LimitedTeamMember, "{index} for {role:?}: {page:#?}");
                if filter.mine || role == Role::LimitedTeamMember {
                    assert_eq!(astray(page.iter().chain(&count)), Vec::<&String>::new(), "{role:?} {filter:?}");
                }
                let sorts = page.iter().any(|step| step.contains("TEMP B-TREE FOR ORDER BY"));
                let of_few = filter.name.is_none() && (filter.mine || role == Role::LimitedTeamMember);
                assert_eq!(sorts, of_few, "{role:?} {filter:?}: {page:#?}");
            }
        }
    }
}
