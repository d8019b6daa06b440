//! Two processes on one database: what one does the other knows, and nothing is done twice.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use engine::{
    Engine,
    access::Role,
    db::Flavour,
    id::OrganizationId,
    invite::InviteState,
    job,
    lever::{Api, LeverError},
    live::{self, Change, Pulse},
    settings::Settings,
};
use serde_json::json;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::broadcast::Receiver,
};
use tokio_util::sync::CancellationToken;

use crate::world::{POSTING, World, add_user, soon};

#[tokio::test]
async fn two_processes_send_each_candidate_one_invite_and_one_note() {
    let (world, _) = World::attached().await;
    // Whoever waits long for a turn comes back by the test's clock, which stands still here.
    let stop = CancellationToken::new();
    let other = world.second_process().await;
    let processes = [world.engine.clone(), other].map(|engine| tokio::spawn(job::dispatch(engine, stop.clone())));
    let made = world.lever("/sandbox/candidates/bulk", json!({ "n": 8, "posting": POSTING })).await;
    let body = json!({ "opportunities": made["opportunities"], "stage": world.stage });
    world.lever("/sandbox/bulk-move", body).await;
    let notes = async || world.asked_of_lever("POST", "/v1/opportunities").await;
    soon("all are noted", async || notes().await >= 8).await;
    stop.cancel();
    for process in processes {
        process.await.expect("without a panic");
    }
    assert_eq!((world.sent().await.len(), notes().await), (8, 8));
    assert!(world.invites().await.iter().all(|row| row.state == InviteState::Sent));
}

#[tokio::test]
async fn calls_of_two_processes_renew_the_token_once() {
    let world = World::connected().await;
    let other = world.second_process().await;
    world.advance(Duration::from_secs(3_601));
    let before = world.asked_of_lever("POST", "/oauth/token").await;
    let calls = (0..8).map(|n| {
        let engine = if n % 2 == 0 { &world.engine } else { &other };
        let (api, stage) = (Api::new(engine, &world.admin.organization), world.stage.as_str().into());
        tokio::spawn(async move { api.stage(&stage).await })
    });
    for call in calls.collect::<Vec<_>>() {
        assert!(call.await.expect("no panic").expect("an answer").is_some());
    }
    assert_eq!(world.asked_of_lever("POST", "/oauth/token").await - before, 1);
}

#[tokio::test]
async fn calls_of_two_processes_share_one_bucket() {
    let world = World::connected().await;
    world.at_the_usual_rate().await;
    let other = world.second_process().await;
    let calls = (0..40).map(|n| {
        let engine = if n % 2 == 0 { &world.engine } else { &other };
        let (api, stage) = (Api::new(engine, &world.admin.organization), world.stage.as_str().into());
        tokio::spawn(async move { api.stage(&stage).await })
    });
    let (mut made, mut put_off) = (0, 0);
    for call in calls.collect::<Vec<_>>() {
        match call.await.expect("no panic") {
            Ok(_) => made += 1,
            Err(LeverError::Busy { .. }) => put_off += 1,
            Err(error) => panic!("{error}"),
        }
    }
    // A second's worth at once and two seconds' waiting at five a second, however long it takes to ask.
    assert!((5..=20).contains(&made), "{made} were made at once");
    assert_eq!(made + put_off, 40);
}

#[tokio::test]
async fn two_companies_on_one_lever_account_share_one_bucket() {
    let world = World::connected().await;
    let other = add_user(&world.engine, "Big Company", "boss@big.example", Role::SuperAdmin).await;
    world.connect_for(&other).await;
    world.at_the_usual_rate().await;
    let calls = (0..40).map(|n| {
        let whose = if n % 2 == 0 { &world.admin } else { &other };
        let (api, stage) = (Api::new(&world.engine, &whose.organization), world.stage.as_str().into());
        tokio::spawn(async move { api.stage(&stage).await })
    });
    let mut made = 0;
    for call in calls.collect::<Vec<_>>() {
        match call.await.expect("no panic") {
            Ok(_) => made += 1,
            Err(LeverError::Busy { .. }) => {}
            Err(error) => panic!("{error}"),
        }
    }
    assert!((5..=20).contains(&made), "{made} were made at once");
}

#[tokio::test]
async fn what_one_process_changes_is_heard_in_the_other() {
    let world = World::new().await;
    if world.engine.db.flavour() == Flavour::Sqlite {
        // One process is all that an embedded database has: the relay has nothing to do, and ends.
        live::relay(world.engine.clone(), CancellationToken::new()).await;
        return;
    }
    let other = world.second_process().await;
    let stop = CancellationToken::new();
    let relays = [&world.engine, &other].map(|engine| tokio::spawn(live::relay(engine.clone(), stop.clone())));
    let organization = &world.admin.organization;
    let mut there = other.live.listen();
    let mut version = 0;
    // Until the other's connection listens, nobody hears.
    let heard = loop {
        version += 1;
        world.engine.live.tell(organization, Change::Invite { invite: "inv_1".into(), version });
        if let Ok(heard) = tokio::time::timeout(Duration::from_millis(100), heard_of(&mut there, organization)).await {
            break heard;
        }
        assert!(version < 200, "it is never heard");
    };
    assert!(matches!(heard, Change::Invite { ref invite, .. } if invite.as_str() == "inv_1"), "{heard:?}");

    // What is told last is still sent, and nobody hears what they told themselves a second time.
    let mut here = world.engine.live.listen();
    other.live.tell(organization, Change::SetUp);
    world.engine.live.tell(organization, Change::Invite { invite: "inv_2".into(), version: 7 });
    let last = Change::Invite { invite: "inv_2".into(), version: 7 };
    let mut times_here = 0;
    soon("both hear of both", async || {
        while let Ok((whose, change)) = here.try_recv() {
            times_here += usize::from(whose == *organization && change == last);
            if whose == *organization && change == Change::SetUp {
                return true;
            }
        }
        false
    })
    .await;
    soon("the other hears the last", async || {
        let news = there.try_recv();
        news.is_ok_and(|(whose, change)| whose == *organization && change == last)
    })
    .await;
    stop.cancel();
    for relay in relays {
        tokio::time::timeout(Duration::from_secs(5), relay).await.expect("it ends").expect("without a panic");
    }
    while let Ok((whose, change)) = here.try_recv() {
        times_here += usize::from(whose == *organization && change == last);
    }
    assert_eq!(times_here, 1);
}

/// The next change of an organization's: other tests' servers share the database.
async fn heard_of(news: &mut Receiver<(OrganizationId, Change)>, organization: &OrganizationId) -> Change {
    loop {
        let (whose, change) = news.recv().await.expect("news");
        if whose == *organization {
            return change;
        }
    }
}

/// A way to the database that can go silent: what came through before neither ends nor goes on.
async fn silent_way(to: String) -> (u16, Arc<AtomicBool>) {
    let socket = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let port = socket.local_addr().expect("an address").port();
    let is_silent = Arc::new(AtomicBool::new(false));
    let silent = Arc::clone(&is_silent);
    tokio::spawn(async move {
        while let Ok((here, _)) = socket.accept().await {
            // Who comes after the silence began is let through.
            let ends = if silent.load(Ordering::SeqCst) { Arc::default() } else { Arc::clone(&silent) };
            let there = TcpStream::connect(&to).await.expect("PostgreSQL answers");
            let ((from_here, to_here), (from_there, to_there)) = (here.into_split(), there.into_split());
            tokio::spawn(carry(from_here, to_there, Arc::clone(&ends)));
            tokio::spawn(carry(from_there, to_here, ends));
        }
    });
    (port, is_silent)
}

async fn carry(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, is_silent: Arc<AtomicBool>) {
    let mut bytes = [0; 4_096];
    while let Ok(read @ 1..) = from.read(&mut bytes).await {
        if is_silent.load(Ordering::SeqCst) {
            std::future::pending::<()>().await;
        }
        if to.write_all(&bytes[..read]).await.is_err() {
            return;
        }
    }
}

/// Tells of invites until one is heard of.
async fn hears(world: &World, pages: &mut Receiver<(OrganizationId, Change)>, is_it: impl Fn(&Change) -> bool) {
    for version in 0..200 {
        world.engine.live.tell(&world.admin.organization, Change::Invite { invite: "inv_1".into(), version });
        let next = tokio::time::timeout(Duration::from_millis(100), pages.recv()).await;
        if next.is_ok_and(|next| is_it(&next.expect("news").1)) {
            return;
        }
    }
    panic!("it is never heard");
}

#[tokio::test]
async fn a_connection_that_dies_without_a_word_is_noticed_and_pages_read_anew() {
    let world = World::new().await;
    if world.engine.db.flavour() == Flavour::Sqlite {
        return;
    }
    let mut settings = Settings::clone(&world.engine.settings);
    let mut url = url::Url::parse(&settings.database_url).expect("an address");
    let server = format!("{}:{}", url.host_str().expect("a host"), url.port().expect("a port"));
    let (port, is_silent) = silent_way(server).await;
    url.set_port(Some(port)).expect("it has ports");
    settings.database_url = url.into();
    let there = Engine::on(world.engine.db.clone(), settings, world.engine.clock.clone()).await.expect("opens");
    let stop = CancellationToken::new();
    let pulse = Pulse { every: Duration::from_millis(100), silence: Duration::from_millis(700) };
    let relays = [&world.engine, &there].map(|one| tokio::spawn(live::relay_at(one.clone(), pulse, stop.clone())));
    let organization = &world.admin.organization;
    let mut pages = there.live.listen();
    let is_invite = |change: &Change| matches!(change, Change::Invite { .. });
    hears(&world, &mut pages, is_invite).await;
    is_silent.store(true, Ordering::SeqCst);
    world.engine.live.tell(organization, Change::Invite { invite: "inv_2".into(), version: 1 });
    let told = async { while !pages.recv().await.is_ok_and(|(_, change)| change == Change::SetUp) {} };
    tokio::time::timeout(Duration::from_secs(20), told).await.expect("the pages are told to read anew");
    hears(&world, &mut pages, is_invite).await;
    stop.cancel();
    for relay in relays {
        tokio::time::timeout(Duration::from_secs(5), relay).await.expect("it ends").expect("without a panic");
    }
}
