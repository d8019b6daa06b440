//! JSON that says nonsense, and texts that are no JSON at all: made to choke on.

use proptest::{collection::vec, prelude::*, sample::select, strategy::Union};

/// Deeper than anybody means it, and still shallow enough for every parser.
const DEPTH: u32 = 6;

/// The text of a value that every parser reads alike, whatever it says.
pub fn sound() -> BoxedStrategy<String> {
    let leaf = prop_oneof![
        select(vec!["null", "true", "false", "0", "-1", "17", "1e-400", "-0.0", "9007199254740993", "1.7e308"])
            .prop_map(str::to_owned),
        text(0..40).prop_map(|text| quoted(&text)),
    ];
    let nested = leaf.prop_recursive(DEPTH, 40, 5, |inner| {
        prop_oneof![vec(inner.clone(), 0..5).prop_map(|values| list(&values)), members(inner)]
    });
    nested.boxed()
}

/// An object whose names are all different.
fn members(value: impl Strategy<Value = String>) -> impl Strategy<Value = String> {
    vec((text(0..8), value), 0..5).prop_map(|members| {
        let distinct = members.into_iter().enumerate().map(|(n, (name, value))| (quoted(&format!("{name}{n}")), value));
        object(&distinct.collect::<Vec<_>>())
    })
}

/// Any text but NUL.
pub fn text(length: std::ops::Range<usize>) -> impl Strategy<Value = String> {
    let letter =
        prop_oneof![4 => "[a-z0-9]", 2 => "[ ./%?#&=\\\\\"'<>{}:;-]", 1 => any::<char>().prop_map(String::from)];
    vec(letter, length).prop_map(|letters| letters.concat().replace('\0', ""))
}

/// Text as it stands in JSON.
pub fn quoted(text: &str) -> String {
    serde_json::to_string(text).expect("text is JSON")
}

/// A list as it stands in JSON.
pub fn list(values: &[String]) -> String {
    format!("[{}]", values.join(","))
}

/// An object as it stands in JSON; the names are quoted already.
pub fn object(members: &[(String, String)]) -> String {
    let members: Vec<String> = members.iter().map(|(name, value)| format!("{name}:{value}")).collect();
    format!("{{{}}}", members.join(","))
}

/// What looks like a value: sound, unsound, or enormous.
pub fn wild() -> BoxedStrategy<String> {
    let leaf = prop_oneof![4 => odd(), 1 => sound()];
    let nested = leaf.prop_recursive(DEPTH, 40, 5, |inner| {
        let name = prop_oneof![select(vec!["\"a\"", "\"b\"", "\"\\u0061\"", "\"\""]).prop_map(str::to_owned), odd()];
        prop_oneof![
            vec(inner.clone(), 0..5).prop_map(|values| list(&values)),
            vec((name, inner), 0..5).prop_map(|members| object(&members)),
        ]
    });
    Union::new_weighted(vec![(6, nested.boxed()), (1, giant().boxed())]).boxed()
}

/// A piece that parsers disagree about, or that none takes.
fn odd() -> impl Strategy<Value = String> {
    let pieces = [
        "1e999",
        "-1e999",
        "01",
        "1.",
        ".5",
        "+1",
        "0x1",
        "NaN",
        "Infinity",
        "-",
        "1e",
        "99999999999999999999999",
        "\"\\ud800\"",
        "\"\\udc00\"",
        "\"\\udc00\\ud800\"",
        "\"\\ud800\\u0061\"",
        "\"\\ud83d\\ude00\"",
        "\"\\u0000\"",
        "\"\\u00\"",
        "\"\\x41\"",
        "\"\\",
        "\"",
        "\"\0\"",
        "\"\n\"",
        "\"\u{feff}\"",
        "\u{feff}",
        "\"\u{202e}\"",
        "'a'",
        "/**/null",
        "// no\n1",
        "undefined",
        "True",
        "nul",
        "[1,]",
        "{\"a\":1,}",
        "{a:1}",
        "{\"a\" 1}",
        "{\"a\":1,\"a\":2}",
        "{\"a\":1,\"\\u0061\":2}",
        "]",
        "}",
        ",",
        ":",
        "",
        " ",
        "[",
        "{",
        "{}{}",
        "[][]",
        "0 0",
    ];
    select(pieces.to_vec()).prop_map(str::to_owned)
}

/// One and the same thing, very often.
fn giant() -> impl Strategy<Value = String> {
    let usual = (1_u32..=5, 1_usize..=9).prop_map(|(power, times)| 10_usize.pow(power) * times);
    let often = prop_oneof![60 => usual, 1 => Just(1_000_000_usize)];
    (0..KINDS.len(), often).prop_map(|(kind, often)| KINDS[kind](often))
}

const KINDS: [fn(usize) -> String; 13] = [
    |n| "[".repeat(n),
    |n| "]".repeat(n),
    |n| "[".repeat(n) + &"]".repeat(n),
    |n| "{\"a\":".repeat(n),
    |n| "{\"a\":".repeat(n) + "0" + &"}".repeat(n),
    |n| "[{\"a\":".repeat(n) + "0" + &"}]".repeat(n),
    |n| format!("{{{}\"b\":0}}", "\"a\":0,".repeat(n)),
    |n| object(&(0..n.min(40_000)).map(|n| (format!("\"{n}\""), "0".to_owned())).collect::<Vec<_>>()),
    |n| format!("[{}0]", "0,".repeat(n)),
    |n| "9".repeat(n),
    |n| format!("0.{}1e{}", "0".repeat(n), "9".repeat(n % 40)),
    |n| format!("\"{}\"", "\\ud83d\\ude00".repeat(n)),
    |n| " \n".repeat(n),
];
