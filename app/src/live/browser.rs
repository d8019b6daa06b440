//! The event stream in the browser. Browsers allow six connections to a host over all tabs, so a
//! hidden page closes its own and opens it again when it is looked at.

use std::time::Duration;

use leptos::{ev, prelude::*};
use serde::Deserialize;
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{EventSource, MessageEvent, VisibilityState};

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
    _handlers: [Closure<dyn FnMut(MessageEvent)>; 3],
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
pub fn listen(tell: WriteSignal<Heard>) {
    let gatherer = Gatherer { waiting: StoredValue::new(Heard::default()), tell };
    let stream = StoredValue::new_local(None::<Stream>);
    let close = move || drop(stream.try_update_value(Option::take));
    let follow_visibility = move || {
        if document().visibility_state() != VisibilityState::Visible {
            close();
        } else if stream.with_value(Option::is_none) {
            stream.set_value(open(gatherer));
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

fn open(gatherer: Gatherer) -> Option<Stream> {
    let source = EventSource::new(ADDRESS).ok()?;
    let on = |name: &str, note: fn(&mut Heard, &MessageEvent)| {
        let handler = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            gatherer.hear(|heard| note(heard, &event));
        });
        // The only refusal is of a name that is no string.
        let _added = source.add_event_listener_with_callback(name, handler.as_ref().unchecked_ref());
        handler
    };
    let handlers = [
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
