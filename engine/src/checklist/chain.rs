//! The whole chain in one line, and the banner for what stops the product.

use super::{
    Broken, Chain, Link,
    step::{CONSENT_LASTS, OLD, WARN_BEFORE_END, day, minute},
    store::Links,
};
use crate::{
    access::{Member, Permission},
    clock::Moment,
    connection::HookFound,
    pause::Cause,
};

/// The first thing in the chain that is not as it should be.
struct Fault {
    sentence: String,
    /// The banner's text, when nothing goes out until somebody acts.
    banner: Option<String>,
    cut: Option<Break>,
}

/// It worked, and does not any more; what is not set up yet, or ends only in a while, is not broken.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Break {
    /// Lever or the provider said so.
    Said,
    /// No answer comes.
    Silence,
}

impl Fault {
    fn quiet(sentence: impl Into<String>) -> Self {
        Self { sentence: sentence.into(), banner: None, cut: None }
    }

    fn broken(cut: Break, sentence: impl Into<String>) -> Self {
        Self { cut: Some(cut), ..Self::quiet(sentence) }
    }
}

/// The links that are broken.
pub(super) fn broken(links: &Links, now: Moment) -> Vec<Broken> {
    let of = |link| match link {
        Link::Lever => lever(links, Eyes::ALL, now),
        Link::Provider => provider(links, Eyes::ALL),
        Link::Webhook => webhook(links, now),
    };
    let broken = |link| of(link)?.cut.map(|cut| Broken { link, is_sure: cut == Break::Said });
    Link::ALL.into_iter().filter_map(broken).collect()
}

/// What whoever looks may see and mend.
#[derive(Clone, Copy)]
struct Eyes {
    counts: bool,
    may_connect: bool,
}

impl Eyes {
    const ALL: Self = Self { counts: true, may_connect: true };

    fn of(member: &Member) -> Self {
        Self {
            counts: member.may(Permission::ManageAttachments),
            may_connect: member.may(Permission::ManageConnection),
        }
    }
}

pub(super) fn judge(links: &Links, member: &Member, now: Moment) -> Chain {
    let eyes = Eyes::of(member);
    let fault = paused(links, eyes)
        .or_else(|| lever(links, eyes, now))
        .or_else(|| provider(links, eyes))
        .or_else(|| webhook(links, now));
    let last_event_at = links.last_event_at.map(Moment);
    let paused = links.paused_at.is_some();
    match fault {
        None => Chain { well: true, sentence: "All connected".into(), last_event_at, stopped: None, paused },
        Some(fault) => Chain { well: false, sentence: fault.sentence, last_event_at, stopped: fault.banner, paused },
    }
}

/// How many wait, for those who see them all; others are not told of what they cannot see.
fn waiting(count: i64, eyes: Eyes) -> String {
    match count {
        0 => String::new(),
        _ if !eyes.counts => ": candidates wait".into(),
        1 => ": 1 candidate waits".into(),
        count => format!(": {count} candidates wait"),
    }
}

/// Nothing is broken by a pause: who paused knows of it, and nobody is mailed.
fn paused(links: &Links, eyes: Eyes) -> Option<Fault> {
    let since = Moment(links.paused_at?);
    let why = match Cause::parse(links.paused_by.as_deref()?) {
        Cause::Restore => "A backup was put back, and the installation is paused",
        Cause::Operator => "The installation is paused",
    };
    let how = if eyes.may_connect { ", with the command “candilever resume”" } else { "" };
    let banner = format!(
        "{why} since {}: nothing is sent or noted. What comes in is kept, and done when whoever runs it lets it go \
         on{how}.",
        minute(since)
    );
    Some(Fault { banner: Some(banner), ..Fault::quiet("Paused: nothing goes out") })
}

fn lever(links: &Links, eyes: Eyes, now: Moment) -> Option<Fault> {
    let wait = waiting(links.waiting_for_lever, eyes);
    let what = match links.connection.as_deref() {
        None => return Some(Fault::quiet("Lever is not connected yet")),
        Some("connected") if links.down_since.is_some() => {
            return Some(Fault::broken(Break::Silence, "Lever does not answer; work goes on by itself when it does"));
        }
        Some("connected") => return consent(links, now),
        Some("revoked") => "Lever ended the connection",
        Some(_) => "Lever was disconnected",
    };
    let who = if eyes.may_connect {
        "Connect again under Settings, Integrations, Lever"
    } else {
        "A Super Admin can connect again under Settings, Integrations, Lever"
    };
    let banner = format!("{what}{wait}. Nothing is sent and no result is noted until then. {who}; nothing is lost.");
    Some(Fault { banner: Some(banner), ..Fault::broken(Break::Said, format!("{what}{wait}")) })
}

fn consent(links: &Links, now: Moment) -> Option<Fault> {
    let ends = Moment(links.connected_at?).after(CONSENT_LASTS);
    let near = ends.before(WARN_BEFORE_END) <= now;
    near.then(|| Fault::quiet(format!("The consent at Lever ends on {}", day(ends))))
}

fn provider(links: &Links, eyes: Eyes) -> Option<Fault> {
    let wait = waiting(links.waiting_for_provider, eyes);
    let stopped = |what: &str| {
        let banner =
            format!("{what}{wait}. A Super Admin can enter another key under Settings, Integrations, Canditech.");
        Some(Fault { banner: Some(banner), ..Fault::broken(Break::Said, format!("{what}{wait}")) })
    };
    match links.provider.as_deref() {
        Some("ok") => None,
        Some("refused") => stopped("Canditech does not accept the key"),
        Some("cannot_send") => stopped("The key for Canditech may not send"),
        Some("unreachable") => Some(Fault::broken(Break::Silence, "Canditech does not answer")),
        Some(_) => Some(Fault::quiet("The key for Canditech is not tested yet")),
        None => Some(Fault::quiet("Canditech is not set up yet")),
    }
}

fn webhook(links: &Links, now: Moment) -> Option<Fault> {
    let found = links.hooks_found.as_deref().and_then(HookFound::parse);
    if found.is_some_and(HookFound::is_out_of_order) {
        return Some(Fault::broken(Break::Said, "Lever's webhook must be created again"));
    }
    if links.gap_at.is_some_and(|gap| links.last_event_at.is_none_or(|event| event <= gap)) {
        return Some(Fault::broken(Break::Said, "Lever's webhook does not tell of moves: they are found by asking"));
    }
    match links.verified_at.map(Moment) {
        None => Some(Fault::quiet("Lever's webhook is not verified yet")),
        Some(at) if now.since(at) > OLD => Some(Fault::quiet("Nothing has come from Lever for more than 30 days")),
        Some(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::access::Role;

    const NOW: Moment = Moment(1_790_000_000_000);

    fn member(role: Role) -> Member {
        Member {
            organization: "org_1".into(),
            organization_name: "Halden".into(),
            user: "usr_1".into(),
            name: "Nora".into(),
            email: "nora@halden.example".into(),
            role,
            lever_user: None,
            from: None,
        }
    }

    fn links() -> Links {
        let recent = NOW.before(Duration::from_hours(1)).0;
        Links {
            connection: Some("connected".into()),
            down_since: None,
            connected_at: Some(recent),
            last_event_at: Some(recent),
            gap_at: None,
            hooks_found: None,
            verified_at: Some(recent),
            provider: Some("ok".into()),
            waiting_for_lever: 0,
            waiting_for_provider: 0,
            paused_at: None,
            paused_by: None,
        }
    }

    fn chain(links: &Links, role: Role) -> Chain {
        judge(links, &member(role), NOW)
    }

    #[test]
    fn a_whole_chain_says_so() {
        let chain = chain(&links(), Role::LimitedTeamMember);
        assert!(chain.well);
        assert_eq!((chain.sentence.as_str(), chain.stopped), ("All connected", None));
    }

    #[test]
    fn a_lost_connection_stops_the_product_and_counts_only_for_those_who_see_all() {
        let lost = Links { connection: Some("revoked".into()), waiting_for_lever: 4, ..links() };
        let told = chain(&lost, Role::Admin);
        assert_eq!(told.sentence, "Lever ended the connection: 4 candidates wait");
        assert!(told.stopped.is_some_and(|banner| banner.contains("A Super Admin can connect again")));
        assert_eq!(chain(&lost, Role::TeamMember).sentence, "Lever ended the connection: candidates wait");
        let one = Links { connection: Some("disconnected".into()), waiting_for_lever: 1, ..links() };
        assert_eq!(chain(&one, Role::SuperAdmin).sentence, "Lever was disconnected: 1 candidate waits");
    }

    #[test]
    fn a_pause_stops_everything_and_breaks_nothing() {
        let lost = Links { connection: Some("revoked".into()), ..links() };
        for (cause, why) in [("operator", "The installation is paused"), ("restore", "A backup was put back")] {
            let paused = Links { paused_at: Some(NOW.0), paused_by: Some(cause.into()), ..lost.clone() };
            let told = chain(&paused, Role::LimitedTeamMember);
            assert!(!told.well && told.paused && told.stopped.is_some_and(|banner| banner.starts_with(why)));
            let (nora, tim) = (chain(&paused, Role::SuperAdmin), chain(&paused, Role::TeamMember));
            let says_how = |told: Chain| told.stopped.is_some_and(|banner| banner.contains("candilever resume"));
            assert!(says_how(nora) && !says_how(tim));
            assert_eq!(broken(&paused, NOW), broken(&lost, NOW));
        }
    }

    #[test]
    fn what_is_not_set_up_yet_is_no_banner() {
        for links in [
            Links::default(),
            Links { provider: None, ..links() },
            Links { verified_at: None, ..links() },
            Links { provider: Some("unreachable".into()), ..links() },
            Links { down_since: Some(NOW.0), ..links() },
            Links { connected_at: Some(NOW.before(Duration::from_hours(340 * 24)).0), ..links() },
        ] {
            let chain = chain(&links, Role::SuperAdmin);
            assert!(!chain.well && chain.stopped.is_none(), "{chain:?}");
        }
    }

    #[test]
    fn a_webhook_that_is_gone_or_silent_is_told() {
        let gone = Links { hooks_found: Some("missing".into()), ..links() };
        assert_eq!(chain(&gone, Role::Admin).sentence, "Lever's webhook must be created again");
        let silent = Links { gap_at: Some(NOW.0), ..links() };
        let told = chain(&silent, Role::Admin);
        assert!(!told.well && told.stopped.is_none(), "{told:?}");
        assert!(chain(&Links { gap_at: Some(0), ..links() }, Role::Admin).well, "an event came since");
    }

    #[test]
    fn broken_is_what_worked_and_not_what_is_yet_to_be_set_up() {
        let gone = Links { connection: Some("revoked".into()), provider: Some("refused".into()), ..links() };
        let sure = |link| Broken { link, is_sure: true };
        assert_eq!(broken(&gone, NOW), [Link::Lever, Link::Provider].map(sure));
        let silent = Links { down_since: Some(NOW.0), hooks_found: Some("missing".into()), ..links() };
        assert_eq!(broken(&silent, NOW), [Broken { link: Link::Lever, is_sure: false }, sure(Link::Webhook)]);
        for links in [
            links(),
            Links::default(),
            Links { provider: Some("untested".into()), verified_at: None, ..links() },
            Links { connected_at: Some(NOW.before(Duration::from_hours(340 * 24)).0), ..links() },
            Links { verified_at: Some(NOW.before(Duration::from_hours(40 * 24)).0), ..links() },
        ] {
            assert_eq!(broken(&links, NOW), []);
        }
    }

    #[test]
    fn a_refused_key_stops_the_product() {
        let refused = Links { provider: Some("refused".into()), waiting_for_provider: 2, ..links() };
        let chain = chain(&refused, Role::SuperAdmin);
        assert_eq!(chain.sentence, "Canditech does not accept the key: 2 candidates wait");
        assert!(chain.stopped.is_some());
    }
}
