//! A live stream, as a browser or a program follows it.

use super::writers::all_entries;
use crate::support::{Client, PATIENCE, wait_until};
use std::{
    collections::{BTreeSet, VecDeque},
    sync::{Arc, Mutex},
    time::Duration,
};

/// One event of a stream.
#[derive(Debug, Default)]
pub(super) struct Event {
    pub(super) name: String,
    pub(super) id: Option<i64>,
    pub(super) data: String,
}

/// An open stream.
pub(super) struct Stream {
    response: reqwest::Response,
    /// What has come and is not yet a whole event.
    rest: String,
    events: VecDeque<Event>,
}

impl Stream {
    /// Opens a stream that goes on after a sequence, or begins now.
    pub(super) async fn open(client: &Client, path: &str, after: Option<i64>) -> Self {
        let mut request = client.request("GET", path);
        if let Some(seq) = after {
            request = request.header("last-event-id", seq.to_string());
        }
        Self::over(request.send().await.unwrap())
    }

    fn over(response: reqwest::Response) -> Self {
        assert_eq!(response.status(), 200);
        assert_eq!(
            response.headers()["content-type"],
            "text/event-stream; charset=utf-8"
        );
        Self {
            response,
            rest: String::new(),
            events: VecDeque::new(),
        }
    }

    /// The next event; none at the end of the stream.
    pub(super) async fn next(&mut self) -> Option<Event> {
        let waiting = async {
            loop {
                if let Some(event) = self.events.pop_front() {
                    return Some(event);
                }
                let bytes = self.response.chunk().await.ok().flatten()?;
                self.rest.push_str(std::str::from_utf8(&bytes).unwrap());
                while let Some((whole, rest)) = self.rest.split_once("\n\n") {
                    self.events.extend(parse(whole));
                    self.rest = rest.to_owned();
                }
            }
        };
        tokio::time::timeout(PATIENCE, waiting)
            .await
            .expect("something is heard in time")
    }

    /// The next event of that name.
    pub(super) async fn next_of(&mut self, name: &str) -> Event {
        loop {
            let event = self.next().await.expect("the stream goes on");
            if event.name == name {
                return event;
            }
        }
    }
}

/// Comments and notes to the browser are no events.
fn parse(text: &str) -> Option<Event> {
    let mut event = Event::default();
    for (name, value) in text.lines().filter_map(|line| line.split_once(": ")) {
        match name {
            "event" => event.name = value.to_owned(),
            "id" => event.id = Some(value.parse().unwrap()),
            "data" => event.data = value.to_owned(),
            _ => {}
        }
    }
    (!event.name.is_empty()).then_some(event)
}

/// Somebody who follows an incident over every break: comes back after the last
/// entry heard of, and reads anew what a stream says was missed.
pub(super) struct Follower {
    heard: Arc<Mutex<BTreeSet<i64>>>,
    task: tokio::task::JoinHandle<()>,
}

impl Follower {
    pub(super) fn start(client: &Client, incident: &str, path: &str) -> Self {
        let heard = Arc::new(Mutex::new(BTreeSet::new()));
        let path = path.replace("{id}", incident);
        let task = tokio::spawn(follow(
            client.clone(),
            incident.to_owned(),
            path,
            Arc::clone(&heard),
        ));
        Self { heard, task }
    }

    /// Waits until everything up to that sequence was heard of.
    pub(super) async fn has_seen_all(self, last: i64) {
        wait_until("the last entry is seen", || async {
            assert!(!self.task.is_finished(), "whoever followed gave up");
            self.heard.lock().unwrap().contains(&last)
        })
        .await;
        let heard: Vec<i64> = self.heard.lock().unwrap().iter().copied().collect();
        assert_eq!(
            heard,
            (1..=last).collect::<Vec<_>>(),
            "something was not seen"
        );
        self.task.abort();
    }
}

async fn follow(client: Client, incident: String, path: String, heard: Arc<Mutex<BTreeSet<i64>>>) {
    loop {
        let last = heard.lock().unwrap().last().copied().unwrap_or(0);
        let request = client
            .request("GET", &path)
            .header("last-event-id", last.to_string());
        let Ok(response) = request.send().await else {
            tokio::time::sleep(Duration::from_millis(50)).await;
            continue;
        };
        if response.status() == 503 {
            tokio::time::sleep(Duration::from_millis(50)).await;
            continue;
        }
        let mut stream = Stream::over(response);
        while let Some(event) = stream.next().await {
            match event.name.as_str() {
                "entry" => drop(heard.lock().unwrap().insert(event.id.unwrap())),
                "resync" => {
                    let all = all_entries(&client, &incident).await;
                    heard
                        .lock()
                        .unwrap()
                        .extend(all.iter().map(|entry| entry["seq"].as_i64().unwrap()));
                }
                _ => {}
            }
        }
    }
}
