//! Progress on the terminal: one line a step, with the time it took.

use std::io::Write;
use std::time::Instant;

use anyhow::Result;

/// Runs one step and prints its name, its note and its time on one line.
pub fn step<T>(name: &str, work: impl FnOnce() -> Result<(T, String)>) -> Result<T> {
    let started = Instant::now();
    print!("{name:<28}");
    std::io::stdout().flush()?;
    match work() {
        Ok((value, note)) => {
            println!("{:>7.1} s  {note}", started.elapsed().as_secs_f32());
            Ok(value)
        }
        Err(error) => {
            println!("  failed");
            Err(error)
        }
    }
}

/// Runs a step whose command prints progress of its own: the line with the time comes after it.
pub fn loud_step<T>(name: &str, work: impl FnOnce() -> Result<(T, String)>) -> Result<T> {
    let started = Instant::now();
    let (value, note) = work()?;
    println!("{name:<28}{:>7.1} s  {note}", started.elapsed().as_secs_f32());
    Ok(value)
}

/// Writes a number of bytes as kilobytes for people.
pub fn kilobytes(bytes: usize) -> String {
    format!("{:.1} kB", bytes as f64 / 1000.0)
}
