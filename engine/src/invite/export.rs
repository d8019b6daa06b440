//! All that is held about one candidate, for the candidate who asks, as JSON.

mod held;

use serde_json::{Value, json};

use super::{store, view};
use crate::{
    Engine,
    access::{Member, Permission},
    audit::{self, Action, Deed},
    fault::FlowError,
    id::InviteId,
};

pub(super) async fn export(engine: &Engine, member: &Member, id: &InviteId) -> Result<String, FlowError> {
    member.require(Permission::ExportCandidates)?;
    if !view::is_visible(engine, member, id).await? {
        return Err(FlowError::NotFound);
    }
    let invite = store::get(&engine.db, &member.organization, id).await?.ok_or(FlowError::NotFound)?;
    let mut tx = engine.db.write().await?;
    let deed = Deed::plain(Action::CandidateExported, id.as_str());
    audit::record(&mut tx, member, &deed, engine.clock.now()).await?;
    tx.commit().await?;
    let mut all = serde_json::Map::new();
    for (name, statement) in held::OF_A_CONTACT {
        let rows = held::rows(&engine.db, statement, &member.organization, &invite.contact).await?;
        all.insert(name.to_owned(), Value::Array(rows));
    }
    let exported = json!({
        "organization": member.organization_name,
        "exported_at": engine.clock.now().rfc3339(),
        "times": "unix milliseconds",
        "held": all,
    });
    Ok(serde_json::to_string_pretty(&exported).expect("rows are plain data"))
}
