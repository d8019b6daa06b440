//! The seeded postings: three that share a name, and one of each awkward kind.

use super::{DAY, id, person};
use crate::lever::model::{Confidentiality, Millis, Posting};

struct Row {
    key: &'static str,
    text: &'static str,
    state: &'static str,
    department: &'static str,
    team: &'static str,
    location: &'static str,
    owner: &'static str,
    manager: &'static str,
}

const fn row(
    key: &'static str,
    text: &'static str,
    state: &'static str,
    place: [&'static str; 3],
    people: [&'static str; 2],
) -> Row {
    let [department, team, location] = place;
    let [owner, manager] = people;
    Row { key, text, state, department, team, location, owner, manager }
}

const ROWS: [Row; 15] = [
    row("python", "Python Developer", "published", ["Engineering", "Backend", "Berlin"], ["Tomas", "Priya"]),
    row("software-berlin", "Software Engineer", "published", ["Engineering", "Platform", "Berlin"], ["Tomas", "Priya"]),
    row("software-lyon", "Software Engineer", "internal", ["Engineering", "Embedded", "Lyon"], ["Tomas", "Priya"]),
    row("software-toronto", "Software Engineer", "closed", ["Engineering", "Web", "Toronto"], ["Nora", "Priya"]),
    row("analyst", "Data Analyst", "published", ["Operations", "Analytics", "Berlin"], ["Tomas", "Ken"]),
    row("designer", "Product Designer", "published", ["Product", "Design", "Remote"], ["Nora", "Priya"]),
    row("support", "Support Specialist", "published", ["Customers", "Support", "Lisbon"], ["Tomas", "Jonas"]),
    row("sales", "Sales Manager", "published", ["Sales", "Europe", "London"], ["Nora", "Jonas"]),
    row("finance", "Head of Finance", "published", ["Finance", "Finance", "Berlin"], ["Nora", "Nora"]),
    row("optics", "Optics Technician", "closed", ["Production", "Optics", "Jena"], ["Tomas", "Jonas"]),
    row("firmware", "Firmware Engineer", "draft", ["Engineering", "Embedded", "Lyon"], ["Tomas", "Priya"]),
    row("office", "Office Coordinator", "internal", ["Operations", "Workplace", "Berlin"], ["Nora", "Jonas"]),
    row("field", "Field Service Engineer", "published", ["Customers", "Field service", "Lyon"], ["Tomas", ""]),
    row("regulatory", "Regulatory Affairs Lead", "pending", ["Quality", "Regulatory", "Berlin"], ["Nora", "Nora"]),
    row("warehouse", "Warehouse Lead", "rejected", ["Operations", "Logistics", "Jena"], ["Tomas", "Jonas"]),
];

/// The id of a seeded posting.
pub(super) fn id_of(key: &str) -> String {
    id(&format!("posting {key}"))
}

/// All postings, the first the newest.
pub(super) fn all(now: Millis) -> Vec<Posting> {
    ROWS.iter().zip(1..).map(|(row, place)| posting(row, place, now)).collect()
}

fn posting(row: &Row, place: Millis, now: Millis) -> Posting {
    let confidential = row.key == "finance";
    let country = match row.location {
        "Lyon" => "FR",
        "Lisbon" => "PT",
        "Toronto" => "CA",
        "London" => "GB",
        "Remote" => "",
        _ => "DE",
    };
    Posting {
        id: id_of(row.key),
        text: row.text.to_owned(),
        state: row.state.to_owned(),
        department: row.department.to_owned(),
        team: row.team.to_owned(),
        location: row.location.to_owned(),
        commitment: "Full-time".to_owned(),
        country: country.to_owned(),
        confidentiality: if confidential { Confidentiality::Confidential } else { Confidentiality::NonConfidential },
        user: person(row.owner),
        owner: Some(person(row.owner)),
        hiring_manager: Some(row.manager).filter(|name| !name.is_empty()).map(person),
        followers: followers(row.key),
        tags: Vec::new(),
        created_at: now - (20 + place * 4) * DAY,
        updated_at: now - place * DAY,
    }
}

fn followers(key: &str) -> Vec<String> {
    let first_names: &[&str] = match key {
        "python" => &["Aisha", "Tomas"],
        "analyst" => &["Ken"],
        "support" => &["Aisha", "Jonas"],
        _ => &[],
    };
    first_names.iter().map(|name| person(name)).collect()
}
