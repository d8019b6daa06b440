//! What changed while a page is open: the browser's end of `/live`. One stream a page, open only
//! while the page is visible. It carries ids, never data: whoever hears of a change reads anew.

#[cfg(feature = "hydrate")]
mod browser;

use std::collections::BTreeSet;

use leptos::prelude::*;

/// What was heard in the last moment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Heard {
    invites: BTreeSet<String>,
    /// The stream was (re)opened: anything may have changed before.
    anything: bool,
    set_up: bool,
}

/// The frame's stream, for the pages in it.
#[derive(Clone, Copy)]
pub struct Live(ReadSignal<Heard>);

/// Opens the stream for as long as the caller lives, and provides [`Live`].
pub fn provide_live() -> Live {
    let (heard, set_heard) = signal(Heard::default());
    let live = Live(heard);
    provide_context(live);
    #[cfg(feature = "hydrate")]
    browser::listen(set_heard);
    #[cfg(not(feature = "hydrate"))]
    let _: WriteSignal<Heard> = set_heard;
    live
}

/// Counts the moments in which the set-up changed, for a page in the frame.
#[must_use]
pub fn set_up_changes() -> Memo<u32> {
    expect_context::<Live>().set_up()
}

/// Counts the moments in which some invite changed, for a page in the frame.
#[must_use]
pub fn invite_changes() -> Memo<u32> {
    expect_context::<Live>().invites()
}

impl Live {
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
        self.count(|heard| heard.anything || heard.set_up)
    }

    fn count(self, concerns: impl Fn(&Heard) -> bool + Send + Sync + 'static) -> Memo<u32> {
        Memo::new(move |before: Option<&u32>| {
            let before = before.copied().unwrap_or_default();
            if self.0.with(&concerns) {
                before + 1
            } else {
                before
            }
        })
    }
}
