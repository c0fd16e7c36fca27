//! Services, teams, escalation policies, and how people are reached.

mod components;
mod policies;
mod policy_draft;
mod reach;
mod services;
mod shown;
mod teams;

pub(super) use shown::affected;

use super::{
    Access, Form, PageError, Routes, Web,
    page::{see_other, with_flash},
};
use axum::response::Response;
use rideout_app::{FormState, components::Tone};
use rideout_domain::Role;
use rideout_service::{Error, FieldError};

/// The endpoints.
#[must_use]
pub fn routes() -> Routes {
    const CHANGES: Access = Access::Role(Role::Commander);
    const OWN: Access = Access::SignedIn;
    Routes::new()
        .get("/services", Access::SignedIn, services::list)
        .post("/services", CHANGES, services::make)
        .get("/services/new", CHANGES, services::new)
        .get("/services/{service}", Access::SignedIn, services::page)
        .get("/services/{service}/edit", CHANGES, services::edit)
        .post("/services/{service}/edit", CHANGES, services::change)
        .post("/services/{service}/archive", CHANGES, services::archive)
        .post(
            "/services/{service}/dependencies",
            CHANGES,
            services::put_dependency,
        )
        .post(
            "/services/{service}/dependencies/{dependency}/remove",
            CHANGES,
            services::remove_dependency,
        )
        .post("/services/{service}/components", CHANGES, components::make)
        .get(
            "/services/{service}/components/new",
            CHANGES,
            components::new,
        )
        .get(
            "/services/{service}/components/{component}/edit",
            CHANGES,
            components::edit,
        )
        .post(
            "/services/{service}/components/{component}/edit",
            CHANGES,
            components::change,
        )
        .post(
            "/services/{service}/components/{component}/archive",
            CHANGES,
            components::archive,
        )
        .get("/teams", Access::SignedIn, teams::list)
        .post("/teams", CHANGES, teams::make)
        .get("/teams/new", CHANGES, teams::new)
        .get("/teams/{team}/edit", CHANGES, teams::edit)
        .post("/teams/{team}/edit", CHANGES, teams::change)
        .post("/teams/{team}/archive", CHANGES, teams::archive)
        .get("/policies", Access::SignedIn, policies::list)
        .post("/policies", CHANGES, policies::make)
        .get("/policies/new", CHANGES, policies::new)
        .get("/policies/{policy}/edit", CHANGES, policies::edit)
        .post("/policies/{policy}/edit", CHANGES, policies::change)
        .post("/policies/{policy}/archive", CHANGES, policies::archive)
        .get("/account/reach", OWN, reach::page)
        .post("/account/reach", OWN, reach::add)
        .post("/account/reach/quiet-hours", OWN, reach::set_quiet_hours)
        .post(
            "/account/reach/quiet-hours/clear",
            OWN,
            reach::clear_quiet_hours,
        )
        .get("/account/reach/{route}/edit", OWN, reach::edit)
        .post("/account/reach/{route}/edit", OWN, reach::change)
        .post("/account/reach/{route}/move", OWN, reach::shift)
        .post("/account/reach/{route}/test", OWN, reach::test)
        .post("/account/reach/{route}/enable", OWN, reach::enable)
        .post("/account/reach/{route}/remove", OWN, reach::remove)
}

/// Goes to a page that says what was done.
fn done(web: &Web, path: &str, sentence: &str) -> Response {
    with_flash(web, see_other(path), Tone::Ok, sentence)
}

/// Goes back to a page that says why it was not done.
fn undone(web: &Web, path: &str, sentence: &str) -> Response {
    with_flash(web, see_other(path), Tone::Warn, sentence)
}

/// The form as it is shown again; what is no fault of a form goes on.
fn refused(form: &Form, error: Error) -> Result<FormState, PageError> {
    match error {
        Error::Invalid(errors) => Ok(form.refused(&errors)),
        Error::Conflict { message, .. } => Ok(form.state().refuse("", message)),
        other => Err(other.into()),
    }
}

/// A choice from a list that may be left empty; what is none of them is refused.
fn choice<T: std::str::FromStr>(
    form: &Form,
    field: &'static str,
    wrong: &mut Vec<FieldError>,
) -> Option<T> {
    let text = form.optional(field)?.trim();
    text.parse().ok().or_else(|| {
        wrong.push(FieldError {
            field: field.to_owned(),
            message: "Choose one of the list.".to_owned(),
        });
        None
    })
}

/// The identifiers that came with boxes ticked.
fn ticked<T: std::str::FromStr>(form: &Form, field: &str) -> Vec<T> {
    form.all(field)
        .iter()
        .filter_map(|id| id.parse().ok())
        .collect()
}
