//! Where the keyboard goes on when the control that it was at goes: it would begin anew at the top of the page.

use leptos::prelude::request_animation_frame;

/// In the search, when what was filtered by is cleared.
pub fn focus_search() {
    #[cfg(feature = "hydrate")]
    crate::ui::focus_first("#q");
}

/// At the first row, once the new ones are there.
pub fn focus_first_row() {
    request_animation_frame(|| {
        #[cfg(feature = "hydrate")]
        crate::ui::focus_first("table.rows tbody a");
    });
}
