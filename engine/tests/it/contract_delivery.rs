//! Each kind of message that Lever is known to send, over HTTP: it is answered and kept, and acted on only where it
//! must be. What the message says is a hint; what is done follows from what stands in Lever.

use std::{collections::BTreeSet, time::Duration};

use engine::{
    connection::{self, Overview},
    delivery::{self, DeliveryRow},
    invite::InviteState,
};
use serde_json::json;

use crate::{
    fixture,
    world::{POSTING, World, text},
};

const KEY: &str = "a signature token of Halden's own";
const ENTERED: &str = "webhook_stage_change.json";
const IGNORED: &str = "Not an event we act on";
const ARCHIVED: &str = "Nothing to send. Python, 60 min: is archived in Lever";
const HAS_IT: &str = "Nothing to send. Python, 60 min: has it already";
const GONE: &str = "Lever no longer shows this candidate";

/// How an invite stands, and why.
type Standing<'a> = (InviteState, Option<&'a str>);

/// What happens in Lever, of which the message tells.
#[derive(Debug, Clone, Copy)]
enum Happens {
    Nothing,
    /// Somebody comes into the attached stage.
    Entry,
    Leaving,
    Archival,
    Return,
    Hire,
    Deletion,
    /// Somebody is given an address.
    Address,
}

impl World {
    /// Lever tells nothing by itself, and signs with a token that we know.
    async fn silent() -> Self {
        let (world, _) = Self::attached().await;
        world.lever("/sandbox/webhooks/mode", json!({ "drop": true })).await;
        connection::paste_signature_token(&world.engine, &world.admin, KEY).await.expect("taken");
        world.drain().await;
        world
    }

    async fn does(&self, opportunity: &str, happens: &[Happens]) {
        for happens in happens {
            let (path, more) = match happens {
                Happens::Nothing => continue,
                Happens::Entry => ("move", json!({ "stage": self.stage })),
                Happens::Leaving => ("move", json!({ "stage": "offer" })),
                Happens::Archival => ("archive", json!({ "reason": "Under-qualified" })),
                Happens::Return => ("unarchive", json!({})),
                Happens::Hire => ("archive", json!({ "reason": "Hired" })),
                Happens::Deletion => ("delete", json!({})),
                Happens::Address => ("email", json!({ "emails": ["found@mail.example"] })),
            };
            let mut body = more;
            body["opportunity"] = json!(opportunity);
            self.lever(&format!("/sandbox/{path}"), body).await;
        }
    }

    async fn contact(&self, opportunity: &str) -> String {
        let state = self.lever_state().await;
        let all = state["opportunities"].as_array().expect("a list");
        text(&all.iter().find(|one| one["id"] == opportunity).expect("somebody")["contact"])
    }

    /// A recorded message about somebody of this world, delivered; answers its row when all is done.
    async fn tells(&self, file: &str, opportunity: &str, contact: &str, stage: &str) -> DeliveryRow {
        let mut message = fixture::json(file);
        let about = [
            ("opportunityId", opportunity),
            ("candidateId", opportunity),
            ("contactId", contact),
            ("toStageId", stage),
        ];
        let data = message["data"].as_object_mut().expect("an object");
        for (name, id) in about {
            data.entry(name).and_modify(|value| *value = json!(id));
        }
        self.tick();
        // One of its own for each of them.
        let (whose, when) = (&opportunity[..8], self.engine.clock.now().0);
        message["token"] = json!(format!("{whose}{when:013}{}", &text(&message["token"])[21..]));
        let message = self.signs(KEY, message);
        let before = self.told().await.len();
        assert_eq!(self.delivers(&message).await, 200, "{file}");
        assert_eq!(self.delivers(&message).await, 200, "{file} once more");
        self.until(file, async || self.told().await.iter().all(|row| row.outcome.is_some())).await;
        let mut all = self.told().await;
        assert_eq!(all.len() - before, 1, "{file} is kept, once");
        let row = all.remove(0);
        assert!(row.handled_at.is_some() && !row.has_problem, "{row:?}");
        assert_eq!(row.event, text(&message["event"]), "{file}");
        row
    }

    /// What Lever told, newest first.
    async fn told(&self) -> Vec<DeliveryRow> {
        let all = delivery::list(&self.engine, &self.admin, None, 200).await.expect("the list");
        all.into_iter().filter(|row| row.from_lever).collect()
    }

    async fn shown(&self) -> Overview {
        connection::overview(&self.engine, &self.admin).await.expect("readable").expect("a connection")
    }
}

/// Every message there is but the ping, and no other, has its line.
fn all_but_the_ping<'a>(files: impl Iterator<Item = &'a str>) {
    let there = fixture::all("delivery").into_iter().map(|(file, _)| file).filter(|file| file != "webhook_verify.json");
    assert_eq!(there.collect::<BTreeSet<_>>(), files.map(str::to_owned).collect());
}

#[tokio::test]
async fn every_message_about_somebody_new_is_kept_and_invites_whom_lever_shows_in_the_stage() {
    use Happens::{Archival, Deletion, Entry, Hire, Nothing, Return};
    let world = World::silent().await;
    // What happened in Lever, what Activity says of the message, and whether Lever was asked at all.
    let expected: [(&str, &[Happens], &str, bool); 12] = [
        (ENTERED, &[Entry], "Invite: Python, 60 min", true),
        ("webhook_stage_change_no_id.json", &[Entry], "Invite: Python, 60 min", true),
        ("webhook_application_created.json", &[Nothing], "No attachment on this stage", true),
        ("webhook_archive_change.json", &[Entry, Archival], ARCHIVED, true),
        ("webhook_unarchive_change.json", &[Entry, Archival, Return], "Invite: Python, 60 min", true),
        ("webhook_hired.json", &[Entry, Hire], ARCHIVED, true),
        ("webhook_deleted.json", &[Entry, Deletion], GONE, true),
        ("webhook_interview_created.json", &[Entry], IGNORED, false),
        ("webhook_interview_updated.json", &[Entry], IGNORED, false),
        ("webhook_interview_deleted.json", &[Entry], IGNORED, false),
        ("webhook_contact_created.json", &[Entry], "Nobody we invited", false),
        ("webhook_contact_updated.json", &[Entry], "Nobody we invited", false),
    ];
    all_but_the_ping(expected.iter().map(|(file, ..)| *file));
    for (file, happens, outcome, is_asked) in expected {
        let email = format!("{}@mail.example", file.trim_end_matches(".json"));
        let opportunity = world.applies(file, Some(&email), Some(POSTING)).await;
        let contact = world.contact(&opportunity).await;
        world.does(&opportunity, happens).await;
        let row = world.tells(file, &opportunity, &contact, &world.stage).await;
        assert_eq!(row.outcome.as_deref(), Some(outcome), "{file}");
        assert_eq!(row.subject, is_asked.then(|| opportunity.clone()), "{file}");
        let asked = world.asked_of_lever("GET", &format!("/v1/opportunities/{opportunity}")).await;
        assert_eq!(asked > 0, is_asked, "{file}: {asked} questions");
        let invited = usize::from(outcome.starts_with("Invite"));
        world.until(file, async || world.sent_to(&email).await == invited).await;
    }
    assert_eq!(world.invites().await.len(), 3, "the other nine have none");
}

#[tokio::test]
async fn every_message_about_somebody_who_waits_changes_what_lever_has_changed() {
    use Happens::{Address, Archival, Deletion, Hire, Leaving, Nothing, Return};
    use InviteState::{Cancelled, Sent, Waiting};
    let world = World::silent().await;
    let left = (Cancelled, Some("Left the stage before the assessment was sent."));
    let archived = (Cancelled, Some("Archived in Lever before the assessment was sent."));
    let gone = (Cancelled, Some("Lever no longer shows this candidate."));
    let waits = (Waiting, Some("No e-mail address in Lever. Add one there and it goes on by itself."));
    let expected: [(&str, &[Happens], &str, Standing<'_>); 12] = [
        (ENTERED, &[Leaving], "No attachment on this stage", left),
        ("webhook_stage_change_no_id.json", &[Leaving], "No attachment on this stage", left),
        ("webhook_application_created.json", &[Nothing], HAS_IT, waits),
        ("webhook_archive_change.json", &[Archival], ARCHIVED, archived),
        ("webhook_unarchive_change.json", &[Archival, Return], HAS_IT, waits),
        ("webhook_hired.json", &[Hire], ARCHIVED, archived),
        ("webhook_deleted.json", &[Deletion], GONE, gone),
        // Lever has an address by now, and nobody looks for it because of an interview.
        ("webhook_interview_created.json", &[Address], IGNORED, waits),
        ("webhook_interview_updated.json", &[Address], IGNORED, waits),
        ("webhook_interview_deleted.json", &[Address], IGNORED, waits),
        ("webhook_contact_created.json", &[Nothing], HAS_IT, waits),
        ("webhook_contact_updated.json", &[Address], "Goes on", (Sent, None)),
    ];
    all_but_the_ping(expected.iter().map(|(file, ..)| *file));
    for (file, happens, outcome, standing) in expected {
        let opportunity = world.applies(file, None, Some(POSTING)).await;
        let contact = world.contact(&opportunity).await;
        world.does(&opportunity, &[Happens::Entry]).await;
        world.tells(ENTERED, &opportunity, &contact, &world.stage).await;
        let invite = async || {
            let all = world.invites().await;
            all.into_iter().find(|row| row.candidate_name == file).expect("an invite")
        };
        let before = invite().await;
        assert_eq!((before.state, before.reason.as_deref()), waits, "{file}");
        world.does(&opportunity, happens).await;
        let stage = if standing == left { "offer" } else { &world.stage };
        let row = world.tells(file, &opportunity, &contact, stage).await;
        assert_eq!(row.outcome.as_deref(), Some(outcome), "{file}");
        world.until(file, async || invite().await.state == standing.0).await;
        assert_eq!(invite().await.reason.as_deref(), standing.1, "{file}");
    }
}

#[tokio::test]
async fn the_ping_is_answered_and_counted_and_kept_nowhere() {
    let world = World::silent().await;
    let at = world.shown().await.last_ping_at;
    world.advance(Duration::from_secs(60));
    let ping = fixture::json("webhook_verify.json");
    assert_eq!(world.delivers(&world.signs(KEY, ping.clone())).await, 200);
    let shown = world.shown().await;
    assert!(shown.last_ping_verified && shown.last_ping_at > at && shown.last_event_at.is_none(), "{shown:?}");
    let by_hand = shown.webhooks.iter().find(|hook| !hook.made_by_api).expect("the one made by hand");
    assert_eq!(by_hand.verified_at, shown.last_ping_at);
    assert_eq!((world.told().await.len(), world.invites().await.len()), (0, 0));
    // As it is recorded, with the key of somebody else's webhook, it proves nothing.
    world.advance(Duration::from_secs(60));
    assert_eq!(world.delivers(&ping).await, 200);
    assert!(!world.shown().await.last_ping_verified);
}
