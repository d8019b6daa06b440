//! What property tests put in the place of what others should say.

use proptest::prelude::*;
use serde_json::{Value, json};

/// Any JSON, some of it with words that mean something somewhere.
pub(crate) fn any_json() -> impl Strategy<Value = Value> {
    let words =
        ["complete", "completed", "passed", "published", "confidential", "2026-01-15T10:00:00Z", "\u{0}\u{202e}"];
    let leaf = prop_oneof![
        Just(json!(null)),
        any::<bool>().prop_map(|it| json!(it)),
        any::<i64>().prop_map(|it| json!(it)),
        any::<f64>().prop_map(|it| json!(it)),
        ".{0,20}".prop_map(|it| json!(it)),
        prop::sample::select(words.to_vec()).prop_map(|it| json!(it)),
    ];
    let names = "(Started At|Completed At|id|name|text|stage|posting|value|score|[a-z]{1,6})";
    leaf.prop_recursive(3, 20, 4, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(|it| json!(it)),
            prop::collection::hash_map(names, inner, 0..4).prop_map(|it| json!(it)),
        ]
    })
}

/// Puts a value in the place of one that stands somewhere in `whole`: which is `place`'s to say.
pub(crate) fn replace(whole: &mut Value, place: prop::sample::Index, by: Value) {
    fn places(value: &Value) -> usize {
        1 + match value {
            Value::Array(all) => all.iter().map(places).sum(),
            Value::Object(all) => all.values().map(places).sum(),
            _ => 0,
        }
    }
    fn at(value: &mut Value, mut place: usize) -> &mut Value {
        if place == 0 {
            return value;
        }
        place -= 1;
        let inner: Vec<&mut Value> = match value {
            Value::Array(all) => all.iter_mut().collect(),
            Value::Object(all) => all.values_mut().collect(),
            _ => Vec::new(),
        };
        for value in inner {
            let here = places(value);
            if place < here {
                return at(value, place);
            }
            place -= here;
        }
        unreachable!("the place is one of them")
    }
    let place = place.index(places(whole));
    *at(whole, place) = by;
}
