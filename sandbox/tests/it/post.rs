//! The mail server: what it takes, what it refuses, and what it makes of a message.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::Method;
use sandbox::Login;
use serde_json::json;

use crate::post_stage::{Post, code};

#[tokio::test]
async fn a_mail_is_kept_with_its_envelope_and_the_moment() {
    let post = Post::start().await;
    post.sandbox.clock().advance(86_400_000);
    let before = post.sandbox.clock().now_ms();
    let mut caller = post.caller().await;
    caller.begin(&["ada@halden.example", "bob@halden.example"]).await;
    let answer = caller.say("From: a@x.example\r\nSubject: One\r\n\r\nHello\r\n.").await.unwrap();
    assert!(answer.starts_with("250 2.0.0 "), "{answer}");
    assert_eq!(caller.send("Cyd@halden.example", "Subject: Two\r\n\r\nHello again").await, Some(250));
    assert_eq!(caller.codes(&["QUIT"]).await, [221]);
    assert_eq!(caller.hear().await, None);

    let mails = post.mails("").await;
    let subjects: Vec<_> = mails.iter().map(|mail| (mail["number"].clone(), mail["subject"].clone())).collect();
    assert_eq!(subjects, [(json!(1), json!("One")), (json!(2), json!("Two"))]);
    assert_eq!(mails[0]["from"], "from@halden.example");
    assert_eq!(mails[0]["recipients"], json!(["ada@halden.example", "bob@halden.example"]));
    assert_eq!(mails[0]["text"], "Hello\r\n");
    assert_eq!(mails[0]["headers"][0], json!({ "name": "From", "value": "a@x.example" }));
    let at = mails[0]["at"].as_i64().unwrap();
    assert!(before <= at && at <= post.sandbox.clock().now_ms(), "{at}");

    assert_eq!(post.mails("?recipient=bob@halden.example").await, mails[..1]);
    assert_eq!(post.mails("?recipient=cyd@halden.example").await, mails[1..], "in any case");
    assert_eq!(post.mails("?after=1").await, mails[1..]);
    post.admin(Method::DELETE, "/sandbox/mails", json!({})).await;
    assert!(post.mails("").await.is_empty());
    assert_eq!(post.caller().await.send("ada@halden.example", "Subject: Three\r\n\r\n").await, Some(250));
    assert_eq!(post.mails("").await[0]["number"], 3, "numbers are given once");
}

#[tokio::test]
async fn each_command_has_its_place() {
    let post = Post::start().await;
    let mut caller = post.stranger().await;
    caller.hear().await;
    let out_of_turn = ["MAIL FROM:<a@b.example>", "RCPT TO:<a@b.example>", "DATA", "AUTH PLAIN AGEAYg=="];
    assert_eq!(caller.codes(&out_of_turn).await, [503; 4]);
    assert_eq!(caller.say("HELO there").await.unwrap().lines().count(), 1);
    let hello = caller.say("EHLO there").await.unwrap();
    for extension in ["SIZE 10485760", "8BITMIME", "SMTPUTF8", "AUTH PLAIN LOGIN"] {
        assert!(hello.contains(extension), "{hello}");
    }
    let known = ["NOOP", "RSET", "VRFY a", "STARTTLS", "BDAT 1", "MAIL FROM:<>", "MAIL FROM:<>", "DATA"];
    assert_eq!(caller.codes(&known).await, [250, 250, 252, 502, 500, 250, 503, 554]);
    let reset = ["RCPT TO:<a@b.example>", "RSET", "DATA", "MAIL FROM:<a@b.example>", "EHLO again", "DATA"];
    assert_eq!(caller.codes(&reset).await, [250, 250, 503, 250, 250, 503]);
    let addresses = ["MAIL FROM:<a>", "MAIL FROM:<a@b.example> SIZE=99999999", "MAIL FROM:<\u{fc}@b.example>"];
    assert_eq!(caller.codes(&addresses).await, [501, 552, 553]);
    let unicode = ["MAIL FROM:<\u{fc}@b.example> SMTPUTF8", "RCPT TO:<\u{e4}@b.example>", "RSET"];
    assert_eq!(caller.codes(&unicode).await, [250, 250, 250]);
    assert_eq!(caller.codes(&["MAIL FROM:<a@b.example>", "RCPT TO:<\u{e4}@b.example>"]).await, [250, 553]);
    for _ in 0..100 {
        assert_eq!(caller.codes(&["RCPT TO:<a@b.example>"]).await, [250]);
    }
    assert_eq!(caller.codes(&["RCPT TO:<a@b.example>", "QUIT"]).await, [452, 221]);
    assert!(post.mails("").await.is_empty());
}

#[tokio::test]
async fn only_who_knows_the_password_sends_where_there_is_one() {
    let login = Login { user: "halden".to_owned(), password: "correct".to_owned() };
    let post = Post::with_login(Some(login)).await;
    let plain = |password: &str| STANDARD.encode(format!("\0halden\0{password}"));
    let mut caller = post.caller().await;
    assert_eq!(caller.codes(&["MAIL FROM:<a@b.example>"]).await, [530]);
    let wrong = format!("AUTH PLAIN {}", plain("wrong"));
    assert_eq!(caller.codes(&[&wrong, "AUTH PLAIN AGEA", "AUTH PLAIN ???", "AUTH NTLM"]).await, [535, 535, 501, 504]);
    assert_eq!(caller.codes(&["AUTH PLAIN", "*", "AUTH PLAIN", &plain("correct")]).await, [334, 501, 334, 235]);
    assert_eq!(caller.codes(&[&wrong]).await, [503], "once is enough");
    assert_eq!(caller.send("ada@halden.example", "Subject: One\r\n\r\n").await, Some(250));
    assert_eq!(post.mails("").await[0]["user"], "halden");

    let mut caller = post.caller().await;
    let (user, password) = (STANDARD.encode("halden"), STANDARD.encode("correct"));
    assert_eq!(caller.say("AUTH LOGIN").await.as_deref(), Some("334 VXNlcm5hbWU6\r\n"));
    assert_eq!(caller.say(&user).await.as_deref(), Some("334 UGFzc3dvcmQ6\r\n"));
    assert_eq!(caller.codes(&[&password]).await, [235]);
    let mut caller = post.caller().await;
    assert_eq!(caller.codes(&[&format!("AUTH LOGIN {user}"), &user]).await, [334, 535]);

    let changed = json!({ "user": "halden", "password": "changed" });
    post.admin(Method::POST, "/sandbox/login", changed).await;
    let right = [format!("AUTH PLAIN {}", plain("correct")), format!("AUTH PLAIN {}", plain("changed"))];
    assert_eq!(caller.codes(&[&right[0], &right[1]]).await, [535, 235]);
    post.admin(Method::DELETE, "/sandbox/login", json!({})).await;
    assert_eq!(post.caller().await.codes(&["MAIL FROM:<a@b.example>"]).await, [250]);
}

#[tokio::test]
async fn a_message_arrives_byte_for_byte_however_long_and_wherever_its_dots_are() {
    let post = Post::start().await;
    let mut caller = post.caller().await;
    let line = "A line of a long mail, \u{e4}\u{f6}\u{fc}, as long as people write them.\r\n";
    let message = format!("Subject: Long\r\n\r\n.\r\n..\r\n.hidden\r\na.b\r\n{}", line.repeat(40_000));
    let stuffed = message.replace("\r\n.", "\r\n..");
    caller.begin(&["ada@halden.example"]).await;
    assert_eq!(code(caller.say(&format!("{stuffed}.")).await), Some(250));
    let raw = post.ask(Method::GET, "/sandbox/mails/1/raw").send().await.unwrap();
    assert_eq!(raw.headers()["content-type"], "message/rfc822");
    assert!(raw.bytes().await.unwrap() == message.as_bytes());
    assert_eq!(post.ask(Method::GET, "/sandbox/mails/2/raw").send().await.unwrap().status(), 404);

    let bare = "Subject: One\r\n\r\nHello\n.\r\nMAIL FROM:<smuggled@b.example>";
    assert_eq!(caller.send("ada@halden.example", bare).await, Some(554));
    assert_eq!(caller.send("ada@halden.example", &"x".repeat(999)).await, Some(554));
    assert_eq!(caller.send("ada@halden.example", &line.repeat(200_000)).await, Some(552));
    assert_eq!(post.mails("").await.len(), 1);
}

#[tokio::test]
async fn what_is_encoded_is_read() {
    let post = Post::start().await;
    let text = STANDARD.encode("Gr\u{fc}\u{df}e, https://a.example/x?y=1&z=2\r\n");
    let message = format!(
        "From: =?UTF-8?Q?J=C3=BCrgen?= <j@b.example>\r\nSubject: =?utf-8?b?8J+OiQ==?= =?utf-8?q?_Zusage?=\r\n\
         MIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary=\"=x\"\r\n\r\n--=x\r\n\
         Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n{text}\r\n--=x\r\n\
         Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n\
         <p>Gr=C3=BC=C3=9Fe</p>\r\n--=x--"
    );
    let mut caller = post.caller().await;
    assert_eq!(caller.send("j\u{fc}rgen@halden.example", &message).await, Some(250));
    let plain = "Subject: Gr\u{fc}\u{df}e\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n\u{20ac} 3";
    assert_eq!(caller.send("ada@halden.example", plain).await, Some(250));
    let mails = post.mails("").await;
    assert_eq!(mails[0]["recipients"], json!(["j\u{fc}rgen@halden.example"]));
    assert_eq!(mails[0]["subject"], "\u{1f389} Zusage");
    assert_eq!(mails[0]["headers"][0]["value"], "J\u{fc}rgen <j@b.example>");
    assert_eq!(mails[0]["text"], "Gr\u{fc}\u{df}e, https://a.example/x?y=1&z=2\r\n");
    assert_eq!(mails[0]["html"].as_str().unwrap().trim(), "<p>Gr\u{fc}\u{df}e</p>");
    assert_eq!((&mails[1]["subject"], &mails[1]["text"]), (&json!("Gr\u{fc}\u{df}e"), &json!("\u{20ac} 3\r\n")));
}

#[tokio::test]
async fn it_stops_with_its_callers_still_there() {
    let post = Post::start().await;
    let mut caller = post.caller().await;
    post.sandbox.stop().await;
    assert_eq!(caller.hear().await, None);
}
