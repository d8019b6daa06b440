//! The words of Settings, Team.

/// Where a role comes from.
#[must_use]
pub fn source(source: crate::page::team::server::SourceName) -> &'static str {
    use crate::page::team::server::SourceName;
    match source {
        SourceName::Creator => "set Candilever up, ",
        SourceName::Here => "given here, ",
        SourceName::Lever => "from Lever, ",
    }
}

pub const ROLES_FOLLOW: &str = "Roles follow Lever's list of people at each sync, every hour. Interviewers have no access. Whoever set Candilever up keeps the role given here, so that no sync can lock everybody out.";
pub const INVITE: &str = "Invite somebody";
pub const INVITE_LEAD: &str =
    "You get a link to hand on: there is no mail server. It works once, within 24 hours, and only for this person.";
pub const INVITE_MAILED: &str = "A link is mailed to this person, and stands here to hand on. It works once, within 24 hours, and only for this person.";
pub const INVITE_ROLE: &str =
    "What the person may do where Lever does not know the address; otherwise the role is Lever's.";
pub const CUSTOM_ROLES: &str = "Roles of your own in Lever";
pub const CUSTOM_ROLES_LEAD: &str =
    "Lever does not say what a custom role may do. Nobody with one has access here until you say which role it is as.";
pub const NO_ACCESS: &str = "No access";
pub const WAYS: &str = "How people sign in";
pub const WAYS_LEAD: &str = "Your company's own sign-in:";
pub const PASSWORDS: &str = "A password will do too";
pub const PASSWORDS_HINT: &str = "Whoever set Candilever up may always use one, so that nobody is locked out.";
pub const INVITED: &str = "Invited";
pub const TAKE_BACK: &str = "Take back";
pub const REMOVE: &str = "Remove from the organization";
pub const REMOVE_MEANS: &str =
    "Whoever is removed is signed out everywhere at once. What they did stays, under their name.";
pub const CHANGE_ROLE: &str = "Change the role";
