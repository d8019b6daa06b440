//! What mails say. No candidate is named, in any of them: whoever is erased here could not be erased there.

use super::{Choices, Kind, digest::Digest, mail::Mail, outage::Known};
use crate::{
    Engine,
    access::{Invitation, Member},
    checklist,
    clock::Moment,
    fault::FlowError,
    invite::Row,
};

const CHOOSE: &str = "/settings/notifications";

/// "29 Nov 2026, 21:40 UTC".
fn when(moment: Moment) -> String {
    let read = jiff::Timestamp::from_millisecond(moment.0);
    read.map(|at| at.strftime("%-d %b %Y, %H:%M UTC").to_string()).unwrap_or_default()
}

/// Paragraphs, and who it is from.
fn mail(subject: String, paragraphs: &[String], because: &str) -> Mail {
    Mail { subject, body: format!("{}\n\n-- \nCandilever\n{because}\n", paragraphs.join("\n\n")) }
}

fn to_choose(engine: &Engine, because: &str) -> String {
    format!("{because} Choose what you are mailed: {}", engine.settings.address(CHOOSE))
}

pub(super) fn invitation(invitation: &Invitation, by: &str) -> Mail {
    let text = [
        format!("{by} invites you to Candilever, which sends Canditech's assessments to candidates in Lever."),
        format!("Your role will be {}. Open this link to join:", invitation.role.words()),
        invitation.link.clone(),
        format!(
            "It works once, until {}. Whoever has it can join in your place: do not pass it on.",
            when(invitation.expires_at)
        ),
    ];
    mail("You are invited to Candilever".into(), &text, "If you do not know who invites you, do nothing.")
}

pub(super) fn password_reset(email: &str, link: &str) -> Mail {
    let text = [
        format!("Somebody, most likely you, asked for another password for {email}. Open this link to choose one:"),
        link.to_owned(),
        "It works once, for an hour. Wherever you are signed in you will have to sign in again.".into(),
    ];
    mail("Choose another password".into(), &text, "If it was not you, do nothing: your password stays as it is.")
}

pub(super) fn trial(engine: &Engine, member: &Member) -> Mail {
    let text = [
        format!("This is the test mail that you asked for, for {}.", member.organization_name),
        "Mail arrives: whoever chose so is told when the connection breaks, and what needs attention.".into(),
    ];
    mail("Mail from Candilever arrives".into(), &text, &engine.settings.address(CHOOSE))
}

pub(super) async fn outage(engine: &Engine, member: &Member, kind: Kind, outage: &Known) -> Result<Mail, FlowError> {
    let because = format!("You are told as a Super Admin of {}.", member.organization_name);
    let what = link(&outage.link);
    if kind == Kind::Restored {
        let ended = outage.ended_at.map(when).unwrap_or_default();
        let text = [
            format!("{what} works again since {ended}. It was broken since {}.", when(outage.began_at)),
            "What waited for it goes on by itself.".into(),
            engine.settings.address("/"),
        ];
        return Ok(mail(format!("{what} works again"), &text, &because));
    }
    let chain = checklist::chain(engine, member).await?;
    let next = chain.stopped.unwrap_or_else(|| format!("{}.", chain.sentence));
    let text = [
        format!("{what} is broken since {}.", when(outage.began_at)),
        next,
        "No candidate is lost: what waits goes on once it works again.".into(),
        engine.settings.address("/settings/integrations/lever"),
        "If you cannot mend it: support@canditech.io".into(),
    ];
    Ok(mail(format!("{what} is broken"), &text, &because))
}

fn link(slug: &str) -> &'static str {
    match slug {
        "lever" => "The connection to Lever",
        "provider" => "The connection to Canditech",
        _ => "Lever's webhook",
    }
}

pub(super) fn digest(engine: &Engine, member: &Member, digest: &Digest) -> Mail {
    let candidates = |count: &str, what: &str| (!count.is_empty()).then(|| format!("- {what}: {count}"));
    let counted = |count: usize, what: &str| (count > 0).then(|| format!("- {what}: {count}"));
    let lines: Vec<String> = [
        digest.chain.as_ref().map(|chain| format!("- {chain}")),
        candidates(&digest.waiting, "candidates whose assessment waits"),
        candidates(&digest.failed, "candidates whose assessment failed"),
        candidates(&digest.unclear, "candidates of whom it is unclear whether they were invited"),
        candidates(&digest.awaiting_verdict, "completed, awaiting a verdict"),
        counted(digest.attachments, "attachments that can send nothing"),
        counted(digest.work, "pieces of work that were given up"),
    ]
    .into_iter()
    .flatten()
    .collect();
    let text = [
        format!("This needs attention at {}:", member.organization_name),
        lines.join("\n"),
        format!("What mends each of them: {}", engine.settings.address("/")),
    ];
    let because = if Choices::usual(member.role).digest { "Admins are told once a day." } else { "You asked for it." };
    mail("What needs attention".into(), &text, &to_choose(engine, because))
}

pub(super) fn completed(engine: &Engine, member: &Member, row: &Row) -> Mail {
    let text = [
        format!("A candidate whose opportunity you own in Lever has completed \"{}\".", row.assessment_name),
        "See the result and give your verdict:".into(),
        engine.settings.address(&format!("/candidates/{}", row.id)),
    ];
    let because = format!("You asked for it at {}.", member.organization_name);
    mail("Completed, awaiting your verdict".into(), &text, &to_choose(engine, &because))
}
