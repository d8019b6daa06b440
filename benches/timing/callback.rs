//! Callbacks of a provider's that are forged in the first or in the last byte of what proves them.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use engine::{
    clock::Clock,
    provider::{CallbackAccount, CallbackHeaders, Protocol, callback_is_genuine},
};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use crate::{in_turns, made_in_turns};

const BODY: &[u8] = br#"{"type":"assessment.completed","data":{"invite_id":"inv_1","status":"completed"}}"#;
const KEY: &str = "ctk_0123456789abcdef0123456789abcdef0123456789abcdef";

/// What a callback brings, and the account that it claims to be of.
pub struct Callback {
    account: CallbackAccount,
    headers: CallbackHeaders,
}

impl Callback {
    pub fn is_genuine(&self) -> bool {
        callback_is_genuine(&self.account, &self.headers, BODY, Clock::System.now())
    }

    fn of(protocol: Protocol, secret: String, headers: CallbackHeaders) -> Self {
        let (id, organization) = ("pac_1".into(), "org_1".into());
        Self { account: CallbackAccount { protocol, id, organization, secrets: vec![secret.into()] }, headers }
    }
}

/// Signed, with one wrong byte at the beginning or at the end.
pub fn signed(number: usize) -> [(usize, Callback); 2] {
    in_turns(number, made_in_turns(number, |number, is_first| wrongly_signed(number, if is_first { 0 } else { 31 })))
}

fn wrongly_signed(number: usize, place: usize) -> Callback {
    let (id, timestamp) = (format!("msg_{number:08}"), (Clock::System.now().0 / 1000).to_string());
    let mut mac = Hmac::<Sha256>::new_from_slice(KEY.as_bytes()).expect("any key will do");
    mac.update(format!("{id}.{timestamp}.").as_bytes());
    mac.update(BODY);
    let mut signature = mac.finalize().into_bytes();
    signature[place] ^= 1;
    let signature = format!("v1,{}", STANDARD.encode(signature));
    let headers = CallbackHeaders { id, timestamp, signature, ..CallbackHeaders::default() };
    Callback::of(Protocol::Canditech, format!("whsec_{}", STANDARD.encode(KEY)), headers)
}

/// With a key that is wrong in its first or in its last sign.
pub fn keyed(number: usize) -> [(usize, Callback); 2] {
    in_turns(number, made_in_turns(number, |_, is_first| wrongly_keyed(if is_first { 0 } else { KEY.len() - 1 })))
}

fn wrongly_keyed(place: usize) -> Callback {
    let mut key = KEY.as_bytes().to_vec();
    key[place] ^= 1;
    key.push(b':');
    let authorization = format!("Basic {}", STANDARD.encode(key));
    let headers = CallbackHeaders { authorization, ..CallbackHeaders::default() };
    Callback::of(Protocol::GreenhousePartner, KEY.to_owned(), headers)
}
