//! The set-up as a list of facts, each with its proof; it is the health page, kept for ever.

mod chain;
mod step;
mod store;

use crate::{
    Engine,
    access::Member,
    clock::Moment,
    fault::{FlowError, StoreError},
    id::OrganizationId,
};

/// The steps, in the article's order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepKind {
    Connected,
    WebhookCreated,
    /// A signed ping or event was confirmed by a token we hold.
    Verified,
    /// A real stage change came, which Verified does not prove.
    StageChangesArrive,
    /// A stage to send from: any attached stage, or one named Canditech Stage.
    Stage,
    Provider,
    FirstAttachment,
    FirstInvite,
}

/// Where a step stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepState {
    Done,
    /// The next thing to do.
    Open,
    /// Was true, is not now, or its proof grew old.
    Attention,
}

/// One step with its proof in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    pub kind: StepKind,
    pub state: StepState,
    /// What proves it, or what is missing, as one sentence.
    pub proof: String,
    pub at: Option<Moment>,
}

/// The state of the whole chain, for the line in the frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chain {
    pub well: bool,
    /// "All connected", "Lever was disconnected: 4 candidates wait".
    pub sentence: String,
    pub last_event_at: Option<Moment>,
    /// The banner: only for what stops the product.
    pub stopped: Option<String>,
    /// It is whoever runs the installation who stopped it.
    pub paused: bool,
}

/// A link of the chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Link {
    Lever,
    Provider,
    /// Lever's webhook.
    Webhook,
}

impl Link {
    pub(crate) const ALL: [Self; 3] = [Self::Lever, Self::Provider, Self::Webhook];

    pub(crate) fn slug(self) -> &'static str {
        match self {
            Self::Lever => "lever",
            Self::Provider => "provider",
            Self::Webhook => "webhook",
        }
    }
}

/// The steps as they stand now.
///
/// # Errors
/// When the database fails.
pub async fn checklist(engine: &Engine, member: &Member) -> Result<Vec<Step>, FlowError> {
    Ok(of(engine, &member.organization).await?)
}

/// The steps of an organization, for whoever runs the installation.
pub(crate) async fn of(engine: &Engine, organization: &OrganizationId) -> Result<Vec<Step>, StoreError> {
    let facts = store::facts(&engine.db, organization).await?;
    Ok(step::steps(&facts, engine.clock.now()))
}

/// The chain in one line.
///
/// # Errors
/// When the database fails.
pub async fn chain(engine: &Engine, member: &Member) -> Result<Chain, FlowError> {
    let links = store::links(&engine.db, &member.organization).await?;
    Ok(chain::judge(&links, member, engine.clock.now()))
}

/// A link of the chain that worked and does not any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Broken {
    pub link: Link,
    /// Somebody said so; otherwise no answer came, which may be a hiccup.
    pub is_sure: bool,
}

/// The links of an organization's chain that are broken.
pub(crate) async fn broken(engine: &Engine, organization: &OrganizationId) -> Result<Vec<Broken>, StoreError> {
    let links = store::links(&engine.db, organization).await?;
    Ok(chain::broken(&links, engine.clock.now()))
}
