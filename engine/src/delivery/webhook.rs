//! Lever's webhooks. The signature covers the token and the time, never the data: so it is judged before the
//! data is read, each token counts once, old times are refused, and the data is only a hint where to look.

use std::{collections::BTreeMap, time::Duration};

use serde::{Deserialize, de::IgnoredAny};

use super::{
    Received,
    batch::{Kept, NewDelivery, Proof},
    is_plain,
    refused::Deceived,
    sound::is_sound,
    text,
};
use crate::{
    Engine,
    clock::Moment,
    connection::{self, Endpoint},
    fault::StoreError,
    id::{ContactId, DeliveryId, OpportunityId, OrganizationId, WebhookId},
    invite,
    job::Work,
    lever::{SignedPart, WebhookBody},
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

pub(super) async fn receive(engine: &Engine, address: &str, body: &[u8]) -> Result<Received, StoreError> {
    let Some(text) = text(body) else { return Ok(Received::Malformed) };
    // PostgreSQL takes no NUL; and none of ours is like that.
    if !is_plain(address) {
        return Ok(Received::Refused);
    }
    let signed = match serde_json::from_str::<SignedPart>(text) {
        Ok(signed) => signed,
        Err(error) if error.is_data() => return refuse_unsigned(engine, address).await,
        Err(_) => return Ok(Received::Malformed),
    };
    let remembered = engine.inbox.remembered.get(address);
    if let Some(webhook) = remembered.as_deref().and_then(|endpoint| endpoint.confirming(&signed)) {
        let Some(said) = Said::read(text, &signed) else { return Ok(Received::Malformed) };
        let event = Event { engine, address, signed: &signed, said: &said, text };
        if !said.is_ping()
            && let Some(endpoint) = &remembered
            && let Some(received) = event.keep(endpoint, webhook).await?
        {
            return Ok(received);
        }
    }
    let Some(endpoint) = engine.inbox.remembered.read(engine, address).await? else { return Ok(Received::Refused) };
    let webhook = endpoint.confirming(&signed);
    // What no token confirms is read on for one thing: Lever's first ping comes before its token is known.
    match (webhook, Said::read(text, &signed)) {
        (_, Some(said)) if said.is_ping() => {
            connection::record_ping(engine, &endpoint.organization, webhook, &signed).await?;
            Ok(Received::Ping)
        }
        (Some(webhook), Some(said)) => {
            let event = Event { engine, address, signed: &signed, said: &said, text };
            Ok(event.keep(&endpoint, webhook).await?.unwrap_or_else(|| refuse(engine, &endpoint)))
        }
        (Some(_), None) => Ok(Received::Malformed),
        (None, _) => Ok(refuse(engine, &endpoint)),
    }
}

/// What no token can confirm is refused as what none does.
async fn refuse_unsigned(engine: &Engine, address: &str) -> Result<Received, StoreError> {
    let endpoint = engine.inbox.remembered.read(engine, address).await?;
    Ok(endpoint.map_or(Received::Refused, |endpoint| refuse(engine, &endpoint)))
}

fn refuse(engine: &Engine, endpoint: &Endpoint) -> Received {
    engine.inbox.refused.count(Deceived::Connection(endpoint.organization.clone()), engine.clock.now());
    Received::Refused
}

fn is_timely(signed: &SignedPart, now: Moment) -> bool {
    signed.triggered().is_some_and(|at| at >= now.before(OLDEST) && at <= now.after(FURTHEST_AHEAD))
}

/// What a message says beside what is signed.
struct Said {
    body: WebhookBody,
    data: Data,
}

impl Said {
    /// `None` where it is not sound, is no message of Lever's, or holds what can be no id.
    fn read(text: &str, signed: &SignedPart) -> Option<Self> {
        let body: WebhookBody = Some(text).filter(|text| is_sound(text)).map(serde_json::from_str)?.ok()?;
        let Shape { data } = serde_json::from_str(text).ok()?;
        let ids = [&body.data.opportunity_id, &body.data.to_stage_id, &data.contact_id];
        let at = signed.triggered_at_text();
        let all = [&body.event, &signed.token, &signed.signature, &at].into_iter().chain(ids.into_iter().flatten());
        let is_plain = all.map(String::as_str).all(is_plain);
        is_plain.then_some(Self { body, data })
    }

    fn is_ping(&self) -> bool {
        self.data.contact_id.is_none() && self.data.rest.is_empty()
    }
}

/// What an event is about.
enum About {
    Opportunities(Vec<OpportunityId>),
    Nothing(&'static str),
}

/// A message that a token confirms, and where it came.
struct Event<'a> {
    engine: &'a Engine,
    address: &'a str,
    signed: &'a SignedPart,
    said: &'a Said,
    text: &'a str,
}

impl Event<'_> {
    /// Keeps the message, if it is of these days and the token that confirms it stands when it is written.
    async fn keep(&self, endpoint: &Endpoint, webhook: &WebhookId) -> Result<Option<Received>, StoreError> {
        let now = self.engine.clock.now();
        if !is_timely(self.signed, now) {
            return Ok(None);
        }
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
            dedup_key: self.signed.triggered_at_text()
                + &random::digest(&format!("{organization}|{}", self.signed.token)),
            twin_key: self.twin(organization),
            event: self.said.body.event.clone(),
            subject: opportunities.first().map(|id| id.as_str().to_owned()),
            body: self.text.to_owned(),
            received_at: now,
            ignored,
            work: opportunities.into_iter().map(|opportunity| Work::Reconcile { opportunity }).collect(),
        })
    }

    async fn about(&self, organization: &OrganizationId) -> Result<About, StoreError> {
        match self.said.body.event.as_str() {
            "candidateStageChange"
            | "candidateArchiveChange"
            | "candidateDeleted"
            | "applicationCreated"
            | "candidateHired" => Ok(self
                .said
                .body
                .data
                .opportunity_id
                .as_deref()
                .map_or(About::Nothing("Names no opportunity"), |id| About::Opportunities(vec![id.into()]))),
            "contactCreated" | "contactUpdated" => {
                let Some(contact) = self.said.data.contact_id.as_deref() else {
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
        let data = &self.said.body.data;
        let (opportunity, stage) = (data.opportunity_id.as_ref()?, data.to_stage_id.as_ref()?);
        let at = self.signed.triggered_at_text();
        let change = format!("{organization}|{}|{opportunity}|{stage}|{at}", self.said.body.event);
        Some(at + &random::digest(&change))
    }
}
