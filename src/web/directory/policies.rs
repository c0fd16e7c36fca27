//! Escalation policies.

use super::{done, policy_draft as draft, shown, undone};
use crate::web::{Form, Page, PageError, Path, SignedIn, Web};
use axum::{extract::State, http::StatusCode, response::Response};
use leptos::prelude::*;
use rideout_app::{
    FormState, Nav,
    pages::directory::{
        Policies, PoliciesPage, PolicyDraft, PolicyForm, PolicyFormPage, TargetChoice,
    },
};
use rideout_domain::{Action, Actor, PolicyId};
use rideout_service::{Error, directory::ListedPolicy};

pub(super) async fn list(
    State(web): State<Web>,
    SignedIn(actor): SignedIn,
    page: Page,
) -> Result<Response, PageError> {
    let policies = web.service.policies(&actor).await?;
    let shown = PoliciesPage {
        policies: policies.into_iter().map(shown::policy_line).collect(),
        may_change: actor.may(Action::ManageDirectory),
        viewer: actor.id,
    };
    Ok(
        page.html(StatusCode::OK, Nav::Services, "Escalation policies", || {
            view! { <Policies page=shown /> }.into_any()
        }),
    )
}

pub(super) async fn new(
    State(web): State<Web>,
    SignedIn(actor): SignedIn,
    page: Page,
) -> Result<Response, PageError> {
    Error::authorise(&actor, Action::ManageDirectory)?;
    let around = Around::load(&web, &actor).await?;
    let id = PolicyId(web.service.new_id());
    let draft = draft::fresh(around.default_but(id).is_none());
    Ok(around.show(page, StatusCode::OK, (id, None), draft, Errors::default()))
}

/// Takes `id`, `name`, `default`, `description`, `repeats`, `levels` (how many)
/// and for each, from 0, `minutes-N`, `target-N` and `add-N`. `do` says which
/// button was pressed; only `save` saves.
pub(super) async fn make(
    State(web): State<Web>,
    SignedIn(actor): SignedIn,
    page: Page,
    form: Form,
) -> Result<Response, PageError> {
    Error::authorise(&actor, Action::ManageDirectory)?;
    let around = Around::load(&web, &actor).await?;
    let id = form
        .parse("id")
        .unwrap_or_else(|_| PolicyId(web.service.new_id()));
    let mut sent = draft::sent(&form, &around.choices);
    let what = draft::pressed(&form);
    if what != draft::Do::Save {
        draft::apply(&mut sent, what);
        return Ok(around.show(page, StatusCode::OK, (id, None), sent, Errors::unsaved()));
    }
    let made = match draft::read(&sent) {
        Ok(new) => web.service.make_policy(&actor, Some(id), &new).await,
        Err(error) => Err(error),
    };
    match made {
        Ok(id) => Ok(done(
            &web,
            &format!("/policies#policy-{id}"),
            "The escalation policy is made.",
        )),
        Err(error) => {
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            Ok(around.show(page, status, (id, None), sent, Errors::of(error)?))
        }
    }
}

pub(super) async fn edit(
    State(web): State<Web>,
    SignedIn(actor): SignedIn,
    Path(id): Path<PolicyId>,
    page: Page,
) -> Result<Response, PageError> {
    let (around, present) = find(&web, &actor, id).await?;
    let draft = draft::of(
        &present.policy,
        &present.description,
        present.is_default,
        &around.choices,
    );
    let name = Some(present.policy.name);
    Ok(around.show(page, StatusCode::OK, (id, name), draft, Errors::default()))
}

/// Takes what [`make`] takes but `id`.
pub(super) async fn change(
    State(web): State<Web>,
    SignedIn(actor): SignedIn,
    Path(id): Path<PolicyId>,
    page: Page,
    form: Form,
) -> Result<Response, PageError> {
    let (around, present) = find(&web, &actor, id).await?;
    let name = Some(present.policy.name);
    let mut sent = draft::sent(&form, &around.choices);
    let what = draft::pressed(&form);
    if what != draft::Do::Save {
        draft::apply(&mut sent, what);
        return Ok(around.show(page, StatusCode::OK, (id, name), sent, Errors::unsaved()));
    }
    let changed = match draft::read(&sent) {
        Ok(new) => web.service.change_policy(&actor, id, &new).await,
        Err(error) => Err(error),
    };
    match changed {
        Ok(()) => Ok(done(
            &web,
            &format!("/policies#policy-{id}"),
            "The escalation policy is changed. What is running keeps the one it began with.",
        )),
        Err(error) => {
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            Ok(around.show(page, status, (id, name), sent, Errors::of(error)?))
        }
    }
}

pub(super) async fn archive(
    State(web): State<Web>,
    SignedIn(actor): SignedIn,
    Path(id): Path<PolicyId>,
) -> Result<Response, PageError> {
    match web.service.archive_policy(&actor, id).await {
        Ok(()) => Ok(done(
            &web,
            "/policies",
            "The escalation policy is archived.",
        )),
        Err(Error::Conflict { message, .. }) => {
            Ok(undone(&web, &format!("/policies#policy-{id}"), &message))
        }
        Err(other) => Err(other.into()),
    }
}

async fn find(web: &Web, actor: &Actor, id: PolicyId) -> Result<(Around, ListedPolicy), PageError> {
    Error::authorise(actor, Action::ManageDirectory)?;
    let present = web.service.policy(actor, id).await?;
    let mut around = Around::load(web, actor).await?;
    // Who cannot be chosen any more is still named where they are called.
    for gone in &present.targets {
        let gone = shown::target(gone);
        if !around.choices.iter().any(|c| c.value == gone.value) {
            around.choices.push(gone.clone());
            around.gone.push(gone);
        }
    }
    Ok((around, present))
}

/// What is wrong with a draft, and whether it was changed since it was saved.
#[derive(Default)]
struct Errors {
    form: FormState,
    unsaved: bool,
}

impl Errors {
    fn unsaved() -> Self {
        Self {
            unsaved: true,
            ..Self::default()
        }
    }

    fn of(error: Error) -> Result<Self, PageError> {
        let form = match error {
            Error::Invalid(errors) => errors.iter().fold(FormState::new(), |form, error| {
                form.refuse(&error.field, error.message.as_str())
            }),
            Error::Conflict { message, .. } => FormState::new().refuse("", message),
            other => return Err(other.into()),
        };
        Ok(Self {
            form,
            unsaved: true,
        })
    }
}

/// What stands around a draft.
struct Around {
    /// Everybody who can be named.
    choices: Vec<TargetChoice>,
    /// Of those, who cannot be chosen any more.
    gone: Vec<TargetChoice>,
    policies: Vec<ListedPolicy>,
}

impl Around {
    async fn load(web: &Web, actor: &Actor) -> Result<Self, PageError> {
        let targets = web.service.policy_targets(actor).await?;
        let choices: Vec<_> = targets.iter().map(shown::target).collect();
        let gone = choices.iter().filter(|c| c.trouble.is_some()).cloned();
        Ok(Self {
            gone: gone.collect(),
            choices,
            policies: web.service.policies(actor).await?,
        })
    }

    fn default_but(&self, id: PolicyId) -> Option<String> {
        let mut others = self.policies.iter().filter(|p| p.id != id);
        others.find(|p| p.is_default).map(|p| p.policy.name.clone())
    }

    fn show(
        self,
        page: Page,
        status: StatusCode,
        (id, name): (PolicyId, Option<String>),
        draft: PolicyDraft,
        errors: Errors,
    ) -> Response {
        let title = if name.is_none() {
            "Make an escalation policy"
        } else {
            "Edit an escalation policy"
        };
        let default_policy = self.default_but(id);
        let mut choices = self.choices;
        choices.retain(|c| !self.gone.contains(c));
        let shown = PolicyFormPage {
            id,
            name,
            told: draft::told(&draft),
            draft,
            errors: errors.form,
            choices,
            default_policy,
            unsaved: errors.unsaved,
        };
        page.html(status, Nav::Services, title, || {
            view! { <PolicyForm page=shown /> }.into_any()
        })
    }
}
