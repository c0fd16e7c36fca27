//! Somebody who asks the server.

use reqwest::{Method, RequestBuilder, header::HeaderMap, redirect::Policy};
use serde_json::Value;

/// Somebody who asks.
#[derive(Debug, Clone)]
pub(crate) struct Client {
    base: String,
    token: Option<String>,
    cookie: Option<String>,
    http: reqwest::Client,
}

/// What was answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text)
            .unwrap_or_else(|error| panic!("{error}: {} {}", self.status, self.text))
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    /// Fails with the whole answer when its status is another.
    #[track_caller]
    pub(crate) fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.text);
        self
    }

    /// The first field that the answer finds fault with.
    pub(crate) fn field(&self) -> String {
        self.json()["errors"][0]["field"]
            .as_str()
            .unwrap_or("none")
            .to_owned()
    }
}

impl Client {
    pub(crate) fn new(base: &str, token: Option<String>) -> Self {
        let http = reqwest::Client::builder()
            .redirect(Policy::none())
            .no_proxy()
            .build()
            .unwrap();
        Self {
            base: base.to_owned(),
            token,
            cookie: None,
            http,
        }
    }

    /// The same as a browser, with a cookie in place of the token.
    pub(crate) fn with_cookie(&self, cookie: &str) -> Self {
        Self {
            token: None,
            cookie: Some(cookie.to_owned()),
            ..self.clone()
        }
    }

    pub(crate) fn request(&self, method: &str, path: &str) -> RequestBuilder {
        let mut request = self.http.request(
            method.parse::<Method>().unwrap(),
            format!("{}{path}", self.base),
        );
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        if let Some(cookie) = &self.cookie {
            request = request.header("cookie", cookie);
            if method != "GET" {
                request = request.header("sec-fetch-site", "same-origin");
            }
        }
        request
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        send(self.request("GET", path)).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        send(self.request("POST", path).json(body)).await
    }

    pub(crate) async fn patch(&self, path: &str, body: &Value) -> Answer {
        send(self.request("PATCH", path).json(body)).await
    }

    pub(crate) async fn put(&self, path: &str, body: &Value) -> Answer {
        send(self.request("PUT", path).json(body)).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        send(self.request("DELETE", path)).await
    }

    pub(crate) async fn form(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let body = serde_urlencoded::to_string(fields).unwrap();
        let request = self
            .request("POST", path)
            .header("content-type", "application/x-www-form-urlencoded");
        send(request.body(body)).await
    }

    /// Declares an incident and returns its id.
    pub(crate) async fn declare(&self, title: &str) -> String {
        let answer = self
            .post(
                "/api/v1/incidents",
                &serde_json::json!({ "title": title, "severity": "SEV2" }),
            )
            .await;
        answer.expect(201).json()["id"].as_str().unwrap().to_owned()
    }

    /// Writes a note and returns it.
    pub(crate) async fn note(&self, incident: &str, id: &str, text: &str) -> Answer {
        let entry = serde_json::json!({ "id": id, "kind": "note", "text": text });
        self.post(&format!("/api/v1/incidents/{incident}/entries"), &entry)
            .await
    }
}

/// Sends a request and reads the whole answer.
pub(crate) async fn send(request: RequestBuilder) -> Answer {
    let response = request.send().await.unwrap();
    let (status, headers) = (response.status().as_u16(), response.headers().clone());

    Answer {
        status,
        headers,
        text: response.text().await.unwrap(),
    }
}
