//! The words of the audit log. What we do not know is shown as it was written.

/// A deed, by its word in the log: said of who did it.
#[must_use]
pub fn action(slug: &str) -> &str {
    match slug {
        "lever_connected" => "connected Lever",
        "lever_disconnected" => "disconnected Lever",
        "lever_revoked" => "took our access away",
        "webhook_made" => "made the webhook",
        "signature_token_added" => "entered a signature token",
        "signature_token_forgotten" => "had a signature token forgotten",
        "share_chosen" => "chose our share of Lever's rate",
        "notes_chosen" => "chose which notes Lever gets",
        "provider_saved" => "saved the Canditech account",
        "callback_secret_made" => "made another callback secret",
        "callback_secret_ended" => "ended the former callback secret",
        "outgoing_webhook_saved" => "named a webhook to your own systems",
        "outgoing_webhook_removed" => "removed the webhook to your own systems",
        "attached" => "attached an assessment",
        "attachment_changed" => "changed an attachment",
        "attachment_replaced" => "gave an attachment another assessment",
        "standing_invited" => "had candidates invited who stood in the stage",
        "invite_decided" => "decided about an invite",
        "verb_asked" => "had something done with an invite",
        "verdict_given" => "gave a verdict",
        "candidate_exported" => "exported what is held about a candidate",
        "candidate_erased" => "had a candidate erased",
        "retention_chosen" => "chose how long candidates are kept",
        "note_tried_again" => "had a note written again",
        "invited" => "invited a person",
        "invitation_taken_back" => "took an invitation back",
        "user_added" => "added a person",
        "joined" => "joined by invitation",
        "user_removed" => "removed a person",
        "role_changed" => "changed a role",
        "role_mapped" => "said what a custom role of Lever's is as",
        "signed_in" => "signed in",
        "password_changed" => "changed the password",
        "password_reset" => "chose another password by a link",
        "second_factor_on" => "turned a second factor on",
        "second_factor_off" => "turned a second factor off",
        "recovery_code_used" => "signed in with a recovery code",
        "passwords_chosen" => "chose whether passwords may be used",
        "sessions_ended" => "ended sessions",
        "message_replayed" => "had a message handled again",
        "work_replayed" => "had work done again",
        "data_key_made" => "made another data key",
        "master_key_changed" => "changed the master key",
        "restored" => "put a backup back",
        "paused" => "paused the installation",
        "resumed" => "let the installation go on",
        "organization_removed" => "removed the organization",
        "audit_exported" => "exported this log",
        other => other,
    }
}

/// What a deed is about, as the filter says it.
#[must_use]
pub fn area(slug: &str) -> &'static str {
    match slug {
        "connection" => "Connections",
        "attachment" => "Attachments",
        "candidate" => "Candidates",
        "people" => "People",
        "operation" => "Operation",
        _ => "Everything",
    }
}

pub const LEAD: &str =
    "Who did what, when and from where. Entries cannot be changed or deleted, and each is chained to the one before.";
pub const CHECK: &str = "Check the chain";
pub const EXPORT: &str = "Export as JSON lines";
pub const NOTHING: &str = "Nothing was done yet";
pub const NOTHING_HERE: &str = "Nothing of this kind was done yet";
pub const WHOLE: &str = "The chain is whole";
pub const BROKEN: &str = "The chain is broken";
