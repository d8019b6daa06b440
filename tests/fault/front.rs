//! The front door: one public address, and behind it whichever servers live. A connection that a server does
//! not take goes to the next one; one to a server that dies breaks off, as a load balancer's does.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore},
    task::JoinHandle,
};

/// Most connections at a time.
const ROOM: usize = 512;

/// A running front door.
pub struct Front {
    pub url: String,
    servers: Arc<Mutex<Vec<Option<SocketAddr>>>>,
    task: JoinHandle<()>,
}

impl Drop for Front {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Front {
    /// Opens it for that many servers, none of which lives yet.
    pub async fn open(count: usize) -> Self {
        let socket = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}", socket.local_addr().expect("an address"));
        let servers = Arc::new(Mutex::new(vec![None; count]));
        let task = tokio::spawn(accept(socket, Arc::clone(&servers)));
        Self { url, servers, task }
    }

    /// Notes where a server listens, or that it is gone.
    pub fn set(&self, server: usize, address: Option<SocketAddr>) {
        self.servers.lock().unwrap_or_else(PoisonError::into_inner)[server] = address;
    }
}

async fn accept(socket: TcpListener, servers: Arc<Mutex<Vec<Option<SocketAddr>>>>) {
    let room = Arc::new(Semaphore::new(ROOM));
    let mut turn = 0;
    loop {
        let place = Arc::clone(&room).acquire_owned().await.expect("never closed");
        let Ok((client, _)) = socket.accept().await else { continue };
        let living: Vec<SocketAddr> =
            servers.lock().unwrap_or_else(PoisonError::into_inner).iter().flatten().copied().collect();
        turn += 1;
        tokio::spawn(join(client, living, turn, place));
    }
}

async fn join(mut client: TcpStream, mut servers: Vec<SocketAddr>, turn: usize, _place: OwnedSemaphorePermit) {
    let first = turn % servers.len().max(1);
    servers.rotate_left(first);
    for server in servers {
        if let Ok(mut server) = TcpStream::connect(server).await {
            // Broken off by a kill: that is what this is for.
            let _ended = copy_bidirectional(&mut client, &mut server).await;
            return;
        }
    }
    // With nobody there the connection closes: the sender tries again.
}
