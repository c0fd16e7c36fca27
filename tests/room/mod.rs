//! The war room by forms alone, as a browser without JavaScript uses it.

mod entries;
mod files;
mod prompts;
mod refused;
mod sharing;
mod story;
mod timeline;

use crate::support::{Answer, Client, TestServer, Who, new_id, send};
use reqwest::multipart;
use serde_json::Value;

/// A room with somebody who writes in it.
struct Room {
    server: TestServer,
    rosa: Client,
    id: String,
}

impl Room {
    async fn open() -> Self {
        let server = TestServer::start().await;
        let rosa = server.client(Who::Responder);
        let id = rosa.declare("Reservations crawl and time out").await;
        Self { server, rosa, id }
    }

    fn path(&self, rest: &str) -> String {
        format!("/incidents/{}{rest}", self.id)
    }

    async fn page(&self, rest: &str) -> String {
        self.rosa.get(&self.path(rest)).await.expect(200).text
    }

    /// Sends the composer; the identifier is new unless it is among the fields.
    async fn send(&self, fields: &[(&str, &str)]) -> Answer {
        let id = new_id();
        let mut all = vec![("id", id.as_str())];
        if fields
            .iter()
            .any(|(name, _)| *name == "id" || *name == "form")
        {
            all.clear();
        }
        all.extend_from_slice(fields);
        self.rosa.form(&self.path("/entries"), &all).await
    }

    /// Adds an entry and returns it as the API tells it.
    async fn add(&self, fields: &[(&str, &str)]) -> Value {
        let address = self
            .send(fields)
            .await
            .expect(303)
            .header("location")
            .to_owned();
        let seq: i64 = address
            .rsplit("#e-")
            .next()
            .unwrap()
            .parse()
            .unwrap_or_else(|_| panic!("{address}"));
        self.entries()
            .await
            .into_iter()
            .find(|e| e["seq"] == seq)
            .unwrap()
    }

    async fn entries(&self) -> Vec<Value> {
        let path = format!("/api/v1/incidents/{}/entries?limit=1000", self.id);
        self.rosa.get(&path).await.expect(200).json()["entries"]
            .as_array()
            .unwrap()
            .clone()
    }

    async fn upload(
        &self,
        fields: &[(&str, &str)],
        name: &str,
        content_type: &str,
        content: Vec<u8>,
    ) -> Answer {
        let part = multipart::Part::bytes(content)
            .file_name(name.to_owned())
            .mime_str(content_type)
            .unwrap();
        let form = fields
            .iter()
            .fold(multipart::Form::new(), |form, (name, value)| {
                form.text((*name).to_owned(), (*value).to_owned())
            });
        send(
            self.rosa
                .request("POST", &self.path("/entries"))
                .multipart(form.part("file", part)),
        )
        .await
    }
}

fn id_of(entry: &Value) -> &str {
    entry["id"].as_str().unwrap()
}

/// The page from the element with this identifier on.
fn from<'a>(page: &'a str, id: &str) -> &'a str {
    page.split_once(&format!("id=\"{id}\""))
        .unwrap_or_else(|| panic!("no {id} in {page}"))
        .1
}
