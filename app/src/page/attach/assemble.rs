//! Puts a step together and carries out the last Next; on the server only.

use engine::{
    Engine,
    access::Member,
    attachment::{self, AttachmentRow, NewAttachment, Warning},
    fault::{FlowError, Refusal},
    id::AssessmentId,
    lever::{self, PostingChoice, StageChoice},
    provider::{self, Assessment, AssessmentState},
};

use super::{
    query::{ANY, Step, Wizard},
    view::{Hitch, OptionView, StepView, WarningView},
};
use crate::{
    problem::Problem,
    text::{count, integrations::position_state},
};

/// How many positions are listed at once.
const SHOWN: i64 = 50;
/// The longest time to complete that is accepted, in days.
const LONGEST: i64 = 365;

/// The step that the address asks for, or an earlier one where a choice is missing or gone.
pub(super) async fn step_view(engine: &Engine, member: &Member, wizard: &Wizard) -> Result<StepView, Problem> {
    let attachments = attachment::list(engine, member).await?;
    let stages = lever::stages(engine, &member.organization).await?;
    let position = position_words(engine, member, &wizard.posting).await?;
    let stage = stages.iter().find(|stage| stage.id.as_str() == wizard.stage).map(|stage| stage.name.clone());
    let (step, hitch) = place(wizard, position.is_some(), stage.is_some());
    let mut view = StepView { step, hitch, position, stage, ..StepView::default() };
    match step {
        Step::Position => positions(engine, member, wizard, &mut view).await?,
        Step::Stage => view.options = stages.iter().map(stage_option).collect(),
        Step::Assessment | Step::Done => assessments(engine, member, wizard, &attachments, &mut view).await?,
    }
    if step != Step::Assessment {
        view.assessment = assessment_name(engine, member, &wizard.assessment).await;
    }
    if step == Step::Stage && view.options.is_empty() {
        view.hitch = Some(Hitch::NothingInLever);
    }
    Ok(view)
}

/// Which step, and why it is not the one that was asked for.
fn place(wizard: &Wizard, position_exists: bool, stage_exists: bool) -> (Step, Option<Hitch>) {
    let step = wizard.reachable();
    if !wizard.posting.is_empty() && !position_exists {
        return (Step::Position, Some(Hitch::PositionGone));
    }
    if step >= Step::Stage && !wizard.stage.is_empty() && !stage_exists {
        return (Step::Stage, Some(Hitch::StageGone));
    }
    let told = Hitch::parse(&wizard.problem);
    let missing = match step {
        Step::Position if wizard.step > step => Some(Hitch::ChoosePosition),
        Step::Stage if wizard.step > step => Some(Hitch::ChooseStage),
        Step::Position | Step::Stage | Step::Assessment | Step::Done => None,
    };
    (step, told.or(missing))
}

async fn position_words(engine: &Engine, member: &Member, posting: &str) -> Result<Option<String>, Problem> {
    match posting {
        "" => Ok(None),
        ANY => Ok(Some("any position".to_owned())),
        id => Ok(lever::posting(engine, &member.organization, &id.into()).await?.map(|posting| posting.title)),
    }
}

async fn positions(engine: &Engine, member: &Member, wizard: &Wizard, view: &mut StepView) -> Result<(), Problem> {
    let (found, total) = lever::postings(engine, member, wizard.q.trim(), SHOWN).await?;
    view.more = total - i64::try_from(found.len()).unwrap_or(total);
    let any = OptionView {
        value: ANY.to_owned(),
        name: "Any position".to_owned(),
        details: vec!["whoever enters the stage, unless the position has an attachment of its own".to_owned()],
        ..OptionView::default()
    };
    view.options = std::iter::once(any).chain(found.iter().map(position_option)).collect();
    let is_listed = view.options.iter().any(|option| option.value == wizard.posting);
    if !is_listed && !wizard.posting.is_empty() {
        let chosen = lever::posting(engine, &member.organization, &wizard.posting.as_str().into()).await?;
        view.options.extend(chosen.as_ref().map(position_option));
        view.options[1..].rotate_right(usize::from(chosen.is_some()));
    }
    Ok(())
}

fn position_option(posting: &PostingChoice) -> OptionView {
    let confidential = posting.confidential.then(|| "confidential".to_owned());
    let parts = [&posting.team, &posting.department, &posting.location, &posting.req_code];
    let mut details: Vec<String> = Vec::new();
    for part in parts.into_iter().flatten().filter(|part| !part.is_empty()) {
        if !details.contains(part) {
            details.push(part.clone());
        }
    }
    details.push(position_state(&posting.state).to_owned());
    details.extend(confidential);
    OptionView { value: posting.id.to_string(), name: posting.title.clone(), details, ..OptionView::default() }
}

fn stage_option(stage: &StageChoice) -> OptionView {
    OptionView {
        value: stage.id.to_string(),
        name: stage.name.clone(),
        mark: stage.suggested.then(|| "suggested".to_owned()),
        ..OptionView::default()
    }
}

async fn assessments(
    engine: &Engine,
    member: &Member,
    wizard: &Wizard,
    attachments: &[AttachmentRow],
    view: &mut StepView,
) -> Result<(), Problem> {
    let Some(account) = provider::account(engine, member).await? else {
        view.hitch = Some(Hitch::NoProvider);
        return Ok(());
    };
    view.takes_days = account.protocol.capabilities().deadline;
    let offered = provider::assessments(engine, member).await?;
    let here = |assessment: &Assessment| is_attached(attachments, wizard, &assessment.id);
    view.options = offered.iter().map(|assessment| assessment_option(assessment, here(assessment))).collect();
    if view.options.is_empty() {
        view.hitch = Some(Hitch::NothingOffered);
    }
    let chosen = offered.iter().find(|assessment| assessment.id.as_str() == wizard.assessment);
    view.assessment = chosen.map(|assessment| assessment.name.clone());
    let is_sendable = chosen.is_some_and(|assessment| assessment.state == AssessmentState::Active);
    if !wizard.assessment.is_empty() && !is_sendable && view.hitch.is_none() {
        view.hitch = Some(Hitch::AssessmentGone);
    }
    let new = new_attachment(wizard, None);
    view.warnings = attachment::warnings(engine, member, &new).await?.into_iter().map(WarningView::from).collect();
    Ok(())
}

async fn assessment_name(engine: &Engine, member: &Member, id: &str) -> Option<String> {
    if id.is_empty() {
        return None;
    }
    let offered = provider::assessments(engine, member).await.ok()?;
    offered.into_iter().find(|assessment| assessment.id.as_str() == id).map(|assessment| assessment.name)
}

fn is_attached(attachments: &[AttachmentRow], wizard: &Wizard, assessment: &AssessmentId) -> bool {
    let posting = Some(wizard.posting.as_str()).filter(|posting| *posting != ANY);
    attachments.iter().any(|row| {
        row.posting.as_ref().map(engine::id::PostingId::as_str) == posting
            && row.stage.as_str() == wizard.stage
            && row.assessment == *assessment
    })
}

fn assessment_option(assessment: &Assessment, is_attached: bool) -> OptionView {
    let refused = match assessment.state {
        AssessmentState::Active if is_attached => Some("attached to this position and stage already"),
        AssessmentState::Active => None,
        AssessmentState::Draft => Some("a draft: publish it in Canditech first"),
        AssessmentState::Archived => Some("archived in Canditech"),
    };
    let is_named = |minutes: &i64| assessment.name.contains(&format!("{minutes} min"));
    let minutes = assessment.duration_minutes.filter(|minutes| !is_named(minutes));
    let minutes = minutes.map(|minutes| count(minutes, "minute", "minutes"));
    let sections = (!assessment.sections.is_empty()).then(|| assessment.sections.join(", "));
    OptionView {
        value: assessment.id.to_string(),
        name: assessment.name.clone(),
        details: [minutes, sections, assessment.language.clone()].into_iter().flatten().collect(),
        mark: None,
        refused: refused.map(str::to_owned),
    }
}

fn new_attachment(wizard: &Wizard, valid_days: Option<i64>) -> NewAttachment {
    NewAttachment {
        posting: Some(wizard.posting.as_str()).filter(|posting| *posting != ANY).map(Into::into),
        stage: wizard.stage.as_str().into(),
        assessment: wizard.assessment.as_str().into(),
        valid_days,
    }
}

/// Attaches; answers where to go: what comes next, or the step whose choice cannot be.
pub(super) async fn attach(engine: &Engine, member: &Member, wizard: Wizard) -> Result<Wizard, Problem> {
    if wizard.assessment.is_empty() {
        return Ok(wizard.failed(Step::Assessment, "choose"));
    }
    let Some(days) = valid_days(&wizard.valid_days) else {
        return Ok(wizard.failed(Step::Assessment, "days"));
    };
    match attachment::attach(engine, member, new_attachment(&wizard, days)).await {
        Ok(id) => Ok(Wizard { attachment: id.to_string(), step: Step::Done, ..Wizard::default() }),
        Err(FlowError::Refused(refusal)) => refused(&wizard, refusal),
        Err(error) => Err(error.into()),
    }
}

fn refused(wizard: &Wizard, refusal: Refusal) -> Result<Wizard, Problem> {
    let (step, code) = match refusal {
        Refusal::PostingGone => (Step::Position, "position"),
        Refusal::StageGone => (Step::Stage, "stage"),
        Refusal::AssessmentGone => (Step::Assessment, "assessment"),
        Refusal::AlreadyAttached => (Step::Assessment, "attached"),
        Refusal::NoProvider => (Step::Assessment, "provider"),
        other => return Err(FlowError::Refused(other).into()),
    };
    let is_gone = matches!(refusal, Refusal::PostingGone | Refusal::StageGone | Refusal::AssessmentGone);
    let kept = if is_gone { wizard.choose(step, String::new()) } else { wizard.clone() };
    Ok(kept.failed(step, code))
}

/// The days as typed: none, or a number from 1 to [`LONGEST`]; `None` when it is neither.
pub(crate) fn valid_days(typed: &str) -> Option<Option<i64>> {
    match typed.trim() {
        "" => Some(None),
        days => days.parse().ok().filter(|days| (1..=LONGEST).contains(days)).map(Some),
    }
}

impl From<Warning> for WarningView {
    fn from(warning: Warning) -> Self {
        match warning {
            Warning::PostingNotOpen { state } => Self::PositionNotOpen(position_state(&state).to_owned()),
            Warning::AlreadyAttached => Self::AlreadyAttached,
            Warning::AlsoAttached { assessments } => Self::AlsoAttached(assessments),
            Warning::ReplacesAnyPosition { assessment } => Self::ReplacesAnyPosition(assessment),
            Warning::ProviderCannotSend => Self::ProviderCannotSend,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::query::{ANY, Step, Wizard},
        Hitch, place, valid_days,
    };

    #[test]
    fn days_are_none_or_a_sensible_number() {
        assert_eq!(valid_days(" "), Some(None));
        assert_eq!(valid_days("14"), Some(Some(14)));
        for typed in ["0", "-1", "366", "two", "1.5"] {
            assert_eq!(valid_days(typed), None, "{typed}");
        }
    }

    #[test]
    fn a_vanished_choice_leads_to_its_own_step() {
        let wizard = Wizard { step: Step::Assessment, posting: ANY.into(), stage: "st".into(), ..Wizard::default() };
        assert_eq!(place(&wizard, true, true), (Step::Assessment, None));
        assert_eq!(place(&wizard, true, false), (Step::Stage, Some(Hitch::StageGone)));
        assert_eq!(place(&wizard, false, false), (Step::Position, Some(Hitch::PositionGone)));
        let bare = Wizard { stage: String::new(), ..wizard };
        assert_eq!(place(&bare, true, false), (Step::Stage, Some(Hitch::ChooseStage)));
    }
}
