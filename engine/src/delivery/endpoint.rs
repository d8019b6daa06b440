//! Webhook addresses and their signature tokens, remembered so that a message costs no read. What is
//! remembered may be old: a message that it confirms is kept only if the token still stands when it is
//! written, and one that it does not confirm is judged again by what the database says.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use crate::{
    Engine,
    connection::{self, Endpoint},
    fault::StoreError,
};

/// Beyond so many addresses all are forgotten; each costs one read to be known again.
const MOST: usize = 4096;

/// The addresses in use.
#[derive(Default)]
pub(super) struct Remembered(Mutex<HashMap<String, Arc<Endpoint>>>);

impl Remembered {
    /// What was read last for the address, if anything.
    pub fn get(&self, address: &str) -> Option<Arc<Endpoint>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(address).cloned()
    }

    /// Reads the address anew; an unknown one is not remembered.
    pub async fn read(&self, engine: &Engine, address: &str) -> Result<Option<Arc<Endpoint>>, StoreError> {
        let found = connection::signature_tokens(engine, address).await?.map(Arc::new);
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match &found {
            Some(endpoint) => {
                if known.len() >= MOST {
                    known.clear();
                }
                known.insert(address.to_owned(), Arc::clone(endpoint));
            }
            None => {
                known.remove(address);
            }
        }
        Ok(found)
    }
}
