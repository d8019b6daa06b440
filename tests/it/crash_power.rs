//! The power fails: of the database's files there is what was flushed, and of what was written after that any
//! part or none. Whatever was answered 2xx is there. (POWER_CUTS says how often; on SQLite, as PostgreSQL's
//! own files are its own business.)

use std::{
    fs,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use reqwest::{Method, StatusCode};
use tokio::{process::Command, task::JoinSet};

use crate::{genuine::Lever, halden::until, program::Folder};

/// What a disk writes whole.
const BLOCK: usize = 4096;
const SENDERS: usize = 4;

/// Compiles the part that remembers what was flushed.
async fn preloaded(folder: &Folder) -> String {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/crash_power/flushed.c");
    let library = folder.path().join("flushed.so");
    let compiled = Command::new("cc").args(["-shared", "-fPIC", "-O1", "-o"]).arg(&library).arg(source).status().await;
    assert!(compiled.expect("the C compiler that SQLite needs too").success(), "it compiles");
    library.to_str().expect("a plain name").to_owned()
}

/// Leaves of the files what may be left: each block as it was flushed, or by the throw of the dice as it was
/// written since.
fn fail_the_power(database: &Path, dice: &mut u32) {
    for end in ["", "-wal"] {
        let file = beside(database, end);
        let flushed = match fs::read(beside(&file, ".flushed")) {
            Ok(flushed) => flushed,
            // Of before the first start here, and as it was made then.
            Err(_) if end.is_empty() => continue,
            Err(_) => Vec::new(),
        };
        let written = fs::read(&file).unwrap_or_default();
        let mut left = flushed.clone();
        for (number, block) in written.chunks(BLOCK).enumerate() {
            *dice = dice.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            if (*dice >> 16).is_multiple_of(2) {
                let (from, to) = (number * BLOCK, number * BLOCK + block.len());
                left.resize(left.len().max(to), 0);
                left[from..to].copy_from_slice(block);
            }
        }
        fs::write(beside(&file, ".flushed"), &left).expect("written");
        fs::write(&file, left).expect("written");
    }
    // Shared memory.
    let _none = fs::remove_file(beside(database, "-shm"));
}

fn beside(file: &Path, end: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(end);
    name.into()
}

#[tokio::test]
async fn whatever_was_answered_is_there_after_the_power_failed() {
    let cuts = std::env::var("POWER_CUTS").ok().and_then(|cuts| cuts.parse().ok()).unwrap_or(6);
    let folder = Folder::new();
    let library = preloaded(&folder).await;
    let database = folder.path().join("candilever.db");
    let mut lever = Lever::at(folder, &[("LD_PRELOAD", library.as_str())]).await;
    let (answered, mut dice) = (Arc::new(Mutex::new(Vec::new())), 2026_u32);
    for cut in 0..cuts {
        let before = answered.lock().unwrap_or_else(PoisonError::into_inner).len();
        let mut senders = JoinSet::new();
        for sender in 0..SENDERS {
            let bodies: Vec<_> = (0..500)
                .map(|number| lever.webhook(&format!("{cut} {sender} {number}"), "an opportunity").to_string())
                .collect();
            let (client, url) = (lever.program.client.clone(), format!("{}{}", lever.program.url, lever.path));
            let answered = Arc::clone(&answered);
            senders.spawn(async move {
                for body in bodies {
                    let Ok(answer) = client.request(Method::POST, &url).body(body.clone()).send().await else { return };
                    assert_eq!(answer.status(), StatusCode::OK);
                    answered.lock().unwrap_or_else(PoisonError::into_inner).push(body);
                }
            });
        }
        let some = before + 20 + cut % 7;
        until("some are answered", async || answered.lock().unwrap_or_else(PoisonError::into_inner).len() >= some)
            .await;
        lever.program.signal("KILL").await;
        lever.program.ended().await;
        while senders.join_next().await.transpose().expect("it sent until then").is_some() {}
        fail_the_power(&database, &mut dice);
        lever.program = lever.halden.start().await;
        let kept = lever.kept().await;
        let all = answered.lock().unwrap_or_else(PoisonError::into_inner);
        let lost = all.iter().filter(|body| kept.binary_search(body).is_err()).count();
        println!("cut {cut}: {} answered, {} kept, {lost} lost", all.len(), kept.len());
        assert_eq!(lost, 0, "of {} that were answered", all.len());
    }
    assert_eq!(lever.read("PRAGMA integrity_check").await, "ok", "the file is whole");
}
