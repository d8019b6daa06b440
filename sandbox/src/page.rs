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

/// A moment for people, with the exact one for programs.
pub(crate) fn moment(at: i64) -> Markup {
    let at = jiff::Timestamp::from_millisecond(at).unwrap_or_default();
    html! { time datetime=(at) { (at.strftime("%-d %b %Y, %H:%M UTC")) } }
}

/// A text with its web addresses as links.
pub(crate) fn linked(text: &str) -> Markup {
    html! {
        @for word in text.split_inclusive(char::is_whitespace) {
            @let (before, address, after) = around_address(word);
            (before)
            @if !address.is_empty() { a href=(address) rel="noreferrer" { (address) } }
            (after)
        }
    }
}

/// What stands before the web address in a word, the address, and what stands after it.
fn around_address(word: &str) -> (&str, &str, &str) {
    let begin = ["http://", "https://"].iter().filter_map(|scheme| word.find(scheme)).min();
    let (before, rest) = word.split_at(begin.unwrap_or(word.len()));
    let end = rest.find(['<', '>', '"', '\'']).unwrap_or(rest.len());
    let address = rest[..end].trim_end().trim_end_matches(['.', ',', ')', ';', ':', '!', '?']);
    if url::Url::parse(address).is_err() {
        return (word, "", "");
    }
    (before, address, &rest[address.len()..])
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_web_addresses_are_links_and_nothing_is_markup() {
        let link = |address: &str| format!("<a href=\"{address}\" rel=\"noreferrer\">{address}</a>");
        for (text, shown) in [
            ("See https://a.example/x.", format!("See {}.", link("https://a.example/x"))),
            ("(http://a.example)\r\n", format!("({})\r\n", link("http://a.example"))),
            ("<https://a.example/?b&c>", format!("&lt;{}&gt;", link("https://a.example/?b&amp;c"))),
            ("javascript:alert(1) ftp://a.example", "javascript:alert(1) ftp://a.example".to_owned()),
            ("https:// http://.", "https:// http://.".to_owned()),
            ("<b>bold</b>", "&lt;b&gt;bold&lt;/b&gt;".to_owned()),
        ] {
            assert_eq!(linked(text).into_string(), shown, "{text}");
        }
    }
}
