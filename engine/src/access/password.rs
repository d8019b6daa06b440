//! Passwords: argon2id, off the async threads, and equally slow for people who do not exist. One that is among
//! the first to be guessed cannot be chosen.

use std::sync::LazyLock;

use argon2::{Argon2, PasswordHasher, PasswordVerifier};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Semaphore;

use zxcvbn::{Score, zxcvbn};

use crate::{
    fault::{FlowError, Refusal},
    random,
};

const SHORTEST: usize = 12;
const LONGEST: usize = 256;

/// Each hash takes 19 MiB and a core: more at once would let sign-in attempts starve everything else.
static TURNS: Semaphore = Semaphore::const_new(4);

/// What an unknown person's password is checked against, so that the answer takes as long.
static NOBODY: LazyLock<String> = LazyLock::new(|| hash_now(&SecretString::from(random::token())));

/// Whether a password may be chosen: by its length in characters, and by how many guesses it takes. Below
/// [`Score::Three`] that are fewer than a hundred million by who tries known passwords, words, names, dates, keys
/// side by side and what repeats (NIST SP 800-63B, 5.1.1.2, asks for such a list and for no kinds of characters).
fn is_acceptable(password: &SecretString) -> bool {
    let password = password.expose_secret();
    (SHORTEST..=LONGEST).contains(&password.chars().count()) && zxcvbn(password, &[]).score() >= Score::Three
}

/// The hash of a password that nobody knows.
pub(super) fn nobodys() -> String {
    NOBODY.clone()
}

/// The hash of a password that somebody chose, to be stored.
///
/// # Errors
/// Refused where it is too short, too long or too easily guessed.
pub(super) async fn chosen(password: SecretString) -> Result<String, FlowError> {
    let hash = off_thread(move || is_acceptable(&password).then(|| hash_now(&password))).await;
    hash.ok_or(FlowError::Refused(Refusal::Password))
}

/// Whether the password is the one behind `hash`; without a hash it takes as long and is not.
pub(super) async fn is_right(password: SecretString, hash: Option<String>) -> bool {
    off_thread(move || {
        let known = hash.is_some();
        let hash = hash.unwrap_or_else(|| NOBODY.clone());
        let short_enough = password.expose_secret().len() <= LONGEST * 4;
        let tried = if short_enough { password.expose_secret().as_bytes() } else { &[] };
        Argon2::default().verify_password(tried, hash.as_str()).is_ok() && known
    })
    .await
}

async fn off_thread<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    let _turn = TURNS.acquire().await.expect("the semaphore is never closed");
    tokio::task::spawn_blocking(work).await.expect("hashing does not panic")
}

fn hash_now(password: &SecretString) -> String {
    let hash = Argon2::default().hash_password(password.expose_secret().as_bytes());
    hash.expect("the default parameters and a random salt are valid").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_the_right_password_is_right() {
        let hash = chosen(SecretString::from("correct horse battery")).await.expect("it may be chosen");
        assert!(hash.starts_with("$argon2id$"));
        assert!(is_right(SecretString::from("correct horse battery"), Some(hash.clone())).await);
        assert!(!is_right(SecretString::from("correct horse batterz"), Some(hash.clone())).await);
        assert!(!is_right(SecretString::from(""), Some(hash)).await);
        assert!(!is_right(SecretString::from("anything"), None).await);
        assert!(!is_right(SecretString::from("anything"), Some("no hash".into())).await);
    }

    #[tokio::test]
    async fn none_is_cut_and_a_guess_costs_time() {
        let long = |last: char| {
            let words = ["ёлка", "ruler", "seven", "pond", "жук", "oak"].into_iter().cycle();
            let start: String = words.flat_map(str::chars).take(255).collect();
            SecretString::from(start + &last.to_string())
        };
        let hash = chosen(long('a')).await.expect("it may be chosen");
        // 19 MiB, two passes: what OWASP asks of argon2id at least.
        assert!(hash.contains("m=19456,t=2,p=1"), "{hash}");
        assert!(is_right(long('a'), Some(hash.clone())).await);
        assert!(!is_right(long('b'), Some(hash.clone())).await, "the last sign counts");
        let longer = SecretString::from("ё".repeat(255) + "aa");
        assert!(!is_right(longer, Some(hash)).await);
    }

    #[test]
    fn length_in_characters_is_a_rule() {
        for (password, acceptable) in
            [("elevenchars", false), ("twelve chars", true), ("zwölf Zeichen", true), ("ёлка ёлка ё", false)]
        {
            assert_eq!(is_acceptable(&SecretString::from(password)), acceptable, "{password}");
        }
        let of = |length| {
            SecretString::from("seven ponds under an oak, and none of them frozen. ".repeat(6)[..length].to_owned())
        };
        assert!(is_acceptable(&of(256)));
        assert!(!is_acceptable(&of(257)));
    }

    #[test]
    fn what_is_guessed_first_cannot_be_chosen() {
        let guessed = [
            "passwordpassword",
            "password1234",
            "Password2026!",
            "qwertyuiopasdfghjkl",
            "123456789012",
            "aaaaaaaaaaaa",
            "letmeinletmein",
            "hunter2hunter2",
            "january12345",
        ];
        for password in guessed {
            assert!(!is_acceptable(&SecretString::from(password)), "{password}");
        }
        for password in ["seven ponds and an oak", "Xk29vbQ-77ahw", "жук под ёлкой", "a long enough password"]
        {
            assert!(is_acceptable(&SecretString::from(password)), "{password}");
        }
    }
}
