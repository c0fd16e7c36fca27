//! Who may look: stakeholder links, people named, and the page behind a link.

use crate::web::{Form, Page, PageError, Path, SignedIn, Web, see_other, with_flash};
use axum::{
    extract::State,
    http::{HeaderValue, StatusCode, header},
    response::Response,
};
use leptos::prelude::*;
use rideout_app::{
    FormState, Nav,
    components::Tone,
    pages::{
        room::Person,
        share::{Share, SharePage, SharedLink},
        stakeholder::{Stakeholder, StakeholderGone, StakeholderPage},
    },
};
use rideout_domain::{Action, Actor, IncidentId, StakeholderLinkId};
use rideout_service::{Error, share::StakeholderLink};

pub(super) async fn page(
    State(web): State<Web>,
    SignedIn(actor): SignedIn,
    page: Page,
    Path(incident): Path<IncidentId>,
) -> Result<Response, PageError> {
    show(
        &web,
        &actor,
        page,
        StatusCode::OK,
        incident,
        Shown::default(),
    )
    .await
}

/// What the page shows besides what is stored.
#[derive(Default)]
struct Shown {
    made: Option<String>,
    link_form: FormState,
    access_form: FormState,
}

async fn show(
    web: &Web,
    actor: &Actor,
    page: Page,
    status: StatusCode,
    id: IncidentId,
    shown: Shown,
) -> Result<Response, PageError> {
    let incident = web.service.incident(actor, id).await?;
    let leads = incident.commander == Some(actor.id) || incident.declared_by == actor.id;
    let (links, named) = match web.service.sharing(actor, id).await {
        Ok(sharing) => (Some(sharing.links), sharing.people),
        // Whoever leads a restricted incident may name people, and no more.
        Err(Error::Forbidden { .. })
            if leads && incident.restricted && actor.may(Action::Respond) =>
        {
            (None, Vec::new())
        }
        Err(error) => return Err(error.into()),
    };
    let people = if incident.restricted {
        web.service.people().await?
    } else {
        Vec::new()
    };
    let links = links.map(|links| links.into_iter().map(shared).collect());
    let shown = SharePage {
        incident,
        links,
        named: named
            .into_iter()
            .map(|(id, name, since)| (Person { id, name }, since))
            .collect(),
        people: people
            .into_iter()
            .map(|p| Person {
                id: p.id,
                name: p.name,
            })
            .collect(),
        made: shown.made,
        link_form: shown.link_form,
        access_form: shown.access_form,
        now: page.now(),
    };
    Ok(page.html(status, Nav::Incidents, "Who may look", || {
        view! { <Share page=shown /> }.into_any()
    }))
}

fn shared(link: StakeholderLink) -> SharedLink {
    SharedLink {
        id: link.id,
        label: link.label,
        created_by: link.created_by,
        created_at: link.created_at,
        last_viewed_at: link.last_viewed_at,
        revoked_at: link.revoked_at,
    }
}

/// Takes `label`. The secret is shown in the answer and nowhere else, so this
/// one form is not followed by a redirect.
pub(super) async fn make_link(
    State(web): State<Web>,
    SignedIn(actor): SignedIn,
    page: Page,
    Path(incident): Path<IncidentId>,
    form: Form,
) -> Result<Response, PageError> {
    let (status, shown) = match web
        .service
        .make_stakeholder_link(&actor, incident, form.text("label"))
        .await
    {
        Ok((_, token)) => {
            let made = Some(web.link(&format!("/s/{token}")));
            (
                StatusCode::CREATED,
                Shown {
                    made,
                    ..Shown::default()
                },
            )
        }
        Err(Error::Invalid(errors)) => {
            let link_form = form.refused(&errors);
            (
                StatusCode::UNPROCESSABLE_ENTITY,
                Shown {
                    link_form,
                    ..Shown::default()
                },
            )
        }
        Err(other) => return Err(other.into()),
    };
    show(&web, &actor, page, status, incident, shown).await
}

pub(super) async fn revoke_link(
    State(web): State<Web>,
    SignedIn(actor): SignedIn,
    Path((incident, link)): Path<(IncidentId, StakeholderLinkId)>,
) -> Result<Response, PageError> {
    web.service
        .revoke_stakeholder_link(&actor, incident, link)
        .await?;
    let back = see_other(&format!("/incidents/{incident}/share"));
    Ok(with_flash(
        &web,
        back,
        Tone::Ok,
        "The link is revoked. It leads nowhere from now on.",
    ))
}

/// Takes `user`.
pub(super) async fn grant(
    State(web): State<Web>,
    SignedIn(actor): SignedIn,
    page: Page,
    Path(incident): Path<IncidentId>,
    form: Form,
) -> Result<Response, PageError> {
    let granted = match form.text("user").parse() {
        Ok(user) => web.service.grant_access(&actor, incident, user).await,
        // Whether the incident may be seen at all comes first.
        Err(_) => match web.service.incident(&actor, incident).await {
            Ok(_) => Err(Error::invalid("user", "Choose who may see it.")),
            Err(error) => Err(error),
        },
    };
    match granted {
        Ok(()) => Ok(see_other(&format!("/incidents/{incident}/share#people"))),
        Err(Error::Invalid(errors)) => {
            let access_form = form.refused(&errors);
            let shown = Shown {
                access_form,
                ..Shown::default()
            };
            show(
                &web,
                &actor,
                page,
                StatusCode::UNPROCESSABLE_ENTITY,
                incident,
                shown,
            )
            .await
        }
        Err(other) => Err(other.into()),
    }
}

/// The page behind a stakeholder link: for people without an account.
pub(super) async fn stakeholder(
    State(web): State<Web>,
    page: Page,
    Path(token): Path<String>,
) -> Result<Response, PageError> {
    let page = page.islands(false);
    let mut response = match web.service.stakeholder_view(&token).await {
        Ok(seen) => {
            let shown = StakeholderPage {
                title: seen.title,
                severity: seen.severity,
                status: seen.status,
                started_at: seen.started_at,
                resolved_at: seen.resolved_at,
                next_update_at: seen.next_update_at,
                updates: seen.updates,
                statuses: seen.statuses,
                now: page.now(),
            };
            let title = shown.title.clone();
            let mut response = page.html(StatusCode::OK, Nav::None, &title, || {
                view! { <Stakeholder page=shown /> }.into_any()
            });
            response
                .headers_mut()
                .insert(header::REFRESH, HeaderValue::from_static("60"));
            response
        }
        Err(Error::NotFound) => {
            page.html(StatusCode::NOT_FOUND, Nav::None, "No longer shared", || {
                view! { <StakeholderGone /> }.into_any()
            })
        }
        Err(other) => return Err(other.into()),
    };
    // The address is the secret and must not be found. Nor does it travel on:
    // like every page of ours, this one names itself to no other site.
    response.headers_mut().insert(
        "x-robots-tag",
        HeaderValue::from_static("noindex, nofollow"),
    );
    Ok(response)
}
