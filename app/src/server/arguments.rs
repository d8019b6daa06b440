//! Which fields each server function takes, and whether it changes something. Whatever else a form holds is
//! refused by the layer around the pages before the function is asked, so that nobody sets what was not meant to be
//! set. A function that is not listed here is refused whatever it is sent; a test says so.

use std::{collections::HashMap, sync::LazyLock};

use leptos::server_fn::ServerFn;
use serde::{
    Deserializer,
    de::{DeserializeOwned, Error as _, Visitor, value::Error},
    forward_to_deserialize_any,
};

use crate::{
    frame::server::*,
    page::{
        account::server::*,
        activity::server::{ActivityPage, ReplayMessage, ReplayWork},
        attach::server::*,
        attachments::server::*,
        audit::server::AuditPage,
        candidate::{
            decision::DecideInvite, erase::EraseCandidate, server::*, verb::ActOnInvite, verdict::GiveVerdict,
        },
        candidates::server::*,
        canditech::server::*,
        dashboard::server::*,
        forgotten::server::*,
        integrations::server::IntegrationsPage,
        invitation::server::*,
        lever::server::*,
        look_up::server::LookUp,
        notifications::server::*,
        set_up::server::*,
        sign_in::{SignIn, SignInProviders},
        sign_in_code::EnterCode,
        team::server::*,
    },
};

type Fields = &'static [&'static str];

/// A server function.
#[derive(Clone, Copy)]
struct Function {
    fields: Fields,
    /// It changes nothing but what the session keeps.
    only_reads: bool,
}

/// The fields of the server function at this address; `None` where no function is listed for it.
#[must_use]
pub fn fields_of(address: &str) -> Option<Fields> {
    FUNCTIONS.get(address).map(|function| function.fields)
}

/// Whether the server function at this address changes something; a page's address is none.
pub(super) fn changes_something(address: &str) -> bool {
    FUNCTIONS.get(address).is_some_and(|function| !function.only_reads)
}

static FUNCTIONS: LazyLock<HashMap<&'static str, Function>> = LazyLock::new(|| {
    HashMap::from([
        changes::<AcceptInvitation>(),
        reads::<AccountPage>(),
        changes::<ActOnInvite>(),
        reads::<ActivityPage>(),
        changes::<AskForPasswordLink>(),
        changes::<Attach>(),
        reads::<AttachStep>(),
        reads::<AttachmentPage>(),
        reads::<AuditPage>(),
        reads::<CanMailLinks>(),
        reads::<CanditechPage>(),
        changes::<ChangePassword>(),
        changes::<ChangeRole>(),
        changes::<ChooseMail>(),
        changes::<ChooseNotes>(),
        changes::<ChoosePasswords>(),
        changes::<ChooseRetention>(),
        changes::<ChooseShare>(),
        changes::<ConfirmSecondFactor>(),
        changes::<ConnectLever>(),
        changes::<CreateWebhook>(),
        changes::<DecideInvite>(),
        changes::<DecideLate>(),
        changes::<DisconnectLever>(),
        changes::<DoWorkAgain>(),
        changes::<EditAttachment>(),
        changes::<EndFormerCallbackSecret>(),
        changes::<EndOtherSessions>(),
        changes::<EndSession>(),
        changes::<EnterCode>(),
        changes::<EraseCandidate>(),
        changes::<ForgetSignatureToken>(),
        changes::<GiveVerdict>(),
        reads::<IntegrationsPage>(),
        changes::<InvitePerson>(),
        changes::<InviteStanding>(),
        reads::<LeverPage>(),
        reads::<LeverReturn>(),
        reads::<ListCandidates>(),
        reads::<ListPositions>(),
        changes::<LookAtWebhooks>(),
        reads::<LookUp>(),
        changes::<MapRole>(),
        reads::<NotificationsPage>(),
        changes::<OfferSecondFactor>(),
        reads::<ReadCandidate>(),
        reads::<ReadDashboard>(),
        reads::<ReadFrame>(),
        reads::<ReadInvitation>(),
        reads::<ReadNote>(),
        reads::<ReadPasswordLink>(),
        reads::<ReadSetUpLink>(),
        changes::<RemoveAttachment>(),
        changes::<RemoveOutgoingWebhook>(),
        changes::<RemovePerson>(),
        changes::<RenewCallbackSecret>(),
        changes::<ReplayMessage>(),
        changes::<ReplayWork>(),
        changes::<ResetSecondFactor>(),
        changes::<ResumeForInvite>(),
        changes::<SaveCanditech>(),
        changes::<SaveOutgoingWebhook>(),
        changes::<SaveSignatureToken>(),
        changes::<SendTestMail>(),
        changes::<SetUpCandilever>(),
        changes::<SignIn>(),
        reads::<SignInProviders>(),
        changes::<SignOut>(),
        reads::<Standing>(),
        changes::<SwitchAttachment>(),
        changes::<SwitchOrganization>(),
        changes::<SyncLever>(),
        changes::<TakeInvitationBack>(),
        reads::<TeamPage>(),
        changes::<TestOutgoingWebhook>(),
        changes::<TryNoteAgain>(),
        changes::<TurnSecondFactorOff>(),
        changes::<UsePasswordLink>(),
    ])
});

fn reads<F: ServerFn + DeserializeOwned>() -> (&'static str, Function) {
    (F::PATH, Function { fields: taken_by::<F>(), only_reads: true })
}

fn changes<F: ServerFn + DeserializeOwned>() -> (&'static str, Function) {
    (F::PATH, Function { fields: taken_by::<F>(), only_reads: false })
}

fn taken_by<F: DeserializeOwned>() -> Fields {
    let mut names = Names(&[]);
    // Nothing can come of it: there is nothing to read.
    let _no_arguments = F::deserialize(&mut names);
    names.0
}

/// Has nothing to give, and keeps what it was asked for.
struct Names(Fields);

impl<'de> Deserializer<'de> for &mut Names {
    type Error = Error;

    fn deserialize_struct<V: Visitor<'de>>(self, _: &str, fields: Fields, visitor: V) -> Result<V::Value, Error> {
        self.0 = fields;
        self.deserialize_any(visitor)
    }

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Error> {
        Err(Error::custom("only the names are asked for"))
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map enum identifier ignored_any
    }
}

#[cfg(test)]
mod tests {
    use leptos::server_fn::axum::server_fn_paths;

    use super::*;

    #[test]
    fn every_server_function_has_its_fields_listed() {
        let missing: Vec<_> = server_fn_paths().filter(|(path, _)| fields_of(path).is_none()).collect();
        assert!(missing.is_empty(), "name them in this file: {missing:?}");
        assert_eq!(server_fn_paths().count(), FUNCTIONS.len());
        assert_eq!(fields_of("/api/give_verdict"), Some(&["invite", "version", "verdict", "comment"][..]));
        assert_eq!(fields_of("/api/read_frame"), Some(&[][..]));
        assert_eq!(fields_of("/api/none"), None);
        assert!(changes_something("/api/give_verdict") && !changes_something("/api/read_frame"));
    }
}
