//! Calls that leave this machine go through the proxy where there is one, and what is here does not.

use engine::{Engine, clock::Clock, settings::Settings};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader},
    net::TcpListener,
};
use url::Url;

use crate::world::World;

#[tokio::test]
async fn the_world_is_called_through_the_proxy_and_this_machine_directly() {
    let world = World::new().await;
    let proxy = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = proxy.local_addr().expect("bound");
    let seen = tokio::spawn(async move {
        let (stream, _) = proxy.accept().await.expect("a call");
        let mut stream = BufReader::new(stream);
        let mut line = String::new();
        stream.read_line(&mut line).await.expect("a request");
        stream.get_mut().write_all(b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n").await.expect("answered");
        line
    });
    let settings = Settings {
        proxy: Some(Url::parse(&format!("http://{address}")).expect("an address")),
        ..Settings::clone(&world.engine.settings)
    };
    let lever = settings.lever.api_url.clone();
    let engine = Engine::open(settings, Clock::manual(world.engine.clock.now())).await.expect("it opens");
    let here = engine.http.inner().get(lever).send().await.expect("the stand-in answers");
    assert!(here.status().is_client_error(), "asked without a token: {}", here.status());
    let refused = engine.http.inner().get("https://api.lever.example/v1/users").send().await;
    assert!(refused.is_err(), "the proxy lets nobody through");
    assert_eq!(seen.await.expect("seen"), "CONNECT api.lever.example:443 HTTP/1.1\r\n");
}
