//! Lever's webhooks. The signature covers the token and the time, never the data: so each token counts
//! once, old times are refused, and the data is only a hint where to look.

use std::{collections::BTreeMap, time::Duration};

use serde::{Deserialize, de::IgnoredAny};

use super::{Received, is_plain, store, store::NewDelivery, text};
use crate::{
    Engine,
    clock::Moment,
    connection::{self, Endpoint},
    fault::StoreError,
    id::{ContactId, DeliveryId, OpportunityId, WebhookId},
    invite,
    job::{self, Work},
    lever::WebhookBody,
    live::Change,
    random,
};

/// Lever repeats for hours; what is older is replayed.
const OLDEST: Duration = Duration::from_secs(72 * 3600);
const FURTHEST_AHEAD: Duration = Duration::from_secs(24 * 3600);

/// What the data holds beyond the hints: only whether it holds anything, and the contact.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Data {
    contact_id: Option<String>,
    #[serde(flatten)]
    rest: BTreeMap<String, IgnoredAny>,
}

#[derive(Debug, Deserialize)]
struct Shape {
    #[serde(default)]
    data: Data,
}

pub(super) async fn receive(engine: &Engine, endpoint: &str, body: &[u8]) -> Result<Received, StoreError> {
    let Some(text) = text(body) else { return Ok(Received::Malformed) };
    let (Ok(message), Ok(shape)) = (serde_json::from_str::<WebhookBody>(text), serde_json::from_str::<Shape>(text))
    else {
        return Ok(Received::Malformed);
    };
    if !fields(&message, &shape).all(is_plain) {
        return Ok(Received::Malformed);
    }
    let Some(endpoint) = connection::signature_tokens(engine, endpoint).await? else { return Ok(Received::Refused) };
    let confirmed_by = endpoint.confirming(&message);
    if shape.data.contact_id.is_none() && shape.data.rest.is_empty() {
        connection::record_ping(engine, &endpoint.organization, confirmed_by, &message).await?;
        return Ok(Received::Ping);
    }
    match confirmed_by {
        Some(webhook) if is_timely(&message, engine.clock.now()) => {
            keep(engine, &endpoint, webhook, &message, &shape, text).await
        }
        Some(_) | None => {
            connection::record_refused(engine, &endpoint.organization).await?;
            Ok(Received::Refused)
        }
    }
}

fn fields<'a>(message: &'a WebhookBody, shape: &'a Shape) -> impl Iterator<Item = &'a str> {
    let ids = [&message.data.opportunity_id, &message.data.to_stage_id, &shape.data.contact_id];
    [message.event.as_str(), message.token.as_str()].into_iter().chain(ids.into_iter().flatten().map(String::as_str))
}

fn is_timely(message: &WebhookBody, now: Moment) -> bool {
    message.triggered().is_some_and(|at| at >= now.before(OLDEST) && at <= now.after(FURTHEST_AHEAD))
}

/// What an event is about.
enum About {
    Opportunities(Vec<OpportunityId>),
    Nothing(&'static str),
}

async fn about(
    engine: &Engine,
    endpoint: &Endpoint,
    message: &WebhookBody,
    shape: &Shape,
) -> Result<About, StoreError> {
    match message.event.as_str() {
        "candidateStageChange"
        | "candidateArchiveChange"
        | "candidateDeleted"
        | "applicationCreated"
        | "candidateHired" => Ok(message
            .data
            .opportunity_id
            .as_deref()
            .map_or(About::Nothing("Names no opportunity"), |id| About::Opportunities(vec![id.into()]))),
        "contactCreated" | "contactUpdated" => {
            let Some(contact) = shape.data.contact_id.as_deref() else { return Ok(About::Nothing("Names no contact")) };
            let ours =
                invite::opportunities_of_contact(&engine.db, &endpoint.organization, &ContactId::from(contact)).await?;
            Ok(if ours.is_empty() { About::Nothing("Nobody we invited") } else { About::Opportunities(ours) })
        }
        _ => Ok(About::Nothing("Not an event we act on")),
    }
}

async fn keep(
    engine: &Engine,
    endpoint: &Endpoint,
    webhook: &WebhookId,
    message: &WebhookBody,
    shape: &Shape,
    text: &str,
) -> Result<Received, StoreError> {
    let now = engine.clock.now();
    let organization = &endpoint.organization;
    let about = about(engine, endpoint, message, shape).await?;
    let (opportunities, ignored) = match about {
        About::Opportunities(ids) => (ids, None),
        About::Nothing(why) => (Vec::new(), Some(why)),
    };
    let delivery = NewDelivery {
        id: DeliveryId::new(),
        source: "lever",
        dedup_key: random::digest(&format!("{organization}|{}", message.token)),
        twin_key: twin(endpoint, message),
        event: &message.event,
        subject: opportunities.first().map(OpportunityId::as_str),
        body: text,
        ignored,
    };
    let mut tx = engine.db.write().await?;
    if !store::insert(&mut tx, organization, &delivery, now).await? {
        return Ok(Received::Repeated);
    }
    connection::record_event(&mut tx, organization, webhook, now).await?;
    for opportunity in &opportunities {
        let work = Work::Reconcile { opportunity: opportunity.clone() };
        job::enqueue(&mut tx, organization, &work, now, Some(&delivery.id)).await?;
    }
    tx.commit().await?;
    engine.wake.notify_one();
    engine.live.tell(organization, Change::SetUp);
    Ok(Received::Accepted)
}

/// The same stage change may come again under a fresh token.
fn twin(endpoint: &Endpoint, message: &WebhookBody) -> Option<String> {
    let (opportunity, stage) = (message.data.opportunity_id.as_ref()?, message.data.to_stage_id.as_ref()?);
    let at = message.triggered_at_text();
    Some(random::digest(&format!("{}|{}|{opportunity}|{stage}|{at}", endpoint.organization, message.event)))
}
