//! Reading the log, exporting it, and going along its chain.

use serde_json::{Value, json};

use super::{
    Action, By, Deed, Entry, Filter, Verified,
    chain::{self, Fault},
    record,
    store::{self, From},
};
use crate::{
    Engine,
    access::{Member, Permission},
    db::Db,
    fault::{FlowError, StoreError},
    id::{AuditId, OrganizationId},
    organization,
};

/// How many entries or links are read at a time.
const AT_ONCE: i64 = 1000;
/// After every id.
const NEWEST: &str = "aud_~";

pub(super) async fn page(
    engine: &Engine,
    member: &Member,
    filter: &Filter,
    before: Option<&AuditId>,
    most: i64,
) -> Result<Vec<Entry>, FlowError> {
    member.require(Permission::ReadAudit)?;
    let from = From::Before(before.map_or(NEWEST, AuditId::as_str));
    Ok(store::entries(&engine.db, &member.organization, filter, from, most).await?)
}

pub(super) async fn begin_export(engine: &Engine, member: &Member) -> Result<(), FlowError> {
    member.require(Permission::ReadAudit)?;
    let now = engine.clock.now();
    let mut tx = engine.db.write().await?;
    record(&mut tx, member, &Deed::plain(Action::AuditExported, member.organization.as_str()), now).await?;
    tx.commit().await?;
    Ok(())
}

pub(super) async fn export_some(
    engine: &Engine,
    member: &Member,
    filter: &Filter,
    after: Option<&AuditId>,
) -> Result<Option<(String, AuditId)>, FlowError> {
    member.require(Permission::ReadAudit)?;
    let from = From::After(after.map_or("", AuditId::as_str));
    let entries = store::entries(&engine.db, &member.organization, filter, from, AT_ONCE).await?;
    let Some(last) = entries.last().map(|entry| entry.id.clone()) else { return Ok(None) };
    Ok(Some((entries.iter().map(line).collect(), last)))
}

/// An entry as a line of JSON. Ids only: whose they are is in the list of people.
fn line(entry: &Entry) -> String {
    let facts = |facts: &Option<String>| facts.as_deref().map(|text| serde_json::from_str(text).unwrap_or(Value::Null));
    let (by, user) = match &entry.by {
        By::Person(user) => ("person", Some(user.as_str())),
        By::Terminal => ("terminal", None),
        By::Lever => ("lever", None),
        By::Provider => ("provider", None),
    };
    let (number, hash) = entry.sealed.clone().unzip();
    let line = json!({
        "id": entry.id, "at": entry.at.rfc3339(), "by": by, "user": user, "from": entry.from,
        "area": entry.area.slug(), "action": entry.action, "subject": entry.subject,
        "before": facts(&entry.before), "after": facts(&entry.after), "number": number, "hash": hash,
    });
    format!("{line}\n")
}

pub(super) async fn verify(engine: &Engine, member: &Member) -> Result<Verified, FlowError> {
    member.require(Permission::ReadAudit)?;
    Ok(along(&engine.db, &member.organization).await?)
}

pub(super) async fn verify_all(engine: &Engine) -> Result<Vec<(String, Verified)>, StoreError> {
    let mut all = Vec::new();
    for (id, name) in organization::all_ever(&engine.db).await? {
        all.push((name, along(&engine.db, &id).await?));
    }
    Ok(all)
}

async fn along(db: &Db, organization: &OrganizationId) -> Result<Verified, StoreError> {
    // Read first: what is sealed meanwhile is only more.
    let (end, end_hash) = store::chain_end(db, organization).await?;
    let (mut number, mut hash) = (0, chain::BEGINNING.to_owned());
    let mut hash_at_end = hash.clone();
    let broken = |entries, head, number, fault| Ok(Verified { entries, head, fault: Some((number, fault)) });
    loop {
        let links = store::links(db, organization, number, AT_ONCE).await?;
        if links.is_empty() {
            break;
        }
        for link in links {
            let (at, sealed) = (link.number, link.hash.clone());
            if at != number + 1 {
                return broken(number, hash, number + 1, Fault::Gap);
            }
            let Some(entry) = link.entry(organization) else { return broken(number, hash, at, Fault::Gone) };
            if chain::next(&hash, at, &entry) != sealed {
                return broken(number, hash, at, Fault::Changed);
            }
            (number, hash) = (at, sealed);
            if number == end {
                hash_at_end.clone_from(&hash);
            }
        }
    }
    if number < end || hash_at_end != end_hash {
        return broken(number, hash, end, Fault::CutOff);
    }
    Ok(Verified { entries: number, head: hash, fault: None })
}
