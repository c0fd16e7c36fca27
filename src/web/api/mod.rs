//! The REST API: thin handlers over the use cases that the pages use, too.
//!
//! An answer 2xx to a change means that it is on disk.

mod attachments;
mod entries;
mod incidents;
mod openapi;
mod pages;
mod people;
mod policies;
mod reach;
mod room;
mod schedules;
mod services;
mod stall;
mod teams;

use super::Routes;

/// The endpoints.
#[must_use]
pub fn routes() -> Routes {
    Routes::new()
        .merge(incidents::routes())
        .merge(entries::routes())
        .merge(attachments::routes())
        .merge(room::routes())
        .merge(stall::routes())
        .merge(pages::routes())
        .merge(people::routes())
        .merge(schedules::routes())
        .merge(services::routes())
        .merge(teams::routes())
        .merge(policies::routes())
        .merge(reach::routes())
        .merge(openapi::routes())
}
