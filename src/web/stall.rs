//! The stall watch itself: its figures, and its policies.

use crate::web::{
    Access, Form, Page, PageError, Query, Routes, SignedIn, Web,
    page::{see_other, with_flash},
};
use axum::{extract::State, http::StatusCode, response::Response};
use rideout_app::{
    FormState, Nav,
    components::Tone,
    pages::stall::{
        FiguresLine, FiguresPage, PlayedShown, PolicyChoice, PolicyPage, PreviewShown,
        figures_page, policy_form, policy_page, read_rules,
    },
};
use rideout_domain::{Action, Actor, Role, ServiceId, Severity, stall::Settings};
use rideout_service::{
    Error,
    stall::{ENTRIES_MOST, LeftOut, WatchPolicy},
};

/// The endpoints.
pub(super) fn routes() -> Routes {
    Routes::new()
        .get("/stall", Access::SignedIn, figures)
        .get("/stall/policy", Access::SignedIn, policy)
        .post("/stall/policy", Access::Role(Role::Commander), change)
}

async fn figures(
    State(web): State<Web>,
    SignedIn(actor): SignedIn,
    page: Page,
) -> Result<Response, PageError> {
    let told = web.service.stall_figures(&actor).await?;
    let shown = FiguresPage {
        incidents: told
            .incidents
            .into_iter()
            .map(|one| FiguresLine {
                incident: one.incident,
                figures: one.figures,
            })
            .collect(),
        all: told.all,
    };
    Ok(page.html(StatusCode::OK, Nav::Stall, "Stall watch", || {
        figures_page(&shown)
    }))
}

/// Which policy is meant: `service` may be empty, `severity` is SEV1 if nothing is said.
fn which(service: &str, severity: &str) -> Result<(Option<ServiceId>, Severity), Error> {
    let service = match service.trim() {
        "" => None,
        id => Some(ServiceId(id.parse().map_err(|_| Error::NotFound)?)),
    };
    Ok((service, severity.parse().unwrap_or(Severity::Sev1)))
}

async fn policy(
    State(web): State<Web>,
    SignedIn(actor): SignedIn,
    page: Page,
    query: Query,
) -> Result<Response, PageError> {
    let (service, severity) = which(query.text("service"), query.text("severity"))?;
    let policy = web.service.watch_policy(&actor, service).await?;
    let form = policy_form(policy.settings.rules(severity));
    let shown = Shown {
        policy,
        severity,
        form,
        preview: None,
    };
    show(&web, &actor, page, StatusCode::OK, shown).await
}

/// Takes the settings of one severity, `service`, `severity`, and `do`: save,
/// preview or reset.
async fn change(
    State(web): State<Web>,
    SignedIn(actor): SignedIn,
    page: Page,
    form: Form,
) -> Result<Response, PageError> {
    Error::authorise(&actor, Action::ManageDirectory)?;
    let (service, severity) = which(form.text("service"), form.text("severity"))?;
    let policy = web.service.watch_policy(&actor, service).await?;
    let back = match service {
        Some(id) => format!("/stall/policy?service={id}&severity={severity}"),
        None => format!("/stall/policy?severity={severity}"),
    };
    let done = |words: &str| Ok(with_flash(&web, see_other(&back), Tone::Ok, words));
    if form.text("do") == "reset" {
        web.service.reset_watch_policy(&actor, service).await?;
        return done("The settings are taken back. Open incidents are looked at at once.");
    }
    let typed = form.state();
    let mut settings = policy.settings.clone();
    let mut shown = Shown {
        policy,
        severity,
        form: typed,
        preview: None,
    };
    match read_rules(&shown.form, settings.rules(severity), severity) {
        Ok(rules) => *settings.rules_mut(severity) = rules,
        Err(refused) => {
            shown.form = refused;
            return show(&web, &actor, page, StatusCode::UNPROCESSABLE_ENTITY, shown).await;
        }
    }
    let result = if form.text("do") == "preview" {
        preview(&web, &actor, service, &settings).await.map(Some)
    } else {
        let saved = web.service.set_watch_policy(&actor, service, &settings);
        saved.await.map(|()| None)
    };
    match result {
        Ok(None) => done("Saved. Open incidents are looked at by the new settings at once."),
        Ok(preview) => {
            shown.preview = preview;
            show(&web, &actor, page, StatusCode::OK, shown).await
        }
        Err(Error::Busy) => {
            let busy = "Rideout has its hands full. Wait a moment and press again; nothing you typed is lost.";
            shown.form = shown.form.refuse("", busy);
            show(&web, &actor, page, StatusCode::SERVICE_UNAVAILABLE, shown).await
        }
        Err(Error::Conflict { message, .. }) => {
            shown.form = shown.form.refuse("", &message);
            show(&web, &actor, page, StatusCode::CONFLICT, shown).await
        }
        Err(other) => Err(other.into()),
    }
}

async fn preview(
    web: &Web,
    actor: &Actor,
    service: Option<ServiceId>,
    settings: &Settings,
) -> Result<PreviewShown, Error> {
    let told = web
        .service
        .preview_watch_policy(actor, service, settings)
        .await?;
    Ok(PreviewShown {
        played: told
            .played
            .into_iter()
            .map(|one| PlayedShown {
                reference: one.reference,
                title: one.title,
                escalation: one.escalation,
                preview: one.preview,
            })
            .collect(),
        left_out: told
            .left_out
            .into_iter()
            .map(|(reference, title, why)| {
                let why = match why {
                    LeftOut::TooLong(entries) => format!(
                        "its timeline has {entries} entries; timelines of up to {ENTRIES_MOST} are played"
                    ),
                    LeftOut::WorkDone => {
                        "the incidents together are more than one preview plays".to_owned()
                    }
                };
                (reference, title, why)
            })
            .collect(),
    })
}

/// What the page of a policy shows.
struct Shown {
    policy: WatchPolicy,
    severity: Severity,
    form: FormState,
    preview: Option<PreviewShown>,
}

async fn show(
    web: &Web,
    actor: &Actor,
    page: Page,
    status: StatusCode,
    shown: Shown,
) -> Result<Response, PageError> {
    let Shown {
        policy,
        severity,
        form,
        preview,
    } = shown;
    let own: Vec<Option<ServiceId>> = web
        .service
        .watch_policies(actor)
        .await?
        .into_iter()
        .map(|p| p.service.map(|(id, _)| id))
        .collect();
    let mut choices = vec![PolicyChoice {
        service: None,
        name: "The organisation".to_owned(),
        own: true,
    }];
    choices.extend(
        web.service
            .services(actor)
            .await?
            .into_iter()
            .map(|s| PolicyChoice {
                service: Some(s.id),
                own: own.contains(&Some(s.id)),
                name: s.name,
            }),
    );
    let id = policy.service.as_ref().map(|(id, _)| *id);
    let current = choices
        .iter()
        .find(|c| c.service == id)
        .cloned()
        .ok_or(Error::NotFound)?;
    let defaults = match id {
        // A service gets those of the organisation by doing nothing.
        Some(_) => web.service.watch_policy(actor, None).await?.settings,
        None => Settings::default(),
    };
    let shown = PolicyPage {
        choices,
        current,
        severity,
        form,
        defaults: defaults.rules(severity).clone(),
        changed: policy.changed.map(|(at, _, who)| (at, who)),
        may_change: actor.may(Action::ManageDirectory),
        preview,
        now: page.now(),
    };
    Ok(page.html(status, Nav::Stall, "Watch policy", || policy_page(&shown)))
}
