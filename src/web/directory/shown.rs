//! What use cases answer, as pages show it.

use crate::web::{PageError, Web};
use rideout_app::{
    components::Choice,
    pages::directory::{
        AffectedLine, ComponentLine, DependencyLine, Linked, Named, PolicyLine, ServiceLine,
        TargetChoice,
    },
};
use rideout_domain::{
    Actor, PolicyId, ServiceId, TeamId, UserId, directory::key, escalation::Target,
};
use rideout_service::{account::Person, directory as service};

pub(super) fn person(one: service::Named) -> Named {
    Named {
        id: one.id,
        name: one.name,
        active: one.active,
    }
}

pub(super) fn persons(all: Vec<service::Named>) -> Vec<Named> {
    all.into_iter().map(person).collect()
}

pub(super) fn team(one: service::Ref<TeamId>) -> Linked {
    Linked {
        href: format!("/teams#team-{}", one.id),
        name: one.name,
    }
}

pub(super) fn policy(id: PolicyId, name: String) -> Linked {
    Linked {
        href: format!("/policies#policy-{id}"),
        name,
    }
}

pub(super) fn service(id: ServiceId, name: String) -> Linked {
    Linked {
        href: format!("/services/{id}"),
        name,
    }
}

pub(super) fn line(one: service::Registered) -> ServiceLine {
    ServiceLine {
        id: one.id,
        name: one.name,
        description: one.description,
        kind: one.kind,
        owner: one.owner.map(person),
        team: one.team.map(team),
        policy: one.policy.map(|p| policy(p.id, p.name)),
        contact: one.contact,
        response_minutes: one.response_minutes,
    }
}

pub(super) fn component(one: service::Component) -> ComponentLine {
    ComponentLine {
        id: one.id,
        name: one.name,
        description: one.description,
        owner: one.owner.map(person),
        experts: persons(one.experts),
    }
}

pub(super) fn dependency(one: service::Dependency) -> DependencyLine {
    DependencyLine {
        hard: one.hard,
        service: line(one.service),
    }
}

pub(super) fn policy_line(one: service::ListedPolicy) -> PolicyLine {
    let named = |target: Target| {
        let found = one.targets.iter().find(|t| t.target == target);
        found.map_or_else(|| ("somebody".to_owned(), false), |t| (t.whom(), t.reaches))
    };
    PolicyLine {
        id: one.id,
        levels: one
            .policy
            .levels
            .iter()
            .map(|level| {
                let targets = level.targets.iter().map(|t| named(*t)).collect();
                (level.minutes, targets)
            })
            .collect(),
        repeats: one.policy.repeats,
        name: one.policy.name,
        description: one.description,
        is_default: one.is_default,
        told: one.told,
        troubles: one
            .targets
            .iter()
            .filter_map(|t| t.trouble.clone())
            .collect(),
        unconfirmed: persons(one.unconfirmed),
        used_by: one
            .used_by
            .into_iter()
            .map(|s| service(s.id, s.name))
            .collect(),
    }
}

pub(super) fn target(one: &service::TargetName) -> TargetChoice {
    let group = match one.target {
        Target::Schedule(_) => "On call",
        Target::Team(_) => "Teams",
        Target::Person(_) => "People",
    };
    let whom = one.whom();
    let label = match one.target {
        Target::Team(_) if !one.reaches => format!("{whom} (nobody at present)"),
        _ => whom.clone(),
    };
    TargetChoice {
        value: one.target.to_string(),
        label,
        whom,
        group,
        trouble: one.trouble.clone(),
    }
}

/// People to choose one from; the one chosen may have lost their account.
pub(super) fn owners(people: &[Person], present: Option<&service::Named>) -> Vec<Choice> {
    let mut choices: Vec<_> = people
        .iter()
        .map(|p| Choice::new(p.id.to_string(), p.name.clone()))
        .collect();
    if let Some(present) = present.filter(|p| !p.active) {
        choices.push(Choice::new(
            present.id.to_string(),
            format!("{} (no account)", present.name),
        ));
    }
    choices
}

pub(super) fn boxes(people: Vec<Person>) -> Vec<(UserId, String)> {
    people.into_iter().map(|p| (p.id, p.name)).collect()
}

/// What is known of the services an incident names.
pub(in crate::web) async fn affected(
    web: &Web,
    actor: &Actor,
    names: &[String],
) -> Result<Vec<AffectedLine>, PageError> {
    let known = web.service.known_services(actor, names).await?;
    Ok(names
        .iter()
        .map(|name| {
            let found = known
                .iter()
                .find(|k| key(&k.affected.service.name) == key(name));
            let Some(found) = found else {
                return AffectedLine {
                    name: name.clone(),
                    href: None,
                    owner: None,
                    team: None,
                    contact: String::new(),
                    response_minutes: None,
                    relies_on: Vec::new(),
                };
            };
            let at = found.affected.service.clone();
            AffectedLine {
                name: name.clone(),
                href: Some(format!("/services/{}", at.id)),
                owner: at.owner.map(person),
                team: at.team.map(team),
                contact: at.contact,
                response_minutes: at.response_minutes,
                relies_on: found
                    .relies_on
                    .iter()
                    .map(|(hard, one)| (*hard, service(one.service.id, one.service.name.clone())))
                    .collect(),
            }
        })
        .collect())
}
