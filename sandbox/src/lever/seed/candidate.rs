//! The seeded candidates: believable, and with every oddity that recordings of Lever show.

use super::{DAY, id, person, posting};
use crate::lever::account::Account;
use crate::lever::model::{Application, Archived, Comment, Contact, Millis, Note, Opportunity, Phone, StageChange};

/// Name, posting, stage, days since they came.
type Row = (&'static str, &'static str, &'static str, Millis);

const ROWS: [Row; 42] = [
    ("Amara Okafor", "python", "applicant-new", 1),
    ("Bruno Keller", "python", "applicant-new", 2),
    ("Chiara Rossi", "python", "recruiter", 9),
    ("Dmitri Volkov", "python", "recruiter", 11),
    ("Elif Demir", "python", "manager", 16),
    ("Farid Haddad", "python", "onsite", 24),
    ("Greta Sommer", "python", "offer", 38),
    ("Hugo Lambert", "software-berlin", "applicant-new", 1),
    ("Ines Carvalho", "software-berlin", "recruiter", 6),
    ("Jakub Nowak", "software-berlin", "manager", 13),
    ("Keiko Tanaka", "software-berlin", "onsite", 27),
    ("Liam O'Connor", "software-lyon", "applicant-new", 3),
    ("Mei-Ling Chow", "software-lyon", "recruiter", 8),
    ("Nadia Petrova", "software-toronto", "onsite", 70),
    ("Omar Farouk", "analyst", "applicant-new", 1),
    ("Paula Jimenez", "analyst", "applicant-new", 4),
    ("Quentin Dubois", "analyst", "recruiter", 7),
    ("Rosa Lindgren", "analyst", "manager", 15),
    ("Samuel Adeyemi", "analyst", "offer", 41),
    ("Tessa Vermeulen", "designer", "applicant-new", 2),
    ("Umberto Greco", "designer", "recruiter", 10),
    ("Valentina Cruz", "designer", "onsite", 22),
    ("Wei Zhang", "support", "applicant-new", 1),
    ("Ximena Torres", "support", "applicant-new", 5),
    ("Yusuf Kaya", "support", "recruiter", 9),
    ("Zoe Anderson", "support", "manager", 18),
    ("Anton Bergmann", "sales", "applicant-new", 3),
    ("Beatrice Moreau", "sales", "recruiter", 12),
    ("Carlos Mendes", "sales", "manager", 19),
    ("Daniela Fischer", "finance", "recruiter", 14),
    ("Erik Johansson", "finance", "onsite", 30),
    ("Fatima Zahra", "field", "applicant-new", 2),
    ("Gareth Hughes", "field", "recruiter", 17),
    ("Hana Novakova", "office", "applicant-new", 6),
    ("Ivan Horvat", "optics", "onsite", 90),
    ("Julia Santos", "", "lead-new", 4),
    ("Karim Mansour", "", "lead-new", 8),
    ("Lena Hoffmann", "", "lead-reached-out", 12),
    ("Mateo Silva", "", "lead-reached-out", 15),
    ("Nils Eriksson", "", "lead-responded", 20),
    ("Olivia Bennett", "support", "recruiter", 33),
    ("Chiara Rossi", "software-berlin", "applicant-new", 5),
];

/// Adds everyone, then the oddities.
pub(super) fn add_all(account: &mut Account, now: Millis) {
    for row in &ROWS {
        add(account, row, now);
    }
    oddities(account, now);
}

fn opportunity_id(name: &str, posting: &str) -> String {
    id(&format!("opportunity {name} {posting}"))
}

fn stage_id(key: &str) -> String {
    if key.contains('-') || key == "offer" { key.to_owned() } else { id(&format!("stage {key}")) }
}

fn add(account: &mut Account, &(name, posting, stage, days): &Row, now: Millis) {
    let contact = contact(name);
    let came = now - days * DAY;
    let posted = !posting.is_empty();
    let advanced = if stage.ends_with("-new") { came } else { came + days * DAY / 2 };
    let owner = account.posting(&posting::id_of(posting)).and_then(|posting| posting.owner.clone());
    let opportunity = Opportunity {
        id: opportunity_id(name, posting),
        contact: contact.id.clone(),
        stage: stage_id(stage),
        application: posted.then(|| Application {
            id: id(&format!("application {name} {posting}")),
            posting: posting::id_of(posting),
            created_at: came,
        }),
        archived: None,
        tags: Vec::new(),
        sources: vec![if posted { "Posting" } else { "Added manually" }.to_owned()],
        stage_changes: changes(account, posted, &stage_id(stage), came, advanced),
        origin: if posted { "applied" } else { "sourced" }.to_owned(),
        sourced_by: (!posted).then(|| person("Tomas")),
        followers: owner.iter().cloned().collect(),
        owner: owner.or_else(|| Some(person("Tomas"))),
        created_at: came,
        // Old records have never been touched since Lever began to note it.
        updated_at: (days < 30).then_some(advanced),
        last_interaction_at: advanced,
        last_advanced_at: advanced,
        snoozed_until: None,
        notes: Vec::new(),
    };
    account.contacts.entry(contact.id.clone()).or_insert(contact);
    account.opportunities.insert(opportunity.id.clone(), opportunity);
}

fn contact(name: &str) -> Contact {
    let address: String = name.to_lowercase().chars().filter(|one| one.is_ascii_lowercase() || *one == ' ').collect();
    let length = name.len();
    Contact {
        id: id(&format!("contact {name}")),
        name: name.to_owned(),
        headline: ["", "Meridian Labs", "Northwind Optics, Alder Systems", "University of Leiden"][length % 4]
            .to_owned(),
        location: ["Berlin", "Lyon", "Lisbon", "Vienna", "Toronto"][length % 5].to_owned(),
        emails: vec![format!("{}@mail.example", address.replace(' ', "."))],
        phones: if length.is_multiple_of(3) { vec![phone(length)] } else { Vec::new() },
        links: Vec::new(),
        is_anonymized: false,
    }
}

fn phone(number: usize) -> Phone {
    Phone { kind: number.is_multiple_of(2).then(|| "mobile".to_owned()), value: format!("+49 000 000 {number:04}") }
}

/// Where they came in, which nobody did by hand, and where they are.
fn changes(account: &Account, posted: bool, stage: &str, came: Millis, advanced: Millis) -> Vec<StageChange> {
    let change = |to: &str, at, user_id| StageChange {
        to_stage_id: to.to_owned(),
        to_stage_index: account.stage_index(to),
        updated_at: at,
        user_id,
    };
    let first = if posted { "applicant-new" } else { "lead-new" };
    let mut changes = vec![change(first, came, None)];
    if stage != first {
        changes.push(change(stage, advanced, Some(person("Tomas"))));
    }
    changes
}

fn oddities(account: &mut Account, now: Millis) {
    let mut with = |name: &str, posting: &str, change: &dyn Fn(&mut Opportunity)| {
        if let Some(opportunity) = account.opportunities.get_mut(&opportunity_id(name, posting)) {
            change(opportunity);
        }
    };
    with("Ivan Horvat", "optics", &|one| archive(one, "Under-qualified", now - 60 * DAY));
    with("Nadia Petrova", "software-toronto", &|one| archive(one, "Withdrew", now - 40 * DAY));
    with("Samuel Adeyemi", "analyst", &|one| archive(one, "Hired", now - 10 * DAY));
    with("Karim Mansour", "", &|one| one.snoozed_until = Some(now + 14 * DAY));
    with("Farid Haddad", "python", &|one| one.followers = vec![person("Priya"), person("Priya"), person("Aisha")]);
    with("Wei Zhang", "support", &|one| one.followers.push(person("Aisha")));
    with("Elif Demir", "python", &|one| one.tags.push("referred by Lucy".to_owned()));
    with("Elif Demir", "python", &|one| one.notes.push(note(one, now - 3 * DAY)));

    let mut person = |name: &str, change: &dyn Fn(&mut Contact)| {
        if let Some(contact) = account.contacts.get_mut(&id(&format!("contact {name}"))) {
            change(contact);
        }
    };
    person("Ximena Torres", &|contact| contact.emails.clear());
    person("Jakub Nowak", &|contact| contact.emails.push("jakub@nowak.example".to_owned()));
    person("Elif Demir", &|contact| contact.links.push("https://elif.example/work".to_owned()));
    let blank = |contact: &mut Contact| {
        *contact = Contact { id: contact.id.clone(), is_anonymized: true, ..Contact::default() };
    };
    person("Olivia Bennett", &blank);
}

fn archive(opportunity: &mut Opportunity, reason: &str, at: Millis) {
    opportunity.archived = Some(Archived { reason: id(&format!("reason {reason}")), archived_at: at });
}

fn note(opportunity: &Opportunity, at: Millis) -> Note {
    let value = "Strong on testing; ask about her move from C++ to Python.".to_owned();
    let (user, stage) = (person("Priya"), opportunity.stage.clone());
    Note {
        id: id("note on Elif"),
        user: user.clone(),
        secret: false,
        created_at: at,
        comments: vec![Comment { value, user, score: None, stage, created_at: at }],
        written_by: None,
    }
}
