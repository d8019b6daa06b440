//! `candilever pause` and `candilever resume`: the whole installation stands still, and goes on; beside running servers.

use engine::{clock::Clock, pause};

use crate::{command::Failure, config::Config, terminal};

/// Pauses it.
///
/// # Errors
/// When the database cannot be used.
pub async fn begin(config: &Config) -> Result<(), Failure> {
    let engine = super::open_beside(config).await?;
    let begun = pause::begin(&engine.db, Clock::System.now()).await?;
    engine.db.close().await;
    terminal::say(if begun {
        "Paused. What runs now comes to its end within a minute; after that nothing is sent, noted or asked. What comes \
         in is kept. `candilever resume` goes on."
    } else {
        "It was paused already. `candilever resume` goes on."
    });
    Ok(())
}

/// Lets it go on.
///
/// # Errors
/// When the database cannot be used.
pub async fn end(config: &Config) -> Result<(), Failure> {
    let engine = super::open_beside(config).await?;
    let ended = pause::end(&engine.db, Clock::System.now()).await?;
    engine.db.close().await;
    terminal::say(if ended {
        "Resumed: servers that run take up what waited within seconds."
    } else {
        "It was not paused: servers that run do their work."
    });
    Ok(())
}
