//! The event stream in the browser. Browsers allow six connections to a host over all tabs, so a
//! hidden page closes its own and opens it again when it is looked at.

use std::time::Duration;

use leptos::{ev, prelude::*};
use serde::Deserialize;
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{Element, Event, EventSource, MessageEvent, VisibilityState};

use super::Heard;

const ADDRESS: &str = "/live";
/// Changes come in bursts: what is heard within this time is told at once.
const GATHER: Duration = Duration::from_millis(150);

#[derive(Deserialize)]
struct InviteChange {
    id: String,
}

/// An open stream; dropping it closes it.
struct Stream {
    source: EventSource,
    _handlers: [Closure<dyn FnMut(MessageEvent)>; 4],
}

impl Drop for Stream {
    fn drop(&mut self) {
        self.source.close();
    }
}

/// What was heard and not yet told.
#[derive(Clone, Copy)]
struct Gatherer {
    waiting: StoredValue<Heard>,
    tell: WriteSignal<Heard>,
}

impl Gatherer {
    fn hear(self, note: impl FnOnce(&mut Heard)) {
        let was_idle = self.waiting.with_value(|heard| *heard == Heard::default());
        self.waiting.update_value(note);
        if was_idle {
            set_timeout(move || self.flush(), GATHER);
        }
    }

    /// Tells what was heard; nothing when the page was left meanwhile.
    fn flush(self) {
        if let Some(heard) = self.waiting.try_update_value(std::mem::take) {
            let _left = self.tell.try_set(heard);
        }
    }
}

/// Listens while the page is visible, for as long as the caller lives.
pub fn listen(tell: WriteSignal<Heard>, outdated: RwSignal<bool>) {
    Effect::new(move || {
        if outdated.get() {
            leave_links_to_the_browser();
        }
    });
    let gatherer = Gatherer { waiting: StoredValue::new(Heard::default()), tell };
    let stream = StoredValue::new_local(None::<Stream>);
    let close = move || drop(stream.try_update_value(Option::take));
    let follow_visibility = move || {
        if document().visibility_state() != VisibilityState::Visible {
            close();
        } else if stream.with_value(Option::is_none) {
            stream.set_value(open(gatherer, outdated));
        }
    };
    Effect::new(move || {
        follow_visibility();
        let handles = [
            window_event_listener_untyped("visibilitychange", move |_| follow_visibility()),
            window_event_listener_untyped("pageshow", move |_| follow_visibility()),
            window_event_listener_untyped("pagehide", move |_| close()),
        ];
        let submit = window_event_listener(ev::beforeunload, move |_| close());
        on_cleanup(move || {
            handles.into_iter().for_each(WindowListenerHandle::remove);
            submit.remove();
            close();
        });
    });
}

/// Whether this page is of the build whose files are in that folder.
fn is_of(folder: &str) -> bool {
    let style = document().query_selector("link[rel=stylesheet]").ok().flatten();
    let style = style.and_then(|link| link.get_attribute("href"));
    style.is_none_or(|address| address.starts_with(&format!("/{folder}/")))
}

/// The next page may need a part that the server has no more: it is asked for as a whole. Heard before the router.
fn leave_links_to_the_browser() {
    let handler = Closure::<dyn FnMut(Event)>::new(|event: Event| {
        let element = event.target().and_then(|target| target.dyn_into::<Element>().ok());
        if element.is_some_and(|element| element.closest("a[href]").ok().flatten().is_some()) {
            event.stop_propagation();
        }
    });
    let _added = window().add_event_listener_with_callback_and_bool("click", handler.as_ref().unchecked_ref(), true);
    // For as long as the page lives.
    handler.forget();
}

fn open(gatherer: Gatherer, outdated: RwSignal<bool>) -> Option<Stream> {
    let source = EventSource::new(ADDRESS).ok()?;
    let add = |name: &str, handler: Closure<dyn FnMut(MessageEvent)>| {
        // The only refusal is of a name that is no string.
        let _added = source.add_event_listener_with_callback(name, handler.as_ref().unchecked_ref());
        handler
    };
    let on = |name: &str, note: fn(&mut Heard, &MessageEvent)| {
        add(name, Closure::new(move |event: MessageEvent| gatherer.hear(|heard| note(heard, &event))))
    };
    let build = move |event: MessageEvent| {
        if event.data().as_string().is_some_and(|folder| !is_of(&folder)) {
            let _left = outdated.try_set(true);
        }
    };
    let handlers = [
        add("build", Closure::new(build)),
        on("open", |heard, _| heard.anything = true),
        // Also said when events were missed: then, too, anything may have changed.
        on("setup", |heard, _| heard.anything = true),
        on("invite", |heard, event| {
            let data = event.data().as_string().unwrap_or_default();
            match serde_json::from_str::<InviteChange>(&data) {
                Ok(change) => drop(heard.invites.insert(change.id)),
                Err(_) => heard.anything = true,
            }
        }),
    ];
    Some(Stream { source, _handlers: handlers })
}
