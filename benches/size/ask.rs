//! What is asked: each list, figure and search that people meet, by whom.

use std::time::{Duration, Instant};

use engine::{
    Engine,
    access::{Member, Role},
    invite::{self, Filter, InviteState},
    verdict::Verdict,
};

use crate::seed;

const TIMES: usize = 21;
const ENOUGH: Duration = Duration::from_secs(2);

/// One question, as the page asks it.
#[derive(Clone)]
pub enum Question {
    /// A statement that does nothing: the way to the database and back.
    Nothing,
    List(Filter),
    /// The page after the first.
    Next(Filter),
    /// The thousandth page, or one in the middle where there are fewer.
    Thousandth,
    Positions,
    Funnel,
}

pub struct Ask {
    pub name: String,
    member: Member,
    question: Question,
}

fn member(role: Role, user: &str) -> Member {
    Member {
        organization: seed::organization(0),
        organization_name: "Halden".into(),
        user: "usr_1".into(),
        name: "Nora".into(),
        email: "nora@halden.example".into(),
        role,
        lever_user: Some(user.into()),
        from: None,
    }
}

/// All of them.
pub fn all() -> Vec<Ask> {
    let people = [
        ("Super Admin", member(Role::SuperAdmin, &seed::person(1))),
        ("Team Member", member(Role::TeamMember, &seed::person(1))),
        ("Limited", member(Role::LimitedTeamMember, seed::LIMITED)),
    ];
    let mut asks = Vec::new();
    for (who, member) in people {
        for (what, question) in questions(&member) {
            asks.push(Ask { name: format!("{who}: {what}"), member: member.clone(), question });
        }
    }
    asks
}

fn questions(member: &Member) -> Vec<(&'static str, Question)> {
    let mut all =
        vec![("first page", Question::List(Filter::default())), ("next page", Question::Next(Filter::default()))];
    if member.role == Role::SuperAdmin {
        all.insert(0, ("nothing (round trip)", Question::Nothing));
        all.push(("page 1,000", Question::Thousandth));
    }
    all.extend(searches());
    all.extend(filters().map(|(name, filter)| (name, Question::List(filter))));
    all.push(("positions", Question::Positions));
    all.push(("funnel and attention", Question::Funnel));
    all
}

fn searches() -> impl Iterator<Item = (&'static str, Question)> {
    let (first, last) = (seed::first_name(60), seed::last_name(700));
    let email = format!("{}.{}", seed::first_name(20), seed::last_name(40)).to_lowercase();
    let both = format!("{} {}", seed::last_name(0), seed::first_name(0));
    let typed = [
        ("search, first name", first),
        ("search, last name", last),
        ("search, e-mail", email),
        ("search, one letter", "m".into()),
        ("search, most frequent name", seed::first_name(0)),
        ("search, two frequent names", both),
        ("search, everybody's word", "example".into()),
        ("search, one match", "zebu".into()),
        ("search, no match", "qqqq".into()),
    ];
    let filter = |text: String| Filter { name: Some(text), ..Filter::default() };
    let lists = typed.map(|(name, text)| (name, Question::List(filter(text))));
    let next = ("search, one letter, next page", Question::Next(filter("m".into())));
    lists.into_iter().chain([next])
}

fn filters() -> impl Iterator<Item = (&'static str, Filter)> {
    let everything = Filter::default;
    [
        ("status completed", Filter { state: Some(InviteState::Completed), ..everything() }),
        ("status unclear", Filter { state: Some(InviteState::Unclear), ..everything() }),
        ("a position with many", Filter { posting: Some(seed::posting(0, 7).into()), ..everything() }),
        ("a position with few", Filter { posting: Some(seed::posting(0, 187).into()), ..everything() }),
        ("verdict failed", Filter { verdict: Some(Verdict::Failed), ..everything() }),
        ("awaiting verdict", Filter { awaiting_verdict: true, ..everything() }),
        ("needs attention", Filter { needs_attention: true, ..everything() }),
        ("last 30 days", Filter { days: Some(30), ..everything() }),
        ("mine", Filter { mine: true, ..everything() }),
    ]
    .into_iter()
}

impl Ask {
    /// The median of several answers in milliseconds.
    pub async fn measure(&self, engine: &Engine) -> f64 {
        let question = self.prepared(engine).await;
        let mut times = Vec::new();
        let began = Instant::now();
        for _ in 0..TIMES {
            let from = Instant::now();
            self.answer(engine, &question).await;
            times.push(from.elapsed());
            if began.elapsed() > ENOUGH {
                break;
            }
        }
        times.sort_unstable();
        times[times.len() / 2].as_secs_f64() * 1000.0
    }

    /// The question with the key that it goes on after.
    async fn prepared(&self, engine: &Engine) -> Question {
        let after = match &self.question {
            Question::Next(filter) => {
                (filter.clone(), invite::page(engine, &self.member, filter).await.expect("a page").next)
            }
            Question::Thousandth => {
                let far = seed::key_of_row(engine, 50 * 999).await;
                (Filter::default(), if far.is_some() { far } else { seed::key_of_row(engine, 300).await })
            }
            other => return other.clone(),
        };
        Question::List(Filter { after: after.1, ..after.0 })
    }

    async fn answer(&self, engine: &Engine, question: &Question) {
        match question {
            Question::Nothing => {
                let one: i64 = sqlx::query_scalar("SELECT CAST(1 AS BIGINT)")
                    .fetch_one(engine.db.read())
                    .await
                    .expect("the database answers");
                assert_eq!(one, 1);
            }
            Question::List(filter) => drop(invite::page(engine, &self.member, filter).await.expect("a page")),
            Question::Positions => drop(invite::positions(engine, &self.member).await.expect("positions")),
            Question::Funnel => drop(invite::funnel(engine, &self.member, 30).await.expect("figures")),
            Question::Next(_) | Question::Thousandth => unreachable!("prepared before"),
        }
    }
}
