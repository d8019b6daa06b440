//! What happens to a message's bytes on a bad way.

use proptest::{collection::vec, prelude::*, sample::Index};

/// One change; an index is a place in whatever is there.
#[derive(Debug, Clone)]
pub enum Damage {
    Flip(Index, u8),
    Cut(Index, usize),
    Insert(Index, Vec<u8>),
    Double(Index, usize),
    End(Index),
}

/// A few changes.
pub fn some() -> impl Strategy<Value = Vec<Damage>> {
    let bytes = prop_oneof![
        vec(any::<u8>(), 1..5),
        prop::sample::select(vec![
            "\u{feff}",
            "\0",
            "\\u0000",
            "\\ud800",
            "\"",
            "{",
            "}",
            "[",
            ",",
            "\"token\":\"t\","
        ])
        .prop_map(|text| text.as_bytes().to_vec()),
        prop::sample::select(vec![&b"\xff\xfe"[..], b"\xc0\x80", b"\xed\xa0\x80", b"\xf8"]).prop_map(<[u8]>::to_vec),
    ];
    let one = prop_oneof![
        (any::<Index>(), 0_u8..8).prop_map(|(place, bit)| Damage::Flip(place, bit)),
        (any::<Index>(), 1_usize..40).prop_map(|(place, length)| Damage::Cut(place, length)),
        (any::<Index>(), bytes).prop_map(|(place, bytes)| Damage::Insert(place, bytes)),
        (any::<Index>(), 1_usize..80).prop_map(|(place, length)| Damage::Double(place, length)),
        any::<Index>().prop_map(Damage::End),
    ];
    vec(one, 1..4)
}

impl Damage {
    /// Changes the bytes.
    pub fn befall(&self, body: &mut Vec<u8>) {
        let at = |place: &Index| place.index(body.len() + 1);
        match self {
            Self::Flip(place, bit) => {
                let at = at(place);
                if let Some(byte) = body.get_mut(at) {
                    *byte ^= 1 << bit;
                }
            }
            Self::Cut(place, length) => {
                let at = at(place);
                body.drain(at..(at + length).min(body.len()));
            }
            Self::Insert(place, bytes) => {
                let at = at(place);
                body.splice(at..at, bytes.iter().copied());
            }
            Self::Double(place, length) => {
                let at = at(place);
                let part = body[at..(at + length).min(body.len())].to_vec();
                body.splice(at..at, part);
            }
            Self::End(place) => body.truncate(at(place)),
        }
    }
}
