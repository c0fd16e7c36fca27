//! Who is there, how each is reached, who owns what, and whom an escalation calls.
//!
//! Everybody signed in reads; commanders and admins change. Contact routes and
//! quiet hours belong to their person, and nobody else sees them. What other
//! use cases need is answered by the functions that take a connection: those
//! authorise nothing.

mod component;
mod dependency;
mod knows;
mod policy;
mod quiet;
mod reach;
mod registry;
mod route;
mod targets;
mod team;

pub use component::{Component, NewComponent};
pub use knows::{Known, Knows, knowing};
pub(crate) use policy::listed_names;
pub use policy::{ListedPolicy, NewPolicy, calling, policy_for};
pub use quiet::{NewQuietHours, quiet_hours, quiet_now, zone_names};
pub use reach::{ListedRoute, MadeRoute, NewRoute, Reach};
pub use registry::{Dependency, NewService, Registered, RegisteredPage};
pub use route::{Route, channels_of, disable_route, note_test, route, routes_of, unconfirmed};
pub use targets::TargetName;
pub use team::{NewTeam, Team, Who, people_of};

use crate::{
    Error, FieldError,
    db::{Row, Tx},
    statements,
};
use rideout_domain::{Timestamp, UserId, directory::DESCRIPTION_MAX, text};

/// The statements of this area.
pub(crate) const STATEMENTS: &[&[crate::db::Sql]] = &[
    ALL,
    component::ALL,
    dependency::ALL,
    policy::ALL,
    quiet::ALL,
    reach::ALL,
    registry::ALL,
    route::ALL,
    targets::ALL,
    team::ALL,
];

statements! {
    /// Serialises changes of the directory and of schedules on PostgreSQL; SQLite has one writer anyway.
    LOCK = sqlite "SELECT 1" postgres "SELECT 1 FROM (SELECT pg_advisory_xact_lock(7240303)) AS held";
}

/// Somebody by name.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Named {
    /// Identifier.
    pub id: UserId,
    /// Name.
    pub name: String,
    /// Whether the account is in good standing, so that they can be called.
    pub active: bool,
}

/// A team or policy by name.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Ref<Id> {
    /// Identifier.
    pub id: Id,
    /// Name.
    pub name: String,
}

impl Named {
    /// From the columns `id`, `name` and `disabled_at`.
    fn from_row(row: &Row) -> Result<Self, Error> {
        Ok(Self {
            id: UserId(row.uuid("id")?),
            name: row.text("name")?,
            active: row.opt_int("disabled_at")?.is_none(),
        })
    }

    /// From the columns of an owner that a row may lack.
    fn owner(row: &Row) -> Result<Option<Self>, Error> {
        Ok(match (row.opt_uuid("owner_id")?, row.opt_text("owner")?) {
            (Some(id), Some(name)) => Some(Self {
                id: UserId(id),
                name,
                active: row.opt_int("owner_disabled_at")?.is_none(),
            }),
            _ => None,
        })
    }
}

fn reference<Id: From<uuid::Uuid>>(
    row: &Row,
    id: &str,
    name: &str,
) -> Result<Option<Ref<Id>>, Error> {
    Ok(match (row.opt_uuid(id)?, row.opt_text(name)?) {
        (Some(id), Some(name)) => Some(Ref {
            id: Id::from(id),
            name,
        }),
        _ => None,
    })
}

/// Collects all that is wrong with a form, so that it is said at once.
#[derive(Default)]
struct Wrong(Vec<FieldError>);

impl Wrong {
    fn take<T: Default>(&mut self, result: Result<T, Error>) -> Result<T, Error> {
        match result {
            Err(Error::Invalid(errors)) => {
                self.0.extend(errors);
                Ok(T::default())
            }
            other => other,
        }
    }

    fn none(self) -> Result<(), Error> {
        if self.0.is_empty() {
            Ok(())
        } else {
            Err(Error::Invalid(self.0))
        }
    }
}

fn name(what: &'static str, text: &str) -> Result<String, Error> {
    text::line(what, text, text::NAME_MAX).map_err(Error::text("name"))
}

fn description(text: &str) -> Result<String, Error> {
    let text = text::optional_text("The description", text).map_err(Error::text("description"))?;
    match text.chars().count() {
        0..=DESCRIPTION_MAX => Ok(text),
        length => Err(Error::invalid(
            "description",
            format!("The description has {length} characters; at most {DESCRIPTION_MAX} fit."),
        )),
    }
}

/// People without those named twice, at most `max`.
fn distinct(field: &'static str, people: &[UserId], max: usize) -> Result<Vec<UserId>, Error> {
    let mut people = people.to_vec();
    people.sort_unstable();
    people.dedup();
    if people.len() > max {
        return Err(Error::invalid(
            field,
            format!("Choose at most {max} people."),
        ));
    }
    Ok(people)
}

/// Refuses people without an account in good standing.
async fn people_exist(tx: &mut Tx, field: &'static str, people: &[UserId]) -> Result<(), Error> {
    for person in people {
        if !crate::incident::is_person(tx, *person).await? {
            return Err(Error::invalid(field, "One of these people has no account."));
        }
    }
    Ok(())
}

/// Too many of something.
fn too_many(what: &'static str, max: i64) -> Error {
    Error::Conflict {
        code: "too_many",
        message: format!("There are {max} {what} already. Archive one that is no longer needed."),
    }
}

fn at(row: &Row, column: &str) -> Result<Option<Timestamp>, Error> {
    Ok(row.opt_int(column)?.map(Timestamp))
}
