//! What the account holds from the start.

use super::ORGANIZATION;
use super::model::{ApiKey, Assessment, AssessmentStatus, Permission};
use super::question::{DATA, ENGLISH, EXCEL, JAVASCRIPT, PRODUCT, PYTHON, SALES, SUPPORT, Section};

/// A key that may list but not send, to show what Candilever says then.
const LIST_ONLY_KEY: &str = "ctk_demo_list_only";

/// The organization's key and the one that only lists.
pub(crate) fn keys(organization_key: String) -> Vec<ApiKey> {
    let key = |id: &str, name, key, permissions| ApiKey { id: id.to_owned(), name, key, permissions };
    vec![
        key("key_1", ORGANIZATION.to_owned(), organization_key, &[Permission::List, Permission::Invite]),
        key("key_2", String::from("Reporting, list only"), LIST_ONLY_KEY.to_owned(), &[Permission::List]),
    ]
}

/// Six assessments to send, one archived, one draft.
pub(crate) fn assessments() -> Vec<Assessment> {
    use AssessmentStatus::{Active, Archived, Draft};
    vec![
        assessment("as_python", "Python, 60 min", Active, 60, PYTHON),
        assessment("as_data", "Data analysis, 45 min", Active, 45, DATA),
        assessment("as_support", "Customer support, 30 min", Active, 30, SUPPORT),
        assessment("as_english", "English, 20 min", Active, 20, ENGLISH),
        assessment("as_javascript", "JavaScript, 60 min", Active, 60, JAVASCRIPT),
        assessment("as_sales", "Sales aptitude, 40 min", Active, 40, SALES),
        assessment("as_excel", "Excel basics, 30 min", Archived, 30, EXCEL),
        assessment("as_product", "Product sense, 45 min", Draft, 45, PRODUCT),
    ]
}

fn assessment(
    id: &str,
    name: &str,
    status: AssessmentStatus,
    minutes: u32,
    sections: &'static [Section],
) -> Assessment {
    Assessment { id: id.to_owned(), name: name.to_owned(), status, minutes, sections }
}
