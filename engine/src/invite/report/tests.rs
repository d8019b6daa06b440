use proptest::prelude::*;

use super::*;
use crate::{invite::sample, provider::Section};

const NOW: Moment = Moment(1_000);

fn report(status: ProviderStatus) -> Report {
    Report { status: Some(status), provider_invite: Some("pi_1".into()), ..Report::default() }
}

fn score(value: i64) -> Option<Score> {
    Some(Score { value, max: Some(100_000) })
}

#[test]
fn a_report_applied_twice_changes_nothing_the_second_time() {
    let mut invite = sample();
    let completed = Report { score: score(87_000), revision: Some(3), ..report(ProviderStatus::Completed) };
    assert!(apply(&mut invite, &completed, NOW).changed);
    assert_eq!((invite.state, invite.completed_at), (InviteState::Completed, Some(NOW)));
    let again = apply(&mut invite, &completed, Moment(9_000));
    assert!(!again.changed);
    assert_eq!(again.entries, []);
}

#[test]
fn whatever_is_heard_first_the_timeline_has_once_that_it_was_sent() {
    for status in [ProviderStatus::Sent, ProviderStatus::Started, ProviderStatus::Completed, ProviderStatus::Cancelled]
    {
        let mut invite = sample();
        let mut entries = apply(&mut invite, &report(status), NOW).entries;
        entries.extend(apply(&mut invite, &report(ProviderStatus::Completed), Moment(2_000)).entries);
        let sent: Vec<_> = entries.iter().filter(|entry| entry.kind == "sent").collect();
        assert_eq!(sent.len(), 1, "{status:?}: {entries:?}");
        assert_eq!((entries[0].kind.as_str(), entries[0].sentence.as_str()), ("sent", "Sent: Python, 60 min."));
        assert!(entries[0].at <= entries[entries.len() - 1].at, "{entries:?}");
    }
}

#[test]
fn an_older_revision_and_a_late_started_change_nothing() {
    let mut invite = sample();
    apply(&mut invite, &Report { score: score(87_000), revision: Some(3), ..report(ProviderStatus::Completed) }, NOW);
    let counted = apply(&mut invite, &Report { revision: Some(4), ..Report::default() }, NOW);
    assert!(counted.counted && !counted.changed, "nobody sees it");
    assert_eq!(invite.revision, 4);
    assert!(!apply(&mut invite, &Report { score: score(10), revision: Some(2), ..Report::default() }, NOW).changed);
    assert!(!apply(&mut invite, &report(ProviderStatus::Started), NOW).changed);
    assert_eq!((invite.state, invite.score), (InviteState::Completed, score(87_000)));
}

#[test]
fn a_corrected_score_keeps_it_completed_and_is_told() {
    let mut invite = sample();
    apply(&mut invite, &Report { score: score(87_000), ..report(ProviderStatus::Completed) }, NOW);
    let applied = apply(&mut invite, &Report { score: score(62_500), ..Report::default() }, NOW);
    assert_eq!(applied.entries[0].sentence, "Score changed from 87/100 to 62.5/100.");
    assert_eq!(invite.state, InviteState::Completed);
}

#[test]
fn a_result_for_an_expired_one_completes_it_and_an_extension_reopens_it() {
    let mut invite = sample();
    apply(&mut invite, &report(ProviderStatus::Sent), NOW);
    apply(&mut invite, &report(ProviderStatus::Expired), NOW);
    assert_eq!(invite.state, InviteState::Expired);
    apply(&mut invite, &report(ProviderStatus::Sent), NOW);
    assert_eq!((invite.state, invite.reason.as_deref()), (InviteState::Sent, None));
    apply(&mut invite, &report(ProviderStatus::Expired), NOW);
    apply(&mut invite, &report(ProviderStatus::Completed), NOW);
    assert_eq!(invite.state, InviteState::Completed);
}

#[test]
fn abandoned_is_a_reason_not_an_end() {
    let mut invite = sample();
    apply(&mut invite, &report(ProviderStatus::Started), NOW);
    assert!(apply(&mut invite, &report(ProviderStatus::Abandoned), NOW).changed);
    assert_eq!(invite.state, InviteState::Started);
    assert!(invite.reason.as_deref().is_some_and(|reason| reason.contains("left")));
    assert!(!apply(&mut invite, &report(ProviderStatus::Abandoned), NOW).changed);
}

#[test]
fn only_web_links_reach_people() {
    let mut invite = sample();
    for bad in [
        "javascript:alert(1)",
        "data:text/html,x",
        "http://elsewhere.example/x",
        &format!("https://x/{}", "y".repeat(3_000)),
    ] {
        apply(&mut invite, &Report { report_url: Some(bad.to_owned()), ..Report::default() }, NOW);
        assert_eq!(invite.report_url, None, "{bad}");
    }
    apply(&mut invite, &Report { report_url: Some("https://provider.example/r".into()), ..Report::default() }, NOW);
    assert_eq!(invite.report_url.as_deref(), Some("https://provider.example/r"));
}

#[test]
fn scores_read_as_people_write_them() {
    for (value, max, words) in [
        (87_000, Some(100_000), "87/100"),
        (87_500, Some(100_000), "87.5/100"),
        (62_125, None, "62.125"),
        (0, Some(10_000), "0/10"),
        (-500, None, "-0.5"),
    ] {
        assert_eq!(in_words(Score { value, max }), words);
    }
}

fn any_report() -> impl Strategy<Value = Report> {
    let statuses = prop::sample::select(vec![
        None,
        Some(ProviderStatus::Sent),
        Some(ProviderStatus::Started),
        Some(ProviderStatus::Completed),
        Some(ProviderStatus::Expired),
        Some(ProviderStatus::Declined),
        Some(ProviderStatus::Cancelled),
        Some(ProviderStatus::Abandoned),
        Some(ProviderStatus::Error),
        Some(ProviderStatus::Unknown),
    ]);
    (statuses, prop::option::of(0_i64..100_000), prop::option::of(0_i64..6)).prop_map(|(status, value, revision)| {
        Report {
            status,
            score: value.map(|value| Score { value, max: Some(100_000) }),
            sections: vec![Section { name: "SQL".into(), score: None }],
            revision,
            ..Report::default()
        }
    })
}

proptest! {
    #[test]
    fn in_whatever_order_reports_come_completed_stays_and_the_revision_never_falls(
        reports in prop::collection::vec(any_report(), 0..30)
    ) {
        let mut invite = sample();
        let mut completed = false;
        for (n, report) in reports.iter().enumerate() {
            let revision = invite.revision;
            apply(&mut invite, report, Moment(i64::try_from(n).expect("small")));
            prop_assert!(invite.revision >= revision);
            completed |= invite.state == InviteState::Completed;
            prop_assert_eq!(completed, invite.state == InviteState::Completed);
        }
    }
}

#[test]
fn a_link_that_is_no_page_of_the_webs_is_not_taken_over() {
    let long = format!("https://reports.example/{}", "x".repeat(10_000));
    let links = [
        "javascript:alert(1)",
        "JaVaScRiPt://reports.example/%0aalert(1)",
        "data:text/html,<script>alert(1)</script>",
        "vbscript:x",
        "file:///etc/passwd",
        "http://reports.example/r",
        "//reports.example/r",
        "/r/1",
        "",
        long.as_str(),
    ];
    for link in links {
        let mut invite = sample();
        let links = Report { report_url: Some(link.into()), candidate_url: Some(link.into()), ..Report::default() };
        apply(&mut invite, &links, NOW);
        assert_eq!((invite.report_url, invite.candidate_url), (None, None), "{link}");
    }
    let mut invite = sample();
    let good = Some("https://reports.example/r/1?<b>".to_owned());
    apply(&mut invite, &Report { report_url: good.clone(), ..Report::default() }, NOW);
    assert_eq!(invite.report_url, good);
}
