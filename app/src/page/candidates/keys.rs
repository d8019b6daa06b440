//! Keys of the list: `j` and `k` move between rows, Enter opens, `u` and `d` give thumbs. All of it
//! is on the screen, too.

/// Listens for the keys for as long as the caller lives.
pub fn provide_keys() {
    #[cfg(feature = "hydrate")]
    {
        use leptos::{ev, prelude::*};
        let handle = window_event_listener(ev::keydown, |event| {
            let is_plain = !(event.ctrl_key() || event.meta_key() || event.alt_key());
            if is_plain && !crate::ui::is_typing(&event) && browser::act(&event.key()) {
                event.prevent_default();
            }
        });
        on_cleanup(move || handle.remove());
    }
}

#[cfg(feature = "hydrate")]
mod browser {
    use leptos::prelude::document;
    use wasm_bindgen::JsCast;
    use web_sys::{Element, HtmlElement};

    pub fn act(key: &str) -> bool {
        match key {
            "j" => move_by(1),
            "k" => move_by(-1),
            "u" => press(".thumb[data-gives=passed]"),
            "d" => press(".thumb[data-gives=failed]"),
            _ => false,
        }
    }

    fn links() -> Vec<HtmlElement> {
        let Ok(found) = document().query_selector_all("[data-row]") else { return Vec::new() };
        (0..found.length()).filter_map(|index| found.get(index)?.dyn_into().ok()).collect()
    }

    /// Moves the focus to the next row or the one before; from elsewhere, to the first.
    fn move_by(step: isize) -> bool {
        let links = links();
        let here = focused_row().and_then(|row| links.iter().position(|link| row.contains(Some(link))));
        let target = here.map_or(Some(0), |here| here.checked_add_signed(step));
        target.and_then(|target| links.get(target)).is_some_and(|link| link.focus().is_ok())
    }

    fn press(selector: &str) -> bool {
        let button = focused_row().and_then(|row| row.query_selector(selector).ok().flatten());
        let button = button.and_then(|button| button.dyn_into::<HtmlElement>().ok());
        button.inspect(HtmlElement::click).is_some()
    }

    fn focused_row() -> Option<Element> {
        document().active_element()?.closest("[data-invite]").ok().flatten()
    }
}
