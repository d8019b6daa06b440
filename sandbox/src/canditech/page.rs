//! The stand-in's pages.

use std::sync::Arc;

use axum::Router;

use super::Canditech;

pub(super) fn router() -> Router<Arc<Canditech>> {
    Router::new()
}
