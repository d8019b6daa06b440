//! Looking up anybody in Lever: what is decided about each of their opportunities, and why. The decision
//! is the one that sends. Nothing is sent or written, and whom a person may not see is not found: the
//! answer, and the calls it takes, are those for somebody who is not there.

mod query;
mod sight;
mod words;

use std::collections::{BTreeMap, HashMap};

use self::{query::Query, sight::Sight};
use super::{
    AttachmentRow, Decided, Outlook,
    decision::{self, Answer, Attachment, Given, Reason, Start},
    store,
};
use crate::{
    Engine,
    access::{Member, Permission},
    fault::{FlowError, Refusal},
    id::{AttachmentId, PostingId, StageId},
    invite::{self, Row, WaitingFor},
    lever::{self, Api, LeverError, Opportunity, Person},
};

pub(super) async fn look_up(engine: &Engine, member: &Member, text: &str) -> Result<Vec<Outlook>, FlowError> {
    member.require(Permission::UseCandidates)?;
    let query = query::parse(text).ok_or(FlowError::Refused(Refusal::LookUp))?;
    let sight = Sight::of(engine, member).await?;
    let found = ask(engine, member, query, &sight).await?;
    if found.is_empty() {
        return Ok(Vec::new());
    }
    let desk = Desk::open(engine, member, sight).await?;
    let mut outlooks = Vec::new();
    for opportunity in found {
        outlooks.push(desk.outlook(opportunity).await?);
    }
    Ok(outlooks)
}

/// Asks Lever once, or a second time when an id names no opportunity: it may be the person's.
async fn ask(engine: &Engine, member: &Member, query: Query, sight: &Sight) -> Result<Vec<Opportunity>, FlowError> {
    let api = Api::new(engine, &member.organization);
    let person = match query {
        Query::Email(email) => Person::Email(email),
        Query::Id(id) => {
            let read = none_if_unknown(api.opportunity(&id.as_str().into()).await)?;
            if let Some(found) = read.map(|(found, _)| found).filter(|found| sight.shows(found)) {
                return Ok(vec![found]);
            }
            Person::Contact(id.into())
        }
    };
    let found = none_if_unknown(api.opportunities_of(&person).await)?.unwrap_or_default();
    // Lever's list may repeat one that moves while it is read.
    let shown: BTreeMap<_, _> =
        found.into_iter().filter(|found| sight.shows(found)).map(|found| (found.id.clone(), found)).collect();
    Ok(shown.into_values().collect())
}

/// What Lever does not have, or cannot be an id or address to it, names nobody.
fn none_if_unknown<T>(read: Result<T, LeverError>) -> Result<Option<T>, FlowError> {
    match read {
        Ok(found) => Ok(Some(found)),
        Err(LeverError::NotFound | LeverError::Refused { status: 400 | 422 }) => Ok(None),
        Err(LeverError::NotConnected) => Err(FlowError::NotConnected),
        Err(error) => Err(error.into()),
    }
}

/// What the decision and its words need, read once for all opportunities.
struct Desk<'a> {
    engine: &'a Engine,
    member: &'a Member,
    sight: Sight,
    attachments: Vec<Attachment>,
    rows: HashMap<AttachmentId, AttachmentRow>,
    stages: HashMap<StageId, String>,
}

impl<'a> Desk<'a> {
    async fn open(engine: &'a Engine, member: &'a Member, sight: Sight) -> Result<Self, FlowError> {
        let organization = &member.organization;
        let rows = store::shown(&engine.db, organization).await?;
        let stages = lever::stages(engine, organization).await?;
        Ok(Self {
            engine,
            member,
            sight,
            attachments: store::everywhere(&engine.db, organization).await?,
            rows: rows.into_iter().map(|row| (row.id.clone(), row)).collect(),
            stages: stages.into_iter().map(|stage| (stage.id, stage.name)).collect(),
        })
    }

    async fn outlook(&self, opportunity: Opportunity) -> Result<Outlook, FlowError> {
        let (db, organization) = (&self.engine.db, &self.member.organization);
        let had = invite::given(db, organization, &opportunity.id, opportunity.entered_stage_at).await?;
        let invites = invite::seen::of_opportunity(db, self.member, &opportunity.id).await?;
        let decided = decision::decide(&opportunity, &self.attachments, &had, None);
        let mut decided: Vec<Decided> =
            decided.into_iter().filter_map(|(it, answer)| self.decided(&opportunity, it, answer, &invites)).collect();
        decided.sort_by_key(|decided| !decided.on_stage);
        Ok(Outlook {
            positions: self.titles(&opportunity.postings).await?,
            stage_name: self.stages.get(&opportunity.stage).unwrap_or(&opportunity.stage.0).clone(),
            opportunity: opportunity.id,
            name: opportunity.name,
            entered_at: opportunity.entered_stage_at,
            archived: opportunity.archived,
            url: opportunity.url,
            decided,
            invites: invites.into_iter().map(|(_, row)| row).collect(),
        })
    }

    async fn titles(&self, postings: &[PostingId]) -> Result<Vec<String>, FlowError> {
        let mut titles = Vec::new();
        for id in postings {
            let known = lever::posting(self.engine, &self.member.organization, id).await?;
            titles.push(known.map_or_else(|| id.0.clone(), |posting| posting.title));
        }
        Ok(titles)
    }

    /// One attachment's answer in words; `None` for one whose position this person may not know of.
    fn decided(
        &self,
        opportunity: &Opportunity,
        attachment: &Attachment,
        answer: Answer,
        invites: &[(Given, Row)],
    ) -> Option<Decided> {
        let row = self.rows.get(&attachment.id)?;
        let is_theirs =
            |posting: &PostingId| opportunity.postings.contains(posting) || self.sight.shows_posting(posting);
        if !attachment.posting.as_ref().is_none_or(is_theirs) {
            return None;
        }
        let given = invites
            .iter()
            .find(|((account, assessment), _)| *account == attachment.account && *assessment == attachment.assessment);
        let existing = given.map(|(_, invite)| invite);
        let answer = self.unless_late(opportunity, answer);
        let (why, next) = words::of(answer, row, existing);
        Some(Decided {
            attachment: row.id.clone(),
            position: row.posting.as_ref().map(|id| row.posting_title.clone().unwrap_or_else(|| id.0.clone())),
            stage_name: row.stage_name.clone(),
            assessment_name: row.assessment_name.clone(),
            on_stage: attachment.stage == opportunity.stage,
            matches: matches!(answer, Answer::Match(_)),
            why,
            next,
            invite: existing.filter(|_| answer == Answer::No(Reason::HasItAlready)).map(|invite| invite.id.clone()),
        })
    }

    fn unless_late(&self, opportunity: &Opportunity, answer: Answer) -> Answer {
        let late = invite::reconcile::is_late(opportunity.entered_stage_at, self.engine.clock.now());
        match answer {
            Answer::Match(Start::Now) if late => Answer::Match(Start::Waits(WaitingFor::Approval)),
            answer => answer,
        }
    }
}
