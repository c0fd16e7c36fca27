use super::*;
use crate::{
    Effect, Entry, EntryBody, EntryId, HypothesisStatus, Incident, IncidentId, IncidentRole,
    Severity, Stance, Status, Timestamp, UserId, entry::Attachment,
};
use proptest::prelude::*;
use std::{collections::HashMap, sync::Arc};
use uuid::Uuid;

const OMAR: UserId = UserId(Uuid::from_u128(1));
const DANA: UserId = UserId(Uuid::from_u128(2));

fn at(minute: i64) -> Timestamp {
    Timestamp(1_276_592_400_000_000).plus_minutes(minute)
}

fn id(n: i64) -> EntryId {
    EntryId(Uuid::from_u128(0x100 + u128::try_from(n).unwrap()))
}

fn room(entries: Vec<(EntryBody, &str)>) -> Room {
    let entries: Vec<Arc<Entry>> = entries
        .into_iter()
        .zip(1..)
        .map(|((body, text), seq)| {
            Arc::new(Entry {
                id: id(seq),
                incident: IncidentId(Uuid::from_u128(9)),
                seq,
                changed_seq: seq,
                author: Some(if seq % 2 == 0 { OMAR } else { DANA }),
                body,
                text: text.to_owned(),
                html: String::new(),
                occurred_at: at(seq),
                recorded_at: at(seq).plus_seconds(3),
                revision: 1,
                redacted_at: None,
                pinned_at: None,
            })
        })
        .collect();
    Room {
        incident: Incident {
            id: IncidentId(Uuid::from_u128(9)),
            number: 7,
            title: "Reservations crawl & time out".into(),
            description: "Go-live day.".into(),
            description_html: String::new(),
            services: vec!["store app".into(), "carrier*".into()],
            severity: Severity::Sev1,
            status: Status::Resolved,
            restricted: false,
            declared_at: at(0),
            declared_by: OMAR,
            started_at: at(0),
            resolved_at: Some(at(90)),
            commander: Some(DANA),
            last_human_at: at(0),
            last_learnt_at: None,
            next_update_at: None,
            last_seq: i64::try_from(entries.len()).unwrap(),
        },
        entries,
        people: HashMap::from([(OMAR, "Omar".into()), (DANA, "Dana *K*".into())]),
    }
}

fn story() -> Room {
    let evidence = |hypothesis, stance| EntryBody::Evidence {
        link: Some("https://example.org/a_b".into()),
        attachment: Some(Attachment {
            id: crate::AttachmentId(Uuid::from_u128(77)),
            name: "graph.png".into(),
            size: 12,
            content_type: "image/png".into(),
        }),
        hypothesis: Some(hypothesis),
        stance,
    };
    let mut room = room(vec![
        (
            EntryBody::Declared {
                severity: Severity::Sev1,
            },
            "",
        ),
        (
            EntryBody::RoleTaken {
                role: IncidentRole::Commander,
                user: DANA,
                from: Some(OMAR),
            },
            "you know it",
        ),
        (EntryBody::Hypothesis, "The carrier is down"),
        (
            evidence(id(3), Stance::Against),
            "Queue deep, errors normal",
        ),
        (
            EntryBody::HypothesisStatus {
                hypothesis: id(3),
                to: HypothesisStatus::Refuted,
            },
            "They cope",
        ),
        (
            EntryBody::Decision {
                alternatives: vec!["add four".into(), "wait | see".into()],
            },
            "No instances on a guess",
        ),
        (EntryBody::Action, "Routed to the main port"),
        (
            EntryBody::ActionEffect {
                action: id(7),
                effect: Effect::Helped,
            },
            "p99 falls",
        ),
        (
            EntryBody::Task {
                owner: OMAR,
                minutes: 5,
            },
            "Target groups",
        ),
        (
            EntryBody::TaskDone { task: id(9) },
            "All point at the admin port",
        ),
        (
            EntryBody::Breakout {
                people: vec![OMAR, DANA],
                minutes: 90,
            },
            "Reach the admin interface",
        ),
        (
            EntryBody::Blocker {
                waiting_on: "the fleet".into(),
                minutes: Some(30),
            },
            "No admin interface",
        ),
        (
            EntryBody::StakeholderUpdate {
                next_minutes: Some(30),
            },
            "We look at it",
        ),
        (
            EntryBody::Status {
                from: Some(Status::Mitigated),
                to: Status::Resolved,
            },
            "Wrong port",
        ),
        (EntryBody::Note, "to be taken out"),
    ]);
    let last = Arc::make_mut(room.entries.last_mut().unwrap());
    last.redacted_at = Some(at(80));
    last.revision = 2;
    last.text.clear();
    room
}

#[test]
fn the_story_is_told_in_markdown() {
    let text = to_markdown(&story());
    for part in [
        "format: rideout.incident/1\n",
        "title: \"Reservations crawl & time out\"\n",
        "services: [\"store app\", \"carrier*\"]\n",
        "commander: \"Dana *K*\"\n",
        "# INC-7: Reservations crawl \\& time out\n",
        "SEV1, resolved. Began 2010-06-15 09:00 UTC",
        "resolved 2010-06-15 10:30 UTC after 1 h 30 min.",
        "- Incident commander: Dana \\*K\\*\n",
        "- **ruled out**: The carrier is down ([#3](#e-3)). They cope\n  - against: Queue deep, errors normal ([#4](#e-4))\n",
        "Dana \\*K\\*: Routed to the main port: **helped** ([#7](#e-7))\n",
        "  - considered: wait \\| see\n",
        "- Task, Omar: Target groups ([#9](#e-9)); done 2010-06-15 09:10: All point at the admin port\n",
        "- Breakout, Omar, Dana \\*K\\*: Reach the admin interface ([#11](#e-11)); still going on\n",
        "- Blocked, waiting on the fleet: No admin interface ([#12](#e-12)); not lifted\n",
        "## What stakeholders were told\n",
        "<a id=\"e-4\"></a>\n\n### 2010-06-15 09:04 Omar: Evidence\n\n#4 · happened 2010-06-15T09:04:00Z · recorded 2010-06-15T09:04:03Z\n\n- Speaks against: The carrier is down ([#3](#e-3))\n- Link: https://example.org/a\\_b\n- File: graph.png, 12 bytes",
        "\n\n> Queue deep, errors normal\n",
        "Mitigated → Resolved\n\n> Wrong port\n",
        "· redacted 2010-06-15T10:20:00Z\n\n*The text was redacted.*\n",
    ] {
        assert!(text.contains(part), "missing {part:?} in\n{text}");
    }
    assert!(!text.contains("to be taken out"));
    assert!(!text.contains("\n\n\n"), "{text}");
}

#[test]
fn the_same_incident_gives_the_same_bytes() {
    assert_eq!(to_markdown(&story()), to_markdown(&story()));
    let json = || serde_json::to_string_pretty(&to_data(&story())).unwrap();
    assert_eq!(json(), json());
}

#[test]
fn the_data_can_be_read_back() {
    let data = to_data(&story());
    let json = serde_json::to_value(&data).unwrap();
    assert_eq!(json["format"], FORMAT);
    assert_eq!(json["entries"][3]["kind"], "evidence");
    assert_eq!(json["entries"][3]["author_name"], "Omar");
    assert_eq!(json["entries"][3]["occurred_at"], "2010-06-15T09:04:00Z");
    assert_eq!(json["board"]["hypotheses"][0]["status"], "refuted");
    assert_eq!(json["board"]["roles"]["commander"][0], DANA.to_string());
    let back: IncidentExport = serde_json::from_value(json).unwrap();
    assert_eq!(
        serde_json::to_value(&back).unwrap(),
        serde_json::to_value(&data).unwrap()
    );
}

#[test]
fn hostile_text_stays_in_its_place() {
    for text in [
        "# Timeline\n\n## Forged\n---",
        "```\nunclosed",
        "````text\n```` x ````` y\n# Forged",
        "<script>alert(1)</script>",
        "<!-- eats the rest",
        "[#1]: javascript:alert(1)",
        "[x](java\nscript:alert(1)) [y](&#106;avascript:1)",
        "a\u{202e}b",
        "> # nested",
        "    indented\n\n\n\nend",
    ] {
        let room = room(vec![(EntryBody::Hypothesis, text), (EntryBody::Note, text)]);
        check_structure(&to_markdown(&room), 2);
    }
    let mut room = room(vec![]);
    room.incident.title = "x\n---\n# forged <script> \"quoted\" \u{202e}".into();
    room.incident.services = vec!["a\", \"b".into(), "]\nformat: other".into()];
    room.people.insert(OMAR, "O\n# forged <b>".into());
    check_structure(&to_markdown(&room), 0);
    assert_eq!(file_name(&room), "INC-7-x-forged-script-quoted");
}

/// Every line that a renderer takes as ours is one that we write.
fn check_structure(text: &str, entries: usize) {
    let mut fence: Option<String> = None;
    let (mut headings, mut anchors) = (0, 0);
    let body = text.splitn(3, "---\n").nth(2).expect("front matter ends");
    for line in body.lines() {
        if let Some(open) = &fence {
            if line == open {
                fence = None;
            }
            continue;
        }
        if let Some(open) = line.strip_suffix("text").filter(|l| l.starts_with("```")) {
            fence = Some(open.to_owned());
            continue;
        }
        if line.starts_with('>') {
            let unquoted = line
                .replace("<https://", "")
                .replace("<http://", "")
                .to_lowercase();
            assert!(
                !unquoted.contains("<s") && !unquoted.contains("<!"),
                "{line}"
            );
            continue;
        }
        headings += usize::from(line.starts_with("### "));
        anchors += usize::from(line.starts_with("<a id=\"e-"));
        assert!(
            !line.contains('<') || line.contains("\\<") || line.starts_with("<a id=\"e-"),
            "{line}"
        );
        let known = [
            "#",
            "- ",
            "  - ",
            "<a id=",
            "SEV",
            "Affected: ",
            "Times are UTC.",
            "*The text",
        ];
        assert!(
            line.is_empty() || known.iter().any(|k| line.starts_with(k)),
            "{line}\n\n{text}"
        );
        assert!(
            !line.contains(|c| matches!(c, '\u{202a}'..='\u{202e}')),
            "{line}"
        );
    }
    assert_eq!(fence, None, "a fence stays open in\n{text}");
    assert_eq!((headings, anchors), (entries, entries), "{text}");
}

proptest! {
    #[test]
    fn no_text_breaks_the_document(text in "[ -~\n`>#<\\-\u{202e}é]{0,120}") {
        let room = room(vec![(EntryBody::Action, &text), (EntryBody::Decision { alternatives: vec![text.clone()] }, &text)]);
        check_structure(&to_markdown(&room), 2);
    }
}
