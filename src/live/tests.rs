//! What a stream promises: everything after the sequence it names, once, in
//! order, however it comes and goes.

use super::{
    LiveHub,
    feed::{Feed, NoFeed, Request},
    housekeeping,
    viewers::Credential,
};
use futures::{StreamExt as _, stream::BoxStream};
use rideout_domain::{Actor, EntryBody, EntryId, IncidentId, NewEntry, Role};
use rideout_service::{
    Service, Settings,
    account::NewUser,
    db::{DatabaseUrl, Db, OpenOptions},
    incident::NewIncident,
};
use std::{
    collections::{HashMap, VecDeque},
    time::Duration,
};
use tokio::time::timeout;

const PATIENCE: Duration = Duration::from_secs(20);

struct World {
    service: Service,
    hub: LiveHub,
    omar: Actor,
    priya: Actor,
    incident: IncidentId,
    token: String,
    _folder: tempfile::TempDir,
}

impl World {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = DatabaseUrl::sqlite(folder.path().join("rideout.db"));
        let db = Db::open(&url, OpenOptions::server()).await.unwrap();
        db.migrate().await.unwrap();
        let service = Service::new(db, Settings::default());
        let omar = person(&service, "Omar", Role::Responder).await;
        let priya = person(&service, "Priya", Role::Commander).await;
        let (_, token) = service
            .token_create("omar@example.org", "test")
            .await
            .unwrap();
        let new = NewIncident {
            title: "Reservations time out".into(),
            ..NewIncident::default()
        };
        let incident = service.declare(&omar, new).await.unwrap().id;
        let hub = LiveHub::with_limit(service.clone(), 8);
        Self {
            service,
            hub,
            omar,
            priya,
            incident,
            token,
            _folder: folder,
        }
    }

    async fn note(&self, text: &str) -> (EntryId, i64) {
        let id = EntryId(self.service.new_id());
        let new = NewEntry {
            id,
            body: EntryBody::Note,
            text: text.into(),
            occurred_at: None,
        };
        (
            id,
            self.service
                .append(&self.omar, self.incident, new)
                .await
                .unwrap()
                .entry
                .seq,
        )
    }

    async fn open(&self, after: Option<i64>, is_page: bool) -> Result<Feed, NoFeed> {
        let request = Request {
            actor: self.omar.clone(),
            credential: Credential::Token(self.token.as_str().into()),
            incident: self.incident,
            after,
            is_page,
        };
        self.hub.open(request).await
    }

    async fn watch(&self, after: Option<i64>, is_page: bool) -> Watch {
        let Ok(feed) = self.open(after, is_page).await else {
            unreachable!("the stream opens")
        };
        Watch {
            stream: feed.into_stream().boxed(),
            rest: VecDeque::new(),
        }
    }
}

async fn person(service: &Service, name: &str, role: Role) -> Actor {
    let email = format!("{}@example.org", name.to_lowercase());
    let new = NewUser {
        email: &email,
        name,
        role,
        password: "a long enough phrase",
    };
    let id = service.user_create(new).await.unwrap();
    Actor {
        id,
        name: name.into(),
        role,
        address: String::new(),
    }
}

/// Events of a stream, taken apart.
struct Watch {
    stream: BoxStream<'static, Result<bytes::Bytes, std::convert::Infallible>>,
    rest: VecDeque<Event>,
}

#[derive(Debug)]
struct Event {
    name: String,
    id: Option<i64>,
    data: serde_json::Value,
}

impl Watch {
    /// The next event that is not a sign of life; none at the end of the stream.
    async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some(event) = self.rest.pop_front() {
                return Some(event);
            }
            let bytes = timeout(PATIENCE, self.stream.next())
                .await
                .unwrap()?
                .unwrap();
            let text = String::from_utf8(bytes.to_vec()).unwrap();
            assert!(text.ends_with("\n\n"), "{text}");
            self.rest.extend(text.split("\n\n").filter_map(event));
        }
    }

    async fn entry(&mut self) -> Event {
        loop {
            let event = self.next().await.unwrap();
            if event.name == "entry" {
                return event;
            }
            assert_ne!(event.name, "resync");
        }
    }

    async fn named(&mut self, name: &str) -> Event {
        loop {
            let event = self.next().await.unwrap();
            if event.name == name {
                return event;
            }
        }
    }
}

fn event(text: &str) -> Option<Event> {
    let line = |key: &str| {
        text.lines()
            .find_map(|line| line.strip_prefix(key))
            .map(str::to_owned)
    };
    let name = line("event: ").filter(|name| name != "alive")?;
    Some(Event {
        name,
        id: line("id: ").map(|id| id.parse().unwrap()),
        data: serde_json::from_str(&line("data: ").unwrap()).unwrap(),
    })
}

#[tokio::test]
async fn an_entry_reaches_pages_and_programs() {
    let world = World::new().await;
    let mut page = world.watch(Some(1), true).await;
    let mut program = world.watch(None, false).await;
    let (id, seq) = world.note("They <b>crawl</b>").await;
    let shown = page.entry().await;
    assert_eq!(
        (shown.id, shown.data["seq"].as_i64()),
        (Some(seq), Some(seq))
    );
    assert_eq!(shown.data["entry"], id.to_string());
    let html = shown.data["html"].as_str().unwrap();
    assert!(
        html.starts_with("<li id=\"e-2\"") && html.contains("&lt;b&gt;crawl"),
        "{html}"
    );
    let told = program.entry().await;
    assert_eq!(
        (told.id, told.data["text"].as_str()),
        (Some(seq), Some("They <b>crawl</b>"))
    );
    assert_eq!(
        (told.data["kind"].as_str(), told.data["author"].as_str()),
        (Some("note"), Some(&*world.omar.id.to_string()))
    );
    assert_eq!(world.hub.stats().incidents, 1);
}

#[tokio::test]
async fn regions_come_only_when_they_change() {
    let world = World::new().await;
    let mut page = world.watch(Some(1), true).await;
    let body = EntryBody::Hypothesis;
    let id = EntryId(world.service.new_id());
    let new = NewEntry {
        id,
        body,
        text: "The carrier is down".into(),
        occurred_at: None,
    };
    world
        .service
        .append(&world.omar, world.incident, new)
        .await
        .unwrap();
    let regions = page.entry().await.data["regions"].clone();
    assert!(
        regions["thinking"]
            .as_str()
            .unwrap()
            .contains("The carrier is down")
    );
    assert!(
        regions["glance"]
            .as_str()
            .unwrap()
            .starts_with("<section id=\"region-glance\"")
    );
    assert!(
        regions.get("doing").is_none() && regions.get("pinned").is_none(),
        "{regions}"
    );
    world
        .service
        .join(&world.omar, world.incident)
        .await
        .unwrap();
    assert!(
        page.named("presence").await.data["html"]
            .as_str()
            .unwrap()
            .contains("Omar")
    );
}

#[tokio::test]
async fn what_is_redacted_is_not_replayed() {
    let world = World::new().await;
    let mut page = world.watch(Some(1), true).await;
    let (id, _) = world.note("The password is swordfish").await;
    page.entry().await;
    world
        .service
        .redact_entry(&world.omar, world.incident, id, "a password")
        .await
        .unwrap();
    let changed = page.entry().await;
    assert_eq!(changed.data["replace"][0]["entry"], id.to_string());
    assert!(
        !changed.data.to_string().contains("swordfish"),
        "{}",
        changed.data
    );
    let mut late = world.watch(Some(1), true).await;
    for _ in 0..2 {
        let again = late.entry().await;
        assert!(
            !again.data.to_string().contains("swordfish"),
            "{}",
            again.data
        );
    }
    assert_eq!(late.next().await.unwrap().name, "regions");
}

#[tokio::test]
async fn who_was_away_for_long_is_told_to_load_again() {
    let world = World::new().await;
    for n in 0..510 {
        world.note(&format!("line {n}")).await;
    }
    assert_eq!(
        world.watch(Some(1), true).await.next().await.unwrap().name,
        "resync"
    );
    assert_eq!(
        world
            .watch(Some(9_999), true)
            .await
            .next()
            .await
            .unwrap()
            .name,
        "resync"
    );
    // A program gets every one of them.
    let mut program = world.watch(Some(0), false).await;
    for seq in 1..=511 {
        assert_eq!(program.entry().await.id, Some(seq));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn coming_and_going_under_load_misses_and_repeats_nothing() {
    const WRITERS: i64 = 4;
    const EACH: i64 = 40;
    let world = World::new().await;
    let last = 1 + WRITERS * EACH;
    let writers = async {
        let write = |_| async {
            for n in 0..EACH {
                world.note(&format!("entry {n}")).await;
            }
        };
        futures::future::join_all((0..WRITERS).map(write)).await;
    };
    let viewer = |n: i64| {
        let world = &world;
        async move {
            let is_page = n % 3 != 0;
            let mut seq = n % 2;
            // Each leaves after a few entries and comes back where it was.
            while seq < last {
                let mut watch = world.watch(Some(seq), is_page).await;
                for _ in 0..=n * 3 {
                    let event = watch.entry().await;
                    assert_eq!(event.id, Some(seq + 1), "viewer {n}, page {is_page}");
                    seq += 1;
                    if seq == last {
                        break;
                    }
                }
            }
        }
    };
    let viewers = futures::future::join_all((0..8).map(viewer));
    tokio::join!(writers, viewers);
    assert_eq!(world.hub.viewers(), 0);
}

#[tokio::test]
async fn a_person_cannot_open_streams_without_end() {
    let world = World::new().await;
    let mut open = Vec::new();
    for _ in 0..8 {
        open.push(world.watch(None, true).await);
    }
    assert!(matches!(world.open(None, true).await, Err(NoFeed::TooMany)));
    open.pop();
    assert!(world.open(None, true).await.is_ok());
    assert_eq!((world.hub.viewers(), world.hub.stats().refused), (7, 1));
}

#[tokio::test]
async fn streams_end_when_told_to() {
    let world = World::new().await;
    let mut one = world.watch(None, true).await;
    world.hub.recheck_user(world.priya.id);
    world.note("still here").await;
    one.entry().await;
    world.hub.recheck_user(world.omar.id);
    assert!(one.next().await.is_none());
    let mut two = world.watch(None, false).await;
    world.hub.shut_down();
    assert!(two.next().await.is_none());
    assert!(matches!(world.open(None, true).await, Err(NoFeed::Stopped)));
}

#[tokio::test]
async fn who_may_not_see_it_gets_no_stream() {
    let world = World::new().await;
    let new = NewIncident {
        title: "Secret".into(),
        restricted: true,
        ..NewIncident::default()
    };
    let secret = world.service.declare(&world.priya, new).await.unwrap().id;
    let request = Request {
        actor: world.omar.clone(),
        credential: Credential::Token(world.token.as_str().into()),
        incident: secret,
        after: None,
        is_page: true,
    };
    assert!(matches!(
        world.hub.open(request).await,
        Err(NoFeed::Service(rideout_service::Error::NotFound))
    ));
    assert_eq!(world.hub.viewers(), 0);
}

#[tokio::test]
async fn who_was_let_in_is_judged_again() {
    let world = World::new().await;
    let mut page = world.watch(None, true).await;
    housekeeping::judge(&world.hub.0, 1_000).await;
    world.note("still here").await;
    page.entry().await;
    let token = world.service.tokens(&world.omar).await.unwrap()[0].id;
    world
        .service
        .revoke_token(&world.omar, token)
        .await
        .unwrap();
    housekeeping::judge(&world.hub.0, 2_000).await;
    assert!(page.next().await.is_none());
}

#[tokio::test]
async fn an_open_page_is_a_sign_of_life() {
    let world = World::new().await;
    world
        .service
        .join(&world.omar, world.incident)
        .await
        .unwrap();
    let before = world
        .service
        .here_now(&world.omar, world.incident)
        .await
        .unwrap()[0]
        .seen_at;
    let _program = world.watch(None, false).await;
    let mut touched = HashMap::new();
    housekeeping::touch(&world.hub.0, &mut touched, 1)
        .await
        .unwrap();
    assert!(touched.is_empty(), "a program is nobody who looks");
    let _page = world.watch(None, true).await;
    let _other_page = world.watch(None, true).await;
    housekeeping::touch(&world.hub.0, &mut touched, 2)
        .await
        .unwrap();
    assert_eq!(touched.len(), 1);
    let after = world
        .service
        .here_now(&world.omar, world.incident)
        .await
        .unwrap()[0]
        .seen_at;
    assert!(after > before);
}

#[tokio::test]
async fn whoever_was_sent_away_gets_nothing_that_was_waiting_for_them() {
    let world = World::new().await;
    world.note("one").await;
    world.note("two").await;
    for is_page in [true, false] {
        let mut watch = world.watch(Some(0), is_page).await;
        world.hub.recheck_user(world.omar.id);
        assert!(watch.next().await.is_none());
    }
}
