//! The server program: command line, configuration, routes, sign-in and server-side rendering.
//! It decides nothing about hiring: whatever a request asks for, `engine` answers.

mod asset;
mod command;
mod config;
mod database;
mod layer;
mod log;
mod metrics;
mod route;
mod router;
mod serve;
mod share;
mod terminal;

use std::process::ExitCode;

use clap::Parser as _;

/// Gives back what pages took while they were made, which the system's own keeps.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The stack of a thread that renders pages: deep views recurse.
const STACK: usize = 8 * 1024 * 1024;

fn main() -> ExitCode {
    let command_line = command::CommandLine::parse();
    match start(command_line) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            terminal::complain(&failure.to_string());
            failure.exit_code()
        }
    }
}

fn start(command_line: command::CommandLine) -> Result<(), command::Failure> {
    log::init(&command_line.config)?;
    // Refused when it is installed already, which is as good.
    let _already_installed = rustls::crypto::ring::default_provider().install_default();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().thread_stack_size(STACK).build();
    let runtime = runtime.map_err(|e| command::Failure::Broken(format!("no threads to work on: {e}")))?;
    let outcome = runtime.block_on(command_line.run());
    // What is left (a read from a terminal, say) must not hold the end.
    runtime.shutdown_background();
    outcome
}
