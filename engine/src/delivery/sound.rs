//! JSON that every reader reads alike: no name twice in an object, no NUL and no half of a surrogate
//! pair in a text, no deeper than anything that is sent. What it says may still be nonsense.

use std::{borrow::Cow, collections::HashSet, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{DeserializeSeed, Error, MapAccess, SeqAccess, Visitor},
};

/// So deep one value may be in others.
const DEEPEST: u8 = 64;

/// Whether the text is one sound JSON value.
pub(super) fn is_sound(text: &str) -> bool {
    let mut json = serde_json::Deserializer::from_str(text);
    Reader { deeper: DEEPEST }.deserialize(&mut json).is_ok() && json.end().is_ok()
}

struct Sound;

#[derive(Clone, Copy)]
struct Reader {
    deeper: u8,
}

impl Reader {
    fn within<E: Error>(self) -> Result<Self, E> {
        self.deeper.checked_sub(1).map(|deeper| Self { deeper }).ok_or_else(|| E::custom("too deep"))
    }
}

impl<'de> DeserializeSeed<'de> for Reader {
    type Value = Sound;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Sound, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Reader {
    type Value = Sound;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("sound JSON")
    }

    fn visit_unit<E: Error>(self) -> Result<Sound, E> {
        Ok(Sound)
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<Sound, E> {
        Ok(Sound)
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<Sound, E> {
        Ok(Sound)
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<Sound, E> {
        Ok(Sound)
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Sound, E> {
        Ok(Sound)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Sound, E> {
        if text.contains('\0') { Err(E::custom("NUL")) } else { Ok(Sound) }
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Sound, A::Error> {
        let within = self.within()?;
        while list.next_element_seed(within)?.is_some() {}
        Ok(Sound)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Sound, A::Error> {
        let within = self.within()?;
        let mut names = HashSet::new();
        while let Some(Name(name)) = object.next_key::<Name<'de>>()? {
            if name.contains('\0') || !names.insert(name) {
                return Err(A::Error::custom("a name with NUL, or a name twice"));
            }
            object.next_value_seed(within)?;
        }
        Ok(Sound)
    }
}

/// A name, without a copy where it has no escapes.
#[derive(Deserialize)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_readers_may_read_differently_is_not_sound() {
        let sound = [
            "{}",
            "null",
            " [1, 2.5, -3, true, \"\u{1f600}\", {\"a\": {\"a\": []}}] ",
            r#"{"a":"😀"}"#,
            "1e300",
            r#"{"a":1,"b":1}"#,
            r#"[{"a":1},{"a":1}]"#,
        ];
        for text in sound {
            assert!(is_sound(text), "{text}");
        }
        let unsound = [
            "",
            "{",
            "[1,]",
            "{}{}",
            "\u{feff}{}",
            r#"{"a":1,"a":1}"#,
            r#"{"b":{"a":1,"\u0061":2}}"#,
            r#""\u0000""#,
            r#"{"a\u0000":1}"#,
            r#""\ud83d""#,
            r#"{"a":["\ude00"]}"#,
            r#"{"\ud83d":1}"#,
            "1e999",
            "NaN",
            "\"a\nb\"",
            "'a'",
        ];
        for text in unsound {
            assert!(!is_sound(text), "{text}");
        }
    }

    #[test]
    fn depth_and_size_do_no_harm() {
        for deep in ["[".repeat(100_000), "{\"a\":".repeat(40_000), "[".repeat(1000) + &"]".repeat(1000)] {
            assert!(!is_sound(&deep));
        }
        for (open, close) in [("[", "]"), ("{\"a\":[", "]}")] {
            let nested = |levels: usize| open.repeat(levels) + &close.repeat(levels);
            let levels = 64 / (close.len());
            assert!(is_sound(&nested(levels)), "sixty-four are as deep as may be");
            assert!(!is_sound(&nested(levels + 1)));
        }
        let names: Vec<String> = (0..30_000).map(|name| format!("\"{name}\":0")).collect();
        assert!(is_sound(&format!("{{{}}}", names.join(","))));
        assert!(is_sound(&format!("[{}]", "0,".repeat(100_000) + "0")));
        assert!(!is_sound(&"9".repeat(1_000_000)), "no number is that large");
    }

    proptest! {
        #[test]
        fn nothing_panics(text in ".*") {
            let _judged = is_sound(&text);
        }

        #[test]
        fn what_the_parser_writes_is_sound(texts in proptest::collection::vec("[^\0]*", 0..8)) {
            let value = serde_json::json!({ "texts": texts });
            prop_assert!(is_sound(&value.to_string()));
        }
    }
}
