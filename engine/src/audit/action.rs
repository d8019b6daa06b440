//! What can be done, by the words that the log keeps.

/// What a deed is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Area {
    Connection,
    Attachment,
    Candidate,
    People,
    Operation,
}

impl Area {
    pub const ALL: [Self; 5] = [Self::Connection, Self::Attachment, Self::Candidate, Self::People, Self::Operation];

    /// The word in the database and in addresses.
    #[must_use]
    pub fn slug(self) -> &'static str {
        match self {
            Self::Connection => "connection",
            Self::Attachment => "attachment",
            Self::Candidate => "candidate",
            Self::People => "people",
            Self::Operation => "operation",
        }
    }

    /// The area of that word.
    #[must_use]
    pub fn parse(slug: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|area| area.slug() == slug)
    }
}

macro_rules! actions {
    ($($(#[$doc:meta])* $Action:ident $area:ident $slug:literal;)*) => {
        /// A deed that is logged.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Action {
            $($(#[$doc])* $Action,)*
        }

        impl Action {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$Action,)*];

            /// The word in the log.
            #[must_use]
            pub fn slug(self) -> &'static str {
                match self {
                    $(Self::$Action => $slug,)*
                }
            }

            /// What it is about.
            #[must_use]
            pub fn area(self) -> Area {
                match self {
                    $(Self::$Action => Area::$area,)*
                }
            }
        }
    };
}

actions! {
    LeverConnected Connection "lever_connected";
    LeverDisconnected Connection "lever_disconnected";
    /// Lever takes our access no more.
    LeverRevoked Connection "lever_revoked";
    WebhookMade Connection "webhook_made";
    SignatureTokenAdded Connection "signature_token_added";
    SignatureTokenForgotten Connection "signature_token_forgotten";
    ShareChosen Connection "share_chosen";
    NotesChosen Connection "notes_chosen";
    ProviderSaved Connection "provider_saved";
    CallbackSecretMade Connection "callback_secret_made";
    CallbackSecretEnded Connection "callback_secret_ended";
    OutgoingWebhookSaved Connection "outgoing_webhook_saved";
    OutgoingWebhookRemoved Connection "outgoing_webhook_removed";
    Attached Attachment "attached";
    AttachmentChanged Attachment "attachment_changed";
    AttachmentReplaced Attachment "attachment_replaced";
    StandingInvited Attachment "standing_invited";
    InviteDecided Candidate "invite_decided";
    VerbAsked Candidate "verb_asked";
    VerdictGiven Candidate "verdict_given";
    CandidateExported Candidate "candidate_exported";
    CandidateErased Candidate "candidate_erased";
    RetentionChosen Candidate "retention_chosen";
    NoteTriedAgain Candidate "note_tried_again";
    Invited People "invited";
    InvitationTakenBack People "invitation_taken_back";
    UserAdded People "user_added";
    UserRemoved People "user_removed";
    RoleChanged People "role_changed";
    RoleMapped People "role_mapped";
    SignedIn People "signed_in";
    PasswordChanged People "password_changed";
    /// By a link in a mail.
    PasswordReset People "password_reset";
    SecondFactorOn People "second_factor_on";
    SecondFactorOff People "second_factor_off";
    RecoveryCodeUsed People "recovery_code_used";
    PasswordsChosen People "passwords_chosen";
    SessionsEnded People "sessions_ended";
    MessageReplayed Operation "message_replayed";
    WorkReplayed Operation "work_replayed";
    AuditExported Operation "audit_exported";
    DataKeyMade Operation "data_key_made";
    MasterKeyChanged Operation "master_key_changed";
    /// A backup was put back.
    Restored Operation "restored";
    /// Nothing goes out until it is resumed.
    Paused Operation "paused";
    Resumed Operation "resumed";
    /// With everything of it but this log.
    OrganizationRemoved Operation "organization_removed";
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_word_means_one_thing() {
        let words: BTreeSet<_> = Action::ALL.iter().map(|action| action.slug()).collect();
        assert_eq!(words.len(), Action::ALL.len());
        for area in Area::ALL {
            assert_eq!(Area::parse(area.slug()), Some(area));
            assert!(Action::ALL.iter().any(|action| action.area() == area), "{area:?}");
        }
        assert_eq!(Area::parse("else"), None);
    }
}
