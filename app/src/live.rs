//! What changed while a page is open: the browser's end of `/live`. One stream a page, open only
//! while the page is visible. It carries ids, never data: whoever hears of a change reads anew.
//! What is heard is provided at the root, because a page's data begins to load beside its frame.

#[cfg(feature = "hydrate")]
mod browser;

use std::collections::BTreeSet;

use leptos::prelude::*;

/// What was heard in the last moment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Heard {
    invites: BTreeSet<String>,
    /// The set-up changed, or the stream was (re)opened: anything may be different.
    anything: bool,
}

/// What is heard, for every page.
#[derive(Clone, Copy)]
pub struct Live {
    heard: ReadSignal<Heard>,
    tell: WriteSignal<Heard>,
    outdated: RwSignal<bool>,
}

/// Provides [`Live`] to all that is below the caller.
pub fn provide_live() {
    let (heard, tell) = signal(Heard::default());
    provide_context(Live { heard, tell, outdated: RwSignal::new(false) });
}

/// Keeps the stream open for as long as the caller lives.
pub fn listen() -> Live {
    let live = expect_context::<Live>();
    #[cfg(feature = "hydrate")]
    browser::listen(live.tell, live.outdated);
    #[cfg(not(feature = "hydrate"))]
    let _: WriteSignal<Heard> = live.tell;
    live
}

/// Counts the moments in which the set-up changed, for a page.
#[must_use]
pub fn set_up_changes() -> Memo<u32> {
    expect_context::<Live>().set_up()
}

/// Counts the moments in which some invite changed, for a page.
#[must_use]
pub fn invite_changes() -> Memo<u32> {
    expect_context::<Live>().invites()
}

impl Live {
    /// Whether the server is of another build than the page by now.
    #[must_use]
    pub fn outdated(self) -> ReadSignal<bool> {
        self.outdated.read_only()
    }

    /// Counts the moments in which some invite changed.
    #[must_use]
    pub fn invites(self) -> Memo<u32> {
        self.count(|heard| heard.anything || !heard.invites.is_empty())
    }

    /// Counts the moments in which this invite changed.
    #[must_use]
    pub fn invite(self, id: Memo<String>) -> Memo<u32> {
        self.count(move |heard| heard.anything || id.with(|id| heard.invites.contains(id)))
    }

    /// Counts the moments in which the set-up changed.
    #[must_use]
    pub fn set_up(self) -> Memo<u32> {
        self.count(|heard| heard.anything)
    }

    fn count(self, concerns: impl Fn(&Heard) -> bool + Send + Sync + 'static) -> Memo<u32> {
        Memo::new(move |before: Option<&u32>| {
            let before = before.copied().unwrap_or_default();
            if self.heard.with(&concerns) { before + 1 } else { before }
        })
    }
}
