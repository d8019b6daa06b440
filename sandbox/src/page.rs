//! The frame around every page of a stand-in: header with a badge, navigation, a notice, the content.
//!
//! Pages are plain forms and links. One small script reloads a page when what it shows has changed;
//! nothing depends on it.

use axum::Router;
use axum::http::header;
use axum::routing::get;
use maud::{DOCTYPE, Markup, html};

/// What a page shows around its content.
pub(crate) struct Frame<'a> {
    /// `Stand-in for Lever`.
    pub(crate) badge: &'a str,
    /// The company whose account this is.
    pub(crate) organization: &'a str,
    /// The title of the window and, unless the content brings its own, of nothing else.
    pub(crate) title: &'a str,
    /// Address and name of each section.
    pub(crate) sections: &'a [(&'a str, &'a str)],
    /// The address of the section that is open.
    pub(crate) current: &'a str,
    /// What stands at the end of the header, for example who is signed in.
    pub(crate) aside: Markup,
    /// What was just done.
    pub(crate) notice: Option<&'a str>,
    /// Where a version can be read, and the version shown: the page reloads when it grows.
    pub(crate) live: Option<(&'a str, u64)>,
}

/// The whole page.
pub(crate) fn page(frame: &Frame<'_>, content: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            (head(frame.title, frame.badge))
            body data-live=[frame.live.map(|live| live.0)] data-version=[frame.live.map(|live| live.1)] {
                (header(frame))
                main {
                    @if let Some(notice) = frame.notice {
                        p.notice role="status" { (notice) }
                    }
                    (content)
                }
            }
        }
    }
}

fn head(title: &str, badge: &str) -> Markup {
    html! {
        head {
            meta charset="utf-8";
            meta name="viewport" content="width=device-width, initial-scale=1";
            meta name="color-scheme" content="light dark";
            title { (title) " · " (badge) }
            link rel="icon" href="data:,";
            link rel="stylesheet" href="/stand-in.css";
            script src="/stand-in.js" defer {}
        }
    }
}

fn header(frame: &Frame<'_>) -> Markup {
    html! {
        header {
            div.bar {
                p.brand { strong { (frame.organization) } " " span.badge { (frame.badge) } }
                (frame.aside)
            }
            @if !frame.sections.is_empty() {
                nav aria-label="Sections" {
                    @for (address, name) in frame.sections {
                        a href=(address) aria-current=[(*address == frame.current).then_some("page")] { (name) }
                    }
                }
            }
        }
    }
}

/// A notice alone on a page: refusals, and what cannot be found.
pub(crate) fn message(badge: &str, organization: &str, title: &str, words: &str) -> Markup {
    let frame =
        Frame { badge, organization, title, sections: &[], current: "", aside: html! {}, notice: None, live: None };
    page(&frame, &html! { section.narrow { h1 { (title) } p { (words) } } })
}

/// The stylesheet and the script.
pub(crate) fn assets() -> Router {
    let style = || async { ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], include_str!("page/stand-in.css")) };
    let script =
        || async { ([(header::CONTENT_TYPE, "text/javascript; charset=utf-8")], include_str!("page/stand-in.js")) };
    Router::new().route("/stand-in.css", get(style)).route("/stand-in.js", get(script))
}
