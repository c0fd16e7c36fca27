//! The story of the design as a room.

use rideout_domain::{
    AttachmentId, Effect, Entry, EntryBody, EntryId, HypothesisStatus, Incident, IncidentId,
    IncidentRole, Room, Severity, Stance, Status, Timestamp, UserId, entry::Attachment,
};
use std::{str::FromStr, sync::Arc};

pub(super) const PRIYA: u64 = 1;
pub(super) const SAM: u64 = 2;
pub(super) const OMAR: u64 = 3;
pub(super) const LENA: u64 = 4;
pub(super) const RAVI: u64 = 5;
pub(super) const DANA: u64 = 6;
pub(super) const GREG: u64 = 7;

/// The identifier of some kind with this number.
pub(super) fn id<T: FromStr>(n: u64) -> T
where
    T::Err: std::fmt::Debug,
{
    format!("01890000-0000-7000-8000-{n:012x}").parse().unwrap()
}

pub(super) fn user(n: u64) -> UserId {
    id(n)
}

pub(super) fn entry_id(seq: i64) -> EntryId {
    id(seq.unsigned_abs())
}

pub(super) fn minute(m: i64) -> Timestamp {
    "2010-06-15T09:00:00Z"
        .parse::<Timestamp>()
        .unwrap()
        .plus_minutes(m)
}

/// An incident with nothing in it.
pub(super) fn empty(title: &str) -> Room {
    let names = [
        (PRIYA, "Priya N."),
        (SAM, "Sam O."),
        (OMAR, "Omar"),
        (LENA, "Lena W."),
        (RAVI, "Ravi"),
        (DANA, "Dana K."),
        (GREG, "Greg"),
    ];
    Room {
        incident: Incident {
            id: id::<IncidentId>(1),
            number: 7,
            title: title.to_owned(),
            description: String::new(),
            description_html: String::new(),
            services: vec!["store app".to_owned(), "reservations".to_owned()],
            severity: Severity::Sev1,
            status: Status::Investigating,
            restricted: false,
            declared_at: minute(1),
            declared_by: user(PRIYA),
            started_at: minute(0),
            resolved_at: None,
            commander: None,
            last_human_at: minute(1),
            last_learnt_at: None,
            next_update_at: None,
            last_seq: 0,
        },
        entries: Vec::new(),
        people: names
            .into_iter()
            .map(|(n, name)| (user(n), name.to_owned()))
            .collect(),
    }
}

/// Adds an entry and applies it to the incident.
pub(super) fn say(
    room: &mut Room,
    at: i64,
    who: Option<u64>,
    body: EntryBody,
    text: &str,
) -> EntryId {
    let seq = room.incident.last_seq + 1;
    let html = if text.is_empty() {
        String::new()
    } else {
        let escaped = text.replace('&', "&amp;").replace('<', "&lt;");
        let mut code = false;
        let html: String = escaped
            .chars()
            .map(|c| match c {
                '`' => {
                    code = !code;
                    if code {
                        "<code>".to_owned()
                    } else {
                        "</code>".to_owned()
                    }
                }
                c => c.to_string(),
            })
            .collect();
        format!("<p>{html}</p>")
    };
    let entry = Entry {
        id: entry_id(seq),
        incident: room.incident.id,
        seq,
        changed_seq: seq,
        author: who.map(user),
        body,
        text: text.to_owned(),
        html,
        occurred_at: minute(at),
        recorded_at: minute(at),
        revision: 1,
        redacted_at: None,
        pinned_at: None,
    };
    let id = entry.id;
    room.entries.push(Arc::new(entry));
    let board = room.board();
    let last = Arc::clone(room.entries.last().unwrap());
    rideout_domain::room::apply_to_row(&mut room.incident, &last, &board);
    id
}

/// The war room half an hour after go-live, stuck.
pub(super) fn stuck() -> Room {
    let mut room = empty("Reservations crawl and time out");
    let r = &mut room;
    say(
        r,
        1,
        Some(PRIYA),
        EntryBody::Declared {
            severity: Severity::Sev1,
        },
        "",
    );
    say(
        r,
        1,
        Some(PRIYA),
        EntryBody::RoleTaken {
            role: IncidentRole::Commander,
            user: user(PRIYA),
            from: None,
        },
        "",
    );
    say(
        r,
        2,
        Some(PRIYA),
        EntryBody::RoleTaken {
            role: IncidentRole::Deputy,
            user: user(SAM),
            from: None,
        },
        "",
    );
    say(r, 3, Some(SAM), EntryBody::Joined, "");
    say(
        r,
        4,
        Some(LENA),
        EntryBody::Finding,
        "Walking the flow: reservation spins 40 s, then times out. Three of four tries on two phones.",
    );
    let carrier = say(
        r,
        5,
        Some(SAM),
        EntryBody::Hypothesis,
        "The carrier is down",
    );
    say(
        r,
        9,
        Some(GREG),
        EntryBody::Evidence {
            link: Some("https://status.carrier.example/queues?window=1h&view=depth".into()),
            attachment: Some(Attachment {
                id: id::<AttachmentId>(9),
                name: "queue-depth.png".into(),
                size: 48_200,
                content_type: "text/csv".into(),
            }),
            hypothesis: Some(carrier),
            stance: Stance::Against,
        },
        "Upstream queue depth high, error rate normal, latency 0.9 s.",
    );
    say(
        r,
        9,
        Some(SAM),
        EntryBody::HypothesisStatus {
            hypothesis: carrier,
            to: HypothesisStatus::Refuted,
        },
        "Their team sees heavy load but copes.",
    );
    let threads = say(
        r,
        8,
        Some(OMAR),
        EntryBody::Hypothesis,
        "Request threads are tied up waiting for the carrier",
    );
    say(
        r,
        9,
        Some(OMAR),
        EntryBody::HypothesisStatus {
            hypothesis: threads,
            to: HypothesisStatus::Testing,
        },
        "",
    );
    say(
        r,
        10,
        Some(PRIYA),
        EntryBody::StakeholderUpdate {
            next_minutes: Some(25),
        },
        "Reservations are slow and many time out. Browsing works. We are looking for the cause with every team involved.",
    );
    say(
        r,
        12,
        Some(OMAR),
        EntryBody::Action,
        "Asked for thread and connection counts through `/admin/stats`. Connection refused on all ten instances.",
    );
    let few = say(
        r,
        14,
        Some(LENA),
        EntryBody::Hypothesis,
        "Too few instances",
    );
    say(
        r,
        17,
        Some(LENA),
        EntryBody::Evidence {
            link: None,
            attachment: None,
            hypothesis: Some(few),
            stance: Stance::Against,
        },
        "The fleet was sized for 2.5 × this rate.",
    );
    say(
        r,
        17,
        Some(LENA),
        EntryBody::HypothesisStatus {
            hypothesis: few,
            to: HypothesisStatus::Refuted,
        },
        "Fleet sized for 2.5 × this rate.",
    );
    say(
        r,
        20,
        Some(OMAR),
        EntryBody::Blocker {
            waiting_on: "platform on-call".into(),
            minutes: Some(30),
        },
        "No access to the admin interface: it answers nobody while the fleet is loaded.",
    );
    say(
        r,
        21,
        Some(SAM),
        EntryBody::Note,
        "Directors are at the door and ask when it will be over.",
    );
    say(
        r,
        22,
        Some(PRIYA),
        EntryBody::Task {
            owner: user(RAVI),
            minutes: 5,
        },
        "Load balancer target groups and ports",
    );
    say(
        r,
        25,
        Some(PRIYA),
        EntryBody::Breakout {
            people: vec![user(GREG), user(DANA)],
            minutes: 15,
        },
        "Reach the admin interface, nothing else",
    );
    say(
        r,
        16,
        Some(PRIYA),
        EntryBody::Decision {
            alternatives: vec!["add four now".into(), "wait for the thread counts".into()],
        },
        "We do not add instances on a guess.",
    );
    say(r, 27, Some(DANA), EntryBody::Joined, "");
    say(
        r,
        28,
        Some(PRIYA),
        EntryBody::Severity {
            from: Some(Severity::Sev2),
            to: Severity::Sev1,
        },
        "Nobody can reserve.",
    );
    say(
        r,
        30,
        None,
        EntryBody::Note,
        "Nothing learnt for 14 minutes, one idea under test, blocked for 10 minutes.",
    );
    // Written later than it happened; pinned; edited; redacted.
    let change = |room: &mut Room, seq: usize, with: &dyn Fn(&mut Entry)| {
        let mut entry = (*room.entries[seq - 1]).clone();
        with(&mut entry);
        room.entries[seq - 1] = Arc::new(entry);
    };
    change(r, 20, &|e| e.recorded_at = minute(26));
    change(r, 5, &|e| {
        e.pinned_at = Some(minute(6));
        e.revision = 2;
    });
    room
}

/// The same, resolved.
pub(super) fn resolved() -> Room {
    let mut room = stuck();
    let r = &mut room;
    let (threads, blocker, breakout, task) =
        (entry_id(9), entry_id(16), entry_id(19), entry_id(18));
    say(
        r,
        33,
        Some(DANA),
        EntryBody::Evidence {
            link: None,
            attachment: None,
            hypothesis: Some(threads),
            stance: Stance::For,
        },
        "From request rate and instance count: only 8 of the 32 threads are in use.",
    );
    say(
        r,
        34,
        Some(GREG),
        EntryBody::BlockerLifted { blocker },
        "Through the bastion, one instance at a time.",
    );
    say(
        r,
        35,
        Some(RAVI),
        EntryBody::TaskDone { task },
        "The target group sends everything to the admin port.",
    );
    say(
        r,
        36,
        Some(GREG),
        EntryBody::Finding,
        "The load balancer sends everything to the admin port, whose pool is 8.",
    );
    say(
        r,
        36,
        Some(GREG),
        EntryBody::BreakoutEnded { breakout },
        "The port is wrong, not the carrier.",
    );
    say(
        r,
        37,
        Some(OMAR),
        EntryBody::HypothesisStatus {
            hypothesis: threads,
            to: HypothesisStatus::Refuted,
        },
        "",
    );
    let action = say(
        r,
        39,
        Some(RAVI),
        EntryBody::Action,
        "Routed traffic to the main port on all ten instances.",
    );
    say(
        r,
        41,
        Some(LENA),
        EntryBody::ActionEffect {
            action,
            effect: Effect::Helped,
        },
        "Reservations take 1.2 s.",
    );
    say(
        r,
        42,
        Some(PRIYA),
        EntryBody::Status {
            from: Some(Status::Investigating),
            to: Status::Mitigated,
        },
        "",
    );
    say(
        r,
        72,
        Some(PRIYA),
        EntryBody::Status {
            from: Some(Status::Mitigated),
            to: Status::Resolved,
        },
        "The load balancer sent all traffic to the admin port, whose pool has 8 threads. It goes to the main port now and the system carries the load with ease.",
    );
    room
}
