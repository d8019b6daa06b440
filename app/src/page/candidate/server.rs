//! One invite as it crosses to the browser, and its note as Lever has it.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::{decision::Decision, receipt::ReceiptView, verb::VerbView};
#[cfg(feature = "ssr")]
use crate::server;
use crate::{
    page::candidates::server::InviteRow,
    problem::Problem,
    ui::{ScoreView, Verdict},
};

/// Everything about one invite; times are unix milliseconds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CandidateView {
    pub row: InviteRow,
    pub email: Option<String>,
    pub stage: Option<String>,
    pub lever_url: Option<String>,
    pub sections: Vec<SectionView>,
    pub integrity: Vec<SignalView>,
    pub report_link: Option<String>,
    pub round: i64,
    pub created_at: i64,
    pub sent_at: Option<i64>,
    pub started_at: Option<i64>,
    pub completed_at: Option<i64>,
    pub expires_at: Option<i64>,
    pub timeline: Vec<EntryView>,
    /// Newest act first.
    pub verdicts: Vec<VerdictView>,
    /// Other invites of the same person.
    pub others: Vec<InviteRow>,
    /// What this person may decide, where it does not go on by itself.
    pub decisions: Vec<Decision>,
    /// What can be done to it, and why the rest cannot.
    pub verbs: Vec<VerbView>,
    /// Whether this person may take away all that is held about the candidate.
    pub may_export: bool,
    /// Whether this person may have the candidate erased, who is not yet.
    pub may_erase: bool,
    /// What was erased, for whoever may.
    pub receipt: Option<ReceiptView>,
}

/// A section of the assessment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SectionView {
    pub name: String,
    pub score: Option<ScoreView>,
}

/// An integrity signal in the provider's neutral words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignalView {
    pub kind: String,
    pub note: String,
}

/// One entry of the timeline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntryView {
    pub at: i64,
    pub kind: String,
    pub sentence: String,
    pub cause: Option<String>,
}

/// One verdict of the history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VerdictView {
    pub verdict: Verdict,
    pub by: String,
    /// Given in the provider's session rather than here.
    pub at_provider: bool,
    pub at: i64,
    pub comment: Option<String>,
}

/// The note in Lever.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoteView {
    pub text: Option<String>,
    pub standing: NoteStanding,
    pub written_at: Option<i64>,
}

/// Whether the note says what it should.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum NoteStanding {
    InStep,
    Updating,
    /// It could not be written; why, and what to do.
    Problem(String),
    ChangedInLever,
    /// The candidate was erased.
    Erased,
    /// Lever takes too long to answer.
    NoAnswer,
}

/// Reads one invite, if this person may see it.
#[server(prefix = "/api", endpoint = "read_candidate")]
pub async fn read_candidate(invite: String) -> Result<CandidateView, Problem> {
    use engine::access::Permission;

    let member = server::member().await?;
    let engine = server::engine();
    let invite = invite.into();
    let detail = engine::invite::detail(&engine, &member, &invite).await?;
    let decisions = from_engine::decisions(&engine, &member, &detail).await?;
    let offered = engine::invite::verb::offered(&engine, &member, &invite).await?;
    let verbs = offered.into_iter().map(Into::into).collect();
    let may_export = member.may(Permission::ExportCandidates);
    let receipt = engine::erasure::receipt(&engine, &member, &invite).await?.map(Into::into);
    let may_erase = receipt.is_none() && member.may(Permission::EraseCandidates);
    Ok(CandidateView { decisions, verbs, may_export, may_erase, receipt, ..detail.into() })
}

/// Reads the note from Lever; a page does not wait long for somebody else's server.
#[server(prefix = "/api", endpoint = "read_note")]
pub async fn read_note(invite: String) -> Result<NoteView, Problem> {
    let member = server::member().await?;
    let (engine, invite) = (server::engine(), invite.into());
    let note = engine::note::as_lever_has_it(&engine, &member, &invite);
    match tokio::time::timeout(std::time::Duration::from_secs(3), note).await {
        Ok(note) => Ok(note?.into()),
        Err(_) => Ok(NoteView { text: None, standing: NoteStanding::NoAnswer, written_at: None }),
    }
}

#[cfg(feature = "ssr")]
mod from_engine {
    use engine::{
        Engine,
        access::{Member, Permission},
        fault::FlowError,
        invite::{self, Detail, InviteState},
        note::{NoteNow, NoteState},
        provider::{Section, Signal},
        timeline::Entry,
        verdict::{VerdictEntry, VerdictSource},
    };

    use super::{CandidateView, Decision, EntryView, NoteStanding, NoteView, SectionView, SignalView, VerdictView};

    /// What this person may decide about an invite.
    pub async fn decisions(engine: &Engine, member: &Member, detail: &Detail) -> Result<Vec<Decision>, FlowError> {
        let (row, sent) = (&detail.row, detail.sent_at.is_some());
        if !member.may(Permission::ManageAttachments) {
            return Ok(Vec::new());
        }
        Ok(match row.state {
            // What failed at the provider after it was sent is no longer ours to send.
            InviteState::Failed if sent => Vec::new(),
            InviteState::Failed => vec![Decision::Send],
            InviteState::Unclear => vec![Decision::WasSent, Decision::Send, Decision::Drop],
            InviteState::Waiting => {
                let late = invite::awaiting_approval(engine, member).await?;
                let is_late = late.iter().any(|late| late.id == row.id);
                if is_late { vec![Decision::Send, Decision::Drop] } else { vec![Decision::Drop] }
            }
            InviteState::Queued
            | InviteState::Sent
            | InviteState::Started
            | InviteState::Completed
            | InviteState::Expired
            | InviteState::Declined
            | InviteState::Cancelled => Vec::new(),
        })
    }

    impl From<Detail> for CandidateView {
        fn from(detail: Detail) -> Self {
            // Lever's text becomes a link only where it is one.
            Self {
                row: detail.row.into(),
                email: detail.candidate_email,
                stage: detail.stage_name,
                lever_url: detail.lever_url.filter(|url| crate::server::is_levers(url)),
                sections: detail.sections.into_iter().map(Into::into).collect(),
                integrity: detail.integrity.into_iter().map(Into::into).collect(),
                report_link: detail.report_link,
                round: detail.round,
                created_at: detail.created_at.0,
                sent_at: detail.sent_at.map(|at| at.0),
                started_at: detail.started_at.map(|at| at.0),
                completed_at: detail.completed_at.map(|at| at.0),
                expires_at: detail.expires_at.map(|at| at.0),
                timeline: detail.timeline.into_iter().map(Into::into).collect(),
                verdicts: detail.verdicts.into_iter().map(Into::into).collect(),
                others: detail.others.into_iter().map(Into::into).collect(),
                decisions: Vec::new(),
                verbs: Vec::new(),
                may_export: false,
                may_erase: false,
                receipt: None,
            }
        }
    }

    impl From<Section> for SectionView {
        fn from(section: Section) -> Self {
            Self { name: section.name, score: section.score.map(Into::into) }
        }
    }

    impl From<Signal> for SignalView {
        fn from(signal: Signal) -> Self {
            Self { kind: signal.kind, note: signal.note }
        }
    }

    impl From<Entry> for EntryView {
        fn from(entry: Entry) -> Self {
            Self { at: entry.at.0, kind: entry.kind, sentence: entry.sentence, cause: entry.cause }
        }
    }

    impl From<VerdictEntry> for VerdictView {
        fn from(entry: VerdictEntry) -> Self {
            Self {
                verdict: entry.value.into(),
                by: entry.by,
                at_provider: entry.source == VerdictSource::Provider,
                at: entry.at.0,
                comment: entry.comment,
            }
        }
    }

    impl From<NoteNow> for NoteView {
        fn from(note: NoteNow) -> Self {
            let standing = match note.state {
                NoteState::InStep => NoteStanding::InStep,
                NoteState::Updating => NoteStanding::Updating,
                NoteState::Problem(why) => NoteStanding::Problem(why),
                NoteState::ChangedInLever => NoteStanding::ChangedInLever,
                NoteState::Erased => NoteStanding::Erased,
            };
            Self { text: note.text, standing, written_at: note.written_at.map(|at| at.0) }
        }
    }
}
