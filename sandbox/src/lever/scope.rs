//! What an app may be allowed to do, in Lever's names and in words.

/// Asks for a refresh token.
pub(super) const OFFLINE: &str = "offline_access";
/// Opens confidential postings and their candidates.
pub(super) const CONFIDENTIAL: &str = "confidential:access:admin";

/// Reading or also changing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    Read,
    Write,
}

/// Every scope that this Lever knows, with what the consent page says of it.
pub(super) const ALL: [(&str, &str); 20] = [
    (OFFLINE, "Keep this access while you are away"),
    ("opportunities:read:admin", "Read candidates and their opportunities"),
    ("opportunities:write:admin", "Read and change candidates: stage, tags, links, archive"),
    ("notes:read:admin", "Read notes on candidates"),
    ("notes:write:admin", "Read, write and delete notes on candidates"),
    ("stages:read:admin", "Read the stages of your pipeline"),
    ("tags:read:admin", "Read the tags in use"),
    ("sources:read:admin", "Read the sources in use"),
    ("webhooks:read:admin", "Read this app's webhooks"),
    ("webhooks:write:admin", "Create, change and delete this app's webhooks"),
    ("contact:read:admin", "Read contact data of candidates"),
    ("contact:write:admin", "Read and change contact data of candidates"),
    ("users:read:admin", "Read the people of your company in Lever"),
    ("postings:read:admin", "Read your postings"),
    ("archive_reasons:read:admin", "Read your archive reasons"),
    ("applications:read:admin", "Read what candidates applied with"),
    ("files:write:admin", "Read and add files on candidates"),
    ("uploads:write:admin", "Upload files"),
    ("feedback:write:admin", "Read and write feedback on candidates"),
    (CONFIDENTIAL, "Read confidential postings and their candidates"),
];

/// The words for a scope, where it is one.
pub(super) fn words(scope: &str) -> Option<&'static str> {
    ALL.iter().find(|(id, _)| *id == scope).map(|(_, words)| *words)
}

/// Whether these scopes open this resource; writing includes reading.
pub(super) fn opens(scopes: &[String], resource: &str, access: Access) -> bool {
    scopes.iter().any(|scope| {
        let mut parts = scope.split(':');
        let (of, may) = (parts.next(), parts.next());
        of == Some(resource) && (may == Some("write") || (may == Some("read") && access == Access::Read))
    })
}

#[cfg(test)]
mod tests {
    use super::{Access, opens};

    #[test]
    fn writing_includes_reading_and_not_the_reverse() {
        let writer = ["notes:write:admin".to_owned()];
        let reader = ["notes:read:admin".to_owned()];
        assert!(opens(&writer, "notes", Access::Read) && opens(&writer, "notes", Access::Write));
        assert!(opens(&reader, "notes", Access::Read) && !opens(&reader, "notes", Access::Write));
        assert!(!opens(&writer, "opportunities", Access::Read));
    }
}
