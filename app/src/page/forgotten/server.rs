//! Another password by a link in a mail.

use leptos::prelude::*;

use crate::problem::Problem;
#[cfg(feature = "ssr")]
use crate::{problem::Refused, route, server};

/// Whether links can be mailed. For people who are not signed in.
#[server(prefix = "/api", endpoint = "can_mail_links")]
pub async fn can_mail_links() -> Result<bool, Problem> {
    Ok(engine::notice::has_mail(&server::engine()))
}

/// Has a link mailed, if the address is somebody's who may use one. For people who are not signed in: the answer is
/// the same in any case, and comes before anything is looked up.
#[server(prefix = "/api", endpoint = "ask_for_password_link")]
pub async fn ask_for_password_link(email: String) -> Result<(), Problem> {
    // Not the account of signing in: whoever asks for links for others keeps them from nothing.
    if !server::may_try_to_sign_in(&format!("link:{email}")).await? {
        server::go_to(&format!("{}?refused=often", route::FORGOTTEN));
        return Ok(());
    }
    let engine = server::engine();
    tokio::spawn(async move {
        if let Err(error) = engine::access::reset::ask(&engine, email.trim()).await {
            tracing::error!(%error, "a link for another password could not be made");
        }
    });
    server::go_to(&format!("{}?asked=1", route::FORGOTTEN));
    Ok(())
}

/// Whether the link can still be used. For people who are not signed in: the token is the guard.
#[server(prefix = "/api", endpoint = "read_password_link")]
pub async fn read_password_link(token: String) -> Result<bool, Problem> {
    Ok(engine::access::reset::is_open(&server::engine(), &token).await?)
}

/// Gives whoever holds the link another password. The token is the guard.
#[server(prefix = "/api", endpoint = "use_password_link")]
pub async fn use_password_link(token: String, new: String) -> Result<(), Problem> {
    let from = server::client_address();
    let used = engine::access::reset::reset(&server::engine(), &token, new.into(), from).await;
    match used.map_err(Problem::from) {
        Ok(()) => server::go_to(&format!("{}?done=password", route::SIGN_IN)),
        Err(Problem::Refused(Refused::Password)) => {
            server::go_to(&format!("{}?refused=short", route::new_password(&token)));
        }
        // The page says of a link that works no more what it means.
        Err(Problem::NotFound) => server::go_to(&route::new_password(&token)),
        Err(problem) => return Err(problem),
    }
    Ok(())
}
