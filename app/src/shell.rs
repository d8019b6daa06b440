//! The HTML document around every page, and the root of the interface.

use leptos::prelude::*;
use leptos_meta::{MetaTags, Title, provide_meta_context};
use leptos_router::components::Router;

use crate::{live, route::Pages, text, time};

/// The document that the server sends.
pub fn shell(options: LeptosOptions) -> impl IntoView {
    let folder = format!("/{}", options.site_pkg_dir);
    view! {
        <!DOCTYPE html>
        <html lang="en">
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <meta name="color-scheme" content="light dark"/>
                <link rel="stylesheet" href=format!("{folder}/main.css")/>
                <link rel="icon" href="/favicon.svg" type="image/svg+xml"/>
                <link rel="alternate icon" href="/favicon.ico" sizes="32x32"/>
                <HydrationScripts options/>
                <MetaTags/>
            </head>
            <body>
                <App/>
            </body>
        </html>
    }
}

/// The root: titles, the present minute, what is heard of changes, and the pages.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    time::provide_now();
    live::provide_live();
    view! {
        <Title formatter=text::title/>
        <Router>
            <Pages/>
        </Router>
    }
}
