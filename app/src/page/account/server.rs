//! A person's own account: sessions, password, organizations.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::problem::Problem;
#[cfg(feature = "ssr")]
use crate::{page::integrations::go_on_from_plain_form, route, server};
#[cfg(feature = "ssr")]
use engine::fault::{FlowError, Refusal};

/// The page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountView {
    pub name: String,
    pub email: String,
    pub sessions: Vec<SessionView>,
    pub organizations: Vec<OrganizationView>,
    pub second_factor: SecondFactorView,
}

/// Where the person's second factor stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum SecondFactorView {
    Off,
    /// A key that an app is to take over.
    Offered(OfferView),
    On {
        since: i64,
        /// Recovery codes that were not used.
        codes: i64,
    },
}

/// A key for an app, as text and as a picture, and the recovery codes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfferView {
    pub key: String,
    pub path: String,
    pub size: i32,
    pub codes: Vec<String>,
    /// Whether the password is to be given with the code.
    pub asks_password: bool,
}

/// One session of the person's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionView {
    pub id: String,
    pub since: Option<i64>,
    pub used_at: i64,
    pub from: String,
    /// The browser and the system, in words.
    pub with: String,
    pub is_this: bool,
}

/// An organization that the person has access to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrganizationView {
    pub id: String,
    pub name: String,
    pub is_here: bool,
}

/// The page.
#[server(endpoint = "account_page")]
pub async fn account_page() -> Result<AccountView, Problem> {
    let (member, engine) = (server::member().await?, server::engine());
    let sessions = engine::access::session::of_person(&engine, &member, &server::session_id()?).await?;
    let organizations = engine::access::organizations(&engine, &member.user, server::way().await?).await?;
    let organization = |(id, name): (engine::id::OrganizationId, String)| OrganizationView {
        is_here: id == member.organization,
        id: id.to_string(),
        name,
    };
    Ok(AccountView {
        second_factor: second_factor(&engine, &member).await?,
        sessions: sessions.into_iter().map(agent::session).collect(),
        organizations: organizations.into_iter().map(organization).collect(),
        name: member.name,
        email: member.email,
    })
}

/// Ends one of the person's other sessions.
#[server(endpoint = "end_session")]
pub async fn end_session(id: String) -> Result<(), Problem> {
    let member = server::member().await?;
    engine::access::session::end(&server::engine(), &member, &id).await?;
    go_on_from_plain_form(route::ACCOUNT);
    Ok(())
}

/// Ends all of them but this one.
#[server(endpoint = "end_other_sessions")]
pub async fn end_other_sessions() -> Result<(), Problem> {
    let member = server::member().await?;
    engine::access::session::end_others(&server::engine(), &member, &server::session_id()?).await?;
    go_on_from_plain_form(route::ACCOUNT);
    Ok(())
}

/// Gives the person another password; their other sessions end. A plain form: what was typed is
/// in no page afterwards.
#[server(prefix = "/api", endpoint = "change_password")]
pub async fn change_password(present: String, new: String) -> Result<(), Problem> {
    let (member, engine) = (server::member().await?, server::engine());
    let back = |code: &str| server::go_to(&format!("{}?refused={code}#password", route::ACCOUNT));
    if !server::may_try_to_sign_in(&member.email).await? {
        back("often");
        return Ok(());
    }
    let session = server::session_id()?;
    match engine::access::change_password(&engine, &member, &session, present.into(), new.into()).await {
        Ok(()) => {}
        Err(FlowError::Refused(Refusal::Password)) => {
            back("new");
            return Ok(());
        }
        Err(FlowError::Refused(_)) => {
            tracing::info!(user = %member.user, from = ?member.from, "the present password was wrong");
            back("present");
            return Ok(());
        }
        Err(error) => return Err(error.into()),
    }
    server::password_was_right(&member.email).await?;
    server::go_to(&format!("{}?done=password", route::ACCOUNT));
    Ok(())
}

/// Makes a key for an app; it is on the page then.
#[server(prefix = "/api", endpoint = "offer_second_factor")]
pub async fn offer_second_factor() -> Result<(), Problem> {
    let member = server::member().await?;
    // The key is on the page, and never in an answer by itself.
    let _shown = engine::access::second_factor::offer(&server::engine(), &member).await?;
    server::go_to(&format!("{}#second-factor", route::ACCOUNT));
    Ok(())
}

/// Turns it on, with a code of the app, and for who signed in with a password with that.
#[server(prefix = "/api", endpoint = "confirm_second_factor")]
pub async fn confirm_second_factor(code: String, #[server(default)] password: String) -> Result<(), Problem> {
    use engine::access::second_factor::{confirm, try_out};

    let (member, engine) = (server::member().await?, server::engine());
    let back = |code: &str| server::go_to(&format!("{}?refused={code}#second-factor", route::ACCOUNT));
    let present = asks_password().await?.then(|| password.into());
    let is_asked = present.is_some();
    let confirmed = match try_out(&engine, &member, &code).await {
        // A wrong code is no try at the password.
        Ok(()) if is_asked && !server::may_try_to_sign_in(&member.email).await? => {
            back("on-often");
            return Ok(());
        }
        Ok(()) => confirm(&engine, &member, &code, present).await,
        Err(error) => Err(error),
    };
    match confirmed {
        Ok(()) if is_asked => server::password_was_right(&member.email).await?,
        Ok(()) => {}
        Err(FlowError::Refused(Refusal::Code)) => {
            back("code");
            return Ok(());
        }
        Err(FlowError::Refused(_)) => {
            tracing::info!(user = %member.user, from = ?member.from, "the present password was wrong");
            back("on");
            return Ok(());
        }
        Err(error) => return Err(error.into()),
    }
    server::go_to(&format!("{}#second-factor", route::ACCOUNT));
    Ok(())
}

/// Not of who was vouched for: they may have no password.
#[cfg(feature = "ssr")]
async fn asks_password() -> Result<bool, Problem> {
    Ok(server::way().await? == engine::access::Way::Password)
}

/// Turns it off, for who knows the password.
#[server(prefix = "/api", endpoint = "turn_second_factor_off")]
pub async fn turn_second_factor_off(password: String) -> Result<(), Problem> {
    let member = server::member().await?;
    let back = |code: &str| server::go_to(&format!("{}?refused={code}#second-factor", route::ACCOUNT));
    if !server::may_try_to_sign_in(&member.email).await? {
        back("off-often");
        return Ok(());
    }
    match engine::access::second_factor::turn_off(&server::engine(), &member, password.into()).await {
        Ok(()) => {
            server::password_was_right(&member.email).await?;
            server::go_to(&format!("{}#second-factor", route::ACCOUNT));
        }
        Err(FlowError::Refused(_)) => back("off"),
        Err(error) => return Err(error.into()),
    }
    Ok(())
}

#[cfg(feature = "ssr")]
async fn second_factor(engine: &engine::Engine, member: &engine::access::Member) -> Result<SecondFactorView, Problem> {
    use engine::access::second_factor::{Standing, offered, standing};
    use secrecy::ExposeSecret as _;

    if let Standing::On { since, codes } = standing(engine, member).await? {
        return Ok(SecondFactorView::On { since: since.0, codes });
    }
    let asks_password = asks_password().await?;
    Ok(offered(engine, member).await?.map_or(SecondFactorView::Off, |offer| {
        SecondFactorView::Offered(OfferView {
            asks_password,
            key: offer.key.expose_secret().to_owned(),
            path: offer.path,
            size: offer.size,
            codes: offer.codes,
        })
    }))
}

/// Goes on in another organization of the person's.
#[server(endpoint = "switch_organization")]
pub async fn switch_organization(id: String) -> Result<(), Problem> {
    let (member, engine) = (server::member().await?, server::engine());
    let theirs = engine::access::organizations(&engine, &member.user, server::way().await?).await?;
    let chosen = theirs.into_iter().find(|(one, _)| one.as_str() == id);
    let (organization, _) = chosen.ok_or_else(|| server::told(Problem::NotFound))?;
    if organization != member.organization {
        server::go_on_in(&organization).await?;
    }
    server::go_to(route::DASHBOARD);
    Ok(())
}

#[cfg(feature = "ssr")]
mod agent {
    use engine::access::session::Session;

    use super::SessionView;

    pub fn session((session, is_this): (Session, bool)) -> SessionView {
        SessionView {
            is_this,
            id: session.id_hash,
            since: session.since.map(|at| at.0),
            used_at: session.used_at.0,
            from: session.from.unwrap_or_else(|| "an unknown address".to_owned()),
            with: words(&session.agent.unwrap_or_default()),
        }
    }

    /// Browsers that say they are others too come before those others.
    const BROWSERS: [(&str, &str); 6] = [
        ("Edg", "Edge"),
        ("OPR/", "Opera"),
        ("SamsungBrowser", "Samsung Internet"),
        ("Firefox", "Firefox"),
        ("Chrome", "Chrome"),
        ("Safari", "Safari"),
    ];
    const SYSTEMS: [(&str, &str); 7] = [
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("CrOS", "ChromeOS"),
        ("Windows", "Windows"),
        ("Mac OS X", "macOS"),
        ("Linux", "Linux"),
    ];

    fn words(agent: &str) -> String {
        let known =
            |list: &[(&str, &'static str)]| list.iter().find(|(mark, _)| agent.contains(mark)).map(|(_, word)| *word);
        match (known(&BROWSERS), known(&SYSTEMS)) {
            (Some(browser), Some(system)) => format!("{browser} on {system}"),
            (Some(word), None) | (None, Some(word)) => word.to_owned(),
            (None, None) => "An unknown browser".to_owned(),
        }
    }

    #[cfg(test)]
    mod tests {
        use super::words;

        #[test]
        fn a_browser_is_called_by_its_name() {
            let chrome =
                "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36";
            for (agent, expected) in [
                (chrome.to_owned(), "Chrome on Linux"),
                (format!("{chrome} Edg/131.0"), "Edge on Linux"),
                (
                    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:132.0) Gecko/20100101 Firefox/132.0".into(),
                    "Firefox on macOS",
                ),
                (
                    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) Version/18.1 Mobile/15E148 Safari/604.1"
                        .into(),
                    "Safari on iPhone",
                ),
                ("curl/8.5.0".into(), "An unknown browser"),
                (String::new(), "An unknown browser"),
            ] {
                assert_eq!(words(&agent), expected, "{agent}");
            }
        }
    }
}
