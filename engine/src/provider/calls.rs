//! The calls to a provider, whatever protocol its account speaks. What they reveal of the key shows on
//! the account at once.

use super::{
    Account, AccountState, Assessment, Callback, Capabilities, Described, InviteRequest, Protocol, ProviderError,
    Report, callback_url, canditech, greenhouse_partner, store,
};
use crate::{
    Engine,
    clock::Moment,
    fault::StoreError,
    id::{InviteId, ProviderAccountId, ProviderInviteId, VerbId},
    live::Change,
    verdict::Verdict,
};

pub(super) const KEY_REFUSED: &str = "The provider does not accept this key. Enter a valid one.";
const SENDING_FORBIDDEN: &str = "This key may not send assessments. Use a key that may invite candidates.";

impl Account {
    /// Opens an account for calls.
    ///
    /// # Errors
    /// `NoAccount`, or the store's.
    pub async fn open(engine: &Engine, id: &ProviderAccountId) -> Result<Self, ProviderError> {
        store::open(engine, id).await
    }

    /// Where the provider calls us back about an invite.
    #[must_use]
    pub fn callback_url(&self, invite: &InviteId) -> String {
        let address = callback_url(&self.engine, self.protocol, &self.endpoint);
        match self.capabilities().callback {
            Callback::Signed => address,
            Callback::PerInvite => format!("{address}/{invite}"),
        }
    }

    /// Whether the invite was sent over the protocol that the account speaks now: only then can it be
    /// asked for.
    #[must_use]
    pub fn sent(&self, invite: &ProviderInviteId) -> bool {
        self.protocol.sent(invite)
    }

    /// What the protocol can do.
    #[must_use]
    pub fn capabilities(&self) -> Capabilities {
        self.protocol.capabilities()
    }

    /// Sends an assessment; the invite's id is the idempotency key, a repeat answers the same invite.
    ///
    /// # Errors
    /// See [`ProviderError`]; after `Temporary` the invite may exist.
    pub async fn invite(&self, request: &InviteRequest) -> Result<Report, ProviderError> {
        let sent = match self.protocol {
            Protocol::Canditech => canditech::invite(self, request).await,
            Protocol::GreenhousePartner => greenhouse_partner::invite(self, request).await,
        };
        if matches!(sent, Err(ProviderError::Forbidden)) {
            self.note(AccountState::CannotSend, SENDING_FORBIDDEN).await?;
        }
        self.noted(sent).await
    }

    /// Looks an invite up by our id; `None` when the provider never got it.
    ///
    /// # Errors
    /// See [`ProviderError`].
    pub async fn find(&self, invite: &InviteId) -> Result<Option<Report>, ProviderError> {
        let found = match self.protocol {
            Protocol::Canditech => canditech::find(self, invite).await,
            Protocol::GreenhousePartner => Err(ProviderError::Unsupported),
        };
        self.noted(found).await
    }

    /// Reads an invite's state and result.
    ///
    /// # Errors
    /// See [`ProviderError`].
    pub async fn fetch(&self, invite: &ProviderInviteId) -> Result<Report, ProviderError> {
        let read = match self.protocol {
            Protocol::Canditech => canditech::fetch(self, invite).await,
            Protocol::GreenhousePartner => greenhouse_partner::fetch(self, invite).await,
        };
        self.noted(read).await
    }

    /// Mails the same link again; a repeat under the same key mails nothing.
    ///
    /// # Errors
    /// See [`ProviderError`]; `TooLate` when it is over, and after `Temporary` the mail may be out.
    pub async fn resend(&self, invite: &ProviderInviteId, key: &VerbId) -> Result<Report, ProviderError> {
        let answer = match self.protocol {
            Protocol::Canditech => canditech::resend(self, invite, key).await,
            Protocol::GreenhousePartner => Err(ProviderError::Unsupported),
        };
        self.noted(answer).await
    }

    /// Moves the deadline; what had expired opens again. A repeat is harmless.
    ///
    /// # Errors
    /// See [`ProviderError`]; `TooLate` when it is over.
    pub async fn extend(
        &self,
        invite: &ProviderInviteId,
        key: &VerbId,
        until: Moment,
    ) -> Result<Report, ProviderError> {
        let answer = match self.protocol {
            Protocol::Canditech => canditech::extend(self, invite, key, until).await,
            Protocol::GreenhousePartner => Err(ProviderError::Unsupported),
        };
        self.noted(answer).await
    }

    /// Takes an invite back. A repeat is harmless.
    ///
    /// # Errors
    /// See [`ProviderError`]; `TooLate` once the candidate has started.
    pub async fn cancel(&self, invite: &ProviderInviteId, key: &VerbId) -> Result<Report, ProviderError> {
        let answer = match self.protocol {
            Protocol::Canditech => canditech::cancel(self, invite, key).await,
            Protocol::GreenhousePartner => Err(ProviderError::Unsupported),
        };
        self.noted(answer).await
    }

    /// Tells the provider of a verdict given here.
    ///
    /// # Errors
    /// See [`ProviderError`].
    pub async fn set_verdict(
        &self,
        invite: &ProviderInviteId,
        verdict: Verdict,
        by: &str,
        at: Moment,
    ) -> Result<(), ProviderError> {
        let told = match self.protocol {
            Protocol::Canditech => canditech::set_verdict(self, invite, verdict, by, at).await,
            Protocol::GreenhousePartner => Err(ProviderError::Unsupported),
        };
        self.noted(told).await
    }

    /// Asks the provider to forget whoever has this address. A repeat is harmless.
    ///
    /// # Errors
    /// See [`ProviderError`].
    pub async fn erase(&self, address: &str) -> Result<(), ProviderError> {
        let answer = match self.protocol {
            Protocol::Canditech => canditech::erase(self, address).await,
            Protocol::GreenhousePartner => Err(ProviderError::Unsupported),
        };
        self.noted(answer).await
    }

    /// The assessments the provider offers.
    ///
    /// # Errors
    /// See [`ProviderError`].
    pub async fn assessments(&self) -> Result<Vec<Assessment>, ProviderError> {
        let listed = self.list().await;
        self.noted(listed).await
    }

    pub(super) async fn list(&self) -> Result<Vec<Assessment>, ProviderError> {
        match self.protocol {
            Protocol::Canditech => canditech::assessments(self).await,
            Protocol::GreenhousePartner => greenhouse_partner::assessments(self).await,
        }
    }

    pub(super) async fn describe(&self) -> Result<Described, ProviderError> {
        match self.protocol {
            Protocol::Canditech => canditech::describe(self).await,
            // It has no such call: the list of tests tests the key.
            Protocol::GreenhousePartner => Ok(Described::default()),
        }
    }

    /// A key that stopped working shows on the account at once, not at the next test.
    async fn noted<T>(&self, answer: Result<T, ProviderError>) -> Result<T, ProviderError> {
        if matches!(answer, Err(ProviderError::Credentials)) {
            self.note(AccountState::Refused, KEY_REFUSED).await?;
        }
        answer
    }

    async fn note(&self, state: AccountState, reason: &str) -> Result<(), ProviderError> {
        let mut tx = self.engine.db.write().await?;
        store::set_state(&mut tx, self, state, Some(reason), None, self.engine.clock.now()).await?;
        tx.commit().await.map_err(StoreError::from)?;
        self.engine.live.tell(&self.organization, Change::SetUp);
        Ok(())
    }
}
