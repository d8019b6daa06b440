//! A second factor for who signs in with a password: one-time codes of an app (TOTP, RFC 6238: SHA-1, six digits,
//! thirty seconds, as every such app has them), and codes for who has the app no more. Whoever signs in at the
//! company's own provider has that one's.

use std::net::IpAddr;

use hmac::{Hmac, KeyInit as _, Mac as _};
use qrcodegen::{QrCode, QrCodeEcc};
use secrecy::{ExposeSecret as _, SecretString};
use sha1::Sha1;

use super::{Member, Permission, session, store, user::Present};
use crate::{
    Engine,
    audit::{self, Action, By, Deed},
    clock::Moment,
    db::{Tx, fold},
    fault::{FlowError, Refusal, StoreError},
    id::UserId,
    random,
};

/// 160 bits, as RFC 4226 recommends.
const KEY: usize = 20;
const STEP_SECONDS: i64 = 30;
const DIGITS: u32 = 6;
/// A clock may be half a minute wrong, and a person slow.
const DRIFT: i64 = 1;
const RECOVERY_CODES: usize = 10;
/// Whoever guesses on meets one right code in three thousand times that many.
const MOST_WRONG: i64 = 100;

/// RFC 4648, without padding: what apps take by hand.
const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// Where somebody's second factor stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    Off,
    On {
        since: Moment,
        /// Recovery codes that were not used yet.
        codes: i64,
    },
}

/// A key that an app is to take over.
#[derive(Debug, Clone)]
pub struct Offer {
    /// In base32, for who types it.
    pub key: SecretString,
    /// The address that the picture holds.
    pub uri: SecretString,
    /// The picture, as an SVG path of squares on a field of `size` by `size`.
    pub path: String,
    pub size: i32,
    /// Recovery codes to keep, which are not shown again once the app has given a code.
    pub codes: Vec<String>,
}

/// What is kept of an offer.
pub(super) struct Kept {
    pub key: SecretString,
    /// The recovery codes, one a line.
    pub codes: SecretString,
}

/// Where the person's own stands.
///
/// # Errors
/// When the database fails.
pub async fn standing(engine: &Engine, member: &Member) -> Result<Standing, StoreError> {
    store::second_factor::standing(&engine.db, &member.user).await
}

/// The members of the organization who have one.
///
/// # Errors
/// Forbidden for everybody but Super Admins.
pub async fn who_have_it(engine: &Engine, member: &Member) -> Result<Vec<UserId>, FlowError> {
    member.require(Permission::ManagePeople)?;
    Ok(store::second_factor::who_have_it(&engine.db, &member.organization).await?)
}

/// Whether signing in with a password asks for a code.
///
/// # Errors
/// When the database fails.
pub async fn is_on(engine: &Engine, user: &UserId) -> Result<bool, StoreError> {
    Ok(store::second_factor::standing(&engine.db, user).await? != Standing::Off)
}

/// Makes a key for an app, in place of one that no code confirmed yet.
///
/// # Errors
/// Conflict when one is on already.
pub async fn offer(engine: &Engine, member: &Member) -> Result<Offer, FlowError> {
    let codes: Vec<String> = (0..RECOVERY_CODES).map(|_| recovery_code()).collect();
    let kept = Kept { key: base32(&random::bytes::<KEY>()).into(), codes: codes.join("\n").into() };
    let mut tx = engine.db.write().await?;
    if !store::second_factor::replace(engine, &mut tx, &member.user, &kept, engine.clock.now()).await? {
        return Err(FlowError::Conflict);
    }
    tx.commit().await?;
    Ok(drawn(kept, &member.email))
}

/// The key that is offered and not confirmed yet; `None` when there is none.
///
/// # Errors
/// When the database fails.
pub async fn offered(engine: &Engine, member: &Member) -> Result<Option<Offer>, StoreError> {
    let kept = store::second_factor::unconfirmed(engine, &member.user).await?;
    Ok(kept.map(|kept| drawn(kept, &member.email)))
}

fn drawn(Kept { key, codes }: Kept, email: &str) -> Offer {
    let label: String = url::form_urlencoded::byte_serialize(email.as_bytes()).collect();
    let uri = format!("otpauth://totp/Candilever:{label}?secret={}&issuer=Candilever", key.expose_secret());
    let (path, size) = match QrCode::encode_text(&uri, QrCodeEcc::Medium) {
        Ok(code) => (squares(&code), code.size()),
        // An address of such a length: it is typed by hand then.
        Err(_) => (String::new(), 0),
    };
    let codes = codes.expose_secret().lines().map(str::to_owned).collect();
    Offer { key, uri: uri.into(), path, size, codes }
}

fn squares(code: &QrCode) -> String {
    let dark = |(x, y): &(i32, i32)| code.get_module(*x, *y);
    let all = (0..code.size()).flat_map(|y| (0..code.size()).map(move |x| (x, y)));
    all.filter(dark).map(|(x, y)| format!("M{x} {y}h1v1h-1z")).collect()
}

/// Whether the app that took the key over shows this code now.
///
/// # Errors
/// Not found when no key is offered; refused for a code that is not right.
pub async fn try_out(engine: &Engine, member: &Member, code: &str) -> Result<(), FlowError> {
    shown(engine, member, code, engine.clock.now()).await.map(drop)
}

/// What is offered, and the step whose code this is.
async fn shown(engine: &Engine, member: &Member, code: &str, now: Moment) -> Result<(Kept, i64), FlowError> {
    let kept = store::second_factor::unconfirmed(engine, &member.user).await?.ok_or(FlowError::NotFound)?;
    let step = step_of(&kept.key, code, now).ok_or(FlowError::Refused(Refusal::Code))?;
    Ok((kept, step))
}

/// Turns it on, with a code of the app that took the key over; for who signed in with a password, with that too:
/// whoever sits down at an open browser is not to keep its person out.
///
/// # Errors
/// Not found when no key is offered; refused for a code or a password that is not right.
pub async fn confirm(
    engine: &Engine,
    member: &Member,
    code: &str,
    present: Option<SecretString>,
) -> Result<(), FlowError> {
    let now = engine.clock.now();
    let (kept, step) = shown(engine, member, code, now).await?;
    let present = match present {
        Some(password) => Some(Present::checked(engine, member, password).await?),
        None => None,
    };
    let mut tx = engine.db.write().await?;
    if let Some(present) = present {
        present.hold(&mut tx, member).await?;
    }
    if !store::second_factor::confirm(&mut tx, &member.user, step, now).await? {
        return Err(FlowError::NotFound);
    }
    for code in kept.codes.expose_secret().lines() {
        store::second_factor::insert_code(&mut tx, &member.user, &digest(code)).await?;
    }
    let deed = Deed::plain(Action::SecondFactorOn, member.user.as_str());
    audit::record(&mut tx, member, &deed, now).await?;
    tx.commit().await?;
    Ok(())
}

/// Turns one's own off, who knows the password.
///
/// # Errors
/// Refused when the password is wrong; not found when it is off.
pub async fn turn_off(engine: &Engine, member: &Member, present: SecretString) -> Result<(), FlowError> {
    let present = Present::checked(engine, member, present).await?;
    let mut tx = engine.db.write().await?;
    present.hold(&mut tx, member).await?;
    take_off(&mut tx, &member.user).await?;
    let deed = Deed::plain(Action::SecondFactorOff, member.user.as_str());
    audit::record(&mut tx, member, &deed, engine.clock.now()).await?;
    tx.commit().await?;
    Ok(())
}

/// Turns a member's off, who has lost app and codes; their sessions end. Only where they belong to this organization
/// alone: in others it is their Super Admins' word too.
///
/// # Errors
/// Forbidden for everybody but Super Admins; not found for who is no member here or has none; conflict for oneself
/// and for who belongs to other organizations as well.
pub async fn reset(engine: &Engine, member: &Member, user: &UserId) -> Result<(), FlowError> {
    member.require(Permission::ManagePeople)?;
    let mut tx = engine.db.write().await?;
    store::membership(&mut tx, &member.organization, user).await?.ok_or(FlowError::NotFound)?;
    if *user == member.user || store::organizations_of(&mut *tx, user).await?.len() != 1 {
        return Err(FlowError::Conflict);
    }
    session::end_all(&mut tx, user).await?;
    take_off(&mut tx, user).await?;
    let deed = Deed::plain(Action::SecondFactorOff, user.as_str());
    audit::record(&mut tx, member, &deed, engine.clock.now()).await?;
    tx.commit().await?;
    Ok(())
}

/// The same at the command line, whatever organizations the person belongs to.
///
/// # Errors
/// Not found when nobody has that e-mail, or no second factor.
pub async fn reset_at_terminal(engine: &Engine, email: &str) -> Result<(), FlowError> {
    let found = store::identity::password_of(&engine.db, &fold(email)).await?.ok_or(FlowError::NotFound)?;
    let user = found.admitted.user;
    let mut tx = engine.db.write().await?;
    session::end_all(&mut tx, &user).await?;
    take_off(&mut tx, &user).await?;
    for (organization, _) in store::organizations_of(&mut *tx, &user).await? {
        let deed = Deed::plain(Action::SecondFactorOff, user.as_str());
        audit::record_of(&mut tx, &organization, (&By::Terminal, None), &deed, engine.clock.now()).await?;
    }
    tx.commit().await?;
    Ok(())
}

async fn take_off(tx: &mut Tx, user: &UserId) -> Result<(), FlowError> {
    if store::second_factor::delete(tx, user).await? { Ok(()) } else { Err(FlowError::NotFound) }
}

/// What a code is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Judged {
    Right,
    Wrong,
    /// Too many were wrong: the app's count no more, until a recovery code was right.
    Locked,
}

/// Judges a code: one of the app's, of now and not used before, or a recovery code, which is used up.
///
/// # Errors
/// When the database fails.
pub async fn judge(engine: &Engine, user: &UserId, code: &str, from: Option<IpAddr>) -> Result<Judged, StoreError> {
    let Some(key) = store::second_factor::confirmed(engine, user).await? else { return Ok(Judged::Wrong) };
    let now = engine.clock.now();
    let mut tx = engine.db.write().await?;
    let is_locked = store::second_factor::count(&mut tx, user).await? >= MOST_WRONG;
    let is_right = match step_of(&key, code, now) {
        Some(_) if is_locked => false,
        // Of two at once with one code, one signs in.
        Some(step) => store::second_factor::use_step(&mut tx, user, step).await?,
        None => {
            let used = store::second_factor::use_code(&mut tx, user, &digest(code)).await?;
            if used {
                note_recovery(&mut tx, user, from, now).await?;
            }
            used
        }
    };
    if is_right {
        store::second_factor::was_right(&mut tx, user).await?;
    }
    tx.commit().await?;
    Ok(match (is_right, is_locked) {
        (true, _) => Judged::Right,
        (false, true) => Judged::Locked,
        (false, false) => Judged::Wrong,
    })
}

async fn note_recovery(tx: &mut Tx, user: &UserId, from: Option<IpAddr>, now: Moment) -> Result<(), StoreError> {
    for (organization, _) in store::organizations_of(&mut **tx, user).await? {
        let deed = Deed::plain(Action::RecoveryCodeUsed, user.as_str());
        audit::record_of(tx, &organization, (&By::Person(user.clone()), from), &deed, now).await?;
    }
    Ok(())
}

/// The step of time whose code this is; `None` when it is none of now.
fn step_of(key: &SecretString, code: &str, now: Moment) -> Option<i64> {
    let code: String = code.chars().filter(|sign| !sign.is_whitespace()).collect();
    if code.len() != DIGITS as usize || !code.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let key = bytes_of(key.expose_secret())?;
    let present = now.0.div_euclid(1000 * STEP_SECONDS);
    let mut steps = (present - DRIFT)..=(present + DRIFT);
    steps.find(|step| bool::from(subtle::ConstantTimeEq::ct_eq(code_at(&key, *step).as_bytes(), code.as_bytes())))
}

/// RFC 4226: the code of a counter, here of a step of time.
fn code_at(key: &[u8], step: i64) -> String {
    let mut mac = Hmac::<Sha1>::new_from_slice(key).expect("a key of any length");
    mac.update(&step.to_be_bytes());
    let hash = mac.finalize().into_bytes();
    let offset = usize::from(hash[hash.len() - 1] & 0x0f);
    let four: [u8; 4] = hash[offset..offset + 4].try_into().expect("four of twenty");
    let number = (u32::from_be_bytes(four) & 0x7fff_ffff) % 10_u32.pow(DIGITS);
    format!("{number:0width$}", width = DIGITS as usize)
}

fn base32(bytes: &[u8]) -> String {
    let bits: Vec<u8> = bytes.iter().flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1)).collect();
    let sign = |five: &[u8]| five.iter().chain([0; 4].iter()).take(5).fold(0, |value, bit| value << 1 | bit);
    bits.chunks(5).map(|five| char::from(BASE32[usize::from(sign(five))])).collect()
}

fn bytes_of(text: &str) -> Option<Vec<u8>> {
    let value = |sign: u8| BASE32.iter().position(|known| *known == sign.to_ascii_uppercase());
    let values: Option<Vec<usize>> = text.bytes().map(value).collect();
    let bits: Vec<usize> = values?.iter().flat_map(|value| (0..5).rev().map(move |bit| value >> bit & 1)).collect();
    let byte = |eight: &[usize]| eight.iter().fold(0, |value, bit| value << 1 | bit);
    bits.chunks_exact(8).map(|eight| u8::try_from(byte(eight)).ok()).collect()
}

/// Fifty bits, in signs that nobody takes for others.
fn recovery_code() -> String {
    let code = base32(&random::bytes::<7>()).to_ascii_lowercase();
    format!("{}-{}", &code[..5], &code[5..10])
}

/// What is stored of a recovery code, however it was typed.
fn digest(code: &str) -> String {
    let plain: String = code.chars().filter(char::is_ascii_alphanumeric).collect();
    random::digest(&plain.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// RFC 4226, appendix D, and RFC 6238, appendix B (SHA-1; its eight digits end in these six).
    #[test]
    fn the_codes_are_those_of_the_rfcs() {
        let key = b"12345678901234567890";
        let counted =
            ["755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871", "520489"];
        for (count, code) in (0..).zip(counted) {
            assert_eq!(code_at(key, count), code, "{count}");
        }
        for (seconds, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(code_at(key, seconds / STEP_SECONDS), code, "{seconds}");
        }
    }

    #[test]
    fn base32_is_that_of_the_rfc() {
        for (text, coded) in
            [("f", "MY"), ("fo", "MZXQ"), ("foo", "MZXW6"), ("foob", "MZXW6YQ"), ("foobar", "MZXW6YTBOI")]
        {
            assert_eq!(base32(text.as_bytes()), coded);
            assert_eq!(bytes_of(coded).as_deref(), Some(text.as_bytes()));
        }
    }

    #[test]
    fn a_code_counts_half_a_minute_before_and_after_and_no_longer() {
        let key = SecretString::from(base32(b"12345678901234567890"));
        let at = |seconds: i64| step_of(&key, "287 082", Moment(seconds * 1000));
        for (seconds, right) in
            [(0, true), (29, true), (30, true), (59, true), (89, true), (90, false), (10_000, false)]
        {
            assert_eq!(at(seconds), right.then_some(1), "{seconds}");
        }
        for code in ["", "28708", "2870822", "28708a", "287082\u{0663}", "ＡＢＣ"] {
            assert_eq!(step_of(&key, code, Moment(59_000)), None, "{code:?}");
        }
    }

    #[test]
    fn recovery_codes_are_known_however_they_are_typed() {
        let code = recovery_code();
        assert_eq!(code.len(), 11);
        assert_eq!(digest(&code), digest(&format!(" {} ", code.to_ascii_uppercase().replace('-', " "))));
        assert_ne!(digest(&code), digest(&recovery_code()));
    }

    #[test]
    fn the_picture_holds_the_address() {
        let kept = Kept { key: base32(&[7; KEY]).into(), codes: "aaaaa-bbbbb\nccccc-ddddd".to_owned().into() };
        let offer = drawn(kept, "nora+x@halden.example");
        assert_eq!(offer.codes, ["aaaaa-bbbbb", "ccccc-ddddd"]);
        assert!(offer.uri.expose_secret().starts_with("otpauth://totp/Candilever:nora%2Bx%40halden.example?secret="));
        assert!(offer.size > 20 && offer.path.starts_with("M0 0h1v1h-1z"), "the corner's square");
    }

    proptest! {
        #[test]
        fn base32_goes_there_and_back(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
            prop_assert_eq!(bytes_of(&base32(&bytes)), Some(bytes));
        }

        #[test]
        fn nothing_panics(code in ".*", seconds in any::<i32>()) {
            let key = SecretString::from(base32(&[7; KEY]));
            let _any = (step_of(&key, &code, Moment(i64::from(seconds) * 1000)), digest(&code));
        }
    }
}
