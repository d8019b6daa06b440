//! The audit log as a file of JSON lines, written as it is read.

use app::server::ClientAddress;
use axum::{
    Extension, Form,
    body::{Body, Bytes},
    extract::{State, rejection::FormRejection},
    http::{HeaderValue, StatusCode, Uri, header},
    response::{IntoResponse as _, Response},
};
use engine::{
    Engine,
    access::Member,
    audit::{self, Area, Filter},
    fault::FlowError,
    id::AuditId,
};
use futures::{Stream, stream};
use serde::Deserialize;
use tower_sessions::Session;

use super::answer;
use crate::{
    layer::{gate, session},
    router::Site,
};

/// Which entries; empty for no wish.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wish {
    #[serde(default)]
    area: String,
    #[serde(default)]
    by: String,
}

/// Exports what the filter lets through.
pub async fn export(
    State(site): State<Site>,
    session: Session,
    from: Option<Extension<ClientAddress>>,
    wish: Result<Form<Wish>, FormRejection>,
) -> Response {
    let member = match session::member(&session, &site.engine, from.map(|Extension(address)| address.0)).await {
        Ok(Some(member)) => member,
        Ok(None) => return gate::sign_in_first(&Uri::from_static(app::route::AUDIT)),
        Err(session::Unavailable) => return answer::unavailable(),
    };
    let Ok(Form(wish)) = wish else { return StatusCode::BAD_REQUEST.into_response() };
    match audit::begin_export(&site.engine, &member).await {
        Ok(()) => {}
        Err(FlowError::Forbidden(_)) => return StatusCode::FORBIDDEN.into_response(),
        Err(error) => {
            tracing::error!(%error, "the audit log was not exported");
            return answer::unavailable();
        }
    }
    let filter = Filter { area: Area::parse(&wish.area), by: (!wish.by.is_empty()).then(|| wish.by.as_str().into()) };
    let mut response = Body::from_stream(lines(site.engine, member, filter)).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/jsonl"));
    headers.insert(
        header::CONTENT_DISPOSITION,
        HeaderValue::from_static("attachment; filename=\"candilever-audit.jsonl\""),
    );
    response
}

/// A failure breaks the answer off, so that a part is not taken for the whole.
fn lines(engine: Engine, member: Member, filter: Filter) -> impl Stream<Item = Result<Bytes, FlowError>> {
    stream::try_unfold(None::<AuditId>, move |after| {
        let (engine, member, filter) = (engine.clone(), member.clone(), filter.clone());
        async move {
            let some = audit::export_some(&engine, &member, &filter, after.as_ref()).await?;
            Ok(some.map(|(lines, last)| (Bytes::from(lines), Some(last))))
        }
    })
}
