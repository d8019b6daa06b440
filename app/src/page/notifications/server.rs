//! What is told beyond the pages: a person's own choice, the way out for mail, and the organization's webhook.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::problem::Problem;
#[cfg(feature = "ssr")]
use crate::{page::integrations::go_on_from_plain_form, route, server};
#[cfg(feature = "ssr")]
use engine::{access::Permission, notice};

/// The page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotificationsView {
    /// Whom mail is from; `None` where nobody can be mailed.
    pub sender: Option<String>,
    /// The address of the person who looks.
    pub email: String,
    pub digest: bool,
    pub verdicts: bool,
    /// From when on, in UTC, the digest goes out: "06:00".
    pub digest_at: String,
    /// What only Super Admins see.
    pub managed: Option<ManagedView>,
}

/// What Super Admins see.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManagedView {
    /// How the test mail went that was just asked for: nothing, or what went wrong.
    pub tried: Option<String>,
    /// Hosts that the webhook may name, as the installation lists them.
    pub hosts: Vec<String>,
    pub outgoing: Option<OutgoingView>,
}

/// The organization's webhook.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutgoingView {
    pub url: String,
    pub secret: String,
    pub told_at: Option<i64>,
    /// Since when and why nothing is taken.
    pub failing: Option<(i64, String)>,
}

/// The page.
#[server(endpoint = "notifications_page")]
pub async fn notifications_page() -> Result<NotificationsView, Problem> {
    let (member, engine) = (server::member().await?, server::engine());
    let choices = notice::choices(&engine, &member).await?;
    let managed = match member.may(Permission::ManageConnection) {
        true => Some(ManagedView {
            tried: server::take_input(TRIED).await?,
            hosts: engine.settings.webhook_hosts.clone(),
            outgoing: notice::outgoing(&engine, &member).await?.map(outgoing),
        }),
        false => None,
    };
    Ok(NotificationsView {
        sender: notice::sender(&engine),
        digest_at: format!("{:02}:00", engine.settings.digest_hour),
        email: member.email,
        digest: choices.digest,
        verdicts: choices.verdicts,
        managed,
    })
}

/// Chooses what the person is mailed: a ticked box is sent, an empty one is not.
#[server(endpoint = "choose_mail")]
pub async fn choose_mail(#[server(default)] digest: bool, #[server(default)] verdicts: bool) -> Result<(), Problem> {
    let member = server::member().await?;
    notice::choose(&server::engine(), &member, notice::Choices { digest, verdicts }).await?;
    go_on_from_plain_form(route::NOTIFICATIONS);
    Ok(())
}

/// Mails the person who asks; how that went is on the page then.
#[server(endpoint = "send_test_mail")]
pub async fn send_test_mail() -> Result<(), Problem> {
    let member = server::member().await?;
    let tried = notice::try_mail(&server::engine(), &member).await?;
    server::keep_input(TRIED, &tried.err().unwrap_or_default()).await?;
    go_on_from_plain_form(&format!("{}#mail", route::NOTIFICATIONS));
    Ok(())
}

/// Names the address that the organization's systems are told at.
#[server(endpoint = "save_outgoing_webhook")]
pub async fn save_outgoing_webhook(url: String) -> Result<(), Problem> {
    let member = server::member().await?;
    notice::save_outgoing(&server::engine(), &member, &url).await?;
    go_on_from_plain_form(&format!("{}#webhook", route::NOTIFICATIONS));
    Ok(())
}

/// Tells it that this is a test; how that went is on the page then.
#[server(endpoint = "test_outgoing_webhook")]
pub async fn test_outgoing_webhook() -> Result<(), Problem> {
    let member = server::member().await?;
    let _what_the_page_says = notice::test_outgoing(&server::engine(), &member).await?;
    go_on_from_plain_form(&format!("{}#webhook", route::NOTIFICATIONS));
    Ok(())
}

/// Tells it nothing more.
#[server(endpoint = "remove_outgoing_webhook")]
pub async fn remove_outgoing_webhook() -> Result<(), Problem> {
    let member = server::member().await?;
    notice::remove_outgoing(&server::engine(), &member).await?;
    go_on_from_plain_form(&format!("{}#webhook", route::NOTIFICATIONS));
    Ok(())
}

#[cfg(feature = "ssr")]
const TRIED: &str = "test-mail";

#[cfg(feature = "ssr")]
fn outgoing(outgoing: notice::Outgoing) -> OutgoingView {
    use secrecy::ExposeSecret as _;

    OutgoingView {
        url: outgoing.url,
        secret: outgoing.secret.expose_secret().to_owned(),
        told_at: outgoing.told_at.map(|at| at.0),
        failing: outgoing.failing.map(|(since, why)| (since.0, why)),
    }
}
