//! Another data key while servers run.

use std::time::Duration;

use engine::{
    access::{reset, second_factor},
    audit,
    invite::InviteState,
    job, keys, notice, provider,
};
use tokio_util::sync::CancellationToken;

use crate::world::{POSTING, World, soon};

/// The keys that secrets are sealed with, and those that there are.
async fn keys_of(world: &World) -> (Vec<u8>, Vec<i64>) {
    let sealed = "SELECT access_token FROM connections UNION ALL SELECT refresh_token FROM connections
        UNION ALL SELECT signature_token FROM webhooks UNION ALL SELECT api_key FROM provider_accounts
        UNION ALL SELECT callback_secret FROM provider_accounts
        UNION ALL SELECT former_callback_secret FROM provider_accounts WHERE former_callback_secret IS NOT NULL UNION ALL SELECT token FROM invitations
        UNION ALL SELECT token FROM password_resets UNION ALL SELECT secret FROM outgoing_webhooks
        UNION ALL SELECT key FROM second_factors UNION ALL SELECT codes FROM second_factors";
    let sealed: Vec<Vec<u8>> = sqlx::query_scalar(sealed).fetch_all(world.engine.db.read()).await.expect("readable");
    let mut used: Vec<u8> = sealed.iter().map(|value| value[1]).collect();
    used.sort_unstable();
    used.dedup();
    let there = "SELECT id FROM data_keys ORDER BY id";
    (used, sqlx::query_scalar(there).fetch_all(world.engine.db.read()).await.expect("readable"))
}

#[tokio::test]
async fn a_server_that_runs_learns_of_a_new_key_and_goes_on_with_it() {
    let world = World::attached().await.0.mailing(&["127.0.0.1:9".into()]).await;
    reset::ask(&world.engine, "nora@halden.example").await.expect("asked");
    second_factor::offer(&world.engine, &world.admin).await.expect("offered");
    provider::renew_callback_secret(&world.engine, &world.admin).await.expect("made");
    notice::save_outgoing(&world.engine, &world.admin, "http://127.0.0.1:9/").await.expect("named");
    assert_eq!(keys_of(&world).await, (vec![1], vec![1]));
    let command = world.second_process().await;
    assert_eq!(keys::renew(&command).await.expect("made"), 2);
    assert_eq!(keys_of(&world).await, (vec![1], vec![1, 2]), "nothing is sealed with what a server may not know");
    let stop = CancellationToken::new();
    let server = tokio::spawn(job::dispatch(world.engine.clone(), stop.clone()));
    // Each server looks with its heartbeat, and does so when it begins.
    let known = async || {
        world.advance(Duration::from_secs(3_700));
        engine::connection::sync_now(&world.engine, &world.admin).await.expect("a sync with a fresh token");
        keys_of(&world).await.0.contains(&2)
    };
    soon("the running server seals with it", known).await;
    assert!(keys::seal_anew(&command).await.expect("sealed") > 0);
    assert_eq!(keys_of(&world).await, (vec![2], vec![1, 2]));
    assert_eq!(keys::seal_anew(&command).await.expect("sealed"), 0, "once is enough");

    world.moves_to_stage(&world.applies("Ada Example", Some("ada@mail.example"), Some(POSTING)).await).await;
    world.until_state(InviteState::Sent).await;
    world.advance(Duration::from_secs(3_700));
    engine::connection::sync_now(&world.engine, &world.admin).await.expect("the refresh token opens");
    stop.cancel();
    server.await.expect("no panic");

    assert_eq!(keys::renew(&command).await.expect("made"), 3);
    keys::seal_anew(&command).await.expect("sealed");
    assert_eq!(keys_of(&world).await, (vec![3], vec![2, 3]), "what nothing is sealed with goes a rotation later");
    let log = audit::page(&world.engine, &world.admin, &audit::Filter::default(), None, 2).await.expect("the log");
    assert!(log.iter().all(|entry| entry.action == "data_key_made" && entry.by == audit::By::Terminal), "{log:?}");
    let fresh = world.second_process().await;
    engine::connection::sync_now(&fresh, &world.admin).await.expect("a new server opens all of it");
}
