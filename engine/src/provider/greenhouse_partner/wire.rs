//! The partner protocol's JSON. Unknown keys are ignored, as it says; a part that makes no sense is missing.

use serde::Deserialize;

use crate::{
    id::AssessmentId,
    provider::{
        Assessment, AssessmentState, ProviderStatus, Report,
        part::{LONGEST_NAME, Part, moment, part, text},
        score,
    },
};

#[derive(Debug, Deserialize)]
pub(super) struct TestWire {
    #[serde(default)]
    partner_test_id: Part,
    #[serde(default)]
    partner_test_name: Part,
}

impl TestWire {
    /// `None` for one that cannot be named or shown. What is listed can be sent.
    pub fn assessment(&self) -> Option<Assessment> {
        Some(Assessment {
            id: AssessmentId(text(&self.partner_test_id, LONGEST_NAME)?),
            name: text(&self.partner_test_name, LONGEST_NAME)?,
            state: AssessmentState::Active,
            description: None,
            language: None,
            duration_minutes: None,
            sections: Vec::new(),
        })
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct SentWire {
    #[serde(default)]
    partner_interview_id: Part,
}

impl SentWire {
    pub fn id(&self) -> Option<String> {
        text(&self.partner_interview_id, LONGEST_NAME)
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct StatusWire {
    #[serde(default)]
    partner_status: Part,
    #[serde(default)]
    partner_profile_url: Part,
    #[serde(default)]
    partner_score: Part,
    #[serde(default)]
    metadata: Part,
}

/// Metadata has no fixed keys; these two are the ones that the published example uses.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Metadata {
    #[serde(rename = "Started At")]
    started_at: Part,
    #[serde(rename = "Completed At")]
    completed_at: Part,
}

impl StatusWire {
    /// The report; `None` without the status that each answer must have. A score counts once the test
    /// is complete: before, the protocol gives it no meaning.
    pub fn report(&self, may_show: impl Fn(&str) -> bool) -> Option<Report> {
        let status = text(&self.partner_status, LONGEST_NAME)?;
        let metadata: Metadata = part(&self.metadata).unwrap_or_default();
        let started_at = moment(&metadata.started_at);
        if !status.eq_ignore_ascii_case("complete") {
            return Some(Report { status: Some(ProviderStatus::Sent), started_at, ..Report::default() });
        }
        Some(Report {
            status: Some(ProviderStatus::Completed),
            started_at,
            completed_at: moment(&metadata.completed_at),
            score: self.partner_score.as_deref().and_then(score::read),
            report_url: part::<String>(&self.partner_profile_url).filter(|address| may_show(address)),
            ..Report::default()
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::{http::read_json, provider::Score, strange::any_json};

    fn report(body: &str) -> Option<Report> {
        let wire: StatusWire = read_json(body.as_bytes()).expect("JSON");
        wire.report(|address| address.starts_with("https://"))
    }

    #[test]
    fn a_complete_test_has_score_report_and_times() {
        let report = report(
            r#"{"partner_status":"complete","partner_profile_url":"https://provider.example/report/98765",
            "partner_score":81,"metadata":{"Started At":"2026-01-15T10:00:00Z","Completed At":"2026-01-15T10:45:00Z",
            "Notes":"x","Verdict":"passed"},"new_key":[]}"#,
        )
        .expect("a report");
        assert_eq!(report.status, Some(ProviderStatus::Completed));
        assert_eq!(report.score, Some(Score { value: 81_000, max: None }));
        assert_eq!(report.report_url.as_deref(), Some("https://provider.example/report/98765"));
        let minutes = report.completed_at.expect("a time").0 - report.started_at.expect("a time").0;
        assert_eq!(minutes, 45 * 60_000);
        assert_eq!(report.verdict, None, "metadata is no person's act");
    }

    #[test]
    fn only_complete_means_anything() {
        for status in ["sent", "in progress", "completed?", "failed", "7"] {
            let body =
                json!({ "partner_status": status, "partner_score": 99, "partner_profile_url": "https://r.example/" });
            let report = report(&body.to_string()).expect("a report");
            let expected = Report { status: Some(ProviderStatus::Sent), ..Report::default() };
            assert_eq!(report, expected, "{status}");
        }
        for status in ["complete", "Complete", " complete "] {
            let read = report(&json!({ "partner_status": status }).to_string()).expect("a report");
            assert_eq!(read, Report { status: Some(ProviderStatus::Completed), ..Report::default() });
        }
        for body in ["{}", r#"{"partner_status":null}"#, r#"{"partner_status":""}"#, r#"{"partner_status":[]}"#] {
            assert_eq!(report(body), None, "{body}");
        }
    }

    #[test]
    fn parts_that_make_no_sense_are_missing() {
        let body = r#"{"partner_status":"complete","partner_score":-3,"partner_profile_url":"javascript:1",
            "metadata":["Started At"]}"#;
        let expected = Report { status: Some(ProviderStatus::Completed), ..Report::default() };
        assert_eq!(report(body), Some(expected));
    }

    proptest! {
        #[test]
        fn whatever_the_parts_are_a_report_is_read_or_none(
            status in any_json(), score in any_json(), url in any_json(), metadata in any_json()
        ) {
            let body = json!({ "partner_status": status, "partner_score": score, "partner_profile_url": url, "metadata": metadata });
            if let Some(report) = report(&body.to_string()) {
                prop_assert!(matches!(report.status, Some(ProviderStatus::Sent | ProviderStatus::Completed)));
                prop_assert!(report.score.is_none_or(|score| score.value >= 0 && score.max.is_none()) || body["partner_score"].is_object());
                prop_assert!(report.report_url.is_none_or(|url| url.starts_with("https://")));
                prop_assert!(report.verdict.is_none() && report.provider_invite.is_none());
            }
        }

        #[test]
        fn a_test_is_listed_with_id_and_name_or_not_at_all(id in any_json(), name in any_json()) {
            let body = json!({ "partner_test_id": id, "partner_test_name": name }).to_string();
            let wire: TestWire = read_json(body.as_bytes()).expect("JSON");
            if let Some(test) = wire.assessment() {
                prop_assert!(!test.id.as_str().is_empty() && !test.name.is_empty());
                prop_assert!(test.name.chars().count() <= LONGEST_NAME && !test.name.contains(char::is_control));
            }
        }
    }
}
