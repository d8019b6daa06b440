//! The process is killed right after it answered a webhook: what was answered 2xx is done once.

use serde_json::json;

use crate::halden::{Halden, until};

#[tokio::test]
async fn a_webhook_that_was_answered_is_acted_on_once_after_a_kill() {
    let mut halden = Halden::new().await;
    let mut program = halden.start().await;
    halden.set_up(&program).await;
    let ada = halden.applies("Ada Berg", "ada@mail.example").await;
    halden.moves(&ada).await;
    program.signal("KILL").await;
    program.ended().await;

    let _again = halden.start().await;
    until("the test goes out", async || !halden.sent().await.is_empty()).await;
    until("the note is written", async || !halden.notes(&ada).await.is_empty()).await;
    assert_eq!(halden.sent().await.len(), 1, "one invite");
    assert_eq!(halden.notes(&ada).await.len(), 1, "one note");
}

#[tokio::test]
async fn a_send_whose_answer_was_lost_with_the_process_is_not_repeated() {
    let mut halden = Halden::new().await;
    let mut program = halden.start().await;
    halden.set_up(&program).await;
    let ada = halden.applies("Ada Berg", "ada@mail.example").await;
    // The invite is made, and the answer comes when nobody is there any more.
    halden
        .fault_at_canditech(json!({ "path_prefix": "/api", "method": "POST", "kind": "drop_after", "times": 1 }))
        .await;
    halden.moves(&ada).await;
    until("Canditech has the invite", async || !halden.sent().await.is_empty()).await;
    program.signal("KILL").await;
    program.ended().await;

    let _again = halden.start().await;
    until("the note is written", async || !halden.notes(&ada).await.is_empty()).await;
    assert_eq!(halden.sent().await.len(), 1, "one invite");
}
