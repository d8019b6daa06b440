//! Nothing is stored of people that the reviewer is not told of.

use std::collections::BTreeSet;

const REVIEW: &str = include_str!("../../../docs/SECURITY-REVIEW.md");

/// Columns that name nobody, in whichever table: ids and words of ours, of Lever's and of the provider's set-up.
const NAME_NOBODY: &[&str] = &[
    "account_id",
    "account_name",
    "action",
    "area",
    "assessment_id",
    "assessment_name",
    "attachment_id",
    "audience",
    "base_url",
    "by_kind",
    "channel",
    "confirm_account",
    "dedup_key",
    "delivery_id",
    "department",
    "description",
    "digest_day",
    "entry_id",
    "failure",
    "hash",
    "hooks_found",
    "id",
    "invite_id",
    "invited_role",
    "kind",
    "language",
    "lease_token",
    "lever_note_id",
    "lever_user_id",
    "lever_webhook_id",
    "link",
    "location",
    "name_fold",
    "note_method",
    "notes_start",
    "organization_id",
    "problem",
    "provider",
    "provider_account_id",
    "purpose",
    "refresh_lease_token",
    "req_code",
    "retake_of",
    "role",
    "role_source",
    "scopes",
    "search_fold",
    "source",
    "state_hash",
    "subject_kind",
    "sync_error",
    "team",
    "title",
    "title_fold",
    "token_hash",
    "twin_key",
    "unverified_ping",
    "url",
    "verb",
    "waiting_for",
    "waits_for",
];

/// Every column that holds text or bytes, as `table.column`.
fn columns() -> BTreeSet<String> {
    let mut columns = BTreeSet::new();
    for file in std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../migrations")).expect("the migrations") {
        let text = std::fs::read_to_string(file.expect("a file").path()).expect("text");
        let mut table = String::new();
        for line in text.lines() {
            let words: Vec<&str> = line.split_whitespace().collect();
            match words.as_slice() {
                ["CREATE", "TABLE", name, ..] => (*name).clone_into(&mut table),
                ["ALTER", "TABLE", name, "ADD", "COLUMN", column, kind, ..] if holds_text(kind) => {
                    columns.insert(format!("{name}.{column}"));
                }
                [column, kind, ..] if line.starts_with("    ") && holds_text(kind) => {
                    columns.insert(format!("{table}.{column}"));
                }
                _ => {}
            }
        }
    }
    columns
}

fn holds_text(kind: &str) -> bool {
    ["TEXT", "BYTEA"].contains(&kind.trim_end_matches([',', ';']))
}

#[test]
fn whatever_is_stored_of_people_is_told_to_the_reviewer() {
    let told: BTreeSet<&str> = REVIEW
        .split('`')
        .skip(1)
        .step_by(2)
        .flat_map(|code| code.split(|sign: char| !(sign.is_ascii_lowercase() || sign == '_')))
        .collect();
    let columns = columns();
    assert!(columns.contains("invites.candidate_email") && columns.contains("sessions.agent"), "{columns:?}");
    for column in &columns {
        let name = column.split('.').nth(1).unwrap_or_default();
        let is_known = NAME_NOBODY.contains(&name) || told.contains(name);
        assert!(is_known, "say in docs/SECURITY-REVIEW.md whose data {column} is, or here that it names nobody");
    }
    for name in NAME_NOBODY {
        assert!(columns.iter().any(|column| column.ends_with(&format!(".{name}"))), "{name} is no column any more");
    }
}
