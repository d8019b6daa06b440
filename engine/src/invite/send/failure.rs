//! What a provider's refusal means for the invite: each ends in words and a next action.

use super::{
    super::{
        entity::{Invite, WaitingFor, entry},
        reconcile::LOOK_AGAIN_SOON,
        state::Event,
        store,
    },
    LookedUp, alter, look_up,
};
use crate::{
    Engine,
    job::{self, Outcome, Run, WaitsFor, Work},
    provider::{Account, ProviderError},
};

pub(super) const CANNOT_TELL: &str =
    "Nobody can tell whether the assessment was sent. Look for the candidate at the provider, then send again or not.";

/// Deals with an error of a send. Where it says that nothing happened there, no intent stays behind to be
/// looked up, which not every provider could answer.
pub(super) async fn of_send(engine: &Engine, invite: &Invite, error: ProviderError) -> Run {
    if matches!(error, ProviderError::Unreached(_) | ProviderError::RateLimited { .. }) {
        withdraw_intent(engine, invite).await?;
        return Err(error.into());
    }
    if needs_a_person(&error) {
        withdraw_intent(engine, invite).await?;
    }
    handle(engine, invite, error).await
}

/// The account does not let us do it, whatever it is.
fn needs_a_person(error: &ProviderError) -> bool {
    matches!(
        error,
        ProviderError::Credentials | ProviderError::Forbidden | ProviderError::Quota | ProviderError::NoAccount
    )
}

/// Deals with an error of a send or of a look-up before it.
pub(super) async fn handle(engine: &Engine, invite: &Invite, error: ProviderError) -> Run {
    match error {
        // The intent stays: the next attempt looks the outcome up.
        ProviderError::Unreached(_)
        | ProviderError::Temporary(_)
        | ProviderError::BadAnswer(_)
        | ProviderError::RateLimited { .. }
        | ProviderError::Store(_) => after_unknown(engine, invite, error).await,
        // What a look-up could not tell is still to be looked up.
        ProviderError::Credentials | ProviderError::Forbidden | ProviderError::Quota | ProviderError::NoAccount => {
            hold(engine, invite, WaitingFor::Provider).await?;
            Ok(Outcome::Wait(WaitsFor::Provider, error.to_string()))
        }
        ProviderError::InvalidCandidate { field } if is_address(&field) => {
            withdraw_intent(engine, invite).await?;
            hold(engine, invite, WaitingFor::OtherEmail).await
        }
        ProviderError::InvalidCandidate { field } => {
            fail(engine, invite, format!("The provider does not accept the candidate's {field}. Correct it in Lever."))
                .await
        }
        ProviderError::NotFound => {
            read_the_list_anew(engine, invite).await?;
            fail(engine, invite, "The provider no longer has this assessment. Attach another one to the stage.".into())
                .await
        }
        ProviderError::NotPublished => {
            read_the_list_anew(engine, invite).await?;
            fail(engine, invite, "The assessment is not published. Publish it at the provider, then try again.".into())
                .await
        }
        ProviderError::Refused(words) => fail(engine, invite, format!("The provider refused it: {words}")).await,
        ProviderError::TooLate | ProviderError::Unsupported => {
            fail(engine, invite, "The provider cannot send it.".into()).await
        }
        ProviderError::Duplicate => adopt(engine, invite).await,
    }
}

/// Whether it is the e-mail address that the provider does not take, by its word for it.
fn is_address(field: &str) -> bool {
    field.replace('-', "").contains("email")
}

/// Repeating is right only where the provider can be asked, or would recognise the repeat.
async fn after_unknown(engine: &Engine, invite: &Invite, error: ProviderError) -> Run {
    let sent =
        invite.send_intent_at.is_some() && matches!(error, ProviderError::Temporary(_) | ProviderError::BadAnswer(_));
    if sent && let Ok(account) = Account::open(engine, &invite.account).await {
        let can = account.capabilities();
        if !can.find_by_reference && !can.idempotency {
            return lose(engine, invite).await;
        }
    }
    Err(error.into())
}

/// The provider knows the candidate and the assessment: ours is adopted, another's is left alone.
async fn adopt(engine: &Engine, invite: &Invite) -> Run {
    let account = Account::open(engine, &invite.account).await?;
    match look_up(&account, invite).await {
        Ok(LookedUp::There(report)) => super::accept(engine, invite, &report).await,
        Ok(LookedUp::Never | LookedUp::Repeatable | LookedUp::CannotTell) => {
            let why = "The candidate was invited to this assessment at the provider already, not from here.";
            fail(engine, invite, why.into()).await
        }
        Err(error) => Err(error.into()),
    }
}

async fn fail(engine: &Engine, invite: &Invite, why: String) -> Run {
    let now = engine.clock.now();
    alter(engine, invite, |invite| {
        invite.was_never_sent();
        invite
            .take(Event::Failed, Some(why.clone()))
            .then(|| vec![entry(now, "failed", format!("Not sent. {why}"), None)])
    })
    .await?;
    Ok(Outcome::Done)
}

/// The attachment is not to send anybody else into the same refusal unseen: what the provider offers by now
/// says whether it can send.
async fn read_the_list_anew(engine: &Engine, invite: &Invite) -> Result<(), Outcome> {
    let work = Work::SyncProvider { account: invite.account.clone() };
    let mut tx = engine.db.write().await?;
    job::enqueue(&mut tx, &invite.organization, &work, engine.clock.now(), None).await?;
    tx.commit().await?;
    engine.wake.notify_one();
    Ok(())
}

/// Makes it wait for something.
pub(super) async fn hold(engine: &Engine, invite: &Invite, what: WaitingFor) -> Run {
    let now = engine.clock.now();
    alter(engine, invite, |invite| {
        let waits = invite.hold(what);
        waits.then(|| vec![entry(now, "waiting", format!("Waiting. {}", invite.words_for(what)), None)])
    })
    .await?;
    if what.shows_in_lever() {
        look_again(engine, invite).await?;
    }
    Ok(Outcome::Done)
}

/// What is missing may come in Lever without a word: it is looked for.
async fn look_again(engine: &Engine, invite: &Invite) -> Result<(), Outcome> {
    let work = Work::Reconcile { opportunity: invite.opportunity.clone() };
    let mut tx = engine.db.write().await?;
    job::enqueue(&mut tx, &invite.organization, &work, engine.clock.now().after(LOOK_AGAIN_SOON), None).await?;
    tx.commit().await?;
    Ok(())
}

/// Puts before a person what nobody can tell.
pub(super) async fn lose(engine: &Engine, invite: &Invite) -> Run {
    let now = engine.clock.now();
    alter(engine, invite, |invite| {
        invite.take(Event::Lost, Some(CANNOT_TELL.into())).then(|| vec![entry(now, "unclear", CANNOT_TELL, None)])
    })
    .await?;
    Ok(Outcome::Done)
}

/// The provider said clearly that it did nothing.
pub(super) async fn withdraw_intent(engine: &Engine, invite: &Invite) -> Result<(), Outcome> {
    let mut tx = engine.db.write().await?;
    if let Some(mut held) = store::hold(&mut tx, &invite.organization, &invite.id).await? {
        held.was_never_sent();
        store::save(&mut tx, &held).await?;
        tx.commit().await?;
    }
    Ok(())
}
