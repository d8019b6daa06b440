//! The interface: pages, components and server functions, rendered on the server and hydrated in
//! the browser. It reaches the business only on the server (feature `ssr`); what crosses to the
//! browser are view models and the closed set of codes in [`problem`].

mod frame;
mod live;
pub mod page;
pub mod problem;
pub mod route;
#[cfg(feature = "ssr")]
pub mod server;
mod shell;
mod split;
pub mod text;
pub mod time;
pub mod ui;

pub use shell::{App, shell};

/// Takes over the server's HTML in the browser.
#[cfg(feature = "hydrate")]
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    leptos::mount::hydrate_lazy(App);
}
