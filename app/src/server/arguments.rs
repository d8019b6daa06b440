//! Which fields each server function takes. Whatever else a form holds is refused by the layer around the
//! pages before the function is asked, so that nobody sets what was not meant to be set. A function that is
//! not listed here is refused whatever it is sent; a test says so.

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

/// The fields of the server function at this address; `None` where no function is listed for it.
#[must_use]
pub fn fields_of(address: &str) -> Option<Fields> {
    FIELDS.get(address).copied()
}

static FIELDS: LazyLock<HashMap<&'static str, Fields>> = LazyLock::new(|| {
    HashMap::from([
        taken_by::<AcceptInvitation>(),
        taken_by::<AccountPage>(),
        taken_by::<ActOnInvite>(),
        taken_by::<ActivityPage>(),
        taken_by::<AskForPasswordLink>(),
        taken_by::<Attach>(),
        taken_by::<AttachStep>(),
        taken_by::<AttachmentPage>(),
        taken_by::<AuditPage>(),
        taken_by::<CanMailLinks>(),
        taken_by::<CanditechPage>(),
        taken_by::<ChangePassword>(),
        taken_by::<ChangeRole>(),
        taken_by::<ChooseMail>(),
        taken_by::<ChooseNotes>(),
        taken_by::<ChoosePasswords>(),
        taken_by::<ChooseRetention>(),
        taken_by::<ChooseShare>(),
        taken_by::<ConfirmSecondFactor>(),
        taken_by::<ConnectLever>(),
        taken_by::<CreateWebhook>(),
        taken_by::<DecideInvite>(),
        taken_by::<DecideLate>(),
        taken_by::<DisconnectLever>(),
        taken_by::<DoWorkAgain>(),
        taken_by::<EditAttachment>(),
        taken_by::<EndFormerCallbackSecret>(),
        taken_by::<EndOtherSessions>(),
        taken_by::<EndSession>(),
        taken_by::<EnterCode>(),
        taken_by::<EraseCandidate>(),
        taken_by::<ForgetSignatureToken>(),
        taken_by::<GiveVerdict>(),
        taken_by::<IntegrationsPage>(),
        taken_by::<InvitePerson>(),
        taken_by::<InviteStanding>(),
        taken_by::<LeverPage>(),
        taken_by::<LeverReturn>(),
        taken_by::<ListCandidates>(),
        taken_by::<ListPositions>(),
        taken_by::<LookAtWebhooks>(),
        taken_by::<LookUp>(),
        taken_by::<MapRole>(),
        taken_by::<NotificationsPage>(),
        taken_by::<OfferSecondFactor>(),
        taken_by::<ReadCandidate>(),
        taken_by::<ReadDashboard>(),
        taken_by::<ReadFrame>(),
        taken_by::<ReadInvitation>(),
        taken_by::<ReadNote>(),
        taken_by::<ReadPasswordLink>(),
        taken_by::<ReadSetUpLink>(),
        taken_by::<RemoveAttachment>(),
        taken_by::<RemoveOutgoingWebhook>(),
        taken_by::<RemovePerson>(),
        taken_by::<RenewCallbackSecret>(),
        taken_by::<ReplayMessage>(),
        taken_by::<ReplayWork>(),
        taken_by::<ResetSecondFactor>(),
        taken_by::<ResumeForInvite>(),
        taken_by::<SaveCanditech>(),
        taken_by::<SaveOutgoingWebhook>(),
        taken_by::<SaveSignatureToken>(),
        taken_by::<SendTestMail>(),
        taken_by::<SetUpCandilever>(),
        taken_by::<SignIn>(),
        taken_by::<SignInProviders>(),
        taken_by::<SignOut>(),
        taken_by::<Standing>(),
        taken_by::<SwitchAttachment>(),
        taken_by::<SwitchOrganization>(),
        taken_by::<SyncLever>(),
        taken_by::<TakeInvitationBack>(),
        taken_by::<TeamPage>(),
        taken_by::<TestOutgoingWebhook>(),
        taken_by::<TryNoteAgain>(),
        taken_by::<TurnSecondFactorOff>(),
        taken_by::<UsePasswordLink>(),
    ])
});

fn taken_by<F: ServerFn + DeserializeOwned>() -> (&'static str, Fields) {
    let mut names = Names(&[]);
    // Nothing can come of it: there is nothing to read.
    let _no_arguments = F::deserialize(&mut names);
    (F::PATH, names.0)
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
        assert_eq!(server_fn_paths().count(), FIELDS.len());
        assert_eq!(fields_of("/api/give_verdict"), Some(&["invite", "version", "verdict", "comment"][..]));
        assert_eq!(fields_of("/api/read_frame"), Some(&[][..]));
        assert_eq!(fields_of("/api/none"), None);
    }
}
