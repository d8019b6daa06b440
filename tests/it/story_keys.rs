//! Rotating the data keys, as whoever runs the installation does it.

use std::process::Output;

use crate::halden::{Halden, until};

fn said(output: &Output) -> Vec<String> {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect()
}

async fn invited(halden: &Halden, name: &str, count: usize) {
    let email = format!("{}@mail.example", name.to_lowercase());
    let opportunity = halden.applies(&format!("{name} Example"), &email).await;
    halden.moves(&opportunity).await;
    until("the invite is sent", async || halden.sent().await.len() == count).await;
    until("the note is written", async || halden.notes(&opportunity).await.len() == 1).await;
}

#[tokio::test]
async fn keys_are_rotated_beside_a_server_that_runs_and_without_one() {
    let mut halden = Halden::new().await;
    let program = halden.start().await;
    halden.set_up(&program).await;
    invited(&halden, "Ada", 1).await;
    let beside = said(&halden.run(&["keys", "rotate"]).await);
    assert_eq!(beside[0], "Data key 2 is made.");
    assert!(beside[1].starts_with("Waiting 45 seconds"), "{beside:?}");
    assert!(beside[2].starts_with("Secrets sealed with it: "), "{beside:?}");
    // Token, signature token and the provider's key: the server opens all of them.
    invited(&halden, "Bo", 2).await;
    halden.stop(program).await;
    let alone = said(&halden.run(&["keys", "rotate"]).await);
    assert_eq!((alone[0].as_str(), alone.len()), ("Data key 3 is made.", 2), "nobody is waited for");
    let _program = halden.start().await;
    invited(&halden, "Cy", 3).await;
}
