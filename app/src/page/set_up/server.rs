//! The set-up link: whether it can be used, and using it.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::problem::Problem;
#[cfg(feature = "ssr")]
use crate::{problem::Refused, route, server};

/// What was typed before a refusal; never the password.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Typed {
    pub organization: String,
    pub name: String,
    pub email: String,
}

/// Whether the link can be used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum LinkView {
    Open { typed: Typed },
    Closed,
}

/// Whether the link can be used, with what was typed before. Nobody is signed in yet: the token is
/// the guard.
#[server(prefix = "/api", endpoint = "read_set_up_link")]
pub async fn read_set_up_link(token: String) -> Result<LinkView, Problem> {
    if !engine::access::set_up_link_is_open(&server::engine(), &token).await? {
        return Ok(LinkView::Closed);
    }
    let typed = server::take_input("set_up").await?.unwrap_or_default();
    Ok(LinkView::Open { typed })
}

/// Makes the organization and its first Super Admin, and signs them in. The token is the guard.
#[server(prefix = "/api", endpoint = "set_up")]
pub async fn set_up_candilever(
    token: String,
    organization: String,
    name: String,
    email: String,
    password: String,
) -> Result<(), Problem> {
    let typed = Typed { organization, name, email };
    match engine::access::set_up(&server::engine(), &token, from_form::new_user(&typed, password)).await {
        Ok(admitted) => {
            server::begin_session(&admitted).await?;
            server::go_to(route::DASHBOARD);
        }
        Err(error) => from_form::go_back(&token, &typed, error.into()).await?,
    }
    Ok(())
}

#[cfg(feature = "ssr")]
mod from_form {
    use engine::access::{NewUser, Role};

    use super::{Problem, Refused, Typed, route, server};

    pub fn new_user(typed: &Typed, password: String) -> NewUser {
        NewUser {
            organization: typed.organization.clone(),
            email: typed.email.clone(),
            name: typed.name.clone(),
            role: Role::SuperAdmin,
            password: password.into(),
        }
    }

    /// Back to the form with what was typed, and with what is wrong. A link that works no more says so itself, and
    /// nothing is kept for who holds none.
    pub async fn go_back(token: &str, typed: &Typed, problem: Problem) -> Result<(), Problem> {
        let code = match problem {
            Problem::Refused(Refused::Email) | Problem::Conflict => "email",
            Problem::Refused(Refused::Password) => "password",
            Problem::Refused(_) => "name",
            Problem::NotFound => {
                server::go_to(&route::set_up(token));
                return Ok(());
            }
            other => return Err(other),
        };
        server::keep_input("set_up", typed).await?;
        server::go_to(&format!("{}?refused={code}", route::set_up(token)));
        Ok(())
    }
}
