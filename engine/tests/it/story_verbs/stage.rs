//! What the stories of the verbs stand on.

use std::time::Duration;

use engine::{
    access::Member,
    fault::FlowError,
    id::InviteId,
    invite::{
        InviteState, Row,
        verb::{self, Offered, Request, Standing, Verb},
    },
    provider::Protocol,
};
use serde_json::{Value, json};

use crate::world::{POSTING, World, text};

pub const ADA: &str = "ada@mail.example";
pub const BETTER: &str = "ada@other.example";
pub const DAY: Duration = Duration::from_secs(24 * 3600);

pub async fn sent() -> (World, String, Row) {
    sent_over(Protocol::Canditech).await
}

pub async fn sent_over(protocol: Protocol) -> (World, String, Row) {
    let (world, _) = World::attached_over(protocol).await;
    let ada = world.applies("Ada Example", Some(ADA), Some(POSTING)).await;
    world.moves_to_stage(&ada).await;
    let row = world.until_state(InviteState::Sent).await;
    world.until("noted", async || world.note_says(&ada, &["Status: Sent"]).await).await;
    (world, ada, row)
}

pub async fn completed() -> (World, String, Row) {
    let (world, ada, _) = sent().await;
    world.submits(ADA, Some(40)).await;
    let row = world.until_state(InviteState::Completed).await;
    (world, ada, row)
}

/// Asks as whoever sees the invite now.
pub async fn ask(world: &World, id: &InviteId, request: Request) -> Result<InviteId, FlowError> {
    let version = world.detail(id).await.row.version;
    ask_as(world, &world.admin, id, version, request).await
}

pub async fn ask_as(
    world: &World,
    member: &Member,
    id: &InviteId,
    version: i64,
    request: Request,
) -> Result<InviteId, FlowError> {
    world.tick();
    verb::ask(&world.engine, member, id, version, request).await
}

pub async fn standing(world: &World, id: &InviteId, wanted: Verb) -> Standing {
    let offered = verb::offered(&world.engine, &world.admin, id).await.expect("readable");
    offered.into_iter().find(|offered: &Offered| offered.verb == wanted).expect("each is there").standing
}

/// The addresses of the mails that went out, in their order.
pub async fn mails(world: &World) -> Vec<String> {
    let sent = world.sent().await;
    let mut mails: Vec<Value> =
        sent.iter().flat_map(|invite| invite["mails"].as_array().expect("mails").clone()).collect();
    mails.sort_by_key(|mail| mail["number"].as_i64());
    mails.iter().map(|mail| text(&mail["to"])).collect()
}

pub async fn said(world: &World, id: &InviteId, sentence: &str) -> usize {
    world.detail(id).await.timeline.iter().filter(|entry| entry.sentence.contains(sentence)).count()
}

pub async fn verb_goes_wrong(world: &World, kind: Value) {
    world
        .fault_at_canditech(json!({ "path_prefix": "/api/invites/", "method": "POST", "kind": kind, "times": 1 }))
        .await;
}

/// How a lost or unclear answer looks.
pub fn unclear_answers() -> [Value; 5] {
    [
        json!("drop_after"),
        json!("drop_before"),
        json!("truncated"),
        json!("html200"),
        json!({ "status": { "code": 502, "body": "" } }),
    ]
}
