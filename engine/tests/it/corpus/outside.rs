//! What stands at Lever and Canditech, so that it can be set up again; what is known there by an id of its
//! own has a name instead, which also stands in the database's rows.

use serde_json::{Value, json};

use crate::world::{STAGE, World, text};

/// What is written for an id or an address, in pairs.
pub type Names = Vec<(String, String)>;

/// The outside, and the names of what is in it.
pub async fn outside(world: &World) -> (Value, Names) {
    let (lever, canditech) = (world.lever_state().await, world.canditech_state().await);
    let mut names = addresses(world);
    let stages = lever["stages"].as_array().expect("a list");
    let stage = stages.iter().find(|stage| stage["text"] == STAGE).expect("the stage");
    names.push((text(&stage["id"]), "⟦stage⟧".to_owned()));
    let opportunities = lever["opportunities"].as_array().expect("a list").iter().enumerate();
    let opportunities: Vec<Value> = opportunities.map(|(n, one)| opportunity(n, one, &mut names)).collect();
    let invites = canditech["invites"].as_array().expect("a list").iter().enumerate();
    let invites: Vec<Value> = invites.map(|(n, one)| invite(n, one, &mut names)).collect();
    (json!({ "opportunities": opportunities, "invites": invites }), names)
}

fn addresses(world: &World) -> Names {
    let settings = &world.engine.settings;
    let [ours, lever] = [&settings.public_url, &settings.lever.auth_url];
    let [ours, lever] = [ours, lever].map(|url| url.as_str().trim_end_matches('/').to_owned());
    vec![(ours, "⟦candilever⟧".into()), (lever, "⟦lever⟧".into()), (world.canditech_url(), "⟦canditech⟧".into())]
}

fn named(names: &mut Names, id: &Value, name: String) -> String {
    names.push((text(id), name.clone()));
    name
}

fn opportunity(n: usize, one: &Value, names: &mut Names) -> Value {
    let notes = one["notes"].as_array().expect("a list").iter().filter(|note| note["deletedAt"].is_null()).enumerate();
    let notes: Vec<Value> = notes
        .map(|(m, note)| {
            let id = named(names, &note["id"], format!("⟦note {n}.{m}⟧"));
            json!({ "id": id, "text": note["fields"][0]["value"] })
        })
        .collect();
    json!({
        "id": named(names, &one["id"], format!("⟦opportunity {n}⟧")),
        "contact": named(names, &one["contact"], format!("⟦contact {n}⟧")),
        "name": one["name"], "email": one["emails"][0], "posting": one["posting"], "notes": notes,
    })
}

fn invite(n: usize, one: &Value, names: &mut Names) -> Value {
    json!({
        "id": named(names, &one["invite_id"], format!("⟦invite {n}⟧")),
        "asked": {
            "assessment_id": one["assessment_id"], "candidate": one["candidate"], "metadata": one["metadata"],
        },
        "retake_of": one["retake_of"], "status": one["status"], "score": one["score"]["value"],
    })
}
