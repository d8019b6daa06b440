//! Every id on one screen. Ours are UUIDv7 with a prefix (`inv_…`); Lever's and the provider's are
//! opaque text.

use serde::{Deserialize, Serialize};

macro_rules! text_id {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, sqlx::Type)]
        #[serde(transparent)]
        #[sqlx(transparent)]
        pub struct $name(pub String);

        impl $name {
            /// The id as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(text.to_owned())
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                Self(text)
            }
        }
    )*};
}

macro_rules! own_id {
    ($($(#[$doc:meta])* $name:ident = $prefix:literal;)*) => {
        text_id! { $($(#[$doc])* $name;)* }
        $(impl $name {
            /// A new id; later ones sort after earlier ones.
            #[must_use]
            pub fn new() -> Self {
                Self(format!(concat!($prefix, "_{}"), uuid::Uuid::now_v7().simple()))
            }
        }

        impl Default for $name {
            fn default() -> Self {
                Self::new()
            }
        })*
    };
}

own_id! {
    /// A company that uses Candilever.
    OrganizationId = "org";
    /// A person who signs in.
    UserId = "usr";
    /// An organization's authorised link to one Lever account.
    ConnectionId = "con";
    /// A signature token we hold for a Lever webhook.
    WebhookId = "whk";
    /// An organization's link to one provider.
    ProviderAccountId = "pac";
    /// Posting × stage → assessment.
    AttachmentId = "att";
    /// One webhook or callback as it came in.
    DeliveryId = "dlv";
    /// A unit of background work.
    JobId = "job";
    /// One assessment for one opportunity.
    InviteId = "inv";
    /// One entry of an invite's timeline.
    TimelineId = "tml";
    /// One entry of a verdict's history.
    VerdictId = "vrd";
    /// What a person asked to be done with an invite at the provider.
    VerbId = "vrb";
    /// One entry of the audit log.
    AuditId = "aud";
    /// A link by which somebody is invited into an organization.
    InvitationId = "ivt";
    /// What is told, or was, beyond the pages.
    NoticeId = "ntc";
    /// A time during which a link of the chain was broken.
    OutageId = "out";
}

text_id! {
    /// Lever's id of a posting.
    PostingId;
    /// Lever's id of a stage: a UUID, or a slug for the built-in ones.
    StageId;
    /// Lever's id of an opportunity.
    OpportunityId;
    /// Lever's id of a contact, the person behind opportunities.
    ContactId;
    /// Lever's id of a user.
    LeverUserId;
    /// Lever's id of a note.
    LeverNoteId;
    /// The provider's id of an assessment.
    AssessmentId;
    /// The provider's id of an invite.
    ProviderInviteId;
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::InviteId;

    #[test]
    fn ids_are_random_past_their_time() {
        let ids: Vec<InviteId> = (0..10_000).map(|_| InviteId::new()).collect();
        let all: BTreeSet<&InviteId> = ids.iter().collect();
        assert_eq!(all.len(), ids.len());
        // The last 62 bits: whoever knows one and its time cannot count on to the next.
        let tails: BTreeSet<&str> = ids.iter().map(|id| &id.as_str()[20..]).collect();
        assert_eq!(tails.len(), ids.len());
    }
}
