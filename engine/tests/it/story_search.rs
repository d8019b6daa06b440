//! A recruiter types what they remember of a candidate; and whatever is asked for, its pages hold each match once.

use std::time::Duration;

use engine::{
    access::{Member, Role},
    invite::{self, Filter, InviteState},
    verdict::Verdict,
};
use serde_json::json;

use crate::world::{POSTING, Sender, World};

async fn found(world: &World, typed: &str) -> Vec<String> {
    let filter = Filter { name: Some(typed.to_owned()), ..Filter::default() };
    let page = invite::page(&world.engine, &world.admin, &filter).await.expect("the list");
    assert_eq!(page.count, i64::try_from(page.rows.len()).expect("few"), "{typed}");
    page.rows.into_iter().map(|row| row.candidate_name).collect()
}

#[tokio::test]
async fn candidates_are_found_by_the_beginnings_of_their_words() {
    let (world, _) = World::attached().await;
    let people = [("Maya Chen", "m.chen@mail.example"), ("Chloé Mayer", "chloe@mail.example")];
    for (name, email) in people {
        let id = world.applies(name, Some(email), Some(POSTING)).await;
        world.moves(&id, &world.stage).await;
        world.hear(Sender::Lever).await;
    }
    world.until("both are sent", async || world.sent().await.len() == 2).await;
    let (maya, chloe) = ("Maya Chen", "Chloé Mayer");
    assert_eq!(found(&world, "may").await, [maya, chloe], "in the order of the words");
    assert_eq!(found(&world, "CHEN maya").await, [maya]);
    assert_eq!(found(&world, "m.chen@ma").await, [maya]);
    assert_eq!(found(&world, "chloé").await, [chloe]);
    assert_eq!(found(&world, "chloe").await, [chloe], "by the address");
    assert_eq!(found(&world, "ch may mail").await, [maya, chloe], "all words, in any order");
    for nothing in ["aya", "maya mayer", "%", "_", "maya''"] {
        let expected = usize::from(nothing == "maya''");
        assert_eq!(found(&world, nothing).await.len(), expected, "{nothing}");
    }
    assert_eq!(found(&world, " ").await.len(), 2, "nothing typed is no search");
}

#[tokio::test]
async fn whoever_gets_an_address_is_found_by_it_and_whoever_was_erased_by_nothing() {
    let (world, _) = World::attached().await;
    let ada = world.applies("Ada Example", None, Some(POSTING)).await;
    world.moves_to_stage(&ada).await;
    world.until_state(InviteState::Waiting).await;
    assert_eq!((found(&world, "ada").await.len(), found(&world, "countess").await.len()), (1, 0));
    world.lever("/sandbox/email", json!({ "opportunity": ada, "emails": ["countess@mail.example"] })).await;
    world.advance(Duration::from_secs(15 * 60 + 1));
    world.until_state(InviteState::Sent).await;
    assert_eq!(found(&world, "countess ada").await, ["Ada Example"]);
    world.lever("/sandbox/anonymize", json!({ "opportunity": ada })).await;
    world.moves(&ada, "offer").await;
    world.hear(Sender::Lever).await;
    world.until("the name is gone", async || found(&world, "ada").await.is_empty()).await;
    let words: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM invite_words")
        .fetch_one(world.engine.db.read())
        .await
        .expect("readable");
    assert_eq!(words, 0);
}

/// An invite as it is made for the pages below.
#[derive(Clone)]
struct Made {
    id: String,
    changed_at: i64,
    posting: String,
    confidential: bool,
    state: &'static str,
    verdict: &'static str,
    is_followed: bool,
}

/// Of the postings `p0`… the first two are associated with `u1`, who follows every ninth opportunity too.
fn made(number: i64) -> Made {
    let place = number % 7;
    Made {
        id: format!("inv_{number:04}"),
        changed_at: 1_000 + number / 3,
        posting: format!("p{place}"),
        confidential: place > 4,
        state: if number % 5 == 0 { "completed" } else { "sent" },
        verdict: if number % 10 == 0 { "failed" } else { "n/a" },
        is_followed: number % 9 == 0,
    }
}

async fn store(world: &World, invites: &[Made]) {
    let (attachment, account): (String, String) = sqlx::query_as("SELECT id, provider_account_id FROM attachments")
        .fetch_one(world.engine.db.read())
        .await
        .expect("one attachment");
    let mut tx = world.engine.db.write().await.expect("a transaction");
    let organization = world.admin.organization.as_str();
    for invite in invites {
        sqlx::query(
            "INSERT INTO invites (id, organization_id, opportunity_id, contact_id, attachment_id, provider_account_id,
                 assessment_id, assessment_name, round, posting_id, posting_title, confidential, stage_id,
                 entered_stage_at, candidate_name, state, read_at, report_token, verdict, created_at, changed_at)
             VALUES ($1, $2, $1, $1, $3, $4, 'as', 'Python', 1, $5, $5, $6, 's', 0, 'Ada', $7, 0, $1, $8, $9, $9)",
        )
        .bind(&invite.id)
        .bind(organization)
        .bind(&attachment)
        .bind(&account)
        .bind(&invite.posting)
        .bind(i64::from(invite.confidential))
        .bind(invite.state)
        .bind(invite.verdict)
        .bind(invite.changed_at)
        .execute(&mut *tx)
        .await
        .expect("a row");
        for word in ["ada", "adam"] {
            sqlx::query("INSERT INTO invite_words (organization_id, beginning, invite_id) VALUES ($1, $2, $3)")
                .bind(organization)
                .bind(format!("{word} {}", invite.posting))
                .bind(&invite.id)
                .execute(&mut *tx)
                .await
                .expect("a row");
        }
    }
    let followed = invites.iter().filter(|invite| invite.is_followed).map(|invite| ("opportunity", invite.id.as_str()));
    for (kind, subject) in followed.chain([("posting", "p0"), ("posting", "p1")]) {
        for tie in ["owner", "follower"] {
            sqlx::query(
                "INSERT INTO associations (organization_id, subject_kind, subject_id, lever_user_id, kind)
                 VALUES ($1, $2, $3, 'u1', $4)",
            )
            .bind(organization)
            .bind(kind)
            .bind(subject)
            .bind(tie)
            .execute(&mut *tx)
            .await
            .expect("a row");
        }
    }
    tx.commit().await.expect("stored");
}

/// Whether a list is to hold it.
type Matches = fn(&Made) -> bool;

/// Walks all pages.
async fn walked(world: &World, member: &Member, filter: &Filter) -> Vec<String> {
    let mut ids = Vec::new();
    let mut filter = filter.clone();
    loop {
        let page = invite::page(&world.engine, member, &filter).await.expect("a page");
        ids.extend(page.rows.into_iter().map(|row| row.id.0));
        let Some(next) = page.next else { return ids };
        filter.after = Some(next);
    }
}

#[tokio::test]
async fn the_pages_of_every_list_hold_each_match_once_and_in_order() {
    let (world, _) = World::attached().await;
    let all: Vec<Made> = (1..=400).map(made).collect();
    store(&world, &all).await;
    let sees = |role: Role, invite: &Made| {
        let associated = invite.is_followed || ["p0", "p1"].contains(&invite.posting.as_str());
        role >= Role::Admin || associated || (role == Role::TeamMember && !invite.confidential)
    };
    let none = Filter::default;
    let lists: [(Filter, Matches); 8] = [
        (none(), |_| true),
        (Filter { state: Some(InviteState::Completed), ..none() }, |invite| invite.state == "completed"),
        (Filter { posting: Some("p1".into()), ..none() }, |invite| invite.posting == "p1"),
        (Filter { posting: Some("p6".into()), ..none() }, |invite| invite.posting == "p6"),
        (Filter { awaiting_verdict: true, ..none() }, |invite| invite.state == "completed" && invite.verdict == "n/a"),
        (Filter { verdict: Some(Verdict::Failed), ..none() }, |invite| invite.verdict == "failed"),
        (Filter { needs_attention: true, ..none() }, |_| false),
        (Filter { mine: true, ..none() }, |invite| invite.is_followed),
    ];
    for role in [Role::SuperAdmin, Role::TeamMember, Role::LimitedTeamMember] {
        let member = Member { role, lever_user: Some("u1".into()), ..world.admin.clone() };
        for (filter, matches) in &lists {
            let mut expected: Vec<_> = all.iter().filter(|invite| sees(role, invite) && matches(invite)).collect();
            expected.sort_by(|a, b| (b.changed_at, &b.id).cmp(&(a.changed_at, &a.id)));
            let ids: Vec<_> = expected.into_iter().map(|invite| invite.id.clone()).collect();
            assert_eq!(walked(&world, &member, filter).await, ids, "{role:?} {filter:?}");
            let count = invite::page(&world.engine, &member, filter).await.expect("a page").count;
            assert_eq!(count, i64::try_from(ids.len()).expect("few"), "{role:?} {filter:?}");
            let search = Filter { name: Some("ad".into()), ..filter.clone() };
            let mut found = walked(&world, &member, &search).await;
            found.sort_unstable();
            let mut ids = ids;
            ids.sort_unstable();
            assert_eq!(found, ids, "{role:?} {search:?}");
        }
    }
}
