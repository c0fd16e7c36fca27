//! Who owns what in the example, and whom to call.

use crate::{
    Error, Service,
    directory::{NewComponent, NewPolicy, NewQuietHours, NewRoute, NewService, NewTeam},
};
use rideout_domain::{
    Actor, Channel, PolicyId, ScheduleId, ServiceId, ServiceKind, Severity, TeamId,
    escalation::{Level, Policy, Target},
};
use std::collections::HashMap;

type People = HashMap<&'static str, Actor>;

impl Service {
    /// Teams, policies, services, and how everybody is reached.
    pub(super) async fn directory_of_the_example(
        &self,
        people: &People,
        on_call: ScheduleId,
    ) -> Result<(), Error> {
        for actor in people.values() {
            self.reached_in_the_browser(actor).await?;
        }
        let quiet = NewQuietHours {
            zone: "Europe/Berlin".into(),
            from: "22:00".into(),
            until: "07:00".into(),
            loud_severity: Severity::Sev2,
        };
        self.set_quiet_hours(&people["lena"], Some(&quiet)).await?;
        let keeper = &people["priya"];
        let reservations = self
            .team_of_the_example(
                keeper,
                "Reservations",
                "The store app and its reservations.",
                &[&people["omar"], &people["lena"]],
            )
            .await?;
        let platform = self
            .team_of_the_example(
                keeper,
                "Platform",
                "Load balancer, instances, thread pools.",
                &[&people["dana"], &people["ravi"], &people["tomas"]],
            )
            .await?;
        let person = |key: &str| Target::Person(people[key].id);
        let launch = vec![
            level(5, vec![Target::Schedule(on_call)]),
            level(10, vec![Target::Team(platform), person("sam")]),
            level(10, vec![person("grace")]),
        ];
        self.policy_of_the_example(keeper, "Launch", true, launch)
            .await?;
        let carrier = vec![
            level(10, vec![person("omar")]),
            level(10, vec![Target::Team(reservations)]),
        ];
        let carrier = self
            .policy_of_the_example(keeper, "Carrier", false, carrier)
            .await?;
        self.services_of_the_example(people, reservations, platform, carrier)
            .await
    }

    async fn services_of_the_example(
        &self,
        people: &People,
        reservations: TeamId,
        platform: TeamId,
        carrier_policy: PolicyId,
    ) -> Result<(), Error> {
        let keeper = &people["priya"];
        let new = |name: &str, description: &str| NewService {
            name: name.into(),
            description: description.into(),
            ..NewService::default()
        };
        let app = NewService {
            owner: Some(people["lena"].id),
            team: Some(reservations),
            ..new("Store app", "What customers have on their phones.")
        };
        let app = self.make_service(keeper, None, &app).await?;
        let reserving = NewService {
            owner: Some(people["omar"].id),
            team: Some(reservations),
            ..new(
                "Reservations",
                "Reserves a phone without typing in a carrier account: 10 instances of 32 threads.",
            )
        };
        let reserving = self.make_service(keeper, None, &reserving).await?;
        let balancer = NewService {
            owner: Some(people["ravi"].id),
            team: Some(platform),
            ..new("Load balancer", "Brings customers to the instances.")
        };
        let balancer = self.make_service(keeper, None, &balancer).await?;
        let carrier = NewService {
            kind: ServiceKind::Dependency,
            owner: Some(people["mei"].id),
            contact: "Carrier operations desk, +1 555 0134".into(),
            response_minutes: Some(15),
            policy: Some(carrier_policy),
            ..new(
                "Carrier interface",
                "The carrier's API; every reservation asks it. Slow at each launch so far.",
            )
        };
        let carrier = self.make_service(keeper, None, &carrier).await?;
        for (service, dependency, hard) in [
            (app, reserving, true),
            (reserving, carrier, true),
            (reserving, balancer, true),
        ] {
            self.put_dependency(keeper, service, dependency, hard)
                .await?;
        }
        let parts: [(ServiceId, &str, &str, &str, &[&str]); 4] = [
            (
                reserving,
                "Admin interface",
                "Shows the state of a live instance, on port 8081 with a pool of its own.",
                "dana",
                &["dana", "tomas"],
            ),
            (
                reserving,
                "Thread pools",
                "32 threads for customers, 8 for the admin interface.",
                "dana",
                &["dana"],
            ),
            (
                reserving,
                "Reservation flow",
                "From the phone to the carrier and back.",
                "omar",
                &["omar", "lena"],
            ),
            (
                balancer,
                "Target groups",
                "Which port of which instance gets the traffic.",
                "ravi",
                &["ravi", "dana"],
            ),
        ];
        for (service, name, description, owner, experts) in parts {
            let new = NewComponent {
                name: name.into(),
                description: description.into(),
                owner: Some(people[owner].id),
                experts: experts.iter().map(|key| people[key].id).collect(),
            };
            self.make_component(keeper, service, None, &new).await?;
        }
        Ok(())
    }

    /// The example sends no mail, so the browser comes first.
    async fn reached_in_the_browser(&self, actor: &Actor) -> Result<(), Error> {
        let new = NewRoute {
            channel: Some(Channel::Browser),
            ..NewRoute::default()
        };
        let made = self.make_route(actor, None, &new).await?;
        self.move_route(actor, made.id, true).await
    }

    async fn team_of_the_example(
        &self,
        keeper: &Actor,
        name: &str,
        description: &str,
        members: &[&Actor],
    ) -> Result<TeamId, Error> {
        let new = NewTeam {
            name: name.into(),
            description: description.into(),
            members: members.iter().map(|m| m.id).collect(),
        };
        self.make_team(keeper, None, &new).await
    }

    async fn policy_of_the_example(
        &self,
        keeper: &Actor,
        name: &str,
        is_default: bool,
        levels: Vec<Level>,
    ) -> Result<PolicyId, Error> {
        let new = NewPolicy {
            description: String::new(),
            is_default,
            policy: Policy {
                name: name.into(),
                repeats: 1,
                levels,
            },
        };
        self.make_policy(keeper, None, &new).await
    }
}

const fn level(minutes: u32, targets: Vec<Target>) -> Level {
    Level { minutes, targets }
}
