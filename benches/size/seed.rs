//! Invites in bulk, as ten organizations would have them after two years: the first has six of ten.

use engine::{Engine, clock::Moment, id::OrganizationId, invite::beginnings};
use sqlx::{Any, Transaction};

pub const DAY: i64 = 24 * 3600 * 1000;
const SPAN: i64 = 730 * DAY;
const BATCH: usize = 20_000;
const POSTINGS: usize = 200;
const PEOPLE: usize = 500;
/// Of the Limited Team Member: every twentieth posting of theirs, and so many opportunities.
pub const LIMITED: &str = "usr_limited";
const LIMITED_OPPORTUNITIES: usize = 300;
/// A name that one candidate of the first organization has.
pub const RARE: &str = "Quixote Zebulon";

const STARTS: [&str; 20] = [
    "ma", "jo", "an", "el", "ka", "da", "so", "be", "lu", "ri", "ta", "mi", "sa", "le", "vi", "no", "ra", "ch", "ga",
    "pe",
];
const MIDDLES: [&str; 20] = [
    "ri", "na", "li", "so", "ne", "ra", "mo", "ta", "vi", "de", "le", "ka", "bi", "ro", "sha", "ni", "lo", "me", "to",
    "ya",
];
const ENDS: [&str; 10] = ["a", "n", "sen", "o", "ez", "ia", "berg", "s", "er", "ko"];
const HOSTS: [&str; 5] = ["mail.example", "post.example", "inbox.test", "letters.example", "corp.example"];

/// Numbers that look random and are the same at each run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from((self.0 >> 33) % limit as u64).expect("it is below a usize")
    }

    /// The first are met most often.
    fn skewed(&mut self, limit: usize) -> usize {
        self.below(limit) * self.below(limit) / limit
    }
}

fn capital(text: &str) -> String {
    text[..1].to_uppercase() + &text[1..]
}

/// A first name: the first of all is met most often.
pub fn first_name(index: usize) -> String {
    capital(&[STARTS[index % 20], MIDDLES[index / 20 % 20], ENDS[index / 7 % 10]].concat())
}

/// A last name likewise.
pub fn last_name(index: usize) -> String {
    let parts = [STARTS[index * 7 % 20], MIDDLES[index / 20 % 20], MIDDLES[index / 400 % 20], ENDS[index % 10]];
    capital(&parts.concat())
}

pub fn organization(index: usize) -> OrganizationId {
    OrganizationId(format!("org_{index:032x}"))
}

pub fn posting(organization: usize, index: usize) -> String {
    format!("{organization}-0a1b2c3d-posting-{index:04}")
}

pub fn person(index: usize) -> String {
    format!("usr_{index:04}")
}

/// Fills an empty database with so many invites.
pub async fn fill(engine: &Engine, rows: usize) {
    companies(engine).await;
    if engine.db.flavour() == engine::db::Flavour::Sqlite {
        // For the writer, which is one; what is measured reads on other connections.
        let mut tx = engine.db.write().await.expect("a transaction");
        sqlx::raw_sql("PRAGMA cache_size = -2000000").execute(&mut *tx).await.expect("room");
        tx.commit().await.expect("stored");
    }
    let mut dice = Dice(42);
    let now = engine.clock.now().0;
    for from in (0..rows).step_by(BATCH) {
        let mut batch = Batch::default();
        for number in from..rows.min(from + BATCH) {
            batch.invite(&mut dice, number, rows, now);
        }
        batch.write(engine).await;
    }
    if engine.db.flavour() == engine::db::Flavour::Postgres {
        // As the server's own housekeeping does sooner or later.
        sqlx::raw_sql("VACUUM ANALYZE").execute(engine.db.read()).await.expect("statistics");
    }
}

async fn companies(engine: &Engine) {
    let mut tx = engine.db.write().await.expect("a transaction");
    for index in 0..10 {
        let id = organization(index);
        let statements = [
            "INSERT INTO organizations (id, name, name_fold, created_at) VALUES ($1, $1, $1, 0)",
            "INSERT INTO provider_accounts (id, organization_id, provider, base_url, api_key, key_hint, endpoint,
                 callback_secret, state, created_at)
             VALUES ('pac_' || $1, $1, 'canditech', '', '', '', $1, '', 'ok', 0)",
            "INSERT INTO attachments (id, organization_id, stage_id, provider_account_id, assessment_id,
                 assessment_name, state, active_from, created_by, created_at, changed_at)
             VALUES ('att_' || $1, $1, 'stage', 'pac_' || $1, 'as_1', 'Python, 60 min', 'active', 0, 'usr', 0, 0)",
        ];
        for statement in statements {
            sqlx::query(statement).bind(id.as_str()).execute(&mut *tx).await.expect("a row");
        }
    }
    tx.commit().await.expect("stored");
    let mut batch = Batch::default();
    for company in 0..10 {
        for index in 0..POSTINGS {
            for share in 0..4 {
                batch.associate(company, "posting", &posting(company, index), &person(index * 4 + share));
            }
            if index % 20 == 7 {
                batch.associate(company, "posting", &posting(company, index), LIMITED);
            }
        }
    }
    batch.write(engine).await;
}

/// Lists of JSON lists, one for each table.
#[derive(Default)]
struct Batch {
    invites: Vec<String>,
    words: Vec<String>,
    associations: Vec<String>,
}

impl Batch {
    fn invite(&mut self, dice: &mut Dice, number: usize, rows: usize, now: i64) {
        let company = if number % 10 < 6 { 0 } else { 1 + number / 10 % 9 };
        let organization = organization(company);
        let id = format!("inv_{number:032x}");
        let opportunity = format!("0b1c2d3e-4f50-6172-8394-{number:012}");
        let place = dice.skewed(POSTINGS);
        let created = now - SPAN + SPAN / i64::try_from(rows).expect("few") * i64::try_from(number).expect("few");
        let changed = now.min(created + i64::try_from(dice.below(10 * 24 * 60)).expect("few") * 60_000);
        let (first, last) = (first_name(dice.skewed(400)), last_name(dice.skewed(4_000)));
        let name = if number == rows / 20 * 10 { RARE.to_owned() } else { format!("{first} {last}") };
        let address = name.to_lowercase().replace(' ', ".");
        let email = format!("{address}{}@{}", dice.below(100), HOSTS[dice.skewed(HOSTS.len())]);
        let (state, verdict) = progress(dice);
        let reached = |step: &[&str]| if step.contains(&state) { changed.to_string() } else { "null".into() };
        let sent = reached(&["sent", "started", "completed", "expired", "declined"]);
        let (started, completed) = (reached(&["started", "completed"]), reached(&["completed"]));
        self.invites.push(format!(
            r#"["{id}","{organization}","{opportunity}","con_{contact}","{posting}","Position {place}",{secret},"{name}","{email}","{state}",{sent},{started},{completed},"{verdict}",{created},{changed}]"#,
            contact = number * 4 / 5,
            posting = posting(company, place),
            secret = u8::from(place % 20 == 3),
        ));
        for beginning in beginnings(&name, Some(&email)) {
            self.words.push(format!(r#"["{organization}","{beginning}","{id}"]"#));
        }
        self.associate(company, "opportunity", &opportunity, &person(dice.below(PEOPLE)));
        if number.is_multiple_of((rows / LIMITED_OPPORTUNITIES).max(3)) {
            self.associate(company, "opportunity", &opportunity, LIMITED);
        }
    }

    fn associate(&mut self, company: usize, kind: &str, subject: &str, user: &str) {
        self.associations.push(format!(r#"["{}","{kind}","{subject}","{user}"]"#, organization(company)));
    }

    async fn write(self, engine: &Engine) {
        let mut tx = engine.db.write().await.expect("a transaction");
        let (invites, words, associations) = match engine.db.flavour() {
            engine::db::Flavour::Sqlite => (INVITES_SQLITE, WORDS_SQLITE, ASSOCIATIONS_SQLITE),
            engine::db::Flavour::Postgres => (INVITES_POSTGRES, WORDS_POSTGRES, ASSOCIATIONS_POSTGRES),
        };
        insert(&mut tx, invites, &self.invites).await;
        insert(&mut tx, words, &self.words).await;
        insert(&mut tx, associations, &self.associations).await;
        tx.commit().await.expect("stored");
    }
}

/// A state and a verdict, as often as they are met.
fn progress(dice: &mut Dice) -> (&'static str, &'static str) {
    match dice.below(1_000) {
        0..250 => ("completed", "passed"),
        250..450 => ("completed", "failed"),
        450..600 => ("completed", "n/a"),
        600..750 => ("expired", "n/a"),
        750..850 => ("sent", "n/a"),
        850..930 => ("cancelled", "n/a"),
        930..960 => ("declined", "n/a"),
        960..980 => ("started", "n/a"),
        980..990 => ("queued", "n/a"),
        990..995 => ("waiting", "n/a"),
        995..999 => ("failed", "n/a"),
        _ => ("unclear", "n/a"),
    }
}

async fn insert(tx: &mut Transaction<'static, Any>, statement: &'static str, rows: &[String]) {
    let list = ["[", &rows.join(","), "]"].concat();
    sqlx::query(statement).bind(list).execute(&mut **tx).await.expect("rows");
}

macro_rules! invites {
    ($from:literal) => {
        concat!(
            "INSERT INTO invites (id, organization_id, opportunity_id, contact_id, posting_id, posting_title,
                 confidential, candidate_name, candidate_email, state, sent_at, started_at, completed_at, verdict,
                 created_at, changed_at, attachment_id, provider_account_id, assessment_id, assessment_name, round,
                 stage_id, entered_stage_at, read_at, report_token)
             SELECT j.value->>0, j.value->>1, j.value->>2, j.value->>3, j.value->>4, j.value->>5,
                 CAST(j.value->>6 AS BIGINT), j.value->>7, j.value->>8, j.value->>9, CAST(j.value->>10 AS BIGINT),
                 CAST(j.value->>11 AS BIGINT), CAST(j.value->>12 AS BIGINT), j.value->>13,
                 CAST(j.value->>14 AS BIGINT), CAST(j.value->>15 AS BIGINT), 'att_' || (j.value->>1),
                 'pac_' || (j.value->>1), 'as_1', 'Python, 60 min', 1, 'stage', 0, 0, j.value->>0
             FROM ",
            $from
        )
    };
}
macro_rules! words {
    ($from:literal) => {
        concat!(
            "INSERT INTO invite_words (organization_id, beginning, invite_id)
             SELECT j.value->>0, j.value->>1, j.value->>2 FROM ",
            $from
        )
    };
}
macro_rules! associations {
    ($from:literal) => {
        concat!(
            "INSERT INTO associations (organization_id, subject_kind, subject_id, lever_user_id, kind)
             SELECT j.value->>0, j.value->>1, j.value->>2, j.value->>3, 'owner' FROM ",
            $from
        )
    };
}

const INVITES_SQLITE: &str = invites!("json_each($1) AS j");
const INVITES_POSTGRES: &str = invites!("json_array_elements(CAST($1 AS json)) AS j(value)");
const WORDS_SQLITE: &str = words!("json_each($1) AS j");
const WORDS_POSTGRES: &str = words!("json_array_elements(CAST($1 AS json)) AS j(value)");
const ASSOCIATIONS_SQLITE: &str = associations!("json_each($1) AS j");
const ASSOCIATIONS_POSTGRES: &str = associations!("json_array_elements(CAST($1 AS json)) AS j(value)");

/// Where a page of the first organization's list ends, so many rows down.
pub async fn key_of_row(engine: &Engine, row: i64) -> Option<String> {
    let found: Option<(i64, String)> = sqlx::query_as(
        "SELECT changed_at, id FROM invites WHERE organization_id = $1
         ORDER BY changed_at DESC, id DESC LIMIT 1 OFFSET $2",
    )
    .bind(organization(0).as_str())
    .bind(row)
    .fetch_optional(engine.db.read())
    .await
    .expect("readable");
    found.map(|(at, id)| format!("{}~{id}", Moment(at).0))
}
