//! A stand-in for a mail server: takes mail over SMTP (RFC 5321), keeps all of it and sends nothing on.
//!
//! Pages and `/sandbox` show what came. It is stricter than most: a message that only some servers would
//! take is refused, so that whoever writes one notices here.

mod admin;
mod command;
mod fault;
mod incoming;
mod mail;
mod page;
mod reply;
mod session;
mod wire;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use serde::Deserialize;
use tokio::net::TcpStream;

use crate::clock::Clock;
use crate::fault::rule;
use fault::Faults;
use mail::{Envelope, Mail};

/// The longest message that is taken.
const LONGEST_MESSAGE: usize = 10 * 1024 * 1024;
/// More than a test asks for, and little enough for a demo that runs for weeks.
const KEPT: usize = 2_000;

/// Who may send.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Login {
    /// The name of the account.
    pub user: String,
    /// Its password.
    pub password: String,
}

/// What came, who may send, and what goes wrong.
#[derive(Debug)]
pub(crate) struct Post {
    clock: Clock,
    faults: Faults,
    kept: Mutex<Kept>,
}

#[derive(Debug)]
struct Kept {
    /// Whose mail is taken; without it, everybody's.
    login: Option<Login>,
    mails: VecDeque<Mail>,
    last_number: u64,
}

impl Post {
    pub(crate) fn new(login: Option<Login>, clock: Clock) -> Arc<Self> {
        let kept = Mutex::new(Kept { login, mails: VecDeque::new(), last_number: 0 });
        Arc::new(Self { clock, faults: Faults::default(), kept })
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps a message; answers its number.
    fn keep(&self, envelope: Envelope, raw: Vec<u8>) -> u64 {
        let at = self.clock.now_ms();
        let mut mail = Mail::read(envelope, raw, at);
        let mut kept = self.kept();
        kept.last_number += 1;
        mail.number = kept.last_number;
        if kept.mails.len() == KEPT {
            kept.mails.pop_front();
        }
        kept.mails.push_back(mail);
        kept.last_number
    }
}

/// Talks SMTP with whoever called.
pub(crate) async fn serve(post: Arc<Post>, stream: TcpStream) {
    if let Err(error) = session::run(post, stream).await {
        tracing::debug!(%error, "a mail connection ended early");
    }
}

/// The pages, and `/sandbox` for tests.
pub(crate) fn router(post: Arc<Post>) -> Router {
    let faults = rule::router(post.faults.clone());
    Router::new().merge(page::router()).nest("/sandbox", admin::router()).with_state(post).merge(faults)
}
