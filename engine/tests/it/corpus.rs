//! Makes the corpus of the present schema: a database with work of every kind and invites in every state, as
//! a server leaves it that dies, and beside it what stands at Lever and Canditech and what is to become of
//! everybody. `tests/it/story_upgrade.rs` starts the program on it, for good.

mod outside;
mod people;
mod write;

use std::path::PathBuf;

use crate::world::World;

/// Where the corpora are.
fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tests/corpus")
}

#[tokio::test]
#[ignore = "writes a file into tests/corpus: once for each release, see docs/ARCHITECTURE.md"]
async fn makes_the_corpus_of_this_schema() {
    if std::env::var("TEST_DATABASE_URL").is_ok() {
        // The file serves both databases; it is written from the embedded one.
        return;
    }
    let (world, _) = World::attached().await;
    let expected = people::live(&world).await;
    let corpus = write::corpus(&world, &expected).await;
    std::fs::write(folder().join(corpus.name), corpus.text).expect("tests/corpus can be written");
}
