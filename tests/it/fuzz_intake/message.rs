//! Messages as they are sent: to an address of ours or to none, signed rightly or wrongly, with whatever inside.

use std::{fmt, sync::Arc};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use proptest::{collection::vec, option, prelude::*, sample::select};

use super::{
    damage::{self, Damage},
    json,
};
use crate::genuine::{lever_signature, mac};

/// Who claims to speak.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sender {
    Lever,
    Canditech,
    Partner,
}

/// What only Lever and the provider know.
#[derive(Debug)]
pub struct Keys {
    /// What follows in the address.
    pub lever: String,
    pub provider: String,
    /// What Lever signs with, and what proves a callback.
    pub lever_token: String,
    pub callback_secret: String,
    pub api_key: String,
    /// An invite of ours, and the candidate's opportunity.
    pub invite: String,
    pub opportunity: String,
    /// When the run began, in unix milliseconds.
    pub began: i64,
}

/// What must become of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Must {
    /// Signed and sound, whatever it says.
    BeTaken,
    /// As the bytes themselves say.
    BeJudged,
}

/// A message before it is sent.
#[derive(Clone)]
pub struct Message {
    pub sender: Sender,
    pub is_ours: bool,
    pub path: String,
    pub proof: Proof,
    pub body: Vec<u8>,
    pub must: Must,
}

/// What is put beside the body to prove it.
#[derive(Debug, Clone)]
pub enum Proof {
    /// Within the body, if at all.
    None,
    /// Made over the body when it is sent.
    Signed {
        id: String,
    },
    Basic,
    /// Anything: names and values of headers.
    Other(Vec<(&'static str, Vec<u8>)>),
}

impl fmt::Debug for Message {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { sender, path, proof, body, must, .. } = self;
        let beginning = String::from_utf8_lossy(&body[..body.len().min(600)]);
        write!(out, "{sender:?} {path} {proof:?}, {must:?}, {} bytes: {beginning:?}", body.len())
    }
}

impl Message {
    /// What is sent beside the body.
    pub fn headers(&self, keys: &Keys, now: i64) -> Vec<(&'static str, Vec<u8>)> {
        match &self.proof {
            Proof::None => Vec::new(),
            Proof::Signed { id } => {
                let at = (now / 1000).to_string();
                let key = STANDARD.decode(keys.callback_secret.trim_start_matches("whsec_")).expect("a secret");
                let signed = [id.as_bytes(), b".", at.as_bytes(), b".", &self.body].concat();
                let signature = format!("v1,{}", STANDARD.encode(mac(&key, &signed)));
                let headers = [("webhook-id", id), ("webhook-timestamp", &at), ("webhook-signature", &signature)];
                headers.map(|(name, value)| (name, value.as_bytes().to_vec())).into()
            }
            Proof::Basic => {
                let value = format!("Basic {}", STANDARD.encode(format!("{}:", keys.api_key)));
                vec![("authorization", value.into_bytes())]
            }
            Proof::Other(headers) => headers.clone(),
        }
    }
}

/// Messages of one sender.
pub fn messages(sender: Sender, keys: &Arc<Keys>) -> BoxedStrategy<Message> {
    match sender {
        Sender::Lever => prop_oneof![4 => webhook(keys), 1 => raw_webhook(keys)].boxed(),
        Sender::Canditech => callback(keys).boxed(),
        Sender::Partner => partners(keys).boxed(),
    }
}

/// A part of an address that is none of ours, and cannot climb out of its place.
fn strange_address() -> impl Strategy<Value = String> {
    vec(any::<u8>(), 0..12).prop_map(|bytes| {
        bytes.iter().fold("x".to_owned(), |path, byte| match byte {
            b'a'..=b'z' => path + &char::from(*byte).to_string(),
            byte => path + &format!("%{byte:02x}"),
        })
    })
}

/// Ours, mostly.
fn address(ours: &str) -> impl Strategy<Value = (bool, String)> + use<> {
    prop_oneof![5 => Just((true, ours.to_owned())), 1 => strange_address().prop_map(|strange| (false, strange))]
}

/// The moment of a webhook, as it stands in JSON and as it is signed.
fn moment(began: i64) -> impl Strategy<Value = (String, String)> {
    let near = (-10_000_000_i64..10_000_000).prop_map(move |by| (began + by).to_string());
    let near = prop_oneof![near.clone().prop_map(|at| (at.clone(), at)), near.prop_map(|at| (json::quoted(&at), at))];
    let odd = select(vec!["0", "-1", "1", "1e3", "1.5", "null", "\"\"", "\"007\"", "\"1790000000000 \"", "[]", "{}"])
        .prop_map(|at| (at.to_owned(), at.trim_matches('"').to_owned()));
    prop_oneof![9 => near, 1 => odd]
}

/// Ids that could lead somewhere else, or that nobody has.
fn id(known: &str) -> impl Strategy<Value = String> + use<> {
    let odd = ["", ".", "..", "../users", "..%2fusers", "a/b", "a?b=c", "a#b", "%00", "\\", "\u{202e}x", "😀", "null"];
    prop_oneof![
        2 => Just(known.to_owned()),
        2 => select(odd.to_vec()).prop_map(str::to_owned),
        1 => "[a-z]{1,2}",
        1 => Just("i".repeat(256)),
    ]
}

/// The data of a webhook whose hints, where there are any, are short plain texts.
fn plain_data(keys: &Keys) -> impl Strategy<Value = String> + use<> {
    let hint = |name: &'static str, known: &str| {
        let value = prop_oneof![5 => id(known).prop_map(|id| json::quoted(&id)), 1 => Just("null".to_owned())];
        option::of(value.prop_map(move |value| (json::quoted(name), value)))
    };
    let hints = (hint("opportunityId", &keys.opportunity), hint("toStageId", "offer"), hint("contactId", "nobody"));
    (hints, json::sound()).prop_map(|((opportunity, stage, contact), rest)| {
        let rest = Some(("\"rest\"".to_owned(), rest));
        json::object(&[opportunity, stage, contact, rest].into_iter().flatten().collect::<Vec<_>>())
    })
}

/// A webhook that is signed, and damaged or not.
fn webhook(keys: &Arc<Keys>) -> impl Strategy<Value = Message> + use<> {
    let events =
        ["candidateStageChange", "candidateHired", "contactUpdated", "candidateDeleted", "", "\u{202e}", "x y"];
    let event = select(events.to_vec()).prop_map(json::quoted);
    let token = prop_oneof![5 => "[a-z0-9]{20}", 1 => json::text(1..40)];
    let head = (event, token, moment(keys.began), address(&keys.lever));
    let inside = (plain_data(keys), option::weighted(0.3, json::wild()), option::weighted(0.3, json::wild()));
    let keys = Arc::clone(keys);
    (head, inside, option::weighted(0.4, damage::some()), 0_usize..8).prop_map(move |(head, inside, damage, turn)| {
        let (event, token, (at, signed_at), (is_ours, path)) = head;
        let (plain, wild, more) = inside;
        let is_timely = signed_at.len() == 13;
        let is_plain = wild.is_none() && more.is_none() && damage.is_none() && is_timely;
        let must = if is_plain && is_ours && is_usual(&token) { Must::BeTaken } else { Must::BeJudged };
        let signature = json::quoted(&lever_signature(&keys.lever_token, &token, &signed_at));
        let named = |name: &str, value: String| (json::quoted(name), value);
        let mut members = vec![
            named("id", "\"e1\"".into()),
            named("event", event),
            named("triggeredAt", at),
            named("token", json::quoted(&token)),
            named("signature", signature),
            named("data", wild.unwrap_or(plain)),
        ];
        members.extend(more.map(|more| named("more", more)));
        let length = members.len();
        members.rotate_left(turn % length);
        let body = befallen(json::object(&members).into_bytes(), damage.as_deref());
        let path = format!("/webhooks/lever/{path}");
        Message { sender: Sender::Lever, is_ours, path, proof: Proof::None, body, must }
    })
}

/// Fit for a key: short, and without control characters.
fn is_usual(token: &str) -> bool {
    !token.is_empty() && token.len() <= 256 && !token.chars().any(char::is_control)
}

fn befallen(mut body: Vec<u8>, damage: Option<&[Damage]>) -> Vec<u8> {
    for damage in damage.unwrap_or_default() {
        damage.befall(&mut body);
    }
    body
}

/// What is no webhook, or signed by nobody.
fn raw_webhook(keys: &Arc<Keys>) -> impl Strategy<Value = Message> + use<> {
    (address(&keys.lever), raw_body()).prop_map(|((is_ours, path), body)| {
        let path = format!("/webhooks/lever/{path}");
        Message { sender: Sender::Lever, is_ours, path, proof: Proof::None, body, must: Must::BeJudged }
    })
}

fn raw_body() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        4 => json::wild().prop_map(String::into_bytes),
        1 => json::sound().prop_map(String::into_bytes),
        1 => vec(any::<u8>(), 0..200),
    ]
}

/// A callback as Canditech sends it, about our invite or anything.
fn callback_body(keys: &Keys) -> impl Strategy<Value = Vec<u8>> + use<> {
    let event = prop_oneof![3 => Just("assessment.completed".to_owned()), 1 => json::text(0..30)];
    let part = prop_oneof![3 => json::sound(), 1 => id(&keys.invite).prop_map(|id| json::quoted(&id))];
    (event, id(&keys.invite), vec(part, 3)).prop_map(|(event, invite, parts)| {
        let (event, invite) = (json::quoted(&event), json::quoted(&invite));
        let [first, second, third] = [0, 1, 2].map(|n: usize| &parts[n]);
        let data =
            format!(r#"{{"invite_id":{first},"status":{second},"score":{third},"metadata":{{"invite_id":{invite}}}}}"#);
        format!(r#"{{"type":{event},"timestamp":{second},"data":{data}}}"#).into_bytes()
    })
}

/// A callback, signed over whatever stands in it, or not.
fn callback(keys: &Arc<Keys>) -> impl Strategy<Value = Message> + use<> {
    let sound = (callback_body(keys), option::weighted(0.4, damage::some()))
        .prop_map(|(body, damage)| (damage.is_none(), befallen(body, damage.as_deref())));
    let body = prop_oneof![4 => sound, 1 => raw_body().prop_map(|body| (false, body))];
    let signed = "[a-zA-Z0-9_]{1,30}".prop_map(|id| Proof::Signed { id });
    let proof = prop_oneof![4 => signed, 1 => odd_headers()];
    (address(&keys.provider), proof, body).prop_map(|((is_ours, path), proof, (is_sound, body))| {
        let is_signed = matches!(proof, Proof::Signed { .. });
        let must = if is_ours && is_signed && is_sound { Must::BeTaken } else { Must::BeJudged };
        Message { sender: Sender::Canditech, is_ours, path: format!("/callbacks/canditech/{path}"), proof, body, must }
    })
}

/// Headers that prove nothing.
fn odd_headers() -> impl Strategy<Value = Proof> {
    let names = ["webhook-id", "webhook-timestamp", "webhook-signature", "authorization", "content-type"];
    let signs = ["v1,", "v1,AAAA", "v1,AAAA v1,====", "v2,x", "Basic ", "Basic Og==", "Basic !!!", "Bearer x", ","];
    let visible = prop_oneof![0x20_u8..0x7f, 0x80_u8..=0xff];
    let value = prop_oneof![
        select(signs.to_vec()).prop_map(|text| text.as_bytes().to_vec()),
        vec(visible, 0..60),
        (0_usize..8000).prop_map(|length| vec![b'9'; length]),
    ];
    vec((select(names.to_vec()), value), 0..5).prop_map(Proof::Other)
}

/// A callback of the partner protocol: an address for each invite, the key, and a body that nobody reads.
fn partners(keys: &Arc<Keys>) -> impl Strategy<Value = Message> + use<> {
    let invite = prop_oneof![3 => Just(keys.invite.clone()), 3 => strange_address(), 1 => Just(String::new())];
    let proof = prop_oneof![4 => Just(Proof::Basic), 1 => odd_headers()];
    let place = prop_oneof![9 => Just("greenhouse-partner"), 1 => Just("canditech"), 1 => Just("nobody")];
    (address(&keys.provider), invite, proof, place, raw_body()).prop_map(|(address, invite, proof, place, body)| {
        let ((is_ours, path), is_right) = (address, place == "greenhouse-partner");
        let is_ours = is_ours && is_right;
        let path = format!("/callbacks/{place}/{path}/{invite}");
        Message { sender: Sender::Partner, is_ours, path, proof, body, must: Must::BeJudged }
    })
}
