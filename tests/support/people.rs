//! The people of every test, made once for each process.

use rideout_domain::Role;
use rideout_service::{
    Service, Settings,
    account::NewUser,
    db::{DatabaseUrl, Db, OpenOptions},
};
use std::{collections::BTreeMap, sync::LazyLock};

/// Everybody's password.
pub(crate) const PASSWORD: &str = "river stone lantern 42";

/// Who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Who {
    /// Somebody without an account.
    Stranger,
    Viewer,
    Responder,
    Commander,
    Admin,
    /// A commander who is not named for restricted incidents.
    Outsider,
    /// Somebody who writes the entries that others act upon.
    Bystander,
    /// Somebody for admins to act upon.
    Target,
}

impl Who {
    pub(crate) const WITH_ACCOUNT: [Self; 7] = [
        Self::Viewer,
        Self::Responder,
        Self::Commander,
        Self::Admin,
        Self::Outsider,
        Self::Bystander,
        Self::Target,
    ];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Stranger => "Stranger",
            Self::Viewer => "Vera Viewer",
            Self::Responder => "Rosa Responder",
            Self::Commander => "Carl Commander",
            Self::Admin => "Ada Admin",
            Self::Outsider => "Otto Outsider",
            Self::Bystander => "Bea Bystander",
            Self::Target => "Tom Target",
        }
    }

    pub(crate) fn email(self) -> String {
        format!(
            "{}@example.org",
            self.name().split(' ').next_back().unwrap().to_lowercase()
        )
    }

    pub(crate) const fn role(self) -> Option<Role> {
        match self {
            Self::Stranger => None,
            Self::Viewer | Self::Target => Some(Role::Viewer),
            Self::Responder | Self::Bystander => Some(Role::Responder),
            Self::Commander | Self::Outsider => Some(Role::Commander),
            Self::Admin => Some(Role::Admin),
        }
    }
}

/// What is known of somebody with an account.
#[derive(Debug, Clone)]
pub(crate) struct Person {
    pub(crate) id: String,
    pub(crate) token: String,
}

pub(crate) type People = BTreeMap<Who, Person>;

/// An SQLite file with everybody in it, to be copied.
pub(crate) struct Template {
    pub(crate) file: Vec<u8>,
    pub(crate) people: People,
}

/// Hashing passwords takes its time, so it is done once.
pub(crate) static TEMPLATE: LazyLock<Template> = LazyLock::new(|| {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("template.db");
    let people = on_a_runtime_of_its_own(DatabaseUrl::sqlite(&path));
    Template {
        file: std::fs::read(&path).unwrap(),
        people,
    }
});

/// A test may be running on a runtime already, which must not be blocked.
fn on_a_runtime_of_its_own(url: DatabaseUrl) -> People {
    std::thread::spawn(move || {
        tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap()
            .block_on(make(&url))
    })
    .join()
    .unwrap()
}

/// Creates the tables and everybody in them.
pub(crate) async fn make(url: &DatabaseUrl) -> People {
    let db = Db::open(url, OpenOptions::server()).await.unwrap();
    db.migrate().await.unwrap();
    let service = Service::new(db.clone(), Settings::default());
    let mut people = People::new();
    for who in Who::WITH_ACCOUNT {
        let email = who.email();
        let new = NewUser {
            email: &email,
            name: who.name(),
            role: who.role().unwrap(),
            password: PASSWORD,
        };
        let id = service.user_create(new).await.unwrap().to_string();
        let (_, token) = service.token_create(&email, "test").await.unwrap();
        people.insert(who, Person { id, token });
    }
    db.close().await;
    people
}
