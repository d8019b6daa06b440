//! A PostgreSQL server that stops answering without hanging up: senders are told in time, nothing is
//! answered that is not on disk, and once it answers again so do we.

use std::time::Duration;

use engine::{
    Engine, connection,
    db::{Db, Flavour},
    delivery::{self, Received},
};
use serde_json::json;
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    sync::watch,
    task::{AbortHandle, JoinSet},
    time::Instant,
};

use crate::world::{World, signed};

const TOKEN: &str = "a signature token of Halden's own";

/// The line to a server, which can be cut without either end hearing of it.
struct Line {
    port: u16,
    carries: watch::Sender<bool>,
    task: AbortHandle,
}

impl Drop for Line {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Line {
    async fn to(server: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        let (carries, is_carrying) = watch::channel(true);
        let task = tokio::spawn(async move {
            let mut calls = JoinSet::new();
            while let Ok((near, _)) = listener.accept().await {
                calls.spawn(carry(near, server.clone(), is_carrying.clone()));
            }
        });
        Self { port, carries, task: task.abort_handle() }
    }

    fn cut(&self, is_cut: bool) {
        self.carries.send_replace(!is_cut);
    }
}

/// One call; what was open when the line was cut never says a word again, nor hangs up.
async fn carry(mut near: TcpStream, server: String, mut carries: watch::Receiver<bool>) {
    until(&mut carries, true).await;
    let mut far = TcpStream::connect(server).await.expect("the server listens");
    tokio::select! {
        _ = copy_bidirectional(&mut near, &mut far) => return,
        () = until(&mut carries, false) => {}
    }
    std::future::pending::<()>().await;
}

async fn until(carries: &mut watch::Receiver<bool>, so: bool) {
    carries.wait_for(|carries| *carries == so).await.map(|_| ()).expect("the line is there");
}

#[tokio::test]
async fn a_server_that_falls_silent_costs_no_message_and_holds_up_nobody_for_long() {
    let world = World::connected().await;
    if world.engine.db.flavour() == Flavour::Sqlite {
        // Its database is on this machine and has nobody to wait for but other writers.
        return;
    }
    connection::paste_signature_token(&world.engine, &world.admin, TOKEN).await.expect("taken");
    let shown = connection::overview(&world.engine, &world.admin).await.expect("readable").expect("a connection");
    let address = shown.webhook_url.rsplit('/').next().expect("an address").to_owned();
    let url = url::Url::parse(&world.engine.settings.database_url).expect("an address");
    let line = Line::to(format!("{}:{}", url.host_str().expect("a host"), url.port().expect("a port"))).await;
    let mut over = url.clone();
    over.set_port(Some(line.port)).expect("a port");
    let db = Db::open(over.as_str()).await.expect("it opens over the line");
    let settings = world.engine.settings.as_ref().clone();
    let engine = Engine::on(db, settings, world.engine.clock.clone()).await.expect("an engine");
    let send = async |token: &str| {
        let message = signed(
            TOKEN,
            token,
            world.engine.clock.now(),
            &json!({ "opportunityId": token, "toStageId": world.stage }),
        );
        delivery::receive_lever(&engine, &address, message.to_string().as_bytes()).await
    };
    assert_eq!(send("t1").await.expect("kept"), Received::Accepted);

    line.cut(true);
    let began = Instant::now();
    let told = send("t2").await;
    assert!(told.is_err(), "answered without a row: {told:?}");
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());

    line.cut(false);
    let began = Instant::now();
    while send("t2").await.is_err() {
        assert!(began.elapsed() < Duration::from_secs(15), "it answers again, and we do not notice");
    }
    assert_eq!(send("t3").await.expect("kept"), Received::Accepted);
    let there = delivery::list(&world.engine, &world.admin, None, 10).await.expect("the list");
    assert_eq!(there.len(), 3, "each once");
}
