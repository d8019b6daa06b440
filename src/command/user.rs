//! `candilever user …`: people, from the terminal; also beside a running server.

use std::io::{IsTerminal as _, Read as _};

use clap::{Args, Subcommand, ValueEnum};
use engine::{
    access::{self, NewUser, Role, RoleGiven},
    fault::{FlowError, Refusal},
};
use secrecy::SecretString;

use crate::{command::Failure, config::Config, terminal};

/// No password is longer; what is longer was piped by mistake.
const LONGEST_PASSWORD: u64 = 4096;

/// What can be done with people.
#[derive(Debug, Subcommand)]
pub enum User {
    /// Add a person; a new organization is made with its first Super Admin
    Add(Add),
    /// List everybody, with their organization and role
    List,
    /// Give a person another role; where Lever knows the person, Lever's role goes first
    Role {
        /// The address that the person signs in with
        #[arg(long, value_name = "ADDRESS")]
        email: String,
        /// The organization's name; needed for who belongs to several
        #[arg(long, value_name = "NAME")]
        organization: Option<String>,
        /// What the person may do
        #[arg(long)]
        role: RoleName,
    },
    /// Give a person another password, read from the standard input; it ends their sessions
    Password {
        /// The address that the person signs in with
        #[arg(long, value_name = "ADDRESS")]
        email: String,
        /// Read the password from the standard input (it is never an argument: others could see it)
        #[arg(long, required = true)]
        password_stdin: bool,
    },
    /// Turn a person's second factor off, who has lost the app and the recovery codes; it ends their sessions
    SecondFactorOff {
        /// The address that the person signs in with
        #[arg(long, value_name = "ADDRESS")]
        email: String,
    },
}

/// Whom to add.
#[derive(Debug, Args)]
pub struct Add {
    /// The organization's name; it is made where it is new
    #[arg(long, value_name = "NAME")]
    organization: String,
    /// The address that the person signs in with
    #[arg(long, value_name = "ADDRESS")]
    email: String,
    /// The person's name; default: the address's first part
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// What the person may do
    #[arg(long)]
    role: RoleName,
    /// Read the password from the standard input (it is never an argument: others could see it)
    #[arg(long, required = true)]
    password_stdin: bool,
}

/// The roles as the command line names them; Lever's own words are understood too.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum RoleName {
    #[value(name = "Super Admin", alias = "super-admin", alias = "super_admin")]
    SuperAdmin,
    #[value(name = "Admin", alias = "admin")]
    Admin,
    #[value(name = "Team Member", alias = "team-member", alias = "team_member")]
    TeamMember,
    #[value(name = "Limited Team Member", alias = "limited-team-member", alias = "limited_team_member")]
    LimitedTeamMember,
}

impl From<RoleName> for Role {
    fn from(name: RoleName) -> Self {
        match name {
            RoleName::SuperAdmin => Self::SuperAdmin,
            RoleName::Admin => Self::Admin,
            RoleName::TeamMember => Self::TeamMember,
            RoleName::LimitedTeamMember => Self::LimitedTeamMember,
        }
    }
}

impl User {
    /// Does it.
    ///
    /// # Errors
    /// Why it was refused, in words.
    pub async fn run(self, config: &Config) -> Result<(), Failure> {
        match self {
            Self::Add(add) => add.run(config).await,
            Self::List => list(config).await,
            Self::Role { email, organization, role } => {
                set_role(config, &email, organization.as_deref(), role.into()).await
            }
            Self::Password { email, password_stdin: _ } => set_password(config, &email).await,
            Self::SecondFactorOff { email } => second_factor_off(config, &email).await,
        }
    }
}

impl Add {
    async fn run(self, config: &Config) -> Result<(), Failure> {
        let password = read_password()?;
        let engine = super::open_beside(config).await?;
        let name = self.name.unwrap_or_else(|| self.email.split('@').next().unwrap_or_default().to_owned());
        let (email, organization) = (self.email.clone(), self.organization.clone());
        let new = NewUser { organization, email, name, role: self.role.into(), password };
        access::add_user(&engine, new)
            .await
            .map_err(|error| refused(&error, &self.email).unwrap_or_else(|| error.into()))?;
        engine.db.close().await;
        terminal::say(&format!("Added {} to {}.", self.email, self.organization));
        Ok(())
    }
}

async fn list(config: &Config) -> Result<(), Failure> {
    let engine = super::open_beside(config).await?;
    let people = access::everyone(&engine).await?;
    engine.db.close().await;
    for (organization, row) in people {
        let role = row.role.map_or("no access", Role::words);
        terminal::say(&format!("{}\t{}\t{}\t{role}", organization, row.email, row.name));
    }
    Ok(())
}

async fn set_role(config: &Config, email: &str, organization: Option<&str>, role: Role) -> Result<(), Failure> {
    let engine = super::open_beside(config).await?;
    let outcome = access::set_role(&engine, email, organization, role).await;
    engine.db.close().await;
    match outcome {
        Ok(RoleGiven::Given) => terminal::say(&format!("{email} is now {}.", role.words())),
        Ok(RoleGiven::Which(organizations)) => {
            let which = organizations.join(", ");
            return Err(Failure::Refused(format!(
                "{email} belongs to {which}: say with --organization in which the role is to be another."
            )));
        }
        Err(FlowError::NotFound) => {
            let there = organization.map(|name| format!(" in {name}")).unwrap_or_default();
            return Err(Failure::Refused(format!("Nobody{there} has the address {email}.")));
        }
        Err(FlowError::Conflict) => {
            let why = "made the organization and stays its Super Admin, so that nothing can lock everybody out";
            return Err(Failure::Refused(format!("{email} {why}.")));
        }
        Err(error) => return Err(error.into()),
    }
    Ok(())
}

async fn set_password(config: &Config, email: &str) -> Result<(), Failure> {
    let password = read_password()?;
    let engine = super::open_beside(config).await?;
    let outcome = access::set_password(&engine, email, password).await;
    engine.db.close().await;
    match outcome {
        Ok(()) => terminal::say(&format!("{email} has another password, and is signed out everywhere.")),
        Err(FlowError::NotFound) => return Err(Failure::Refused(format!("Nobody has the address {email}."))),
        Err(error) => return Err(refused(&error, email).unwrap_or_else(|| error.into())),
    }
    Ok(())
}

async fn second_factor_off(config: &Config, email: &str) -> Result<(), Failure> {
    let engine = super::open_beside(config).await?;
    let outcome = access::second_factor::reset_at_terminal(&engine, email).await;
    engine.db.close().await;
    match outcome {
        Ok(()) => terminal::say(&format!("{email} signs in without a second factor, and is signed out everywhere.")),
        Err(FlowError::NotFound) => {
            return Err(Failure::Refused(format!("Nobody with the address {email} has a second factor.")));
        }
        Err(error) => return Err(error.into()),
    }
    Ok(())
}

fn read_password() -> Result<SecretString, Failure> {
    if std::io::stdin().is_terminal() {
        terminal::complain("type the password (it is shown), then Enter and Ctrl-D");
    }
    let mut text = String::new();
    let read = std::io::stdin().take(LONGEST_PASSWORD).read_to_string(&mut text);
    read.map_err(|_| Failure::Usage("The password on the standard input is not text.".into()))?;
    let password = text.trim_end_matches(['\r', '\n']);
    if password.is_empty() {
        return Err(Failure::Usage("The password on the standard input is empty.".into()));
    }
    Ok(SecretString::from(password))
}

fn refused(error: &FlowError, email: &str) -> Option<Failure> {
    let words = match error {
        FlowError::Conflict => format!("There is somebody with the address {email} already."),
        FlowError::Refused(Refusal::Email) => format!("{email:?} is no e-mail address."),
        FlowError::Refused(Refusal::Name) => "The name of the person or of the organization is missing.".to_owned(),
        FlowError::Refused(Refusal::Password) => {
            "The password must have 12 to 256 characters and be none of those that are guessed first.".to_owned()
        }
        _ => return None,
    };
    Some(Failure::Refused(words))
}
