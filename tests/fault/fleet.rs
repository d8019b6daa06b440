//! The servers: started, killed without warning at random instants or told to stop one by one, and started again.

use std::time::Duration;

use crate::{chance::Chance, front::Front, halden::Halden, program::Program, store};

/// One server on an embedded database, or several on PostgreSQL.
pub struct Fleet {
    pub front: Front,
    servers: Vec<Program>,
    /// Whether the database is a server that can drop everybody's connections, as at a restart.
    breaks_connections: bool,
}

impl Fleet {
    /// Starts all of them behind the front door.
    pub async fn start(halden: &Halden, front: Front, count: usize) -> Self {
        let mut servers = Vec::new();
        for number in 0..count {
            servers.push(start(halden, &front, number).await);
        }
        Self { front, breaks_connections: count > 1, servers }
    }

    /// A server as people reach it: by the public address.
    pub fn public(&mut self) -> &Program {
        self.servers[0].url.clone_from(&self.front.url);
        &self.servers[0]
    }

    /// Kills a server at random instants, about every `gap`, and starts it again each time.
    pub async fn suffer(&mut self, halden: &Halden, kills: usize, gap: Duration, mut chance: Chance) {
        for _ in 0..kills {
            let micros = u64::try_from(gap.as_micros()).expect("short");
            tokio::time::sleep(Duration::from_micros(chance.below(2 * micros))).await;
            if self.breaks_connections && chance.one_in(3) {
                store::break_connections(&halden.folder.database_url()).await;
            }
            let number = usize::try_from(chance.below(self.servers.len() as u64)).expect("small");
            self.servers[number].signal("KILL").await;
            self.front.set(number, None);
            self.servers[number].ended().await;
            self.servers[number] = start(halden, &self.front, number).await;
        }
    }

    /// Tells each server in turn to stop, as an update of all of them does, and starts it again. Nobody tells the
    /// front door. After each start it is waited until `under_load` says that enough has come meanwhile.
    pub async fn restart_in_turn(&mut self, halden: &Halden, rounds: usize, mut under_load: impl AsyncFnMut()) {
        let count = self.servers.len();
        for number in (0..rounds * count).map(|turn| turn % count) {
            under_load().await;
            self.servers[number].signal("TERM").await;
            let (code, _) = self.servers[number].ended().await;
            assert_eq!(code, Some(0), "it ends in its own time");
            self.front.set(number, None);
            self.servers[number] = start(halden, &self.front, number).await;
        }
    }
}

/// Starts one; each that ever ran leaves a log of its own.
async fn start(halden: &Halden, front: &Front, number: usize) -> Program {
    let log = (0..).map(|run| halden.folder.path().join(format!("{number}.{run}.log"))).find(|log| !log.exists());
    let program = halden.start_with_log(&log.expect("a free name")).await;
    let address = program.url.trim_start_matches("http://").parse().expect("an address");
    front.set(number, Some(address));
    program
}
