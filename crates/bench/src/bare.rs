//! The limit of a page: the same bytes served by axum and nothing else.

use crate::Failure;
use axum::{Router, http::header, routing::get};
use bytes::Bytes;

/// Serves one file at `/` on a free port and prints the address.
pub(crate) async fn serve(file: &str) -> Result<(), Failure> {
    let body = Bytes::from(tokio::fs::read(file).await?);
    let answer = move || {
        let body = body.clone();
        async move { ([(header::CONTENT_TYPE, "text/html; charset=utf-8")], body) }
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    println!("{}", listener.local_addr()?);
    axum::serve(listener, Router::new().route("/", get(answer))).await?;
    Ok(())
}
