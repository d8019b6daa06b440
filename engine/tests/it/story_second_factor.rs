//! A second factor: a code of an app besides the password, each once, and a way back for who has lost the app.

use std::time::Duration;

use engine::{
    access::{
        self, Member, Role,
        second_factor::{self, Judged, Standing},
        session,
    },
    audit,
    fault::{FlowError, Refusal},
};
use hmac::{Hmac, KeyInit as _, Mac as _};
use secrecy::{ExposeSecret as _, SecretString};
use sha1::Sha1;

use crate::world::{World, add_user};

const JONAS: &str = "jonas@halden.example";
const PASSWORD: &str = "correct horse battery";
const STEP: Duration = Duration::from_secs(30);

/// What an app shows now: RFC 6238 as such apps have it.
fn code(world: &World, key: &str) -> String {
    let bits: String = key
        .bytes()
        .map(|sign| {
            let value = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".iter().position(|known| *known == sign).expect("base32");
            format!("{value:05b}")
        })
        .collect();
    let key: Vec<u8> = bits
        .as_bytes()
        .chunks_exact(8)
        .map(|byte| u8::from_str_radix(std::str::from_utf8(byte).expect("bits"), 2).expect("a byte"))
        .collect();
    let step = world.engine.clock.now().0 / 30_000;
    let mut mac = Hmac::<Sha1>::new_from_slice(&key).expect("a key");
    mac.update(&step.to_be_bytes());
    let hash = mac.finalize().into_bytes();
    let at = usize::from(hash[19] & 15);
    let number = u32::from_be_bytes([hash[at] & 127, hash[at + 1], hash[at + 2], hash[at + 3]]);
    format!("{:06}", number % 1_000_000)
}

#[expect(clippy::unnecessary_wraps, reason = "as it is given")]
fn present(password: &str) -> Option<SecretString> {
    Some(password.to_owned().into())
}

/// Somebody sets it up; answers key and recovery codes.
async fn set_up(world: &World, member: &Member) -> (String, Vec<String>) {
    let offer = second_factor::offer(&world.engine, member).await.expect("offered");
    let key = offer.key.expose_secret().to_owned();
    second_factor::confirm(&world.engine, member, &code(world, &key), present(PASSWORD)).await.expect("confirmed");
    (key, offer.codes)
}

async fn is_right(world: &World, member: &Member, code: &str) -> bool {
    judged(world, member, code).await == Judged::Right
}

async fn judged(world: &World, member: &Member, code: &str) -> Judged {
    second_factor::judge(&world.engine, &member.user, code, None).await.expect("works")
}

#[tokio::test]
async fn a_code_counts_once_and_so_does_each_recovery_code() {
    let world = World::new().await;
    let jonas = world.member(JONAS, Role::TeamMember).await;
    let standing = async || second_factor::standing(&world.engine, &jonas).await.expect("readable");
    assert!(!is_right(&world, &jonas, "123456").await, "there is none");
    let offer = second_factor::offer(&world.engine, &jonas).await.expect("offered");
    let key = offer.key.expose_secret().to_owned();
    let shown = second_factor::offered(&world.engine, &jonas).await.expect("readable").expect("offered");
    assert_eq!((shown.key.expose_secret(), &shown.codes), (key.as_str(), &offer.codes), "the page can be read again");
    assert!(offer.uri.expose_secret().contains(&key));
    let refused = second_factor::confirm(&world.engine, &jonas, "000000", present(PASSWORD)).await;
    assert!(matches!(refused, Err(FlowError::Refused(Refusal::Code))));
    assert!(
        standing().await == Standing::Off && !second_factor::is_on(&world.engine, &jonas.user).await.expect("works")
    );

    let first = code(&world, &key);
    second_factor::confirm(&world.engine, &jonas, &first, present(PASSWORD)).await.expect("confirmed");
    assert!(matches!(standing().await, Standing::On { codes: 10, .. }));
    assert!(second_factor::is_on(&world.engine, &jonas.user).await.expect("works"));
    assert!(second_factor::offered(&world.engine, &jonas).await.expect("readable").is_none(), "never shown again");
    let again = second_factor::offer(&world.engine, &jonas).await;
    assert!(matches!(again, Err(FlowError::Conflict)), "nobody puts another key in its place");
    assert!(!is_right(&world, &jonas, &first).await, "it counted");
    world.advance(STEP);
    let next = code(&world, &key);
    let both = tokio::join!(is_right(&world, &jonas, &next), is_right(&world, &jonas, &next));
    assert!(both.0 != both.1, "one of two at once: {both:?}");
    world.advance(STEP * 10);
    assert!(!is_right(&world, &jonas, &next).await, "long ago");

    let recovery = offer.codes[0].to_uppercase().replace('-', " ");
    assert!(is_right(&world, &jonas, &recovery).await && !is_right(&world, &jonas, &recovery).await);
    assert!(matches!(standing().await, Standing::On { codes: 9, .. }));
    assert!(!is_right(&world, &world.admin.clone(), &offer.codes[1]).await, "another's");
    let log = audit::page(&world.engine, &world.admin, &audit::Filter::default(), None, 2).await.expect("the log");
    let deeds: Vec<_> = log.iter().map(|entry| entry.action.as_str()).collect();
    assert_eq!(deeds, ["recovery_code_used", "second_factor_on"]);
    let plain = "SELECT COUNT(*) FROM recovery_codes WHERE code_hash = $1";
    let stored: i64 =
        sqlx::query_scalar(plain).bind(&offer.codes[1]).fetch_one(world.engine.db.read()).await.expect("readable");
    assert_eq!((stored, world.found_on_disk(&key).unwrap_or(0)), (0, 0), "nothing stands there as it is");
}

#[tokio::test]
async fn whoever_guesses_on_and_on_gets_nowhere_and_the_person_gets_back_in() {
    let world = World::new().await;
    let jonas = world.member(JONAS, Role::TeamMember).await;
    let (key, codes) = set_up(&world, &jonas).await;
    world.advance(STEP);
    for _ in 0..99 {
        assert_eq!(judged(&world, &jonas, "no code").await, Judged::Wrong);
    }
    assert!(is_right(&world, &jonas, &code(&world, &key)).await, "not yet");
    world.advance(STEP);
    for _ in 0..100 {
        assert_eq!(judged(&world, &jonas, "no code").await, Judged::Wrong);
    }
    assert_eq!(judged(&world, &jonas, &code(&world, &key)).await, Judged::Locked, "though it is right");
    assert_eq!(judged(&world, &jonas, "no code").await, Judged::Locked);
    assert!(is_right(&world, &jonas, &codes[0]).await, "a recovery code counts");
    world.advance(STEP);
    assert!(is_right(&world, &jonas, &code(&world, &key)).await, "and so does the app again");
}

#[tokio::test]
async fn it_is_turned_on_by_who_knows_the_password_or_was_vouched_for() {
    let world = World::new().await;
    let jonas = world.member(JONAS, Role::TeamMember).await;
    let offer = second_factor::offer(&world.engine, &jonas).await.expect("offered");
    let shown = code(&world, offer.key.expose_secret());
    let refused = second_factor::confirm(&world.engine, &jonas, &shown, present("another password")).await;
    assert!(matches!(refused, Err(FlowError::Refused(Refusal::PresentPassword))));
    assert_eq!(second_factor::standing(&world.engine, &jonas).await.expect("readable"), Standing::Off);
    second_factor::confirm(&world.engine, &jonas, &shown, None).await.expect("confirmed");
}

#[tokio::test]
async fn it_is_turned_off_by_who_knows_the_password() {
    let world = World::new().await;
    let jonas = world.member(JONAS, Role::TeamMember).await;
    set_up(&world, &jonas).await;
    let off = async |password: &str| second_factor::turn_off(&world.engine, &jonas, password.to_owned().into()).await;
    assert!(matches!(off("another password").await, Err(FlowError::Refused(Refusal::PresentPassword))));
    off(PASSWORD).await.expect("off");
    assert!(matches!(off(PASSWORD).await, Err(FlowError::NotFound)));
    assert_eq!(second_factor::standing(&world.engine, &jonas).await.expect("readable"), Standing::Off);
    set_up(&world, &jonas).await;
}

#[tokio::test]
async fn a_super_admin_turns_it_off_for_who_has_lost_it() {
    let world = World::new().await;
    let jonas = world.member(JONAS, Role::TeamMember).await;
    let tomas = world.member("tomas@halden.example", Role::Admin).await;
    let eve = add_user(&world.engine, "Another Company", "eve@another.example", Role::SuperAdmin).await;
    set_up(&world, &jonas).await;
    set_up(&world, &world.admin).await;
    let stored = session::Stored {
        user: Some(jonas.user.as_str()),
        epoch: 0,
        data: "{}",
        from: None,
        agent: None,
        expires: world.engine.clock.now().after(Duration::from_hours(8)),
    };
    session::create(&world.engine, "a session", &stored).await.expect("a session");
    let reset = async |by: &Member, of: &Member| second_factor::reset(&world.engine, by, &of.user).await;
    assert!(matches!(reset(&tomas, &jonas).await, Err(FlowError::Forbidden(_))));
    assert!(matches!(reset(&eve, &jonas).await, Err(FlowError::NotFound)), "of another organization");
    assert!(
        matches!(reset(&world.admin, &world.admin).await, Err(FlowError::Conflict)),
        "one's own asks for the password"
    );
    let have = async || second_factor::who_have_it(&world.engine, &world.admin).await.expect("told");
    assert!(have().await.contains(&jonas.user));
    assert!(matches!(second_factor::who_have_it(&world.engine, &tomas).await, Err(FlowError::Forbidden(_))));
    reset(&world.admin, &jonas).await.expect("off");
    assert!(!have().await.contains(&jonas.user));
    assert!(session::load(&world.engine, "a session").await.expect("readable").is_none());
    assert!(matches!(reset(&world.admin, &jonas).await, Err(FlowError::NotFound)));

    // Whoever belongs to another organization as well is not this one's alone to let in.
    access::invite(&world.engine, &eve, JONAS, Role::Admin).await.expect("invited");
    let open = access::invitations(&world.engine, &eve).await.expect("the list");
    let token = open[0].link.rsplit('/').next().expect("a token").to_owned();
    access::accept(&world.engine, &token, "Jonas", PASSWORD.to_owned().into(), None).await.expect("joined");
    set_up(&world, &jonas).await;
    assert!(matches!(reset(&world.admin, &jonas).await, Err(FlowError::Conflict)));
    second_factor::reset_at_terminal(&world.engine, JONAS).await.expect("off");
    assert!(matches!(second_factor::reset_at_terminal(&world.engine, JONAS).await, Err(FlowError::NotFound)));
    assert!(matches!(
        second_factor::reset_at_terminal(&world.engine, "no@body.example").await,
        Err(FlowError::NotFound)
    ));
}
