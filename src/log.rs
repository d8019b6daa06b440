//! The log: to the standard error, as text or JSON. No line carries a query string, a token, a
//! webhook's path, or a candidate's data.

use tracing_subscriber::{EnvFilter, fmt};

use crate::{
    command::Failure,
    config::{Config, LogFormat},
};

/// Starts the log as configured.
///
/// # Errors
/// When the filter cannot be read.
pub fn init(config: &Config) -> Result<(), Failure> {
    let filter = EnvFilter::try_new(&config.log).map_err(|_| {
        Failure::Usage(
            "CANDILEVER_LOG is no log filter: write a level (info) or levels by part (info,engine=debug)".into(),
        )
    })?;
    // A blocked or closed log loses lines, never requests.
    let builder = fmt().with_env_filter(filter).with_writer(std::io::stderr).log_internal_errors(false);
    match config.log_format {
        LogFormat::Text => builder.with_ansi(std::io::IsTerminal::is_terminal(&std::io::stderr())).init(),
        LogFormat::Json => builder.json().init(),
    }
    Ok(())
}
