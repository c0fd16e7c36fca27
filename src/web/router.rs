//! All endpoints of the main listener, and what stands around them.

use super::{
    Endpoint, Routes, Web, account, api, directory, incidents, middleware::frame, on_call, paging,
    room, site, stall,
};
use crate::live;
use axum::{Router, middleware};
use tower_http::{
    CompressionLevel,
    compression::{
        CompressionLayer,
        predicate::{NotForContentType, Predicate as _, SizeAbove},
    },
};

/// Every endpoint with its handler. Also the table of the authorisation test.
#[must_use]
pub fn routes() -> Routes {
    answers().merge(live::routes())
}

/// The endpoints whose answers end.
fn answers() -> Routes {
    Routes::new()
        .merge(site::routes())
        .merge(incidents::routes())
        .merge(account::routes())
        .merge(directory::routes())
        .merge(room::routes())
        .merge(on_call::routes())
        .merge(paging::routes())
        .merge(stall::routes())
        .merge(api::routes())
}

/// The table of endpoints.
#[must_use]
pub fn endpoints() -> Vec<Endpoint> {
    routes().endpoints().to_vec()
}

/// The service of the main listener.
pub fn build(web: Web) -> Router {
    assemble(answers(), web.clone()).merge(streams(live::routes(), web))
}

/// Endpoints of live streams, with all that stands around the others but
/// compression: each of ten thousand viewers would pay six kilobytes for it
/// without using it.
fn streams(routes: Routes, web: Web) -> Router {
    routes
        .into_router()
        .method_not_allowed_fallback(site::wrong_method)
        .layer(middleware::from_fn_with_state(web.clone(), frame::run))
        .with_state(web)
}

/// Endpoints with what stands around them.
pub(super) fn assemble(routes: Routes, web: Web) -> Router {
    // Files of the browser half are compressed already and say so, which this
    // layer respects. Live events must leave at once.
    let compressed = SizeAbove::new(512)
        .and(NotForContentType::SSE)
        .and(NotForContentType::IMAGES)
        .and(NotForContentType::const_new("application/octet-stream"));
    let compression = CompressionLayer::new()
        .quality(CompressionLevel::Precise(4))
        .compress_when(compressed);
    routes
        .into_router()
        .fallback(site::nothing_here)
        .method_not_allowed_fallback(site::wrong_method)
        .layer(middleware::from_fn_with_state(web.clone(), frame::run))
        .layer(compression)
        .with_state(web)
}
