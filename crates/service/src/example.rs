//! The example: a true launch told as data, so that a newcomer sees a room at work.
//!
//! 15 June 2010, a store app goes live and reservations crawl. The same story
//! is there twice: whole, on its day, and once more as if it were happening
//! now, at the moment when the room is stuck.

mod directory;
mod on_call;

use crate::{Error, Service, args, clock::ManualClock, incident::NewIncident, statements};
use rideout_domain::{
    Actor, Effect, EntryBody, EntryId, HypothesisStatus, IncidentId, IncidentRole, NewEntry, Role,
    Severity, Stance, Status, Timestamp, UserId,
};
use std::{collections::HashMap, sync::Arc};

statements! {
    /// Marks the database as an example, once.
    MARK = "INSERT INTO meta (key, value) VALUES ('example', '1') ON CONFLICT (key) DO NOTHING";
    /// Whether anybody has an account.
    ANYBODY = "SELECT COUNT(*) AS n FROM users";
    /// Adds a person without a password: they come in by the example's door only.
    INSERT_USER = "INSERT INTO users (id, email, name, role, created_at) VALUES ($1, $2, $3, $4, $5)";
}

/// 2010-06-15T09:00:00Z, the go-live.
const GO_LIVE: Timestamp = Timestamp(1_276_592_400_000_000);
/// The minute at which the story stands still when it is told as if it were now.
const STUCK_AT: i64 = 31;

const PEOPLE: [(&str, &str, Role); 10] = [
    ("priya", "Priya Nair", Role::Commander),
    ("sam", "Sam Ade", Role::Commander),
    ("omar", "Omar Haddad", Role::Responder),
    ("lena", "Lena Vogt", Role::Responder),
    ("dana", "Dana Kim", Role::Responder),
    ("ravi", "Ravi Verma", Role::Responder),
    ("carla", "Carla Ito", Role::Responder),
    ("grace", "Grace Obi", Role::Admin),
    // Both know what the room lacks, and nobody has called them.
    ("tomas", "Tomas Berg", Role::Responder),
    ("mei", "Mei Lin", Role::Responder),
];

/// What an entry refers to, by the label of an earlier one.
enum Say {
    Body(EntryBody),
    Becomes(&'static str, HypothesisStatus),
    Evidence(Option<(&'static str, Stance)>),
    Task(&'static str, u32),
    Done(&'static str),
    Breakout(&'static [&'static str], u32),
    Back(&'static str),
    Lifted(&'static str),
    Effect(&'static str, Effect),
    Role(IncidentRole, &'static str),
}

/// Minute, who, label, what, text.
type Line = (i64, &'static str, &'static str, Say, &'static str);

fn story() -> Vec<Line> {
    use EntryBody as B;
    use Say::*;
    let update = |minutes| {
        Body(B::StakeholderUpdate {
            next_minutes: Some(minutes),
        })
    };
    vec![
        (
            1,
            "priya",
            "",
            Role(IncidentRole::Commander, "priya"),
            "Taking command. One timeline, here; say what you see before what you think.",
        ),
        (2, "sam", "", Role(IncidentRole::Deputy, "sam"), ""),
        (
            4,
            "lena",
            "",
            Body(B::Finding),
            "Walking the flow on two phones: the reservation spins for 40 s, then times out. Three of four tries fail.",
        ),
        (
            5,
            "grace",
            "",
            Body(B::Note),
            "Two directors at the door: what is wrong, and when will it be over? Please answer them in one place.",
        ),
        (
            6,
            "carla",
            "",
            Role(IncidentRole::Communications, "carla"),
            "",
        ),
        (
            7,
            "carla",
            "",
            update(15),
            "Customers can open the store, but reserving a phone is slow and often fails. The team is on it; the next word comes in fifteen minutes.",
        ),
        (
            8,
            "omar",
            "carrier",
            Body(B::Hypothesis),
            "The carrier is down",
        ),
        (
            9,
            "omar",
            "few",
            Body(B::Hypothesis),
            "Too few instances for the crowd",
        ),
        (
            10,
            "omar",
            "threads",
            Body(B::Hypothesis),
            "Request threads are tied up waiting for the carrier",
        ),
        (
            12,
            "lena",
            "",
            Evidence(Some(("carrier", Stance::Against))),
            "The team that owns the carrier interface sees heavy load, but copes: queue depth high, error rate normal, 0.9 s a call.",
        ),
        (
            12,
            "priya",
            "",
            Becomes("carrier", HypothesisStatus::Refuted),
            "Slow, not down.",
        ),
        (
            14,
            "ravi",
            "",
            Evidence(Some(("few", Stance::Against))),
            "Ten instances of 32 threads were sized for 2.5 times the rate we see: 120 requests/s.",
        ),
        (
            17,
            "priya",
            "",
            Becomes("few", HypothesisStatus::Refuted),
            "On paper the fleet is large enough.",
        ),
        (
            17,
            "omar",
            "",
            Becomes("threads", HypothesisStatus::Testing),
            "Needs the thread counts of the instances.",
        ),
        (
            18,
            "omar",
            "ask",
            Body(B::Action),
            "Asked every instance for its thread and connection counts through `/admin/stats`.",
        ),
        (
            19,
            "omar",
            "",
            Effect("ask", rideout_domain::Effect::NoEffect),
            "Connection refused on all ten.",
        ),
        (
            20,
            "omar",
            "access",
            Body(B::Blocker {
                waiting_on: "the admin interface of the instances".into(),
                minutes: None,
            }),
            "No access to the admin interface: it answers nobody while the fleet is loaded. Without thread counts we would be guessing.",
        ),
        (
            22,
            "carla",
            "",
            update(14),
            "Still slow. We have ruled out an outage at the carrier and are finding out where requests wait.",
        ),
        (
            23,
            "sam",
            "ports",
            Task("ravi", 5),
            "Which ports do the load balancer's target groups point to?",
        ),
        (
            24,
            "priya",
            "",
            Body(B::Decision {
                alternatives: vec![
                    "Add four instances now".into(),
                    "Wait for the thread counts".into(),
                ],
            }),
            "We do not add instances on a guess.",
        ),
        (
            25,
            "priya",
            "apart",
            Breakout(&["grace", "dana"], 15),
            "Reach the admin interface of one instance, nothing else. Nobody disturbs the two.",
        ),
        (
            29,
            "lena",
            "",
            Body(B::Note),
            "Still the same on both phones. Customers in the shop are asking staff.",
        ),
        (
            36,
            "dana",
            "",
            Evidence(Some(("threads", Stance::Against))),
            "From request rates and instance counts: 120 requests/s × 0.9 s = 108 threads busy if the fleet kept up. Each instance completes 8.9 requests/s, so 8.9 × 0.9 s = **8 threads in use of 32**.",
        ),
        (
            37,
            "omar",
            "port",
            Body(B::Hypothesis),
            "Traffic goes to the admin port, whose pool of 8 serves the whole launch",
        ),
        (
            37,
            "grace",
            "",
            Evidence(Some(("port", Stance::For))),
            "The load balancer sends everything to port 8081. That is the admin port, and its pool is 8.",
        ),
        (
            38,
            "ravi",
            "",
            Done("ports"),
            "All ten point to 8081. The main port is 8080.",
        ),
        (
            38,
            "dana",
            "",
            Back("apart"),
            "8 of 32 threads in use, and we know why: wrong port.",
        ),
        (
            39,
            "omar",
            "",
            Lifted("access"),
            "The admin interface never answered because it was serving customers.",
        ),
        (
            39,
            "priya",
            "",
            Becomes("port", HypothesisStatus::Supported),
            "The arithmetic and the target groups say the same.",
        ),
        (
            39,
            "priya",
            "",
            Becomes("threads", HypothesisStatus::Refuted),
            "They waited for a thread, not for the carrier.",
        ),
        (
            40,
            "priya",
            "",
            Body(B::Status {
                from: None,
                to: rideout_domain::Status::Identified,
            }),
            "The load balancer routes customers to the admin port.",
        ),
        (
            40,
            "priya",
            "",
            Body(B::Decision {
                alternatives: vec!["Raise the admin pool to 32".into()],
            }),
            "Route traffic to 8080, one instance first, then all.",
        ),
        (
            42,
            "ravi",
            "route",
            Body(B::Action),
            "Target groups now point to 8080, first on one instance, a minute later on all ten.",
        ),
        (
            45,
            "lena",
            "",
            Effect("route", rideout_domain::Effect::Helped),
            "Reservations take under a second on both phones. Ten of ten go through.",
        ),
        (
            46,
            "priya",
            "",
            Body(B::Status {
                from: None,
                to: rideout_domain::Status::Mitigated,
            }),
            "All ten instances carry the load with ease; pools at a third.",
        ),
        (
            47,
            "carla",
            "",
            update(30),
            "Reserving a phone works again at normal speed. We watch it for half an hour.",
        ),
        (
            76,
            "priya",
            "",
            Body(B::Status {
                from: None,
                to: rideout_domain::Status::Resolved,
            }),
            "Customers were routed to the admin port, whose pool of 8 threads stood for 32. Traffic goes to the main port now and the fleet carries the launch with ease. The admin interface must never serve customers, and the fleet is load-tested as it stands before the next launch.",
        ),
    ]
}

impl Service {
    /// Fills an empty database with the example and marks it as one. Does
    /// nothing when it is an example already.
    ///
    /// # Errors
    /// [`Error::Conflict`] when people have accounts: this is somebody's real data.
    pub async fn make_example(&self) -> Result<(), Error> {
        if self.is_example().await? {
            return Ok(());
        }
        if self
            .db
            .reader()
            .await?
            .fetch_one(&ANYBODY, &args![])
            .await?
            .int("n")?
            > 0
        {
            return Err(Error::Conflict {
                code: "in_use",
                message: "this database has people in it; the example needs an empty one".into(),
            });
        }
        let now = self.now();
        let clock = Arc::new(ManualClock::new(GO_LIVE.plus_minutes(-60 * 24 * 90)));
        let teller = Self::with(
            self.db.clone(),
            (*self.settings).clone(),
            clock.clone(),
            Arc::clone(&self.ids),
        );
        let people = teller.people_of_the_example().await?;
        let platform = teller.schedules_of_the_example(&people, now).await?;
        teller.directory_of_the_example(&people, platform).await?;
        teller.spring_launch(&clock, &people).await?;
        teller.tell(&clock, &people, GO_LIVE, i64::MAX).await?;
        teller
            .tell(&clock, &people, now.plus_minutes(-STUCK_AT), STUCK_AT)
            .await?;
        self.db
            .write(|tx| Box::pin(async move { Ok::<_, Error>(tx.execute(&MARK, &args![]).await?) }))
            .await?;
        Ok(())
    }

    async fn people_of_the_example(&self) -> Result<HashMap<&'static str, Actor>, Error> {
        let (now, mut people) = (self.now(), HashMap::new());
        for (key, name, role) in PEOPLE {
            let id = UserId(self.new_id());
            self.db
                .write(move |tx| {
                    Box::pin(async move {
                        let email = format!("{key}@example.org");
                        tx.execute(&INSERT_USER, &args![id.0, email, name, role.word(), now.0])
                            .await?;
                        Ok::<_, Error>(())
                    })
                })
                .await?;
            people.insert(
                key,
                Actor {
                    id,
                    name: name.into(),
                    role,
                    address: String::new(),
                },
            );
        }
        Ok(people)
    }

    async fn spring_launch(
        &self,
        clock: &ManualClock,
        people: &HashMap<&'static str, Actor>,
    ) -> Result<(), Error> {
        let new = NewIncident {
            title: "Carrier interface slow at the spring launch".into(),
            severity: Some(Severity::Sev2),
            services: vec!["store app".into(), "carrier interface".into()],
            description: "Reservations took up to 20 s for an hour. Every launch so far has suffered from the carrier's slow interface.".into(),
            ..NewIncident::default()
        };
        let sam = &people["sam"];
        let id = self.declare(sam, new).await?.id;
        let lines: [(i64, &str, EntryBody, &str); 4] = [
            (
                2,
                "sam",
                EntryBody::RoleTaken {
                    role: IncidentRole::Commander,
                    user: sam.id,
                    from: None,
                },
                "",
            ),
            (
                9,
                "mei",
                EntryBody::Finding,
                "The carrier answers in 6 s at 200 requests/s; its team throttles us.",
            ),
            (
                31,
                "sam",
                EntryBody::Action,
                "Raised the time-out to 15 s and queued reservations.",
            ),
            (
                64,
                "sam",
                EntryBody::Status {
                    from: None,
                    to: Status::Resolved,
                },
                "The crowd went home before we found a cure. Next time: size the fleet from high estimates of traffic and latency.",
            ),
        ];
        let start = self.now();
        for (minute, who, body, text) in lines {
            clock.set(start.plus_minutes(minute));
            self.say(&people[who], id, EntryId(self.new_id()), body, text)
                .await?;
        }
        Ok(())
    }

    /// Tells the story from a go-live up to a minute.
    async fn tell(
        &self,
        clock: &ManualClock,
        people: &HashMap<&'static str, Actor>,
        go_live: Timestamp,
        until: i64,
    ) -> Result<(), Error> {
        clock.set(go_live);
        let new = NewIncident {
            title: "Reservations crawl and time out".into(),
            severity: Some(Severity::Sev1),
            services: vec!["store app".into(), "reservations".into()],
            description: "The store app is live. Its main feature lets customers reserve a phone without typing in their carrier account; each reservation asks the carrier's interface.\n\nThe fleet: 10 instances of 32 threads, sized from high estimates of traffic and latency.".into(),
            ..NewIncident::default()
        };
        let id = self.declare(&people["priya"], new).await?.id;
        for key in ["priya", "sam", "omar", "lena", "ravi", "carla", "grace"] {
            self.join(&people[key], id).await?;
        }
        let mut labels: HashMap<&str, EntryId> = HashMap::new();
        for (minute, who, label, what, text) in story() {
            if minute > until {
                break;
            }
            clock.set(go_live.plus_minutes(minute));
            if label == "apart" {
                self.join(&people["dana"], id).await?;
            }
            let entry = EntryId(self.new_id());
            labels.insert(label, entry);
            let body = match what {
                Say::Body(body) => body,
                Say::Becomes(of, to) => EntryBody::HypothesisStatus {
                    hypothesis: labels[of],
                    to,
                },
                Say::Evidence(on) => EntryBody::Evidence {
                    link: None,
                    attachment: None,
                    hypothesis: on.map(|(of, _)| labels[of]),
                    stance: on.map_or(Stance::Neutral, |(_, stance)| stance),
                },
                Say::Task(owner, minutes) => EntryBody::Task {
                    owner: people[owner].id,
                    minutes,
                },
                Say::Done(of) => EntryBody::TaskDone { task: labels[of] },
                Say::Breakout(who, minutes) => EntryBody::Breakout {
                    people: who.iter().map(|key| people[key].id).collect(),
                    minutes,
                },
                Say::Back(of) => EntryBody::BreakoutEnded {
                    breakout: labels[of],
                },
                Say::Lifted(of) => EntryBody::BlockerLifted {
                    blocker: labels[of],
                },
                Say::Effect(of, effect) => EntryBody::ActionEffect {
                    action: labels[of],
                    effect,
                },
                Say::Role(role, user) => EntryBody::RoleTaken {
                    role,
                    user: people[user].id,
                    from: None,
                },
            };
            self.say(&people[who], id, entry, body, text).await?;
        }
        Ok(())
    }

    async fn say(
        &self,
        actor: &Actor,
        incident: IncidentId,
        id: EntryId,
        body: EntryBody,
        text: &str,
    ) -> Result<(), Error> {
        let new = NewEntry {
            id,
            body,
            text: text.to_owned(),
            occurred_at: None,
        };
        self.append(actor, incident, new).await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use crate::{
        Service, Settings,
        clock::{ManualClock, SeededIds},
        incident::operator,
        incident::{Filter, Which},
        test_support::databases,
    };
    use rideout_domain::Status;
    use std::sync::Arc;

    #[tokio::test]
    async fn the_example_tells_the_story_once_and_leaves_real_data_alone() {
        for db in databases().await {
            let clock = Arc::new(ManualClock::new("2026-11-23T12:00:00Z".parse().unwrap()));
            let service = Service::with(
                (*db).clone(),
                Settings::default(),
                clock,
                Arc::new(SeededIds::new(1)),
            );
            service.make_example().await.unwrap();
            service.make_example().await.unwrap();
            let all = Filter {
                which: Which::All,
                ..Default::default()
            };
            let page = service
                .incidents(&operator(), &all, None, 50)
                .await
                .unwrap();
            assert_eq!(page.incidents.len(), 3);
            let (now, then) = (&page.incidents[0].incident, &page.incidents[1].incident);
            assert!(now.is_open() && then.status == Status::Resolved);
            let stuck = service.room(&operator(), now.id).await.unwrap();
            assert_eq!(stuck.board.open_blockers().count(), 1);
            assert_eq!(stuck.board.open_breakouts().count(), 1);
            let told = service.room(&operator(), then.id).await.unwrap();
            assert_eq!(told.board.live_hypotheses().count(), 1);
            assert_eq!(told.board.open_tasks().count(), 0);
        }
    }
}
