//! The nouns as the API shows them.

use serde_json::{Map, Value, json};

use super::account::Account;
use super::model::{ArchiveReason, Contact, Note, Opportunity, Posting, Stage, User};

impl User {
    pub(super) fn json(&self) -> Value {
        json!({
            "id": self.id, "name": self.name, "username": self.email.split('@').next(), "email": self.email,
            "accessRole": self.role, "photo": null, "createdAt": self.created_at,
            "deactivatedAt": self.deactivated_at, "externalDirectoryId": null, "linkedContactIds": null,
            "jobTitle": self.job_title, "managerId": null,
        })
    }
}

impl Stage {
    pub(super) fn json(&self) -> Value {
        json!({ "id": self.id, "text": self.text })
    }

    pub(super) fn disposition(&self) -> Value {
        json!({
            "id": self.id, "text": self.text, "pipeline": self.pipeline, "rank": self.rank,
            "hasInterview": self.has_interview,
        })
    }
}

impl ArchiveReason {
    pub(super) fn json(&self) -> Value {
        json!({
            "id": self.id, "text": self.text, "status": if self.active { "active" } else { "inactive" },
            "type": if self.hired { "hired" } else { "non-hired" },
        })
    }
}

impl Posting {
    pub(super) fn json(&self, account: &Account) -> Value {
        let channels = match self.state.as_str() {
            "published" => json!(["public", "internal"]),
            "internal" => json!(["internal"]),
            _ => Value::Null,
        };
        let jobs = format!("{}/jobs", account.url);
        let urls = match self.state.as_str() {
            "draft" | "closed" => Value::Null,
            _ => json!({
                "list": jobs, "show": format!("{jobs}/{}", self.id), "apply": format!("{jobs}/{}/apply", self.id),
            }),
        };
        json!({
            "id": self.id, "text": self.text, "state": self.state, "distributionChannels": channels,
            "user": self.user, "owner": self.owner, "hiringManager": self.hiring_manager,
            "categories": {
                "commitment": none_if_empty(&self.commitment), "department": none_if_empty(&self.department),
                "level": null, "location": none_if_empty(&self.location), "team": none_if_empty(&self.team),
                "allLocations": [self.location],
            },
            "tags": self.tags, "content": self.content(), "country": none_if_empty(&self.country),
            "followers": self.followers, "reqCode": null, "requisitionCodes": [], "urls": urls,
            "confidentiality": self.confidentiality, "createdAt": self.created_at, "updatedAt": self.updated_at,
            "workplaceType": "unspecified", "transcribeInterviews": false, "screening": { "enabled": false },
        })
    }

    fn content(&self) -> Value {
        let description = format!("{} at {}.", self.text, super::seed::ORGANIZATION);
        json!({
            "description": format!("{description}\n"), "descriptionHtml": format!("<div>{description}</div>"),
            "lists": [{ "text": "What you do", "content": format!("<li>{description}</li>") }], "closing": "", "closingHtml": "",
        })
    }
}

fn none_if_empty(text: &str) -> Option<&str> {
    Some(text).filter(|text| !text.is_empty())
}

impl Contact {
    pub(super) fn json(&self) -> Value {
        json!({
            "id": self.id, "name": self.name, "headline": self.headline, "isAnonymized": self.is_anonymized,
            "location": { "name": self.location }, "emails": self.emails, "phones": self.phones,
            "dataProtection": null,
        })
    }
}

impl Note {
    pub(super) fn json(&self) -> Value {
        let field = |comment: &super::model::Comment| {
            json!({
                "type": "note", "text": "Comment", "value": comment.value, "user": comment.user,
                "score": comment.score, "stage": comment.stage, "createdAt": comment.created_at,
            })
        };
        json!({
            "id": self.id, "text": "Note", "fields": self.comments.iter().map(field).collect::<Vec<_>>(),
            "user": self.user, "secret": self.secret, "completedAt": self.created_at,
            "createdAt": self.created_at, "deletedAt": null,
        })
    }
}

impl Opportunity {
    /// The whole opportunity, as lists and reads answer it.
    pub(super) fn json(&self, account: &Account) -> Value {
        let contact = account.contact(&self.contact);
        let posting = self.posting().and_then(|id| account.posting(id));
        let mut shape = json!({
            "id": self.id, "name": contact.name, "contact": self.contact, "headline": contact.headline,
            "stage": self.stage, "confidentiality": account.confidentiality(self), "location": contact.location,
            "phones": contact.phones, "emails": contact.emails, "links": contact.links,
            "archived": self.archived, "tags": account.tags(self), "sources": self.sources,
            "stageChanges": self.stage_changes, "origin": self.origin, "sourcedBy": self.sourced_by,
            "owner": self.owner, "followers": self.followers,
            "applications": self.application.iter().map(|application| &application.id).collect::<Vec<_>>(),
            "createdAt": self.created_at, "updatedAt": self.updated_at,
            "lastInteractionAt": self.last_interaction_at, "lastAdvancedAt": self.last_advanced_at,
            "snoozedUntil": self.snoozed_until,
            "urls": {
                "list": format!("{}/", account.url), "show": format!("{}/candidates/{}", account.url, self.id),
            },
            "isAnonymized": contact.is_anonymized, "dataProtection": null,
        });
        if let Some(posting) = posting {
            shape["opportunityLocation"] = json!(posting.location);
        }
        shape
    }

    /// What a change of links answers: all but where the posting is.
    pub(super) fn linked(&self, account: &Account) -> Value {
        let mut shape = self.json(account);
        if let Some(fields) = shape.as_object_mut() {
            fields.remove("opportunityLocation");
        }
        shape
    }

    /// What most writes answer: the contact's data left out as well.
    pub(super) fn written(&self, account: &Account) -> Value {
        let mut shape = self.linked(account);
        for blank in ["name", "headline", "location"] {
            shape[blank] = json!("");
        }
        for blank in ["phones", "emails", "links"] {
            shape[blank] = json!([]);
        }
        shape
    }

    /// The application of the opportunity, where there is one.
    pub(super) fn application_json(&self, account: &Account) -> Option<Value> {
        let application = self.application.as_ref()?;
        let contact = account.contact(&self.contact);
        let posting = account.posting(&application.posting);
        Some(json!({
            "id": application.id, "type": "posting", "candidateId": self.id, "opportunityId": self.id,
            "posting": application.posting,
            "postingHiringManager": posting.and_then(|posting| posting.hiring_manager.as_ref()),
            "postingOwner": posting.and_then(|posting| posting.owner.as_ref()),
            "name": contact.name, "company": null, "phone": contact.phones.first(), "email": contact.emails.first(),
            "links": contact.links, "comments": "", "user": null, "customQuestions": [],
            "createdAt": application.created_at, "archived": self.archived, "requisitionForHire": null,
            "ipAddress": null, "referer": null, "userAgent": null, "acceptLanguage": null, "timezone": null,
        }))
    }

    /// Replaces ids by the objects that `expand` names, then keeps only what `include` names.
    pub(super) fn shown(&self, account: &Account, include: &[&str], expand: &[&str]) -> Value {
        let mut shape = self.json(account);
        for field in expand {
            if let Some(object) = self.expanded(account, field) {
                shape[*field] = object;
            }
        }
        if !include.is_empty() {
            let Value::Object(fields) = shape else { return shape };
            let named = |name: &String| include.contains(&name.as_str()) || expand.contains(&name.as_str());
            shape = Value::Object(fields.into_iter().filter(|(name, _)| named(name)).collect::<Map<_, _>>());
        }
        shape
    }

    fn expanded(&self, account: &Account, field: &str) -> Option<Value> {
        let user = |id: &String| account.user(id).map(User::json);
        match field {
            "applications" => Some(Value::Array(self.application_json(account).into_iter().collect())),
            "stage" => account.stage(&self.stage).map(Stage::json),
            "owner" => self.owner.as_ref().and_then(user),
            "sourcedBy" => self.sourced_by.as_ref().and_then(user),
            "followers" => Some(Value::Array(self.followers.iter().filter_map(user).collect())),
            "contact" => Some(account.contact(&self.contact).json()),
            _ => None,
        }
    }
}
