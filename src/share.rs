//! Places of which nobody gets all: how many are held, and by whom.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Arc, Mutex, PoisonError},
};

/// The places that are held now.
#[derive(Debug)]
pub struct Shares<K>(Mutex<HashMap<K, usize>>);

impl<K> Default for Shares<K> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: Clone + Eq + Hash> Shares<K> {
    /// One more for them, unless they hold `most` already; held until it is dropped.
    pub fn take(self: &Arc<Self>, who: K, most: usize) -> Option<Share<K>> {
        // A panic elsewhere leaves numbers behind, which stay usable.
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let theirs = held.get(&who).copied().unwrap_or(0);
        if theirs >= most {
            return None;
        }
        held.insert(who.clone(), theirs + 1);
        Some(Share { shares: Arc::clone(self), who })
    }
}

/// A place that somebody holds.
#[derive(Debug)]
pub struct Share<K: Clone + Eq + Hash> {
    shares: Arc<Shares<K>>,
    who: K,
}

impl<K: Clone + Eq + Hash> Drop for Share<K> {
    fn drop(&mut self) {
        let mut held = self.shares.0.lock().unwrap_or_else(PoisonError::into_inner);
        match held.get_mut(&self.who) {
            Some(theirs) if *theirs > 1 => *theirs -= 1,
            _ => drop(held.remove(&self.who)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_gets_more_than_their_share_and_what_is_given_back_is_there_again() {
        let shares = Arc::new(Shares::default());
        let mut held: Vec<_> = (0..3).map(|_| shares.take("ada", 3).expect("a place")).collect();
        assert!(shares.take("ada", 3).is_none());
        let _bens = shares.take("ben", 3).expect("another one is not touched");
        held.pop();
        held.push(shares.take("ada", 3).expect("it was given back"));
        assert!(shares.take("ada", 3).is_none());
        drop(held);
        assert_eq!(shares.0.lock().expect("nobody panicked").keys().copied().collect::<Vec<_>>(), ["ben"]);
    }
}
