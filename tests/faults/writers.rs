//! Many who write at once, and an account of what they were told.

use crate::support::{Answer, Client, PATIENCE, TestServer, Who, new_id, wait_until};
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    time::Duration,
};
use tokio::task::JoinSet;

/// How many write at a time.
pub(super) const WRITERS: usize = 64;

/// What the server said about each entry of one incident.
pub(super) struct Ledger {
    pub(super) incident: String,
    said: Mutex<Said>,
}

#[derive(Default)]
struct Said {
    /// Answered with 201 or 200, and the sequence that was named.
    acknowledged: BTreeMap<String, i64>,
    /// Sent, and not acknowledged: it may be there or not.
    open: BTreeSet<String>,
    /// Status and code of each refusal, and how often.
    refused: BTreeMap<(u16, String), usize>,
}

/// What came of one attempt.
enum Outcome {
    Acknowledged,
    Refused,
    /// The connection broke.
    Broken,
}

fn text(id: &str) -> String {
    format!("Measured at {id}: as before.")
}

impl Ledger {
    /// An account of a new incident.
    pub(super) async fn open(server: &TestServer) -> Arc<Self> {
        let incident = server
            .client(Who::Commander)
            .declare("Written by many")
            .await;
        Arc::new(Self {
            incident,
            said: Mutex::default(),
        })
    }

    pub(super) fn path(&self) -> String {
        format!("/api/v1/incidents/{}/entries", self.incident)
    }

    pub(super) fn acknowledged(&self) -> usize {
        self.said.lock().unwrap().acknowledged.len()
    }

    /// Each kind of refusal, and how often it was given.
    pub(super) fn refused(&self) -> BTreeMap<(u16, String), usize> {
        self.said.lock().unwrap().refused.clone()
    }

    /// Waits until so many more are acknowledged.
    pub(super) async fn grows_by(&self, more: usize) {
        let goal = self.acknowledged() + more;
        wait_until("more was written", || async { self.acknowledged() >= goal }).await;
    }

    /// Sends an entry, new or not, and notes what was said.
    async fn write(&self, client: &Client, id: &str) -> Outcome {
        let known = {
            let mut said = self.said.lock().unwrap();
            let known = said.acknowledged.get(id).copied();
            if known.is_none() {
                said.open.insert(id.to_owned());
            }
            known
        };
        let entry = json!({ "id": id, "kind": "note", "text": text(id) });
        let request = client.request("POST", &self.path()).timeout(PATIENCE);
        let Ok(response) = request.json(&entry).send().await else {
            return Outcome::Broken;
        };
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let Ok(text) = response.text().await else {
            return Outcome::Broken;
        };
        let answer = Answer {
            status,
            headers,
            text,
        };
        let mut said = self.said.lock().unwrap();
        if matches!(status, 200 | 201) {
            let seq = answer.json()["seq"].as_i64().unwrap();
            assert!(
                known.is_none_or(|known| (status, seq) == (200, known)),
                "it is there twice: {}",
                answer.text
            );
            said.open.remove(id);
            said.acknowledged.insert(id.to_owned(), seq);
            return Outcome::Acknowledged;
        }
        let code = is_clear(&answer);
        *said.refused.entry((status, code)).or_default() += 1;
        Outcome::Refused
    }

    /// Sends again what nothing was heard of, until each is acknowledged.
    pub(super) async fn settle(&self, client: &Client) {
        let open = self.said.lock().unwrap().open.clone();
        for id in open {
            wait_until("an entry is taken again", || async {
                matches!(self.write(client, &id).await, Outcome::Acknowledged)
            })
            .await;
        }
        // And some that were acknowledged: they are answered as before.
        let known: Vec<String> = self
            .said
            .lock()
            .unwrap()
            .acknowledged
            .keys()
            .rev()
            .take(5)
            .cloned()
            .collect();
        for id in known {
            assert!(matches!(
                self.write(client, &id).await,
                Outcome::Acknowledged
            ));
        }
    }

    /// Compares the account with what is there.
    pub(super) async fn check(&self, client: &Client) {
        let entries = all_entries(client, &self.incident).await;
        let seqs: Vec<i64> = entries
            .iter()
            .map(|entry| entry["seq"].as_i64().unwrap())
            .collect();
        let expected: Vec<i64> = (1..).take(seqs.len()).collect();
        assert_eq!(seqs, expected, "there is a gap");
        let incident = client
            .get(&format!("/api/v1/incidents/{}", self.incident))
            .await
            .expect(200);
        assert_eq!(incident.json()["last_seq"].as_i64(), seqs.last().copied());

        let mut found = BTreeMap::new();
        for entry in entries.iter().filter(|entry| entry["kind"] == "note") {
            let id = entry["id"].as_str().unwrap();
            assert_eq!(entry["text"], text(id), "it was written otherwise");
            let twice = found.insert(id.to_owned(), entry["seq"].as_i64().unwrap());
            assert!(twice.is_none(), "it is there twice: {id}");
        }
        let said = self.said.lock().unwrap();
        for (id, seq) in &said.acknowledged {
            assert_eq!(
                found.get(id),
                Some(seq),
                "the acknowledged entry {id} is lost or elsewhere"
            );
        }
        for id in found.keys() {
            assert!(
                said.acknowledged.contains_key(id) || said.open.contains(id),
                "nobody wrote {id}"
            );
        }
    }
}

/// A refusal tells programs what it is and people what to do. Returns its code.
#[track_caller]
pub(super) fn is_clear(answer: &Answer) -> String {
    assert_eq!(
        answer.header("content-type"),
        "application/problem+json",
        "{} {}",
        answer.status,
        answer.text
    );
    let problem = answer.json();
    let detail = problem["detail"].as_str().unwrap();
    assert!(
        detail.len() > 20 && detail.ends_with('.'),
        "no sentence: {detail}"
    );
    assert_ne!(answer.status, 500, "{}", answer.text);
    if answer.status == 503 {
        assert_ne!(answer.header("retry-after"), "", "{}", answer.text);
    }
    problem["code"].as_str().unwrap().to_owned()
}

/// Everything on a timeline, in order.
pub(super) async fn all_entries(client: &Client, incident: &str) -> Vec<Value> {
    let (mut all, mut after) = (Vec::new(), Some(0));
    while let Some(from) = after {
        let path = format!("/api/v1/incidents/{incident}/entries?after={from}&limit=1000");
        let page = client.get(&path).await.expect(200).json();
        all.extend(page["entries"].as_array().unwrap().iter().cloned());
        after = page["next_after"].as_i64();
    }
    all
}

/// People at work.
pub(super) struct Writers {
    tasks: JoinSet<()>,
    stop: Arc<AtomicBool>,
}

impl Writers {
    /// Sets people to work at the first server. When their connection breaks they
    /// send the same to the next, and go home when there is none.
    pub(super) fn start(ledger: &Arc<Ledger>, clients: &[&Client], count: usize) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let mut tasks = JoinSet::new();
        for _ in 0..count {
            let clients: Vec<Client> = clients.iter().map(|client| (*client).clone()).collect();
            tasks.spawn(work(Arc::clone(ledger), clients, Arc::clone(&stop)));
        }
        Self { tasks, stop }
    }

    /// Lets them finish what they are at, and go home.
    pub(super) async fn stop(self) {
        self.stop.store(true, Relaxed);
        self.gone().await;
    }

    /// Waits until all have gone home.
    pub(super) async fn gone(mut self) {
        let all = async {
            while let Some(done) = self.tasks.join_next().await {
                done.unwrap();
            }
        };
        tokio::time::timeout(PATIENCE, all)
            .await
            .expect("the writers go home");
    }
}

async fn work(ledger: Arc<Ledger>, clients: Vec<Client>, stop: Arc<AtomicBool>) {
    let mut id = new_id();
    for client in clients {
        while !stop.load(Relaxed) {
            match ledger.write(&client, &id).await {
                Outcome::Acknowledged => id = new_id(),
                // The same again, as the answer says.
                Outcome::Refused => tokio::time::sleep(Duration::from_millis(50)).await,
                Outcome::Broken => break,
            }
        }
    }
}
