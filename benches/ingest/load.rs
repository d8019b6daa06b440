//! The load: 32 connections on one thread of their own, each with one message under way at a time, which
//! comes as soon as the last is answered, or at a time of its own whatever became of the last.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use engine::clock::Clock;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    task::{JoinSet, LocalSet},
};

use crate::message;

pub const CONNECTIONS: usize = 32;
/// Each message of the process has a number of its own.
static NEXT: AtomicU64 = AtomicU64::new(1);

/// What the senders saw.
pub struct Measured {
    /// How long each 2xx took, sorted.
    times: Vec<Duration>,
    pub refused: usize,
    lasted: Duration,
    /// Time of the processor for all of it, load and server.
    busy: Duration,
}

impl Measured {
    pub fn answered(&self) -> i64 {
        i64::try_from(self.times.len()).expect("a small number")
    }

    pub fn per_second(&self) -> f64 {
        f64::from(u32::try_from(self.times.len()).expect("a small number")) / self.lasted.as_secs_f64()
    }

    /// Microseconds of the processor for one message, the load's own part included.
    pub fn processor(&self) -> f64 {
        self.busy.as_secs_f64() * 1e6 / self.lasted.as_secs_f64() / self.per_second()
    }

    /// The time that this share of the answers took at most.
    pub fn milliseconds(&self, share: f64) -> f64 {
        let last = self.times.len().saturating_sub(1);
        let index = (0..=last).find(|index| index + 1 >= at_least(share, last + 1)).unwrap_or(last);
        self.times.get(index).map_or(0.0, |time| time.as_secs_f64() * 1000.0)
    }
}

/// How many of `all` make up the share, in thousandths.
fn at_least(share: f64, all: usize) -> usize {
    let thousandths = (0..=1000_u16).find(|part| f64::from(*part) >= share * 1000.0).unwrap_or(1000);
    (all * usize::from(thousandths)).div_ceil(1000)
}

/// When the messages come.
#[derive(Debug, Clone, Copy)]
pub enum Pace {
    /// As soon as the last one of the connection is answered.
    AsAnswered,
    /// So many a second in all, answered or not.
    Steady(u32),
}

impl Pace {
    /// How long after another the messages of one connection come, and the `first`'s of all.
    fn steps(self, first: usize) -> Option<(Duration, Duration)> {
        let Self::Steady(per_second) = self else { return None };
        let step = Duration::from_secs(1) / per_second;
        let times = |many: usize| step * u32::try_from(many).expect("a small number");
        Some((times(first), times(CONNECTIONS)))
    }
}

/// Sends for so long, from a thread of its own.
pub async fn send(to: SocketAddr, path: String, key: String, pace: Pace, lasting: Duration) -> Measured {
    let work = move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a thread");
        LocalSet::new().block_on(&runtime, send_all(to, path, key, pace, lasting))
    };
    let before = busy();
    let measured = tokio::task::spawn_blocking(work).await.expect("the load does not panic");
    Measured { busy: busy().saturating_sub(before), ..measured }
}

/// What this process has had of the processor; nothing where the system does not tell.
fn busy() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // User and system time are the 14th and 15th field, in hundredths of a second; the name before may hold blanks.
    let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace().skip(11).take(2);
    Duration::from_millis(fields.filter_map(|ticks| ticks.parse::<u64>().ok()).sum::<u64>() * 10)
}

async fn send_all(to: SocketAddr, path: String, key: String, pace: Pace, lasting: Duration) -> Measured {
    let (path, key) = (Arc::<str>::from(path), Arc::<str>::from(key));
    let (began, mut senders) = (Instant::now(), JoinSet::new());
    for first in 0..CONNECTIONS {
        let (path, key, steps) = (Arc::clone(&path), Arc::clone(&key), pace.steps(first));
        senders.spawn_local(send_one_by_one(to, path, key, steps, (began, began + lasting)));
    }
    let (mut times, mut refused) = (Vec::new(), 0);
    while let Some(sender) = senders.join_next().await {
        let (took, not_taken) = sender.expect("a sender does not panic");
        times.extend(took);
        refused += not_taken;
    }
    times.sort_unstable();
    Measured { times, refused, lasted: began.elapsed(), busy: Duration::ZERO }
}

async fn send_one_by_one(
    to: SocketAddr,
    path: Arc<str>,
    key: Arc<str>,
    steps: Option<(Duration, Duration)>,
    (began, end): (Instant, Instant),
) -> (Vec<Duration>, usize) {
    let mut stream = TcpStream::connect(to).await.expect("the server listens");
    stream.set_nodelay(true).expect("no delay");
    let (mut times, mut refused, mut answer) = (Vec::new(), 0, Vec::with_capacity(1024));
    let mut due = steps.map(|(first, _)| began + first);
    while due.unwrap_or_else(Instant::now) < end {
        // A message that is late because the last was counts from when it should have come.
        let late = due.filter(|due| *due < Instant::now());
        if let Some(due) = due {
            tokio::time::sleep_until(due.into()).await;
        }
        due = due.zip(steps).map(|(due, (_, step))| due + step);
        let body = message::body(&key, NEXT.fetch_add(1, Ordering::Relaxed), Clock::System.now().0);
        let length = body.len();
        let request = format!("POST {path} HTTP/1.1\r\nhost: x\r\ncontent-length: {length}\r\n\r\n{body}");
        let began = late.unwrap_or_else(Instant::now);
        stream.write_all(request.as_bytes()).await.expect("sent");
        if is_taken(&mut stream, &mut answer).await {
            times.push(began.elapsed());
        } else {
            refused += 1;
        }
    }
    (times, refused)
}

/// Reads one answer without a body; whether it is a 2xx.
async fn is_taken(stream: &mut TcpStream, answer: &mut Vec<u8>) -> bool {
    answer.clear();
    while !answer.ends_with(b"\r\n\r\n") {
        let read = stream.read_buf(answer).await.expect("an answer");
        assert!(read > 0, "the server goes on serving");
    }
    answer.starts_with(b"HTTP/1.1 2")
}
