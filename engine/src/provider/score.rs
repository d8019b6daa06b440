//! Scores as they come, into thousandths: from the digits themselves, never through a float.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::Score;

/// No assessment scores as high as this; what does is a fault.
const LARGEST: i64 = 1_000_000_000_000;

#[derive(Deserialize)]
struct Parts<'a> {
    #[serde(borrow)]
    value: Option<&'a RawValue>,
    #[serde(borrow)]
    max: Option<&'a RawValue>,
}

/// Reads `{"value": …, "max": …}` or a bare value; `None` for one that is no score between 0 and its
/// maximum, so that nobody is judged by nonsense.
pub(super) fn read(raw: &RawValue) -> Option<Score> {
    let parts: Parts<'_> = if raw.get().starts_with('{') {
        serde_json::from_str(raw.get()).ok()?
    } else {
        Parts { value: Some(raw), max: None }
    };
    let value = thousandths(parts.value?)?;
    let max = parts.max.map(thousandths);
    match max {
        None => Some(Score { value, max: None }),
        Some(Some(max)) if max > 0 && value <= max => Some(Score { value, max: Some(max) }),
        Some(_) => None,
    }
}

/// The thousandths of a JSON number, or of a string that holds nothing but one.
fn thousandths(raw: &RawValue) -> Option<i64> {
    let text = raw.get();
    let quoted: Option<String> = if text.starts_with('"') { Some(serde_json::from_str(text).ok()?) } else { None };
    decimal(quoted.as_deref().map_or(text, str::trim))
}

/// A non-negative decimal, rounded half up to thousandths.
fn decimal(text: &str) -> Option<i64> {
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
        None => (text, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let plain = |part: &str| part.len() <= 400 && part.bytes().all(|b| b.is_ascii_digit());
    if !plain(whole) || !plain(fraction) || (whole.is_empty() && fraction.is_empty()) {
        return None;
    }
    let digits: Vec<i64> = whole.bytes().chain(fraction.bytes()).map(|b| i64::from(b - b'0')).collect();
    // How many of the digits stand before the third place after the point.
    let kept = i64::try_from(whole.len()).ok()? + i64::from(exponent) + 3;
    let mut value: i64 = 0;
    for place in 0..kept.clamp(0, 1000) {
        let digit = usize::try_from(place).ok().and_then(|place| digits.get(place)).copied().unwrap_or(0);
        value = value.checked_mul(10)?.checked_add(digit)?;
    }
    let next = usize::try_from(kept).ok().and_then(|place| digits.get(place)).copied().unwrap_or(0);
    let value = value + i64::from(next >= 5);
    (value <= LARGEST && kept <= 1000).then_some(value)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn score(json: &str) -> Option<(i64, Option<i64>)> {
        let raw: Box<RawValue> = serde_json::from_str(json).expect("JSON");
        read(&raw).map(|score| (score.value, score.max))
    }

    #[test]
    fn usual_scores_are_exact() {
        for (json, expected) in [
            (r#"{"value":81,"max":100}"#, (81_000, Some(100_000))),
            (r#"{"value":87.5,"max":100}"#, (87_500, Some(100_000))),
            (r#"{"value":"87.5","max":"100"}"#, (87_500, Some(100_000))),
            (r#"{"value":" 7 ","max":10.0}"#, (7_000, Some(10_000))),
            (r#"{"value":0,"max":100}"#, (0, Some(100_000))),
            (r#"{"value":0.1005,"max":1}"#, (101, Some(1_000))),
            (r#"{"value":1e2,"max":1.0E+2}"#, (100_000, Some(100_000))),
            (r#"{"value":8100e-2}"#, (81_000, None)),
            (r#"{"value":81,"max":null}"#, (81_000, None)),
            (r#"{"value":5e-9,"max":1}"#, (0, Some(1_000))),
            ("81", (81_000, None)),
            (r#""81""#, (81_000, None)),
        ] {
            assert_eq!(score(json), Some(expected), "{json}");
        }
    }

    #[test]
    fn nonsense_is_no_score() {
        for json in [
            "null",
            "{}",
            "[]",
            "true",
            r#"{"value":null,"max":100}"#,
            r#"{"value":"85%","max":100}"#,
            r#"{"value":"NaN","max":100}"#,
            r#"{"value":"","max":100}"#,
            r#"{"value":".","max":100}"#,
            r#"{"value":-1,"max":100}"#,
            r#"{"value":101,"max":100}"#,
            r#"{"value":100.001,"max":100}"#,
            r#"{"value":1e309,"max":100}"#,
            r#"{"value":1e999999999999,"max":100}"#,
            r#"{"value":99999999999999999999999}"#,
            r#"{"value":81,"max":0}"#,
            r#"{"value":81,"max":-100}"#,
            r#"{"value":81,"max":"a hundred"}"#,
            r#"{"value":{"value":81}}"#,
            r#"{"value":[81]}"#,
            r#"{"value":"0x51"}"#,
            r#"{"value":"+81"}"#,
        ] {
            assert_eq!(score(json), None, "{json}");
        }
    }

    proptest! {
        #[test]
        fn nothing_panics(text in ".*") {
            let _read = decimal(&text);
        }

        #[test]
        fn three_places_are_kept_as_they_are(value in 0_i64..LARGEST) {
            prop_assert_eq!(decimal(&format!("{}.{:03}", value / 1000, value % 1000)), Some(value));
        }

        #[test]
        fn an_exponent_only_moves_the_point(value in 0_i64..1_000_000) {
            prop_assert_eq!(decimal(&format!("{value}e-3")), Some(value));
            prop_assert_eq!(decimal(&format!("{value}")), Some(value * 1000));
        }
    }
}
