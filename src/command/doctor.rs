//! `candilever doctor`: looks at everything that can be wrong, beside a running server, and says what to do.

use engine::{
    Engine,
    audit::{self, Fault, Verified},
    checklist::StepState,
    clock::Clock,
    db::Flavour,
    doctor::{self, Finding},
    pause::{self, Cause, Pause},
};
use secrecy::ExposeSecret as _;

use crate::{
    command::Failure,
    config::{Checked, Config},
    database, terminal,
};

/// How something was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mark {
    Well,
    /// Not done yet, or worth a look.
    Look,
    Wrong,
}

/// The report as it grows.
#[derive(Debug, Default)]
struct Report {
    wrong: usize,
}

impl Report {
    fn say(&mut self, mark: Mark, what: &str) {
        let sign = match mark {
            Mark::Well => "ok   ",
            Mark::Look => "look ",
            Mark::Wrong => "wrong",
        };
        self.wrong += usize::from(mark == Mark::Wrong);
        terminal::say(&format!("{sign}  {what}"));
    }
}

/// Looks, and reports a line each.
///
/// # Errors
/// When something is wrong, or so wrong that no more can be looked at.
pub async fn run(config: &Config) -> Result<(), Failure> {
    let mut report = Report::default();
    let checked = config.check()?;
    settings(&mut report, &checked);
    let engine = open(&mut report, &checked).await?;
    address(&mut report, &engine, &checked).await;
    let clock = if engine.db.flavour() == Flavour::Postgres { THE_DATABASES } else { THIS_MACHINES };
    outbound(&mut report, &engine);
    mail(&mut report, &engine).await;
    if let Some(pause) = pause::standing(&engine.db).await? {
        report.say(Mark::Look, &paused(pause));
    }
    for finding in doctor::examine(&engine).await? {
        organization(&mut report, &finding, clock);
    }
    if engine.db.is_current().await? {
        for (organization, verified) in audit::verify_all(&engine).await? {
            chain(&mut report, &organization, &verified);
        }
    }
    engine.db.close().await;
    match report.wrong {
        0 => Ok(()),
        1 => Err(Failure::Broken("One thing is wrong: see above.".into())),
        many => Err(Failure::Broken(format!("{many} things are wrong: see above."))),
    }
}

fn paused(pause: Pause) -> String {
    let why = match pause.cause {
        Cause::Operator => "It is paused",
        Cause::Restore => "A backup was put back, and it is paused",
    };
    format!("{why} since {}: nothing is sent, noted or asked until `candilever resume`.", pause.since.rfc3339())
}

fn chain(report: &mut Report, organization: &str, verified: &Verified) {
    let Verified { entries, head, fault } = verified;
    if let Some((number, fault)) = fault {
        let how = match fault {
            Fault::Gap => "its place in the chain is empty",
            Fault::Gone => "the entry is gone",
            Fault::Changed => "the entry is not the one that was sealed",
            Fault::CutOff => "the end of the chain was cut off",
        };
        let what = "somebody changed the database by hand: keep it as it is, and compare it with a backup";
        report.say(Mark::Wrong, &format!("{organization}: the audit log is broken at entry {number}, {how}; {what}."));
    } else if *entries > 0 {
        report.say(Mark::Well, &format!("{organization}: the audit log is whole, {entries} entries up to {head}."));
    }
}

/// For whoever opens a firewall.
fn outbound(report: &mut Report, engine: &Engine) {
    let hosts = engine.settings.outbound_hosts().join(", ");
    let way = match engine.settings.proxy.as_ref().and_then(|proxy| proxy.host_str()) {
        Some(proxy) => format!(", through the proxy {proxy}"),
        None => String::new(),
    };
    report.say(
        Mark::Well,
        &format!("Calls go to these hosts, and to those that Lever and sign-ins name as theirs: {hosts}{way}."),
    );
}

async fn mail(report: &mut Report, engine: &Engine) {
    match doctor::mail_answers(engine).await {
        None => {
            report.say(Mark::Look, "CANDILEVER_SMTP_URL is not set: nobody is mailed, and invitations are handed on.");
        }
        Some(Ok(())) => report.say(Mark::Well, "The mail server answers, and takes our credentials."),
        Some(Err(why)) => report.say(Mark::Wrong, &format!("{why}: see CANDILEVER_SMTP_URL.")),
    }
}

fn settings(report: &mut Report, checked: &Checked) {
    report.say(Mark::Well, "The settings can be read.");
    if checked.lever.client_secret.expose_secret().is_empty() {
        report.say(
            Mark::Wrong,
            "CANDILEVER_LEVER_CLIENT_ID and CANDILEVER_LEVER_CLIENT_SECRET are not set: nobody can connect Lever.",
        );
    }
    if checked.provider_hosts.is_empty() {
        report.say(Mark::Wrong, "CANDILEVER_PROVIDER_HOSTS names no host: no provider can be used.");
    }
    if checked.public_url.is_none() {
        report.say(Mark::Look, "CANDILEVER_PUBLIC_URL is not set: webhooks and links are for this machine alone.");
    }
}

async fn open(report: &mut Report, checked: &Checked) -> Result<Engine, Failure> {
    if let Some(file) = checked.database.file.as_ref().filter(|_| checked.database.is_new()) {
        let why = format!("There is no database at {} yet: `candilever serve` makes it.", file.display());
        return Err(Failure::Database(why));
    }
    let db = super::open_database(checked).await?;
    if checked.database.file.is_some() && !db.is_whole().await? {
        report.say(Mark::Wrong, "The database's file is damaged: stop the server and restore a backup.");
    }
    if db.is_current().await? {
        report.say(Mark::Well, "The database answers, and its schema is this program's.");
    } else {
        report.say(Mark::Wrong, "The schema is another version's: run this program's `candilever migrate`.");
    }
    let key = database::master_key(checked.master_key.as_ref(), &checked.database)?.announced();
    let public_url = checked.public_url.clone().unwrap_or_else(super::unknown_address);
    let engine = Engine::on(db, checked.settings(public_url, key), Clock::shared(Clock::System)).await?;
    report.say(Mark::Well, "The master key opens the stored secrets.");
    if let Some(off) = clock_off(THIS_MACHINES, -engine.clock.behind(), "the database's, which counts") {
        report.say(Mark::Look, &off);
    }
    Ok(engine)
}

/// Whether people and machines reach a server under the public address.
async fn address(report: &mut Report, engine: &Engine, checked: &Checked) {
    let Some(public) = &checked.public_url else { return };
    let Ok(health) = public.join("/healthz") else { return };
    let answer = engine.http.inner().get(health).send().await;
    if answer.is_ok_and(|answer| answer.status().is_success()) {
        report.say(Mark::Well, &format!("{public} answers."));
    } else {
        let next = "is the server started, and the proxy in front set up?";
        report.say(Mark::Look, &format!("{public} does not answer from here: {next}"));
    }
}

fn organization(report: &mut Report, finding: &Finding, clock: &str) {
    terminal::say(&format!("\n{}", finding.organization));
    for step in &finding.steps {
        let mark = match step.state {
            StepState::Done => Mark::Well,
            StepState::Open => Mark::Look,
            StepState::Attention => Mark::Wrong,
        };
        report.say(mark, &step.proof);
    }
    for (who, answer) in [("Lever", &finding.lever), ("The provider", &finding.provider)] {
        match answer {
            Some(Ok(())) => report.say(Mark::Well, &format!("{who} answers now.")),
            Some(Err(why)) => report.say(Mark::Wrong, &format!("{who} does not answer as it should: {why}.")),
            None => {}
        }
    }
    if let Some(off) = finding.ahead_of_lever.and_then(|ahead| clock_off(clock, ahead, "Lever's")) {
        let means = "By more than five minutes callbacks of the provider's are refused.";
        report.say(Mark::Wrong, &format!("{off} {means}"));
    }
    work(report, &finding.work);
}

const THIS_MACHINES: &str = "This machine's clock";
const THE_DATABASES: &str = "The database's clock";

/// What to say about a clock that is so many milliseconds ahead of another, or behind it; nothing of a little.
fn clock_off(clock: &str, ahead: i64, other: &str) -> Option<String> {
    let minutes = ahead.unsigned_abs() / 60_000;
    let by = match minutes {
        0 => return None,
        1 => "a minute".to_owned(),
        minutes => format!("{minutes} minutes"),
    };
    let side = if ahead > 0 { "ahead of" } else { "behind" };
    Some(format!("{clock} is {by} {side} {other}: set it."))
}

fn work(report: &mut Report, work: &doctor::Work) {
    let doctor::Work { dead, waiting, stuck } = *work;
    if stuck > 0 {
        report.say(Mark::Wrong, &format!("Jobs that nobody does although they are due: {stuck}. Is a server running?"));
    }
    if waiting > 0 {
        report.say(Mark::Look, &format!("Jobs that wait for Lever or the provider to be connected again: {waiting}."));
    }
    if dead > 0 {
        report.say(Mark::Look, &format!("Jobs that were given up: {dead}. Activity says why, a person decides."));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_is_told_of_when_it_is_off_by_a_minute() {
        let told = |ahead| clock_off(THIS_MACHINES, ahead, "Lever's");
        assert_eq!((told(0), told(59_999), told(-59_999)), (None, None, None));
        assert_eq!(told(60_000).as_deref(), Some("This machine's clock is a minute ahead of Lever's: set it."));
        assert_eq!(told(-900_000).as_deref(), Some("This machine's clock is 15 minutes behind Lever's: set it."));
    }
}
