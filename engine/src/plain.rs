//! Others' text as it can be stored and shown: PostgreSQL stores no NUL, no screen needs the other control
//! characters, and what turns the direction of a line round would turn what stands beside it round too.

/// Whether the sign can be in a text of ours: letters that are written from right to left can, orders to write
/// everything so cannot.
pub(crate) fn is_plain(sign: char) -> bool {
    let turns = matches!(sign, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    !sign.is_control() && !turns
}

#[cfg(test)]
mod tests {
    use super::is_plain;

    #[test]
    fn letters_of_every_direction_stay_and_orders_to_turn_round_go() {
        assert!("נורה 👩🏽‍🚀 <b>O'Neil</b> Ада \u{200f}\u{200d}".chars().all(is_plain));
        for sign in ['\0', '\n', '\u{85}', '\u{202a}', '\u{202e}', '\u{2066}', '\u{2069}'] {
            assert!(!is_plain(sign), "{sign:?}");
        }
    }
}
