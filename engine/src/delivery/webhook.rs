//! Lever's webhooks. The signature covers the token and the time, never the data: so each token counts
//! once, old times are refused, and the data is only a hint where to look.

use std::{collections::BTreeMap, time::Duration};

use serde::{Deserialize, de::IgnoredAny};

use super::{
    Received,
    batch::{Kept, NewDelivery, Proof},
    inbox::Deceived,
    is_plain,
    sound::is_sound,
    text,
};
use crate::{
    Engine,
    clock::Moment,
    connection::{self, Endpoint},
    fault::StoreError,
    id::{ContactId, DeliveryId, OpportunityId, OrganizationId},
    invite,
    job::Work,
    lever::WebhookBody,
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

/// What a message must have to be signed at all.
#[derive(Debug, Deserialize)]
struct Signed {
    #[serde(rename = "token")]
    _token: String,
    #[serde(rename = "triggeredAt")]
    _triggered_at: IgnoredAny,
    #[serde(rename = "signature")]
    _signature: String,
}

pub(super) async fn receive(engine: &Engine, address: &str, body: &[u8]) -> Result<Received, StoreError> {
    let Some(text) = text(body).filter(|text| is_sound(text)) else { return Ok(Received::Malformed) };
    // PostgreSQL takes no NUL; and none of ours is like that.
    if !is_plain(address) {
        return Ok(Received::Refused);
    }
    let (Ok(message), Ok(shape)) = (serde_json::from_str::<WebhookBody>(text), serde_json::from_str::<Shape>(text))
    else {
        let is_signed = serde_json::from_str::<Signed>(text).is_ok();
        return if is_signed { Ok(Received::Malformed) } else { refuse_unsigned(engine, address).await };
    };
    if !fields(&message, &shape).all(is_plain) {
        return Ok(Received::Malformed);
    }
    let event = Event { engine, address, message: &message, shape: &shape, text };
    if shape.data.contact_id.is_none() && shape.data.rest.is_empty() {
        return event.count_ping().await;
    }
    if let Some(endpoint) = engine.inbox.remembered.get(address)
        && let Some(received) = event.keep(&endpoint).await?
    {
        return Ok(received);
    }
    let Some(endpoint) = engine.inbox.remembered.read(engine, address).await? else { return Ok(Received::Refused) };
    match event.keep(&endpoint).await? {
        Some(received) => Ok(received),
        None => Ok(refuse(engine, &endpoint).await),
    }
}

/// What no token can confirm is refused as what none does.
async fn refuse_unsigned(engine: &Engine, address: &str) -> Result<Received, StoreError> {
    match engine.inbox.remembered.read(engine, address).await? {
        Some(endpoint) => Ok(refuse(engine, &endpoint).await),
        None => Ok(Received::Refused),
    }
}

/// Counts what no token confirms. Refused it is in any case.
async fn refuse(engine: &Engine, endpoint: &Endpoint) -> Received {
    let deceived = Deceived::Connection(endpoint.organization.clone());
    if let Err(error) = engine.inbox.refuse(deceived, engine.clock.now()).await {
        tracing::warn!(%error, "a refused webhook was not counted");
    }
    Received::Refused
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

/// A message that reads like one of Lever's, and where it came.
struct Event<'a> {
    engine: &'a Engine,
    address: &'a str,
    message: &'a WebhookBody,
    shape: &'a Shape,
    text: &'a str,
}

impl Event<'_> {
    async fn count_ping(&self) -> Result<Received, StoreError> {
        let endpoint = connection::signature_tokens(self.engine, self.address).await?;
        let Some(endpoint) = endpoint else { return Ok(Received::Refused) };
        let confirmed_by = endpoint.confirming(self.message);
        connection::record_ping(self.engine, &endpoint.organization, confirmed_by, self.message).await?;
        Ok(Received::Ping)
    }

    /// Keeps the message, if a token of the endpoint's confirms it and stands when it is written.
    async fn keep(&self, endpoint: &Endpoint) -> Result<Option<Received>, StoreError> {
        let now = self.engine.clock.now();
        let Some(webhook) = endpoint.confirming(self.message).filter(|_| is_timely(self.message, now)) else {
            return Ok(None);
        };
        let proof = Proof::Token { webhook: webhook.clone(), endpoint: self.address.to_owned() };
        let new = self.delivery(endpoint, proof, now).await?;
        Ok(match self.engine.inbox.keep(new).await? {
            Kept::New => Some(Received::Accepted),
            Kept::Known => Some(Received::Repeated),
            Kept::Unconfirmed => None,
        })
    }

    async fn delivery(&self, endpoint: &Endpoint, proof: Proof, now: Moment) -> Result<NewDelivery, StoreError> {
        let organization = &endpoint.organization;
        let (opportunities, ignored) = match self.about(organization).await? {
            About::Opportunities(ids) => (ids, None),
            About::Nothing(why) => (Vec::new(), Some(why)),
        };
        Ok(NewDelivery {
            id: DeliveryId::new(),
            organization: organization.clone(),
            proof,
            // The signature covers the token and the moment together.
            dedup_key: self.message.triggered_at_text()
                + &random::digest(&format!("{organization}|{}", self.message.token)),
            twin_key: self.twin(organization),
            event: self.message.event.clone(),
            subject: opportunities.first().map(|id| id.as_str().to_owned()),
            body: self.text.to_owned(),
            received_at: now,
            ignored,
            work: opportunities.into_iter().map(|opportunity| Work::Reconcile { opportunity }).collect(),
        })
    }

    async fn about(&self, organization: &OrganizationId) -> Result<About, StoreError> {
        match self.message.event.as_str() {
            "candidateStageChange"
            | "candidateArchiveChange"
            | "candidateDeleted"
            | "applicationCreated"
            | "candidateHired" => Ok(self
                .message
                .data
                .opportunity_id
                .as_deref()
                .map_or(About::Nothing("Names no opportunity"), |id| About::Opportunities(vec![id.into()]))),
            "contactCreated" | "contactUpdated" => {
                let Some(contact) = self.shape.data.contact_id.as_deref() else {
                    return Ok(About::Nothing("Names no contact"));
                };
                let contact = ContactId::from(contact);
                let ours = invite::opportunities_of_contact(&self.engine.db, organization, &contact).await?;
                Ok(if ours.is_empty() { About::Nothing("Nobody we invited") } else { About::Opportunities(ours) })
            }
            _ => Ok(About::Nothing("Not an event we act on")),
        }
    }

    /// The same stage change may come again under a fresh token.
    fn twin(&self, organization: &OrganizationId) -> Option<String> {
        let data = &self.message.data;
        let (opportunity, stage) = (data.opportunity_id.as_ref()?, data.to_stage_id.as_ref()?);
        let at = self.message.triggered_at_text();
        let change = format!("{organization}|{}|{opportunity}|{stage}|{at}", self.message.event);
        Some(at + &random::digest(&change))
    }
}
