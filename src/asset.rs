//! The files of the site: scripts, WASM, styles, icons.
//!
//! `cargo xtask build` puts them into `target/site`; a release server carries them inside, a debug server
//! reads them from there. Everything under `/pkg/<hash>/` never changes, because the hash would.

use axum::Router;
use axum::body::Body;
use axum::extract::Path;
use axum::http::header::{ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, IF_NONE_MATCH, VARY};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use leptos::WasmSplitManifest;
use leptos::prelude::{ArcStoredValue, provide_context};
use rust_embed::{Embed, EmbeddedFile};
use std::collections::HashMap;
use std::sync::LazyLock;

/// The site folder; missing until the site was built once.
#[derive(Embed)]
#[folder = "target/site"]
#[allow_missing = true]
struct Site;

const BUILD: &str = "build.json";
const MANIFEST: &str = "__wasm_split_manifest.json";
const LINK: &str = "__wasm_split.______________________.js";

const FOR_EVER: &str = caching(cfg!(debug_assertions), "public, max-age=31536000, immutable");
const FOR_AN_HOUR: &str = caching(cfg!(debug_assertions), "public, max-age=3600");

/// A debug server's files may be others in a minute.
const fn caching(is_debug: bool, released: &'static str) -> &'static str {
    if is_debug { "no-cache" } else { released }
}

/// The folder of the current build, read once: a debug server stays with the build it started with.
static PKG_DIR: LazyLock<String> = LazyLock::new(|| {
    let hash = Site::get(BUILD).and_then(|file| hash_of(&file.data));
    if hash.is_none() {
        tracing::warn!("this program has no site: pages come without styles and scripts; run `cargo xtask build`");
    }
    format!("pkg/{}", hash.as_deref().unwrap_or("none"))
});

/// Which chunks each lazy page fetches, read once.
static PRELOADS: LazyLock<Option<HashMap<String, Vec<String>>>> = LazyLock::new(|| {
    let file = Site::get(&format!("{}/{MANIFEST}", *PKG_DIR))?;
    serde_json::from_slice(&file.data).ok()
});

/// What `LeptosOptions::site_pkg_dir` must be, so that pages ask for the files of this build.
pub fn site_pkg_dir() -> String {
    PKG_DIR.clone()
}

/// Lets a page name its chunks in the head of its HTML; called in the context of every page.
pub fn provide_preloads() {
    if let Some(preloads) = PRELOADS.as_ref() {
        let found = (format!("/{}", *PKG_DIR), preloads.clone(), LINK.to_owned());
        provide_context(WasmSplitManifest(ArcStoredValue::new(found)));
    }
}

/// The routes of all files: `/pkg/…`, and the public files at the root.
pub fn routes<S: Clone + Send + Sync + 'static>() -> Router<S> {
    let packaged = |Path(path): Path<String>, headers: HeaderMap| async move {
        respond(&format!("pkg/{path}"), &headers, FOR_EVER)
    };
    let mut router = Router::new().route("/pkg/{*path}", get(packaged));
    for name in Site::iter().filter(|name| is_public(name)) {
        let file = name.to_string();
        let public = move |headers: HeaderMap| async move { respond(&file, &headers, FOR_AN_HOUR) };
        router = router.route(&format!("/{name}"), get(public));
    }
    router
}

fn is_public(name: &str) -> bool {
    name != BUILD && !name.starts_with("pkg/") && !name.ends_with(".br") && !name.ends_with(".gz")
}

fn hash_of(build: &[u8]) -> Option<String> {
    let build: serde_json::Value = serde_json::from_slice(build).ok()?;
    let hash = build["hash"].as_str()?;
    hash.bytes().all(|byte| byte.is_ascii_hexdigit()).then(|| hash.to_owned())
}

fn respond(name: &str, request: &HeaderMap, caching: &'static str) -> Response {
    let Some((file, encoding)) = best_copy(name, request) else {
        return (StatusCode::NOT_FOUND, [(CACHE_CONTROL, "no-store")], "There is no such file.").into_response();
    };
    let tag = tag(&file);
    let mut response = if knows(request, &tag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        Body::from(file.data.into_owned()).into_response()
    };
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type(name)));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static(caching));
    headers.insert(VARY, HeaderValue::from_static("accept-encoding"));
    headers.extend(HeaderValue::from_str(&tag).map(|tag| (ETAG, tag)));
    headers.extend(encoding.map(|encoding| (CONTENT_ENCODING, HeaderValue::from_static(encoding))));
    response
}

/// The smallest copy of a file that the browser accepts, with its encoding.
fn best_copy(name: &str, request: &HeaderMap) -> Option<(EmbeddedFile, Option<&'static str>)> {
    let accepted = request.get(ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let packed = [("br", ".br"), ("gzip", ".gz")].into_iter().filter(|(encoding, _)| accepts(accepted, encoding));
    let mut copies =
        packed.filter_map(|(encoding, ending)| Some((Site::get(&format!("{name}{ending}"))?, Some(encoding))));
    copies.next().or_else(|| Some((Site::get(name)?, None)))
}

/// Whether an `Accept-Encoding` names an encoding without refusing it (`;q=0`).
fn accepts(header: &str, encoding: &str) -> bool {
    header.split(',').any(|offer| {
        let mut parts = offer.split(';').map(str::trim);
        let named = parts.next().is_some_and(|name| name.eq_ignore_ascii_case(encoding));
        let weight = parts.find_map(|part| part.strip_prefix("q=")).map_or(Ok(1.0), str::parse::<f32>);
        named && weight.is_ok_and(|weight| weight > 0.0)
    })
}

/// An entity tag from the content, so that a restart does not make browsers fetch again.
fn tag(file: &EmbeddedFile) -> String {
    let digest: String = file.metadata.sha256_hash().iter().take(12).map(|byte| format!("{byte:02x}")).collect();
    format!("\"{digest}\"")
}

fn knows(request: &HeaderMap, tag: &str) -> bool {
    let known = request.get(IF_NONE_MATCH).and_then(|value| value.to_str().ok()).unwrap_or_default();
    known.split(',').any(|one| one.trim().trim_start_matches("W/") == tag)
}

fn content_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map_or("", |(_, extension)| extension) {
        "css" => "text/css; charset=utf-8",
        "html" => "text/html; charset=utf-8",
        "ico" => "image/x-icon",
        "js" => "text/javascript; charset=utf-8",
        "json" => "application/json",
        "png" => "image/png",
        "svg" => "image/svg+xml",
        "txt" => "text/plain; charset=utf-8",
        "wasm" => "application/wasm",
        "webmanifest" => "application/manifest+json",
        "woff2" => "font/woff2",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: axum::http::HeaderName, value: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(name, HeaderValue::from_static(value))])
    }

    #[test]
    fn an_encoding_is_used_only_if_it_is_named_and_not_refused() {
        assert!(accepts("gzip, deflate, br", "br"));
        assert!(accepts("gzip;q=0.5,BR;q=1", "br"));
        assert!(!accepts("gzip, br;q=0", "br"));
        assert!(!accepts("brotli", "br"));
        assert!(!accepts("", "gzip"));
    }

    #[test]
    fn a_release_s_hashed_files_are_for_ever() {
        let hashed = caching(false, "public, max-age=31536000, immutable");
        assert_eq!(hashed, "public, max-age=31536000, immutable");
        assert_eq!((FOR_EVER, FOR_AN_HOUR), ("no-cache", "no-cache"), "not those of a debug server");
    }

    #[test]
    fn only_a_plain_hash_names_a_folder() {
        assert_eq!(hash_of(br#"{"hash":"0123abcd"}"#).as_deref(), Some("0123abcd"));
        assert_eq!(hash_of(br#"{"hash":"../../etc"}"#), None);
        assert_eq!(hash_of(b"{}"), None);
    }

    #[test]
    fn a_known_tag_is_found_among_several_weak_or_strong() {
        assert!(knows(&headers(IF_NONE_MATCH, "\"aa\", W/\"bb\""), "\"bb\""));
        assert!(!knows(&headers(IF_NONE_MATCH, "\"aa\""), "\"bb\""));
        assert!(!knows(&HeaderMap::new(), "\"bb\""));
    }

    #[test]
    fn the_copies_and_the_build_file_are_not_public() {
        assert!(is_public("favicon.ico") && is_public("icons/wide.png"));
        assert!(!is_public("build.json") && !is_public("pkg/aa/app.js") && !is_public("robots.txt.br"));
    }

    #[test]
    fn scripts_and_modules_get_the_type_that_browsers_insist_on() {
        assert_eq!(content_type("pkg/aa/app.js"), "text/javascript; charset=utf-8");
        assert_eq!(content_type("pkg/aa/app_bg.wasm"), "application/wasm");
        assert_eq!(content_type("no-extension"), "application/octet-stream");
    }

    #[test]
    fn what_is_not_there_is_not_found_and_not_cached() {
        for name in ["pkg/none/app.js", "../../Cargo.toml", "pkg/../../../Cargo.toml", "/etc/passwd"] {
            let response = respond(name, &HeaderMap::new(), FOR_EVER);
            assert_eq!(response.status(), StatusCode::NOT_FOUND, "{name}");
            assert_eq!(response.headers()[CACHE_CONTROL], "no-store");
        }
    }
}
