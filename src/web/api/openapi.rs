//! The description of the API for programs, OpenAPI 3.1.
//!
//! Written by hand in `openapi.json` beside this file; a test compares its
//! paths and methods with the table of endpoints.

use crate::web::{Access, Routes};
use axum::{
    http::header,
    response::{IntoResponse as _, Response},
};

const DOCUMENT: &str = include_str!("openapi.json");

/// The endpoints.
pub(super) fn routes() -> Routes {
    Routes::new().get("/api/v1/openapi.json", Access::Anyone, document)
}

async fn document() -> Response {
    ([(header::CONTENT_TYPE, "application/json")], DOCUMENT).into_response()
}

#[cfg(test)]
mod tests {
    use super::DOCUMENT;
    use crate::web::router::endpoints;
    use std::collections::BTreeSet;

    #[test]
    fn every_endpoint_of_the_api_is_described_and_no_other() {
        let document: serde_json::Value = serde_json::from_str(DOCUMENT).unwrap();
        let methods = ["get", "post", "put", "patch", "delete"];
        let described: BTreeSet<String> = document["paths"]
            .as_object()
            .unwrap()
            .iter()
            .flat_map(|(path, item)| {
                let item = item.as_object().unwrap().clone();
                item.into_iter()
                    .filter(|(key, _)| methods.contains(&key.as_str()))
                    .map(move |(verb, _)| format!("{} {path}", verb.to_uppercase()))
            })
            .collect();
        let served: BTreeSet<String> = endpoints()
            .iter()
            .filter(|endpoint| endpoint.path.starts_with("/api/"))
            .map(|endpoint| format!("{} {}", endpoint.verb.word(), endpoint.path))
            .collect();
        assert_eq!(described, served);
    }

    #[test]
    fn every_reference_leads_somewhere() {
        fn walk(value: &serde_json::Value, root: &serde_json::Value) {
            match value {
                serde_json::Value::Object(map) => {
                    if let Some(target) = map.get("$ref").and_then(|target| target.as_str()) {
                        assert!(
                            root.pointer(target.trim_start_matches('#')).is_some(),
                            "{target}"
                        );
                    }
                    map.values().for_each(|value| walk(value, root));
                }
                serde_json::Value::Array(items) => items.iter().for_each(|value| walk(value, root)),
                _ => {}
            }
        }
        let document: serde_json::Value = serde_json::from_str(DOCUMENT).unwrap();
        walk(&document, &document);
    }
}
