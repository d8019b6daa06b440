//! Our copy of Lever's catalogue: users, stages, postings. It is a copy for choosing and searching;
//! whoever acts on a posting or stage reads it from Lever again.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;

use super::{
    Api, LeverError, PostingChoice, StageChoice, store,
    wire::{PostingWire, StageWire, UserWire},
};
use crate::{
    Engine,
    access::{self, Member, Permission},
    db::fold,
    fault::{FlowError, StoreError},
    id::{OrganizationId, PostingId, StageId},
    invite,
    live::Change,
    plain::is_plain,
};

/// So many postings that vanished from the list are looked at one by one in a sync; the rest next time.
const LOOKED_AT: usize = 20;

/// Postings whose title, team, department, location or requisition code contains all words of
/// `query`, open ones first; at most `limit`, and how many there are.
///
/// # Errors
/// Forbidden unless the role manages attachments.
pub async fn postings(
    engine: &Engine,
    member: &Member,
    query: &str,
    limit: i64,
) -> Result<(Vec<PostingChoice>, i64), FlowError> {
    member.require(Permission::ManageAttachments)?;
    let words = fold(query);
    let mut words = words.split_whitespace();
    let mut word = || pattern(words.next().unwrap_or_default());
    let patterns = [word(), word(), word()];
    Ok(store::search_postings(&engine.db, &member.organization, &patterns, limit.max(0)).await?)
}

/// A LIKE pattern for text that contains `word` as it is.
fn pattern(word: &str) -> String {
    let escaped = word.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    format!("%{escaped}%")
}

/// One posting of our copy that still exists.
///
/// # Errors
/// When the database fails.
pub async fn posting(
    engine: &Engine,
    organization: &OrganizationId,
    id: &PostingId,
) -> Result<Option<PostingChoice>, StoreError> {
    store::posting(&engine.db, organization, id).await
}

/// The pipeline's stages that still exist.
///
/// # Errors
/// When the database fails.
pub async fn stages(engine: &Engine, organization: &OrganizationId) -> Result<Vec<StageChoice>, StoreError> {
    store::stages(&engine.db, organization).await
}

/// The stages of our copy that Lever has no more, but for `present`, if it is there after all: Lever is asked.
///
/// # Errors
/// When the database fails.
pub(crate) async fn gone_stages(
    engine: &Engine,
    organization: &OrganizationId,
    present: &StageId,
) -> Result<Vec<StageId>, StoreError> {
    let mut gone = store::gone_stages(&engine.db, organization).await?;
    if gone.contains(present) && !Api::new(engine, organization).stage(present).await.is_ok_and(|stage| stage.is_none())
    {
        gone.retain(|stage| stage != present);
    }
    Ok(gone)
}

/// Reads the catalogue (users, postings, stages) from Lever into our copy; roles follow the users, and who sees
/// an invite follows its posting.
///
/// # Errors
/// See [`LeverError`].
pub async fn sync(engine: &Engine, organization: &OrganizationId) -> Result<(), LeverError> {
    let read = read_and_store(engine, organization).await;
    let problem = read.as_ref().err().map(ToString::to_string);
    store::note_sync(engine, organization, problem.as_deref()).await?;
    engine.live.tell(organization, Change::SetUp);
    read
}

async fn read_and_store(engine: &Engine, organization: &OrganizationId) -> Result<(), LeverError> {
    let api = Api::new(engine, organization);
    let users = api.users().await?;
    if users.is_empty() {
        // An account has a super admin at least: acting on this would take everybody's access away.
        return Err(LeverError::BadAnswer("an account without users".into()));
    }
    store_users(engine, organization, users).await?;
    store_stages(engine, organization, api.stages().await?).await?;
    store_postings(engine, organization, &api).await
}

async fn store_users(engine: &Engine, organization: &OrganizationId, users: Vec<UserWire>) -> Result<(), StoreError> {
    let once: BTreeMap<String, UserWire> = users.into_iter().map(|user| (user.id.clone(), user)).collect();
    let rows: Vec<_> = once
        .into_values()
        .map(|user| {
            let email = fold(&user.email.unwrap_or_default());
            let (name, role) = (user.name.unwrap_or_default(), user.access_role.unwrap_or_default());
            json!([user.id, clean(&name), clean(&email), clean(&role), user.deactivated_at])
        })
        .collect();
    let now = engine.clock.now();
    let mut tx = engine.db.write().await?;
    store::replace_users(&engine.db, &mut tx, organization, &json!(rows).to_string(), now).await?;
    access::follow_lever(&mut tx, organization, now).await?;
    tx.commit().await?;
    Ok(())
}

async fn store_stages(
    engine: &Engine,
    organization: &OrganizationId,
    stages: Vec<StageWire>,
) -> Result<(), StoreError> {
    let mut seen = BTreeSet::new();
    let once = stages.into_iter().filter(|stage| seen.insert(stage.id.clone()));
    let rows: Vec<_> = once
        .enumerate()
        .map(|(position, stage)| json!([stage.id, clean(&stage.text.unwrap_or_default()), position]))
        .collect();
    let mut tx = engine.db.write().await?;
    store::replace_stages(&engine.db, &mut tx, organization, &json!(rows).to_string(), engine.clock.now()).await?;
    tx.commit().await?;
    Ok(())
}

async fn store_postings(engine: &Engine, organization: &OrganizationId, api: &Api) -> Result<(), LeverError> {
    let listed = api.postings().await?;
    let mut postings: BTreeMap<String, PostingWire> = listed.into_iter().map(|p| (p.id.clone(), p)).collect();
    // A list that moves while it is read can skip one: only Lever's own "no" makes a posting gone.
    let known = store::present_postings(&engine.db, organization).await?;
    let missing: Vec<String> = known.into_iter().filter(|id| !postings.contains_key(id)).collect();
    let mut gone = Vec::new();
    for id in missing.into_iter().take(LOOKED_AT) {
        match api.posting_wire(&id).await? {
            Some(posting) => drop(postings.insert(id, posting)),
            None => gone.push(id),
        }
    }
    let associated = postings
        .iter()
        .flat_map(|(id, posting)| posting.associations().into_iter().map(move |(user, kind)| json!([id, user, kind])));
    let associated = json!(associated.collect::<Vec<_>>()).to_string();
    let rows: Vec<_> = postings.into_values().map(posting_row).collect();
    let batch = store::PostingBatch {
        rows: &json!(rows).to_string(),
        associations: &associated,
        gone: &json!(gone.iter().map(|id| [id]).collect::<Vec<_>>()).to_string(),
    };
    let now = engine.clock.now();
    let mut tx = engine.db.write().await?;
    let opened = store::replace_postings(&engine.db, &mut tx, organization, &batch, now).await?;
    invite::catalogue::follow_postings(&mut tx, organization, &opened, now).await?;
    tx.commit().await.map_err(StoreError::from)?;
    engine.wake.notify_one();
    Ok(())
}

fn posting_row(posting: PostingWire) -> serde_json::Value {
    let posting = PostingChoice::from(posting);
    let optional = |text: &Option<String>| text.as_deref().map(clean).filter(|text| !text.is_empty());
    let (team, department) = (optional(&posting.team), optional(&posting.department));
    let (location, code) = (optional(&posting.location), optional(&posting.req_code));
    let title = clean(&posting.title);
    let parts = [Some(title.clone()), team.clone(), department.clone(), location.clone(), code.clone()];
    let search = fold(&parts.into_iter().flatten().collect::<Vec<_>>().join(" "));
    json!([
        posting.id.as_str(),
        title,
        fold(&title),
        search,
        clean(&posting.state),
        team,
        department,
        location,
        code,
        i64::from(posting.confidential),
    ])
}

/// Text as it can be stored and shown.
fn clean(text: &str) -> String {
    text.chars().filter(|c| is_plain(*c)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_means_the_word_itself() {
        assert_eq!(pattern("50%_a\\b"), "%50\\%\\_a\\\\b%");
        assert_eq!(pattern(""), "%%");
    }

    #[test]
    fn a_posting_is_searched_by_all_that_tells_it_apart() {
        let wire = r#"{"id":"p","text":"Software \u202eEngineer\u0000","state":"published","reqCode":"R-12",
            "categories":{"team":"Backend","location":"Zürich","department":null},"confidentiality":"confidential"}"#;
        let row = posting_row(serde_json::from_str(wire).expect("a posting"));
        assert_eq!(row[1], "Software Engineer");
        assert_eq!(row[3], "software engineer backend zürich r-12");
        assert_eq!((&row[6], &row[9]), (&json!(null), &json!(1)));
    }
}
