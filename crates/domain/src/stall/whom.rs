//! Whom to call: people who could help a stalled room, the likeliest first.
//!
//! The register of people, components and dependencies proposes candidates with
//! the ground on which each could help; this module judges them against what
//! made the room stall, merges those named twice, and leaves out who is here.

use super::Signal;
use crate::{UserId, entry::ToCall};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeSet, mem::discriminant};

/// Most people that are proposed; more is no proposal.
pub const SUGGESTIONS_MAX: usize = 8;

/// Why somebody could help.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "ground", rename_all = "snake_case")]
pub enum Ground {
    /// On call for an affected service now.
    OnCall {
        /// The service.
        service: String,
    },
    /// Owns an affected service or component.
    Owner {
        /// The service or component.
        of: String,
    },
    /// Is known to know an affected component.
    Expert {
        /// The component.
        component: String,
        /// How well, 0 to 1; 1 when the component is named in what is suspected or
        /// in what blocks the room.
        strength: f64,
    },
    /// Owns a dependency that is suspected, or answers for it.
    Dependency {
        /// The dependency.
        dependency: String,
    },
    /// Learnt something in a similar incident.
    SimilarIncident {
        /// Its reference: INC-7.
        reference: String,
        /// How similar, 0 to 1.
        likeness: f64,
    },
    /// Stands at the next level of the escalation policy.
    NextLevel {
        /// From 1.
        level: u32,
    },
}

impl Ground {
    /// The reason, in a sentence.
    #[must_use]
    pub fn reason(&self) -> String {
        match self {
            Self::OnCall { service } => format!("On call for {service} now."),
            Self::Owner { of } => format!("Owns {of}."),
            Self::Expert { component, .. } => format!("Knows {component}."),
            Self::Dependency { dependency } => {
                format!("Answers for {dependency}, which is suspected.")
            }
            Self::SimilarIncident { reference, .. } => {
                format!("Learnt what mattered in {reference}, which was similar.")
            }
            Self::NextLevel { level } => {
                format!("Stands at level {level} of the escalation policy.")
            }
        }
    }

    /// Points for the ground itself. Whoever is on duty and knows the thing comes
    /// first; the next level is for when nobody else is left.
    fn points(&self) -> f64 {
        match self {
            Self::OnCall { .. } => 60.0,
            Self::Owner { .. } => 40.0,
            Self::Expert { strength, .. } => 55.0 * strength.clamp(0.0, 1.0),
            Self::Dependency { .. } => 35.0,
            Self::SimilarIncident { likeness, .. } => 40.0 * likeness.clamp(0.0, 1.0),
            Self::NextLevel { level } => 20.0 / f64::from((*level).max(1)),
        }
    }

    /// Factor by what made the room stall.
    fn factor(&self, fired: &[Signal]) -> f64 {
        let fires = |signal| fired.contains(&signal);
        match self {
            Self::Expert { .. } if fires(Signal::NoExpert) => 2.0,
            Self::Expert { strength, .. } if fires(Signal::Blocked) && *strength >= 1.0 => 2.0,
            Self::Dependency { .. }
                if fires(Signal::DependencySilent) || fires(Signal::Blocked) =>
            {
                2.0
            }
            Self::SimilarIncident { .. }
                if fires(Signal::NoIdea) || fires(Signal::OneIdea) || fires(Signal::Circles) =>
            {
                1.5
            }
            Self::NextLevel { .. }
                if fires(Signal::NobodyLeads) || fires(Signal::PageUnanswered) =>
            {
                3.0
            }
            _ => 1.0,
        }
    }
}

/// Somebody who could be called.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Candidate {
    /// Who; none for somebody without an account, such as a supplier's support.
    pub person: Option<UserId>,
    /// Name, for people.
    pub name: String,
    /// Why.
    pub ground: Ground,
    /// How they are reached, for people: “ntfy, then e-mail”. Empty when no
    /// route is known.
    pub route: String,
}

impl Candidate {
    /// Whether both name one person; without an account the name must do.
    fn is_the_same(&self, other: &Self) -> bool {
        match (self.person, other.person) {
            (None, None) => self.name == other.name,
            (one, another) => one == another,
        }
    }
}

/// Somebody to call, with every reason.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Suggestion {
    /// Who; none for somebody without an account.
    pub person: Option<UserId>,
    /// Name, for people.
    pub name: String,
    /// Reasons in sentences, one of each kind, the weightiest first.
    pub reasons: Vec<String>,
    /// How they are reached.
    pub route: String,
    /// Points, for the order.
    pub points: f64,
}

impl Suggestion {
    /// As a prompt tells it: with the two weightiest reasons.
    #[must_use]
    pub fn to_call(&self) -> ToCall {
        let reasons: Vec<&str> = self.reasons.iter().take(2).map(String::as_str).collect();
        ToCall {
            user: self.person,
            name: self.name.clone(),
            reason: reasons.join(" "),
            route: self.route.clone(),
        }
    }
}

/// How those who could be called stand to the room.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// Who is in it.
    pub present: BTreeSet<UserId>,
    /// Who has been called and has not answered yet.
    pub called: BTreeSet<UserId>,
    /// Whom a page did not reach a while ago.
    pub missed: BTreeSet<UserId>,
}

/// Ranks candidates for a room in which these signals fire.
///
/// Who is present, and who has been called and not answered yet, is left out. A
/// further ground of the same person counts half, one after that a quarter, so
/// that no heap of weak grounds outweighs a strong one. Whom a page has just not
/// reached comes after the others, and who cannot be reached last, but is named:
/// somebody may know their telephone number.
#[must_use]
pub fn rank(candidates: &[Candidate], fired: &[Signal], standing: &Standing) -> Vec<Suggestion> {
    let mut people: Vec<Vec<(f64, &Candidate)>> = Vec::new();
    for candidate in candidates {
        let here = |who: &BTreeSet<UserId>| candidate.person.is_some_and(|id| who.contains(&id));
        if here(&standing.present) || here(&standing.called) {
            continue;
        }
        let points = candidate.ground.points() * candidate.ground.factor(fired);
        let known = people.iter_mut().find(|grounds| {
            grounds
                .first()
                .is_some_and(|(_, other)| other.is_the_same(candidate))
        });
        match known {
            Some(grounds) => grounds.push((points, candidate)),
            None => people.push(vec![(points, candidate)]),
        }
    }
    let mut suggestions: Vec<Suggestion> = people.into_iter().filter_map(merged).collect();
    let missed = |one: &Suggestion| one.person.is_some_and(|id| standing.missed.contains(&id));
    suggestions.sort_by(|a, b| {
        (a.route.is_empty().cmp(&b.route.is_empty()))
            .then(missed(a).cmp(&missed(b)))
            .then(b.points.total_cmp(&a.points))
            .then_with(|| a.name.cmp(&b.name))
            .then_with(|| a.person.cmp(&b.person))
    });
    suggestions.truncate(SUGGESTIONS_MAX);
    suggestions
}

fn merged(mut grounds: Vec<(f64, &Candidate)>) -> Option<Suggestion> {
    grounds.sort_by(|a, b| {
        b.0.total_cmp(&a.0)
            .then_with(|| a.1.ground.reason().cmp(&b.1.ground.reason()))
    });
    let (_, first) = grounds.first()?;
    let (mut counted, mut kinds, mut reasons) = (Vec::new(), Vec::new(), Vec::new());
    let mut points = 0.0;
    let mut share = 1.0;
    for (worth, candidate) in &grounds {
        let reason = candidate.ground.reason();
        if counted.contains(&reason) {
            continue;
        }
        points += worth * share;
        share /= 2.0;
        let kind = discriminant(&candidate.ground);
        if !kinds.contains(&kind) {
            kinds.push(kind);
            reasons.push(reason.clone());
        }
        counted.push(reason);
    }
    let route = grounds
        .iter()
        .map(|(_, c)| c.route.as_str())
        .find(|route| !route.is_empty());
    Some(Suggestion {
        person: first.person,
        name: first.name.clone(),
        reasons,
        route: route.unwrap_or_default().to_owned(),
        points,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use uuid::Uuid;

    fn user(n: u128) -> UserId {
        UserId(Uuid::from_u128(n))
    }

    fn candidate(n: u128, name: &str, ground: Ground) -> Candidate {
        Candidate {
            person: Some(user(n)),
            name: name.into(),
            ground,
            route: "ntfy, then e-mail".into(),
        }
    }

    fn expert(component: &str, strength: f64) -> Ground {
        Ground::Expert {
            component: component.into(),
            strength,
        }
    }

    fn names(candidates: &[Candidate], fired: &[Signal]) -> Vec<String> {
        rank(candidates, fired, &Standing::default())
            .into_iter()
            .map(|s| s.name)
            .collect()
    }

    fn register() -> Vec<Candidate> {
        vec![
            candidate(1, "Next", Ground::NextLevel { level: 1 }),
            candidate(
                2,
                "Past",
                Ground::SimilarIncident {
                    reference: "INC-3".into(),
                    likeness: 0.8,
                },
            ),
            candidate(
                3,
                "Carrier",
                Ground::Dependency {
                    dependency: "the carrier API".into(),
                },
            ),
            candidate(4, "Platform", expert("the load balancer", 0.9)),
            candidate(
                5,
                "Owner",
                Ground::Owner {
                    of: "reservations".into(),
                },
            ),
            candidate(
                6,
                "Duty",
                Ground::OnCall {
                    service: "reservations".into(),
                },
            ),
        ]
    }

    #[test]
    fn who_is_on_duty_and_knows_comes_first() {
        assert_eq!(
            names(&register(), &[]),
            ["Duty", "Platform", "Owner", "Carrier", "Past", "Next"]
        );
    }

    #[test]
    fn what_stalls_the_room_decides_who_helps() {
        for (fired, first) in [
            (Signal::NoExpert, "Platform"),
            (Signal::DependencySilent, "Carrier"),
            (Signal::Blocked, "Carrier"),
            (Signal::Quiet, "Duty"),
        ] {
            assert_eq!(names(&register(), &[fired])[0], first, "{fired}");
        }
        let led = names(&register(), &[Signal::NobodyLeads]);
        assert_eq!(led.iter().position(|n| n == "Next"), Some(1), "{led:?}");
    }

    #[test]
    fn who_knows_what_blocks_the_room_comes_before_a_suspected_dependency() {
        let mut candidates = register();
        candidates.push(candidate(7, "Admin", expert("the admin interface", 1.0)));
        assert_eq!(
            names(&candidates, &[Signal::Blocked])[..2],
            ["Admin", "Carrier"]
        );
        assert_eq!(names(&candidates, &[Signal::Quiet])[0], "Duty");
    }

    #[test]
    fn named_twice_is_one_person_with_both_reasons() {
        let mut candidates = register();
        candidates.push(candidate(4, "Platform", Ground::NextLevel { level: 2 }));
        candidates.push(candidate(4, "Platform", expert("the load balancer", 0.5)));
        let all = rank(&candidates, &[], &Standing::default());
        let platform = all.iter().find(|s| s.person == Some(user(4))).unwrap();
        assert_eq!(
            platform.reasons,
            [
                "Knows the load balancer.",
                "Stands at level 2 of the escalation policy."
            ]
        );
        assert_eq!(all.len(), 6);
    }

    #[test]
    fn who_is_here_or_was_called_is_left_out() {
        let standing = Standing {
            present: BTreeSet::from([user(6)]),
            called: BTreeSet::from([user(4)]),
            ..Standing::default()
        };
        let left: Vec<String> = rank(&register(), &[], &standing)
            .into_iter()
            .map(|s| s.name)
            .collect();
        assert_eq!(left, ["Owner", "Carrier", "Past", "Next"]);
    }

    #[test]
    fn whom_a_page_did_not_reach_is_named_after_the_others() {
        let first = names(&register(), &[])[0].clone();
        let missed = register().iter().find(|c| c.name == first).unwrap().person;
        let standing = Standing {
            missed: missed.into_iter().collect(),
            ..Standing::default()
        };
        let all = rank(&register(), &[], &standing);
        assert_eq!(all.last().unwrap().name, first);
    }

    #[test]
    fn a_supplier_without_an_account_is_named_too() {
        let support = |ground| Candidate {
            person: None,
            name: "Carrier support".into(),
            ground,
            route: "+1 555 0100".into(),
        };
        let dependency = Ground::Dependency {
            dependency: "the carrier API".into(),
        };
        let all = rank(
            &[support(dependency), support(Ground::NextLevel { level: 1 })],
            &[],
            &Standing::default(),
        );
        assert_eq!(all.len(), 1);
        let call = all[0].to_call();
        assert_eq!((call.user, call.route.as_str()), (None, "+1 555 0100"));
        assert_eq!(
            call.reason,
            "Answers for the carrier API, which is suspected. Stands at level 1 of the escalation policy."
        );
    }

    #[test]
    fn who_cannot_be_reached_is_named_last() {
        let mut candidates = register();
        candidates[5].route.clear();
        let all = rank(&candidates, &[], &Standing::default());
        assert_eq!(all.last().unwrap().name, "Duty");
    }

    proptest! {
        #[test]
        fn the_order_of_candidates_does_not_matter(seed in proptest::collection::vec((0_u128..6, 0_usize..6), 0..20), turn in 0_usize..20) {
            let grounds = register();
            let candidates: Vec<Candidate> = seed
                .iter()
                .map(|(who, ground)| candidate(*who, &format!("P{who}"), grounds[*ground].ground.clone()))
                .collect();
            let mut turned = candidates.clone();
            if !turned.is_empty() {
                let by = turn % turned.len();
                turned.rotate_left(by);
            }
            prop_assert_eq!(names(&candidates, &[Signal::Circles]), names(&turned, &[Signal::Circles]));
        }
    }
}
