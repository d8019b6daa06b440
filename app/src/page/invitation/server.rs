//! An invitation: what it says, and accepting it.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::problem::Problem;
#[cfg(feature = "ssr")]
use crate::{problem::Refused, route, server};

/// What the link opens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum InvitationView {
    Open {
        organization: String,
        email: String,
        role: String,
        /// The name that was typed before a refusal.
        name: String,
    },
    Closed,
}

/// What the link opens. Nobody is signed in yet: the token is the guard.
#[server(prefix = "/api", endpoint = "read_invitation")]
pub async fn read_invitation(token: String) -> Result<InvitationView, Problem> {
    let Some(invited) = engine::access::invited(&server::engine(), &token).await? else {
        return Ok(InvitationView::Closed);
    };
    Ok(InvitationView::Open {
        organization: invited.organization_name,
        email: invited.email,
        role: invited.role.words().to_owned(),
        name: server::take_input("invitation").await?.unwrap_or_default(),
    })
}

/// Makes whoever holds the link a member, and signs them in. The token is the guard.
#[server(prefix = "/api", endpoint = "accept_invitation")]
pub async fn accept_invitation(token: String, name: String, password: String) -> Result<(), Problem> {
    let engine = server::engine();
    // The page says of a link that works no more what it means.
    let Some(invited) = engine::access::invited(&engine, &token).await? else {
        server::go_to(&route::invitation(&token));
        return Ok(());
    };
    if !server::may_try_to_sign_in(&invited.email).await? {
        return go_back(&token, &name, "often").await;
    }
    let from = server::client_address();
    match engine::access::accept(&engine, &token, &name, password.into(), from).await.map_err(Problem::from) {
        Ok((admitted, organization)) => {
            server::password_was_right(&invited.email).await?;
            let to = server::begin_session_or_half(&admitted, route::DASHBOARD).await?;
            // Whoever is asked for a code begins where they usually do.
            if to == route::DASHBOARD {
                server::go_on_in(&organization).await?;
            }
            server::go_to(&to);
            Ok(())
        }
        Err(Problem::Refused(Refused::Password)) => {
            tracing::info!(?from, "a password at an invitation was wrong, or too short");
            go_back(&token, &name, "password").await
        }
        Err(Problem::Refused(_)) => go_back(&token, &name, "name").await,
        Err(Problem::NotFound) => {
            server::go_to(&route::invitation(&token));
            Ok(())
        }
        Err(problem) => Err(problem),
    }
}

#[cfg(feature = "ssr")]
async fn go_back(token: &str, name: &str, code: &str) -> Result<(), Problem> {
    server::keep_input("invitation", &name).await?;
    server::go_to(&format!("{}?refused={code}", route::invitation(token)));
    Ok(())
}
