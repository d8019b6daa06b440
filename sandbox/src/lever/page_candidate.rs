//! The list of candidates, and the form that adds one.

use std::cmp::Reverse;
use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use maud::{Markup, html};

use super::Lever;
use super::account::{Account, NewCandidate};
use super::model::{Millis, Opportunity, Posting};
use super::session::{At, Fields, Params, Viewer, done, show};

/// Rows on a page.
const ROWS: usize = 100;

pub(super) fn router() -> Router<Arc<Lever>> {
    Router::new().route("/", get(list)).route("/candidates", get(list).post(add)).route("/candidates/new", get(new))
}

/// A moment, for people: in UTC, as everything here.
pub(super) fn moment(at: Millis) -> Markup {
    let at = jiff::Timestamp::from_millisecond(at).unwrap_or_default();
    html! { time datetime=(at) { (at.strftime("%-d %b %Y, %H:%M")) } }
}

/// A posting's name, with what tells it from others of that name.
pub(super) fn posting_name(posting: &Posting) -> String {
    let parts = [&posting.text, &posting.team, &posting.location];
    parts.into_iter().filter(|part| !part.is_empty()).cloned().collect::<Vec<_>>().join(", ")
}

/// What the list is narrowed to.
struct Search<'a> {
    words: String,
    stage: Option<&'a str>,
    job: Option<&'a str>,
    archived: bool,
}

impl<'a> Search<'a> {
    fn read(params: &'a Params) -> Self {
        Self {
            words: params.text("q").to_lowercase(),
            stage: params.filled("stage"),
            job: params.filled("job"),
            archived: params.one("archived").is_some(),
        }
    }

    fn finds(&self, account: &Account, one: &Opportunity) -> bool {
        let contact = account.contact(&one.contact);
        let named = || {
            contact.name.to_lowercase().contains(&self.words)
                || contact.emails.iter().any(|email| email.to_lowercase().contains(&self.words))
        };
        one.archived.is_some() == self.archived
            && self.stage.is_none_or(|stage| stage == one.stage)
            && self.job.is_none_or(|job| one.posting() == Some(job))
            && named()
    }
}

async fn list(State(lever): State<Arc<Lever>>, viewer: Viewer, params: Params) -> Markup {
    let content = {
        let account = lever.account();
        let search = Search::read(&params);
        let mut found: Vec<_> = account.opportunities.values().filter(|one| search.finds(&account, one)).collect();
        found.sort_by_key(|one| (Reverse(one.last_interaction_at), &one.id));
        let from: usize = params.one("from").and_then(|from| from.parse().ok()).unwrap_or_default();
        html! {
            div.head {
                h1 { "Candidates" }
                a.button.primary href="/candidates/new" { "Add candidate" }
            }
            (search_form(&account, &params))
            section {
                @if found.is_empty() {
                    p.empty { "No candidates here." }
                } @else {
                    (table(&account, found.iter().skip(from).take(ROWS).copied()))
                    (places(&params, from, found.len()))
                }
            }
        }
    };
    let at = At { title: "Candidates", section: "/", path: "/", notice: params.one("notice") };
    show(&lever, &viewer, &at, &content)
}

fn search_form(account: &Account, params: &Params) -> Markup {
    html! {
        form.row.card method="get" action="/" role="search" {
            div.field {
                label for="q" { "Search" }
                input #q type="search" name="q" value=(params.text("q")) placeholder="Name or e-mail";
            }
            div.field {
                label for="stage" { "Stage" }
                select #stage name="stage" {
                    option value="" { "All stages" }
                    @for stage in &account.stages {
                        option value=(stage.id) selected[params.one("stage") == Some(&stage.id)] { (stage.text) }
                    }
                }
            }
            div.field {
                label for="job" { "Job" }
                select #job name="job" {
                    option value="" { "All jobs" }
                    @for posting in &account.postings {
                        option value=(posting.id) selected[params.one("job") == Some(&posting.id)] {
                            (posting_name(posting))
                        }
                    }
                }
            }
            div.check {
                input #archived type="checkbox" name="archived" checked[params.one("archived").is_some()];
                label for="archived" { "Archived" }
            }
            button { "Search" }
        }
    }
}

fn table<'a>(account: &Account, found: impl Iterator<Item = &'a Opportunity>) -> Markup {
    html! {
        div.scroll {
            table {
                thead {
                    tr {
                        th scope="col" { "Name" }
                        th scope="col" { "Job" }
                        th scope="col" { "Stage" }
                        th scope="col" { "Owner" }
                        th scope="col" { "Last activity" }
                    }
                }
                tbody {
                    @for one in found { (row(account, one)) }
                }
            }
        }
    }
}

fn row(account: &Account, one: &Opportunity) -> Markup {
    let posting = one.posting().and_then(|id| account.posting(id));
    html! {
        tr {
            td { a href={ "/candidates/" (one.id) } { (name(account, one)) } }
            td { @if let Some(posting) = posting { (posting_name(posting)) } @else { span.quiet { "No job" } } }
            td { span.pill { (account.stage(&one.stage).map_or("Removed stage", |stage| stage.text.as_str())) } }
            td { @if let Some(owner) = &one.owner { (account.user_name(owner)) } }
            td.quiet.small { (moment(one.last_interaction_at)) }
        }
    }
}

/// The candidate's name, or what stands for it once it is gone.
pub(super) fn name<'a>(account: &'a Account, one: &Opportunity) -> &'a str {
    let contact = account.contact(&one.contact);
    if contact.is_anonymized { "Anonymized candidate" } else { &contact.name }
}

fn places(params: &Params, from: usize, total: usize) -> Markup {
    let link = |to: usize| {
        let kept = params.pairs().iter().filter(|(name, _)| name != "from" && name != "notice");
        let from = ("from".to_owned(), to.to_string());
        let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(kept.chain([&from])).finish();
        format!("/?{query}")
    };
    html! {
        div.row {
            span.quiet { (from + 1) " to " (total.min(from + ROWS)) " of " (total) }
            @if from > 0 { a href=(link(from.saturating_sub(ROWS))) { "Previous" } }
            @if from + ROWS < total { a href=(link(from + ROWS)) { "Next" } }
        }
    }
}

async fn new(State(lever): State<Arc<Lever>>, viewer: Viewer, params: Params) -> Markup {
    let content = {
        let account = lever.account();
        html! {
            section.narrow {
                h1 { "Add candidate" }
                form method="post" action="/candidates" {
                    div.field { label for="name" { "Name" } input #name name="name" required autocomplete="off"; }
                    div.field { label for="email" { "E-mail" } input #email type="email" name="email" autocomplete="off"; }
                    div.field {
                        label for="job" { "Job" }
                        select #job name="posting" {
                            option value="" { "No job" }
                            @for posting in account.postings.iter().filter(|posting| posting.state != "closed") {
                                option value=(posting.id) { (posting_name(posting)) }
                            }
                        }
                    }
                    div.field {
                        label for="stage" { "Stage" }
                        select #stage name="stage" {
                            @for stage in &account.stages {
                                option value=(stage.id) selected[stage.id == "applicant-new"] { (stage.text) }
                            }
                        }
                    }
                    button.primary { "Add candidate" }
                }
            }
        }
    };
    let at = At { title: "Add candidate", section: "/", path: "/candidates/new", notice: params.one("notice") };
    show(&lever, &viewer, &at, &content)
}

async fn add(State(lever): State<Arc<Lever>>, viewer: Viewer, Fields(fields): Fields) -> Response {
    let Some(name) = fields.filled("name") else {
        return done("/candidates/new", "Enter a name.").into_response();
    };
    let added = lever.change(|account, now| {
        let new = NewCandidate {
            name: name.to_owned(),
            email: fields.filled("email").map(str::to_owned),
            posting: fields.filled("posting").map(|posting| account.find_posting(posting)).transpose()?,
            stage: account.find_stage(fields.filled("stage").unwrap_or("applicant-new"))?,
            owner: Some(viewer.user.id.clone()),
            followers: vec![viewer.user.id.clone()],
            by: Some(viewer.user.id.clone()),
        };
        Ok::<_, super::account::Missing>(account.add_candidate(new, now))
    });
    match added {
        Ok(id) => done(&format!("/candidates/{id}"), "Candidate added."),
        Err(_) => done("/candidates/new", "This job or stage does not exist any more."),
    }
}
