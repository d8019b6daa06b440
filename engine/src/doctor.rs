//! What whoever runs an installation asks of every organization: the set-up as it stands, whether Lever
//! and the provider answer now, and whether work gets done.

use std::time::Duration;

use crate::{
    Engine,
    checklist::{self, Step},
    fault::StoreError,
    id::OrganizationId,
    job, lever, organization, pause, provider,
};

/// Work that is due for so long is done by nobody.
const STUCK: Duration = Duration::from_secs(15 * 60);

/// What was found out about one organization.
#[derive(Debug, Clone)]
pub struct Finding {
    pub organization: String,
    pub steps: Vec<Step>,
    /// Why Lever did not answer just now; `None` before there is a connection.
    pub lever: Option<Result<(), String>>,
    /// By how many milliseconds our clock is ahead of Lever's, where that is known; below zero it is behind.
    pub ahead_of_lever: Option<i64>,
    /// Why the provider did not answer just now; `None` before there is an account.
    pub provider: Option<Result<(), String>>,
    pub work: Work,
}

/// Work that does not come along.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Work {
    /// Given up; Activity says why.
    pub dead: i64,
    /// Waits for Lever or the provider to be connected again.
    pub waiting: i64,
    /// Due for a quarter of an hour, and nobody does it.
    pub stuck: i64,
}

/// Looks at every organization; calls Lever and the provider once each.
///
/// # Errors
/// When the database fails.
pub async fn examine(engine: &Engine) -> Result<Vec<Finding>, StoreError> {
    // What is due in a pause is nobody's fault.
    let looks_at = pause::standing(&engine.db).await?.map_or_else(|| engine.clock.now(), |pause| pause.since);
    let mut findings = Vec::new();
    for (id, name) in organization::all(&engine.db).await? {
        // Asked first: an answer may change where the steps stand.
        let (lever, ahead_of_lever) = lever_answers(engine, &id).await;
        let provider = provider_answers(engine, &id).await?;
        findings.push(Finding {
            organization: name,
            steps: checklist::of(engine, &id).await?,
            lever,
            ahead_of_lever,
            provider,
            work: job::standstill(engine, &id, looks_at.before(STUCK)).await?,
        });
    }
    Ok(findings)
}

/// Why the mail server did not answer just now, or did not take our credentials; `None` where there is none.
pub async fn mail_answers(engine: &Engine) -> Option<Result<(), String>> {
    Some(engine.mailer.as_ref()?.answers().await.map_err(|error| error.to_string()))
}

async fn lever_answers(engine: &Engine, organization: &OrganizationId) -> (Option<Result<(), String>>, Option<i64>) {
    match lever::Api::new(engine, organization).answers().await {
        Err(lever::LeverError::NotConnected | lever::LeverError::Paused) => (None, None),
        Ok(ahead) => (Some(Ok(())), ahead),
        // Refused for a scope that was not granted: it did answer.
        Err(lever::LeverError::Forbidden) => (Some(Ok(())), None),
        Err(error) => (Some(Err(error.to_string())), None),
    }
}

async fn provider_answers(
    engine: &Engine,
    organization: &OrganizationId,
) -> Result<Option<Result<(), String>>, StoreError> {
    let Some(account) = provider::of_organization(engine, organization).await? else { return Ok(None) };
    Ok(Some(provider::sync(engine, &account).await.map_err(|error| error.to_string())))
}
