//! `candilever serve`: the server, until it is told to stop.

use std::net::SocketAddr;

use engine::{Engine, access, clock::Clock, db::Db};
use secrecy::ExposeSecret as _;
use tokio::net::TcpListener;

use crate::{
    command::Failure,
    config::{Checked, Config},
    database,
    router::Doors,
    serve::{self, Server},
    terminal,
};

/// Serves until a signal ends it.
///
/// # Errors
/// When a setting, the database or the address cannot be used.
pub async fn run(config: &Config) -> Result<(), Failure> {
    let checked = config.check()?;
    if !config.as_root && is_root(&std::fs::read_to_string("/proc/self/status").unwrap_or_default()) {
        return Err(Failure::Usage(
            "This user is root, and what breaks into the server would be too: run it as a user of its own (as \
             deploy/candilever.service does), or set CANDILEVER_AS_ROOT=true where there is no other user."
                .into(),
        ));
    }
    let server = open(&checked).await?;
    warn_without_lever(&checked);
    terminal::say(&format!("Listening on http://{}", server.address()));
    let server = match checked.public_listen {
        Some(wanted) => listen_in_public(server, wanted).await?,
        None => server,
    };
    let server = match checked.metrics_listen {
        Some(wanted) => tell_numbers(server, wanted).await?,
        None => server,
    };
    say_set_up_link(server.engine()).await?;
    server.run().await;
    Ok(())
}

/// Everything up to the point where requests are taken: lock, key, schema, address.
///
/// # Errors
/// When one of them cannot be had.
async fn open(checked: &Checked) -> Result<Server, Failure> {
    let lock = checked.database.file.as_deref().map(database::lock).transpose()?;
    let master_key = database::master_key(checked.master_key.as_ref(), &checked.database)?.announced();
    let (listener, address) = listen("LISTEN", checked.listen).await?;
    let public_url = checked.public_url(address)?;
    let db = super::open_database(checked).await?;
    let is_embedded = checked.database.file.is_some();
    let is_current = is_embedded && db.is_current().await.unwrap_or(false);
    // A file that is damaged is not made into another schema's.
    if is_embedded && !is_current {
        look_through(&db).await?;
    }
    // One whose schema stays is looked through beside the rest of the start: it takes as long as all of that.
    let looked = is_current.then(|| {
        let db = db.clone();
        tokio::spawn(async move { look_through(&db).await })
    });
    db.migrate().await?;
    let engine = Engine::on(db, checked.settings(public_url, master_key), Clock::shared(Clock::System)).await?;
    let (proxies, contact) = (checked.trusted_proxies.clone(), checked.security_contact.clone());
    let server = Server::new(engine, listener, address, proxies, Doors::Usual, lock, contact)?;
    if let Some(looked) = looked {
        looked
            .await
            .map_err(|error| Failure::Broken(format!("the look through the database broke off: {error}")))??;
    }
    Ok(server)
}

/// Refuses an embedded database whose file is damaged.
async fn look_through(db: &Db) -> Result<(), Failure> {
    if db.looks_whole().await? { Ok(()) } else { Err(Failure::damaged()) }
}

/// Takes an address; where its port was left to the system, answers which it became.
async fn listen(setting: &str, wanted: SocketAddr) -> Result<(TcpListener, SocketAddr), Failure> {
    let listener = serve::bind(setting, wanted).await?;
    let address = listener.local_addr().map_err(|e| Failure::Broken(format!("the address is gone: {e}")))?;
    Ok((listener, address))
}

/// The second listener.
async fn listen_in_public(server: Server, wanted: SocketAddr) -> Result<Server, Failure> {
    let (listener, address) = listen("PUBLIC_LISTEN", wanted).await?;
    terminal::say(&format!(
        "For the internet: http://{address}, with webhooks, callbacks, returns and report links only"
    ));
    Ok(server.with_public(listener))
}

/// The listener for whoever watches.
async fn tell_numbers(server: Server, wanted: SocketAddr) -> Result<Server, Failure> {
    let (listener, address) = listen("METRICS_LISTEN", wanted).await?;
    terminal::say(&format!("Metrics: http://{address}/metrics, for your own network only"));
    Ok(server.with_metrics(listener))
}

/// Whether the system's description of a process says that it acts as root.
fn is_root(status: &str) -> bool {
    let ids = status.lines().find_map(|line| line.strip_prefix("Uid:"));
    // The real one, then the one that counts.
    ids.and_then(|ids| ids.split_whitespace().nth(1)) == Some("0")
}

fn warn_without_lever(checked: &Checked) {
    if checked.lever.client_secret.expose_secret().is_empty() {
        tracing::warn!(
            "nobody can connect Lever yet: set CANDILEVER_LEVER_CLIENT_ID and CANDILEVER_LEVER_CLIENT_SECRET \
             to what Lever gave when it registered this installation"
        );
    }
}

async fn say_set_up_link(engine: &Engine) -> Result<(), Failure> {
    if let Some(token) = access::set_up_link(engine).await? {
        terminal::say(&format!(
            "Nobody can sign in yet. Set up the first account here (the link works once): {}",
            engine.settings.address(&format!("/set-up/{token}"))
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::is_root;

    #[test]
    fn root_is_who_acts_as_root() {
        assert!(is_root("Name:\tcandilever\nUid:\t0\t0\t0\t0\nGid:\t0\t0\t0\t0\n"));
        assert!(is_root("Uid:\t1000\t0\t0\t0\n"), "by a set-user bit");
        assert!(!is_root("Uid:\t1000\t1000\t1000\t1000\nGid:\t0\t0\t0\t0\n"));
        assert!(!is_root("Uid:\t0\t1000\t1000\t1000\n"));
        assert!(!is_root(""), "not where the system does not say");
    }
}
