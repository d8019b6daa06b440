use std::sync::Arc;

use axum::Router;

use super::Lever;

pub(super) fn router() -> Router<Arc<Lever>> {
    Router::new()
}
