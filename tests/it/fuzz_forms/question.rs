//! What is asked: addresses and forms as nobody writes them.

use std::fmt;

use app::server::fields_of;
use leptos::server_fn::axum::server_fn_paths;
use leptos_axum::generate_route_list;
use proptest::{collection::vec, option, prelude::*, sample::select};
use reqwest::Method;
use url::form_urlencoded::byte_serialize;

/// What no answer may have as it is: it would be markup.
pub const MARKUP: &str = "<fuzz ";

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    Page,
    Return,
    Function,
    Export,
}

#[derive(Debug, Clone)]
pub struct Question {
    pub kind: Kind,
    pub path: String,
    /// A form; `None` where a page is opened.
    pub body: Option<Vec<u8>>,
    pub by_script: bool,
}

impl fmt::Display for Question {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let body = self.body.as_deref().unwrap_or_default();
        write!(f, "{} {} with {:?}", self.method(), self.path, String::from_utf8_lossy(body))
    }
}

impl Question {
    pub fn method(&self) -> Method {
        if self.body.is_some() { Method::POST } else { Method::GET }
    }
}

/// The names that our own addresses have.
const NAMES: [&str; 34] = [
    "q",
    "state",
    "verdict",
    "position",
    "after",
    "before",
    "awaiting",
    "mine",
    "attention",
    "recent",
    "next",
    "refused",
    "message",
    "show",
    "posting",
    "stage",
    "step",
    "assessment",
    "valid_days",
    "attachment",
    "problem",
    "connected",
    "ask",
    "replayed",
    "done",
    "area",
    "by",
    "check",
    "preview",
    "chosen",
    "__path",
    "__err",
    "code",
    "iss",
];

/// A text: nothing much, nonsense, or one made to do harm.
fn texts(genuine: &[String]) -> BoxedStrategy<Vec<u8>> {
    let harm = [
        "",
        " ",
        "0",
        "-1",
        "1",
        "true",
        "1e999",
        "99999999999999999999999",
        "9223372036854775808",
        "null",
        "[]",
        "{}",
        "\0",
        "\u{feff}",
        "\u{202e}abc",
        "\u{2028}",
        "\r\nSet-Cookie: a=b",
        "../../etc/passwd",
        "..%2f..%2f",
        "%",
        "%zz",
        "' OR '1'='1",
        "\"; DROP TABLE invites; --",
        "%_%",
        "*",
        "a\" onload=\"x",
        "<fuzz onload=x>",
        "</script><fuzz >",
        "{{7*7}}",
        "${7*7}",
        "//evil.example",
        "https://evil.example/",
        "javascript:alert(1)",
        "=1+1",
        "inv_",
        "att_x",
        "inv_00000000-0000-0000-0000-000000000000",
        "sent",
        "failed",
        "Invited",
        "position",
        "Super Admin",
        "admin",
        "eyJSZWZ1c2VkIjoiRm9ybSJ9",
        "IlVuYXZhaWxhYmxlIg==",
        "/api/give_verdict",
        "canditech",
        "greenhouse_partner",
    ];
    let harm = select(harm.to_vec()).prop_map(|text| text.as_bytes().to_vec());
    prop_oneof![
        5 => harm,
        3 => select(genuine.to_vec()).prop_map(String::into_bytes),
        2 => any::<String>().prop_map(String::into_bytes),
        2 => vec(any::<u8>(), 0..40),
        1 => (1_usize..3_000).prop_map(|length| vec![b'a'; length]),
        1 => (1_usize..200).prop_map(|depth| "[a]".repeat(depth).into_bytes()),
    ]
    .boxed()
}

/// Pairs as a form has them, the names now and then with more in brackets.
fn pairs(names: Vec<String>, genuine: &[String]) -> BoxedStrategy<String> {
    let names = if names.is_empty() { vec!["a".to_owned()] } else { names };
    let name = prop_oneof![
        12 => select(names),
        1 => select(NAMES.as_slice()).prop_map(str::to_owned),
        1 => any::<String>(),
    ];
    let within =
        ["", "", "", "", "[]", "[0]", "[99999999]", "[state]", "[name]", "[q]", "[a][b][c][d][e][f][g]", "[", "]["];
    let pair = (name, select(within.to_vec()), texts(genuine)).prop_map(|(name, within, value)| {
        let encoded = |bytes: &[u8]| byte_serialize(bytes).collect::<String>();
        format!("{}{within}={}", encoded(name.as_bytes()), encoded(&value))
    });
    vec(pair, 0..7).prop_map(|pairs| pairs.join("&")).boxed()
}

/// Every name once, as a page of ours sends it, with any text.
fn whole(names: Vec<String>, genuine: &[String]) -> BoxedStrategy<String> {
    vec(texts(genuine), names.len())
        .prop_map(move |values| {
            let pair = |(name, value): (&String, &Vec<u8>)| {
                let list = if name == "invites" || name == "chosen" { "[]" } else { "" };
                format!("{name}{list}={}", byte_serialize(value).collect::<String>())
            };
            names.iter().zip(&values).map(pair).collect::<Vec<_>>().join("&")
        })
        .boxed()
}

/// A whole form, pairs as they come, the same with a part cut out or put in, or no form at all.
fn forms(names: Vec<String>, genuine: &[String]) -> BoxedStrategy<Vec<u8>> {
    let form = pairs(names.clone(), genuine);
    let damaged = (form.clone(), any::<prop::sample::Index>(), vec(any::<u8>(), 0..6)).prop_map(|(form, at, put)| {
        let mut bytes = form.into_bytes();
        let at = at.index(bytes.len() + 1);
        bytes.truncate(at + (bytes.len() - at) / 2);
        bytes.splice(at..at, put);
        bytes
    });
    let whole = whole(names, genuine).prop_map(String::into_bytes);
    prop_oneof![12 => whole, 4 => form.prop_map(String::into_bytes), 2 => damaged, 1 => vec(any::<u8>(), 0..200)]
        .boxed()
}

/// An address of ours with something in the place of each of its parts that stand for others.
fn addresses(patterns: Vec<String>, genuine: &[String]) -> BoxedStrategy<String> {
    (select(patterns), texts(genuine))
        .prop_map(|(pattern, part)| {
            let part: String = byte_serialize(&part).collect::<String>().replace('+', "%20");
            let parts = pattern.split('/').map(|one| if one.starts_with('{') { part.as_str() } else { one });
            parts.collect::<Vec<_>>().join("/")
        })
        .boxed()
}

/// Every question there is.
pub fn questions(genuine: &[String]) -> BoxedStrategy<Question> {
    let pages: Vec<_> = generate_route_list(app::App).iter().map(|page| page.path().to_owned()).collect();
    let pages = pages.into_iter().chain(["/r/{token}".to_owned()]).collect();
    let returns = ["/oauth/lever/callback", "/oidc/{provider}/callback", "/oidc/{provider}", "/oidc/none/callback"];
    // The last two end the session, and the connection that the rest is asked of.
    let functions: Vec<&'static str> = server_fn_paths().map(|(path, _)| path).collect();
    let functions = functions.into_iter().filter(|path| !["/api/sign_out", "/api/disconnect_lever"].contains(path));
    let named = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    let asked = |kind, (path, query): (String, Option<String>)| Question {
        kind,
        path: query.map_or_else(|| path.clone(), |query| format!("{path}?{query}")),
        body: None,
        by_script: false,
    };
    let page = (addresses(pages, genuine), option::of(pairs(named(&NAMES), genuine)));
    let back = named(&["code", "state", "error", "error_description", "iss", "next"]);
    let back = (addresses(named(&returns), genuine), option::of(pairs(back, genuine)));
    let own: Vec<_> = genuine.to_vec();
    let function = select(functions.collect::<Vec<_>>()).prop_flat_map(move |path| {
        let own_names = fields_of(path).unwrap_or_default();
        let names = if own_names.is_empty() { Vec::new() } else { named(own_names) };
        // Whoever is erased has no note any more: the candidate that all is asked about stays.
        let ids = if path == "/api/erase_candidate" { vec!["inv_of_nobody".to_owned()] } else { own.clone() };
        (Just(path), forms(names, &ids), any::<bool>())
    });
    let function = function.prop_map(|(path, body, by_script)| Question {
        kind: Kind::Function,
        path: path.to_owned(),
        body: Some(body),
        by_script,
    });
    let export =
        (select(vec!["/audit/export", "/candidates/export"]), forms(named(&["invite", "area", "by"]), genuine));
    let export = export.prop_map(|(path, body)| Question {
        kind: Kind::Export,
        path: path.to_owned(),
        body: Some(body),
        by_script: false,
    });
    prop_oneof![
        3 => page.prop_map(move |it| asked(Kind::Page, it)),
        2 => back.prop_map(move |it| asked(Kind::Return, it)),
        5 => function,
        1 => export,
    ]
    .boxed()
}
