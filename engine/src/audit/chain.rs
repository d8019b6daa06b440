//! The chain of hashes: each is of the one before it, its number and everything its entry says.

use super::store::Stored;
use crate::random;

/// What the first hash is made of.
pub(super) const BEGINNING: &str = "";

/// How a chain is broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// A number is missing.
    Gap,
    /// The entry is gone.
    Gone,
    /// The entry is not the one that was sealed.
    Changed,
    /// The chain's end is not where it was left.
    CutOff,
}

/// The hash of an entry at its place in the chain.
pub(super) fn next(before: &str, number: i64, entry: &Stored) -> String {
    // As JSON, in which no two lists look alike: a separator inside of a value stays inside.
    let all = serde_json::json!([
        before,
        number,
        entry.id,
        entry.organization_id,
        entry.at,
        entry.by_kind,
        entry.by_user,
        entry.from_address,
        entry.area,
        entry.action,
        entry.subject,
        entry.before,
        entry.after,
    ]);
    random::digest(&all.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry() -> Stored {
        Stored {
            id: "aud_1".into(),
            organization_id: "org_1".into(),
            at: 1,
            by_kind: "person".into(),
            by_user: Some("usr_1".into()),
            from_address: Some("192.0.2.1".into()),
            area: "attachment".into(),
            action: "attached".into(),
            subject: "att_1".into(),
            before: None,
            after: Some(r#"{"state":"active"}"#.into()),
        }
    }

    #[test]
    fn whatever_is_changed_changes_the_hash() {
        let changes: [fn(&mut Stored); 11] = [
            |entry| entry.id.push('x'),
            |entry| entry.organization_id.push('x'),
            |entry| entry.at += 1,
            |entry| entry.by_kind = "terminal".into(),
            |entry| entry.by_user = None,
            |entry| entry.from_address = None,
            |entry| entry.area = "people".into(),
            |entry| entry.action.push('x'),
            |entry| entry.subject.push('x'),
            |entry| entry.before = Some(String::new()),
            |entry| std::mem::swap(&mut entry.before, &mut entry.after),
        ];
        let whole = next(BEGINNING, 1, &entry());
        for change in changes {
            let mut changed = entry();
            change(&mut changed);
            assert_ne!(next(BEGINNING, 1, &changed), whole, "{changed:?}");
        }
        assert_ne!(next(BEGINNING, 2, &entry()), whole);
        assert_ne!(next("another", 1, &entry()), whole);
        assert_eq!(next(BEGINNING, 1, &entry()), whole);
    }
}
