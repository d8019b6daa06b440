//! The generic protocol's JSON. It is assumed, not published: each part is read by itself, and a part
//! that makes no sense is missing, not fatal.

use serde::Deserialize;

use crate::{
    id::{AssessmentId, InviteId, ProviderInviteId},
    provider::{
        Assessment, AssessmentState, CallbackBody, ProviderStatus, Report, ReportedVerdict, Section, Signal,
        part::{LONGEST_NAME, LONGEST_TEXT, Part, list, moment, part, text},
        score,
    },
    verdict::Verdict,
};

/// One page of a list.
#[derive(Debug, Deserialize)]
pub(super) struct Page<T> {
    pub data: Vec<T>,
    pub next: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct AccountWire {
    #[serde(default)]
    name: Part,
    #[serde(default)]
    permissions: Part,
}

impl AccountWire {
    pub fn name(&self) -> Option<String> {
        text(&self.name, LONGEST_NAME)
    }

    /// Whether the key may send; `None` when the account does not say.
    pub fn may_send(&self) -> Option<bool> {
        let permissions: Vec<String> = part(&self.permissions)?;
        Some(permissions.iter().any(|permission| permission == "invite"))
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct AssessmentWire {
    #[serde(default)]
    id: Part,
    #[serde(default)]
    name: Part,
    #[serde(default)]
    status: Part,
    #[serde(default)]
    description: Part,
    #[serde(default)]
    language: Part,
    #[serde(default)]
    duration_minutes: Part,
    #[serde(default)]
    sections: Part,
}

#[derive(Deserialize)]
struct SectionWire {
    #[serde(default)]
    name: Part,
    #[serde(default)]
    score: Part,
}

impl AssessmentWire {
    /// `None` for one that cannot be named or shown.
    pub fn assessment(&self) -> Option<Assessment> {
        let state = match text(&self.status, LONGEST_NAME).as_deref() {
            None | Some("active" | "published") => AssessmentState::Active,
            Some("archived") => AssessmentState::Archived,
            Some(_) => AssessmentState::Draft,
        };
        let sections = list::<SectionWire>(&self.sections);
        Some(Assessment {
            id: AssessmentId(text(&self.id, LONGEST_NAME)?),
            name: text(&self.name, LONGEST_NAME)?,
            state,
            description: text(&self.description, LONGEST_TEXT),
            language: text(&self.language, LONGEST_NAME),
            duration_minutes: part::<i64>(&self.duration_minutes).filter(|minutes| (1..=100_000).contains(minutes)),
            sections: sections.iter().filter_map(|section| text(&section.name, LONGEST_NAME)).collect(),
        })
    }
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct InviteWire {
    #[serde(default)]
    invite_id: Part,
    #[serde(default)]
    status: Part,
    #[serde(default)]
    candidate_url: Part,
    #[serde(default)]
    started_at: Part,
    #[serde(default)]
    completed_at: Part,
    #[serde(default)]
    expires_at: Part,
    #[serde(default)]
    score: Part,
    #[serde(default)]
    sections: Part,
    #[serde(default)]
    report_url: Part,
    #[serde(default)]
    verdict: Part,
    #[serde(default)]
    verdict_by: Part,
    #[serde(default)]
    verdict_at: Part,
    #[serde(default)]
    integrity: Part,
    #[serde(default)]
    revision: Part,
    #[serde(default)]
    metadata: Part,
}

#[derive(Deserialize)]
struct Metadata {
    #[serde(default)]
    invite_id: Part,
}

#[derive(Deserialize)]
struct SignalWire {
    #[serde(default)]
    kind: Part,
    #[serde(default)]
    note: Part,
}

impl InviteWire {
    /// Our id, as the provider echoes it.
    pub fn reference(&self) -> Option<InviteId> {
        let metadata: Metadata = part(&self.metadata)?;
        text(&metadata.invite_id, LONGEST_NAME).map(InviteId)
    }

    pub fn provider_invite(&self) -> Option<ProviderInviteId> {
        text(&self.invite_id, LONGEST_NAME).map(ProviderInviteId)
    }

    /// The report, with addresses only where `may_show` lets them.
    pub fn report(&self, may_show: impl Fn(&str) -> bool) -> Report {
        let address = |raw: &Part| part::<String>(raw).filter(|address| may_show(address));
        Report {
            provider_invite: self.provider_invite(),
            status: text(&self.status, LONGEST_NAME).map(|status| read_status(&status)),
            candidate_url: address(&self.candidate_url),
            started_at: moment(&self.started_at),
            completed_at: moment(&self.completed_at),
            expires_at: moment(&self.expires_at),
            score: self.score.as_deref().and_then(score::read),
            sections: list::<SectionWire>(&self.sections).iter().filter_map(read_section).collect(),
            report_url: address(&self.report_url),
            verdict: self.verdict(),
            integrity: list::<SignalWire>(&self.integrity).iter().filter_map(read_signal).collect(),
            revision: part::<i64>(&self.revision).filter(|revision| *revision >= 0),
        }
    }

    /// An "n/a" that nobody gave is how every session begins, not an act.
    fn verdict(&self) -> Option<ReportedVerdict> {
        let value = read_verdict(&self.verdict)?;
        let at = moment(&self.verdict_at);
        let by = text(&self.verdict_by, LONGEST_NAME);
        (value != Verdict::NotGiven || at.is_some()).then_some(ReportedVerdict { value, by, at })
    }
}

fn read_status(word: &str) -> ProviderStatus {
    match word.to_lowercase().replace(['-', ' '], "_").as_str() {
        "invited" | "pending" | "sent" => ProviderStatus::Sent,
        "started" | "in_progress" => ProviderStatus::Started,
        "completed" => ProviderStatus::Completed,
        "expired" => ProviderStatus::Expired,
        "declined" => ProviderStatus::Declined,
        "cancelled" | "canceled" => ProviderStatus::Cancelled,
        "terminated" | "left" | "abandoned" => ProviderStatus::Abandoned,
        "error" => ProviderStatus::Error,
        _ => ProviderStatus::Unknown,
    }
}

/// `None` for a word that is no verdict: a person decides, we do not guess.
fn read_verdict(raw: &Part) -> Option<Verdict> {
    let Some(raw) = raw else { return Some(Verdict::NotGiven) };
    let word = match raw.get() {
        "true" => "true".to_owned(),
        "false" => "false".to_owned(),
        other => serde_json::from_str::<String>(other).ok()?.trim().to_lowercase().replace([' ', '-'], "_"),
    };
    match word.as_str() {
        "" | "n/a" => Some(Verdict::NotGiven),
        "passed" | "pass" | "thumb_up" | "thumbs_up" | "approved" | "true" => Some(Verdict::Passed),
        "failed" | "fail" | "thumb_down" | "thumbs_down" | "rejected" | "false" => Some(Verdict::Failed),
        _ => None,
    }
}

fn read_section(wire: &SectionWire) -> Option<Section> {
    let name = text(&wire.name, LONGEST_NAME)?;
    Some(Section { name, score: wire.score.as_deref().and_then(score::read) })
}

fn read_signal(wire: &SignalWire) -> Option<Signal> {
    let kind = text(&wire.kind, LONGEST_NAME)?;
    Some(Signal { kind, note: text(&wire.note, LONGEST_TEXT).unwrap_or_default() })
}

/// A callback's envelope.
#[derive(Debug, Deserialize)]
pub(super) struct CallbackWire {
    #[serde(rename = "type")]
    event: String,
    #[serde(default)]
    data: InviteWire,
}

impl From<CallbackWire> for CallbackBody {
    fn from(wire: CallbackWire) -> Self {
        let plain = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-');
        Self {
            event: wire.event.chars().filter(plain).take(LONGEST_NAME).collect(),
            invite: wire.data.reference(),
            provider_invite: wire.data.provider_invite(),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, prelude::*, sample::Index};
    use serde_json::{Value, json};

    use super::*;
    use crate::{
        http::read_json,
        provider::Score,
        strange::{any_json, replace},
    };

    fn report(body: &str) -> Report {
        read_json::<InviteWire>(body.as_bytes()).expect("JSON").report(|address| address.starts_with("https://"))
    }

    #[test]
    fn a_whole_invite_is_read() {
        let report = report(
            r#"{"invite_id":"pi_77","status":"completed","started_at":"2026-01-15T10:00:00Z","completed_at":"2026-01-15T10:45:00Z",
            "revision":3,"score":{"value":81.5,"max":100},"sections":[{"id":"s1","name":"SQL","score":{"value":74,"max":100}}],
            "report_url":"https://r.example/1","verdict":"passed","verdict_by":"Nora","verdict_at":"2026-01-15T11:00:00Z",
            "integrity":[{"kind":"tab_switch","severity":"low","note":"2 times"}],"metadata":{"invite_id":"inv_1"}}"#,
        );
        assert_eq!(report.provider_invite, Some(ProviderInviteId::from("pi_77")));
        assert_eq!(report.status, Some(ProviderStatus::Completed));
        assert_eq!(report.score, Some(Score { value: 81_500, max: Some(100_000) }));
        assert_eq!(report.sections[0].score, Some(Score { value: 74_000, max: Some(100_000) }));
        assert_eq!(report.integrity, [Signal { kind: "tab_switch".into(), note: "2 times".into() }]);
        let verdict = report.verdict.expect("a verdict");
        assert_eq!((verdict.value, verdict.by.as_deref()), (Verdict::Passed, Some("Nora")));
        assert_eq!((report.revision, report.report_url.as_deref()), (Some(3), Some("https://r.example/1")));
    }

    #[test]
    fn parts_that_make_no_sense_are_missing() {
        let report = report(
            r#"{"invite_id":"pi_77","status":"dancing","started_at":"yesterday","completed_at":5,"revision":"new",
            "score":{"value":1e309,"max":100},"sections":{"a":1},"report_url":"http://evil.example/","verdict":"maybe",
            "integrity":[7,{"kind":null}],"expires_at":null,"candidate_url":["x"]}"#,
        );
        let expected = Report {
            provider_invite: Some(ProviderInviteId::from("pi_77")),
            status: Some(ProviderStatus::Unknown),
            ..Report::default()
        };
        assert_eq!(report, expected);
    }

    fn whole() -> Value {
        let score = json!({ "value": 81.5, "max": 100 });
        json!({
            "type": "invite.updated",
            "data": {
                "invite_id": "pi_77", "status": "completed", "started_at": "2026-01-15T10:00:00Z",
                "completed_at": "2026-01-15T10:45:00Z", "expires_at": "2026-02-15T10:45:00Z", "revision": 3,
                "candidate_url": "https://c.example/1", "report_url": "https://r.example/1", "score": score,
                "sections": [{ "name": "SQL", "score": score }], "verdict": "passed", "verdict_by": "Nora",
                "verdict_at": "2026-01-15T11:00:00Z", "integrity": [{ "kind": "tab_switch", "note": "2 times" }],
                "metadata": { "invite_id": "inv_1" },
            },
            "next": null,
        })
    }

    proptest! {
        #[test]
        fn nothing_panics_whatever_the_parts_are(others in vec((any::<Index>(), any_json()), 1..5)) {
            let mut said = whole();
            for (place, by) in others {
                replace(&mut said, place, by);
            }
            let _callback = read_json::<CallbackWire>(said.to_string().as_bytes()).map(CallbackBody::from);
            let Ok(wire) = read_json::<InviteWire>(said["data"].to_string().as_bytes()) else { return Ok(()) };
            let report = wire.report(|address| address.starts_with("https://"));
            let shown = report.report_url.iter().chain(&report.candidate_url);
            prop_assert!(shown.into_iter().all(|url| url.starts_with("https://")), "{report:?}");
            let names = report.sections.iter().map(|section| &section.name);
            let names = names.chain(report.integrity.iter().map(|signal| &signal.kind));
            let is_storable = |name: &String| !name.is_empty() && name.chars().all(crate::plain::is_plain);
            prop_assert!(names.into_iter().all(is_storable), "{report:?}");
            prop_assert!(report.revision.is_none_or(|revision| revision >= 0));
        }
    }

    #[test]
    fn verdicts_have_many_words_and_no_guesses() {
        let read = |json: &str| report(&format!(r#"{{"verdict":{json},"verdict_at":"2026-01-15T11:00:00Z"}}"#)).verdict;
        for word in ["\"passed\"", "\"Pass\"", "\"thumbs up\"", "\"thumb_up\"", "\"approved\"", "true"] {
            assert_eq!(read(word).map(|v| v.value), Some(Verdict::Passed), "{word}");
        }
        for word in ["\"failed\"", "\"fail\"", "\"thumbs_down\"", "\"rejected\"", "false"] {
            assert_eq!(read(word).map(|v| v.value), Some(Verdict::Failed), "{word}");
        }
        for word in ["\"n/a\"", "\"\"", "null"] {
            assert_eq!(read(word).map(|v| v.value), Some(Verdict::NotGiven), "{word}");
        }
        for word in ["\"undecided\"", "1", "[]"] {
            assert_eq!(read(word), None, "{word}");
        }
        assert_eq!(report(r#"{"verdict":"n/a","verdict_at":null}"#).verdict, None, "how every session begins");
    }

    #[test]
    fn statuses_are_read_in_the_providers_words() {
        for (word, status) in [
            ("invited", ProviderStatus::Sent),
            ("In-Progress", ProviderStatus::Started),
            ("canceled", ProviderStatus::Cancelled),
            ("terminated", ProviderStatus::Abandoned),
            ("declined", ProviderStatus::Declined),
            ("error", ProviderStatus::Error),
        ] {
            assert_eq!(read_status(word), status, "{word}");
        }
    }

    #[test]
    fn an_assessment_without_a_name_is_left_out() {
        let body = r#"{"data":[{"id":"as_1","name":"Data analyst","status":"active","duration_minutes":45,
            "sections":[{"id":"s1","name":"SQL"}]},{"id":7,"name":"Seven","status":"new"},{"id":"as_2"},{"name":"x"},
            {"id":"as_1","name":"Again"}],"next":null}"#;
        let page: Page<AssessmentWire> = read_json(body.as_bytes()).expect("a page");
        let read = crate::provider::part::once(page.data.iter().filter_map(AssessmentWire::assessment).collect());
        let ids: Vec<&str> = read.iter().map(|assessment| assessment.id.as_str()).collect();
        assert_eq!(ids, ["as_1", "7"]);
        assert_eq!((read[0].duration_minutes, read[0].sections.as_slice()), (Some(45), &["SQL".to_owned()][..]));
        assert_eq!(read[1].state, AssessmentState::Draft);
    }
}
