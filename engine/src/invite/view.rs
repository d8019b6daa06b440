//! What the Candidates tab, the session page and the dashboard show, to whom it may be shown.

use std::time::Duration;

use url::Url;

use super::{
    Detail, Filter, Funnel, Page, Row,
    entity::Invite,
    store::{self, figure, list, visible},
};
use crate::{
    Engine,
    access::{Member, Permission},
    clock::Moment,
    fault::FlowError,
    id::{InviteId, PostingId},
    timeline, verdict,
};

const ROWS: usize = 50;
/// So often a page is read before one that changes all the time is shown as it is.
const READINGS: usize = 4;
const DAY: Duration = Duration::from_secs(24 * 3600);

pub(super) async fn page(engine: &Engine, member: &Member, filter: &Filter) -> Result<Page, FlowError> {
    member.require(Permission::UseCandidates)?;
    let since = filter.days.map(|days| days_ago(engine, days));
    let (rows, next) = list::page(&engine.db, member, filter, since, ROWS).await?;
    let (count, more) = list::count(&engine.db, member, filter, since).await?;
    Ok(Page { rows, next, count, more })
}

pub(super) async fn count(engine: &Engine, member: &Member, filter: &Filter) -> Result<(i64, bool), FlowError> {
    member.require(Permission::UseCandidates)?;
    let since = filter.days.map(|days| days_ago(engine, days));
    Ok(list::count(&engine.db, member, filter, since).await?)
}

pub(super) async fn positions(engine: &Engine, member: &Member) -> Result<Vec<(PostingId, String)>, FlowError> {
    member.require(Permission::UseCandidates)?;
    Ok(figure::positions(&engine.db, member).await?)
}

/// A page is several queries: one of an invite that changed in between is read anew, or it would show one half from
/// before the change and one from after it, and stay so for who hears of no later one.
pub(super) async fn detail(engine: &Engine, member: &Member, id: &InviteId) -> Result<Detail, FlowError> {
    let mut detail = read_detail(engine, member, id).await?;
    for _ in 1..READINGS {
        let now = store::get(&engine.db, &member.organization, id).await?;
        if now.is_none_or(|now| now.version == detail.row.version) {
            break;
        }
        detail = read_detail(engine, member, id).await?;
    }
    Ok(detail)
}

async fn read_detail(engine: &Engine, member: &Member, id: &InviteId) -> Result<Detail, FlowError> {
    if !is_visible(engine, member, id).await? {
        return Err(FlowError::NotFound);
    }
    let invite = store::get(&engine.db, &member.organization, id).await?.ok_or(FlowError::NotFound)?;
    let link = format!("/r/{}", invite.report_token);
    Ok(Detail {
        row: row(&invite),
        report_link: invite.report_url.as_ref().map(|_| engine.settings.address(&link)),
        stage_name: visible::stage_name(&engine.db, member, invite.stage.as_str()).await?,
        timeline: timeline::store::of(&engine.db, &member.organization, id).await?,
        verdicts: verdict::store::of(engine.db.read(), &member.organization, id).await?,
        others: visible::others(&engine.db, member, &invite.contact, id).await?,
        opportunity: invite.opportunity,
        assessment: invite.assessment,
        candidate_email: invite.candidate_email,
        lever_url: invite.lever_url,
        sections: invite.sections,
        integrity: invite.integrity,
        round: invite.round,
        created_at: invite.created_at,
        sent_at: invite.sent_at,
        started_at: invite.started_at,
        completed_at: invite.completed_at,
        expires_at: invite.expires_at,
    })
}

fn row(invite: &Invite) -> Row {
    Row {
        id: invite.id.clone(),
        candidate_name: invite.candidate_name.clone(),
        posting_title: invite.posting_title.clone(),
        assessment_name: invite.assessment_name.clone(),
        state: invite.state,
        reason: invite.reason.clone(),
        score: invite.score,
        verdict: invite.verdict,
        changed_at: invite.changed_at,
        version: invite.version,
    }
}

pub(super) async fn report(engine: &Engine, member: &Member, token: &str) -> Result<Url, FlowError> {
    member.require(Permission::UseCandidates)?;
    let url = visible::report(&engine.db, member, token).await?;
    url.and_then(|url| Url::parse(&url).ok()).ok_or(FlowError::NotFound)
}

pub(super) async fn is_visible(engine: &Engine, member: &Member, id: &InviteId) -> Result<bool, FlowError> {
    member.require(Permission::UseCandidates)?;
    Ok(visible::is_visible(&engine.db, member, id).await?)
}

pub(super) async fn funnel(engine: &Engine, member: &Member, days: i64) -> Result<Funnel, FlowError> {
    member.require(Permission::UseCandidates)?;
    Ok(figure::funnel(&engine.db, member, days_ago(engine, days)).await?)
}

fn days_ago(engine: &Engine, days: i64) -> Moment {
    let days = u32::try_from(days.clamp(1, 3_660)).unwrap_or(1);
    engine.clock.now().before(DAY * days)
}
