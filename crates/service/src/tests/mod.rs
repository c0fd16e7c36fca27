//! What the use cases promise, on every database there is.

mod directory;
mod incident;
mod oncall;
mod page;
mod share;
mod simulation;
mod stall;
mod statements;
mod timeline;

use crate::{
    Service, Settings,
    clock::{ManualClock, SeededIds},
    incident::NewIncident,
    test_support::{TestDb, databases},
};
use rideout_domain::{Actor, EntryBody, EntryId, Incident, NewEntry, Role, Timestamp, UserId};
use std::sync::Arc;

crate::statements! {
    /// Somebody confirmed a route.
    CONFIRM_ROUTE = "UPDATE contact_routes SET confirmed_at = $2 WHERE id = $1";
    /// Adds a person without the ceremony of an invitation.
    INSERT_USER = "INSERT INTO users (id, email, name, role, created_at) VALUES ($1, $2, $3, $4, $5)";
}

/// A service on one database, a clock that only tests move, and people.
struct World {
    service: Service,
    clock: Arc<ManualClock>,
    viewer: Actor,
    responder: Actor,
    commander: Actor,
    outsider: Actor,
    _db: TestDb,
}

/// Go-live of the story: 2010-06-15T09:00:00Z.
const GO_LIVE: Timestamp = Timestamp(1_276_592_400_000_000);

/// One world for each database.
async fn worlds() -> Vec<World> {
    let mut worlds = Vec::new();
    for db in databases().await {
        let clock = Arc::new(ManualClock::new(GO_LIVE));
        let service = Service::with(
            (*db).clone(),
            Settings::default(),
            clock.clone(),
            Arc::new(SeededIds::new(7)),
        );
        let viewer = person(&service, "Lena", Role::Viewer).await;
        let responder = person(&service, "Omar", Role::Responder).await;
        let commander = person(&service, "Priya", Role::Commander).await;
        let outsider = person(&service, "Olaf", Role::Admin).await;
        worlds.push(World {
            service,
            clock,
            viewer,
            responder,
            commander,
            outsider,
            _db: db,
        });
    }
    worlds
}

async fn person(service: &Service, name: &str, role: Role) -> Actor {
    let id = UserId(service.new_id());
    let (owned, now) = (name.to_owned(), service.now());
    service
        .db
        .write(move |tx| {
            Box::pin(async move {
                let email = format!("{}@example.org", owned.to_lowercase());
                tx.execute(
                    &INSERT_USER,
                    &crate::args![id.0, email, owned, role.word(), now.0],
                )
                .await?;
                Ok::<_, crate::Error>(())
            })
        })
        .await
        .unwrap();
    Actor {
        id,
        name: name.into(),
        role,
        address: "127.0.0.1".into(),
    }
}

impl World {
    async fn declared(&self) -> Incident {
        let new = NewIncident {
            title: "Reservations crawl and time out".into(),
            services: vec!["store app".into()],
            ..NewIncident::default()
        };
        self.service.declare(&self.responder, new).await.unwrap()
    }

    fn entry(&self, body: EntryBody, text: &str) -> NewEntry {
        NewEntry {
            id: EntryId(self.service.new_id()),
            body,
            text: text.into(),
            occurred_at: None,
        }
    }
}
