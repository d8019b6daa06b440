//! What becomes of an erased candidate elsewhere, and of the receipt: our note in Lever goes, the provider is asked to
//! forget, whatever fails meanwhile; who was deleted in Lever is erased and who is only hidden never; and an
//! organization keeps candidates for as long as it chose.

mod elsewhere;
mod gone;
mod kept;
mod requested;

use std::time::Duration;

use engine::{
    audit::{self, Area, Filter},
    erasure::{self, Receipt},
    id::InviteId,
    invite::{self, InviteState, Row},
    job,
};
use serde_json::{Value, json};

use crate::world::{POSTING, Sender, World};

const ADA: &str = "ada@mail.example";
const HOUR: Duration = Duration::from_secs(3_600);

/// Ada was sent the assessment, and Lever has our note.
async fn ada_is_sent(world: &World) -> (String, Row) {
    let ada = world.applies("Ada Example", Some(ADA), Some(POSTING)).await;
    world.moves_to_stage(&ada).await;
    let row = world.until_state(InviteState::Sent).await;
    world.until("noted", async || world.note_says(&ada, &["Status: Sent"]).await).await;
    (ada, row)
}

/// Lever anonymises her, leaves our note, and tells of something else about her.
async fn is_anonymised(world: &World, ada: &str) {
    world.lever("/sandbox/anonymize", json!({ "opportunity": ada, "keep_notes": true })).await;
    world.moves(ada, "offer").await;
    world.hear(Sender::Lever).await;
}

async fn receipt(world: &World, invite: &InviteId) -> Option<Receipt> {
    erasure::receipt(&world.engine, &world.admin, invite).await.expect("readable")
}

async fn is_erased(world: &World, invite: &InviteId) -> bool {
    receipt(world, invite).await.is_some()
}

/// Works until the receipt says so, a minute further each time.
async fn until_it_says(world: &World, invite: &InviteId, what: &str, says: impl Fn(&Receipt) -> bool) -> Receipt {
    let is_so = async || {
        world.advance(Duration::from_secs(60));
        receipt(world, invite).await.is_some_and(|receipt| says(&receipt))
    };
    world.until(what, is_so).await;
    receipt(world, invite).await.expect("there is one")
}

async fn deeds(world: &World) -> Vec<audit::Entry> {
    let filter = Filter { area: Some(Area::Candidate), by: None };
    let all = audit::page(&world.engine, &world.admin, &filter, None, 100).await.expect("the log");
    all.into_iter().filter(|entry| entry.action == "candidate_erased").collect()
}

async fn rows(world: &World, statement: &'static str) -> i64 {
    sqlx::query_scalar(statement).fetch_one(world.engine.db.read()).await.expect("a number")
}

/// Housekeeping after so many times six hours, and what it puts on the list of work.
async fn passes(world: &World, quarters: u32) {
    for _ in 0..quarters {
        world.advance(6 * HOUR);
        job::schedule_standing_work(&world.engine).await.expect("done");
        world.drain().await;
    }
}

async fn is_at_the_provider(world: &World, email: &str) -> bool {
    world.sent_to(email).await > 0
}

async fn exported(world: &World, invite: &InviteId) -> Value {
    let json = invite::export(&world.engine, &world.admin, invite).await.expect("exported");
    serde_json::from_str(&json).expect("JSON")
}
