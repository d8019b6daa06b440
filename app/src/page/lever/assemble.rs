//! Puts the Lever page's view model together; on the server only.

use engine::{
    Engine,
    access::{self, Member, Permission, Role},
    attachment::{self, AttachmentRow, AttachmentState},
    checklist::{self, Step},
    clock::Moment,
    connection::{self, ConnectionState, Overview, WebhookRow},
    erasure::{self, Months},
    fault::FlowError,
    lever,
    note::{self, Choice, Start, Unsent},
};

use super::view::{
    AttachmentLine, AttachmentTrouble, ConnectionView, HookFound, LeverView, Link, NotOffered, NotesView, ScopeView,
    ShareView, StepKind, StepState, StepView, TokenView, WebhookFacts,
};
use crate::{problem::Problem, time};

/// People are warned of the consent's end this long before it.
const CONSENT_WARNING: std::time::Duration = std::time::Duration::from_secs(30 * 24 * 60 * 60);

/// The whole page.
pub(super) async fn lever_view(engine: &Engine, member: &Member) -> Result<LeverView, Problem> {
    let overview = connection::overview(engine, member).await?;
    let steps = checklist::checklist(engine, member).await?;
    let attachments = match &overview {
        Some(_) => attachment::list(engine, member).await?,
        None => Vec::new(),
    };
    let ours = lever::share(engine, member).await.map_err(FlowError::from)?;
    let share = ShareView { ours, levers: lever::LEVERS_OWN };
    let chain = checklist::chain(engine, member).await?;
    let diagnostic = diagnostic(overview.as_ref(), &steps, attachments.len(), engine.clock.now());
    Ok(LeverView {
        may_connect: member.may(Permission::ManageConnection),
        managers: managers(engine, member).await?,
        scopes: scopes(overview.as_ref().map_or(&[], |overview| overview.scopes.as_slice())),
        connection: overview.map(|overview| connection_view(engine, member, overview, share)),
        chain: chain.sentence,
        notes: note::chosen(engine, member).await?.into(),
        kept_months: erasure::kept_for(engine, member).await?.map(Months::get),
        steps: steps.into_iter().map(StepView::from).collect(),
        attachments: attachments.into_iter().map(AttachmentLine::from).collect(),
        diagnostic,
    })
}

impl From<Choice> for NotesView {
    fn from(choice: Choice) -> Self {
        Self { only_completed: choice.start == Start::Completed, unsent: choice.unsent == Unsent::Told }
    }
}

impl From<NotesView> for Choice {
    fn from(notes: NotesView) -> Self {
        Self {
            start: if notes.only_completed { Start::Completed } else { Start::Sent },
            unsent: if notes.unsent { Unsent::Told } else { Unsent::NotTold },
        }
    }
}

/// The Super Admins here, by name.
pub(crate) async fn managers(engine: &Engine, member: &Member) -> Result<Vec<String>, FlowError> {
    let team = access::team(engine, member).await?;
    Ok(team.into_iter().filter(|row| row.role == Some(Role::SuperAdmin)).map(|row| row.name).collect())
}

fn connection_view(engine: &Engine, member: &Member, overview: Overview, share: ShareView) -> ConnectionView {
    let webhook = webhook_facts(member, &overview);
    ConnectionView {
        link: overview.state.into(),
        reason: overview.state_reason,
        link_at: overview.state_at.0,
        account: overview.account_name,
        connected_by: overview.connected_by,
        connected_at: overview.connected_at.0,
        consent_ends_at: overview.consent_ends_at.0,
        consent_ends_soon: overview.consent_ends_at <= engine.clock.now().after(CONSENT_WARNING),
        synced_at: millis(overview.synced_at),
        sync_error: overview.sync_error,
        share,
        webhook,
    }
}

fn webhook_facts(member: &Member, overview: &Overview) -> WebhookFacts {
    WebhookFacts {
        url: member.may(Permission::ManageConnection).then(|| overview.webhook_url.clone()),
        tokens: overview.webhooks.iter().map(token_view).collect(),
        last_ping_at: millis(overview.last_ping_at),
        last_ping_verified: overview.last_ping_verified,
        last_event_at: millis(overview.last_event_at),
        gap_at: millis(overview.gap_at),
        found: overview.hooks_found.map(|(found, at)| (found.into(), at.0)),
        last_refused_at: millis(overview.last_refused_at),
        refused: overview.refused_count,
    }
}

fn token_view(row: &WebhookRow) -> TokenView {
    TokenView {
        id: row.id.to_string(),
        made_by_api: row.made_by_api,
        by: row.created_by.clone(),
        at: row.created_at.0,
        verified_at: millis(row.verified_at),
    }
}

fn scopes(granted: &[String]) -> Vec<ScopeView> {
    let view = |(scope, words): &(&str, &str)| ScopeView {
        scope: (*scope).to_owned(),
        words: (*words).to_owned(),
        granted: granted.iter().any(|one| one == scope),
    };
    connection::SCOPES.iter().map(view).collect()
}

fn millis(at: Option<Moment>) -> Option<i64> {
    at.map(|at| at.0)
}

impl From<ConnectionState> for Link {
    fn from(state: ConnectionState) -> Self {
        match state {
            ConnectionState::Connected => Self::Connected,
            ConnectionState::Revoked => Self::Revoked,
            ConnectionState::Disconnected => Self::Disconnected,
        }
    }
}

impl From<connection::HookFound> for HookFound {
    fn from(found: connection::HookFound) -> Self {
        match found {
            connection::HookFound::InOrder => Self::InOrder,
            connection::HookFound::Missing => Self::Missing,
            connection::HookFound::Elsewhere => Self::Elsewhere,
            connection::HookFound::Narrowed => Self::Narrowed,
            connection::HookFound::ByHand => Self::ByHand,
            connection::HookFound::Forbidden => Self::Forbidden,
        }
    }
}

impl From<Step> for StepView {
    fn from(step: Step) -> Self {
        Self { kind: step.kind.into(), state: step.state.into(), proof: step.proof, at: millis(step.at) }
    }
}

impl From<checklist::StepKind> for StepKind {
    fn from(kind: checklist::StepKind) -> Self {
        match kind {
            checklist::StepKind::Connected => Self::Connected,
            checklist::StepKind::WebhookCreated => Self::WebhookCreated,
            checklist::StepKind::Verified => Self::Verified,
            checklist::StepKind::StageChangesArrive => Self::StageChangesArrive,
            checklist::StepKind::Stage => Self::Stage,
            checklist::StepKind::Provider => Self::Provider,
            checklist::StepKind::FirstAttachment => Self::FirstAttachment,
            checklist::StepKind::FirstInvite => Self::FirstInvite,
        }
    }
}

impl From<checklist::StepState> for StepState {
    fn from(state: checklist::StepState) -> Self {
        match state {
            checklist::StepState::Done => Self::Done,
            checklist::StepState::Open => Self::Open,
            checklist::StepState::Attention => Self::Attention,
        }
    }
}

impl From<AttachmentRow> for AttachmentLine {
    fn from(row: AttachmentRow) -> Self {
        let trouble = trouble(&row);
        Self {
            id: row.id.to_string(),
            position: row.posting.map(|id| row.posting_title.unwrap_or_else(|| id.to_string())),
            stage: row.stage_name,
            assessment: row.assessment_name,
            is_paused: row.state == AttachmentState::Paused,
            trouble,
            valid_days: row.valid_days,
            invites: row.invites,
            version: row.version,
        }
    }
}

impl From<attachment::NotOffered> for NotOffered {
    fn from(why: attachment::NotOffered) -> Self {
        match why {
            attachment::NotOffered::Deleted => Self::Deleted,
            attachment::NotOffered::Archived => Self::Archived,
            attachment::NotOffered::Draft => Self::Draft,
        }
    }
}

fn trouble(row: &AttachmentRow) -> Option<AttachmentTrouble> {
    let is_open = |state: &String| matches!(state.as_str(), "published" | "internal");
    if row.stage_gone {
        return Some(AttachmentTrouble::StageGone);
    }
    if let Some(why) = row.not_offered {
        return Some(AttachmentTrouble::NotOffered(why.into()));
    }
    row.posting_state.clone().filter(|state| !is_open(state)).map(AttachmentTrouble::PositionNotOpen)
}

/// Facts for support: states, times and counts only.
fn diagnostic(overview: Option<&Overview>, steps: &[Step], attachments: usize, now: Moment) -> String {
    let mut lines = vec![
        format!("Candilever {}, {}", env!("CARGO_PKG_VERSION"), time::rfc3339(now.0)),
        format!("Lever: {}", overview.map_or_else(|| "never connected".to_owned(), lever_line)),
        format!("Attachments: {attachments}"),
    ];
    if let Some(overview) = overview {
        lines.push(webhook_line(overview));
    }
    lines.extend(steps.iter().map(|step| format!("{:?}: {:?}{}", step.kind, step.state, since(step.at))));
    lines.join("\n")
}

fn lever_line(overview: &Overview) -> String {
    let last_sync = overview.synced_at.map_or_else(|| "never".to_owned(), |at| time::rfc3339(at.0));
    format!(
        "{:?} since {}, consent ends {}, last sync {last_sync}, {} of {} scopes",
        overview.state,
        time::rfc3339(overview.state_at.0),
        time::rfc3339(overview.consent_ends_at.0),
        overview.scopes.len(),
        connection::SCOPES.len(),
    )
}

fn webhook_line(overview: &Overview) -> String {
    format!(
        "Webhooks: {} token(s){}{}{}{}, {} refused",
        overview.webhooks.len(),
        overview.last_ping_at.map(|at| format!(", last ping {}", time::rfc3339(at.0))).unwrap_or_default(),
        overview.last_event_at.map(|at| format!(", last event {}", time::rfc3339(at.0))).unwrap_or_default(),
        overview.gap_at.map(|at| format!(", silent since {}", time::rfc3339(at.0))).unwrap_or_default(),
        overview.hooks_found.map(|(found, at)| format!(", {found:?} on {}", time::rfc3339(at.0))).unwrap_or_default(),
        overview.refused_count,
    )
}

fn since(at: Option<Moment>) -> String {
    at.map(|at| format!(" ({})", time::rfc3339(at.0))).unwrap_or_default()
}
