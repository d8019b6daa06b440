//! Whether a person may see an opportunity that was read from Lever just now: by its own owner, followers
//! and confidentiality there, and by the associations with postings that our copy has.

use std::collections::HashSet;

use crate::{
    Engine,
    access::{Member, Scope},
    attachment::store,
    fault::StoreError,
    id::{LeverUserId, PostingId},
    lever::Opportunity,
};

/// What one person may see.
pub(super) struct Sight {
    scope: Scope,
    person: Option<LeverUserId>,
    associated: HashSet<PostingId>,
    confidential: HashSet<PostingId>,
}

impl Sight {
    pub async fn of(engine: &Engine, member: &Member) -> Result<Self, StoreError> {
        let (scope, person) = (member.scope(), member.lever_user.clone());
        let mut sight = Self { scope, person, associated: HashSet::new(), confidential: HashSet::new() };
        if scope == Scope::All {
            return Ok(sight);
        }
        let (db, organization) = (&engine.db, &member.organization);
        sight.confidential.extend(store::confidential_postings(db, organization).await?);
        if let Some(person) = &sight.person {
            sight.associated.extend(store::associated_postings(db, organization, person).await?);
        }
        Ok(sight)
    }

    /// Whether the person may see this candidate.
    pub fn shows(&self, opportunity: &Opportunity) -> bool {
        match self.scope {
            Scope::All => true,
            Scope::Open => !opportunity.confidential || self.is_associated(opportunity),
            Scope::Associated => self.is_associated(opportunity),
        }
    }

    fn is_associated(&self, opportunity: &Opportunity) -> bool {
        let is_person = |user: &LeverUserId| self.person.as_ref() == Some(user);
        opportunity.owner.as_ref().is_some_and(is_person)
            || opportunity.followers.iter().any(is_person)
            || opportunity.postings.iter().any(|posting| self.associated.contains(posting))
    }

    /// Whether the person may know of a posting that something is attached to.
    pub fn shows_posting(&self, posting: &PostingId) -> bool {
        match self.scope {
            Scope::All => true,
            Scope::Open => !self.confidential.contains(posting) || self.associated.contains(posting),
            Scope::Associated => self.associated.contains(posting),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{clock::Moment, lever::Opportunity};

    fn sight(scope: Scope) -> Sight {
        Sight {
            scope,
            person: Some("u1".into()),
            associated: HashSet::from(["python".into()]),
            confidential: HashSet::from(["finance".into(), "python".into()]),
        }
    }

    fn at(posting: &str) -> Opportunity {
        Opportunity {
            id: "o1".into(),
            contact: "c1".into(),
            name: "Ada Example".into(),
            emails: Vec::new(),
            stage: "test".into(),
            entered_stage_at: Moment(1),
            moved: false,
            postings: vec![posting.into()],
            owner: None,
            followers: Vec::new(),
            archived: false,
            anonymized: false,
            confidential: false,
            url: None,
        }
    }

    #[test]
    fn a_team_member_sees_what_is_open_and_what_is_theirs() {
        let team = sight(Scope::Open);
        assert!(team.shows(&at("design")));
        assert!(!team.shows(&Opportunity { confidential: true, ..at("finance") }));
        assert!(team.shows(&Opportunity { confidential: true, ..at("python") }));
        assert!(team.shows(&Opportunity { confidential: true, owner: Some("u1".into()), ..at("finance") }));
        let postings = ["design", "finance", "python"].map(|posting| team.shows_posting(&posting.into()));
        assert_eq!(postings, [true, false, true]);
    }

    #[test]
    fn a_limited_team_member_sees_what_is_theirs() {
        let limited = sight(Scope::Associated);
        assert!(!limited.shows(&at("design")));
        assert!(limited.shows(&at("python")));
        assert!(limited.shows(&Opportunity { followers: vec!["u2".into(), "u1".into()], ..at("design") }));
        assert!(!limited.shows(&Opportunity { owner: Some("u2".into()), ..at("design") }));
        let unknown = Sight { person: None, ..sight(Scope::Associated) };
        assert!(!unknown.shows(&Opportunity { owner: Some("u1".into()), ..at("design") }));
        assert_eq!(["design", "python"].map(|posting| limited.shows_posting(&posting.into())), [false, true]);
    }

    #[test]
    fn an_admin_sees_everything() {
        let admin = Sight { associated: HashSet::new(), ..sight(Scope::All) };
        assert!(admin.shows(&Opportunity { confidential: true, ..at("finance") }));
        assert!(admin.shows_posting(&"finance".into()));
    }
}
