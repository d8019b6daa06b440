//! The building blocks of every page. They fetch nothing and decide nothing; what assistive
//! technology hears is what the styles show.
//!
//! Signals given to them are read with `try_…`: when a view is replaced, effects deep inside it end a
//! moment after the signals they read.

mod alone;
mod button;
mod copy;
mod empty;
mod field;
#[cfg(feature = "hydrate")]
mod focus;
mod icon;
mod notice;
mod page_head;
mod ready;
mod score;
mod select;
mod skeleton;
mod status;
mod thumbs;
mod time;
mod trail;
mod verdict;

pub use alone::Alone;
pub use button::{Button, ButtonKind, ButtonLink, LinkTarget};
pub use copy::Copy;
pub use empty::Empty;
pub use field::Field;
#[cfg(feature = "hydrate")]
pub use focus::{focus_first, is_typing};
pub use icon::{Glyph, Icon, Mark};
pub use notice::{Notice, ProblemNotice, Tone};
pub use page_head::PageHead;
pub use ready::Ready;
pub use score::{Score, ScoreBar, ScoreView};
pub use select::{Choice, Select};
pub use skeleton::Skeleton;
pub use status::{InviteState, InviteStatus, Status};
pub use thumbs::{Again, TakeBack, Thumbs};
pub use time::Time;
pub use trail::{Trail, TrailStep};
pub use verdict::{Verdict, VerdictWord};
