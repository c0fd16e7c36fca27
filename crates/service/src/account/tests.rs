//! What accounts promise, on every database there is.

mod audit;
mod example;
mod invites;
mod logins;
mod people;
mod sessions;
mod throttling;
mod tokens;

use super::{Credentials, NewUser, SignedIn, Visit};
use crate::{
    Error, Service, Settings,
    clock::{ManualClock, SeededIds},
    test_support::{TestDb, databases},
};
use rideout_domain::{Actor, Role, Timestamp};
use std::sync::Arc;

crate::statements! {
    /// Every action of the audit log, oldest first.
    ACTIONS = "SELECT action, actor, subject, detail FROM audit ORDER BY at, id";
    /// Whether anything of a secret is stored in clear.
    STORED_TEXT = "SELECT detail || subject || actor AS t FROM audit UNION ALL SELECT password_hash AS t FROM users UNION ALL SELECT email AS t FROM login_failures";
    /// Marks the database as the example.
    MARK_EXAMPLE = "INSERT INTO meta (key, value) VALUES ('example', '1')";
    /// The stored hash of a password.
    HASH = "SELECT password_hash FROM users WHERE email = $1";
    /// Puts another hash there.
    SET_HASH = "UPDATE users SET password_hash = $2 WHERE email = $1";
    /// When a session was last used.
    LAST_SEEN = "SELECT MAX(last_seen_at) AS at FROM sessions";
    /// When a token was last used.
    LAST_USED = "SELECT MAX(last_used_at) AS at FROM api_tokens";
    /// How many sessions are stored.
    SESSIONS = "SELECT COUNT(*) AS n FROM sessions";
    /// How many failures are stored.
    FAILURES = "SELECT COUNT(*) AS n FROM login_failures";
    /// How many people there are.
    USERS = "SELECT COUNT(*) AS n FROM users";
}

const PASSWORD: &str = "eight of thirty-two";
const OTHER: &str = "the wrong pool entirely";
/// Go-live of the story: 2010-06-15T09:00:00Z.
const GO_LIVE: Timestamp = Timestamp(1_276_592_400_000_000);
const HOME: &str = "192.0.2.10";

/// A service on one database with an admin, Grace, and a responder, Omar.
struct World {
    service: Service,
    clock: Arc<ManualClock>,
    grace: Actor,
    omar: Actor,
    db: TestDb,
}

async fn worlds() -> Vec<World> {
    let mut worlds = Vec::new();
    for db in databases().await {
        let clock = Arc::new(ManualClock::new(GO_LIVE));
        let service = service(&db, &clock, 7);
        let grace = made(&service, "Grace Obi", "grace@example.org", Role::Admin).await;
        let omar = made(&service, "Omar Haddad", "omar@example.org", Role::Responder).await;
        worlds.push(World {
            service,
            clock,
            grace,
            omar,
            db,
        });
    }
    worlds
}

/// One more node on the same database.
fn service(db: &TestDb, clock: &Arc<ManualClock>, seed: u64) -> Service {
    let clock: Arc<ManualClock> = Arc::clone(clock);
    Service::with(
        (**db).clone(),
        Settings::default(),
        clock,
        Arc::new(SeededIds::new(seed)),
    )
}

async fn made(service: &Service, name: &str, email: &str, role: Role) -> Actor {
    let id = service
        .user_create(NewUser {
            email,
            name,
            role,
            password: PASSWORD,
        })
        .await
        .unwrap();
    Actor {
        id,
        name: name.to_owned(),
        role,
        address: HOME.to_owned(),
    }
}

fn visit(address: &str) -> Visit<'_> {
    Visit {
        address,
        user_agent: "Firefox",
        session: None,
    }
}

impl World {
    async fn log_in_from(
        &self,
        email: &str,
        password: &str,
        address: &str,
    ) -> Result<SignedIn, Error> {
        self.service
            .log_in(Credentials { email, password }, visit(address))
            .await
    }

    async fn omar_logs_in(&self) -> SignedIn {
        self.log_in_from("omar@example.org", PASSWORD, HOME)
            .await
            .unwrap()
    }

    async fn who(&self, signed_in: &SignedIn) -> Option<Actor> {
        self.service
            .authenticate_session(&signed_in.token, HOME)
            .await
            .unwrap()
    }

    /// Every action written down; those of one instant in no particular order.
    async fn actions(&self) -> Vec<String> {
        let rows = self
            .db
            .reader()
            .await
            .unwrap()
            .fetch_all(&ACTIONS, &[])
            .await
            .unwrap();
        rows.iter().map(|row| row.text("action").unwrap()).collect()
    }

    async fn count(&self, sql: &crate::db::Sql) -> i64 {
        self.db
            .reader()
            .await
            .unwrap()
            .fetch_one(sql, &[])
            .await
            .unwrap()
            .int("n")
            .unwrap()
    }

    /// Waits until what is written in the background has arrived.
    async fn eventually(&self, sql: &crate::db::Sql, at: Timestamp) {
        for _ in 0..2_000 {
            let row = self
                .db
                .reader()
                .await
                .unwrap()
                .fetch_one(sql, &[])
                .await
                .unwrap();
            if row.opt_int("at").unwrap() == Some(at.0) {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
        panic!("{} never became {at}", sql.name);
    }
}

fn is_wrong(result: &Result<SignedIn, Error>) -> bool {
    matches!(result, Err(Error::Invalid(errors)) if errors[0].field.is_empty())
}

fn field_of<T>(result: &Result<T, Error>) -> String {
    match result {
        Err(Error::Invalid(errors)) => errors
            .iter()
            .map(|e| e.field.as_str())
            .collect::<Vec<_>>()
            .join(","),
        Err(other) => format!("{other:?}"),
        Ok(_) => "taken".to_owned(),
    }
}

fn code_of<T>(result: &Result<T, Error>) -> String {
    match result {
        Err(Error::Conflict { code, .. }) => (*code).to_owned(),
        Err(other) => format!("{other:?}"),
        Ok(_) => "done".to_owned(),
    }
}

#[tokio::test]
async fn the_statements_of_these_tests_can_be_prepared() {
    for db in databases().await {
        assert!(
            crate::db::prepare_all(&db, &[ALL])
                .await
                .unwrap()
                .is_empty()
        );
    }
}
