//! Keys that work on every page: `/` and Ctrl-K go to the search.

/// Listens for the keys for as long as the caller lives.
pub fn provide_keys() {
    #[cfg(feature = "hydrate")]
    {
        use leptos::{ev, prelude::*};
        let handle = window_event_listener(ev::keydown, |event| {
            let is_slash =
                event.key() == "/" && !event.ctrl_key() && !event.meta_key() && !crate::ui::is_typing(&event);
            let is_ctrl_k = event.key() == "k" && (event.ctrl_key() || event.meta_key());
            if (is_slash || is_ctrl_k) && crate::ui::focus_first("[data-search]") {
                event.prevent_default();
            }
        });
        on_cleanup(move || handle.remove());
    }
}
