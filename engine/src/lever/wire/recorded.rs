//! Lever's answers as they are recorded, and exactly what is read of each.

use serde::de::DeserializeOwned;

use super::*;
use crate::lever::{RemoteWebhook, call::read, fixture};

/// What we never ask for; the stand-in answers it.
const NEVER_ASKED: [&str; 6] = [
    "application.json",
    "archive_reasons.json",
    "contact.json",
    "disposition_stages.json",
    "sources.json",
    "tags.json",
];

const MARLO: &str = "70021da4 of 397f8de5: Marlo Quist <marlo.quist@example.com> in f37d1918 since 1790000000000, \
                     moved, owner 19194174, followers 19194174 1fce5c16";
/// As the answers to most writes have him.
const NOBODY: &str =
    "70021da4 of 397f8de5:  <> in f37d1918 since 1790000000000, moved, owner 19194174, followers 19194174 1fce5c16";
const IVO: &str = "e6ccb364 of 02d37cf5: Ivo Castellan <ivo.castellan@example.com> in lead-new since 1789913600000, \
                   owner 19194174, followers 19194174 1fce5c16";
const NELL: &str = "f4cd0880 of 93b8dfb7: Nell Farrow <nell.farrow@example.com> in applicant-new since \
                    1789827200000, owner 19194174, followers 19194174 1fce5c16";
const PETRA: &str = "899124f1 of c52d2dd4: Petra Winslow <petra.winslow@example.com> in offer since 1712240000000, \
                     owner 19194174, followers 19194174";
const RESULT: &str = "0d0c9508: Result: 82 / 100. Full report: https://example.com/reports/marlo";
const ENGINEER: &str = "25b2a561: Backend Engineer, published, Engineering, Research & Development, Lisbon; \
                        19194174 owner, 1fce5c16 hiring_manager, 19194174 follower";
const OTHERS: [&str; 3] = [
    "34f77086: Data Analyst, internal, Engineering, Research & Development, Lisbon; 19194174 owner, 19194174 follower",
    "6ed6455d: Office Manager, closed, Engineering, Research & Development, Lisbon; 19194174 owner, \
     1fce5c16 hiring_manager, 19194174 follower",
    "a528677a: Unannounced Role, draft, Engineering, Research & Development, Lisbon; 19194174 owner, 19194174 follower",
];
const SECRET: &str = "e3c73aa3: Chief Fictitious Officer, published, Engineering, Research & Development, Lisbon, \
                      confidential; 19194174 owner, 1fce5c16 hiring_manager, 19194174 follower";
const PEOPLE: [&str; 6] = [
    "1a435036: Eva Rowan <eva.rowan@example.com>, interviewer",
    "9801b5b1: Dov Marsh <dov.marsh@example.com>, limited team member",
    "1fce5c16: Cho Lindqvist <cho.lindqvist@example.com>, team member",
    "19194174: Ben Oakley <ben.oakley@example.com>, admin",
    "94e06706: Integration Robot <integration.robot@example.com>, admin",
    "b4457775: Ada Birchwood <ada.birchwood@example.com>, super admin",
];
const STAGES: [&str; 9] = [
    "lead-new: New lead",
    "lead-reached-out: Reached out",
    "lead-responded: Responded",
    "applicant-new: New applicant",
    "f9ef39b7: HM Review",
    "f37d1918: Take-home assessment",
    "3b64c29a: On-site interview",
    "929a157b: Reference check",
    "offer: Offer",
];

/// An id as far as it tells one from another; those of the built-in stages are words.
fn short(id: &str) -> &str {
    if id.len() == 36 { &id[..8] } else { id }
}

/// What a file holds, one or a page, each in a line.
fn lines<W: DeserializeOwned>(file: &str, line: impl Fn(W) -> String) -> Vec<String> {
    let body = fixture::text(file);
    let page = read::<Page<W>>(body.as_bytes()).map(|page| page.data);
    let all = page.or_else(|_| read::<One<W>>(body.as_bytes()).map(|one| vec![one.data]));
    all.unwrap_or_else(|error| panic!("{file}: {error}")).into_iter().map(line).collect()
}

fn opportunities(file: &str) -> Vec<String> {
    lines(file, |wire: OpportunityWire| {
        let read = Opportunity::from(wire);
        let followers: Vec<&str> = read.followers.iter().map(|id| short(id.as_str())).collect();
        let url = read.url.expect("an address");
        assert!(url.ends_with(&format!("/candidates/{}", read.id)), "{url}");
        let mut line = format!(
            "{} of {}: {} <{}> in {} since {}",
            short(read.id.as_str()),
            short(read.contact.as_str()),
            read.name,
            read.emails.join(" "),
            short(read.stage.as_str()),
            read.entered_stage_at.0,
        );
        let owner = read.owner.expect("an owner");
        for (is_so, part) in [
            (read.moved, ", moved".to_owned()),
            (true, format!(", owner {}, followers {}", short(owner.as_str()), followers.join(" "))),
            (read.archived, ", archived".to_owned()),
            (read.anonymized, ", anonymised".to_owned()),
            (read.confidential, ", confidential".to_owned()),
        ] {
            line.push_str(if is_so { &part } else { "" });
        }
        for posting in &read.postings {
            line.push_str(&format!(", for {}", short(posting.as_str())));
        }
        line
    })
}

fn deleted(file: &str) -> Vec<String> {
    lines(file, |wire: DeletedWire| short(&wire.id).to_owned())
}

fn notes(file: &str) -> Vec<String> {
    lines(file, |wire: NoteWire| {
        let Note { id, text, deleted } = Note::from(wire);
        format!("{}: {text}{}", short(id.as_str()), if deleted { ", deleted" } else { "" })
    })
}

fn postings(file: &str) -> Vec<String> {
    lines(file, |wire: PostingWire| {
        let people: Vec<String> =
            wire.associations().iter().map(|(person, kind)| format!("{} {kind}", short(person))).collect();
        let read = PostingChoice::from(wire);
        let place = [read.team, read.department, read.location, read.req_code];
        let place: Vec<String> = place.into_iter().flatten().collect();
        let confidential = if read.confidential { ", confidential" } else { "" };
        let (id, place, people) = (short(read.id.as_str()), place.join(", "), people.join(", "));
        format!("{id}: {}, {}, {place}{confidential}; {people}", read.title, read.state)
    })
}

fn users(file: &str) -> Vec<String> {
    lines(file, |wire: UserWire| {
        let text = |text: Option<String>| text.expect("a text");
        let gone = wire.deactivated_at.map(|at| format!(", gone since {at}")).unwrap_or_default();
        let (id, role) = (short(&wire.id), text(wire.access_role));
        format!("{id}: {} <{}>, {role}{gone}", text(wire.name), text(wire.email))
    })
}

fn stages(file: &str) -> Vec<String> {
    lines(file, |wire: StageWire| {
        let StageChoice { id, name, suggested } = wire.into();
        assert!(!suggested, "{name}");
        format!("{}: {name}", short(id.as_str()))
    })
}

fn webhooks(file: &str) -> Vec<String> {
    use secrecy::ExposeSecret as _;
    lines(file, |wire: WebhookWire| {
        let read = RemoteWebhook::from(wire);
        let token = read.signature_token.map(|token| format!(", signs by {}", token.expose_secret()));
        let origins = read.origins.map_or(0, |origins| origins.len());
        let (id, token) = (short(&read.id), token.unwrap_or_default());
        format!("{id}: {} to {}, {origins} origins{token}", read.event, read.url)
    })
}

#[test]
fn every_answer_that_we_ask_for_is_read_exactly() {
    type Read = fn(&str) -> Vec<String>;
    let but = |line: &str, other: &str| vec![format!("{line}{other}")];
    let all = |lines: &[&str]| lines.iter().map(|line| (*line).to_owned()).collect::<Vec<_>>();
    let hook = |line: &str| line.replace(" to ", " to https://hooks.example.com/lever/c-0001, ");
    let mut everybody = all(&PEOPLE);
    everybody.insert(1, "6b2b56ce: Fin Alder <fin.alder@example.com>, interviewer, gone since 1786544000000".into());
    let entered = NOBODY.replace("f37d1918 since 1790000000000", "3b64c29a since 1790000120000");
    let blank_nell = NELL.replace("Nell Farrow <nell.farrow@example.com>", " <>");
    let expected: [(&str, Read, Vec<String>); 28] = [
        ("opportunity.json", opportunities, all(&[MARLO])),
        ("opportunity_expanded.json", opportunities, but(MARLO, ", for 25b2a561")),
        ("opportunity_archived.json", opportunities, but(MARLO, ", archived")),
        ("opportunity_anonymized.json", opportunities, but(&blank_nell, ", anonymised")),
        ("opportunities_page1.json", opportunities, all(&[IVO, NELL])),
        ("opportunities_page2.json", opportunities, all(&[MARLO, PETRA])),
        ("opportunity_addtags_response.json", opportunities, all(&[NOBODY])),
        ("opportunity_stage_response.json", opportunities, vec![entered]),
        ("opportunity_archived_response.json", opportunities, but(NOBODY, ", archived")),
        ("opportunity_unarchived_response.json", opportunities, all(&[NOBODY])),
        ("opportunity_addlinks_response.json", opportunities, all(&[MARLO])),
        ("opportunity_created.json", opportunities, all(&[IVO])),
        ("opportunities_deleted.json", deleted, all(&["a7cc67aa"])),
        ("note.json", notes, all(&[RESULT])),
        ("notes.json", notes, all(&[RESULT])),
        ("note_created.json", notes, all(&[RESULT])),
        ("note_updated.json", notes, all(&["0d0c9508: Result corrected: 84 / 100."])),
        // What others answered to it is not our note.
        ("note_with_thread.json", notes, all(&[RESULT])),
        ("posting.json", postings, all(&[ENGINEER])),
        ("postings.json", postings, all(&[&[ENGINEER], &OTHERS[..]].concat())),
        ("postings_confidential_all.json", postings, all(&[&[ENGINEER], &OTHERS[..], &[SECRET]].concat())),
        ("user.json", users, all(&PEOPLE[5..])),
        ("users.json", users, all(&PEOPLE)),
        ("users_with_deactivated.json", users, everybody),
        ("stage.json", stages, all(&STAGES[5..6])),
        ("stages.json", stages, all(&STAGES)),
        (
            "webhook_created.json",
            webhooks,
            but(
                &hook("e64a3426: candidateStageChange to 6 origins"),
                ", signs by 626693e74d2457cbf4903a4ba27020e9dbaaf35f5d034f94",
            ),
        ),
        (
            "webhooks_list.json",
            webhooks,
            vec![
                hook("e64a3426: candidateStageChange to 6 origins"),
                hook("5080ad37: candidateArchiveChange to 6 origins"),
                hook("b9ff9999: candidateHired to 6 origins"),
                hook("501929eb: candidateDeleted to 0 origins"),
            ],
        ),
    ];
    for (file, read, expected) in &expected {
        assert_eq!(read(file), *expected, "{file}");
    }
    let read = expected.iter().map(|(file, ..)| *file).chain(NEVER_ASKED);
    let there = fixture::all("answer").into_iter().map(|(file, _)| file);
    assert_eq!(there.collect::<BTreeSet<_>>(), read.map(str::to_owned).collect(), "each is read or never asked for");
}

#[test]
fn a_list_goes_on_where_it_says_so_and_the_webhooks_never_do() {
    let page = |file: &str| {
        let read = read::<Page<serde::de::IgnoredAny>>(fixture::text(file).as_bytes());
        read.ok().map(|page| (page.has_next, page.next))
    };
    let lists: Vec<(String, (bool, Option<String>))> =
        fixture::all("answer").into_iter().filter_map(|(file, _)| page(&file).map(|end| (file, end))).collect();
    let (going_on, ending): (Vec<_>, Vec<_>) = lists.into_iter().partition(|(_, (has_next, _))| *has_next);
    let next = "%5B201%2C1790000000000%2C%2270021da4-e5fd-4b37-81c3-c6e6989ea8b3%22%5D".to_owned();
    assert_eq!(going_on, [("opportunities_page1.json".to_owned(), (true, Some(next)))]);
    assert_eq!(ending.len(), 12, "{ending:?}");
    assert!(ending.iter().all(|(_, (_, next))| next.is_none()), "{ending:?}");
}
